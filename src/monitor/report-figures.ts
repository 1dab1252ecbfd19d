import type { PairFigures, ReportFigures } from '../figures/report.js';
import { domainFigures, hostFigures, positionOf } from './figures-of.js';
import type { Monitor } from './monitor.js';
import { pairCounts } from './pair-counts.js';

/** All figures of a settled monitor. */
export function reportFigures(monitor: Monitor): ReportFigures {
  const engine = monitor.engine;
  const domains = engine.domains
    .live()
    .map((domain) => domainFigures(engine, domain))
    .sort((a, b) => a.domid - b.domid || a.slot - b.slot);
  const slots = domains.map((domain) => domain.slot);
  const exact = engine.changes.pairsExact;
  const counts = pairCounts(engine);
  const pairs: PairFigures[] = [];
  for (let i = 0; i < slots.length; i++) {
    for (let j = i + 1; j < slots.length; j++) {
      const contents = counts.both(slots[i], slots[j]);
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
    policies: monitor.policies.slots.map(({ policy }) => policy.figures()),
  };
}
