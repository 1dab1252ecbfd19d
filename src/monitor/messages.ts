import type { Snapshot, ViewRequest } from '../figures/snapshot.js';
import type { PolicyOptions } from './policy-set.js';

/** What the worker is started with: follow a trace directory and answer requests. */
export interface MonitorTask {
  directory: string;
  /** Shown in the header. */
  traceName: string;
  policies: PolicyOptions;
  /** Apply records up to this time only, µs; null: all. */
  untilMicros: number | null;
}

/** To the worker. */
export type ToWorker = { type: 'request'; request: ViewRequest } | { type: 'close' };

/** From the worker. After a failure there are no more answers. */
export type FromWorker = { type: 'snapshot'; snapshot: Snapshot } | { type: 'failure'; line: string };
