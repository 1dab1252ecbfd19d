/** One stream of a finished trace: its files one after another, read as far as they are asked for. */
import { basename } from 'node:path';
import type { TraceDecoder } from '../trace/decoder.js';
import type { RecordPull } from '../trace/merge.js';
import { NdjsonDecoder } from '../trace/ndjson-decoder.js';
import type { RecordBlock } from '../trace/record.js';
import type { NoticeList, SourceDamage } from './notices.js';
import type { OpenFiles, SharedFile } from './open-files.js';
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

  #file: SharedFile | undefined;
  #decoder: TraceDecoder | undefined;
  #offset = 0;
  #next = 0;
  readonly #join: SegmentJoin;

  /** @param buffer may be shared with other streams */
  constructor(
    readonly files: readonly StreamFile[],
    readonly notices: NoticeList,
    readonly buffer: Uint8Array,
    readonly openFiles: OpenFiles,
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
    this.#closeFile();
    this.#decoder = undefined;
    this.#next = this.files.length;
  }

  #closeFile(): void {
    if (this.#file !== undefined) this.openFiles.close(this.#file);
    this.#file = undefined;
  }

  #read(): number {
    if (this.#file === undefined) return 0;
    const bytes = this.openFiles.read(this.#file, this.buffer, this.#offset);
    this.#offset += bytes;
    return bytes;
  }

  #openNext(): void {
    const file = this.files[this.#next++];
    this.#file = this.openFiles.open(file.path);
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
    this.#closeFile();
    this.#decoder = undefined;
    if (this.#next < this.files.length) this.#openNext();
  }
}
