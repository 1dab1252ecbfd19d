import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** As many as fit into the check; the long mode is `npm run fuzz -- --target dumps --cases 50000`. */
const CASES = 1000;
/** A seed of one's own: SHARETOP_SEED. */
const SEED = process.env['SHARETOP_SEED'] ?? '20261123';

test(`${CASES} mutated dumps: no throw, no hang, no memory that the file does not back`, { timeout: 600_000 }, () => {
  const args = ['test/fuzz/run.mjs', '--seed', SEED, '--cases', String(CASES), '--target', 'dumps'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout).toMatch(new RegExp(`^fuzz: seed ${SEED}, ${CASES} cases, 0 failed, `));
});
