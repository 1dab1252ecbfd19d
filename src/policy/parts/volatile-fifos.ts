import { Column } from '../../base/column.js';
import type { EngineView } from '../../engine/effects.js';
import { FRAME_WORDS, NO_FRAME } from '../../engine/layout.js';

/** What a frame takes here. */
export const FIFO_FRAME_BYTES = 8;
/** Marks the end of a list; ids of frames are kept plus 1, so that 0 is "in no FIFO". */
const END = 0xffffffff;

/**
 * For each domain the queue of its volatile pages, oldest first: two words a frame id, next and previous frame of the
 * queue plus 1. A frame is in one queue at most, that of its domain.
 */
export class VolatileFifos {
  readonly #links = new Column('volatile frames', 0);
  /** By domain slot: oldest and newest frame plus 1, 0 if empty, and how many. */
  #queues = new Uint32Array(8 * 3);
  /** Frames in all of them. */
  frames = 0;

  /** @param framesMax what one of them holds at most */
  constructor(
    private readonly engine: Pick<EngineView, 'frameWords'>,
    private readonly framesMax: number,
  ) {}

  /** Bytes held. */
  get bytes(): number {
    // With what `reserveFrames` will take: others must not take that room.
    return this.#links.bytes + this.#links.growthBytes(this.#words, true) + this.#queues.byteLength;
  }

  /** Room for the frames that the engine has room for, which is ahead of use. */
  reserveFrames(): void {
    this.#links.reserve(this.#words, true);
  }
  get #words(): number {
    return 2 * Math.floor(this.engine.frameWords().length / FRAME_WORDS);
  }

  /** Room for a domain. */
  startDomain(domain: number): void {
    if (domain * 3 < this.#queues.length) return;
    const queues = new Uint32Array(Math.max((domain + 1) * 3, this.#queues.length * 2));
    queues.set(this.#queues);
    this.#queues = queues;
  }

  /** The frame that has been in a domain's queue for longest, NO_FRAME if it is empty. */
  oldest(domain: number): number {
    const first = this.#queues[domain * 3];
    return first === 0 ? NO_FRAME : first - 1;
  }

  /** The frame behind another, NO_FRAME at the end. */
  next(frameId: number): number {
    const next = this.#links.u32[frameId * 2];
    return next === END ? NO_FRAME : next - 1;
  }

  /** Frames in a domain's queue. */
  count(domain: number): number {
    return this.#queues[domain * 3 + 2];
  }

  /** Puts a frame, which is in no queue, at the end of its domain's, unless that is full. */
  push(domain: number, frameId: number): void {
    const queues = this.#queues;
    const at = domain * 3;
    if (queues[at + 2] >= this.framesMax) return;
    const links = this.#links.u32;
    const newest = queues[at + 1];
    links[frameId * 2] = END;
    links[frameId * 2 + 1] = newest === 0 ? END : newest;
    if (newest === 0) queues[at] = frameId + 1;
    else links[(newest - 1) * 2] = frameId + 1;
    queues[at + 1] = frameId + 1;
    queues[at + 2]++;
    this.frames++;
  }

  /** Takes a frame out of its domain's queue, if it is in it. */
  remove(domain: number, frameId: number): void {
    const links = this.#links.u32;
    const next = links[frameId * 2];
    if (next === 0) return;
    const queues = this.#queues;
    const at = domain * 3;
    const previous = links[frameId * 2 + 1];
    if (previous === END) queues[at] = next === END ? 0 : next;
    else links[(previous - 1) * 2] = next;
    if (next === END) queues[at + 1] = previous === END ? 0 : previous;
    else links[(next - 1) * 2 + 1] = previous;
    links[frameId * 2] = 0;
    links[frameId * 2 + 1] = 0;
    queues[at + 2]--;
    this.frames--;
  }
}
