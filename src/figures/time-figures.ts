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

/** Edges of the buckets of lifetimes and latencies, seconds. The classes of Satori and XLH lie between 30 and 300. */
const BUCKET_EDGES = [1, 3, 10, 30, 60, 120, 300, 600, 1800, 3600] as const;
/** The same in milliseconds, in which spans are measured. */
export const SPAN_EDGES: readonly number[] = BUCKET_EDGES.map((edge) => edge * 1000);
/** Below it short, from the other one on long. */
export const SHORT_SECONDS = 30;
export const LONG_SECONDS = 300;

/** Durations of at least `fromSeconds` and less than `toSeconds` (null: no end). */
export interface DurationBucket {
  fromSeconds: number;
  toSeconds: number | null;
  /** That ended. */
  ended: number;
  /** That still ran when they were seen last: they last longer. */
  open: number;
  /** False: scans are further apart than the bucket reaches, so its counts say nothing. */
  resolvable: boolean;
}

/**
 * Durations of frames, those that ended and those that did not (right-censored), with the Kaplan–Meier estimate over
 * both (Kaplan & Meier 1958).
 */
export interface DurationFigures {
  ended: number;
  open: number;
  /** Σ of all, those that did not end up to now. */
  totalSeconds: number;
  /** Half of them last longer; null: more than half of them last longer than was seen. */
  medianSeconds: number | null;
  /** Part of them that lasts longer than 30 s, than 5 min; null: none was seen, or scans are too far apart. */
  survival30s: number | null;
  survival5min: number | null;
  /** Below 30 s, 30 s to 5 min, longer. */
  short: DurationBucket;
  middle: DurationBucket;
  long: DurationBucket;
  buckets: DurationBucket[];
}

/** Durations whose beginning nobody saw: no estimate can be made of them. */
export interface UndatedFigures {
  ended: number;
  open: number;
  /** Σ of how long they were seen. */
  totalSeconds: number;
}

/** How far the scans of a domain, or of all, are apart. */
export interface ScanGapFigures {
  /** Scans but the first. */
  gaps: number;
  /** Null: there was no second scan. */
  medianSeconds: number | null;
  largestSeconds: number | null;
}

/** The part of one policy. */
export interface PolicyTimeFigures {
  name: string;
  /** Null: the scheme does not count it. */
  pageSeconds: PageSecondsFigures | null;
  /** Lifetimes of its shares; null: not followed. */
  shares: DurationFigures | null;
  /** Merge latency: ended are merges, open are frames that could be shared so long and were not. */
  latency: DurationFigures | null;
}

/** Lifetimes of opportunities, and how well times are known. */
export interface SpanFigures {
  scanGap: ScanGapFigures;
  domains: (ScanGapFigures & { domid: number; key: string })[];
  /** Those whose beginning was seen. */
  opportunities: DurationFigures;
  /** The others: there at the first scan of a domain, so they began before, nobody knows when. */
  fromFirstScan: UndatedFigures;
}

/** What a report says about time. */
export interface TimeFigures {
  /** ∫ potential dt, page-seconds: the bound of every policy's `saved` over the same frames. */
  potentialPageSeconds: number;
  /** Null: nobody asked, or there was no room for it. */
  spans: SpanFigures | null;
  /** In the order in which the policies run. */
  policies: PolicyTimeFigures[];
}
