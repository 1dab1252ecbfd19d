/** Counters and state of the `ksm` policy; definitions in docs/POLICIES.md. */
export interface KsmFigures {
  /** Gross, zero frames apart. */
  savedFrames: number;
}
