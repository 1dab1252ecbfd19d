/**
 * How fast a recorder may go: bytes a second, and a share of one core.
 *
 * Either limit is a debt: a slice of work moves the instant from which the next one may begin by what it cost at the
 * limit. Idle time earns nothing but a short credit, which makes up for timers that ring late. So over any time t no
 * more than limit × (t + CREDIT_MS) and one slice is used.
 */

/** What was not used is kept for so long, ms. */
export const CREDIT_MS = 50;

/** The limits; Infinity: none. */
export interface PaceLimits {
  readonly bytesPerSecond: number;
  /** CPU time over wall time: 0.1 is a tenth of a core. */
  readonly duty: number;
}

/** Books work and says how long to wait before more. All times are of one clock that never steps back, ms. */
export class Pacer {
  #rateDueMs: number;
  #dutyDueMs: number;
  #cpuMs: number;

  /** @param cpuMs CPU time used so far: it counts from here */
  constructor(
    readonly limits: PaceLimits,
    nowMs: number,
    cpuMs: number,
  ) {
    this.#rateDueMs = nowMs;
    this.#dutyDueMs = nowMs;
    this.#cpuMs = cpuMs;
  }

  /** Books `bytes` and the CPU time since the last call; returns the ms to wait from now on, 0 or more. */
  book(bytes: number, nowMs: number, cpuMs: number): number {
    const { bytesPerSecond, duty } = this.limits;
    const earliest = nowMs - CREDIT_MS;
    this.#rateDueMs = Math.max(this.#rateDueMs, earliest) + (bytes / bytesPerSecond) * 1000;
    this.#dutyDueMs = Math.max(this.#dutyDueMs, earliest) + Math.max(0, cpuMs - this.#cpuMs) / duty;
    this.#cpuMs = cpuMs;
    return Math.max(0, this.#rateDueMs - nowMs, this.#dutyDueMs - nowMs);
  }
}
