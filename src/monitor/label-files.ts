/** Label files read into a book of labels: those that a person names, and those that a trace refers to. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { MemoryBudget } from '../base/memory-budget.js';
import { systemProblem } from '../base/system-problem.js';
import { pathKind } from '../source/path-kind.js';
import { decodeLabelFile, LABEL_HEADER_BYTES } from '../trace/label-file.js';
import { TraceError } from '../trace/trace-error.js';
import { type LabelBook, LABEL_TABLES_MAX } from './label-book.js';

/** Bytes of a label file: what one buffer may be in every Node. */
const FILE_BYTES_MAX = 2 ** 31 - 1;
/** Paths that a trace names and that are looked at. */
const PATHS_MAX = 256;
/** The index of a table, beside its file. */
const INDEX_SHARE = 1.25;

/** Reads label files into `book`; see the head of this file. */
export class LabelFiles {
  /** What is wrong with the newest of the files that the trace names; empty: nothing. */
  notice = '';
  readonly #known = new Set<string>();

  /** @param directory what paths in the trace are relative to */
  constructor(
    private readonly book: LabelBook,
    private readonly budget: MemoryBudget,
    private readonly directory: string,
  ) {}

  /** Reads a file that a person named. Throws TraceError. */
  use(path: string): void {
    if (this.#known.has(path)) return;
    this.#known.add(path);
    this.#read(path);
  }

  /** A record names a file. What is wrong with it is a notice: the trace is as good without. */
  refer(path: string): void {
    const full = resolve(this.directory, path);
    if (this.#known.has(full) || this.#known.size >= PATHS_MAX) return;
    this.#known.add(full);
    try {
      this.#read(full);
    } catch (error) {
      this.notice = `labels: ${error instanceof TraceError ? error.message : String(error)}`;
    }
  }

  #read(path: string): void {
    if (!this.book.add(decodeLabelFile(this.#bytes(path), path))) {
      throw new TraceError(path, '', `more than ${LABEL_TABLES_MAX} label files: name those that matter with --labels`);
    }
  }

  /** The whole file. A file that is none of labels is given up by its first bytes, before there is room for it. */
  #bytes(path: string): Uint8Array {
    let file: number;
    try {
      // A path of a trace may be anything, also a pipe that nobody writes to.
      file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      throw new TraceError(path, '', systemProblem(error));
    }
    try {
      const { size } = this.#fileOf(path, file);
      const head = readAll(file, Math.min(size, LABEL_HEADER_BYTES), path);
      // Throws what is wrong with the header, and for a right one that the rest is missing.
      if (size <= LABEL_HEADER_BYTES || !isLabelHead(head)) return head;
      if (!this.budget.hasRoom(size * INDEX_SHARE)) {
        throw new TraceError(path, '', `${size} bytes of labels are above the memory limit: raise --memory-limit`);
      }
      return readAll(file, size, path);
    } finally {
      closeSync(file);
    }
  }

  #fileOf(path: string, file: number): { size: number } {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new TraceError(path, '', 'is no file: name a label file, made with `sharetop label`');
    if (stat.size > FILE_BYTES_MAX) throw new TraceError(path, '', `${stat.size} bytes are too many for a label file`);
    return { size: stat.size };
  }
}

/** `\x89PGL`. */
function isLabelHead(head: Uint8Array): boolean {
  return head[0] === 0x89 && head[1] === 0x50 && head[2] === 0x47 && head[3] === 0x4c;
}

/** The first `size` bytes; fewer where the file was cut meanwhile. */
function readAll(file: number, size: number, path: string): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  try {
    while (at < size) {
      const read = readSync(file, bytes, at, size - at, at);
      if (read === 0) break;
      at += read;
    }
  } catch (error) {
    throw new TraceError(path, '', systemProblem(error));
  }
  return bytes.subarray(0, at);
}

/** What paths in a trace are relative to: its directory; for what is no file the working directory. */
export function traceDirectory(trace: unknown): string {
  if (typeof trace !== 'string') return '';
  return pathKind(trace) === 'file' ? dirname(trace) : trace;
}
