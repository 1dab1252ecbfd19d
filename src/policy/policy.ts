import type { DomainPolicyFigures } from '../figures/domain-figures.js';
import type { RefusedReads } from '../figures/group-figures.js';
import type { KsmProcessFigures } from '../figures/ksm-figures.js';
import type { PolicyFigures } from '../figures/policy-figures.js';
import type { PageSecondsFigures } from '../figures/time-figures.js';
import type { ShareFollower } from './parts/share-spans.js';
import type { SharedCopies } from './shared-copies.js';

/** Gross saved frames now; sums of reads and changes since the start. */
export interface PolicySums {
  savedFrames: number;
  /** As in PolicyFigures. */
  zeroSavedFrames: number;
  readsAvoided: number;
  readsIssued: number;
  contentChanged: number;
}

/**
 * A sharing scheme, run on the effects of the engine beside all others. It keeps its own state in typed columns and
 * allocates nothing for a record. A policy that throws is switched off alone.
 */
export interface Policy {
  readonly name: string;
  /** Takes an effects batch (engine/effects.ts): `words[0, used)`. */
  apply(words: Uint32Array, used: number): void;
  /**
   * Brings fair shares up to date for about `work` slots or contents (default: all); true if more are left. Called
   * until nothing is left, before figures are read, at the end of each second of trace time and when time has moved
   * into another one. A scanner does the visits here that it owes for the time that passed; those that are still owed
   * when the next effect comes it does then, so that its figures do not depend on who called when.
   */
  settle(work?: number): boolean;
  /**
   * Lets a scanner go over the memory as it is, about `work` visits, until a whole pass finds nothing new (`--settle`);
   * true if more is left. The time of the trace stands still. Left out by a scheme that does not scan.
   */
  converge?(work?: number): boolean;
  figures(): PolicyFigures;
  /** The figures that histories sample once a second of trace time; O(1). */
  sums(): PolicySums;
  /**
   * What it saved over trace time up to the newest time (parts/page-seconds.ts); of a scanner, up to the visits done.
   * Left out, or null, of a scheme that does not count it: that is shown as a dash.
   */
  pageSeconds?(): PageSecondsFigures | null;
  /**
   * From the start of the trace on tells who asks of every frame that joins or leaves a copy, zeros apart, and of time
   * (lifetimes and merge latency). Left out by a scheme that cannot.
   */
  followShares?(follower: ShareFollower): void;
  /** One live domain's part. */
  domainFigures(slot: number): DomainPolicyFigures;
  /** One live domain's part under the kernel's names; left out by a scheme that is no KSM. */
  processFigures?(slot: number): KsmProcessFigures;
  /** References to shared copies of a content; 0 if it is not shared. Walks at most a bounded number of holders. */
  sharedRefs(contentId: number): number;
  /** What it keeps, for questions that are asked now and then; left out by a scheme that cannot answer them. */
  readonly copies?: SharedCopies;
  /** Reads issued although another trust group had the block; null: too many groups. Left out: it counts none. */
  refusedReads?(): RefusedReads | null;
  /** Recounts everything the slow way: one line for each figure that does not agree. */
  audit(): string[];
  /** Bytes that it keeps for each frame without asking for room (`hasRoom`); left out: none. */
  readonly frameBytes?: number;
  /** Bytes of its tables. */
  readonly bytes: number;
}
