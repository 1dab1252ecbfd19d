/** Counters and state of the `satori` policy; definitions in docs/POLICIES.md. */
export interface SatoriFigures {
  /** Gross, zero frames apart. */
  savedFrames: number;
}
