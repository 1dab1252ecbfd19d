/** How many delays were at most `atMostMicros`, and more than the bound before. */
export interface DelayBucket {
  atMostMicros: number;
  count: number;
}

/** A delay. µs of trace time. */
export interface DelayFigures {
  count: number;
  /** Upper bound of the bucket in which the median lies; null: there was none. */
  medianAtMostMicros: number | null;
  /** Exact; null: there was none. */
  maxMicros: number | null;
  /** All buckets, empty ones too. */
  histogram: DelayBucket[];
}

/** What became of the hints. pushed = held + overwritten + stale + alreadyShared + visited. */
export interface XlhHintFigures {
  /** In the stack now, those that are stale or shared among them. */
  held: number;
  /** Reads whose frame was not seen yet. */
  waiting: number;
  /** Since the start: put on the stack. */
  pushed: number;
  /** Lost because the stack was full. */
  overwritten: number;
  /** Dropped at their turn: the frame had changed, or there was a newer hint of it. */
  stale: number;
  /** Dropped at their turn: the scan had shared the frame already. */
  alreadyShared: number;
  /** Visited out of turn. */
  visited: number;
  /** Reads whose frame was not seen within a minute. */
  expired: number;
  /**
   * From a read to the push of its frame: 0 where the read named the frame. Else frames are seen by scans of the
   * recorder only, so the true delay is anything up to this: an upper end, not a time of the real system.
   */
  delay: DelayFigures;
}

/** What the `xlh` policy has beside the counters of ksm; definitions in docs/POLICIES.md. */
export interface XlhFigures {
  /** Visits since the start at which a frame was shared, by their kind: each of them saves a frame. */
  merges: { byHint: number; byScan: number };
  hints: XlhHintFigures;
}
