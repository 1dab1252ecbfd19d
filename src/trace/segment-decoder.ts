/**
 * Reads a binary segment (layout: binary.ts) from bytes cut anywhere.
 *
 *   header ──▶ block ⇄ search
 *
 * `block` waits until a whole block is there and gives it. Anything wrong with it leads to `search`, which goes on in
 * steps of 16 bytes to the next block header with a right checksum. The search starts right behind the bad header, not
 * behind the payload that it announced: where bytes are missing, or a recorder went on after a torn block, the next
 * header comes earlier than that.
 *
 * After a crash the end of a file may be zeros, from a page boundary inside a block on. So a bad place whose last slot
 * is zero is only *suspected*: it becomes damage when anything but zeros follows, and is a torn tail otherwise.
 *
 * In a pipe segments follow one another (`cat a.000001.pgt a.000002.pgt`): a decoder that is told so stops at the next
 * segment header, at whatever byte a torn end left it. There every bad place is only suspected at first: it is a torn
 * tail if the next segment begins before its end.
 */
import { assert } from '../base/assert.js';
import { fromHalves } from '../base/units.js';
import {
  BLOCK_HEADER_BYTES,
  BLOCK_OPENING,
  crc32,
  isBlockHeader,
  findSegmentHeader,
  readSegmentHeader,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
} from './binary.js';
import { DamageList, type Damage, type TraceDecoder } from './decoder.js';
import { checkRecords } from './record-check.js';
import { SLOT_BYTES, type RecordBlock } from './record.js';
import { TraceError } from './trace-error.js';

const CAPACITY_FIRST = 256 * 1024;

type Mode = 'header' | 'block' | 'search' | 'refused' | 'over';

/** Where the bytes of a decoder come from, if not from a file of their own. */
export interface SegmentDecoderOptions {
  /** Bytes of the input before this segment: added to the offsets in messages. Default 0. */
  readonly origin?: number;
  /** Another segment may follow: stop at its header. */
  readonly chained?: boolean;
  /** Called once, before any block: the header, or undefined if it is damaged. It may set `skipOpening`. */
  readonly onHeader?: (header: SegmentHeader | undefined) => void;
}

/** Decodes one segment; `next` throws a TraceError for a segment that is refused by name, see TraceDecoder. */
export class SegmentDecoder implements TraceDecoder {
  skipOpening = false;
  openingPassed = false;

  // One memory, seen as bytes and as words. Byte 0 of it is always at a multiple of 16 in the file, because bytes are
  // given up in multiples of 16 only: so blocks lie aligned and are read in place.
  #bytes = new Uint8Array(CAPACITY_FIRST);
  #words = new Uint32Array(this.#bytes.buffer);
  #at = 0;
  #filled = 0;
  /** File offset of byte 0 of the memory. */
  #offset: number;

  #mode: Mode = 'header';
  #ended = false;
  #header: SegmentHeader | undefined;
  #refusal: TraceError | undefined;
  #damages = new DamageList();
  #sequence = 0;
  /** File offset, end and problem of a bad place that may yet turn out to be a torn tail; −1: there is none. */
  #suspectOffset = -1;
  #suspectEnd = -1;
  #suspectProblem = '';
  /** Only zeros are behind its start: at the end of the input it is a torn tail. */
  #suspectIsZeros = false;
  /** A damaged place was just counted: the gap in the sequence is that one. */
  #gapKnown = false;

  readonly #chained: boolean;
  /** A chained decoder: bytes that were torn off at the end of the segment. */
  #tornBytes = 0;
  readonly #onHeader: (header: SegmentHeader | undefined) => void;

  /** @param source the file's name, for messages */
  constructor(
    readonly source: string,
    options: SegmentDecoderOptions = {},
  ) {
    this.#offset = options.origin ?? 0;
    this.#chained = options.chained === true;
    this.#onHeader = options.onHeader ?? ((): void => undefined);
  }

  /** The segment's header once it was read, undefined before and if it is damaged. */
  get header(): SegmentHeader | undefined {
    return this.#header;
  }

  get damagedBlocks(): number {
    return this.#damages.count;
  }

  get damage(): readonly Damage[] {
    return this.#damages.listed;
  }

  /**
   * A chained decoder that has met the next segment: its bytes so far, from its header on, which belong to another
   * decoder. Null before. Valid until the next call.
   */
  get rest(): Uint8Array | null {
    return this.#mode === 'over' ? this.#bytes.subarray(this.#at, this.#filled) : null;
  }

  /** Offset in the input of the next byte to be read. */
  get offset(): number {
    return this.#offset + this.#at;
  }

  get tornTailBytes(): number {
    if (this.#mode === 'refused') return 0;
    if (this.#mode === 'over') return this.#tornBytes;
    if (this.#suspectOffset >= 0) return this.#offset + this.#filled - this.#suspectOffset;
    // The last bytes of a search are the start of a header until the end says that they belong to the damage.
    if (this.#mode === 'search' && this.#ended) return 0;
    return this.#filled - this.#at;
  }

  push(bytes: Uint8Array): void {
    assert(this.#mode !== 'over', 'what follows a segment goes to the next decoder');
    if (this.#mode === 'refused') return;
    if (this.#filled + bytes.length > this.#bytes.length) this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  /** Reads the header if all of it is there and it was not read yet: then `header` is known before the first block. */
  readHeader(): void {
    if (this.#mode === 'header') this.#readHeader();
  }

  end(): void {
    this.#ended = true;
    // Nothing follows: what was bad and whole is damage.
    if (!this.#suspectIsZeros) this.#confirmSuspect();
  }

  dropTail(): boolean {
    if (this.#mode === 'search' || this.#mode === 'refused' || this.#suspectOffset >= 0) return false;
    this.#filled = this.#at;
    return true;
  }

  next(): RecordBlock | null {
    for (;;) {
      if (this.#mode === 'block') {
        const block = this.#nextBlock();
        if (block !== undefined) return block;
      } else if (this.#mode === 'search') {
        if (!this.#search()) return null;
      } else if (this.#mode === 'header') {
        if (!this.#readHeader()) return null;
      } else if (this.#mode === 'over') {
        return null;
      } else {
        throw this.#refusal as TraceError;
      }
    }
  }

  #makeRoom(more: number): void {
    const rest = this.#filled - this.#at;
    let bytes = this.#bytes;
    if (rest + more > bytes.length) {
      bytes = new Uint8Array(Math.max(bytes.length * 2, Math.ceil((rest + more) / SLOT_BYTES) * SLOT_BYTES));
    }
    bytes.set(this.#bytes.subarray(this.#at, this.#filled));
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#words = new Uint32Array(bytes.buffer);
    }
    this.#offset += this.#at;
    this.#at = 0;
    this.#filled = rest;
  }

  /** Returns false if more bytes are needed. */
  #readHeader(): boolean {
    if (this.#filled - this.#at < SEGMENT_HEADER_BYTES) return false;
    const result = readSegmentHeader(this.#words, this.#bytes, this.#at / 4);
    if (result.kind === 'refused') {
      this.#refusal = new TraceError(this.source, `offset ${this.offset}`, result.problem);
      this.#mode = 'refused';
    } else if (result.kind === 'good') {
      this.#header = result.header;
      this.#at += SEGMENT_HEADER_BYTES;
      this.#mode = 'block';
      this.#onHeader(result.header);
    } else {
      // The blocks may be whole although the header is not: they are read as of the newest version.
      this.#startSearch(SLOT_BYTES, SEGMENT_HEADER_BYTES, result.problem);
      this.#onHeader(undefined);
    }
    return true;
  }

  /** The block at #at; null if more bytes are needed, undefined if there was none to give (mode or #at changed). */
  #nextBlock(): RecordBlock | null | undefined {
    const at = this.#at;
    const available = this.#filled - at;
    if (available < BLOCK_HEADER_BYTES) return null;
    const words = this.#words;
    const bytes = this.#bytes;
    const word = at / 4;
    if (!isBlockHeader(words, bytes, word)) {
      if (this.#chained && findSegmentHeader(bytes, at, at + 1, this.#filled) === at) return this.#meetSegment(at);
      this.#startSearch(SLOT_BYTES, BLOCK_HEADER_BYTES, 'no block header with a right checksum');
      return undefined;
    }
    const payloadBytes = words[word + 1];
    const blockBytes = BLOCK_HEADER_BYTES + payloadBytes;
    if (available < blockBytes) return null;
    const state = words[word + 6];
    const opening = (state & BLOCK_OPENING) !== 0;
    if (opening && this.skipOpening) {
      this.#step(state, blockBytes);
      return undefined;
    }
    const start = word + BLOCK_HEADER_BYTES / 4;
    const end = word + blockBytes / 4;
    if (crc32(bytes.subarray(at + BLOCK_HEADER_BYTES, at + blockBytes)) !== words[word + 3]) {
      this.#startSearch(BLOCK_HEADER_BYTES, blockBytes, 'the block has a wrong checksum');
      return undefined;
    }
    if (!opening) this.openingPassed = true;
    const recordCount = checkRecords(words, start, end);
    this.#step(state, blockBytes);
    if (recordCount !== words[word + 2]) {
      // The checksums are right, so the next block stands where this one ends: its writer made a mistake.
      const problem =
        recordCount < 0
          ? `the record at offset ${this.#offset + (-1 - recordCount) * 4} is malformed`
          : `the block holds ${recordCount} records and announces ${words[word + 2]}`;
      this.#damages.add(`offset ${this.#offset + at}`, problem);
      return undefined;
    }
    const baseTimeMicros = fromHalves(words[word + 4], words[word + 5]);
    return { baseTimeMicros, words, start, end, recordCount };
  }

  /** Behind a good block. Blocks missing before it, of which nothing else tells, are damage too. */
  #step(state: number, blockBytes: number): void {
    const sequence = state >>> 8;
    const missing = (sequence - this.#sequence) & 0xffffff;
    if (missing !== 0 && !this.#gapKnown) {
      this.#damages.add(`offset ${this.#offset + this.#at}`, `block ${sequence} where ${this.#sequence} should be`);
    }
    this.#gapKnown = false;
    this.#sequence = (sequence + 1) & 0xffffff;
    this.#at += blockBytes;
  }

  /** The `badBytes` bytes at #at are bad: count them, or wait if they end in zeros; go on `skip` bytes further. */
  #startSearch(skip: number, badBytes: number, problem: string): void {
    this.#suspectIsZeros = this.#isZeroSlot(this.#at + badBytes - SLOT_BYTES);
    if (this.#suspectIsZeros || this.#chained) {
      this.#suspectOffset = this.#offset + this.#at;
      this.#suspectEnd = this.#suspectOffset + badBytes;
      this.#suspectProblem = problem;
    } else {
      this.#damages.add(`offset ${this.#offset + this.#at}`, problem);
    }
    this.#gapKnown = true;
    this.#mode = 'search';
    this.#at += skip;
  }

  /** To the next block header; returns false if more bytes are needed. */
  #search(): boolean {
    const words = this.#words;
    const bytes = this.#bytes;
    const next = this.#chained ? findSegmentHeader(bytes, this.#at, this.#filled, this.#filled) : this.#filled;
    while (this.#filled - this.#at >= BLOCK_HEADER_BYTES) {
      // A block header is at a multiple of 16, the next segment's header anywhere in between.
      if (next < this.#at + SLOT_BYTES) return this.#meetSegment(next) === undefined;
      if (isBlockHeader(words, bytes, this.#at / 4)) {
        this.#confirmSuspect();
        this.#mode = 'block';
        return true;
      }
      if (this.#offset + this.#at >= this.#suspectEnd && !this.#isZeroSlot(this.#at)) this.#confirmSuspect();
      this.#at += SLOT_BYTES;
    }
    return false;
  }

  /**
   * The next segment begins at index `at`, or may: null if more bytes are needed to know, undefined if it does. A bad
   * place before it that it cut short is a torn tail.
   */
  #meetSegment(at: number): null | undefined {
    if (this.#filled - at < SEGMENT_HEADER_BYTES) return null;
    const offset = this.#offset + at;
    if (this.#suspectOffset >= 0 && (this.#suspectIsZeros || offset < this.#suspectEnd)) {
      this.#tornBytes = offset - this.#suspectOffset;
      this.#suspectOffset = -1;
    }
    this.#confirmSuspect();
    this.#at = at;
    this.#mode = 'over';
    return undefined;
  }

  #confirmSuspect(): void {
    if (this.#suspectOffset < 0) return;
    this.#damages.add(`offset ${this.#suspectOffset}`, this.#suspectProblem);
    this.#suspectOffset = -1;
  }

  #isZeroSlot(at: number): boolean {
    const words = this.#words;
    const word = at / 4;
    return words[word] === 0 && words[word + 1] === 0 && words[word + 2] === 0 && words[word + 3] === 0;
  }
}
