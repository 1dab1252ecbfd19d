/** Reads a trace to its end, or to a time, for the commands that print once. */
import type { Readable } from 'node:stream';
import { printable } from '../base/printable.js';
import { groupsNotice } from '../monitor/groups-notice.js';
import { traceDirectory } from '../monitor/label-files.js';
import { memoryNotice } from '../monitor/memory-notice.js';
import { Monitor } from '../monitor/monitor.js';
import { loadOwnPolicies } from '../monitor/own-policy-file.js';
import type { PolicyOptions } from '../monitor/policy-registry.js';
import type { RangeTaker } from '../source/record-source.js';
import { StdinSource } from '../source/stdin-source.js';
import { ThinnedScans } from '../source/thinned-scans.js';
import { type FinishedTrace, openTrace } from '../source/trace-files.js';
import type { StreamForm } from '../trace/stream-form.js';
import type { CommandIo } from './command-io.js';
import { EXIT } from './exit-codes.js';
import { tellSource } from './source-lines.js';

/** What to read, and how. */
export interface ReadOptions {
  /** A trace directory, one segment or NDJSON file, or the standard input. */
  trace: string | GivenStdin;
  policies: PolicyOptions;
  /** Only records with a time up to this, µs; null: all. */
  untilMicros: number | null;
  /** Let the scanners go over the memory as it is at the end until a pass finds nothing new. */
  settle: boolean;
  /** Know the price of isolation when the trace has several trust groups, also if it must be read again for that. */
  pricesGroups: boolean;
  /** Keep every k-th scan of each domain only (source/thinned-scans.ts); left out: all. */
  every?: number;
}

/** The standard input as a trace. */
export interface GivenStdin {
  input: Readable;
  /** What its bytes are; undefined: as the first ones say. */
  form: StreamForm | undefined;
}

/** A trace that was read. */
export interface ReadTrace {
  monitor: Monitor;
  streams: number;
  /** As in ReportFigures. */
  settled: string[] | null;
}

/** Where the records came from, when all were handed over; null: it was stopped. */
type Finished = FinishedTrace | StdinSource | null;

/**
 * Hands all records over, up to `untilMicros`. A file is given up when `take` refuses a block, which is the last that
 * it gets. Throws TraceError if the trace is missing or unreadable.
 */
async function pullAll(options: ReadOptions, io: CommandIo, take: RangeTaker): Promise<Finished> {
  const untilMicros = options.untilMicros ?? Number.POSITIVE_INFINITY;
  if (typeof options.trace === 'string') {
    const trace = openTrace(options.trace, untilMicros);
    if (!trace.pull(take)) return trace;
    trace.close();
    return null;
  }
  const { input, form } = options.trace;
  const stdin = new StdinSource(input, { now: () => io.now(), untilMicros, form });
  try {
    for (;;) {
      while (stdin.pull(take));
      if (stdin.ended) return stdin;
      await stdin.wait();
    }
  } finally {
    stdin.close();
  }
}

interface Pulled {
  monitor: Monitor;
  source: FinishedTrace | StdinSource;
}

/**
 * Reads all of it into a monitor. Whether there are several trust groups is known only on the way, mostly from the
 * first records: a file is then begun again with what the price of isolation takes.
 */
async function pullIntoMonitor(options: ReadOptions, io: CommandIo): Promise<Pulled> {
  const { policies, pricesGroups, trace } = options;
  const own = await loadOwnPolicies(policies.own ?? []);
  const isPriced = policies.price === true || (pricesGroups && policies.groups !== undefined);
  const mayBeginAgain = pricesGroups && !isPriced && typeof trace === 'string';
  const monitor = new Monitor({ ...policies, price: isPriced, directory: traceDirectory(trace) }, undefined, own);
  const take: RangeTaker = (stream, range) => {
    monitor.apply(stream, range);
    return !(mayBeginAgain && monitor.engine.lives.hasSeveralGroups);
  };
  const thinned = new ThinnedScans(options.every ?? 1, take, monitor.engine);
  monitor.engine.budget.watch(thinned);
  const source = await pullAll(options, io, thinned.take);
  thinned.finish();
  if (source !== null) return { monitor, source };
  return pullIntoMonitor({ ...options, policies: { ...policies, price: true } }, io);
}

/** Reads the whole trace. Damage is counted and told on stderr. Throws TraceError if it is missing or unreadable. */
export async function readTrace(options: ReadOptions, io: CommandIo): Promise<ReadTrace> {
  const { monitor, source } = await pullIntoMonitor(options, io);
  monitor.settle(Number.POSITIVE_INFINITY);
  monitor.times?.finish();
  const settled = options.settle ? converge(monitor) : null;
  // A policy that cannot answer is to be told with the others, below.
  for (const { policy } of monitor.policies.slots) policy.figures();
  monitor.engine.gaps.damagedBlocks = source.damagedBlocks;
  monitor.engine.gaps.missing = source.gaps;
  tellSource(source, io);
  const full = memoryNotice(monitor);
  if (full !== '') io.stderr.write(`sharetop: ${full}\n`);
  const unseen = groupsNotice(monitor);
  if (unseen !== '') io.stderr.write(`sharetop: ${printable(unseen, 2000)}\n`);
  const { labelNotice } = monitor;
  if (labelNotice !== '') io.stderr.write(`sharetop: ${printable(labelNotice, 2000)}\n`);
  if (monitor.policies.notice !== '') io.stderr.write(`sharetop: ${printable(monitor.policies.notice)}\n`);
  return { monitor, streams: source.streamNames.length, settled };
}

/** The names of the scanners that found nothing new in their last pass. */
function converge(monitor: Monitor): string[] {
  while (monitor.policies.converge());
  monitor.settle(Number.POSITIVE_INFINITY);
  return monitor.policies.scanners;
}

/** The exit code of a command that printed these figures. */
export function exitCodeOf(monitor: Monitor): number {
  if (monitor.policies.notice !== '') return EXIT.failure;
  const { damagedBlocks, unmodelled } = monitor.engine.gaps;
  return damagedBlocks > 0 || unmodelled > 0 ? EXIT.damaged : EXIT.fine;
}
