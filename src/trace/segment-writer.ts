/**
 * Writes one stream as segments `NAME.000001.pgt`, `NAME.000002.pgt` … through a sink that its caller hands in.
 *
 * Records are packed into blocks of at most 64 KiB. A block is written when the next record does not fit and on
 * `flush`, always whole and in one write, so a reader that tails the file sees a torn block only between two of them.
 *
 * A segment is closed when it is larger than max(rotateBytes, 8 × the bytes of its opening): so the openings cost at
 * most an eighth. That is decided between two `append`s only, where the state to open with is plain to see. The next
 * segment is opened at once and begins with the opening: declarations and keyframes, in blocks marked as such.
 *
 * When the sink fails (a full disk), the call throws and the writer is `stalled`: what was appended is kept. `flush`
 * tries again, with the very same bytes, because a reader may have seen the first of them.
 */
import { assert } from '../base/assert.js';
import { fromHalves } from '../base/units.js';
import {
  BLOCK_BYTES_MAX,
  BLOCK_HEADER_BYTES,
  BLOCK_OPENING,
  encodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
  writeBlockHeader,
} from './binary.js';
import { RecordBuffer } from './record-buffer.js';
import { checkRecords } from './record-check.js';
import { KIND, kindOf, SLOT_WORDS, slotsOf, type RecordBlock } from './record.js';
import { segmentFileName } from './segment-name.js';
import { StreamState } from './stream-state.js';

/** Segments are closed at about this size. */
export const ROTATE_BYTES_DEFAULT = 64 * 1024 * 1024;
/** … and never before this many times the size of their opening. */
const OPENINGS_PER_SEGMENT = 8;

/** Where segments go. Calls come in the order open, write …, close; what they throw goes through to the caller. */
export interface SegmentSink {
  /** Creates the file of this name (no directory). */
  open(fileName: string): void;
  /** Appends; the bytes are valid only during the call. */
  write(bytes: Uint8Array): void;
  close(): void;
}

/** Writes declarations and keyframes of the stream as it is now; may call `drain` when the buffer is large. */
export type OpeningWriter = (buffer: RecordBuffer, drain: () => void) => void;

/** How a SegmentWriter rotates and numbers; every field has a default. */
export interface SegmentWriterOptions {
  readonly rotateBytes?: number;
  /** Number of the first segment to write, default 1. A recorder that starts again goes on behind the last one. */
  readonly firstSegment?: number;
  /**
   * The stream as the segments before `firstSegment` leave it: the first segment begins with its opening, and the
   * records appended go on behind it. The writer follows the stream with it. Not together with `opening`.
   */
  readonly state?: StreamState;
  /** Bytes of the last segment before `firstSegment` up to its last whole block, see SegmentHeader. */
  readonly previousBytes?: number;
  /**
   * Who writes the openings: the stream's state behind all records appended so far. A producer that knows that state
   * anyway saves memory so; it must append a keyframe in one piece. By default the writer follows the stream itself
   * (StreamState).
   */
  readonly opening?: OpeningWriter;
}

const NO_WORDS = new Uint32Array(0);

/** Writes one stream; what the sink throws goes through to the caller. */
export class SegmentWriter {
  /** Bytes written to all segments so far. */
  bytesWritten = 0;
  /** Number of the segment being written, of the next one if none is open. */
  segment: number;

  #memory = new Uint32Array(BLOCK_BYTES_MAX / 4);
  #bytes = new Uint8Array(this.#memory.buffer);
  /** Words of #memory in use; the first ones are the place of the block's header. */
  #used = BLOCK_HEADER_BYTES / 4;
  #records = 0;
  /** Bytes of the block in #memory once its header is written, 0 before: from then on nothing of it changes. */
  #sealedBytes = 0;
  /** Words appended and not packed, because the sink failed. */
  #unpacked = NO_WORDS;
  /** The state has not followed them yet: they come behind an opening that failed. */
  #followDue = false;
  #stalled = false;
  /** Trace time behind the last record, and before the first record of the block, µs. */
  #timeMicros = 0;
  #baseTimeMicros = 0;

  #open = false;
  #closed = false;
  #segmentBytes = 0;
  #openingBytes = 0;
  /** Of the segment before this one. */
  #previousBytes: number;
  /** The next segment begins with an opening, which is not whole yet. */
  #openingDue: boolean;
  #sequence = 0;
  #flags = 0;
  readonly #rotateBytes: number;
  readonly #opening: OpeningWriter;
  readonly #state: StreamState | undefined;
  #scratch = new RecordBuffer();

  /** @param name of the stream: one path component */
  constructor(
    readonly name: string,
    readonly sink: SegmentSink,
    options: SegmentWriterOptions = {},
  ) {
    segmentFileName(name, 1); // asserts the name
    assert(options.state === undefined || options.opening === undefined, 'one of both knows the state');
    this.segment = options.firstSegment ?? 1;
    this.#rotateBytes = options.rotateBytes ?? ROTATE_BYTES_DEFAULT;
    this.#previousBytes = options.previousBytes ?? 0;
    this.#openingDue = options.state !== undefined;
    this.#timeMicros = options.state?.timeMicros ?? 0;
    this.#baseTimeMicros = this.#timeMicros;
    if (options.opening === undefined) {
      const state = options.state ?? new StreamState();
      this.#state = state;
      this.#opening = (buffer, drain) => state.writeOpening(buffer, drain);
    } else {
      this.#opening = options.opening;
    }
  }

  /** The sink has failed: nothing can be appended until `flush` has brought out what was appended before. */
  get stalled(): boolean {
    return this.#stalled;
  }

  /** Domains of which the openings have no keyframe, see StreamState. */
  get domainsNotKept(): number {
    return this.#state?.domainsNotKept ?? 0;
  }

  /** Appends the records of a buffer, which go on at the stream's time. The buffer is not cleared. */
  append(buffer: RecordBuffer): void {
    this.#append(buffer.words, 0, buffer.wordCount);
  }

  /** Appends a decoded or merged range of records; a `time` goes before them if they begin at another time. */
  appendBlock(block: Pick<RecordBlock, 'baseTimeMicros' | 'words' | 'start' | 'end'>): void {
    const startsWithTime = block.start < block.end && kindOf(block.words[block.start]) === KIND.time;
    if (block.baseTimeMicros !== this.#timeMicros && !startsWithTime) {
      const scratch = this.#scratch;
      scratch.clear();
      scratch.time(block.baseTimeMicros);
      const withTime = new Uint32Array(scratch.wordCount + block.end - block.start);
      withTime.set(scratch.words.subarray(0, scratch.wordCount));
      withTime.set(block.words.subarray(block.start, block.end), scratch.wordCount);
      this.#append(withTime, 0, withTime.length);
    } else {
      this.#append(block.words, block.start, block.end);
    }
  }

  /** Writes what is packed, so that a reader sees it. After a failure: tries again. */
  flush(): void {
    this.#stalled = true;
    if (this.#openingDue && (this.#open || this.#records > 0 || this.#unpacked.length > 0)) this.#openWithOpening();
    this.#writeSealed();
    const rest = this.#unpacked;
    if (this.#followDue) this.#state?.follow(rest, 0, rest.length);
    this.#followDue = false;
    this.#unpacked = NO_WORDS;
    this.#pack(rest, 0, rest.length);
    this.#writeBlock();
    this.#stalled = false;
  }

  /** Flushes and closes the segment; nothing can be appended after that. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.flush();
    } finally {
      if (this.#open) this.sink.close();
      this.#open = false;
    }
  }

  #append(words: Uint32Array, start: number, end: number): void {
    assert(!this.#closed, 'the writer is open');
    assert(!this.#stalled, 'the writer is not stalled');
    assert(checkRecords(words, start, end) >= 0, 'records are well-formed');
    this.#stalled = true;
    try {
      if (this.#openingDue) this.#openWithOpening();
    } catch (error) {
      this.#unpacked = words.slice(start, end);
      this.#followDue = true;
      throw error;
    }
    this.#state?.follow(words, start, end);
    this.#pack(words, start, end);
    const segmentBytes = this.#segmentBytes + (this.#records > 0 ? this.#used * 4 : 0);
    if (segmentBytes > Math.max(this.#rotateBytes, OPENINGS_PER_SEGMENT * this.#openingBytes)) this.#rotate();
    this.#stalled = false;
  }

  /** Copies whole records into blocks, as many at a time as fit. */
  #pack(words: Uint32Array, start: number, end: number): void {
    let at = start;
    while (at < end) {
      if (this.#records === 0) this.#baseTimeMicros = this.#timeMicros;
      const room = this.#memory.length - this.#used;
      let to = at;
      let records = 0;
      while (to < end) {
        const head = words[to];
        const next = to + slotsOf(head) * SLOT_WORDS;
        if (next - at > room) break;
        if (kindOf(head) === KIND.time) {
          this.#timeMicros = fromHalves(words[to + 1], words[to + 2]);
        }
        records++;
        to = next;
      }
      this.#memory.set(words.subarray(at, to), this.#used);
      this.#used += to - at;
      this.#records += records;
      at = to;
      if (at === end) return;
      try {
        this.#writeBlock();
      } catch (error) {
        this.#unpacked = words.slice(at, end);
        throw error;
      }
    }
  }

  #writeBlock(): void {
    if (this.#records === 0) return;
    if (!this.#open || this.#segmentBytes === 0) this.#openSegment();
    if (this.#sealedBytes === 0) {
      const payloadBytes = (this.#used - BLOCK_HEADER_BYTES / 4) * 4;
      const base = this.#baseTimeMicros;
      writeBlockHeader(this.#memory, this.#bytes, 0, payloadBytes, this.#records, base, this.#flags, this.#sequence);
      this.#sealedBytes = BLOCK_HEADER_BYTES + payloadBytes;
    }
    this.#writeSealed();
  }

  #writeSealed(): void {
    if (this.#sealedBytes === 0) return;
    this.#write(this.#bytes.subarray(0, this.#sealedBytes));
    this.#sequence++;
    this.#dropBlock();
  }

  #dropBlock(): void {
    this.#sealedBytes = 0;
    this.#used = BLOCK_HEADER_BYTES / 4;
    this.#records = 0;
  }

  #rotate(): void {
    this.#writeBlock();
    this.#openingDue = true;
    this.#closeSegment();
    this.#openWithOpening();
  }

  #closeSegment(): void {
    this.#open = false;
    this.segment++;
    // Nothing was written whole: the next one goes on behind the one before.
    if (this.#segmentBytes > 0) this.#previousBytes = this.#segmentBytes;
    this.sink.close();
  }

  /** Begins a segment with the state so far. If it fails half-way, the next try leaves that segment and begins anew. */
  #openWithOpening(): void {
    if (this.#open) this.#closeSegment();
    const rest = this.#unpacked;
    // The opening may tell times; for the records behind it they count for nothing.
    const timeMicros = this.#timeMicros;
    this.#dropBlock();
    this.#baseTimeMicros = timeMicros;
    this.#openSegment();
    this.#flags = BLOCK_OPENING;
    try {
      this.#packOpening();
    } finally {
      this.#flags = 0;
      this.#timeMicros = timeMicros;
      this.#unpacked = rest;
    }
    this.#openingDue = false;
    this.#openingBytes = this.#segmentBytes - SEGMENT_HEADER_BYTES;
  }

  #packOpening(): void {
    const buffer = this.#scratch;
    buffer.clear();
    const drain = (): void => {
      assert(checkRecords(buffer.words, 0, buffer.wordCount) === buffer.recordCount, 'records are well-formed');
      this.#pack(buffer.words, 0, buffer.wordCount);
      buffer.clear();
    };
    this.#opening(buffer, drain);
    drain();
    this.#writeBlock();
  }

  #openSegment(): void {
    if (!this.#open) {
      this.sink.open(segmentFileName(this.name, this.segment));
      this.#open = true;
      this.#segmentBytes = 0;
      this.#sequence = 0;
    }
    const startTimeMicros = this.#baseTimeMicros;
    this.#write(encodeSegmentHeader({ segment: this.segment, startTimeMicros, previousBytes: this.#previousBytes }));
  }

  #write(bytes: Uint8Array): void {
    this.sink.write(bytes);
    this.#segmentBytes += bytes.length;
    this.bytesWritten += bytes.length;
  }
}
