import type { ComparedPolicy } from '../figures/compare-figures.js';
import type { Monitor } from './monitor.js';

/** What is compared of each policy that was started, in order. */
export function comparedPolicies({ engine, policies }: Pick<Monitor, 'engine' | 'policies'>): ComparedPolicy[] {
  const potential = engine.clock.potentialPageSeconds.value;
  return policies.slots.map(({ policy }) => {
    const pageSeconds = policy.pageSeconds();
    return { figures: policy.figures(), pageSeconds: pageSeconds === null ? null : { ...pageSeconds, potential } };
  });
}
