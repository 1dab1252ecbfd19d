/**
 * What reads a stream's bytes into records. Push parsers: they do no I/O, take the bytes cut anywhere, and give blocks
 * of whole, structurally checked records.
 *
 *   decoder.push(bytes);
 *   for (let block = decoder.next(); block !== null; block = decoder.next()) apply(block);
 *
 * A block lies in the decoder's own memory and is valid until the next call of `push` or `next`. Bad input never
 * throws, it is skipped, counted and listed; the exception is a header that says in so many words that this program
 * cannot read the file: then `next` throws a TraceError, each time.
 */
import type { RecordBlock } from './record.js';

/** One damaged place: `offset 4096` or `line 12`, and what is wrong there. */
export interface Damage {
  readonly place: string;
  readonly problem: string;
}

/** Damages that are listed; more are only counted. */
export const DAMAGE_LISTED_MAX = 64;

/** Bytes of one file or stream into record blocks; see the head of this file. */
export interface TraceDecoder {
  /** Takes a copy of the next bytes of the input. Drain `next` between pushes: what is pushed is held in memory. */
  push(bytes: Uint8Array): void;
  /** The next block, or null: more bytes are needed (after `end`: there is no more). */
  next(): RecordBlock | null;
  /** No more bytes will come. `next` is still to be drained; `tornTailBytes` is final after that. */
  end(): void;
  /**
   * Forgets the torn tail: its writer has taken it back, and the next bytes pushed are those that come in its place.
   * False if that cannot be, because the tail is or may be damage.
   */
  dropTail(): boolean;
  /** Damaged blocks (binary: one for each damaged stretch) or lines (NDJSON) so far. */
  readonly damagedBlocks: number;
  /** The first DAMAGE_LISTED_MAX of them. */
  readonly damage: readonly Damage[];
  /** Bytes at the end of the input that are not yet a whole block or line: wait for the rest. */
  readonly tornTailBytes: number;
  /**
   * For a reader already in step: blocks that only repeat the state (a segment's opening declarations and keyframes)
   * are skipped undecoded. Set back to false after damage, so that the next opening mends what was missed.
   */
  skipOpening: boolean;
  /**
   * A whole block behind the opening was met, so the opening is whole too. Until then a reader that has read it may yet
   * lack a part of the state: its recorder may have been stopped half-way.
   */
  readonly openingPassed: boolean;
}

/** A bounded list of damages; the decoders share it. */
export class DamageList {
  /** All damages, listed or not. */
  count = 0;
  readonly listed: Damage[] = [];

  /** Counts a damage and keeps it if there is room. */
  add(place: string, problem: string): void {
    this.count++;
    if (this.listed.length < DAMAGE_LISTED_MAX) this.listed.push({ place, problem });
  }
}
