/** What a shared region of each size would bring; docs/POLICIES.md, "How large should the region be?". */

/** A size of the region and what it avoids. Frames of 4 KiB; reads of 4 KiB blocks, estimated if keys were sampled. */
export interface LruPoint {
  /** R. */
  regionFrames: number;
  /** Reads that a plain LRU cache of R blocks would have avoided. */
  readsAvoided: number;
}

/** A size of the region and what `dlps` avoids and saves with it; estimated if keys were sampled. */
export interface TrialPoint extends LruPoint {
  /** Slots that hold a block now. */
  residentSlots: number;
  /** Gross, now: Σ over slots (refs − 1). */
  savedFrames: number;
  /** Less the slots that no frame is bound to; negative when the region costs more than it saves. */
  netSavedFrames: number;
}

/** How large a region must be for a part of what one without limit does. Null: none of the sizes reaches it. */
export interface SizeNeeded {
  /** 0.5, 0.9 or 0.99. */
  share: number;
  /** Frames of the smallest region that avoids this share of the reads that an unlimited one avoids. */
  avoidedFrames: number | null;
  /** Likewise for gross saved frames, now. */
  savedFrames: number | null;
}

/** What stands behind a curve. */
export interface CurveSample {
  /** Share of the keys ⟨group, image, block⟩ that is followed now; 1: all of them, nothing is estimated. */
  sampleRate: number;
  /** Keys followed. */
  sampledKeys: number;
}

/** The curve of a plain LRU cache, by stack distances. Not what `dlps` does: its victims are others. */
export interface LruCurveFigures extends CurveSample {
  /** Sizes from small to large. */
  points: LruPoint[];
  /** Reads avoided by a cache without limit. */
  readsAvoided: number;
  /** Without `savedFrames`: a cache of blocks knows no memory. */
  sizes: Omit<SizeNeeded, 'savedFrames'>[];
}

/** What `dlps` would do at each size, by simulations of it on the sampled keys. */
export interface TrialFigures extends CurveSample {
  /** Sizes from small to large. */
  points: TrialPoint[];
  /** Without limit; `regionFrames` is the slots that it has come to. */
  unlimited: TrialPoint;
  sizes: SizeNeeded[];
}

/** Both curves over the same reads. */
export interface RegionCurveFigures {
  /** What percentages of the size are of: the host's memory, else the sum of reservations. Frames. */
  memoryFrames: number;
  /** Eligible 4 KiB reads, all of them: what is avoided is a part of these. */
  readsSeen: number;
  lru: LruCurveFigures;
  /** Null: not asked for (`--region-curve`). */
  dlps: TrialFigures | null;
  /** Set when it failed and was switched off; the figures stop at that moment. */
  failure?: string;
}
