/** Counters and state of the `esx` policy; definitions in docs/POLICIES.md. */
export interface EsxFigures {
  /** Gross, zero frames apart. */
  savedFrames: number;
}
