/** The live view: a worker that follows the trace, and the screen. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { MonitorTask } from '../monitor/messages.js';
import type { PolicyOptions } from '../monitor/policy-set.js';
import { WorkerFeed } from '../monitor/worker-feed.js';
import { plainText } from '../views/line.js';
import { EXIT } from './exit-codes.js';
import type { ReplayTask } from './replay-worker.js';
import { watchSignals } from './signals.js';
import { processTerminal } from './process-terminal.js';

/** What to show, and how. */
export interface LiveOptions {
  /** A trace directory, or one segment or NDJSON file. */
  trace: string;
  traceName?: string;
  policies: PolicyOptions;
  untilMicros: number | null;
  unicode: boolean;
  colourLevel: 0 | 16;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function startMonitor(task: MonitorTask): Worker {
  return new Worker(new URL('./worker.js', import.meta.url), { workerData: task });
}

function startReplay(task: ReplayTask): Worker {
  return new Worker(new URL('./replay-worker.js', import.meta.url), { workerData: task });
}

/** Follows a trace on the terminal until the user quits. Resolves to the exit code. */
export async function liveCommand(options: LiveOptions): Promise<number> {
  const { runApp } = await import('../ui/run-app.js');
  const feed = new WorkerFeed(
    startMonitor({
      trace: resolve(options.trace),
      traceName: options.traceName ?? basename(resolve(options.trace)),
      policies: options.policies,
      // A time to stop at, or one file: nothing to follow.
      isFinished: options.untilMicros !== null || isFile(options.trace),
      untilMicros: options.untilMicros ?? Number.POSITIVE_INFINITY,
    }),
  );
  const app = runApp({
    feed,
    terminal: processTerminal(),
    unicode: options.unicode,
    colourLevel: options.colourLevel,
    initial: { source: options.trace, policy: options.policies.names[0] },
  });
  const signals = watchSignals(app);
  try {
    const result = await app.finished;
    if (result.reason === 'failed') process.stderr.write(`sharetop: ${result.line}\n`);
    if (result.keepsLastFrame) {
      process.stdout.write(`${result.lastFrame.map((line) => plainText(line).trimEnd()).join('\n')}\n`);
    }
    if (result.reason === 'failed') return EXIT.failure;
    // The terminal is gone: as if SIGHUP had come, which may be on its way.
    if (result.reason === 'gone') return 129;
    return signals.exitCode ?? EXIT.fine;
  } finally {
    signals.stop();
    await feed.close();
  }
}

/** Plays a recording into a directory of its own and watches it there. Resolves to the exit code. */
export async function demoCommand(
  options: Omit<LiveOptions, 'trace' | 'untilMicros'> & { recording: string; speed: number },
): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'sharetop-demo-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  // Also when a signal ends the process.
  process.once('exit', remove);
  const trace = join(directory, 'trace');
  const player = startReplay({ trace: options.recording, directory: trace, speed: options.speed });
  let problem = '';
  player.on('message', (line: string) => {
    problem = line;
  });
  player.on('error', (error) => {
    problem = error.message;
  });
  try {
    return await liveCommand({
      ...options,
      trace,
      traceName: options.traceName ?? `demo: ${basename(options.recording)}`,
      untilMicros: null,
    });
  } finally {
    await player.terminate();
    remove();
    if (problem !== '') process.stderr.write(`sharetop: demo: ${problem}\n`);
  }
}
