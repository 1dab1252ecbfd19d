import { Column } from '../../base/column.js';
import { STATE_FREE, STATE_PROVISIONAL, STATE_UNKNOWN, STATE_UNTOUCHED, STATE_ZERO } from '../../engine/layout.js';
import { FILL_CLASS } from '../../trace/record.js';
import { FIRST_COPY } from './stable-copies.js';

/**
 * What a scanner knows of each frame, by frame id: 3 words, all that a visit of a frame in a copy or in the unstable
 * tree reads of it. It is a memory of its own, for the engine's is ahead: as it is after the batch.
 *   0 held     0: nothing to visit (free, untouched, thp-zero, at the zero page); else unknown, zero, or the content id
 *   1 place    one of PLACE_*, a copy (from FIRST_COPY on), or with the top bit the node where the frame waits
 *   2 noted    32 bits of the hash that the last visit saw; holds for every place but NEW, BLANK and ZERO_PAGE
 */
export const SCAN_WORDS = 3;
export const HELD = 0;
export const PLACE = 1;
export const NOTED = 2;

export const HELD_NOTHING = 0;
/** No item yet: not visited since it became a candidate. */
export const PLACE_NEW = 0;
/** An item, in no copy and no tree. */
export const PLACE_VOLATILE = 1;
/** As PLACE_VOLATILE, but the last visit saw no content. */
export const PLACE_BLANK = 2;
/** At the kernel's zero page: no item. */
export const PLACE_ZERO_PAGE = 3;
/** A waiting frame's place is its node and this bit; as int32 it is below 0. */
export const WAITING = 0x80000000;

/** What a frame in this state (layout.ts) is to a scanner. */
export function heldIn(state: number, fillClass: number): number {
  if (state === STATE_UNTOUCHED || state === STATE_FREE) return HELD_NOTHING;
  if (state === STATE_PROVISIONAL) return STATE_UNKNOWN;
  return state === STATE_ZERO && fillClass === FILL_CLASS.thpZero ? HELD_NOTHING : state;
}

/** The rows; see the head of this file. */
export class ScannedFrames {
  readonly #column = new Column('scanned frames', 0);
  /** Frame ids below this have a row. */
  end = 0;

  /** The rows; replaced when they grow. */
  get rows(): Uint32Array {
    return this.#column.u32;
  }
  /** Bytes held. */
  get bytes(): number {
    return this.#column.bytes;
  }
  /** Bytes that rows for `frames` frames would take more. */
  growthBytes(frames: number): number {
    return this.#column.growthBytes(frames * SCAN_WORDS, true);
  }
  /** Room for frame ids below `frames`. */
  reserve(frames: number): void {
    this.#column.reserve(frames * SCAN_WORDS, true);
    this.end = frames;
  }

  #word(frameId: number, word: number): number {
    return frameId < this.end ? this.rows[frameId * SCAN_WORDS + word] : 0;
  }
  /** What a frame holds as far as the scan is concerned: 0, STATE_UNKNOWN, STATE_ZERO or a content. */
  heldBy(frameId: number): number {
    return this.#word(frameId, HELD);
  }
  /** The copy that a frame refers to; 0: none. */
  copyOf(frameId: number): number {
    const place = this.#word(frameId, PLACE) | 0;
    return place >= FIRST_COPY ? place : 0;
  }
  /** The node where a frame waits in an unstable tree; 0: in none. */
  waitsAt(frameId: number): number {
    const place = this.#word(frameId, PLACE) | 0;
    return place < 0 ? place & ~WAITING : 0;
  }
  /** Whether the kernel would keep an item for the frame. */
  hasItem(frameId: number): boolean {
    const place = this.#word(frameId, PLACE);
    return place !== PLACE_NEW && place !== PLACE_ZERO_PAGE;
  }
  /** Whether the frame is at the zero page. */
  isAtZeroPage(frameId: number): boolean {
    return this.#word(frameId, PLACE) === PLACE_ZERO_PAGE;
  }
}
