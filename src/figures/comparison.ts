import type { ComparedDomain, ComparedInterval, ComparedPolicy } from './compare-figures.js';
import type { GapFigures, HostFigures, Position } from './host-figures.js';
import type { RealFigures } from './real-figures.js';

/** Policies side by side, at one position of a trace. */
export interface Comparison {
  position: Position;
  gaps: GapFigures;
  host: HostFigures;
  /** As in ReportFigures. */
  real: RealFigures | null;
  /** In the order in which they were asked for. */
  policies: ComparedPolicy[];
  /** In order of domid. */
  domains: ComparedDomain[];
  /** As in ReportFigures. */
  settled: string[] | null;
  /** Sensitivity to the scan interval, from all scans on; null: not asked for. */
  intervals: ComparedInterval[] | null;
}
