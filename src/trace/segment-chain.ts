/**
 * Reads binary segments that come one after another through a pipe: `cat a.000001.pgt a.000002.pgt`.
 *
 * Segments that count on are one stream, and of that a reader in step skips the openings. A segment that does not count
 * on (a recorder that began anew, the segments of another stream) begins the next stream: its domids are its own.
 */
import { DAMAGE_LISTED_MAX, type Damage, type TraceDecoder } from './decoder.js';
import type { RecordBlock } from './record.js';
import { SegmentDecoder } from './segment-decoder.js';
import { TraceError } from './trace-error.js';

/** Streams one after another; each costs the engine a table of domids. */
const STREAMS_MAX = 256;

/** Decodes segments to the end of the input; `next` throws a TraceError for one that is refused by name. */
export class SegmentChain implements TraceDecoder {
  /** The first segment is read whole; after that being in step is decided here. */
  skipOpening = false;
  /** The stream that the last block was of, from 0. */
  streamIndex = 0;
  /** Where something is missing between two segments, one line each: a torn end, segments that were left out. */
  readonly gaps: Damage[] = [];

  #segment: SegmentDecoder;
  /** Bytes of the input before it. */
  #origin = 0;
  /** Of the segments before. */
  #damagedBlocksBefore = 0;
  #damageBefore: readonly Damage[] = [];

  /** @param source the input's name, for messages */
  constructor(readonly source: string) {
    this.#segment = new SegmentDecoder(source, { chained: true });
  }

  get damagedBlocks(): number {
    return this.#damagedBlocksBefore + this.#segment.damagedBlocks;
  }

  get damage(): readonly Damage[] {
    return [...this.#damageBefore, ...this.#segment.damage].slice(0, DAMAGE_LISTED_MAX);
  }

  get openingPassed(): boolean {
    return this.#segment.openingPassed;
  }

  get tornTailBytes(): number {
    return this.#segment.tornTailBytes;
  }

  push(bytes: Uint8Array): void {
    this.#segment.push(bytes);
  }

  end(): void {
    this.#segment.end();
  }

  /** What a pipe has given is not taken back. */
  dropTail(): boolean {
    return false;
  }

  next(): RecordBlock | null {
    for (;;) {
      const block = this.#segment.next();
      if (block !== null) return block;
      const rest = this.#segment.rest;
      if (rest === null) return null;
      this.#follow(this.#segment, rest);
    }
  }

  /** The next segment begins with these bytes, its whole header among them. */
  #follow(before: SegmentDecoder, rest: Uint8Array): void {
    const place = `offset ${before.offset}`;
    const segment = new SegmentDecoder(this.source, { chained: true, origin: before.offset });
    segment.push(rest);
    segment.readHeader();
    const torn = before.tornTailBytes;
    const wholeBytes = before.offset - this.#origin - torn;
    const previousBytes = segment.header?.previousBytes ?? 0;
    const lacking = previousBytes - wholeBytes;
    const isWhole = previousBytes === 0 ? torn === 0 : lacking === 0;
    if (!isWhole && torn > 0) {
      this.gaps.push({ place, problem: `the segment before it ends inside a block (${torn} bytes of it)` });
    }
    const number = segment.header?.segment;
    const expected = before.header === undefined ? number : before.header.segment + 1;
    if (number !== undefined && expected !== undefined) {
      if (number < expected) this.#nextStream();
      else if (number > expected) this.gaps.push({ place, problem: missing(number - expected) });
      else if (number === expected && !isWhole && torn === 0 && lacking > 0) {
        this.gaps.push({ place, problem: `the segment before it lacks its last ${lacking} bytes` });
      }
      const isKnown = before.header !== undefined && before.damagedBlocks === 0;
      segment.skipOpening = number === expected && isWhole && isKnown && (before.skipOpening || before.openingPassed);
    }
    this.#origin = before.offset;
    this.#damageBefore = this.damage;
    this.#damagedBlocksBefore += before.damagedBlocks;
    this.#segment = segment;
  }

  #nextStream(): void {
    this.streamIndex++;
    if (this.streamIndex < STREAMS_MAX) return;
    throw new TraceError(this.source, '', `more than ${STREAMS_MAX} streams one after another: start sharetop anew`);
  }
}

function missing(segments: number): string {
  return segments === 1 ? 'the segment before it is not there' : `${segments} segments before it are not there`;
}
