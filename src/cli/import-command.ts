/**
 * `sharetop import FILE… -o DIR`: recordings of guests (page-hash series, block traces) become one trace.
 * The segments are appended as the files are read, so what is there after a kill at any moment is a readable trace.
 */
import { basename, resolve } from 'node:path';
import { printable } from '../base/printable.js';
import { parseDecimalSeconds } from '../collect/decimal-seconds.js';
import { importRecordings, type ImportProgress } from '../collect/import.js';
import type { ImportOptions } from '../collect/import-plan.js';
import { makeTraceDirectory, SegmentFiles } from '../source/segment-files.js';
import { TraceError } from '../trace/trace-error.js';
import { SegmentWriter } from '../trace/segment-writer.js';
import type { CommandIo } from './command-io.js';
import { parseDomid, parseFrames, parsePairs } from './option-values.js';
import { ProgressLine } from './progress-line.js';
import { UsageError } from './usage-error.js';

/** The options as given; each list may be empty. */
export interface ImportCommandOptions {
  readonly files: readonly string[];
  /** The directory of the trace: a new or an empty one. */
  readonly output: string;
  /** GUEST=IMAGE[,…]: read-only base images. */
  readonly image: readonly string[];
  /** GUEST=DOMID[,…] */
  readonly domid: readonly string[];
  /** GUEST=GROUP[,…] */
  readonly group: readonly string[];
  /** FILE=SECONDS, added to the times of the file. */
  readonly offset: readonly string[];
  /** E.g. 2G, or frames. */
  readonly hostMemory?: string | undefined;
  /** Name of the host; default: the name of the output directory. */
  readonly host?: string | undefined;
  readonly hypervisor?: string | undefined;
  /** The file of extra frames. */
  readonly ksmExtra?: string | undefined;
}

const STREAM = 'import';

/** Throws UsageError for the command line, TraceError for the files, OutputError for the output. */
export async function importCommand(given: ImportCommandOptions, io: CommandIo): Promise<void> {
  const options = readOptions(given);
  makeTraceDirectory(given.output);
  const writer = new SegmentWriter(STREAM, new SegmentFiles(given.output));
  const progress = new ProgressLine(io);
  let done: ImportProgress;
  try {
    done = await importRecordings(
      options,
      (records) => writer.append(records),
      (now) => progress.update(() => `import ${describe(now, progress.seconds)}`),
    );
  } catch (error) {
    progress.end();
    writer.close();
    throw isOfOption(error, given.files) ? new UsageError(`import: ${error.message}`) : error;
  }
  writer.close();
  progress.end();
  const { records, domains, snapshots, requests } = done;
  const what = `${records} records, ${domains} domains, ${snapshots} snapshots, ${requests} requests`;
  io.stderr.write(`${printable(given.output)}: ${what}, ${writer.bytesWritten} bytes\n`);
}

/** An option that does not fit the files is a wrong command line, though only the files show it. */
function isOfOption(error: unknown, files: readonly string[]): error is TraceError {
  return error instanceof TraceError && error.source.startsWith('--') && !files.includes(error.source);
}

function describe(now: ImportProgress, seconds: number): string {
  const percent = now.bytesTotal === 0 ? 100 : Math.floor((100 * now.bytesRead) / now.bytesTotal);
  const rate = Math.round(now.records / seconds);
  return `${percent} %, ${now.records} records, ${rate}/s, at ${(now.timeMicros / 1e6).toFixed(1)} s`;
}

function readOptions(given: ImportCommandOptions): ImportOptions {
  if (given.files.length === 0) throw new UsageError('import: name at least one file to import');
  const twice = given.files.find((path, i) => given.files.indexOf(path) !== i);
  if (twice !== undefined) throw new UsageError(`import: ${twice} is named twice`);
  const domids = new Map<string, number>();
  for (const [name, text] of parsePairs('--domid', given.domid)) domids.set(name, parseDomid('--domid', text));
  return {
    files: given.files,
    images: parsePairs('--image', given.image),
    domids,
    groups: parsePairs('--group', given.group),
    offsetsMicros: readOffsets(given),
    hostName: given.host ?? basename(resolve(given.output)),
    hypervisor: given.hypervisor ?? '',
    ...(given.ksmExtra !== undefined && { ksmExtra: given.ksmExtra }),
    hostMemoryFrames: given.hostMemory === undefined ? null : parseFrames('--host-memory', given.hostMemory),
  };
}

/** FILE may hold commas and equal signs: the last `=` counts, and there is one pair an option. */
function readOffsets(given: ImportCommandOptions): Map<string, number> {
  const offsets = new Map<string, number>();
  for (const text of given.offset) {
    const equals = text.lastIndexOf('=');
    const path = text.slice(0, Math.max(0, equals));
    const micros = parseDecimalSeconds(text.slice(equals + 1));
    if (micros === null || equals < 0)
      throw new UsageError(`--offset '${text}': write FILE=SECONDS, e.g. a.blk.csv=-0.5`);
    if (!given.files.includes(path))
      throw new UsageError(`--offset '${text}': ${path} is not among the files to import`);
    offsets.set(path, micros);
  }
  return offsets;
}
