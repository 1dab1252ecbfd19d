/** CPU time of the calling thread. */
import { closeSync, openSync, readSync } from 'node:fs';

/**
 * Counts the CPU of the thread that calls it, user and system. The kernel brings the figure up to date at its ticks:
 * a single difference may be a few ms off, their sum is not. Without schedstat in the kernel: the time on the clock.
 */
export class ThreadCpu {
  readonly #text = Buffer.alloc(64);
  #last = this.#now();

  /** µs since the last call, or since it was made. */
  taken(): number {
    const now = this.#now();
    const taken = now - this.#last;
    this.#last = now;
    return Math.max(0, Math.round(taken));
  }

  #now(): number {
    try {
      // The first figure: ns on a processor. Opened each time, because the link follows the thread that opens it.
      const fd = openSync('/proc/thread-self/schedstat', 'r');
      try {
        const bytes = readSync(fd, this.#text, 0, this.#text.length, 0);
        return Number.parseInt(this.#text.toString('latin1', 0, bytes), 10) / 1000;
      } finally {
        closeSync(fd);
      }
    } catch {
      return performance.now() * 1000;
    }
  }
}
