/** What was killed and cut, and over how much. */
export interface KillCounts {
  readonly moments: number;
  readonly writer: number;
  readonly reader: number;
  readonly cut: number;
  readonly reports: number;
  readonly segments: number;
  readonly rounds: number;
}

export function runKills(options: {
  readonly seed: number;
  readonly times: number;
  readonly say?: (line: string) => void;
}): Promise<{ readonly counts: KillCounts; readonly problems: readonly string[] }>;
