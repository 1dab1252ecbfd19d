/** `sharetop convert INPUT -o OUTPUT`: binary ↔ NDJSON. */
import type { Writable } from 'node:stream';
import { printable } from '../base/printable.js';
import {
  type BytePipe,
  type ConvertOutput,
  convertTrace,
  type ConvertResult,
  FormNeeded,
  outputInTheWay,
} from '../source/convert.js';
import { pathKind } from '../source/path-kind.js';
import { STDIN_PATH, StdinSource } from '../source/stdin-source.js';
import type { StreamForm } from '../trace/stream-form.js';
import { abortOnSignals } from './abort-on-signals.js';
import type { CommandIo } from './command-io.js';
import { EXIT } from './exit-codes.js';
import { ProgressLine } from './progress-line.js';
import type { GivenStdin } from './read-trace.js';
import { tellSource } from './source-lines.js';
import { UsageError } from './usage-error.js';

/** What to convert, and into what. */
export interface ConvertCommandOptions {
  readonly trace: string | GivenStdin;
  /** A directory, a file that ends in `.ndjson` or `.pgt`, or `-`. */
  readonly output: string;
  /** `--to`, as given. */
  readonly to: string | undefined;
}

const OTHER_ENDING = /\.(json|jsonl|txt|csv|gz|xz|zst)$/i;

/** Throws UsageError for the command line, TraceError for the trace, OutputError. Returns the exit code. */
export async function convertCommand(given: ConvertCommandOptions, io: CommandIo): Promise<number> {
  const to = formOf(given.to);
  const output = outputOf(given.output, to, process.stdout);
  const inTheWay = outputInTheWay(output);
  if (inTheWay !== null) throw new UsageError(`convert: ${inTheWay}`);
  if (output.kind === 'pipe' && io.stdout.isTTY && to !== 'ndjson') {
    throw new UsageError('convert: binary is not for a terminal; --to ndjson, or send the output somewhere');
  }
  const ended = abortOnSignals();
  const progress = new ProgressLine(io);
  const { trace } = given;
  const now = (): number => io.now();
  const input = typeof trace === 'string' ? trace : new StdinSource(trace.input, { now, form: trace.form });
  let result: ConvertResult;
  try {
    result = await convertTrace(input, output, {
      to: output.kind === 'file' ? formOfFile(output.path) : to,
      signal: ended.signal,
      suffix: `${process.pid}.partial`,
      now,
      onProgress: (bytes, micros) => progress.update(() => describe(bytes, micros, progress.seconds)),
    });
  } catch (error) {
    if (!(error instanceof FormNeeded)) throw error;
    throw new UsageError('convert: the trace has streams of both forms: say --to ndjson or --to binary');
  } finally {
    progress.end();
  }
  if (!result.complete) return ended.exitCode;
  tellSource(result, io);
  if (output.kind !== 'pipe') io.stderr.write(`${printable(output.path)}: ${result.bytesWritten} bytes\n`);
  return result.damagedBlocks > 0 ? EXIT.damaged : EXIT.fine;
}

function describe(bytes: number, micros: number, seconds: number): string {
  const mebibytes = bytes / 2 ** 20;
  const rate = (mebibytes / seconds).toFixed(1);
  return `convert ${mebibytes.toFixed(1)} MiB written, ${rate} MiB/s, at ${(micros / 1e6).toFixed(1)} s`;
}

function formOf(to: string | undefined): StreamForm | undefined {
  if (to === undefined || to === 'ndjson' || to === 'binary') return to;
  throw new UsageError(`--to '${to}': write ndjson or binary`);
}

function formOfFile(path: string): StreamForm {
  return path.endsWith('.ndjson') ? 'ndjson' : 'binary';
}

function outputOf(path: string, to: StreamForm | undefined, stdout: Writable): ConvertOutput {
  if (path === '') throw new UsageError("--output '': name a directory, a .ndjson or .pgt file, or -");
  if (path === STDIN_PATH) return { kind: 'pipe', pipe: pipeOf(stdout) };
  const isFile = /[^/]\.(ndjson|pgt)$/.test(path);
  if (!isFile || pathKind(path) === 'directory') {
    if (OTHER_ENDING.test(path)) {
      throw new UsageError(`--output '${path}': a file's name ends in .ndjson or .pgt; a directory's in neither`);
    }
    return { kind: 'directory', path };
  }
  if (to !== undefined && to !== formOfFile(path)) {
    throw new UsageError(`--to ${to} and --output '${path}' contradict each other: a ${formOfFile(path)} file`);
  }
  return { kind: 'file', path };
}

/** Errors of stdout are told where the process is set up: here a pipe is only slow or not. */
function pipeOf(stdout: Writable): BytePipe {
  return {
    write: (bytes) => {
      stdout.write(Uint8Array.from(bytes));
    },
    get isFull() {
      return stdout.writableNeedDrain;
    },
    drained: () => new Promise((resolve) => stdout.once('drain', () => resolve())),
  };
}
