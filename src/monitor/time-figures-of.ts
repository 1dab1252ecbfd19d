import type { TimeFigures } from '../figures/time-figures.js';
import type { Monitor } from './monitor.js';

/** What the trace was worth over time, up to the newest time applied. The monitor is settled. */
export function timeFiguresOf({ engine, policies, times }: Monitor): TimeFigures {
  return {
    potentialPageSeconds: engine.clock.potentialPageSeconds.value,
    spans: times?.spans() ?? null,
    policies: policies.slots.map(({ policy }) => ({
      name: policy.name,
      pageSeconds: policy.pageSeconds(),
      ...(times?.ofPolicy(policy.name) ?? { shares: null, latency: null }),
    })),
  };
}
