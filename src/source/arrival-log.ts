/** Marks kept; when there would be more, neighbours become one with the older time, and new ones are as far apart. */
const MARKS_MAX = 128;

/**
 * When the bytes of a growing file came, so that the age of the oldest one that was not taken is known: that is the
 * lag, also for a reader that is behind all the time. (The time since a reader last had everything is another thing:
 * it grows without end though the reader stays half a second behind.)
 */
export class ArrivalLog {
  /** Ends of what had come, bytes; ascending. */
  readonly #ends = new Float64Array(MARKS_MAX);
  /** Wall times at which it was first seen, ms. */
  readonly #times = new Float64Array(MARKS_MAX);
  #count = 0;
  /** Time between two marks at least, ms. */
  #spacingMs = 0;
  #takenBytes = 0;
  #seenBytes = 0;

  /** The file is seen to be this long now. */
  seen(bytes: number, wallMs: number): void {
    if (bytes <= this.#seenBytes) return;
    this.#seenBytes = bytes;
    // A read may find more than the last look did.
    if (bytes <= this.#takenBytes) return;
    const last = this.#count - 1;
    if (last >= 0 && wallMs - this.#times[last] < this.#spacingMs) {
      this.#ends[last] = bytes;
      return;
    }
    if (this.#count === MARKS_MAX) this.#halve();
    this.#ends[this.#count] = bytes;
    this.#times[this.#count++] = wallMs;
  }

  /** The reader is done with everything up to here. */
  taken(bytes: number): void {
    if (bytes <= this.#takenBytes) return;
    this.#takenBytes = bytes;
    let done = 0;
    while (done < this.#count && this.#ends[done] <= bytes) done++;
    if (done === 0) return;
    this.#ends.copyWithin(0, done, this.#count);
    this.#times.copyWithin(0, done, this.#count);
    this.#count -= done;
    if (this.#count === 0) this.#spacingMs = 0;
  }

  /** Another file, or the same from its start. */
  restart(): void {
    this.#count = 0;
    this.#spacingMs = 0;
    this.#takenBytes = 0;
    this.#seenBytes = 0;
  }

  /** Wall time at which the oldest byte that is not taken was first seen, ms; null if all are. */
  get oldestMs(): number | null {
    return this.#count === 0 ? null : this.#times[0];
  }

  #halve(): void {
    for (let i = 0; i < MARKS_MAX / 2; i++) {
      this.#ends[i] = this.#ends[2 * i + 1];
      this.#times[i] = this.#times[2 * i];
    }
    this.#count = MARKS_MAX / 2;
    this.#spacingMs = (this.#times[this.#count - 1] - this.#times[0]) / (this.#count - 1);
  }
}
