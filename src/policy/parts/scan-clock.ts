/**
 * When the batches of a scanner fall due: the scan begins with the first effect that is no declaration, at time t0, and
 * at time t floor((t − t0) / sleep) batches have fallen due in all (docs/POLICIES.md, "Scanners").
 */
export class ScanClock {
  #now = 0;
  /** Time of the first frame, read or write; -1: none yet. */
  #start = -1;
  #taken = 0;

  /** @param sleepMicros trace time between two batches */
  constructor(private readonly sleepMicros: number) {}

  /** Newest time, µs. */
  get now(): number {
    return this.#now;
  }

  /** Time moved on. */
  moveTo(timeMicros: number): void {
    this.#now = timeMicros;
  }

  /** Something other than a declaration came: the first one begins the scan. */
  start(): void {
    if (this.#start < 0) this.#start = this.#now;
  }

  /** Batches that fell due and were not taken. */
  get owed(): number {
    if (this.#start < 0) return 0;
    return Math.floor((this.#now - this.#start) / this.sleepMicros) - this.#taken;
  }

  /** Takes `count` of those owed; returns the number of the first of them, from 1. */
  take(count: number): number {
    const first = this.#taken + 1;
    this.#taken += count;
    return first;
  }
}
