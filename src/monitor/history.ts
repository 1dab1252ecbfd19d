/**
 * Figures once a second of trace time, for the last HISTORY_SECONDS: a ring of rows in one Float64Array a series.
 * Sampled by the engine's seconds, not by the wall clock, so a recording played at any speed has the same history.
 */
export const HISTORY_SECONDS = 600;

const NO_VALUES = new Float64Array(0);

/** One series: rows of `width` numbers, one a second, the newest HISTORY_SECONDS of them. */
export class Series {
  /** Made with the first sample: a domain that comes and goes within a second costs nothing. */
  #values = NO_VALUES;
  /** Seconds sampled so far. */
  #count = 0;

  /** @param width numbers a second */
  constructor(readonly width: number) {}

  /** Bytes held, from the first sample on. */
  get bytes(): number {
    return HISTORY_SECONDS * this.width * Float64Array.BYTES_PER_ELEMENT;
  }

  /** Samples held. */
  get length(): number {
    return Math.min(this.#count, HISTORY_SECONDS);
  }

  /** Appends `row` for each of `seconds` seconds. */
  push(row: readonly number[], seconds: number): void {
    if (this.#values.length === 0) this.#values = new Float64Array(HISTORY_SECONDS * this.width);
    for (let i = 0; i < Math.min(seconds, HISTORY_SECONDS); i++) {
      this.#values.set(row, (this.#count++ % HISTORY_SECONDS) * this.width);
    }
  }

  /** The value `back` seconds ago (0 = newest sample) of a column; the oldest one if it is not held. 0 if empty. */
  at(back: number, column: number): number {
    if (this.#count === 0) return 0;
    const clamped = Math.min(back, this.length - 1);
    return this.#values[((this.#count - 1 - clamped) % HISTORY_SECONDS) * this.width + column];
  }
}

/**
 * How `points` points cover the samples held: the newest is now, steps are equal whole seconds, at least one. Fewer
 * points if there are fewer samples.
 */
export function historySteps(samples: number, points: number): { points: number; step: number } {
  if (samples === 0 || points < 1) return { points: 0, step: 1 };
  const step = Math.max(1, Math.ceil(samples / points));
  return { points: Math.min(points, Math.ceil(samples / step)), step };
}

/** The growth per second of a column of sums over `seconds`, `back` seconds ago; over less if less is held. */
export function ratePerSecond(series: Series, column: number, back: number, seconds: number): number {
  const span = Math.min(seconds, series.length - 1 - back);
  if (span < 1) return 0;
  return (series.at(back, column) - series.at(back + span, column)) / span;
}
