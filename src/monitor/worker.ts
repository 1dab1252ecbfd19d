/**
 * Entry of the worker thread: everything left of "views" in the data flow, so that the screen's thread only draws.
 * The only file outside `cli/` that reads `process`: a worker has no command line to be handed things by.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { DirectoryTail } from '../source/directory.js';
import { openTrace } from '../source/trace-files.js';
import { finishedSource } from './finished-source.js';
import { LiveMonitor, type LiveSource, type ProcessCost } from './live-monitor.js';
import type { FromWorker, MonitorTask, ToWorker } from './messages.js';
import { Monitor } from './monitor.js';

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
  post({ type: 'failure', line: error instanceof Error ? error.message : String(error) });
}

function runMonitor(task: MonitorTask): void {
  const monitor = new Monitor(task.policies);
  const { isFinished } = task;
  let source: LiveSource;
  let tail: DirectoryTail | null = null;
  if (isFinished) source = finishedSource(openTrace(task.trace, task.untilMicros));
  else source = tail = new DirectoryTail(task.trace, { now: () => cost.now() });
  const live = new LiveMonitor(monitor, source, cost, { name: task.traceName, isFinished }, (snapshot) =>
    post({ type: 'snapshot', snapshot }),
  );
  port?.on('message', (message: ToWorker) => {
    if (message.type === 'request') live.request(message.request);
    else {
      live.close();
      void tail?.close().then(() => port.close());
    }
  });
  tail?.start(() => live.wake());
  live.wake();
}

// A bug in here is one line for the screen's thread, which gives the terminal back first.
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

runMonitor(workerData as MonitorTask);
