/** One stream of a finished trace: its files one after another, read as far as they are asked for. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { systemProblem } from '../base/system-problem.js';
import type { TraceDecoder } from '../trace/decoder.js';
import type { RecordPull } from '../trace/merge.js';
import { NdjsonDecoder } from '../trace/ndjson-decoder.js';
import type { RecordBlock } from '../trace/record.js';
import { TraceError } from '../trace/trace-error.js';
import type { NoticeList, SourceDamage } from './notices.js';
import { SegmentJoin } from './segment-join.js';

const DAMAGE_LISTED_MAX = 64;

/** One file of a stream; numbers as in `ListedStream`. */
export interface StreamFile {
  readonly number: number;
  readonly path: string;
}

/**
 * Gives the blocks of all files in order. The first file is opened at once, the others when they are reached. Throws
 * TraceError for a file that cannot be read at all; damage inside one is counted.
 */
export class FileStream implements RecordPull {
  /** Of the files read to their end. */
  damagedBlocks = 0;
  readonly damage: SourceDamage[] = [];

  #descriptor = -1;
  #decoder: TraceDecoder | undefined;
  #offset = 0;
  #next = 0;
  readonly #join: SegmentJoin;

  /** @param buffer may be shared with other streams */
  constructor(
    readonly files: readonly StreamFile[],
    readonly notices: NoticeList,
    readonly buffer: Uint8Array,
  ) {
    this.#join = new SegmentJoin(notices);
    this.#openNext();
  }

  next(): RecordBlock | null {
    for (;;) {
      const decoder = this.#decoder;
      if (decoder === undefined) return null;
      const block = decoder.next();
      if (block !== null) return block;
      const bytes = this.#read();
      if (bytes > 0) decoder.push(this.buffer.subarray(0, bytes));
      else this.#leave(decoder);
    }
  }

  /** Gives the descriptor back; `next` gives nothing more. Done by itself at the end. */
  close(): void {
    if (this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#descriptor = -1;
    this.#decoder = undefined;
    this.#next = this.files.length;
  }

  #read(): number {
    try {
      const bytes = readSync(this.#descriptor, this.buffer, 0, this.buffer.length, this.#offset);
      this.#offset += bytes;
      return bytes;
    } catch (error) {
      throw new TraceError(this.files[this.#next - 1].path, `offset ${this.#offset}`, systemProblem(error));
    }
  }

  #openNext(): void {
    const file = this.files[this.#next++];
    try {
      // A fifo would block in open: look before.
      if (!statSync(file.path).isFile()) throw new TraceError(file.path, '', 'is not a regular file');
      this.#descriptor = openSync(file.path, 'r');
    } catch (error) {
      throw error instanceof TraceError ? error : new TraceError(file.path, '', systemProblem(error));
    }
    const missing = this.#next < 2 ? 0 : file.number - this.files[this.#next - 2].number - 1;
    if (missing > 0) {
      const what = missing === 1 ? 'the segment before it is' : `${missing} segments before it are`;
      this.notices.add(file.path, `${what} not there`, true);
      this.#join.break();
    }
    this.#offset = 0;
    this.#decoder = basename(file.path).endsWith('.ndjson')
      ? new NdjsonDecoder(file.path)
      : this.#join.newDecoder(file.path);
  }

  /** The decoder has given all that the file holds. */
  #leave(decoder: TraceDecoder): void {
    const { path } = this.files[this.#next - 1];
    decoder.end();
    // At the end of a stream a torn tail is normal: a recorder was, or is, at work there.
    this.#join.leave(path, decoder, this.#offset);
    this.damagedBlocks += decoder.damagedBlocks;
    for (const each of decoder.damage) {
      if (this.damage.length < DAMAGE_LISTED_MAX) this.damage.push({ source: path, ...each });
    }
    closeSync(this.#descriptor);
    this.#descriptor = -1;
    this.#decoder = undefined;
    if (this.#next < this.files.length) this.#openNext();
  }
}
