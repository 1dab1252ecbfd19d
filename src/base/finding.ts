/** A reason why little or nothing is shared, as `sharetop doctor` tells it. */
export interface Finding {
  /** Stable, for scripts. */
  readonly id: string;
  /** 3: nothing can be shared; 2: much is lost; 1: some is. */
  readonly weight: 1 | 2 | 3;
  readonly what: string;
  /** The figures that show it. */
  readonly evidence: string;
  /** What to do. */
  readonly mend: string;
}

/** The weightiest first, else in the order given. */
export function byWeight(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => b.weight - a.weight);
}
