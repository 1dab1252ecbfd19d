/** A few kills of the built writer and reader; `npm run kills` is the long run. */
import { expect, test } from 'vitest';
import { runKills } from '../scripts/kills.mjs';
import { ensureFreshBuild } from './fresh-build.js';

test('kill -9 of writer and reader at random moments: the final figures equal the undisturbed', async () => {
  ensureFreshBuild();
  const { counts, problems } = await runKills({ seed: 8, times: 8 });
  expect(problems).toEqual([]);
  expect(counts.moments).toBe(8);
  expect(Math.min(counts.writer, counts.reader)).toBeGreaterThan(1);
}, 300_000);
