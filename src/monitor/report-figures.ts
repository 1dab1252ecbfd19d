import type { Engine } from '../engine/engine.js';
import { C_FLAGS, C_HASH_LOW, CONTENT_WORDS, DOMAINS_MASK, FIRST_CONTENT, FLAG } from '../engine/layout.js';
import { newMembers } from '../engine/settle.js';
import type { PairFigures, ReportFigures } from '../figures/report.js';
import { domainFigures, hostFigures, positionOf } from './figures-of.js';
import type { Monitor } from './monitor.js';

/** One content in so many is looked at for the estimate of pairs above PAIR_SLOTS_MAX domains; a power of two. */
const PAIR_SAMPLE = 16;

/** All figures of a settled monitor. */
export function reportFigures(monitor: Monitor): ReportFigures {
  const engine = monitor.engine;
  const domains = engine.domains
    .live()
    .map((domain) => domainFigures(engine, domain))
    .sort((a, b) => a.domid - b.domid || a.slot - b.slot);
  const slots = domains.map((domain) => domain.slot);
  const exact = engine.changes.pairsExact;
  const contentsOf = exact ? (a: number, b: number): number => engine.pairs.get(a, b) : sampledPairs(engine);
  const pairs: PairFigures[] = [];
  for (let i = 0; i < slots.length; i++) {
    for (let j = i + 1; j < slots.length; j++) {
      const contents = contentsOf(slots[i], slots[j]);
      if (contents > 0) pairs.push({ a: domains[i].domid, b: domains[j].domid, contents });
    }
  }
  return {
    position: positionOf(engine),
    gaps: { ...engine.gaps },
    host: hostFigures(engine),
    domains,
    pairs,
    pairsEstimated: !exact,
    policies: monitor.policies.slots.map((slot) => monitor.policies.figures(slot)),
  };
}

/** Pairs counted over the contents whose hash is a multiple of PAIR_SAMPLE, times PAIR_SAMPLE. */
function sampledPairs(engine: Engine): (a: number, b: number) => number {
  const counts = new Map<number, number>();
  const rows = engine.contents.words;
  const members = newMembers();
  for (let id = FIRST_CONTENT; id < engine.contents.end; id++) {
    const row = id * CONTENT_WORDS;
    const flags = rows[row + C_FLAGS];
    if ((flags & FLAG.freeRow) !== 0 || (flags & DOMAINS_MASK) < 2) continue;
    if ((rows[row + C_HASH_LOW] & (PAIR_SAMPLE - 1)) !== 0) continue;
    engine.settling.membersOf(id, members);
    const holders = [...members.slots.subarray(0, members.count)].filter((_, i) => members.counts[i] > 0);
    for (const a of holders) {
      for (const b of holders) {
        if (a >= b) continue;
        const key = a * 65536 + b;
        counts.set(key, (counts.get(key) ?? 0) + PAIR_SAMPLE);
      }
    }
  }
  return (a, b) => counts.get(Math.min(a, b) * 65536 + Math.max(a, b)) ?? 0;
}
