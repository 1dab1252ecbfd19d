import type { ClassFigures } from './class-figures.js';
import type { DomainFigures } from './domain-figures.js';
import type { ExposureFigures, GroupFigures } from './group-figures.js';
import type { GapFigures, HostFigures, Position } from './host-figures.js';
import type { NamesReport } from './name-figures.js';
import type { PolicyFigures } from './policy-figures.js';
import type { RealFigures } from './real-figures.js';
import type { RegionCurveFigures } from './region-curve-figures.js';
import type { TimeFigures } from './time-figures.js';

/** How many distinct non-zero contents two domains have in common. */
export interface PairFigures {
  /** Domids, a before b. */
  a: number;
  b: number;
  contents: number;
}

/** Everything a report prints, at one position of a trace. */
export interface ReportFigures {
  position: Position;
  gaps: GapFigures;
  host: HostFigures;
  /** In order of domid. */
  domains: DomainFigures[];
  /** Pairs without common contents are left out. */
  pairs: PairFigures[];
  /** True when pairs are estimated from a sample of contents, because there are too many domains. */
  pairsEstimated: boolean;
  /** Trust groups with live domains, in order of name. */
  groups: GroupFigures[];
  /** What is identical across groups; null while all domains are in one. */
  exposure: ExposureFigures | null;
  /** What the frames are: zero, one byte, from a disk, other memory. */
  classes: ClassFigures;
  policies: PolicyFigures[];
  /** How large the region should be; null where nobody asked for it. */
  regionCurve: RegionCurveFigures | null;
  /** What the machine itself shares; null: the trace has no such counters. */
  real: RealFigures | null;
  times: TimeFigures;
  /** What is saved of which file or package; null where no label is known. */
  names: NamesReport | null;
  /** Names of the scanners that went over the memory until a pass found nothing new; null where nobody asked for it. */
  settled: string[] | null;
}
