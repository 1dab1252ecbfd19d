/** What a user gets: the package as npm packs it, installed without a network, run away from this checkout. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { ensureFreshBuild } from './fresh-build.js';
import { startTerminal, stopAllTerminals } from './pty/terminal.js';

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

afterEach(stopAllTerminals);
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
  const folders = /^(bin|dist|fixtures\/traces\/kvm-five)\/|^fixtures\/(traces\/)?README\.md$/;
  const files = /^docs\/(report|compare)\.schema\.json$|^[A-Z]+(\.md)?$|^package\.json$/;
  expect(packedFiles.filter((name) => !folders.test(name) && !files.test(name))).toEqual([]);
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
  // The recording at its end: all memory of five guests is in use, 73,125 frames could be saved.
  expect(stdout).toMatch(/1\.25 GiB of 1\.25 GiB reserved/);
  expect(stdout).toMatch(/of 286 MiB possible/);
  for (const name of ['web1', 'web2', 'build1', 'idle1', 'trix1']) expect(stdout).toContain(name);
  expect(stdout).not.toContain('\x1b');
});

test('on a terminal the demo opens the live view: all its threads are in the package', async () => {
  const command = path.join(folder, 'prefix/bin/sharetop');
  const terminal = startTerminal({ command, args: ['demo', '--speed', 'max'], cwd: home, cols: 120, rows: 30 });
  await terminal.waitFor(/LIVE t 280\.669 s/);
  terminal.keys('\r');
  await terminal.waitFor(/Saved, its fair part/);
  // The chart of the drill-down is loaded when it is first needed.
  await terminal.waitFor(/[\u2801-\u28ff]{5}/);
  terminal.keys('q');
  expect(await terminal.exit).toEqual({ exitCode: 0, signal: null });
});

test('the schema of reports is in the package', async () => {
  const { code, stdout } = await sharetop('report', '--json', path.join(ROOT, 'fixtures/traces/xen-four'));
  expect(code).toBe(0);
  const modules = path.join(folder, 'prefix/lib/node_modules');
  const schema = JSON.parse(readFileSync(path.join(modules, 'sharetop/docs/report.schema.json'), 'utf8')) as {
    required: string[];
  };
  expect(Object.keys(JSON.parse(stdout) as object)).toEqual(expect.arrayContaining(schema.required));
});
