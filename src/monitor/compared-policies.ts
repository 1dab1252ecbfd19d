import type { ComparedPolicy } from '../figures/compare-figures.js';
import type { Monitor } from './monitor.js';

/** What is compared of each policy that was started, in order. */
export function comparedPolicies({ engine, policies, times }: Monitor): ComparedPolicy[] {
  const potential = engine.clock.potentialPageSeconds.value;
  return policies.slots.map(({ policy }) => {
    const pageSeconds = policy.pageSeconds();
    const latency = times?.ofPolicy(policy.name).latency ?? null;
    // Shorter than the time between two scans is not known.
    const isResolvable = (latency?.medianSeconds ?? 0) >= (times?.gapSeconds ?? 0);
    return {
      figures: policy.figures(),
      pageSeconds: pageSeconds === null ? null : { ...pageSeconds, potential },
      latencySeconds: isResolvable ? (latency?.medianSeconds ?? null) : null,
      latencyOver30s: latency?.survival30s ?? null,
      latencyOver5min: latency?.survival5min ?? null,
    };
  });
}
