/**
 * `sharetop import FILE… -o DIR`: recordings of guests (page-hash series, block traces) become one trace.
 * The segments are appended as the files are read, so what is there after a kill at any moment is a readable trace.
 */
import { basename, resolve } from 'node:path';
import { printable } from '../base/printable.js';
import { parseDecimalSeconds } from '../collect/decimal-seconds.js';
import { isBlockAction } from '../collect/block-logs/block-log.js';
import type { ImageFileOption } from '../collect/block-logs/image-blocks.js';
import { importRecordings, type ImportProgress, type ImportResult } from '../collect/import.js';
import { type ImportOptions, LOGS_DEFAULT, type LogOptions } from '../collect/import-plan.js';
import { makeTraceDirectory, SegmentFiles } from '../source/segment-files.js';
import { TraceError } from '../trace/trace-error.js';
import { SegmentWriter } from '../trace/segment-writer.js';
import type { CommandIo } from './command-io.js';
import { EXIT } from './exit-codes.js';
import { labelFileRecords } from './label-reference.js';
import { parseDomid, parseFrames, parsePairs } from './option-values.js';
import { progressText } from './progress-bar.js';
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
  /** Raw images of memory, beside `files`. */
  readonly raw?: readonly string[];
  /** FILE=SECONDS: when a dump was made. */
  readonly atTime?: readonly string[];
  /** E.g. 2G, or frames. */
  readonly hostMemory?: string | undefined;
  /** Name of the host; default: the name of the output directory. */
  readonly host?: string | undefined;
  readonly hypervisor?: string | undefined;
  /** IMAGE=FILE: where a read-only image lies. */
  readonly imageFile?: readonly string[];
  /** IMAGE=BYTES: where the disk begins in the file of its image. */
  readonly imageOffset?: readonly string[];
  /** GUEST=KEY[,…] */
  readonly key?: readonly string[];
  /** FILE=GUEST: whose requests the lines of a log are. */
  readonly guest?: readonly string[];
  /** Of blkparse: the action that is taken. */
  readonly action?: string | undefined;
  /** Logs of blkparse are of Xen's dom0. */
  readonly dom0?: boolean;
  /** Label files of the guests' images, apart by commas. */
  readonly labels?: string | undefined;
  /** The file of extra frames. */
  readonly ksmExtra?: string | undefined;
  /** Files of what `xl info` and `xl sharing` printed. */
  readonly xlInfo?: string | undefined;
  readonly xlSharing?: string | undefined;
}

const STREAM = 'import';

/**
 * Throws UsageError for the command line, TraceError for the files, OutputError for the output. Returns the exit code:
 * 4 if lines of a log were damaged.
 */
export async function importCommand(asGiven: ImportCommandOptions, io: CommandIo): Promise<number> {
  const given = { ...asGiven, files: [...asGiven.files, ...(asGiven.raw ?? [])] };
  const options = readOptions(given);
  const labels = labelFileRecords(given.output, given.labels);
  makeTraceDirectory(given.output);
  const writer = new SegmentWriter(STREAM, new SegmentFiles(given.output));
  const progress = new ProgressLine(io);
  let done: ImportResult;
  try {
    writer.append(labels);
    done = await importRecordings(
      options,
      (records) => writer.append(records),
      (now) => progress.update(() => describe(now, progress)),
    );
  } catch (error) {
    progress.end();
    writer.close();
    throw isOfOption(error, given.files) ? new UsageError(`import: ${error.message}`) : error;
  }
  writer.close();
  progress.end();
  for (const note of done.notes) io.stderr.write(`sharetop: ${printable(note, 2000)}\n`);
  const { records, domains, snapshots, dumps, requests } = done;
  const what = `${records} records, ${domains} domains, ${snapshots} snapshots, ${requests} requests`;
  io.stderr.write(
    `${printable(given.output)}: ${what}${dumps > 0 ? `, ${dumps} dumps` : ''}, ${writer.bytesWritten} bytes\n`,
  );
  return done.damagedLines > 0 ? EXIT.damaged : EXIT.fine;
}

/** An option that does not fit the files is a wrong command line, though only the files show it. */
function isOfOption(error: unknown, files: readonly string[]): error is TraceError {
  return error instanceof TraceError && error.source.startsWith('--') && !files.includes(error.source);
}

function describe(now: ImportProgress, progress: ProgressLine): string {
  // Looking through a packed dump is a piece of work of its own.
  progress.phase(now.opens ?? '');
  const bar = progressText(now.bytesRead, now.bytesTotal, progress.phaseSeconds);
  if (now.opens !== undefined) return `looking through ${printable(basename(now.opens), 40)} ${bar}`;
  return `import ${bar}, ${now.records} records, at ${(now.timeMicros / 1e6).toFixed(1)} s`;
}

/** The options for the import itself. Throws UsageError. */
export function readOptions(given: ImportCommandOptions): ImportOptions {
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
    offsetsMicros: readSeconds('--offset', given.offset, given.files, 'a.blk.csv=-0.5'),
    atTimesMicros: readSeconds('--at-time', given.atTime ?? [], given.files, 'web1.1.core=60'),
    rawFiles: new Set(given.raw),
    imageFiles: readImageFiles(given),
    keys: parsePairs('--key', given.key ?? []),
    logs: readLogOptions(given),
    hostName: given.host ?? basename(resolve(given.output)),
    hypervisor: given.hypervisor ?? '',
    ...(given.ksmExtra !== undefined && { ksmExtra: given.ksmExtra }),
    xl: { info: given.xlInfo, sharing: given.xlSharing },
    hostMemoryFrames: given.hostMemory === undefined ? null : parseFrames('--host-memory', given.hostMemory),
  };
}

function readLogOptions(given: ImportCommandOptions): LogOptions {
  const action = given.action ?? LOGS_DEFAULT.action;
  if (!isBlockAction(action)) {
    throw new UsageError(`--action '${action}': a request of blkparse is in its lines Q, G, I, D and C: name one`);
  }
  const guests = new Map<string, string>();
  for (const [path, guest] of filePairs('--guest', given.guest ?? [], given.files, 'FILE=GUEST, e.g. sdb.txt=web1')) {
    guests.set(path, guest);
  }
  return { action, dom0: given.dom0 === true, guests };
}

function readSeconds(
  option: string,
  values: readonly string[],
  files: readonly string[],
  example: string,
): Map<string, number> {
  const times = new Map<string, number>();
  const form = `FILE=SECONDS, e.g. ${example}`;
  for (const [path, text] of filePairs(option, values, files, form)) {
    const micros = parseDecimalSeconds(text);
    if (micros === null) throw new UsageError(`${option} '${path}=${text}': write ${form}`);
    times.set(path, micros);
  }
  return times;
}

function readImageFiles(given: ImportCommandOptions): Map<string, ImageFileOption> {
  const offsets = new Map<string, number>();
  for (const [name, text] of parsePairs('--image-offset', given.imageOffset ?? [])) {
    const bytes = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(bytes % 512 === 0)) {
      throw new UsageError(`--image-offset '${text}': write bytes, a multiple of 512, e.g. debian12=1048576`);
    }
    offsets.set(name, bytes);
  }
  const files = new Map<string, ImageFileOption>();
  // A path may hold commas: one pair an option.
  for (const text of given.imageFile ?? []) {
    const equals = text.indexOf('=');
    const [name, path] = [text.slice(0, Math.max(0, equals)), text.slice(equals + 1)];
    const problem = 'write IMAGE=FILE, e.g. debian12=base.raw';
    if (name === '' || path === '') throw new UsageError(`--image-file '${text}': ${problem}`);
    if (files.has(name)) throw new UsageError(`--image-file: ${name} is given twice`);
    files.set(name, { path, offsetBytes: offsets.get(name) ?? 0 });
  }
  const unknown = [...offsets.keys()].find((name) => !files.has(name));
  if (unknown !== undefined) throw new UsageError(`--image-offset ${unknown}: no --image-file has this name`);
  return files;
}

/** FILE may hold commas and equal signs: the last `=` counts, and there is one pair an option. */
function filePairs(
  option: string,
  values: readonly string[],
  files: readonly string[],
  form: string,
): [path: string, value: string][] {
  return values.map((text) => {
    const equals = text.lastIndexOf('=');
    const path = text.slice(0, Math.max(0, equals));
    const value = text.slice(equals + 1);
    if (equals < 0 || value === '') throw new UsageError(`${option} '${text}': write ${form}`);
    if (!files.includes(path)) throw new UsageError(`${option} '${text}': ${path} is not among the files to import`);
    return [path, value];
  });
}
