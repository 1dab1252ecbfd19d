import { Column } from '../../base/column.js';
import { FRAME_WORDS } from '../../engine/layout.js';

/** Row of FRAME_WORDS words by number: state or content id, frame id (of a free row the next one), domain slot. */
const FRAME = 1;
const NEXT_FREE = 1;
const DOMAIN = 2;

/**
 * Small numbers for the few frames that matter to a sample, in the place of frame ids: the tables of each simulation
 * are then as large as the sample, not as the host. A number is given back at the end of a batch, because a policy may
 * ask for the domain of a frame that it has not heard of leaving yet.
 */
export class SampledFrames {
  /** By frame id: its number + 1, 0: none. */
  readonly #numbers = new Column('sampled frame numbers', 0);
  readonly #rows = new Column('sampled frames', 256 * FRAME_WORDS);
  #end = 0;
  #free = -1;
  readonly #left: number[] = [];

  /** Bytes held, with what `reserveFrames` will take. */
  bytes(frameIdEnd: number): number {
    return this.#numbers.bytes + this.#numbers.growthBytes(frameIdEnd, true) + this.#rows.bytes;
  }

  /** Frame ids are below this from now on. */
  reserveFrames(frameIdEnd: number): void {
    this.#numbers.reserve(frameIdEnd, true);
  }

  /** Rows of FRAME_WORDS by number; word 0 is what EngineView has there, the others are not. */
  get words(): Uint32Array {
    return this.#rows.u32;
  }
  /** Numbers are below this. */
  get end(): number {
    return this.#end;
  }

  /** Bytes that the next `add` may take. */
  get growthBytes(): number {
    return this.#free >= 0 ? 0 : this.#rows.growthBytes((this.#end + 1) * FRAME_WORDS);
  }

  /** The number of a frame, or -1. */
  find(frameId: number): number {
    return this.#numbers.u32[frameId] - 1;
  }

  /** Gives a frame, which has none, a number. */
  add(frameId: number, domain: number): number {
    let number = this.#free;
    if (number >= 0) this.#free = this.#rows.u32[number * FRAME_WORDS + NEXT_FREE] - 1;
    else {
      number = this.#end++;
      this.#rows.reserve(this.#end * FRAME_WORDS);
    }
    this.#rows.u32[number * FRAME_WORDS + FRAME] = frameId;
    this.#rows.u32[number * FRAME_WORDS + DOMAIN] = domain;
    this.#numbers.u32[frameId] = number + 1;
    return number;
  }

  /** What the frame of a number holds now. */
  setState(number: number, state: number): void {
    this.#rows.u32[number * FRAME_WORDS] = state;
  }

  /** The frame that has a number, -1 if none has. */
  frameOf(number: number): number {
    const frameId = this.#rows.u32[number * FRAME_WORDS + FRAME];
    return this.#numbers.u32[frameId] === number + 1 ? frameId : -1;
  }

  /** The frame matters no more; its number is free after `endBatch`. */
  leave(number: number): void {
    this.#numbers.u32[this.#rows.u32[number * FRAME_WORDS + FRAME]] = 0;
    this.#left.push(number);
  }

  /** Every policy has seen the batch. */
  endBatch(): void {
    for (const number of this.#left) {
      this.#rows.u32[number * FRAME_WORDS + NEXT_FREE] = this.#free + 1;
      this.#free = number;
    }
    this.#left.length = 0;
  }

  /** Domain slot of a number. */
  domainOf(number: number): number {
    return this.#rows.u32[number * FRAME_WORDS + DOMAIN];
  }
}
