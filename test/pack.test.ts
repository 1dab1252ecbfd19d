/** What a user gets: the package as npm packs it, installed without a network, run away from this checkout. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ensureFreshBuild } from './fresh-build.js';

const ROOT = path.resolve(import.meta.dirname, '..');

/** The parts of package.json that are tested. */
interface Manifest {
  readonly version: string;
  readonly dependencies?: Record<string, string>;
}

const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as Manifest;

let folder: string;
let home: string;
let packedFiles: string[];

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Only what every login has: no settings of npm, no CI, none of this checkout's paths. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const PATH = [path.dirname(process.execPath), '/usr/bin', '/bin'].join(path.delimiter);
  return { PATH, HOME: home, TMPDIR: tmpdir(), LANG: 'C.UTF-8', TZ: 'UTC', TERM: 'xterm-256color' };
}

/** Runs a command without a terminal; a failure to start rejects. */
function run(command: string, args: readonly string[], cwd: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: plainEnvironment(), maxBuffer: 2 ** 26 };
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === 'number') resolve({ code, stdout, stderr });
      else reject(error ?? new Error('no exit code'));
    });
    child.stdin?.end();
  });
}

async function runNpm(args: readonly string[], cwd: string): Promise<string> {
  const quiet = ['--cache', path.join(folder, 'cache'), '--offline', '--no-audit', '--no-fund', '--loglevel=error'];
  const { code, stdout, stderr } = await run('npm', [...args, ...quiet], cwd);
  if (code !== 0) throw new Error(`npm ${args.join(' ')} exits with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

/** The installed command, run in an empty folder. */
function sharetop(...args: string[]): Promise<Outcome> {
  return run(path.join(folder, 'prefix/bin/sharetop'), args, home);
}

beforeAll(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'sharetop-pack-')));
  home = path.join(folder, 'home');
  await mkdir(home);
  ensureFreshBuild();
  // What `prepack` would do is done; without a network it could not do it.
  const report = await runNpm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], ROOT);
  // npm has printed the report as a list and as an object by name; either way there is one package in it.
  const parsed = JSON.parse(report.slice(report.search(/^[[{]/m))) as object;
  const [packed] = Object.values(parsed) as { filename: string; files: { path: string }[] }[];
  packedFiles = packed.files.map((file) => file.path);
  const tarball = path.join(folder, path.basename(packed.filename));
  const prefix = path.join(folder, 'prefix');
  await runNpm(['install', '--global', '--prefix', prefix, '--ignore-scripts', tarball], home);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('the package holds what it needs and nothing else', () => {
  const expected = ['package.json', 'LICENSE', 'bin/sharetop.js', 'bin/require-node.js', 'bin/launch.js'];
  expected.push(
    'bin/package.json',
    'dist/cli.js',
    'dist/worker.js',
    'dist/replay-worker.js',
    'dist/THIRD-PARTY-LICENSES.txt',
  );
  expect(packedFiles).toEqual(expect.arrayContaining(expected));
  // npm adds the README of every folder on its way, asked or not.
  const known =
    /^(bin|dist|fixtures\/traces\/kvm-five)\/|^fixtures\/(traces\/)?README\.md$|^docs\/report\.schema\.json$|^[A-Z]+(\.md)?$|^package\.json$/;
  expect(packedFiles.filter((name) => !known.test(name))).toEqual([]);
  expect(packedFiles.filter((name) => /\/\.|\.(ts|tsx|map|tmp)$/.test(name))).toEqual([]);
});

test('the package depends on no other', async () => {
  expect(manifest.dependencies).toBeUndefined();
  const modules = path.join(folder, 'prefix/lib/node_modules');
  expect(await readdir(modules)).toEqual(['sharetop']);
  expect(existsSync(path.join(modules, 'sharetop/node_modules'))).toBe(false);
});

test('--version prints the version in package.json', async () => {
  expect(await sharetop('--version')).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' });
});

test('--help prints a usage', async () => {
  const { code, stdout, stderr } = await sharetop('--help');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('sharetop');
});

test('without a terminal the demo prints plain text and ends', async () => {
  const { code, stdout, stderr } = await sharetop('demo');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('DOMAIN');
  expect(stdout).not.toContain('\x1b');
});
