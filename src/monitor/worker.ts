/**
 * Entry of the worker thread: everything left of "views" in the data flow, so that the screen's thread only draws.
 * The only file outside `cli/` that reads `process`: a worker has no command line to be handed things by.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { OwnPolicyModule } from '../policy/own-policy-interface.js';
import { DirectoryTail } from '../source/directory.js';
import { StdinSource } from '../source/stdin-source.js';
import { type FinishedTrace, openTrace } from '../source/trace-files.js';
import { TraceError } from '../trace/trace-error.js';
import { finishedSource } from './finished-source.js';
import { traceDirectory } from './label-files.js';
import { LiveMonitor, type LiveSource, type ProcessCost } from './live-monitor.js';
import type { FromWorker, MonitorTask, ToWorker } from './messages.js';
import { Monitor } from './monitor.js';
import { loadOwnPolicies } from './own-policy-file.js';
import type { OpenAgain } from './trace-again.js';

const port = parentPort;

function post(message: FromWorker): void {
  port?.postMessage(message);
}

const cost: ProcessCost = {
  now: () => performance.now(),
  cpuMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  residentBytes: () => process.memoryUsage.rss(),
};

function fail(error: unknown): void {
  const line = error instanceof Error ? error.message : String(error);
  post({ type: 'failure', line, isTraceError: error instanceof TraceError });
}

/** What the thread works on, and how it is woken and ended. */
interface Followed {
  source: LiveSource;
  /** The same records from the beginning; null where they come only once. */
  openAgain: OpenAgain;
  /** Nothing more will come. */
  isFinished: () => boolean;
  start: (onWake: () => void) => void;
  close: () => Promise<void> | void;
}

function follow(task: MonitorTask): Followed {
  const { trace, untilMicros, form, isFinished } = task;
  const now = (): number => cost.now();
  if (trace === null) {
    const source = new StdinSource(process.stdin, { now, untilMicros, form });
    const start = (onWake: () => void): void => source.start(onWake);
    return { source, openAgain: null, isFinished: () => source.ended, start, close: () => source.close() };
  }
  const openAgain = (): FinishedTrace => openTrace(trace, untilMicros);
  if (isFinished) {
    const finished = openTrace(trace, untilMicros);
    const start = (onWake: () => void): void => onWake();
    const source = finishedSource(finished);
    return { source, openAgain, isFinished: () => true, start, close: () => finished.close() };
  }
  const tail = new DirectoryTail(trace, { now });
  const start = (onWake: () => void): void => tail.start(onWake);
  return { source: tail, openAgain, isFinished: () => false, start, close: () => tail.close() };
}

function runMonitor(task: MonitorTask, own: readonly OwnPolicyModule[]): void {
  const followed = follow(task);
  const streamNames = (): readonly string[] => followed.source.streamNames;
  const policies = { ...task.policies, directory: traceDirectory(task.trace) };
  const monitor = new Monitor(policies, { openAgain: followed.openAgain, streamNames }, own);
  const trace = {
    name: task.traceName,
    get isFinished(): boolean {
      return followed.isFinished();
    },
  };
  const live = new LiveMonitor(monitor, followed.source, cost, trace, (snapshot) =>
    post({ type: 'snapshot', snapshot }),
  );
  port?.on('message', (message: ToWorker) => {
    if (message.type === 'request') live.request(message.request);
    else {
      live.close();
      void Promise.resolve(followed.close()).then(() => port.close());
    }
  });
  followed.start(() => live.wake());
  live.wake();
}

// A bug in here is one line for the screen's thread, which gives the terminal back first.
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

const task = workerData as MonitorTask;
// Messages that come meanwhile wait at the port.
runMonitor(task, task.policies.own === undefined ? [] : await loadOwnPolicies(task.policies.own));
