/** What kernel and hypervisor told, out of the engine. */
import type { Engine } from '../engine/engine.js';
import { HOST_OWNER } from '../engine/told-counters.js';
import { type RealFigures, realSavings, toldSources } from '../figures/real-figures.js';

/** The newest counters of the host and of the live domains, in order of domid; null: the trace has none. */
export function realFiguresOf(engine: Engine): RealFigures | null {
  const { told } = engine.domains;
  const host = toldSources(told.of(HOST_OWNER));
  const domains = engine.domains
    .live()
    .map(({ slot, domid, key, name }) => ({ slot, domid, key, name, told: toldSources(told.of(slot)) }))
    .filter((domain) => Object.keys(domain.told).length > 0)
    .sort((a, b) => a.domid - b.domid || a.slot - b.slot);
  if (domains.length === 0 && Object.keys(host).length === 0) return null;
  return { host, savings: realSavings(host), domains };
}
