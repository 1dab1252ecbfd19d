import type { Engine } from '../engine/engine.js';
import { C_FLAGS, C_HASH_LOW, CONTENT_WORDS, DOMAINS_MASK, FIRST_CONTENT, FLAG_FREE_ROW } from '../engine/layout.js';
import { newMembers } from '../engine/settle.js';

/** One content in so many is looked at for the estimate of pairs above PAIR_SLOTS_MAX domains; a power of two. */
const PAIR_SAMPLE = 16;

/** Who has what in common. Exact as of the last settle, or estimates. */
export interface PairCounts {
  /** Distinct non-zero contents that two domain slots both hold. */
  both(a: number, b: number): number;
  /** Calls `visit` for each two slots a < b below `end` that share any content. Not O(slots²) if estimated. */
  each(end: number, visit: (a: number, b: number, contents: number) => void): void;
  /** Contents that only this domain holds. */
  alone(slot: number): number;
}

/** Exact counts; above PAIR_SLOTS_MAX domains estimates, which cost a walk over all contents. */
export function pairCounts(engine: Engine): PairCounts {
  if (!engine.changes.pairsExact) return sampledPairs(engine);
  return {
    both: (a, b) => engine.pairs.get(a, b),
    each: (end, visit) => {
      for (let a = 0; a < end; a++) {
        for (let b = a + 1; b < end; b++) if (engine.pairs.get(a, b) > 0) visit(a, b, engine.pairs.get(a, b));
      }
    },
    alone: (slot) => engine.settling.aloneContents[slot] ?? 0,
  };
}

/** Counted over the contents whose hash is a multiple of PAIR_SAMPLE, times PAIR_SAMPLE. */
function sampledPairs(engine: Engine): PairCounts {
  const both = new Map<number, number>();
  const alone = new Map<number, number>();
  const add = (counts: Map<number, number>, key: number): void => {
    counts.set(key, (counts.get(key) ?? 0) + PAIR_SAMPLE);
  };
  const rows = engine.contents.words;
  const members = newMembers();
  for (let id = FIRST_CONTENT; id < engine.contents.end; id++) {
    const row = id * CONTENT_WORDS;
    const flags = rows[row + C_FLAGS];
    if ((flags & FLAG_FREE_ROW) !== 0 || (flags & DOMAINS_MASK) === 0) continue;
    if ((rows[row + C_HASH_LOW] & (PAIR_SAMPLE - 1)) !== 0) continue;
    engine.settling.membersOf(id, members);
    const holders = [...members.slots.subarray(0, members.count)].filter((_, i) => members.counts[i] > 0);
    if (holders.length === 1) add(alone, holders[0]);
    for (const a of holders) for (const b of holders) if (a < b) add(both, a * 65536 + b);
  }
  return {
    both: (a, b) => both.get(Math.min(a, b) * 65536 + Math.max(a, b)) ?? 0,
    each: (_, visit) => {
      for (const [key, contents] of both) visit(Math.floor(key / 65536), key % 65536, contents);
    },
    alone: (slot) => alone.get(slot) ?? 0,
  };
}
