/**
 * One file that grows while it is read: descriptor, offset, and whether its name still leads to it.
 *
 * A file is known by device and inode, and by its first bytes. The bytes are looked at again after every read: a file
 * that was emptied and filled again past the old offset looks, by its size, as if it had only grown.
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { systemProblem } from '../base/system-problem.js';
import { TraceError } from '../trace/trace-error.js';

const FIRST_BYTES_MAX = 256;

/** What `examine` and `read` find about a file. */
export type TailFileChange = 'none' | 'shrunk' | 'rewritten' | 'replaced' | 'gone';

/** A descriptor that reads on from `offset`. What the system refuses is thrown as it comes, but for `open`. */
export class TailFile {
  /** Bytes read. */
  offset = 0;
  /** As of the last look. */
  sizeBytes = 0;
  /** Looks in a row at which the file was shorter than what was read of it; caches of a network show that falsely. */
  shrunkLooks = 0;
  /** Looks since the name stopped leading to this file, or since it grew after that. */
  detachedLooks = 0;
  /** No name leads to it any more, wherever: it is gone for all but those who have it open. */
  isRemoved = false;
  /** Its name leads to another file. */
  isReplaced = false;

  readonly #firstBytes = new Uint8Array(FIRST_BYTES_MAX);
  readonly #firstBytesNow = new Uint8Array(FIRST_BYTES_MAX);
  #descriptor: number;
  /** When the file was last written, as of the last look, ms. */
  #writtenMs = 0;

  private constructor(
    readonly path: string,
    descriptor: number,
    readonly device: number,
    readonly inode: number,
    /**
     * Tells it from every other file, also from a later one in the same place of the disk (on file systems that
     * know when a file was made).
     */
    readonly identity: string,
  ) {
    this.#descriptor = descriptor;
  }

  /** Opens the file. Throws TraceError if it cannot be opened or is no regular file. */
  static open(path: string): TailFile {
    try {
      // A fifo would block in open: look before.
      if (!statSync(path).isFile()) throw new TraceError(path, '', 'is not a regular file');
      const descriptor = openSync(path, 'r');
      try {
        const stat = fstatSync(descriptor);
        const identity = `${stat.dev}:${stat.ino}:${stat.birthtimeMs}`;
        const file = new TailFile(path, descriptor, stat.dev, stat.ino, identity);
        file.sizeBytes = stat.size;
        return file;
      } catch (error) {
        closeSync(descriptor);
        throw error;
      }
    } catch (error) {
      throw error instanceof TraceError ? error : new TraceError(path, '', systemProblem(error));
    }
  }

  /** Looks at the name and the size; to be called once a sweep. */
  examine(): TailFileChange {
    const stat = statSync(this.path, { throwIfNoEntry: false });
    if (stat === undefined || stat.dev !== this.device || stat.ino !== this.inode) {
      const { size, nlink } = fstatSync(this.#descriptor);
      this.detachedLooks = size > this.sizeBytes ? 1 : this.detachedLooks + 1;
      this.sizeBytes = size;
      this.isRemoved = nlink === 0;
      this.isReplaced = stat !== undefined;
      return stat === undefined ? 'gone' : 'replaced';
    }
    this.detachedLooks = 0;
    this.isRemoved = false;
    this.isReplaced = false;
    // Written anew to the very size it had, it did not grow, but was written.
    const wasWritten = stat.size !== this.sizeBytes || stat.mtimeMs !== this.#writtenMs;
    this.sizeBytes = stat.size;
    this.#writtenMs = stat.mtimeMs;
    if (stat.size < this.offset) {
      this.shrunkLooks++;
      return 'shrunk';
    }
    const doubted = this.shrunkLooks > 0;
    this.shrunkLooks = 0;
    return (wasWritten || doubted) && !this.#startsAsBefore() ? 'rewritten' : 'none';
  }

  /**
   * Reads on into the buffer. Returns the bytes read, 0 at the end, -1 if the file was written anew:
   * nothing of what was just read belongs behind what was read before.
   */
  read(buffer: Uint8Array): number {
    const bytes = readSync(this.#descriptor, buffer, 0, buffer.length, this.offset);
    if (bytes === 0) return 0;
    if (!this.#startsAsBefore()) return -1;
    if (this.offset < FIRST_BYTES_MAX) {
      this.#firstBytes.set(buffer.subarray(0, Math.min(bytes, FIRST_BYTES_MAX - this.offset)), this.offset);
    }
    this.offset += bytes;
    if (this.offset > this.sizeBytes) this.sizeBytes = this.offset;
    return bytes;
  }

  /** From the start again. */
  restart(): void {
    this.offset = 0;
    this.shrunkLooks = 0;
  }

  /** From an earlier place again; false if what is before it is not what was read. */
  rewind(offset: number): boolean {
    if (this.sizeBytes < offset || !this.#startsAsBefore()) return false;
    this.offset = offset;
    this.shrunkLooks = 0;
    return true;
  }

  /** Bytes of the file, at its size when last looked at, that were not read. */
  get unreadBytes(): number {
    return Math.max(0, this.sizeBytes - this.offset);
  }

  /** Gives up the descriptor; further calls do nothing. */
  close(): void {
    if (this.#descriptor < 0) return;
    closeSync(this.#descriptor);
    this.#descriptor = -1;
  }

  #startsAsBefore(): boolean {
    const known = Math.min(this.offset, FIRST_BYTES_MAX);
    if (known === 0) return true;
    const bytes = readSync(this.#descriptor, this.#firstBytesNow, 0, known, 0);
    // Shorter than that: emptied this moment. The next look sees what became of it.
    if (bytes < known) return true;
    for (let i = 0; i < known; i++) if (this.#firstBytes[i] !== this.#firstBytesNow[i]) return false;
    return true;
  }
}
