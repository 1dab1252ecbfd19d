import { Column } from '../../base/column.js';
import { NO_FRAME } from '../../engine/layout.js';

/**
 * Which slot of the region each frame is bound to, and the frames of a slot as a list whose head the slot keeps. Three
 * words by frame id: the slot, 0: none; next and previous frame of the same slot. The way back is there because a
 * domain may hold a block thousands of times: a frame that leaves must not be searched for.
 */
const WORDS = 3;
const SLOT = 0;
const NEXT = 1;
const PREVIOUS = 2;

/** See the head of this file; ends of lists are NO_FRAME. */
export class BoundFrames {
  readonly #links = new Column('bound frames', 0);

  /** Bytes held when there is room for so many frames: others must not take what `reserve` will. */
  bytesFor(frames: number): number {
    return this.#links.bytes + this.#links.growthBytes(frames * WORDS, true);
  }

  /** Room for so many frames. */
  reserve(frames: number): void {
    this.#links.reserve(frames * WORDS, true);
  }

  /** The slot a frame is bound to, or 0. */
  slotOf(frameId: number): number {
    const at = frameId * WORDS;
    return at < this.#links.u32.length ? this.#links.u32[at] : 0;
  }

  /** The next frame of the same slot, NO_FRAME behind the last. */
  next(frameId: number): number {
    return this.#links.u32[frameId * WORDS + NEXT];
  }

  /** Puts a frame, which is bound to nothing, before the first one of a slot (NO_FRAME if it has none). */
  add(slot: number, frameId: number, first: number): void {
    const links = this.#links.u32;
    const at = frameId * WORDS;
    links[at + SLOT] = slot;
    links[at + NEXT] = first;
    links[at + PREVIOUS] = NO_FRAME;
    if (first !== NO_FRAME) links[first * WORDS + PREVIOUS] = frameId;
  }

  /** Takes a frame from its slot, whose first one is `first`; returns the first one afterwards. */
  remove(frameId: number, first: number): number {
    const links = this.#links.u32;
    const at = frameId * WORDS;
    const next = links[at + NEXT];
    const previous = links[at + PREVIOUS];
    links[at + SLOT] = 0;
    if (next !== NO_FRAME) links[next * WORDS + PREVIOUS] = previous;
    if (previous === NO_FRAME) return next;
    links[previous * WORDS + NEXT] = next;
    return first;
  }
}
