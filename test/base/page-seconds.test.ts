import { describe, expect, test } from 'vitest';
import { PageSeconds } from '../../src/base/page-seconds.js';
import { SeededRandom } from '../seeded-random.js';

const MICROS = 1_000_000n;

/** The nearest double of a sum of frame-microseconds, in page-seconds. */
function inSeconds(frameMicros: bigint): number {
  const whole = frameMicros / MICROS;
  return Number(whole) + Number(frameMicros - whole * MICROS) / 1e6;
}

describe('page-seconds', () => {
  test('are frames times seconds', () => {
    const sum = new PageSeconds();
    sum.add(3, 2_000_000);
    sum.add(10, 500_000);
    sum.add(7, 0);
    expect(sum.value).toBe(11);
  });

  test('may be negative: a region full of blocks that nobody uses', () => {
    const sum = new PageSeconds();
    sum.add(-3, 1_500_000);
    expect(sum.value).toBe(-4.5);
    sum.add(1, 4_500_000);
    expect(sum.value).toBe(0);
  });

  test('of ten years in steps of any length are what whole numbers of any size say, to the last microsecond', () => {
    const random = new SeededRandom(1);
    const sum = new PageSeconds();
    let exact = 0n;
    for (let i = 0; i < 200_000; i++) {
      const frames = random.below(30_000_000) - 5_000_000;
      const micros = random.below(random.chance(0.01) ? 2 ** 32 : 5000) * (random.chance(0.001) ? 4000 : 1);
      sum.add(frames, micros);
      exact += BigInt(frames) * BigInt(micros);
    }
    expect(sum.value).toBe(inSeconds(exact));
  });
});
