/** Times by size, without keeping them: buckets of 1, 2, 5, 10, 20, 50 … ms, up to 60 s. */
const BOUNDS_MICROS = [0, ...[1, 10, 100, 1000, 10_000].flatMap((ms) => [ms, 2 * ms, 5 * ms]), 60_000].map(
  (ms) => ms * 1000,
);

/** How many times were at most `atMostMicros`, and more than the bound before. */
export interface DelayBucket {
  atMostMicros: number;
  count: number;
}

/** Figures of a delay. µs of trace time. */
export interface DelayFigures {
  count: number;
  /** Upper bound of the bucket in which the median lies; null: there was none. */
  medianAtMostMicros: number | null;
  /** Exact. */
  maxMicros: number | null;
  /** All buckets, empty ones too; the last one is of all that were longer than the one before. */
  histogram: DelayBucket[];
}

/** Counts delays into fixed buckets. */
export class DelayHistogram {
  readonly #counts = new Float64Array(BOUNDS_MICROS.length);
  #count = 0;
  #max = 0;

  /** Adds one, µs. */
  add(micros: number): void {
    let bucket = 0;
    while (bucket < BOUNDS_MICROS.length - 1 && micros > BOUNDS_MICROS[bucket]) bucket++;
    this.#counts[bucket]++;
    this.#count++;
    this.#max = Math.max(this.#max, micros);
  }

  /** See DelayFigures. The median is the lower one of an even count. */
  figures(): DelayFigures {
    const histogram = BOUNDS_MICROS.map((atMostMicros, i) => ({ atMostMicros, count: this.#counts[i] }));
    let below = 0;
    const median = histogram.find(({ count }) => (below += count) * 2 >= this.#count);
    return {
      count: this.#count,
      medianAtMostMicros: this.#count === 0 || median === undefined ? null : median.atMostMicros,
      maxMicros: this.#count === 0 ? null : this.#max,
      histogram,
    };
  }
}
