/**
 * A text log that grows while it is read: not there yet, appended to, emptied and begun anew, rotated (another file has
 * its name; the old one is read to its end first).
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { systemProblem } from '../base/system-problem.js';
import { TraceError } from '../trace/trace-error.js';
import { TailFile } from './tail-file.js';

/** One look more after a file was moved or removed, for a writer that has not noticed yet. */
const DETACHED_LOOKS_MIN = 2;
/** Two looks: caches of a network show a file shorter than it is. */
const SHRUNK_LOOKS_MIN = 2;
/** Reads of a buffer in one poll, so that it soon returns. */
const READS_MAX = 16;

/** Who takes what a log holds. */
export interface LogReader {
  /** A file was opened; these are its last bytes, for its clock. */
  opened(lastBytes: Uint8Array): void;
  /** The next bytes; valid only during the call. */
  take(bytes: Uint8Array): void;
  /** What comes next does not go on where the last bytes ended. */
  restart(): void;
}

/** Reads one log. What the system refuses is thrown as a TraceError. */
export class TailLog {
  #file: TailFile | undefined;

  constructor(
    readonly path: string,
    readonly buffer: Uint8Array,
    readonly reader: LogReader,
  ) {}

  /** The file is there. */
  get isOpen(): boolean {
    return this.#file !== undefined;
  }

  /** Gives what there is by now; true: there may be more already. */
  poll(): boolean {
    try {
      return this.#poll();
    } catch (error) {
      throw error instanceof Error && 'code' in error ? new TraceError(this.path, '', systemProblem(error)) : error;
    }
  }

  #poll(): boolean {
    if (this.#file === undefined && !this.#open()) return false;
    const file = this.#file as unknown as TailFile;
    const change = file.examine();
    if (change === 'rewritten' || (change === 'shrunk' && file.shrunkLooks >= SHRUNK_LOOKS_MIN)) this.#restart(file);
    for (let reads = 0; reads < READS_MAX; reads++) {
      const bytes = file.read(this.buffer);
      if (bytes > 0) this.reader.take(this.buffer.subarray(0, bytes));
      else if (bytes < 0) this.#restart(file);
      else {
        // A file that was only moved away is read on until there is another of its name.
        if (change === 'replaced' && file.detachedLooks >= DETACHED_LOOKS_MIN) this.#leave(file);
        return false;
      }
    }
    return true;
  }

  /** Gives up the descriptor. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #open(): boolean {
    if (statSync(this.path, { throwIfNoEntry: false }) === undefined) return false;
    const file = TailFile.open(this.path);
    this.#file = file;
    this.#tellLastBytes(file);
    return true;
  }

  #tellLastBytes({ path, sizeBytes }: TailFile): void {
    const descriptor = openSync(path, 'r');
    try {
      const bytes = readSync(
        descriptor,
        this.buffer,
        0,
        this.buffer.length,
        Math.max(0, sizeBytes - this.buffer.length),
      );
      this.reader.opened(this.buffer.subarray(0, bytes));
    } finally {
      closeSync(descriptor);
    }
  }

  #restart(file: TailFile): void {
    file.restart();
    this.reader.restart();
    this.#tellLastBytes(file);
  }

  #leave(file: TailFile): void {
    file.close();
    this.#file = undefined;
    this.reader.restart();
  }
}
