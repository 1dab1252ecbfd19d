import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..');

let folder: string;

/** A package as installed, with a bundle that only says that it was reached. */
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sharetop-launcher-'));
  cpSync(path.join(ROOT, 'bin'), path.join(folder, 'bin'), { recursive: true });
  cpSync(path.join(ROOT, 'package.json'), path.join(folder, 'package.json'));
  mkdirSync(path.join(folder, 'dist'));
  writeFileSync(path.join(folder, 'dist/cli.js'), `await null; process.stdout.write('started ' + process.argv[2]);`);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Starts the launcher under this Node, which says that it is `version`. */
function launch(version: string): { status: number | null; stdout: string; stderr: string } {
  const disguise = path.join(folder, 'disguise.cjs');
  const versions = `Object.assign({}, process.versions, { node: '${version}' })`;
  writeFileSync(disguise, `Object.defineProperty(process, 'versions', { value: ${versions} });`);
  const argv = ['-r', disguise, path.join(folder, 'bin/sharetop.js'), 'argument'];
  return spawnSync(process.execPath, argv, { encoding: 'utf8' });
}

test.each(['0.12.18', '8.17.0', '12.22.12', '18.20.8', '20.18.3'])('Node %s is told what is needed', (version) => {
  const { status, stdout, stderr } = launch(version);
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toBe(`sharetop needs Node 20.19 or newer; this is ${version}, ${process.execPath}\n`);
});

test.each(['20.19.0', '20.20.2', '22.1.0', '24.21.0', '100.0.0'])('Node %s starts the bundle', (version) => {
  expect(launch(version)).toMatchObject({ status: 0, stdout: 'started argument', stderr: '' });
});

test('a checkout that was not built says what to run', () => {
  rmSync(path.join(folder, 'dist'), { recursive: true });
  const { status, stdout, stderr } = launch('20.19.0');
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^sharetop: dist\/cli\.js is missing; run `npm run build` or `npm start` in .*\n$/);
});
