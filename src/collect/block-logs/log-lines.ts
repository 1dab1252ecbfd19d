/**
 * The lines of a log that comes in pieces, from a file or while it is being written. Memory is bounded: of a line that
 * is longer than any line of a block log only the beginning is ever held, and the line is given as too long.
 */

/** A line of blkparse has about 100 bytes; its longest (a SCSI command dumped) some hundreds. */
export const LOG_LINE_BYTES_MAX = 64 * 1024;

/** Takes bytes, gives lines without their ends. Bytes are seen as Latin-1: names in a log need not be UTF-8. */
export class LogLines {
  /** Number of the line that `next` or `end` gave last, from 1. */
  line = 0;
  /** The line given last was longer than LOG_LINE_BYTES_MAX; only its beginning was given. */
  isTooLong = false;

  #text = '';
  #at = 0;
  /** The rest of a line that is too long: left out up to its end. */
  #isSkipping = false;

  /** Bytes behind those pushed so far. */
  push(bytes: Uint8Array): void {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    this.#text = this.#at === this.#text.length ? text : this.#text.slice(this.#at) + text;
    this.#at = 0;
  }

  /** The next line, or null: its end is not there yet. */
  next(): string | null {
    const end = this.#text.indexOf('\n', this.#at);
    if (this.#isSkipping) return this.#skip(end);
    const bytes = (end >= 0 ? end : this.#text.length) - this.#at;
    if (bytes > LOG_LINE_BYTES_MAX) {
      const start = this.#text.slice(this.#at, this.#at + LOG_LINE_BYTES_MAX);
      this.#at = end >= 0 ? end + 1 : this.#text.length;
      this.#isSkipping = end < 0;
      return this.#give(start, true);
    }
    if (end < 0) return null;
    const line = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return this.#give(line.endsWith('\r') ? line.slice(0, -1) : line, false);
  }

  /** No more bytes come: what is left is a line without its end. Null if there is nothing left. */
  end(): string | null {
    const rest = this.#text.slice(this.#at);
    this.restart(this.line);
    if (rest === '') return null;
    return this.#give(rest.endsWith('\r') ? rest.slice(0, -1) : rest, false);
  }

  /** Forgets what was not given; the lines that follow are numbered behind `line`. */
  restart(line = 0): void {
    this.#text = '';
    this.#at = 0;
    this.#isSkipping = false;
    this.line = line;
  }

  #skip(end: number): string | null {
    this.#isSkipping = end < 0;
    this.#at = end < 0 ? this.#text.length : end + 1;
    return end < 0 ? null : this.next();
  }

  #give(line: string, isTooLong: boolean): string {
    this.line++;
    this.isTooLong = isTooLong;
    return line;
  }
}
