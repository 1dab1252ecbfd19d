import { Column } from '../../base/column.js';

/** Whoever is told of the spans of frames. Ticks: TraceTicks. */
export interface SpanListener {
  /** A frame was in a span from `start` until `now`. */
  ended(frameId: number, start: number, now: number): void;
  /** A span begins. */
  started(frameId: number, now: number): void;
  /** All that is new of a frame was told; `isIn`: it is in a span. */
  settled(frameId: number, isIn: boolean, now: number): void;
}

/** What the tables need of the engine's memory. */
export interface SpanMemory {
  hasRoom(bytes: number): boolean;
}

const FRAME_WORDS = 2;
const KEY_WORDS = 2;
const KEY_MASK = 0x0fff_ffff;
const MARKED = 0x1000_0000;
const LEFT = 0x2000_0000;
const IN = 0x4000_0000;
const DIRTY = 0x8000_0000;

/**
 * Milliseconds of trace time since the first span, from 1 on; 0 is never. They stand still at 2^32 − 1: after 49 days.
 */
export class TraceTicks {
  #baseMillis = -1;

  /** The tick of a time, µs. The first one asked for is tick 1. */
  of(timeMicros: number): number {
    const millis = Math.floor(timeMicros / 1000);
    if (this.#baseMillis < 0) this.#baseMillis = millis;
    return Math.min(2 ** 32 - 1, Math.max(1, millis - this.#baseMillis + 1));
  }
}

/**
 * Follows which frames share something with another frame, and since when. A frame is under a key (a content, a copy)
 * from `join` to `leave`; it is in a span while at least one other frame is under the same key.
 *
 * What counts is the state at the end of each instant of trace time: several records of one instant (a scan) are one
 * change, in whatever order they come. A frame whose partner goes while another one comes in the same instant stays in
 * its span; one that leaves its key itself begins anew. So no span is shorter than the time between two instants.
 *
 * Kept for each key: how many frames, and the XOR of their ids, which names the other one when two become one or one
 * becomes two: O(1) a change, no lists. Frame row: key and flags, start of its span; key row: count, XOR.
 */
export class FrameSpans {
  #frames = new Column('frames in spans', 0);
  #keys = new Column('keys of spans', 0);
  /** Frames that changed at this instant. */
  #dirty = new Uint32Array(1024);
  #dirtyCount = 0;
  #nowMicros = 0;
  /** There was no room: nothing is followed any more. */
  isFull = false;

  constructor(
    private readonly ticks: TraceTicks,
    private readonly memory: SpanMemory,
    private readonly listener: SpanListener,
  ) {}

  /** Bytes held. */
  get bytes(): number {
    return this.#frames.bytes + this.#keys.bytes + this.#dirty.byteLength;
  }

  /** A frame, which is under no key, comes under one (a number from 1 on). */
  join(key: number, frameId: number): void {
    if (!this.#reserve(key, frameId)) return;
    const frames = this.#frames.u32;
    const keys = this.#keys.u32;
    const at = frameId * FRAME_WORDS;
    const row = key * KEY_WORDS;
    const count = ++keys[row];
    if (count === 2) this.#touch(keys[row + 1]);
    keys[row + 1] = (keys[row + 1] ^ frameId) >>> 0;
    frames[at] = ((frames[at] & ~KEY_MASK) | key) >>> 0;
    if (count >= 2) this.#touch(frameId);
  }

  /** A frame leaves its key, if it is under one. Returns how many are left there. */
  leave(frameId: number): number {
    const key = this.keyOf(frameId);
    if (key === 0) return 0;
    const frames = this.#frames.u32;
    const keys = this.#keys.u32;
    const row = key * KEY_WORDS;
    const count = --keys[row];
    keys[row + 1] = (keys[row + 1] ^ frameId) >>> 0;
    if (count === 1) this.#touch(keys[row + 1]);
    const word = frames[frameId * FRAME_WORDS];
    frames[frameId * FRAME_WORDS] = ((word & ~KEY_MASK) | ((word & IN) !== 0 ? LEFT : 0)) >>> 0;
    if ((word & IN) !== 0) this.#touch(frameId);
    return count;
  }

  /** The key that a frame is under; 0: none. */
  keyOf(frameId: number): number {
    const at = frameId * FRAME_WORDS;
    return at < this.#frames.u32.length ? this.#frames.u32[at] & KEY_MASK : 0;
  }

  /** Start of the span that a frame was in at the end of the last instant, ticks; 0: in none. */
  startOf(frameId: number): number {
    const at = frameId * FRAME_WORDS;
    if (at >= this.#frames.u32.length || (this.#frames.u32[at] & IN) === 0) return 0;
    return this.#frames.u32[at + 1];
  }

  /** A mark that the listener may set and take away. */
  isMarked(frameId: number): boolean {
    const at = frameId * FRAME_WORDS;
    return at < this.#frames.u32.length && (this.#frames.u32[at] & MARKED) !== 0;
  }

  /** Sets or takes away the mark of a frame that was under a key before. */
  mark(frameId: number, isMarked: boolean): void {
    const at = frameId * FRAME_WORDS;
    if (at >= this.#frames.u32.length) return;
    const word = this.#frames.u32[at];
    this.#frames.u32[at] = isMarked ? word | MARKED : word & ~MARKED;
  }

  /** Lets the listener hear of a frame at the end of this instant though nothing of it changed here. */
  look(frameId: number): void {
    if (frameId * FRAME_WORDS < this.#frames.u32.length) this.#touch(frameId);
  }

  /** Trace time moves on: the instant before is over. */
  moveTo(timeMicros: number): void {
    if (timeMicros <= this.#nowMicros) return;
    this.endInstant();
    this.#nowMicros = timeMicros;
  }

  /** Nothing more comes at this instant: tells the listener what is new. */
  endInstant(): void {
    if (this.#dirtyCount === 0) return;
    const now = this.ticks.of(this.#nowMicros);
    const frames = this.#frames.u32;
    const keys = this.#keys.u32;
    for (let i = 0; i < this.#dirtyCount; i++) {
      const frameId = this.#dirty[i];
      const at = frameId * FRAME_WORDS;
      const word = frames[at];
      const key = word & KEY_MASK;
      const isIn = key !== 0 && keys[key * KEY_WORDS] >= 2;
      const begins = isIn && ((word & IN) === 0 || (word & LEFT) !== 0);
      if ((word & IN) !== 0 && (!isIn || (word & LEFT) !== 0)) this.listener.ended(frameId, frames[at + 1], now);
      frames[at] = (key | (frames[at] & MARKED) | (isIn ? IN : 0)) >>> 0;
      if (begins) {
        frames[at + 1] = now;
        this.listener.started(frameId, now);
      }
      this.listener.settled(frameId, isIn, now);
    }
    this.#dirtyCount = 0;
  }

  /** Calls `visit` with the start of every span that runs, and the tick that time stands at. O(frames). */
  eachRunning(visit: (frameId: number, start: number, now: number) => void): void {
    const frames = this.#frames.u32;
    const now = this.ticks.of(this.#nowMicros);
    for (let at = 0; at < frames.length; at += FRAME_WORDS) {
      if ((frames[at] & IN) !== 0) visit(at / FRAME_WORDS, frames[at + 1], now);
    }
  }

  #touch(frameId: number): void {
    const at = frameId * FRAME_WORDS;
    if ((this.#frames.u32[at] & DIRTY) !== 0) return;
    this.#frames.u32[at] |= DIRTY;
    if (this.#dirtyCount === this.#dirty.length) {
      const grown = new Uint32Array(this.#dirty.length * 2);
      grown.set(this.#dirty);
      this.#dirty = grown;
    }
    this.#dirty[this.#dirtyCount++] = frameId;
  }

  /** Room for a key and a frame; without it nothing is followed any more, and what was is given back. */
  #reserve(key: number, frameId: number): boolean {
    const frameWords = (frameId + 1) * FRAME_WORDS;
    const keyWords = (key + 1) * KEY_WORDS;
    if (frameWords <= this.#frames.u32.length && keyWords <= this.#keys.u32.length) return true;
    if (this.isFull) return false;
    const more = this.#frames.growthBytes(frameWords) + this.#keys.growthBytes(keyWords);
    if (this.memory.hasRoom(more)) {
      this.#frames.reserve(frameWords);
      this.#keys.reserve(keyWords);
      return true;
    }
    this.giveUp();
    return false;
  }

  /** Follows nothing any more, and gives back what it holds. */
  giveUp(): void {
    this.isFull = true;
    this.#frames = new Column('frames in spans', 0);
    this.#keys = new Column('keys of spans', 0);
    this.#dirtyCount = 0;
  }
}
