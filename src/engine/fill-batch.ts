import type { ContentIndex } from './content-index.js';
import { CAUSE } from './effects.js';
import type { FrameChanges } from './frame-changes.js';
import type { FrameTable } from './frame-table.js';
import { C_HEAD, CONTENT_WORDS, FIRST_CONTENT, FRAME_WORDS, NO_FRAME, STATE } from './layout.js';
import { ZERO_HASH_HIGH, ZERO_HASH_LOW } from '../trace/record.js';

const FILLS_MAX = 256;

/**
 * Fills gathered from consecutive records, then applied together. Nearly every line a fill needs (index entry, frame,
 * two content rows, neighbours in the reverse map) is a cache miss of its own; read one fill at a time they wait for
 * one another, read a batch ahead of use the processor fetches many at once. JavaScript has no prefetch instruction: a
 * plain read whose value goes into a sink does it.
 */
export class FillBatch {
  readonly #frame = new Uint32Array(FILLS_MAX);
  readonly #slotClass = new Uint32Array(FILLS_MAX);
  readonly #low = new Uint32Array(FILLS_MAX);
  readonly #high = new Uint32Array(FILLS_MAX);
  readonly #guess = new Uint32Array(FILLS_MAX);
  #count = 0;
  /** Keeps the reads ahead from being optimised away. */
  sink = 0;

  constructor(
    private readonly frames: FrameTable,
    private readonly contents: ContentIndex,
    private readonly changes: FrameChanges,
  ) {}

  /** Adds the fill of one frame. `slotClass` is slot | class << 16. */
  add(frameId: number, slotClass: number, low: number, high: number): void {
    if (this.#count === FILLS_MAX) this.flush();
    const at = this.#count++;
    this.#frame[at] = frameId;
    this.#slotClass[at] = slotClass;
    this.#low[at] = low;
    this.#high[at] = high;
  }

  /** Applies what was gathered, in order. */
  flush(): void {
    const count = this.#count;
    if (count === 0) return;
    this.contents.reserve(count);
    if (count > 4) this.#readAhead(count);
    const contents = this.contents;
    const changes = this.changes;
    for (let i = 0; i < count; i++) {
      const low = this.#low[i];
      const high = this.#high[i];
      const next = low === ZERO_HASH_LOW && high === ZERO_HASH_HIGH ? STATE.zero : contents.intern(low, high);
      const slotClass = this.#slotClass[i];
      changes.set(this.#frame[i], slotClass & 0xffff, next, CAUSE.fill, slotClass >>> 16);
    }
    this.#count = 0;
  }

  #readAhead(count: number): void {
    const contents = this.contents;
    const rows = contents.words;
    const frameWords = this.frames.words;
    const guess = this.#guess;
    let sink = 0;
    for (let i = 0; i < count; i++) {
      guess[i] = contents.guess(this.#low[i]);
      sink ^= frameWords[this.#frame[i] * FRAME_WORDS];
    }
    for (let i = 0; i < count; i++) {
      const row = guess[i] * CONTENT_WORDS;
      const head = rows[row + C_HEAD];
      sink ^= rows[row + CONTENT_WORDS - 1];
      const frame = this.#frame[i] * FRAME_WORDS;
      const old = frameWords[frame];
      if (old >= FIRST_CONTENT) {
        const oldRow = old * CONTENT_WORDS;
        const next = frameWords[frame + 1];
        const previous = frameWords[frame + 2];
        sink ^= rows[oldRow] ^ rows[oldRow + CONTENT_WORDS - 1];
        if (next !== NO_FRAME) sink ^= frameWords[next * FRAME_WORDS];
        if (previous !== NO_FRAME) sink ^= frameWords[previous * FRAME_WORDS];
      }
      if (guess[i] >= FIRST_CONTENT && head !== NO_FRAME && head < this.frames.end) {
        sink ^= frameWords[head * FRAME_WORDS];
      }
    }
    this.sink ^= sink;
  }
}
