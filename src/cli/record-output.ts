/** Where `sharetop record` writes: segments in a directory, or one stream into a pipe. */
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { errorCode, systemProblem } from '../base/system-problem.js';
import { ProcessList } from '../collect/recorder/process-list.js';
import type { DomainBefore, RecorderOutput } from '../collect/recorder/recorder-host.js';
import { readLeftStream } from '../source/left-stream.js';
import { makeDirectory } from '../source/make-directory.js';
import { OutputError, OutputTaken } from '../source/output-error.js';
import { SegmentFiles } from '../source/segment-files.js';
import type { RecordBuffer } from '../trace/record-buffer.js';
import { SegmentWriter } from '../trace/segment-writer.js';

const STREAM = 'record';
/** Who writes into the directory: two at once would write one stream. */
const LOCK_NAME = 'record.pid';

/** An output that is open. */
export interface OpenOutput extends RecorderOutput {
  /** The domains that an earlier recorder left in it. */
  readonly before: readonly DomainBefore[];
  /** Trace time that an earlier recorder came to, µs. */
  readonly timeMicros: number;
  /** Writes what is left and closes. Throws OutputError. */
  close(): void;
}

/**
 * Opens a trace directory; one that holds an earlier recording is gone on with. Throws OutputError, OutputTaken if
 * another recorder is at work there or another trace is, TraceError if the recording that is there cannot be read.
 */
export function openDirectory(directory: string): OpenOutput {
  makeDirectory(directory, (path, problem) =>
    problem.startsWith('is a file') ? new OutputTaken(path, problem) : new OutputError(path, problem),
  );
  const left = readLeftStream(directory, STREAM);
  lock(directory);
  const { state, nextSegment = 1, previousBytes = 0 } = left ?? {};
  const continued = state === undefined ? {} : { state, firstSegment: nextSegment, previousBytes };
  const writer = new SegmentWriter(STREAM, new SegmentFiles(directory), continued);
  const before = state?.domains ?? [];
  return outputOf(
    writer,
    before,
    state?.timeMicros ?? 0,
    () => Promise.resolve(),
    () => unlock(directory),
  );
}

/** One segment without an end: a pipe needs no openings. */
export function openPipe(stdout: Writable): OpenOutput {
  const sink = {
    open: () => undefined,
    write: (bytes: Uint8Array) => void stdout.write(Uint8Array.from(bytes)),
    close: () => undefined,
  };
  const opening = (): void => undefined;
  const writer = new SegmentWriter(STREAM, sink, { rotateBytes: Number.POSITIVE_INFINITY, opening });
  const drained = async (): Promise<void> => {
    if (stdout.writableNeedDrain) await new Promise<void>((resolve) => stdout.once('drain', () => resolve()));
  };
  return outputOf(writer, [], 0, drained, () => undefined);
}

function outputOf(
  writer: SegmentWriter,
  before: readonly DomainBefore[],
  timeMicros: number,
  drained: () => Promise<void>,
  closed: () => void,
): OpenOutput {
  return {
    before,
    timeMicros,
    append: (records: RecordBuffer) => writer.append(records),
    flush: () => {
      writer.flush();
      return drained();
    },
    get bytesWritten() {
      return writer.bytesWritten;
    },
    get segment() {
      return writer.segment;
    },
    close: () => {
      try {
        writer.close();
      } finally {
        closed();
      }
    },
  };
}

/** Leaves our pid in the directory, unless the process whose pid is there still runs. */
function lock(directory: string): void {
  const path = join(directory, LOCK_NAME);
  const processes = new ProcessList();
  const [pid, ticks] = lockedBy(path);
  if (pid > 0 && pid !== process.pid && processes.stat(pid)?.startTicks === ticks) {
    throw new OutputTaken(directory, `process ${pid} is recording into it; name another directory`);
  }
  try {
    writeFileSync(path, `${process.pid} ${processes.stat(process.pid)?.startTicks ?? 0}\n`);
  } catch (error) {
    throw new OutputError(path, systemProblem(error));
  }
}

function lockedBy(path: string): [pid: number, ticks: number] {
  try {
    const match = /^(\d{1,10}) (\d{1,16})\n$/.exec(readFileSync(path, 'utf8'));
    return match === null ? [0, 0] : [Number(match[1]), Number(match[2])];
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [0, 0];
    throw new OutputError(path, systemProblem(error));
  }
}

function unlock(directory: string): void {
  try {
    unlinkSync(join(directory, LOCK_NAME));
  } catch {
    // It says of a process that has ended: the next recorder sees that.
  }
}
