import type { ComparedPolicy } from './compare-figures.js';
import type { DomainFigures, DomainHistoryPoint, DomainPolicyFigures } from './domain-figures.js';
import type { NamesDetail, NamesRequest } from './name-figures.js';
import type { PageDetail, PageRequest } from './page-figures.js';
import type { PairsDetail, PairsRequest, Stop } from './pair-figures.js';
import type { GapFigures, HostFigures, Position } from './host-figures.js';
import type { PolicyFigures } from './policy-figures.js';
import type { RealFigures, ToldSources } from './real-figures.js';
import type { RegionCurveFigures } from './region-curve-figures.js';
import type { HotPageRow, PartnerRow, Window, WindowSpec } from './window.js';

/** What the screen asks the engine's side for. One request is outstanding at a time, the newest wins. */
export interface ViewRequest {
  /** Echoed in the answer. */
  id: number;
  /** Name of the policy that SHARED, SAVED and COULD belong to. */
  policy: string;
  /** Zeros in the sums (`0`). */
  withZeros: boolean;
  domains: WindowSpec;
  hot: WindowSpec;
  /** Key of the domain that is drilled into, or null on the main screen. */
  domainKey: string | null;
  partners: WindowSpec;
  /** How many points of history are wanted (newest last). */
  historyPoints: number;
  /** The content whose page is open; left out or null: none. */
  page?: PageRequest | null;
  /** The part of the matrix of pairs that is shown; left out or null: none. */
  pairs?: PairsRequest | null;
  /** All policies side by side are wanted. */
  compare?: boolean;
  /** The part of the sums by file or package that is shown; left out or null: none. */
  names?: NamesRequest | null;
}

/** One domain's row: figures, its part under the shown policy, rates and a short history. */
export interface DomainRow extends DomainFigures {
  policy: DomainPolicyFigures;
  /** MEM = private + shared + zero (design §2). */
  privateFrames: number;
  /** Fair part of what is identical but still private: fair potential − fair saved. */
  couldFrames: number;
  /** Rates over the last RATE_SECONDS of trace time. */
  readsAvoidedPerSecond: number;
  contentChangedPerSecond: number;
  /** Fair saved frames, oldest first, at equal steps of trace time. */
  savedHistory: number[];
  /** `run` when its memory or disk was seen to change within STILL_SECONDS of trace time, else `still`. */
  state: 'run' | 'still';
}

/** Rates are over this much trace time. */
export const RATE_SECONDS = 10;
/** A domain is `still` when nothing of it changed for this much trace time. */
export const STILL_SECONDS = 30;

/** The host over time, for sparklines. Frames; reads per second. */
export interface HostHistoryPoint {
  timeMicros: number;
  frames: number;
  savedFrames: number;
  couldFrames: number;
  readsAvoidedPerSecond: number;
  readsIssuedPerSecond: number;
  contentChangedPerSecond: number;
}

/** How fresh and how complete the figures are, and what they cost. */
export interface Health {
  gaps: GapFigures;
  /** Age of the oldest scan among live domains, µs of trace time. */
  skewMicros: number;
  /** Wall time between the newest byte seen in the files and its being applied, ms. */
  lagMs: number;
  /** Bytes in the files that are not applied yet. */
  backlogBytes: number;
  /** sharetop's own CPU as a fraction of one core since the last answer, and resident memory. */
  selfCpu: number;
  selfBytes: number;
  /** Streams followed; false while there is no trace yet. */
  streams: number;
  sourceFound: boolean;
  /** The newest line about damage, an unreadable source or a failed policy; empty if none. */
  notice: string;
}

/** The drill-down into one domain. */
export interface DomainDetail {
  row: DomainRow;
  partners: Window<PartnerRow>;
  history: DomainHistoryPoint[];
  /** Contents that only this domain holds / holds with others. */
  aloneContents: number;
  commonContents: number;
  /**
   * What would be lost with the domain, and the epoch that this and the partners' `onlyContents` are of; left out
   * while it is counted.
   */
  stop?: Stop & { epoch: number };
  /** What kernel or hypervisor told of it; left out: nothing. */
  told?: ToldSources;
}

/** Everything one screen needs, of one epoch. Plain data: crosses the worker boundary by structured clone. */
export interface Snapshot {
  requestId: number;
  position: Position;
  host: HostFigures;
  policy: PolicyFigures;
  /** Names of the running policies, for the key that changes the shown one. */
  policyNames: string[];
  /** As asked for: zeros are in the sums. */
  withZeros: boolean;
  /** Rates over RATE_SECONDS of trace time. */
  readsAvoidedPerSecond: number;
  readsIssuedPerSecond: number;
  contentChangedPerSecond: number;
  /** Live domains, whatever the filter of `domains` leaves of them. */
  liveDomains: number;
  domains: Window<DomainRow>;
  hot: Window<HotPageRow>;
  history: HostHistoryPoint[];
  /** Present when a domain was asked for and lives; null when it is gone or none was asked for. */
  detail: DomainDetail | null;
  /** How large the region should be; present where the tool was told to find out (`--region-curve`). */
  regionCurve?: RegionCurveFigures;
  /** What the machine itself shares; present when the trace has such counters. */
  real?: RealFigures;
  /** Present when they were asked for. */
  page?: PageDetail;
  pairs?: PairsDetail;
  compare?: ComparedPolicy[];
  names?: NamesDetail;
  /** Contents have names, though perhaps none of those shown; left out: no label is known. */
  hasLabels?: true;
  health: Health;
  /** Name of the trace, for the header. */
  traceName: string;
  /** True when the input has ended (a recording read to its end). */
  ended: boolean;
}
