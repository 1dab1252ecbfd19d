import type { Snapshot, ViewRequest } from '../figures/snapshot.js';
import type { StreamForm } from '../trace/stream-form.js';
import type { PolicyOptions } from './policy-registry.js';

/** What the worker is started with: follow a trace directory and answer requests. */
export interface MonitorTask {
  /** The directory to follow; a file too if `isFinished`. Null: the thread's standard input. */
  trace: string | null;
  /** Of the standard input: what its bytes are; undefined: as the first ones say. */
  form?: StreamForm | undefined;
  /** Shown in the header. */
  traceName: string;
  policies: PolicyOptions;
  /** Read it to its end once, rather than follow it. */
  isFinished: boolean;
  /** Of a finished trace and of the standard input: only records up to this time, µs; Infinity: all. */
  untilMicros: number;
}

/** To the worker. */
export type ToWorker = { type: 'request'; request: ViewRequest } | { type: 'close' };

/** From the worker. After a failure there are no more answers. */
export type FromWorker =
  { type: 'snapshot'; snapshot: Snapshot } | { type: 'failure'; line: string; isTraceError: boolean };
