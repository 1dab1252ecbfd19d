import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArrivalLog } from '../../src/source/arrival-log.js';

/** The same, byte by byte. */
class PlainLog {
  readonly times: number[] = [];
  taken = 0;

  seen(bytes: number, time: number): void {
    while (this.times.length < bytes) this.times.push(time);
  }

  get oldest(): number | null {
    return this.taken < this.times.length ? this.times[this.taken] : null;
  }
}

const steps = (countMax: number): fc.Arbitrary<{ come: number; go: number }[]> =>
  fc.array(fc.record({ come: fc.nat(9), go: fc.nat(9) }), { maxLength: countMax });

describe('the oldest byte not taken', () => {
  test('is known exactly while there are few marks', () => {
    fc.assert(
      fc.property(steps(100), (moves) => {
        const log = new ArrivalLog();
        const plain = new PlainLog();
        moves.forEach(({ come, go }, time) => {
          // What is read may be more than was seen.
          const taken = plain.taken + go;
          log.taken(taken);
          if (taken > plain.times.length) plain.seen(taken, time);
          plain.taken = taken;
          const size = plain.times.length + come;
          log.seen(size, time);
          plain.seen(size, time);
          expect(log.oldestMs).toBe(plain.oldest);
        });
      }),
    );
  });

  test('is never younger than it is, with any number of marks', () => {
    const log = new ArrivalLog();
    for (let time = 1; time <= 10_000; time++) log.seen(10 * time, time);
    for (let taken = 5; taken < 100_000; taken += 1234) {
      log.taken(taken);
      const came = Math.floor(taken / 10) + 1;
      expect(log.oldestMs).toBeLessThanOrEqual(came);
      expect(log.oldestMs).toBeGreaterThan(came - 10_000 / 32);
    }
    log.taken(100_000);
    expect(log.oldestMs).toBeNull();
  });

  test('begins anew with another file', () => {
    const log = new ArrivalLog();
    log.seen(100, 1);
    log.taken(50);
    log.restart();
    expect(log.oldestMs).toBeNull();
    log.seen(10, 7);
    expect(log.oldestMs).toBe(7);
  });
});
