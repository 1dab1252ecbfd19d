/**
 * `sharetop record -o DIR`: records the memory of running guests and processes of this machine until it is stopped.
 *
 * It goes on when its terminal is closed: SIGHUP ends nothing, and messages that nobody can read are dropped.
 */
import { hostname, release } from 'node:os';
import { errorCode } from '../base/system-problem.js';
import { printable } from '../base/printable.js';
import { PAGE_BYTES } from '../base/units.js';
import { openDomainScan, type ScanOptions } from '../collect/processes/domain-scan.js';
import { type HashPool, openHashPool } from '../collect/processes/hash-pool.js';
import { hasSoftDirty } from '../collect/processes/soft-dirty.js';
import { ProcessList } from '../collect/recorder/process-list.js';
import { Recorder } from '../collect/recorder/recorder.js';
import { openHostCounters } from '../collect/host-counters/host-counters.js';
import type { RecorderHost, RecorderOptions, RecordingEnd } from '../collect/recorder/recorder-host.js';
import { cgroupDirectory, pidProblem, type TargetChoice, TargetFinder } from '../collect/recorder/targets.js';
import { pathKind } from '../source/path-kind.js';
import type { CommandIo } from './command-io.js';
import { EXIT } from './exit-codes.js';
import { labelFileRecords } from './label-reference.js';
import { bytesText, passLine } from './record-lines.js';
import { openDirectory, type OpenOutput, openPipe } from './record-output.js';
import { startPauser } from './record-pauser.js';
import { isXenControl, runXl } from './run-xl.js';
import { beNice, cpuMicros, sleep, steadyClock, surviveTerminal } from './record-process.js';

/** What to record, and how. */
export interface RecordCommandOptions {
  readonly choice: TargetChoice;
  /** A directory; null: the standard output. */
  readonly output: string | null;
  /** Trust group by name, key or pid. */
  readonly groups: ReadonlyMap<string, string>;
  readonly hostName: string | undefined;
  /** Label files of what the guests run, apart by commas. */
  readonly labels: string | undefined;
  /** Bytes a second; Infinity: no limit. */
  readonly rate: number;
  /** Share of one core; Infinity: no limit. */
  readonly duty: number;
  readonly nice: number;
  readonly intervalSeconds: number;
  /** Infinity: until it is stopped; the same for `forSeconds`. */
  readonly passes: number;
  readonly forSeconds: number;
  /** Stop each process for its pass. */
  readonly consistent: boolean;
  /** With `consistent`: read only what was written since the last pass. */
  readonly softDirty: boolean;
  readonly quiet: boolean;
  /** Part of `--live`: end with the process that shows the screen. */
  readonly endsWithParent: boolean;
}

/** It cannot record: one line. Exit code 1. */
export class RecordError extends Error {
  override name = 'RecordError';
}

/** A request to end, by a signal. */
interface Stop {
  readonly signal: AbortSignal;
  readonly exitCode: number;
}

const NO_SOFT_DIRTY = '--soft-dirty: this kernel has no such bits (CONFIG_MEM_SOFT_DIRTY); each pass reads everything';

const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const;

/** Returns the exit code. Throws RecordError, OutputError, and TraceError for what an earlier recorder left. */
export async function recordCommand(given: RecordCommandOptions, io: CommandIo): Promise<number> {
  surviveTerminal();
  const processes = new ProcessList();
  const finder = findTargets(given.choice, processes);
  const labels = labelFileRecords(given.output, given.labels);
  const output = given.output === null ? openPipe(process.stdout) : openDirectory(given.output);
  const stop = watchSignals(given.endsWithParent);
  // Before the nice value: who lets guests go must not wait for a core.
  const pauser = given.consistent ? startPauser(() => io.now()) : null;
  let pool: HashPool | undefined;
  try {
    pool = await openHashPool({ threads: 1, workerUrl: new URL('./hash-worker.js', import.meta.url) });
    beNice(given.nice);
    const softDirty = given.softDirty && hasSoftDirty();
    const host = { ...hostOf(finder, { pool, softDirty }, output.timeMicros), pauser };
    const options = { ...optionsOf(given, processes), waits: finder.mayCome, before: output.before };
    const voice = {
      notice: (line: string) => io.stderr.write(`sharetop: record: ${printable(line, 2000)}\n`),
      passed: (report: Parameters<typeof passLine>[0]) => {
        if (!given.quiet) io.stderr.write(`${passLine(report)}\n`);
      },
    };
    const recorder = new Recorder(host, output, options, voice, waitedFor(finder, processes));
    watchMarks(recorder);
    if (given.softDirty && !softDirty) voice.notice(NO_SOFT_DIRTY);
    output.append(labels);
    const end = await recorder.run(stop.signal);
    output.close();
    if (!given.quiet) io.stderr.write(`${endLine(given, output)}\n`);
    return exitCodeOf(end, stop);
  } catch (error) {
    closeQuietly(output);
    throw error;
  } finally {
    pauser?.close();
    await pool?.close();
  }
}

function findTargets(choice: TargetChoice, processes: ProcessList): TargetFinder {
  if (process.platform !== 'linux') {
    throw new RecordError('record: guests are read through /proc of Linux; elsewhere import dumps of them');
  }
  for (const pid of choice.pids) {
    const problem = pidProblem(processes, pid, exists);
    if (problem !== null) throw new RecordError(`record: ${problem}`);
  }
  for (const path of choice.cgroups) {
    const directory = cgroupDirectory(path);
    if (pathKind(directory) === 'directory') continue;
    throw new RecordError(`record: there is no control group ${directory}`);
  }
  return new TargetFinder(choice, processes, process.pid);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

function waitedFor(finder: TargetFinder, processes: ProcessList): string {
  if (process.getuid?.() === 0 || !processes.hidesOthers) return finder.description;
  return `${finder.description} (those of others are hidden: /proc is mounted with hidepid; run as root)`;
}

function hostOf(finder: TargetFinder, options: ScanOptions, leastMicros: number): Omit<RecorderHost, 'pauser'> {
  return {
    nowMicros: steadyClock(leastMicros),
    cpuMicros,
    sleep,
    find: () => finder.find(),
    open: (target) => openDomainScan(target, options),
    counters: openHostCounters({ runXl: isXenControl() ? runXl : null }),
  };
}

function optionsOf(given: RecordCommandOptions, processes: ProcessList): Omit<RecorderOptions, 'waits' | 'before'> {
  return {
    hostName: given.hostName ?? hostname(),
    hypervisor: `Linux ${release()}`,
    hostFrames: Math.floor(processes.memoryBytes / PAGE_BYTES),
    groups: given.groups,
    limits: { bytesPerSecond: given.rate, duty: given.duty },
    intervalMicros: given.intervalSeconds * 1e6,
    passes: given.passes,
    forMicros: given.forSeconds * 1e6,
  };
}

/** The first signal ends the recording, a second one the process: what is held the watchdog lets go. */
function watchSignals(endsWithParent: boolean): Stop {
  const abort = new AbortController();
  let exitCode: number = EXIT.fine;
  const end = (code: number): void => {
    if (abort.signal.aborted) process.exit(code);
    exitCode = code;
    abort.abort();
  };
  for (const [signal, code] of SIGNALS) process.on(signal, () => end(code));
  if (endsWithParent) process.once('disconnect', () => end(EXIT.fine));
  return {
    signal: abort.signal,
    get exitCode() {
      return exitCode;
    },
  };
}

/** `kill -USR2` sets a mark on the time line: an experiment's script has nothing else to do. */
function watchMarks(recorder: Recorder): void {
  let marks = 0;
  process.on('SIGUSR2', () => recorder.mark(`mark ${++marks}`));
}

function endLine(given: RecordCommandOptions, output: OpenOutput): string {
  return `${printable(given.output ?? 'standard output')}: ${bytesText(output.bytesWritten)} written`;
}

function exitCodeOf(end: RecordingEnd, stop: Stop): number {
  if (end === 'none-readable') return EXIT.failure;
  return end === 'stopped' ? stop.exitCode : EXIT.fine;
}

/** The error that led here is the one to report. */
function closeQuietly(output: OpenOutput): void {
  try {
    output.close();
  } catch {
    // What was written whole is a trace.
  }
}
