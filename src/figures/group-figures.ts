/** Trust groups: what they are, what they cost and what they keep apart. Plain data; frames of 4 KiB. */
import type { ByClass } from './class-figures.js';

/** One trust group that has live domains. */
export interface GroupFigures {
  name: string;
  /** Live domains. */
  domains: number;
  /** In use: zero + known + unknown. */
  frames: number;
}

/**
 * What a policy would have done with all domains in one trust group from the start: a second instance of it, on the
 * same effects. `isolationPrice` (derived.ts) is the difference to what it did.
 */
export interface OneGroupFigures {
  savedFrames: number;
  zeroSavedFrames: number;
  netSavedFrames: number;
  /** 0 for policies without I/O. */
  readsAvoided: number;
  /** Set when this instance failed and was switched off: its figures stop at that moment. */
  failure?: string;
}

/** Contents that domains of different trust groups hold, and their frames. */
export interface ExposedAmount {
  contents: number;
  frames: number;
}

/** What two domains of different trust groups both hold. */
export interface ExposedPair {
  /** Domain slots. */
  a: number;
  b: number;
  /** Distinct contents that both hold, and the frames of these two that hold them. */
  classes: ByClass<ExposedAmount>;
}

/**
 * Identical pages across trust groups: what the groups refuse to share. On a host that shares regardless of groups
 * this is what a memory-deduplication attack can observe.
 */
export interface ExposureFigures {
  /** Contents held in at least two groups, the frames that hold them, and by class. */
  classes: ByClass<ExposedAmount>;
  /**
   * Copies more than one that the groups need: Σ over contents (groups that hold it − 1). Fill, disk and memory add up
   * to the price of isolation of `oracle`, zeros to that of its zero pages.
   */
  refusedFrames: ByClass<number>;
  /** Every pair of domains of different groups that have something in common; null: more domains than are paired. */
  pairs: ExposedPair[] | null;
}

/**
 * Reads that a policy with a region had to issue although a slot of another trust group held the block. With a region
 * without limit it is what one group would have avoided more.
 */
export interface RefusedReads {
  /** Each read once, however many groups held the block. */
  reads: number;
  /** By the trust group of the reader and of the slot, by their numbers. Must not be added up. */
  pairs: { reader: number; holder: number; reads: number }[];
}

/** The same with the names of the groups. */
export interface NamedRefusedReads {
  reads: number;
  pairs: { reader: string; holder: string; reads: number }[];
}
