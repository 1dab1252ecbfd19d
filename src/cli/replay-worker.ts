/** Entry of the thread that plays the demo's recording: at full speed it must not hold up the screen. */
import { parentPort, workerData } from 'node:worker_threads';
import { replayTrace } from '../source/replay.js';
import { TraceError } from '../trace/trace-error.js';

/** What the thread is started with. */
export interface ReplayTask {
  /** The trace to play. */
  trace: string;
  /** The directory to write to; made if it is not there. */
  directory: string;
  /** Trace seconds a wall second; Infinity: as fast as can be. */
  speed: number;
}

/** The only message of the thread: why the replay ended early, in one line. */
export interface ReplayFailure {
  line: string;
  /** The trace is at fault, not the place to write to. */
  isTraceError: boolean;
}

function fail(failure: ReplayFailure): void {
  parentPort?.postMessage(failure);
}

const task = workerData as ReplayTask;
try {
  const { bytesWritten, damage } = await replayTrace(task.trace, task.directory, { speed: task.speed });
  if (bytesWritten === 0) {
    const [first] = damage;
    const problem = first === undefined ? 'no record' : `no record, ${first.place}: ${first.problem}`;
    fail({ line: `${task.trace}: ${problem}`, isTraceError: true });
  }
} catch (error) {
  fail({ line: error instanceof Error ? error.message : String(error), isTraceError: error instanceof TraceError });
}
