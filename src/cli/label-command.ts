/** `sharetop label ROOT -o FILE`: which file each page of an image is of, written into a label file. */
import { existsSync, lstatSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, resolve } from 'node:path';
import { printable } from '../base/printable.js';
import { systemProblem } from '../base/system-problem.js';
import { HashThreads } from '../collect/labels/hash-threads.js';
import { type LabelledRoot, labelRoot } from '../collect/labels/label-root.js';
import { OutputTaken } from '../source/output-error.js';
import { OutputFiles } from '../source/output-files.js';
import { openTrace } from '../source/trace-files.js';
import { TraceError } from '../trace/trace-error.js';
import { writeLabelFile } from '../trace/label-file.js';
import { abortOnSignals } from './abort-on-signals.js';
import type { CommandIo } from './command-io.js';
import { EXIT } from './exit-codes.js';
import { referToLabels } from './label-reference.js';
import { ProgressLine } from './progress-line.js';
import { UsageError } from './usage-error.js';

/** What to label, and how. */
export interface LabelCommandOptions {
  /** A directory. */
  readonly root: string;
  /** The label file, a new one. */
  readonly output: string;
  /** Name of the image; default: the last part of the root's path. */
  readonly image: string | undefined;
  /** `--threads`, as given. */
  readonly threads: string | undefined;
  readonly oneFileSystem: boolean;
  /** A trace directory that is to refer to the file. */
  readonly trace: string | undefined;
}

const THREADS_MAX = 64;
/** Files that cannot be read are told by name up to this many. */
const PROBLEMS_TOLD = 5;

/** Throws UsageError, TraceError for the root, OutputError for the file. Returns the exit code. */
export async function labelCommand(given: LabelCommandOptions, io: CommandIo): Promise<number> {
  const threads = threadsOf(given.threads);
  if (given.image === '') throw new UsageError("--name '': give the image a name");
  if (existsSync(given.output)) throw new OutputTaken(given.output, 'exists already; name a new file');
  if (given.trace !== undefined) openTrace(given.trace, 0).close();
  const problems = new FileProblems(io);
  const ended = abortOnSignals();
  const progress = new ProgressLine(io);
  const output = new OutputFiles(`${process.pid}.partial`);
  try {
    // Made first: an hour of hashing is not for a directory that takes no file.
    const sink = output.create(given.output);
    const image = given.image ?? nameOfRoot(given.root);
    const labelled = await label({ ...given, image }, threads, problems, progress, ended.signal);
    if (labelled === undefined) return ended.exitCode;
    let bytes = 0;
    writeLabelFile(labelled.contents, (piece) => {
      sink.write(piece);
      bytes += piece.length;
    });
    if (given.trace !== undefined) referToLabels(given.trace, given.output, output);
    output.commit();
    progress.end();
    problems.end();
    tell(given.output, labelled, bytes, progress.seconds, io);
    return EXIT.fine;
  } finally {
    progress.end();
    output.discard();
  }
}

async function label(
  given: LabelCommandOptions & { readonly image: string },
  threads: number,
  problems: FileProblems,
  progress: ProgressLine,
  signal: AbortSignal,
): Promise<LabelledRoot | undefined> {
  try {
    if (!statSync(given.root).isDirectory()) throw new TraceError(given.root, '', 'is no directory');
    lstatSync(`${given.root}/.`);
  } catch (error) {
    throw error instanceof TraceError ? error : new TraceError(given.root, '', systemProblem(error));
  }
  const lanes = new HashThreads(threads);
  try {
    return await labelRoot(
      {
        root: given.root,
        image: given.image,
        oneFileSystem: given.oneFileSystem,
        signal,
        onProgress: (files, bytes) => progress.update(() => describe(files, bytes, progress.seconds)),
        tell: (name, problem) => {
          progress.end();
          problems.add(name, problem);
        },
      },
      lanes,
    );
  } finally {
    await lanes.close();
  }
}

function describe(files: number, bytes: number, seconds: number): string {
  const megabytes = bytes / 1e6;
  return `label ${files} files, ${megabytes.toFixed(0)} MB, ${(megabytes / seconds).toFixed(0)} MB/s`;
}

function tell(output: string, labelled: LabelledRoot, bytes: number, seconds: number, io: CommandIo): void {
  const { contents, files, bytesRead, foreign } = labelled;
  for (const place of foreign) io.stderr.write(`${printable(place)}: passed over, no part of the image\n`);
  const packages = contents.packages.length - 1;
  const what = `${contents.count} contents of ${contents.files.length} files in ${packages} packages`;
  const read = `${files} files with ${bytesRead} bytes read at ${(bytesRead / 1e6 / seconds).toFixed(0)} MB/s`;
  io.stderr.write(`${printable(output)}: ${what}, ${bytes} bytes; ${read}\n`);
}

/** Tells the first few problems, and how many there were more. */
class FileProblems {
  #count = 0;

  constructor(readonly io: CommandIo) {}

  /** @param name path in the image, latin-1 */
  add(name: string, problem: string): void {
    this.#count++;
    if (this.#count > PROBLEMS_TOLD) return;
    const text = Buffer.from(name, 'latin1').toString('utf8');
    this.io.stderr.write(`sharetop: ${printable(text)}: ${printable(problem)}; it gets no labels\n`);
  }

  end(): void {
    const untold = this.#count - PROBLEMS_TOLD;
    if (untold > 0) this.io.stderr.write(`sharetop: ${untold} further files could not be read; they get no labels\n`);
  }
}

function threadsOf(text: string | undefined): number {
  if (text === undefined) return Math.min(THREADS_MAX, availableParallelism());
  const threads = Number(text);
  if (/^\d{1,3}$/.test(text) && threads >= 1 && threads <= THREADS_MAX) return threads;
  throw new UsageError(`--threads '${text}': write a number from 1 to ${THREADS_MAX}`);
}

function nameOfRoot(root: string): string {
  const name = basename(resolve(root));
  return name === '' ? '/' : name;
}
