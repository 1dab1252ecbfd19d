/** Sums of fair shares against exact rational arithmetic, after many terms came and went. */
import { describe, expect, test } from 'vitest';
import { FairSums } from '../../src/base/fair-sums.js';
import { SeededRandom } from '../seeded-random.js';

/** The long run: `SHARETOP_FAIR_UPDATES=1000000000`. */
const UPDATES = Number(process.env['SHARETOP_FAIR_UPDATES'] ?? 300_000);
const SEED = Number(process.env['SHARETOP_SEED'] ?? 20261123);
/** Most holders of a content: the table of terms and what is beyond it are both used. */
const HOLDERS_MAX = 1500;
const SLOTS = 3;
/** Digits of the second source, in binary. */
const SCALE = 1n << 200n;

/** Σ frames × (n−1)/n, rounded at 2^-200. */
function exactSum(frames: Float64Array): bigint {
  let sum = 0n;
  for (let n = 2; n < frames.length; n++) sum += (SCALE * BigInt(frames[n]) * BigInt(n - 1)) / BigInt(n);
  return sum;
}

describe('sums of fair shares', () => {
  test(`after ${UPDATES} terms that came and went they are the rational sum, and 0 when nothing is left`, () => {
    let worst = 0;
    const random = new SeededRandom(SEED);
    const sums = new FairSums();
    sums.reserve(SLOTS);
    // By slot: frames of each number of holders that are in the sum.
    const held = Array.from({ length: SLOTS }, () => new Float64Array(HOLDERS_MAX));
    for (let i = 0; i < UPDATES; i++) {
      const slot = random.below(SLOTS);
      const n = 2 + random.below(HOLDERS_MAX - 2);
      const have = held[slot][n];
      const change = have > 0 && (i & 1) === 0 ? -have : 1 + (n % 997);
      held[slot][n] += change;
      sums.add(slot, change, n);
    }
    for (let slot = 0; slot < SLOTS; slot++) {
      const frames = held[slot].reduce((sum, count) => sum + count, 0);
      const kept = BigInt(Math.round(sums.get(slot) * 2 ** 20)) * (SCALE >> 20n);
      const off = Math.abs(Number(kept - exactSum(held[slot])) / Number(SCALE));
      worst = Math.max(worst, off);
      // 2^-48 a frame, and what the rounding to 2^-20 of this check adds.
      expect(off, `SHARETOP_SEED=${SEED}`).toBeLessThanOrEqual(frames * 2 ** -48 + 2 ** -20);
      for (let n = 2; n < HOLDERS_MAX; n++) sums.add(slot, -held[slot][n], n);
      expect(sums.get(slot), `SHARETOP_SEED=${SEED}`).toBe(0);
    }
    if (UPDATES > 300_000) console.log(`${UPDATES} updates: off by ${worst} frames at most`);
  }, 3_600_000);

  test('hold the most frames that there can be, exactly', () => {
    const sums = new FairSums();
    const frames = 2 ** 30 / 3;
    for (const n of [2, 3, 7, 641, 1023, 1024, 4_000_037]) {
      sums.add(0, Math.floor(frames), n);
      for (let i = 0; i < 1000; i++) {
        sums.add(0, -1, n);
        sums.add(0, 1, n);
      }
      expect(Math.abs(sums.get(0) - (Math.floor(frames) * (n - 1)) / n)).toBeLessThanOrEqual(2 ** -18);
      sums.add(0, -Math.floor(frames), n);
      expect(sums.get(0)).toBe(0);
    }
  });
});
