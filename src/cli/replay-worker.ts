/** Entry of the thread that plays the demo's recording: at full speed it must not hold up the screen. */
import { parentPort, workerData } from 'node:worker_threads';
import { replayTrace } from '../source/replay.js';

/** What the thread is started with. */
export interface ReplayTask {
  /** The trace to play. */
  trace: string;
  /** The directory to write to; made if it is not there. */
  directory: string;
  /** Trace seconds a wall second; Infinity: as fast as can be. */
  speed: number;
}

const task = workerData as ReplayTask;
try {
  await replayTrace(task.trace, task.directory, { speed: task.speed });
} catch (error) {
  // One line for the user, once the screen is gone.
  parentPort?.postMessage(error instanceof Error ? error.message : String(error));
}
