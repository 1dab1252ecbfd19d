/**
 * Files that appear whole or not at all: each is written under a temporary name that no reader takes for a trace, and
 * all are renamed together when everything went well. Nothing that is there already is ever overwritten.
 */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmdirSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode, systemProblem } from '../base/system-problem.js';
import { makeDirectory } from './make-directory.js';
import { OutputError } from './output-error.js';

/** Takes bytes, all of them or throws. */
export interface ByteSink {
  /** The bytes are valid only during the call. */
  write(bytes: Uint8Array): void;
  close(): void;
}

/** File systems that cannot bring data to the disk say so; it is written all the same. */
const FSYNC_NOT_POSSIBLE = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** The files of one output. Pair with `commit` or `discard`. All throw OutputError. */
export class OutputFiles {
  readonly #files: { readonly path: string; readonly temporary: string; readonly sink: FileSink }[] = [];
  #madeDirectory: string | undefined;

  /** @param suffix of temporary names, unlike any other running program's */
  constructor(readonly suffix: string) {}

  /** Makes a directory with its parents, if it is not there. */
  makeDirectory(path: string): void {
    if (makeDirectory(path, (part, problem) => new OutputError(part, problem))) this.#madeDirectory = path;
  }

  /** A new file under its temporary name. Throws OutputError if it cannot be made. */
  create(path: string): ByteSink {
    const temporary = `${path}.${this.suffix}`;
    let descriptor: number;
    try {
      descriptor = openSync(temporary, 'wx', 0o666);
    } catch (error) {
      const problem = errorCode(error) === 'ENOENT' ? `there is no directory ${dirname(path)}` : systemProblem(error);
      throw new OutputError(path, problem);
    }
    const sink = new FileSink(path, descriptor);
    this.#files.push({ path, temporary, sink });
    return sink;
  }

  /** Brings all files to the disk and gives them their names. */
  commit(): void {
    for (const { sink } of this.#files) sink.close();
    for (const { path, temporary } of this.#files) {
      if (existsSync(path)) throw new OutputError(path, 'was made by somebody else meanwhile');
      try {
        renameSync(temporary, path);
      } catch (error) {
        throw new OutputError(path, systemProblem(error));
      }
    }
    this.#files.length = 0;
  }

  /** Removes what is not committed. */
  discard(): void {
    for (const { temporary, sink } of this.#files) {
      try {
        sink.abandon();
        unlinkSync(temporary);
      } catch {
        // Renamed already, or out of reach: the error that led here is the one to report.
      }
    }
    this.#files.length = 0;
    try {
      if (this.#madeDirectory !== undefined) rmdirSync(this.#madeDirectory);
    } catch {
      // Somebody else has put something there.
    }
  }
}

class FileSink implements ByteSink {
  #descriptor: number;

  constructor(
    readonly path: string,
    descriptor: number,
  ) {
    this.#descriptor = descriptor;
  }

  write(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#descriptor, bytes, at, bytes.length - at);
    } catch (error) {
      throw new OutputError(this.path, `cannot be written: ${systemProblem(error)}`);
    }
  }

  close(): void {
    if (this.#descriptor < 0) return;
    try {
      fsyncSync(this.#descriptor);
    } catch (error) {
      if (!FSYNC_NOT_POSSIBLE.has(errorCode(error))) {
        throw new OutputError(this.path, `cannot be brought to the disk: ${systemProblem(error)}`);
      }
    }
    this.abandon();
  }

  /** Gives the descriptor back. */
  abandon(): void {
    if (this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#descriptor = -1;
  }
}
