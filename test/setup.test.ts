import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..');

let folder: string;

function write(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
}

/** A lock file with a runtime package, a development package and one for another platform. */
function lockFile(version: string): string {
  const packages = {
    '': { name: 'sharetop' },
    'node_modules/bundler': { version, integrity: `sha512-${version}`, dev: true },
    'node_modules/bundler-for-mars': { version, integrity: `sha512-${version}`, dev: true, optional: true },
  };
  return JSON.stringify({ packages });
}

/** npm's record in node_modules of what it has installed. */
function installRecord(version: string): string {
  return JSON.stringify({ packages: { 'node_modules/bundler': { version, integrity: `sha512-${version}` } } });
}

/** The setup script in a small checkout, with an npm and a build that only write down that they were called. */
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sharetop-setup-'));
  for (const name of ['bin', 'package.json', 'scripts/setup.mjs', 'scripts/source-hash.mjs']) {
    cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
  }
  write('package-lock.json', lockFile('1.0.0'));
  write('tsconfig.json', '{}');
  write('src/cli/main.ts', 'first');
  write('scripts/bundle/plugins.mjs', '');
  write(
    'scripts/build.mjs',
    `import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
     import { BUILD_STAMP, sourceHash } from './source-hash.mjs';
     export async function build() {
       appendFileSync('calls', 'build\\n');
       mkdirSync('dist', { recursive: true });
       writeFileSync('dist/cli.js', '');
       writeFileSync('dist/worker.js', '');
       writeFileSync(BUILD_STAMP, sourceHash('.'));
     }`,
  );
  write(
    'fake/npm-cli.js',
    `const fs = require('fs');
     fs.appendFileSync('calls', 'npm ' + process.argv.slice(2).join(' ') + '\\n');
     const leaked = Object.keys(process.env).filter((name) => /^npm_config_(dry_run|global)$/i.test(name));
     if (leaked.length > 0 || fs.existsSync('npm-is-broken')) {
       console.log('npm says what is wrong', leaked.join());
       process.exit(7);
     }
     const version = JSON.parse(fs.readFileSync('package-lock.json')).packages['node_modules/bundler'].version;
     const packages = { 'node_modules/bundler': { version, integrity: 'sha512-' + version } };
     fs.mkdirSync('node_modules', { recursive: true });
     fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages }));`,
  );
  write('fake/package.json', '{"type":"commonjs"}');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Outcome {
  status: number | null;
  stderr: string;
  /** What was run, in order; emptied by each setup. */
  calls: string[];
}

function setup(): Outcome {
  const env = {
    PATH: process.env['PATH'] ?? '',
    npm_execpath: path.join(folder, 'fake/npm-cli.js'),
    // As under `npm publish --dry-run` and `npm install --global`.
    npm_config_dry_run: 'true',
    npm_config_global: 'true',
    NODE_ENV: 'production',
  };
  const result = spawnSync(process.execPath, ['scripts/setup.mjs'], { cwd: folder, env, encoding: 'utf8' });
  // stdout belongs to the command after it.
  expect(result.stdout).toBe('');
  const file = path.join(folder, 'calls');
  const calls = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  rmSync(file, { force: true });
  return { status: result.status, stderr: result.stderr, calls };
}

const INSTALL = 'npm ci --include=dev --no-audit --no-fund';

test('the first run installs and builds, a line for each; the second has nothing to do and says nothing', () => {
  const first = setup();
  expect(first).toMatchObject({ status: 0, calls: [INSTALL, 'build'] });
  expect(first.stderr).toBe('sharetop: installing packages (first run)\nsharetop: building\n');
  expect(setup()).toEqual({ status: 0, stderr: '', calls: [] });
});

test('a changed source builds again, and nothing more', () => {
  setup();
  write('src/cli/main.ts', 'second');
  expect(setup()).toMatchObject({ status: 0, calls: ['build'], stderr: 'sharetop: building (a source changed)\n' });
  write('src/cli/new.ts', 'another file');
  expect(setup().calls).toEqual(['build']);
  rmSync(path.join(folder, 'dist/worker.js'));
  expect(setup().calls).toEqual(['build']);
  expect(setup().calls).toEqual([]);
});

test('a changed lock file installs and builds', () => {
  setup();
  write('package-lock.json', lockFile('2.0.0'));
  expect(setup()).toMatchObject({ status: 0, calls: [INSTALL, 'build'] });
  expect(setup().calls).toEqual([]);
});

test('what was installed by hand is good enough if it is what the lock file names', () => {
  write('node_modules/.package-lock.json', installRecord('1.0.0'));
  expect(setup()).toMatchObject({ status: 0, calls: ['build'] });
  write('package-lock.json', lockFile('2.0.0'));
  write('node_modules/.package-lock.json', installRecord('2.0.0'));
  expect(setup()).toMatchObject({ status: 0, calls: ['build'] });
});

test('an install without development packages, or of other versions, is done again', () => {
  write('node_modules/.package-lock.json', JSON.stringify({ packages: {} }));
  expect(setup().calls).toEqual([INSTALL, 'build']);
  rmSync(path.join(folder, 'node_modules'), { recursive: true });
  write('node_modules/.package-lock.json', installRecord('0.9.0'));
  expect(setup().calls).toEqual([INSTALL]);
});

test('another version of Node installs again', () => {
  setup();
  const stamp = path.join(folder, 'node_modules/.sharetop-install.json');
  writeFileSync(stamp, readFileSync(stamp, 'utf8').replace(/abi\d+/, 'abi1'));
  const { stderr, calls } = setup();
  expect(calls).toEqual([INSTALL]);
  expect(stderr).toMatch(/node_modules was made for .*abi1, this is/);
});

test('a failing npm shows its output, stops, and is tried again the next time', () => {
  write('npm-is-broken', '');
  const failed = setup();
  expect(failed).toMatchObject({ status: 1, calls: [INSTALL] });
  expect(failed.stderr).toContain('npm says what is wrong');
  expect(failed.stderr).toContain('`npm ci` failed with exit code 7');
  rmSync(path.join(folder, 'npm-is-broken'));
  expect(setup()).toMatchObject({ status: 0, calls: [INSTALL, 'build'] });
});

test('a failing build says why and fails', () => {
  write('scripts/build.mjs', `export const build = () => Promise.reject(new Error('main.ts:1: nonsense'));`);
  const { status, stderr } = setup();
  expect(status).toBe(1);
  expect(stderr).toContain('sharetop: the build failed:\nmain.ts:1: nonsense\n');
});
