import type { DlpsFigures } from './policy-figures.js';

/** A broken share for which the domain's FIFO had no page. */
export interface EnomemEvent {
  /** Trace time in seconds. */
  time: number;
  /** Key of the domain. */
  domain: string;
}

/** Counters and state of `satori`, the region's as of `dlps`; definitions in docs/POLICIES.md. */
export interface SatoriFigures extends DlpsFigures {
  /** Of `savedFrames`: what the blocks would save if no content had been looked up, and what contents add. */
  savedByBlock: number;
  savedByContent: number;
  /** Issued (or not eligible) reads of a content that had a slot: memory saved, the read not. */
  contentHits: number;
  /** Σ over domains of their entitlements, (n − 1)/n for each bound frame in a slot of n; equals `savedFrames`. */
  entitlementFrames: number;
  /** Bound frames that were written while others shared their slot: repaid + enomem. */
  broken: number;
  /** Of these, those for which the oldest volatile page of the domain was taken. */
  repaid: number;
  /** Of these, those for which there was none; the newest of them. */
  enomem: number;
  enomemEvents: readonly EnomemEvent[];
  /** Volatile pages in all FIFOs now. */
  fifoFrames: number;
}
