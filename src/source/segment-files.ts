/**
 * Segments on disk: the sink of a SegmentWriter. Every write says its position and is repeated until it is whole, so
 * that a file never holds anything but a prefix of the stream: what a reader that tails it may meet is a torn tail.
 */
import { closeSync, fsyncSync, ftruncateSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '../base/assert.js';
import { errorCode, systemProblem } from '../base/system-problem.js';
import { parseSegmentFileName } from '../trace/segment-name.js';
import type { SegmentSink } from '../trace/segment-writer.js';
import { makeDirectory } from './make-directory.js';
import { OutputError, OutputTaken } from './output-error.js';

/** File systems that cannot do it say so; the data is written all the same. */
const FSYNC_NOT_POSSIBLE = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** Writes one segment after another into a directory. What the system refuses is an OutputError that names the file. */
export class SegmentFiles implements SegmentSink {
  #descriptor = -1;
  #path = '';
  #bytes = 0;

  /** @param directory exists already (see makeTraceDirectory) */
  constructor(readonly directory: string) {}

  /** Creates the file. Throws OutputError if it cannot, OutputTaken if there is one: nothing is overwritten. */
  open(fileName: string): void {
    assert(this.#descriptor < 0, 'one segment at a time');
    const path = join(this.directory, fileName);
    try {
      this.#descriptor = openSync(path, 'wx', 0o666);
    } catch (error) {
      const Failure = errorCode(error) === 'EEXIST' ? OutputTaken : OutputError;
      throw new Failure(path, systemProblem(error));
    }
    this.#path = path;
    this.#bytes = 0;
  }

  /** Appends all bytes or throws OutputError; then the file ends where it ended before, if the system lets it. */
  write(bytes: Uint8Array): void {
    assert(this.#descriptor >= 0, 'a segment is open');
    let written = 0;
    try {
      while (written < bytes.length) {
        written += writeSync(this.#descriptor, bytes, written, bytes.length - written, this.#bytes + written);
      }
    } catch (error) {
      this.#cutBack();
      throw new OutputError(this.#path, `offset ${this.#bytes}: cannot be written: ${systemProblem(error)}`);
    }
    this.#bytes += bytes.length;
  }

  /** Brings the segment to the disk and closes it. Throws OutputError if the disk refuses it only now. */
  close(): void {
    assert(this.#descriptor >= 0, 'a segment is open');
    const descriptor = this.#descriptor;
    this.#descriptor = -1;
    try {
      try {
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      if (FSYNC_NOT_POSSIBLE.has(errorCode(error))) return;
      throw new OutputError(this.#path, `cannot be brought to the disk: ${systemProblem(error)}`);
    }
  }

  #cutBack(): void {
    try {
      ftruncateSync(this.#descriptor, this.#bytes);
    } catch {
      // The torn block stays: a reader takes it for a torn tail. The error that led here is the one to report.
    }
  }
}

/**
 * Makes the directory for a new trace, with its parents. Throws OutputError if it cannot, and OutputTaken if a file is
 * there, or the directory holds a trace already: the streams of both would be mixed up as one host's.
 */
export function makeTraceDirectory(directory: string): void {
  if (isNoDirectory(directory)) throw new OutputTaken(directory, 'is a file, not a directory');
  makeDirectory(directory, (path, problem) => new OutputError(path, problem));
  const names = namesIn(directory);
  const held = names.find((name) => name.endsWith('.pgt') || name.endsWith('.ndjson'));
  if (held === undefined) return;
  throw new OutputTaken(directory, `holds a trace already (${held}); name an empty or a new directory`);
}

/** The number of the last segment of a stream in a directory, 0 if there is none: a recorder goes on behind it. */
export function lastSegmentNumber(directory: string, stream: string): number {
  let last = 0;
  for (const name of namesIn(directory)) {
    const parsed = parseSegmentFileName(name);
    if (parsed !== null && parsed.stream === stream) last = Math.max(last, parsed.segment);
  }
  return last;
}

function isNoDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === false;
  } catch {
    // It cannot be looked at: making it will say why.
    return false;
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    throw new OutputError(directory, systemProblem(error));
  }
}
