/** Entry of the fuzzer's thread: runs cases and tells what did not hold. Bundled and watched by run.mjs. */
import { parentPort, workerData } from 'node:worker_threads';
import { ARGUMENTS } from './arguments-target.js';
import { DUMPS } from './dumps-target.js';
import { caseRandom, targetOf } from './fuzz-case.js';
import { RECORDINGS } from './import-target.js';
import { SCREENS } from './screen-target.js';
import { NDJSON, SEGMENTS } from './trace-target.js';

const TARGETS = [SEGMENTS, NDJSON, SCREENS, RECORDINGS, ARGUMENTS, DUMPS];

/** What the thread is started with. */
interface Task {
  readonly seed: number;
  /** Cases first, first + step, … below end. */
  readonly first: number;
  readonly step: number;
  readonly end: number;
  /** Only this target; '' for all. */
  readonly target: string;
  /** [0]: the case at work, so that one that hangs is known. */
  readonly progress: Int32Array;
}

async function runCase(seed: number, index: number, only: string): Promise<void> {
  const target = TARGETS.find(({ name }) => name === only) ?? targetOf(TARGETS, index);
  let problems: string[];
  try {
    problems = await target.run(caseRandom(seed, index));
  } catch (error) {
    problems = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
  if (problems.length > 0) parentPort?.postMessage({ index, target: target.name, problems: problems.slice(0, 5) });
}

const { seed, first, step, end, target, progress } = workerData as Task;
for (let index = first; index < end; index += step) {
  Atomics.store(progress, 0, index);
  await runCase(seed, index, target);
  // Messages and timers of the thread get their turn.
  if ((index / step) % 64 < 1) await new Promise((resolve) => setImmediate(resolve));
}
Atomics.store(progress, 0, end);
