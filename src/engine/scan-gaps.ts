import { DurationHistogram } from '../base/duration-histogram.js';

/** Buckets of gaps: 8 an octave; what is told of one is the mean of the gaps in it. */
const BITS = 3;
const MICROS_PER_MILLI = 1000;
const MILLIS_MAX = 2 ** 32 - 1;

/** Gaps of one domain, or of all of them; milliseconds of trace time. */
export interface GapFacts {
  /** Number of gaps: scans but the first. */
  gaps: number;
  /** Null: there was no second scan. */
  medianMillis: number | null;
  largestMillis: number;
}

/**
 * How far scans are apart: a scan of a domain is what fills its frames at one time, a gap the time to the next. What
 * began between two scans is seen at the second: no time is known better than to the gap.
 */
export class ScanGaps {
  readonly #host = new DurationHistogram([], BITS);
  #hostLargest = 0;
  /** By domain slot. */
  readonly #histograms: DurationHistogram[] = [];
  readonly #largest: number[] = [];

  /** Bytes held. */
  get bytes(): number {
    return this.#host.bytes * (this.#histograms.length + 1);
  }

  /** A new life in a domain slot. */
  start(slot: number): void {
    this.#histograms[slot] = new DurationHistogram([], BITS);
    this.#largest[slot] = 0;
  }

  /** A domain is scanned for the first time since `gapMicros`. */
  add(slot: number, gapMicros: number): void {
    const millis = Math.min(MILLIS_MAX, Math.round(gapMicros / MICROS_PER_MILLI));
    this.#host.end(millis);
    this.#histograms[slot].end(millis);
    this.#hostLargest = Math.max(this.#hostLargest, millis);
    this.#largest[slot] = Math.max(this.#largest[slot], millis);
  }

  /** Of all domains, those that are gone too. */
  get host(): GapFacts {
    return factsOf(this.#host, this.#hostLargest);
  }

  /** Of the domain that lives in a slot. */
  of(slot: number): GapFacts {
    return factsOf(this.#histograms[slot], this.#largest[slot]);
  }
}

function factsOf(histogram: DurationHistogram, largestMillis: number): GapFacts {
  return { gaps: histogram.ended, medianMillis: histogram.median(), largestMillis };
}
