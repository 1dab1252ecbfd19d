/** Small files of `/proc` and `/sys`, below a root that a test may have made up. Nothing here throws. */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { errorCode } from '../../base/system-problem.js';

/** /proc/vmstat is about 6 KiB, the others are a line. */
const FILE_BYTES_MAX = 64 * 1024;

/** What came of reading a file: its text, or why there is none. */
export type FileText = { readonly text: string } | { readonly text: null; readonly why: 'absent' | 'denied' };

/** Reads files below one root. One buffer for all: they are read one after another. */
export class HostFiles {
  readonly #buffer = Buffer.alloc(FILE_BYTES_MAX);

  /** @param root '' for the machine itself */
  constructor(readonly root: string) {}

  /** The first 64 KiB of a file (these files are made while they are read: their sizes say nothing). */
  read(path: string): FileText {
    let file: number;
    try {
      file = openSync(this.root + path, 'r');
    } catch (error) {
      return failure(error);
    }
    try {
      let used = 0;
      while (used < FILE_BYTES_MAX) {
        const count = readSync(file, this.#buffer, used, FILE_BYTES_MAX - used, null);
        if (count === 0) break;
        used += count;
      }
      return { text: this.#buffer.toString('utf8', 0, used) };
    } catch (error) {
      return failure(error);
    } finally {
      closeSync(file);
    }
  }

  /** The text, or null whatever the reason. */
  text(path: string): string | null {
    return this.read(path).text;
  }

  /** The names in a directory, in order; empty where there is none. */
  names(path: string): string[] {
    try {
      return readdirSync(this.root + path).sort();
    } catch {
      return [];
    }
  }
}

function failure(error: unknown): FileText {
  const code = errorCode(error);
  return { text: null, why: code === 'EACCES' || code === 'EPERM' ? 'denied' : 'absent' };
}
