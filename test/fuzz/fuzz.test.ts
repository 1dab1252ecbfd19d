import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { lineProblems } from './trace-target.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** As many as fit into the check; `npm run fuzz -- --cases 100000` is the long mode. */
const CASES = 2000;
/** A seed of one's own: SHARETOP_SEED. */
const SEED = process.env['SHARETOP_SEED'] ?? '20261123';

test(
  `${CASES} hostile inputs: no throw, no hang, memory within the limit, figures that agree`,
  { timeout: 600_000 },
  () => {
    const args = ['test/fuzz/run.mjs', '--seed', SEED, '--cases', String(CASES)];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).toMatch(new RegExp(`^fuzz: seed ${SEED}, ${CASES} cases, 0 failed, `));
  },
);

test('a message that a terminal would obey, or that does not end, is a finding', () => {
  expect(lineProblems('t.ndjson: line 3: field "gfn" must be an integer in 0 … 4294967294')).toEqual([]);
  expect(lineProblems('name \u001b[2J')).toHaveLength(1);
  expect(lineProblems('two\nlines')).toHaveLength(1);
  expect(lineProblems('right \u202e to left')).toHaveLength(1);
  expect(lineProblems('x'.repeat(2001))).toHaveLength(1);
});
