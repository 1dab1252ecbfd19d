/**
 * What sharing was worth over time. A page-second is one frame of 4 KiB saved for one second of trace time; times are
 * seconds of the trace's own clock.
 */

/** ∫ saved dt of a policy from the first record on, page-seconds. */
export interface PageSecondsFigures {
  /** Gross: Σ over shared frames (refs − 1), zero frames apart. */
  saved: number;
  /** Gross less the frames that the scheme held without a user; may be negative. */
  netSaved: number;
}

/** The part of one policy. */
export interface PolicyTimeFigures {
  name: string;
  /** Null: the scheme does not count it. */
  pageSeconds: PageSecondsFigures | null;
}

/** What a report says about time. */
export interface TimeFigures {
  /** ∫ potential dt, page-seconds: the bound of every policy's `saved` over the same frames. */
  potentialPageSeconds: number;
  /** In the order in which the policies run. */
  policies: PolicyTimeFigures[];
}
