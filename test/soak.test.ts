import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ensureFreshBuild } from './fresh-build.js';

const ROOT = path.resolve(import.meta.dirname, '..');

test(
  'twelve minutes of guests: figures of the screen are those of the report, shares end at 0',
  {
    timeout: 240_000,
  },
  () => {
    ensureFreshBuild();
    const args = ['bench/soak.mjs', '--hours', '0.2', '--speed', '180', '--seed', '7'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/0\.2 h of trace time .* 1[0-9] guests, .* answers/);
    expect(stdout).toMatch(/entries of React's development build: 0\n/);
    // Whether something grows is for the long run to say; what is checked here is exact.
    expect(stdout.split('\n').filter((line) => line.startsWith('FAILED'))).toEqual([]);
    expect(status).toBe(0);
  },
);
