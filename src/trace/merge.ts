/**
 * Merges the streams of a trace into one order by ⟨time, stream, segment, offset⟩, for report and replay (live views
 * apply records as they arrive).
 *
 * It gives ranges: as many records of one stream as come before the next record of any other. A stream that steps back
 * in time keeps its own order, its records are then simply the earliest. Ranges begin and end at `time` records or at
 * the ends of blocks. With one stream and no limit the ranges are the blocks.
 */
import { fromHalves } from '../base/units.js';
import { KIND, SLOT_WORDS, type RecordBlock } from './record.js';

/** One stream, all its segments one after another: its next block, or null at its end. */
export interface RecordPull {
  next(): RecordBlock | null;
}

/** Records of one stream, valid until the next call of `next`. They may begin with their `time` record. */
export interface MergedRange {
  readonly streamIndex: number;
  /** The time of the first record (of the `time` record itself, if it begins with one), µs. */
  readonly baseTimeMicros: number;
  readonly words: Uint32Array;
  readonly start: number;
  readonly end: number;
}

/** Where one stream stands. */
class Cursor {
  block: RecordBlock | null = null;
  at = 0;
  /** Time of the record at `at`, µs. */
  timeMicros = 0;

  constructor(
    readonly streamIndex: number,
    readonly pull: RecordPull,
  ) {}

  /** Makes sure that there is a record at `at`; false at the end of the stream. */
  ready(): boolean {
    while (this.block === null || this.at >= this.block.end) {
      const block = this.pull.next();
      this.block = block;
      if (block === null) return false;
      this.at = block.start;
      this.timeMicros = block.baseTimeMicros;
      if (block.start < block.end) this.#readTime();
    }
    return true;
  }

  /** If a `time` record is at `at`, its time is the cursor's. */
  #readTime(): void {
    const words = (this.block as RecordBlock).words;
    if ((words[this.at] & 63) !== KIND.time) return;
    this.timeMicros = fromHalves(words[this.at + 1], words[this.at + 2]);
  }

  /**
   * Moves behind the records that have a time of at most `limit` (there is at least one), up to the end of the block.
   */
  advance(limit: number): void {
    const block = this.block as RecordBlock;
    const words = block.words;
    const end = block.end;
    if (limit === Number.POSITIVE_INFINITY) {
      this.at = end;
      return;
    }
    let at = this.at;
    let timeMicros = this.timeMicros;
    // The first record is the caller's choice; from the second on a `time` record may end the range.
    at += SLOT_WORDS + ((words[at] >>> 4) & 0xfc);
    while (at < end) {
      const head = words[at];
      if ((head & 63) === KIND.time) {
        timeMicros = fromHalves(words[at + 1], words[at + 2]);
        if (timeMicros > limit) break;
      }
      at += SLOT_WORDS + ((head >>> 4) & 0xfc);
    }
    this.at = at;
    this.timeMicros = timeMicros;
  }

  /** Moves to the next record with a time of at most `limit`, or to the end of the block. */
  skip(limit: number): void {
    const { words, end } = this.block as RecordBlock;
    let at = this.at;
    while (at < end) {
      const head = words[at];
      if ((head & 63) === KIND.time) {
        this.timeMicros = fromHalves(words[at + 1], words[at + 2]);
        if (this.timeMicros <= limit) break;
      }
      at += SLOT_WORDS + ((head >>> 4) & 0xfc);
    }
    this.at = at;
  }
}

/** The range that `next` gives, again and again: with many streams a range may be one record. */
class Range implements MergedRange {
  streamIndex = 0;
  baseTimeMicros = 0;
  words: Uint32Array = new Uint32Array(0);
  start = 0;
  end = 0;
}

/** Merges streams; never throws but what a stream's `next` throws. */
export class RecordMerge {
  /** The streams that are not at their end, in stream order. */
  #cursors: Cursor[];
  #untilMicros: number;
  #range = new Range();

  /**
   * @param streams in the order that decides between equal times
   * @param untilMicros only records with a time ≤ this: all of them, also those of a stream that steps back in time,
   *   so every stream is read to its end
   */
  constructor(streams: readonly RecordPull[], untilMicros = Number.POSITIVE_INFINITY) {
    this.#cursors = streams.map((stream, index) => new Cursor(index, stream));
    this.#untilMicros = untilMicros;
  }

  /** The next range, or null when all streams are at their end. */
  next(): MergedRange | null {
    for (;;) {
      const first = this.#first();
      if (first === undefined) return null;
      if (first.timeMicros > this.#untilMicros) {
        first.skip(this.#untilMicros);
        continue;
      }
      const range = this.#range;
      range.streamIndex = first.streamIndex;
      range.baseTimeMicros = first.timeMicros;
      range.words = (first.block as RecordBlock).words;
      range.start = first.at;
      first.advance(Math.min(this.#limit(first), this.#untilMicros));
      range.end = first.at;
      return range;
    }
  }

  /** The stream whose next record is the first of all; the streams at their end are let go. */
  #first(): Cursor | undefined {
    let first: Cursor | undefined;
    let ended = false;
    for (const cursor of this.#cursors) {
      if (!cursor.ready()) ended = true;
      else if (first === undefined || cursor.timeMicros < first.timeMicros) first = cursor;
    }
    if (ended) this.#cursors = this.#cursors.filter((cursor) => cursor.block !== null);
    return first;
  }

  /** The last time up to which records of `first` come before the next record of every other stream. */
  #limit(first: Cursor): number {
    let limit = Number.POSITIVE_INFINITY;
    for (const cursor of this.#cursors) {
      if (cursor === first) continue;
      // Between equal times the lower stream is first. Times are integers.
      const upTo = cursor.streamIndex < first.streamIndex ? cursor.timeMicros - 1 : cursor.timeMicros;
      if (upTo < limit) limit = upTo;
    }
    return limit;
  }
}
