import type { ComparedInterval } from '../figures/compare-figures.js';
import type { Comparison } from '../figures/comparison.js';
import { comparedPolicies } from './compared-policies.js';
import { domainFigures, hostFigures, positionOf } from './figures-of.js';
import type { Monitor } from './monitor.js';
import { realFiguresOf } from './real-figures-of.js';

/** The policies of a settled monitor side by side; `settled` and `intervals` as in Comparison. */
export function comparisonOf(
  monitor: Monitor,
  settled: string[] | null,
  intervals: ComparedInterval[] | null,
): Comparison {
  const { engine, policies } = monitor;
  return {
    position: positionOf(engine),
    gaps: { ...engine.gaps },
    host: hostFigures(engine),
    real: realFiguresOf(engine),
    policies: comparedPolicies(monitor),
    domains: engine.domains
      .live()
      .map((domain) => ({
        domain: domainFigures(engine, domain),
        parts: policies.slots.map(({ policy }) => policy.domainFigures(domain.slot)),
      }))
      .sort((a, b) => a.domain.domid - b.domain.domid || a.domain.slot - b.domain.slot),
    settled,
    intervals,
  };
}

/** The part of a comparison that is looked at for other scan intervals. */
export function intervalOf(monitor: Monitor, every: number): ComparedInterval {
  return {
    every,
    potentialSavedFrames: hostFigures(monitor.engine).potentialSavedFrames,
    policies: comparedPolicies(monitor).map(({ figures, pageSeconds }) => {
      const { name, savedFrames, netSavedFrames } = figures;
      return { name, savedFrames, netSavedFrames, pageSeconds };
    }),
  };
}
