import type { Domain } from '../engine/domain-table.js';
import type { Engine } from '../engine/engine.js';
import { D_DISTINCT, D_FILL_PAGE, D_FREE, D_KNOWN, D_UNKNOWN, D_ZERO, DOMAIN_COUNTERS } from '../engine/layout.js';
import type { DomainFigures } from '../figures/domain-figures.js';
import type { HostFigures, Position } from '../figures/host-figures.js';
import { micros } from '../base/units.js';

/** The figures of one live domain. Fair shares are as of the last settle. */
export function domainFigures(engine: Engine, domain: Domain): DomainFigures {
  const counters = engine.domains.counters;
  const at = domain.slot * DOMAIN_COUNTERS;
  const zeroFrames = counters[at + D_ZERO];
  const knownFrames = counters[at + D_KNOWN];
  const unknownFrames = counters[at + D_UNKNOWN];
  const distinctContents = counters[at + D_DISTINCT];
  return {
    slot: domain.slot,
    domid: domain.domid,
    key: domain.key,
    name: domain.name,
    group: domain.group,
    kind: domain.kind,
    reservedFrames: domain.reservedFrames,
    frames: zeroFrames + knownFrames + unknownFrames,
    zeroFrames,
    knownFrames,
    unknownFrames,
    freeFrames: counters[at + D_FREE],
    fillPageFrames: counters[at + D_FILL_PAGE],
    distinctContents,
    selfSavedFrames: knownFrames - distinctContents,
    fairSavedFrames: engine.domains.fairSaved.get(domain.slot),
    scannedMicros: engine.domains.scannedMicros[domain.slot],
  };
}

/** The figures over all live domains (definitions: figures/figure-table.ts). O(domains). */
export function hostFigures(engine: Engine): HostFigures {
  const counters = engine.domains.counters;
  let zeroFrames = 0;
  let unknownFrames = 0;
  let fillPageFrames = 0;
  let distinctPerDomain = 0;
  for (const domain of engine.domains.live()) {
    const at = domain.slot * DOMAIN_COUNTERS;
    zeroFrames += counters[at + D_ZERO];
    unknownFrames += counters[at + D_UNKNOWN];
    fillPageFrames += counters[at + D_FILL_PAGE];
    distinctPerDomain += counters[at + D_DISTINCT];
  }
  const { knownFrames, distinctContents, sharedContents } = engine.changes;
  return {
    name: engine.host.name,
    hypervisor: engine.host.hypervisor,
    memoryFrames: engine.host.frames,
    reservedFrames: engine.reservedFrames,
    frames: zeroFrames + knownFrames + unknownFrames,
    zeroFrames,
    knownFrames,
    unknownFrames,
    fillPageFrames,
    distinctContents,
    sharedContents,
    potentialSavedFrames: knownFrames - distinctContents,
    selfSavedFrames: knownFrames - distinctPerDomain,
    interSavedFrames: distinctPerDomain - distinctContents,
  };
}

/** Where the engine stands in the trace; times are 0 before the first record. */
export function positionOf(engine: Engine): Position {
  return {
    epoch: engine.epoch,
    timeMicros: engine.now,
    sinceMicros: micros(Math.max(0, engine.sinceMicros)),
    records: engine.records,
  };
}

/** Age of the oldest scan among live domains that were scanned at all, µs of trace time. */
export function skewMicros(engine: Engine): number {
  let oldest = Number.POSITIVE_INFINITY;
  for (const domain of engine.domains.live()) {
    const scanned = engine.domains.scannedMicros[domain.slot];
    if (scanned >= 0 && scanned < oldest) oldest = scanned;
  }
  return Number.isFinite(oldest) ? Math.max(0, engine.timeMicros - oldest) : 0;
}
