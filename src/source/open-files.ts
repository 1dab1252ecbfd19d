/**
 * Files that are read in turns, of which only so many are open at a time: a trace may hold ten thousand streams, and a
 * process often no more than 1024 (or 256) descriptors.
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { systemProblem } from '../base/system-problem.js';
import { TraceError } from '../trace/trace-error.js';

const OPEN_MAX = 128;

/** One file of an OpenFiles; it may be closed and opened again between two reads. */
export class SharedFile {
  descriptor = -1;
  /** Device and inode, once it was open. */
  identity = '';

  /** Use `OpenFiles.open`. */
  constructor(readonly path: string) {}
}

/** Opens files and closes those that were not read for the longest time. What the system refuses is a TraceError. */
export class OpenFiles {
  /** Those that are open, the one read last at the end. */
  readonly #open = new Set<SharedFile>();

  /** @param openMax files open at a time, at least 1 */
  constructor(readonly openMax = OPEN_MAX) {}

  /** Files open now. */
  get openCount(): number {
    return this.#open.size;
  }

  /** Opens a regular file. */
  open(path: string): SharedFile {
    const file = new SharedFile(path);
    this.#ensureOpen(file);
    return file;
  }

  /** Reads from a place into the buffer; returns the bytes read, 0 at the end. */
  read(file: SharedFile, buffer: Uint8Array, position: number): number {
    this.#ensureOpen(file);
    try {
      return readSync(file.descriptor, buffer, 0, buffer.length, position);
    } catch (error) {
      throw new TraceError(file.path, `offset ${position}`, systemProblem(error));
    }
  }

  /** It is not read any more. */
  close(file: SharedFile): void {
    this.#open.delete(file);
    if (file.descriptor >= 0) closeSync(file.descriptor);
    file.descriptor = -1;
  }

  #ensureOpen(file: SharedFile): void {
    if (this.#open.delete(file)) {
      this.#open.add(file);
      return;
    }
    for (const oldest of this.#open) {
      if (this.#open.size < this.openMax) break;
      this.close(oldest);
    }
    try {
      // A fifo would block in open: look before.
      if (!statSync(file.path).isFile()) throw new TraceError(file.path, '', 'is not a regular file');
      file.descriptor = openSync(file.path, 'r');
    } catch (error) {
      throw error instanceof TraceError ? error : new TraceError(file.path, '', systemProblem(error));
    }
    this.#open.add(file);
    const { dev, ino } = fstatSync(file.descriptor);
    const identity = `${dev}:${ino}`;
    if (file.identity !== '' && file.identity !== identity) {
      throw new TraceError(file.path, '', 'was replaced by another file while it was read');
    }
    file.identity = identity;
  }
}
