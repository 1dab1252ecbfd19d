/**
 * Reads an NDJSON stream from bytes cut anywhere. A bad line is damage with its line number; the others are read. A
 * last line without its newline is a torn tail. Empty lines and a carriage return before the newline are allowed.
 */
import { DamageList, type Damage, type TraceDecoder } from './decoder.js';
import { LINE_BYTES_MAX } from './ndjson.js';
import { LineReader } from './ndjson-line.js';
import { RecordBuffer } from './record-buffer.js';
import type { RecordBlock } from './record.js';

const NEWLINE = 10;
/** Memory at first; it grows with what is pushed at a time. There may be thousands of files. */
const BYTES_FIRST = 4096;
/** A block is given when it has this many words or the whole lines are used up. */
const BLOCK_WORDS = 16 * 1024;
const BYTE_ORDER_MARK = '\ufeff';

/** Decodes NDJSON; never throws, see TraceDecoder. */
export class NdjsonDecoder implements TraceDecoder {
  /** NDJSON repeats no state: nothing to skip. */
  skipOpening = false;
  readonly openingPassed = true;

  #bytes = new Uint8Array(BYTES_FIRST);
  #at = 0;
  #filled = 0;
  /** Bytes from #at on in which no newline is left to find. */
  #searched = 0;
  #line = 1;
  /** Inside a line that is too long: everything to its newline is dropped. */
  #dropping = false;
  #dropped = 0;
  #reader = new LineReader();
  #buffer = new RecordBuffer();
  #damages = new DamageList();
  #textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

  /** @param source the file's name, for messages */
  constructor(readonly source: string) {}

  get damagedBlocks(): number {
    return this.#damages.count;
  }

  get damage(): readonly Damage[] {
    return this.#damages.listed;
  }

  get tornTailBytes(): number {
    return this.#filled - this.#at + this.#dropped;
  }

  push(bytes: Uint8Array): void {
    const rest = this.#filled - this.#at;
    if (this.#filled + bytes.length > this.#bytes.length) {
      const target =
        rest + bytes.length > this.#bytes.length
          ? new Uint8Array(Math.max(2 * this.#bytes.length, rest + bytes.length))
          : this.#bytes;
      target.set(this.#bytes.subarray(this.#at, this.#filled));
      this.#bytes = target;
      this.#at = 0;
      this.#filled = rest;
    }
    this.#bytes.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  end(): void {
    // Nothing is decided by the end: a line without its newline is the torn tail.
  }

  dropTail(): boolean {
    if (this.#dropping) return false;
    this.#filled = this.#at;
    this.#searched = 0;
    return true;
  }

  next(): RecordBlock | null {
    const buffer = this.#buffer;
    buffer.clear();
    const baseTimeMicros = this.#reader.timeMicros;
    while (buffer.wordCount < BLOCK_WORDS) {
      const newline = this.#findNewline();
      if (newline < 0) break;
      this.#takeLine(newline);
      this.#line++;
    }
    if (buffer.recordCount === 0) return null;
    const { words, wordCount, recordCount } = buffer;
    return { baseTimeMicros, words, start: 0, end: wordCount, recordCount };
  }

  /** Index of the next newline, or −1. A line that grew too long is dropped as it comes. */
  #findNewline(): number {
    const from = this.#at + this.#searched;
    const newline = this.#bytes.subarray(from, this.#filled).indexOf(NEWLINE);
    if (newline >= 0) {
      this.#searched = 0;
      return from + newline;
    }
    this.#searched = this.#filled - this.#at;
    if (this.#dropping || this.#searched > LINE_BYTES_MAX) {
      this.#dropping = true;
      this.#dropped += this.#searched;
      this.#searched = 0;
      this.#at = this.#filled;
    }
    return -1;
  }

  #takeLine(newline: number): void {
    const start = this.#at;
    this.#at = newline + 1;
    if (this.#dropping || newline - start > LINE_BYTES_MAX) {
      this.#dropping = false;
      this.#dropped = 0;
      this.#damages.add(`line ${this.#line}`, `longer than ${LINE_BYTES_MAX} bytes`);
      return;
    }
    let text = this.#textDecoder.decode(this.#bytes.subarray(start, newline));
    if (this.#line === 1 && text.startsWith(BYTE_ORDER_MARK)) text = text.slice(1);
    if (text.trim() === '') return;
    const problem = this.#reader.read(text, this.#buffer);
    if (problem !== undefined) this.#damages.add(`line ${this.#line}`, problem);
  }
}
