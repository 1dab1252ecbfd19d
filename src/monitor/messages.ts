import type { Snapshot, ViewRequest } from '../figures/snapshot.js';
import type { PolicyOptions } from './policy-set.js';

/** What the worker is started with. */
export type WorkerTask = MonitorTask | ReplayTask;

/** Follow a trace directory and answer requests. */
export interface MonitorTask {
  role: 'monitor';
  directory: string;
  /** Shown in the header. */
  traceName: string;
  policies: PolicyOptions;
  /** Apply records up to this time only, µs; null: all. */
  untilMicros: number | null;
}

/** Play a trace into a directory. */
export interface ReplayTask {
  role: 'replay';
  trace: string;
  directory: string;
  /** Trace seconds a wall second; Infinity: as fast as can be. */
  speed: number;
}

/** To the worker. */
export type ToWorker = { type: 'request'; request: ViewRequest } | { type: 'close' };

/** From the worker. `ended`: a replay is complete. */
export type FromWorker =
  { type: 'snapshot'; snapshot: Snapshot } | { type: 'failure'; line: string } | { type: 'ended' };
