/**
 * `sharetop import --follow LOG… -o DIR`: block logs become a trace while they are written, beside a recorder that
 * writes into the same directory. What is there after a kill at any moment is a readable trace.
 */
import { printable } from '../base/printable.js';
import { FollowedLogs } from '../collect/block-logs/followed-logs.js';
import { ImageContents } from '../collect/block-logs/image-blocks.js';
import { makeDirectory } from '../source/make-directory.js';
import { OutputError } from '../source/output-error.js';
import { lastSegmentNumber, SegmentFiles } from '../source/segment-files.js';
import { STDIN_PATH } from '../source/stdin-source.js';
import { TailLog } from '../source/tail-log.js';
import { SegmentWriter } from '../trace/segment-writer.js';
import { TraceError } from '../trace/trace-error.js';
import type { CommandIo } from './command-io.js';
import { EXIT } from './exit-codes.js';
import type { StandardInput } from './given-trace.js';
import { type ImportCommandOptions, readOptions } from './import-command.js';
import { UsageError } from './usage-error.js';

/** Not the name of a recorder's stream: each stream has one writer. */
const STREAM = 'blocks';
/** A line is seen within this and what the reader of the trace takes. */
const POLL_MS = 100;
const BUFFER_BYTES = 256 * 1024;
const SIGNALS: readonly [NodeJS.Signals, number][] = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
];

const nowMicros = (): number => Date.now() * 1000;

/** Runs until SIGINT or SIGTERM, or until the end of the pipe if that is all there is. Returns the exit code. */
export async function followCommand(
  given: ImportCommandOptions,
  io: CommandIo,
  stdin: () => StandardInput,
): Promise<number> {
  const options = readOptions(given);
  if (options.files.includes(STDIN_PATH) && stdin().isTTY) {
    throw new UsageError('import --follow -: the standard input is the terminal; send a log into it');
  }
  const contents = await ImageContents.open(options.imageFiles ?? new Map());
  makeDirectory(given.output, (path, problem) => new OutputError(path, problem));
  const firstSegment = lastSegmentNumber(given.output, STREAM) + 1;
  const writer = new SegmentWriter(STREAM, new SegmentFiles(given.output), { firstSegment });
  const stop = watchStop();
  let code: number = EXIT.fine;
  try {
    const logs = followedLogs(options, contents, writer);
    logs.begin(nowMicros());
    await follow(options.files, logs, writer, stop, stdin);
    logs.end(nowMicros());
    for (const note of logs.notes) io.stderr.write(`sharetop: ${printable(note, 2000)}\n`);
    io.stderr.write(`${printable(given.output)}: ${logs.requests} requests followed\n`);
    code = stop.code ?? (logs.damagedLines > 0 ? EXIT.damaged : EXIT.fine);
  } finally {
    stop.end();
    contents.close();
    writer.close();
  }
  return code;
}

/** An option that does not fit is a wrong command line. */
function followedLogs(
  options: ReturnType<typeof readOptions>,
  contents: ImageContents,
  writer: SegmentWriter,
): FollowedLogs {
  try {
    return new FollowedLogs(options, contents, (records) => writer.append(records));
  } catch (error) {
    if (error instanceof TraceError && error.source.startsWith('--')) throw new UsageError(`import: ${error.message}`);
    throw error;
  }
}

interface Stop {
  code: number | undefined;
  /** Called when a signal comes. */
  wake: () => void;
  end(): void;
}

function watchStop(): Stop {
  const handlers = SIGNALS.map(([signal, code]): [NodeJS.Signals, () => void] => {
    const handler = (): void => {
      stop.code = code;
      stop.wake();
    };
    process.on(signal, handler);
    return [signal, handler];
  });
  const stop: Stop = {
    code: undefined,
    wake: () => undefined,
    end: () => {
      for (const [signal, handler] of handlers) process.removeListener(signal, handler);
    },
  };
  return stop;
}

/** The pipe, a piece at a time: nothing more is read of it while a piece waits to be taken. */
class Pipe {
  hasEnded = false;
  #piece: Uint8Array | undefined;

  constructor(
    readonly input: StandardInput,
    /** A piece waits, or the end. */
    readonly wake: () => void,
  ) {
    input.on('data', (piece: Uint8Array) => {
      this.#piece = piece;
      input.pause();
      wake();
    });
    for (const event of ['end', 'error']) {
      input.on(event, () => {
        this.hasEnded = true;
        wake();
      });
    }
  }

  /** The piece that waits; the next may come. */
  take(): Uint8Array | undefined {
    const piece = this.#piece;
    this.#piece = undefined;
    if (piece !== undefined) this.input.resume();
    return piece;
  }
}

async function follow(
  files: readonly string[],
  logs: FollowedLogs,
  writer: SegmentWriter,
  stop: Stop,
  stdin: () => StandardInput,
): Promise<void> {
  const buffer = new Uint8Array(BUFFER_BYTES);
  const tails = files.flatMap((path, i) => {
    if (path === STDIN_PATH) return [];
    const opened = (bytes: Uint8Array): void => logs.anchor(i, bytes, nowMicros());
    return [
      new TailLog(path, buffer, { opened, take: (bytes) => logs.push(i, bytes), restart: () => logs.restart(i) }),
    ];
  });
  const pipeIndex = files.indexOf(STDIN_PATH);
  const pipe = pipeIndex < 0 ? undefined : new Pipe(stdin(), () => stop.wake());
  try {
    for (;;) {
      let mayHaveMore = false;
      for (const tail of tails) mayHaveMore = tail.poll() || mayHaveMore;
      const piece = pipe?.take();
      if (piece !== undefined) {
        mayHaveMore = true;
        logs.anchor(pipeIndex, piece, nowMicros());
        logs.push(pipeIndex, piece);
      }
      logs.write(nowMicros());
      if (stop.code !== undefined || (tails.length === 0 && piece === undefined && pipe?.hasEnded !== false)) return;
      if (!mayHaveMore) writer.flush();
      await pause(mayHaveMore ? 0 : POLL_MS, stop);
    }
  } finally {
    // A pipe that is still open would keep the process.
    pipe?.input.destroy();
    for (const tail of tails) tail.close();
  }
}

/** Ends early when woken. */
async function pause(milliseconds: number, stop: Stop): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    stop.wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}
