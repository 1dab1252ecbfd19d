/**
 * The fast engine and the slow model over random worlds: every figure equal after every few records, and every audit
 * silent. `SHARETOP_SEED=N npx vitest run test/engine/slow-model.test.ts` replays one seed; `SHARETOP_WORLDS=N` makes
 * more of them.
 */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/random.js';
import { randomWorld, type World } from '../model/random-traces.js';
import {
  agreeOnFairShares,
  cutIntoBlocks,
  fastFigures,
  FastWorld,
  slowFigures,
  SlowWorld,
} from '../model/side-by-side.js';

const WORLDS = Number(process.env['SHARETOP_WORLDS'] ?? 300);
const SEED = process.env['SHARETOP_SEED'];

/** Runs a world through both; compares after every `checkEvery` blocks and at the end. */
function compare(seed: number, world: World, recordsMax: number, checkEvery: number): void {
  const random = new SeededRandom(seed + 1);
  const fast = new FastWorld(world.region, world.victim);
  const slow = new SlowWorld(world.region, world.victim);
  const blocks = cutIntoBlocks(world.records, random, recordsMax);
  let done = 0;
  for (const [i, block] of blocks.entries()) {
    fast.apply(block);
    slow.apply(block);
    done += block.length;
    if (random.chance(0.3)) fast.engine.settle(random.below(4));
    if (i % checkEvery !== 0 && i + 1 < blocks.length) continue;
    fast.settle();
    const kept = fastFigures(fast);
    const counted = slowFigures(slow, fast.engine.changes.pairsExact);
    agreeOnFairShares(kept, counted);
    const replay = `SHARETOP_SEED=${seed}, after ${done} records`;
    expect(kept, replay).toEqual(counted);
    expect(fast.audit(), replay).toEqual([]);
  }
}

describe('the engine and the slow model agree', () => {
  const seeds = SEED === undefined ? Array.from({ length: WORLDS }, (_, i) => i + 1) : [Number(SEED)];

  test(`in ${seeds.length} small worlds`, () => {
    for (const seed of seeds) compare(seed, randomWorld(seed, { records: 60 + (seed % 5) * 60 }), 1 + (seed % 13), 2);
  });
});
