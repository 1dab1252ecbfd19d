import type { TimeFigures } from '../figures/time-figures.js';
import type { Monitor } from './monitor.js';

/** What the trace was worth over time, up to the newest time applied. The monitor is settled. */
export function timeFiguresOf(monitor: Monitor): TimeFigures {
  return {
    potentialPageSeconds: monitor.engine.clock.potentialPageSeconds.value,
    policies: monitor.policies.slots.map(({ policy }) => ({ name: policy.name, pageSeconds: policy.pageSeconds() })),
  };
}
