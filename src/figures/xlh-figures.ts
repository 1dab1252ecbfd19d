/** Counters and state of the `xlh` policy; definitions in docs/POLICIES.md. */
export interface XlhFigures {
  /** Gross, zero frames apart. */
  savedFrames: number;
}
