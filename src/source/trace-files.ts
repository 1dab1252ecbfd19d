/** Finished traces, for `report`, `--at` and replay: a directory, or a single segment or NDJSON file. */
import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { systemProblem } from '../base/system-problem.js';
import { RecordMerge } from '../trace/merge.js';
import { parseSegmentFileName } from '../trace/segment-name.js';
import { TraceError } from '../trace/trace-error.js';
import { listStreams, type ListedStream } from './directory-listing.js';
import { FileStream } from './file-stream.js';
import { NoticeList, type SourceDamage, type SourceNotice } from './notices.js';
import { OpenFiles } from './open-files.js';
import type { RangeTaker, RecordSource } from './record-source.js';

/** Read at a time: a stream may hold so much of it until its turn, so it is less where there are very many. */
const READ_BYTES_MAX = 1024 * 1024;
const READ_BYTES_MIN = 64 * 1024;
const READ_BYTES_ALL_STREAMS = 256 * 1024 * 1024;
const DAMAGE_LISTED_MAX = 64;

/**
 * Opens a trace. Its records come merged by ⟨time, stream, segment, offset⟩, streams in order of their names, and only
 * those with a time ≤ `untilMicros`.
 *
 * Throws TraceError, as `pull` may: the trace is missing, holds no stream, cannot be read, or is of a newer format.
 */
export function openTrace(path: string, untilMicros = Number.POSITIVE_INFINITY): FinishedTrace {
  const { directory, streams } = streamsOf(path);
  return new FinishedTrace(directory, streams, untilMicros);
}

/** A trace that is read from its start to its end, once. */
export class FinishedTrace implements RecordSource {
  readonly streamNames: readonly string[];
  readonly #notices = new NoticeList(() => 0);
  readonly #streams: FileStream[] = [];
  readonly #merge: RecordMerge;

  /** Use `openTrace`. */
  constructor(directory: string, streams: readonly ListedStream[], untilMicros: number) {
    this.streamNames = streams.map(({ name }) => name);
    const share = Math.floor(READ_BYTES_ALL_STREAMS / Math.max(1, streams.length));
    const buffer = new Uint8Array(Math.min(READ_BYTES_MAX, Math.max(READ_BYTES_MIN, share)));
    const openFiles = new OpenFiles();
    try {
      for (const { files } of streams) {
        const paths = files.map(({ number, fileName }) => ({ number, path: join(directory, fileName) }));
        this.#streams.push(new FileStream(paths, this.#notices, buffer, openFiles));
      }
    } catch (error) {
      this.close();
      throw error;
    }
    this.#merge = new RecordMerge(this.#streams, untilMicros);
  }

  /** Final once `pull` has returned false. */
  get damagedBlocks(): number {
    return this.#streams.reduce((sum, stream) => sum + stream.damagedBlocks, 0);
  }

  get damage(): readonly SourceDamage[] {
    return this.#streams.flatMap(({ damage }) => damage).slice(0, DAMAGE_LISTED_MAX);
  }

  /** Gaps between files: missing segments, torn ends. */
  get notices(): readonly SourceNotice[] {
    return this.#notices.kept;
  }

  /** How many. */
  get gaps(): number {
    return this.#notices.gaps;
  }

  pull(take: RangeTaker): boolean {
    for (let range = this.#merge.next(); range !== null; range = this.#merge.next()) {
      if (!take(range.streamIndex, range)) return true;
    }
    return false;
  }

  /** Gives descriptors back before the end. */
  close(): void {
    for (const stream of this.#streams) stream.close();
  }
}

/** The files of a trace: its directory, as given, and its streams. Throws TraceError if there are none. */
export function streamsOf(path: string): { directory: string; streams: ListedStream[] } {
  let isDirectory: boolean;
  try {
    isDirectory = statSync(path).isDirectory();
  } catch (error) {
    throw new TraceError(path, '', systemProblem(error));
  }
  if (isDirectory) {
    const streams = listStreams(path) ?? [];
    if (streams.length > 0) return { directory: path, streams };
    throw new TraceError(path, '', 'holds no trace: no file in it is called NAME.000001.pgt or NAME.ndjson');
  }
  const fileName = basename(path);
  const directory = path.slice(0, path.length - fileName.length);
  const segment = parseSegmentFileName(fileName);
  // A lone file may be called anything that ends in .pgt.
  if (segment !== null || fileName.endsWith('.pgt')) {
    const files = [{ number: segment?.segment ?? 1, fileName }];
    return { directory, streams: [{ name: segment?.stream ?? fileName, kind: 'segments', files }] };
  }
  if (fileName.endsWith('.ndjson')) {
    return { directory, streams: [{ name: fileName, kind: 'ndjson', files: [{ number: 0, fileName }] }] };
  }
  throw new TraceError(path, '', 'is neither a trace directory nor a .pgt or .ndjson file');
}
