import { Column } from '../../base/column.js';

/** Row of an entry: a frame id + 1; 0: the hint is dead and only keeps its place. */
const NO_ENTRY = 0;

/**
 * A bounded circular stack of frames to be visited soon: the newest is taken first, a new one overwrites the oldest. A
 * frame is in it at most once; a hint that is dead keeps its place until its turn comes or it is overwritten. (Facts
 * §7.5: an unbounded queue fell behind until hints were stale.)
 */
export class HintStack {
  readonly #entries = new Column('hints', 0);
  /** By frame id: the place of its hint in the stack + 1; 0: it has none. */
  readonly #places = new Column('hints of frames', 0);
  /** Where the next one goes; below it `#count` places are taken, round the end. */
  #top = 0;
  #count = 0;
  pushed = 0;
  overwritten = 0;

  /** @param capacity hints that it holds, at least 1 */
  constructor(private readonly capacity: number) {}

  /** Hints in it, dead ones too. */
  get count(): number {
    return this.#count;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#entries.bytes + this.#places.bytes;
  }

  /** Bytes that `reserveFrames` would take. */
  growthBytes(frames: number): number {
    return this.#places.growthBytes(frames, true);
  }

  /** Frame ids below this can be pushed. */
  get frames(): number {
    return this.#places.u32.length;
  }
  /** Room for frame ids below `frames`. */
  reserveFrames(frames: number): void {
    this.#places.reserve(frames, true);
  }

  /** Puts a frame on top; a hint of it that is in the stack is dead. */
  push(frameId: number): void {
    this.kill(frameId);
    if (this.#count === this.capacity) {
      // The place that is written now is the oldest one.
      this.#killEntry(this.#top);
      this.overwritten++;
    } else this.#count++;
    this.#entries.reserve(this.#top + 1);
    this.#entries.u32[this.#top] = frameId + 1;
    this.#places.u32[frameId] = this.#top + 1;
    this.#top = this.#top + 1 === this.capacity ? 0 : this.#top + 1;
    this.pushed++;
  }

  /** Takes the newest hint; its frame, or -1 if the hint is dead. There must be one. */
  pop(): number {
    this.#top = this.#top === 0 ? this.capacity - 1 : this.#top - 1;
    this.#count--;
    return this.#killEntry(this.#top);
  }

  /** The hint of a frame, if it has one, is dead. */
  kill(frameId: number): void {
    const place = this.#places.u32[frameId];
    if (place !== 0) this.#killEntry(place - 1);
  }

  /** Hints of the frames for which `isDead` is true are dead. Walks the stack. */
  killWhere(isDead: (frameId: number) => boolean): void {
    for (let back = 1; back <= this.#count; back++) {
      const place = (this.#top - back + this.capacity) % this.capacity;
      const entry = this.#entries.u32[place];
      if (entry !== NO_ENTRY && isDead(entry - 1)) this.#killEntry(place);
    }
  }

  #killEntry(place: number): number {
    const entry = this.#entries.u32[place];
    if (entry === NO_ENTRY) return -1;
    this.#entries.u32[place] = NO_ENTRY;
    this.#places.u32[entry - 1] = 0;
    return entry - 1;
  }

  /** All hints, dead and alive, are gone. */
  clear(): void {
    while (this.#count > 0) this.pop();
  }
}
