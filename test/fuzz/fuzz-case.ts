/** What a fuzz case is: a target and the random numbers of its seed and number, so that it can be run again. */
import { SeededRandom } from '../seeded-random.js';

/** One kind of hostile input and what must hold of it. */
export interface FuzzTarget {
  readonly name: string;
  /** Cases of a hundred. */
  readonly share: number;
  /** Runs one case; the answer lists what did not hold. A throw is a problem too. */
  run(random: SeededRandom): string[] | Promise<string[]>;
}

/** Cases of one seed. */
const CASES_MAX = 2 ** 20;

/** The numbers of a case. */
export function caseRandom(seed: number, index: number): SeededRandom {
  return new SeededRandom(seed * CASES_MAX + index);
}

/** The target of a case: the shares, dealt in turn. */
export function targetOf(targets: readonly FuzzTarget[], index: number): FuzzTarget {
  let rest = (index * 37) % 100;
  for (const target of targets) {
    if (rest < target.share) return target;
    rest -= target.share;
  }
  return targets[0];
}

/** One of the values. */
export function pick<T>(random: SeededRandom, values: readonly T[]): T {
  return values[random.below(values.length)];
}

/** Numbers at the edges of what a u32 field may hold, and others. */
export function extremeU32(random: SeededRandom): number {
  const edges = [0, 1, 2, 125, 126, 127, 4095, 4096, 4097, 65535, 65536, 2 ** 28, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1];
  return random.chance(0.7) ? pick(random, edges) : random.u32();
}
