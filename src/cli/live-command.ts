/** The live view: a worker that follows the trace, and the screen. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { printable } from '../base/printable.js';
import { systemProblem } from '../base/system-problem.js';
import type { MonitorTask } from '../monitor/messages.js';
import { loadOwnPolicies } from '../monitor/own-policy-file.js';
import type { PolicyOptions } from '../monitor/policy-registry.js';
import { WorkerFeed } from '../monitor/worker-feed.js';
import { pathKind } from '../source/path-kind.js';
import { STDIN_NAME, STDIN_PATH } from '../source/stdin-source.js';
import { openTrace } from '../source/trace-files.js';
import type { RunningApp } from '../ui/run-app.js';
import type { ThemeName } from '../ui/theme.js';
import type { Units } from '../views/screen-state.js';
import { EXIT } from './exit-codes.js';
import { JobControl } from './job-control.js';
import { controllingTerminal, processTerminal } from './process-terminal.js';
import type { ReplayFailure, ReplayTask } from './replay-worker.js';
import type { GivenStdin } from './read-trace.js';
import { hangUp, watchSignals } from './signals.js';

/** What to show, and how. */
export interface LiveOptions {
  /** A trace directory, one segment or NDJSON file, or the standard input. */
  trace: string | GivenStdin;
  /** How the header calls it; default: the last part of its path. */
  traceName?: string;
  policies: PolicyOptions;
  untilMicros: number | null;
  unicode: boolean;
  /** Null: no colours. */
  theme: ThemeName | null;
  units: Units;
  /** Between two requests for figures, ms; undefined: the usual. */
  frameMs: number | undefined;
  fastestMs: number | undefined;
  /** Send as little as is of use. */
  isLinkSlow: boolean;
}

/** What a command does around the screen. */
interface LiveHooks {
  /** The screen is there. */
  started: (app: RunningApp) => void;
  /** SIGHUP ends the process on the spot: what must be done before. */
  beforeHangUp: () => void;
}

const NO_HOOKS: LiveHooks = { started: () => undefined, beforeHangUp: () => undefined };

/** The engine's tables are no objects: a small nursery for answers and texts is enough, and spares 20 MB resident. */
const YOUNG_GENERATION_MB = 8;

function startMonitor(task: MonitorTask): Worker {
  return new Worker(new URL('./worker.js', import.meta.url), {
    workerData: task,
    stdin: task.trace === null,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
}

/** What the worker is to follow. Throws TraceError if a finished trace cannot be opened. */
function taskOf({ trace, traceName, policies, untilMicros }: LiveOptions): MonitorTask {
  const limits = { policies, untilMicros: untilMicros ?? Number.POSITIVE_INFINITY };
  if (typeof trace !== 'string') {
    return { trace: null, form: trace.form, traceName: STDIN_NAME, isFinished: false, ...limits };
  }
  // A time to stop at, or one file: nothing to follow.
  const isFinished = untilMicros !== null || pathKind(trace) === 'file';
  // That it cannot be read is better told now than by a screen that comes and goes.
  if (isFinished) openTrace(trace).close();
  const path = resolve(trace);
  return { trace: path, traceName: traceName ?? basename(path), isFinished, ...limits };
}

/**
 * Sends the standard input on to the worker. Its stream takes a chunk when the engine has taken the one before: until
 * then the input is paused, the pipe is full, and the producer waits.
 */
function feedStdin({ input }: GivenStdin, worker: Worker, feed: WorkerFeed): void {
  input.on('error', (error) => feed.failTrace(`${STDIN_NAME}: ${systemProblem(error)}`));
  // The worker was ended: nobody is left to take what comes.
  worker.stdin?.on('error', () => input.destroy());
  if (worker.stdin !== null) input.pipe(worker.stdin);
}

function startReplay(task: ReplayTask): Worker {
  return new Worker(new URL('./replay-worker.js', import.meta.url), { workerData: task });
}

function say(line: string): void {
  process.stderr.write(`sharetop: ${printable(line, 2000)}\n`);
}

/**
 * Follows a trace on the terminal until the user quits. Resolves to the exit code. Throws TraceError if a finished
 * trace cannot be opened; a directory to follow may be missing yet.
 */
export async function liveCommand(options: LiveOptions, hooks: LiveHooks = NO_HOOKS): Promise<number> {
  const { trace } = options;
  const stdin = typeof trace === 'string' ? null : trace;
  const task = taskOf(options);
  // Loaded once more by the worker: that a policy is none is better told now than by a screen that comes and goes.
  await loadOwnPolicies(options.policies.own ?? []);
  const { runApp } = await import('../ui/run-app.js');
  const jobs = new JobControl();
  const terminal = stdin === null ? processTerminal(jobs) : controllingTerminal(jobs);
  const worker = startMonitor(task);
  const feed = new WorkerFeed(worker);
  if (stdin !== null) feedStdin(stdin, worker, feed);
  const app = runApp({
    feed,
    terminal,
    unicode: options.unicode,
    initial: {
      source: typeof trace === 'string' ? trace : STDIN_PATH,
      policy: options.policies.names[0],
      theme: options.theme,
      units: options.units,
      ...(options.frameMs !== undefined && { frameMs: options.frameMs }),
      ...(options.fastestMs !== undefined && { fastestMs: options.fastestMs }),
    },
    isLinkSlow: options.isLinkSlow,
  });
  const signals = watchSignals(app, terminal, hooks.beforeHangUp);
  jobs.watch(app);
  hooks.started(app);
  try {
    const result = await app.finished;
    if (result.reason === 'failed') say(result.line);
    if (result.reason === 'failed') return feed.isTraceFailure ? EXIT.trace : EXIT.failure;
    // As if SIGHUP had come, which may be on its way.
    if (result.reason === 'gone') hangUp(hooks.beforeHangUp);
    return signals.exitCode ?? EXIT.fine;
  } finally {
    signals.stop();
    jobs.stop();
    stdin?.input.destroy();
    if (stdin !== null) terminal.input.destroy();
    await feed.close();
  }
}

/** Plays a recording into a directory of its own and watches it there. Resolves to the exit code. */
export async function demoCommand(
  options: Omit<LiveOptions, 'trace' | 'untilMicros'> & { recording: string; speed: number },
): Promise<number> {
  // Loaded before there is anything to clean up: until the screen is there a signal ends the process on the spot.
  await import('../ui/run-app.js');
  const directory = mkdtempSync(join(tmpdir(), 'sharetop-demo-'));
  // The player may be writing: what came in between is removed at the next try.
  const remove = (): void => rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 10 });
  // Also when a command further out ends the process.
  process.once('exit', remove);
  const trace = join(directory, 'trace');
  const player = startReplay({ trace: options.recording, directory: trace, speed: options.speed });
  const watched = watchPlayer(player);
  try {
    const exitCode = await liveCommand(
      { ...options, trace, traceName: options.traceName ?? `demo: ${basename(options.recording)}`, untilMicros: null },
      { started: (app) => watched.stopsOnFailure(app), beforeHangUp: remove },
    );
    if (watched.failure === null) return exitCode;
    say(`demo: ${watched.failure.line}`);
    return watched.failure.isTraceError ? EXIT.trace : EXIT.failure;
  } finally {
    await player.terminate();
    remove();
    process.removeListener('exit', remove);
  }
}

/** Without its player the demo would wait for records for ever. */
function watchPlayer(player: Worker): { failure: ReplayFailure | null; stopsOnFailure: (app: RunningApp) => void } {
  let app: RunningApp | null = null;
  const watched = {
    failure: null as ReplayFailure | null,
    stopsOnFailure: (started: RunningApp): void => {
      app = started;
    },
  };
  const fail = (failure: ReplayFailure): void => {
    watched.failure = failure;
    app?.stop();
  };
  // A worker's messages come in turns of the event loop, so never before the screen is there.
  player.on('message', fail);
  player.on('error', (error) => fail({ line: error.message, isTraceError: false }));
  return watched;
}
