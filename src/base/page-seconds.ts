const MICROS = 1_000_000;

/**
 * An integral of frames over trace time: one frame for one second is one page-second. Whole page-seconds and the
 * millionths of the rest are counted apart, both as whole numbers below 2^53 (ten million frames for 28 years), so
 * nothing is rounded, however long the trace is and however often its time moves.
 */
export class PageSeconds {
  #whole = 0;
  /** Frame-microseconds beyond the whole ones, 0 … 999,999. */
  #rest = 0;

  /** `frames` (whole, may be negative) were there for `micros` µs of trace time. */
  add(frames: number, micros: number): void {
    if (frames === 0) return;
    const seconds = Math.floor(micros / MICROS);
    const rest = this.#rest + frames * (micros - seconds * MICROS);
    const carried = Math.floor(rest / MICROS);
    this.#whole += frames * seconds + carried;
    this.#rest = rest - carried * MICROS;
  }

  /** Page-seconds so far. */
  get value(): number {
    // One rounding, where the sum in millionths is a whole number that a double holds.
    const micros = this.#whole * MICROS + this.#rest;
    return Number.isSafeInteger(micros) ? micros / MICROS : this.#whole + this.#rest / MICROS;
  }
}
