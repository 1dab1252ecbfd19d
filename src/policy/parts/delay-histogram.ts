import type { DelayFigures } from '../../figures/xlh-figures.js';

/** Times by size, without keeping them: buckets of 1, 2, 5, 10, 20, 50 … ms, up to 60 s. */
const BOUNDS_MICROS = [0, ...[1, 10, 100, 1000, 10_000].flatMap((ms) => [ms, 2 * ms, 5 * ms]), 60_000].map(
  (ms) => ms * 1000,
);

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
