const MICROS_PER_MILLI = 1000;

/**
 * When visits fall due: `visits` of them at the end of each sleep, from the first record on that changes a frame, reads
 * or writes. What is owed is kept as a number and paid when memory changes or somebody looks: in between memory stands
 * still.
 */
export class ScanPace {
  /** Visits that fell due and were not made. */
  owed = 0;
  #start = -1;
  /** The newest time of the trace, µs. */
  now = 0;
  #sleeps = 0;
  readonly #sleepMicros: number;

  constructor(
    private readonly visits: number,
    sleepMillis: number,
  ) {
    this.#sleepMicros = sleepMillis * MICROS_PER_MILLI;
  }

  /** A record changes a frame, reads or writes: the clock of the scan starts, if it is the first. */
  start(): void {
    if (this.#start < 0) this.#start = this.now;
  }

  /** The newest time of the trace, µs. */
  moveTo(micros: number): void {
    this.now = micros;
    if (this.#start < 0) return;
    const sleeps = Math.floor((micros - this.#start) / this.#sleepMicros);
    this.owed = Math.min(Number.MAX_SAFE_INTEGER, this.owed + (sleeps - this.#sleeps) * this.visits);
    this.#sleeps = sleeps;
  }

  /** When the next visit that is owed fell due, µs. */
  get dueMicros(): number {
    return this.#start + (Math.floor(this.#made / this.visits) + 1) * this.#sleepMicros;
  }

  /** How many of the visits that are owed fell due at that time. */
  get dueTogether(): number {
    return this.visits - (this.#made % this.visits);
  }

  /** Visits that are owed no more: made, or lost. */
  get #made(): number {
    return this.#sleeps * this.visits - this.owed;
  }
}
