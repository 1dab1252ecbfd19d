import type { DlpsFigures } from '../../figures/policy-figures.js';
import type { PolicySums } from '../policy.js';

/** The figures of a sharing area that only grow; the others are the state of the region. */
export type AreaCounts = Omit<
  DlpsFigures,
  | 'regionFrames'
  | 'residentSlots'
  | 'idleSlots'
  | 'duplicateSlots'
  | 'boundFrames'
  | 'savedFrames'
  | 'netSavedFrames'
  | 'readsSeen'
>;

/** All of them at 0. */
export function newAreaCounts(): AreaCounts {
  return {
    readsIssued: 0,
    readsAvoided: 0,
    readsAvoidedCross: 0,
    readsAvoidedOwn: 0,
    readsCold: 0,
    readsAvoidedCold: 0,
    readsIneligible: { unaligned: 0, ownWritten: 0, writableImage: 0 },
    contentChanged: { overwritten: 0, zeroed: 0, unknown: 0, freed: 0 },
    evictions: 0,
    identityConflicts: 0,
    bindExpired: 0,
  };
}

/** What a hypervisor would keep for a slot (key, content, lists) and for a bound frame (reverse map); our estimate. */
export function areaMetadataBytes(residentSlots: number, boundFrames: number): number {
  return residentSlots * 40 + boundFrames * 8;
}

/** What histories sample of a scheme with a region. */
export function areaSums(savedFrames: number, counts: AreaCounts): PolicySums {
  const { overwritten, zeroed, unknown, freed } = counts.contentChanged;
  return {
    savedFrames,
    zeroSavedFrames: 0,
    readsAvoided: counts.readsAvoided,
    readsIssued: counts.readsIssued,
    contentChanged: overwritten + zeroed + unknown + freed,
  };
}
