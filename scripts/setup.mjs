/**
 * Makes a checkout ready: installs what package-lock.json names if that, Node or the platform changed, and builds
 * `dist/` if a source changed. Uses only Node, since it runs before anything is installed. Quiet when there is nothing
 * to do, else one line a step on stderr: stdout belongs to the command that follows (`npm start` may be piped).
 */
import '../bin/require-node.js';

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { BUILD_STAMP, sourceHash } from './source-hash.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const INSTALL_STAMP = 'node_modules/.sharetop-install.json';

/**
 * npm hands its own settings down as environment variables. These would turn the install below into something else:
 * `npm publish --dry-run` and `npm install --global` run `prepack`, and thereby us.
 */
const SETTINGS_NOT_INHERITED = ['dry_run', 'global', 'location', 'omit', 'only', 'prefix', 'production', 'workspace'];

function say(text) {
  process.stderr.write(`sharetop: ${text}\n`);
}

function readIfThere(file) {
  const full = path.join(root, file);
  return existsSync(full) ? readFileSync(full, 'utf8') : undefined;
}

/** What an install depends on; a stamp in node_modules holds the one that it was made for. */
function installIdentity() {
  const lock = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  const machine = `${process.platform}-${process.arch}-abi${process.versions.modules}`;
  return { lock, machine };
}

/** True if node_modules, by npm's own record in it, holds every package of the lock file in the same version. */
function installedMatchesLock() {
  const record = readIfThere('node_modules/.package-lock.json');
  if (record === undefined) return false;
  const installed = JSON.parse(record).packages;
  const { packages: wanted } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(wanted).every(([folder, entry]) => {
    if (folder === '') return true;
    const found = installed[folder];
    // Packages for other platforms are optional and not there.
    if (found === undefined) return entry.optional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/** Why an install is due, or undefined if node_modules is as the lock file wants it. */
function installReason(identity) {
  const stamp = JSON.parse(readIfThere(INSTALL_STAMP) ?? 'null');
  if (stamp !== null && stamp.machine !== identity.machine) {
    return `node_modules was made for ${stamp.machine}, this is ${identity.machine}`;
  }
  if (stamp !== null && stamp.lock === identity.lock) return undefined;
  // No stamp, or an older one: somebody may have run npm by hand. Its result is as good as ours.
  if (installedMatchesLock()) return undefined;
  return stamp === null ? 'first run' : 'package-lock.json changed';
}

/** Runs npm in the repository; its output is shown only if it fails. Resolves to the exit code. */
function runNpm(args) {
  const env = { ...process.env };
  for (const name of Object.keys(env)) {
    const setting = /^npm_config_(.*)$/i.exec(name)?.[1]?.toLowerCase().replaceAll('-', '_');
    if (setting !== undefined && SETTINGS_NOT_INHERITED.includes(setting)) delete env[name];
  }
  // Under `npm start` this very npm is to be used; called by hand or by another package manager, the one in PATH.
  const script = env.npm_execpath;
  const own = script !== undefined && /npm-cli\.c?js$/.test(script);
  const command = own ? process.execPath : process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const allArgs = own ? [script, ...args] : args;
  return new Promise((resolve) => {
    const child = spawn(command, allArgs, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], shell: !own });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => {
      say(`cannot run ${command}: ${error.message}`);
      resolve(1);
    });
    child.on('close', (code) => {
      if (code !== 0) process.stderr.write(Buffer.concat(output));
      resolve(code ?? 1);
    });
  });
}

async function installIfDue() {
  const identity = installIdentity();
  const reason = installReason(identity);
  if (reason !== undefined) {
    say(`installing packages (${reason})`);
    // The bundler is a development dependency: needed also where a user's settings leave those out.
    const code = await runNpm(['ci', '--include=dev', '--no-audit', '--no-fund']);
    if (code !== 0) {
      say(`\`npm ci\` failed with exit code ${code}; its output is above`);
      return false;
    }
  }
  const stamp = `${JSON.stringify(identity)}\n`;
  if (readIfThere(INSTALL_STAMP) !== stamp) writeFileSync(path.join(root, INSTALL_STAMP), stamp);
  return true;
}

async function buildIfDue() {
  const isBuilt = ['dist/cli.js', 'dist/worker.js'].every((file) => existsSync(path.join(root, file)));
  if (isBuilt && readIfThere(BUILD_STAMP)?.trim() === sourceHash(root)) return true;
  say(isBuilt ? 'building (a source changed)' : 'building');
  try {
    const { build } = await import('./build.mjs');
    await build();
    return true;
  } catch (error) {
    say(`the build failed:\n${error.message}`);
    return false;
  }
}

if (!(await installIfDue()) || !(await buildIfDue())) process.exitCode = 1;
