import type { GapFigures } from '../figures/host-figures.js';
import { nameInKeyframe } from './keyframe-names.js';
import type { FrameChanges } from './frame-changes.js';
import type { FrameTable } from './frame-table.js';
import type { Domain } from './domain-table.js';
import type { FillRecords } from './fill-records.js';
import {
  CHUNK_FRAMES,
  CHUNK_MASK,
  CHUNK_SHIFT,
  FIRST_CONTENT,
  FRAME_WORDS,
  STATE_UNTOUCHED,
  STATE_ZERO,
} from './layout.js';

const NOTHING = 0;
const SET_STATE = 1;
const TOUCH = 2;
const FILL_RUN = 3;
const UNTOUCH = 4;
const STEPS = 5;

/** Frames of a slice that only looks: untouched chunks cost next to nothing. */
const CHUNK_COST = 64;
/** What a slice of `steps` work counts as, in frames. */
const STEP_FRAMES = 1024;

/**
 * What one record asks for that is longer than a slice: a run of a million frames, a domain that goes, the end of a
 * keyframe. It is done a part at a time, in order, and no further record is applied before it is over; so the state
 * after each record is what it would be, and in between somebody may poll a port and look at the figures.
 *
 * One piece at a time. A piece may begin another one when it is over (`then`).
 */
export class LongWork {
  #kind = NOTHING;
  #domain: Domain | null = null;
  /** Next gfn, and the one behind the last. */
  #at = 0;
  #end = 0;
  #state = 0;
  #cause = 0;
  #head = 0;
  #words = new Uint32Array(4);
  /** The chunks to be untouched: number in the domain and first frame id. */
  readonly #numbers: number[] = [];
  readonly #bases: number[] = [];
  #named: ReadonlyMap<number, Uint32Array> | null = null;
  #step: (work: number) => boolean = () => false;
  #then: (() => void) | null = null;

  constructor(
    private readonly frames: FrameTable,
    private readonly changes: FrameChanges,
    private readonly fillRecords: FillRecords,
    private readonly gaps: GapFigures,
  ) {}

  /** Something is left to do. */
  get active(): boolean {
    return this.#kind !== NOTHING;
  }

  /** Frames [gfn, gfn + count) get a state. */
  setState(domain: Domain, gfn: number, count: number, state: number, cause: number): void {
    this.#begin(SET_STATE, domain, gfn, gfn + count);
    this.#state = state;
    this.#cause = cause;
  }

  /** The contents of frames [gfn, gfn + count) get warmer. */
  touch(domain: Domain, gfn: number, count: number): void {
    const end = (this.frames.lastChunk(domain.slot) + 1) * CHUNK_FRAMES;
    this.#begin(TOUCH, domain, gfn, Math.min(gfn + count, end));
  }

  /** Frames [gfn, gfn + count) are filled with the content whose hash is at words[hash]. */
  fillRun(domain: Domain, head: number, gfn: number, count: number, words: Uint32Array, hash: number): void {
    this.#begin(FILL_RUN, domain, gfn, gfn + count);
    this.#head = head;
    // The record's words may be gone before the run is over.
    this.#words[0] = words[hash];
    this.#words[1] = words[hash + 1];
  }

  /** Frames from `gfn` on become untouched, except those `named` (bits by chunk number); then `then` is called. */
  untouch(
    domain: Domain,
    gfn: number,
    named: ReadonlyMap<number, Uint32Array> | null,
    cause: number,
    then: (() => void) | null,
  ): void {
    this.#begin(UNTOUCH, domain, gfn, 0);
    this.#numbers.length = 0;
    this.#bases.length = 0;
    this.frames.eachChunk(domain.slot, gfn >>> CHUNK_SHIFT, (number, base) => {
      this.#numbers.push(number);
      this.#bases.push(base);
    });
    // Counted in frames of these chunks, one chunk after another.
    this.#at = this.#numbers[0] === gfn >>> CHUNK_SHIFT ? gfn & CHUNK_MASK : 0;
    this.#end = this.#numbers.length * CHUNK_FRAMES;
    this.#named = named;
    this.#cause = cause;
    this.#then = then;
  }

  /** Calls `step` with an amount of work until it returns false (nothing left); then `then`. */
  steps(step: (work: number) => boolean, then: (() => void) | null): void {
    this.#begin(STEPS, null, 0, 0);
    this.#step = step;
    this.#then = then;
  }

  #begin(kind: number, domain: Domain | null, at: number, end: number): void {
    this.#kind = kind;
    this.#domain = domain;
    this.#at = at;
    this.#end = end;
    this.#named = null;
    this.#then = null;
  }

  /** Does a part of about `frames` frames; returns what it was worth, at least 1. */
  run(frames: number): number {
    const domain = this.#domain;
    let cost = 0;
    let over: boolean;
    if (domain === null) {
      over = !this.#step(frames);
      cost = Math.min(frames, STEP_FRAMES);
    } else {
      const before = this.#at;
      if (this.#kind === SET_STATE) this.#setSome(domain, frames);
      else if (this.#kind === TOUCH) cost = this.#touchSome(domain, frames);
      else if (this.#kind === FILL_RUN) this.#fillSome(domain, frames);
      else this.#untouchSome(domain, frames);
      if (cost === 0) cost = this.#at - before;
      over = this.#at >= this.#end;
    }
    if (over) this.#finish();
    return Math.max(1, cost);
  }

  #finish(): void {
    const then = this.#then;
    this.#kind = NOTHING;
    this.#domain = null;
    this.#named = null;
    this.#then = null;
    then?.();
  }

  #setSome(domain: Domain, frames: number): void {
    const stop = Math.min(this.#end, this.#at + frames);
    while (this.#at < stop) {
      const base = this.frames.chunkBase(domain.slot, this.#at);
      const first = this.#at & CHUNK_MASK;
      const count = Math.min(stop - this.#at, CHUNK_FRAMES - first);
      if (base < 0) this.gaps.unmodelled += count;
      else {
        const named = domain.keyframeNamed;
        if (named !== null) nameInKeyframe(named, this.#at >>> CHUNK_SHIFT, first, count);
        for (let i = 0; i < count; i++) {
          this.changes.set(base + first + i, domain.slot, this.#state, this.#cause, 0);
        }
      }
      this.#at += count;
    }
  }

  #fillSome(domain: Domain, frames: number): void {
    const count = Math.min(this.#end - this.#at, frames);
    this.fillRecords.frames(domain, this.#head, this.#at, count, this.#words, 0, 0);
    this.#at += count;
  }

  /** Returns the cost: a chunk that was never named is passed over at once. */
  #touchSome(domain: Domain, frames: number): number {
    const words = this.frames.words;
    let cost = 0;
    while (this.#at < this.#end && cost < frames) {
      const chunkEnd = Math.min(this.#end, ((this.#at >>> CHUNK_SHIFT) + 1) * CHUNK_FRAMES);
      const frameId = this.frames.find(domain.slot, this.#at);
      if (frameId < 0) {
        this.#at = chunkEnd;
        cost += CHUNK_COST;
        continue;
      }
      const count = Math.min(chunkEnd - this.#at, frames - cost);
      for (let i = 0; i < count; i++) {
        const content = words[(frameId + i) * FRAME_WORDS];
        if (content >= FIRST_CONTENT || content === STATE_ZERO) this.changes.addHeat(content);
      }
      this.#at += count;
      cost += count;
    }
    return cost;
  }

  #untouchSome(domain: Domain, frames: number): void {
    const stop = Math.min(this.#end, this.#at + frames);
    while (this.#at < stop) {
      const chunk = Math.floor(this.#at / CHUNK_FRAMES);
      const first = this.#at & CHUNK_MASK;
      const count = Math.min(stop - this.#at, CHUNK_FRAMES - first);
      const base = this.#bases[chunk];
      const bits = this.#named?.get(this.#numbers[chunk]);
      for (let i = first; i < first + count; i++) {
        if (bits !== undefined && ((bits[i >>> 5] >>> (i & 31)) & 1) !== 0) continue;
        this.changes.set(base + i, domain.slot, STATE_UNTOUCHED, this.#cause, 0);
      }
      this.#at += count;
    }
  }
}
