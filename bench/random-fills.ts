/**
 * The input of the engine bench: fills of random frames with random contents, as the records lie in a segment. The
 * adversary of every cache: no two consecutive fills have a line in common. `engine.c` makes the same fills from the
 * same seed; the order of the draws is part of the input.
 */
import { SeededRandom } from '../test/seeded-random.js';
import { RecordBuffer } from '../src/trace/record-buffer.js';
import { headWord, KIND, SLOT_WORDS } from '../src/trace/record.js';

/** Size and shape of the input. */
export interface FillWorkload {
  readonly seed: number;
  readonly fills: number;
  readonly domains: number;
  /** Reservation of each domain. */
  readonly framesPerDomain: number;
  /** Contents that duplicates are drawn from. */
  readonly pool: number;
  /** Share of fills that draw from the pool; the others are contents never seen before. */
  readonly duplicateShare: number;
}

/** 8 M fills over 6.5 M frames in 16 domains, as design §4 measured; every pool content has about four holders. */
export const LARGE: FillWorkload = {
  seed: 20070807,
  fills: 8_000_000,
  domains: 16,
  framesPerDomain: 406_250,
  pool: 650_000,
  duplicateShare: 0.3,
};

/** For the check. */
export const SMALL: FillWorkload = { ...LARGE, fills: 60_000, framesPerDomain: 3_000, pool: 5_000 };

/** The declarations: domids are 1 to `domains`. */
export function declarations(workload: FillWorkload): RecordBuffer {
  const buffer = new RecordBuffer();
  buffer.host('bench', 'none', workload.domains * workload.framesPerDomain);
  for (let i = 1; i <= workload.domains; i++) {
    buffer.domain(i, `d${i}`, '', '', '', workload.framesPerDomain);
  }
  return buffer;
}

/** Fill records and nothing else, `workload.fills` of them. */
export function randomFills(workload: FillWorkload): Uint32Array {
  const { fills, domains, framesPerDomain, pool, duplicateShare } = workload;
  const random = new SeededRandom(workload.seed);
  const words = new Uint32Array(fills * SLOT_WORDS);
  for (let i = 0, at = 0; i < fills; i++, at += SLOT_WORDS) {
    const frame = random.below(domains * framesPerDomain);
    const domain = Math.floor(frame / framesPerDomain);
    words[at] = headWord(KIND.fill, 0, 0, domain + 1);
    words[at + 1] = frame - domain * framesPerDomain;
    if (random.chance(duplicateShare)) {
      const content = random.below(pool) + 1;
      words[at + 2] = Math.imul(content, 0x9e3779b1);
      words[at + 3] = Math.imul(content, 0x85ebca77);
    } else {
      words[at + 2] = random.u32();
      words[at + 3] = random.u32();
    }
  }
  return words;
}
