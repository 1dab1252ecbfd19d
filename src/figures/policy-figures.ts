import type { SavedByClass } from './class-figures.js';
import type { EsxFigures } from './esx-figures.js';
import type { NamedRefusedReads, OneGroupFigures } from './group-figures.js';
import type { KsmFigures } from './ksm-figures.js';
import type { SatoriFigures } from './satori-figures.js';
import type { XlhFigures } from './xlh-figures.js';

/** What every policy reports. Frames of 4 KiB. */
export interface PolicyFigures {
  name: string;
  /** Gross: Σ over shared frames (refs − 1), zero frames apart. */
  savedFrames: number;
  /** Zero frames that the scheme saves by its own rule for zeros, beside `savedFrames`; 0 if it leaves them alone. */
  zeroSavedFrames: number;
  /** Gross less the frames that the scheme itself holds without a user. */
  netSavedFrames: number;
  /** Copies kept with at least two references (KSM pages_shared, Xen nr_shared). */
  sharedFrames: number;
  /** Bytes that the real scheme would keep to do this (docs/POLICIES.md: cost), not what our model of it takes. */
  metadataBytes: number;
  /** Set when the policy failed and was switched off; its figures stop at that moment. */
  failure?: string;
  /** With all domains in one trust group; left out where no second instance runs that knows it (`--price`). */
  oneGroup?: OneGroupFigures;
  /** Which class of pages the saving is of; only in reports, and left out by a scheme that cannot tell. */
  savedByClass?: SavedByClass;
  /** Reads that another trust group's slot could have answered; only in reports, of schemes that count them. */
  refusedReads?: NamedRefusedReads;
  /** Present for the designated sharing area. */
  dlps?: DlpsFigures;
  /** Present for the policy of that name. */
  satori?: SatoriFigures;
  ksm?: KsmFigures;
  esx?: EsxFigures;
  xlh?: XlhFigures;
  /** What `ksm` and `xlh` count that the kernel does not. */
  scan?: { contentChanged: ContentChanges };
  /** Present for a policy that a person brought along: its own counters, whatever they are called. */
  own?: Readonly<Record<string, number>>;
}

/** The names of the blocks that a policy may have beside what all report. */
const BLOCKS = ['dlps', 'satori', 'ksm', 'esx', 'xlh', 'scan', 'own'] as const;

/** Everything that only this policy reports, of all its blocks. */
export function ownFigures(policy: PolicyFigures): Readonly<Record<string, unknown>> {
  return Object.assign({}, ...BLOCKS.map((block) => policy[block])) as Record<string, unknown>;
}

/** Shared frames that lost their content, by what they became. */
export interface ContentChanges {
  overwritten: number;
  zeroed: number;
  unknown: number;
  freed: number;
}

/** The figures of the shared region, of whichever scheme has one. */
export function regionOf(policy: PolicyFigures): DlpsFigures | undefined {
  return policy.dlps ?? policy.satori;
}

/** Counters and state of the designated sharing area, `dlps` (design §4, docs/POLICIES.md). */
export interface DlpsFigures {
  /** R: frames of the region; null: unlimited. 0 while a percentage is of a memory that no record has told yet. */
  regionFrames: number | null;
  /** Slots that hold a block. */
  residentSlots: number;
  /** Resident slots to which no frame is bound. */
  idleSlots: number;
  /** Resident slots less distinct contents in them. */
  duplicateSlots: number;
  /** Frames bound to a slot. */
  boundFrames: number;
  savedFrames: number;
  netSavedFrames: number;
  /** Eligible 4 KiB reads = issued + avoided. */
  readsSeen: number;
  readsIssued: number;
  readsAvoided: number;
  /** Avoided after another domain's read. */
  readsAvoidedCross: number;
  /** Avoided after only the domain's own read: a bigger cache, not sharing. */
  readsAvoidedOwn: number;
  /** Seen reads that were the domain's own first one of the block in its life: no cache of its own could have them. */
  readsCold: number;
  /** Those of them that were avoided. */
  readsAvoidedCold: number;
  readsIneligible: { unaligned: number; ownWritten: number; writableImage: number };
  /** Bound frames that left their slot because the content changed. */
  contentChanged: ContentChanges;
  evictions: number;
  identityConflicts: number;
  bindExpired: number;
}
