import type { GapFigures } from '../figures/host-figures.js';
import type { ContentIndex } from './content-index.js';
import { CAUSE_FILL } from './effects.js';
import type { FrameChanges } from './frame-changes.js';
import type { FrameTable } from './frame-table.js';
import type { HolderCounts } from './holder-counts.js';
import {
  C_FLAGS,
  C_HASH_HIGH,
  C_HASH_LOW,
  C_HEAD,
  C_INLINE,
  C_REFS,
  CONTENT_SHIFT,
  DETAIL_WORDS,
  F_NEXT,
  F_PREV,
  FIRST_CONTENT,
  FLAG_FAIR,
  FRAME_WORDS,
  INLINE_FURTHER_ONE,
  INLINE_SLOT_MASK,
  NO_FRAME,
  STATE_UNKNOWN,
  STATE_ZERO,
} from './layout.js';
import { ZERO_HASH_HIGH, ZERO_HASH_LOW } from '../trace/record.js';

/** A multiple of 4: the loops that read ahead go four at a time. */
const FILLS_MAX = 256;
/** Below this reading ahead costs more than it saves. */
const FILLS_AHEAD_MIN = 4;

/**
 * Fills gathered from consecutive records, then applied together. Nearly every line a fill needs (index entry, frame,
 * two content rows, neighbours in the reverse map, holder counts) is a cache miss of its own, 300 ns each where tables
 * take gigabytes. Read one fill at a time they wait for one another; read a batch ahead of use the processor fetches
 * many at once. JavaScript has no prefetch instruction: a plain read whose value goes into a sink does it.
 *
 * The phases follow from that. Each reads only where the one before has brought the address into the cache, and no
 * branch depends on a value that is still on its way: a mispredicted one would wait for it. The loops that do nothing
 * but miss are small and unrolled, because the processor looks only some hundred instructions ahead.
 */
export class FillBatch {
  readonly #frame = new Uint32Array(FILLS_MAX);
  readonly #slotClass = new Uint32Array(FILLS_MAX);
  readonly #low = new Uint32Array(FILLS_MAX);
  readonly #high = new Uint32Array(FILLS_MAX);
  /** Content ids, probably; 0: probably new. */
  readonly #guess = new Uint32Array(FILLS_MAX);
  readonly #place = new Int32Array(FILLS_MAX);
  #count = 0;
  /** Keeps the reads ahead from being optimised away. */
  sink = 0;

  constructor(
    private readonly frames: FrameTable,
    private readonly contents: ContentIndex,
    private readonly holders: HolderCounts,
    private readonly changes: FrameChanges,
    private readonly gaps: GapFigures,
    /** Forgets contents that nobody holds; only what was not applied yet may name them. */
    private readonly reclaim: () => void,
  ) {}

  /** Adds the fill of one frame. `slotClass` is slot | class << 16; the hash is words[hash] and the word behind it. */
  add(frameId: number, slotClass: number, words: Uint32Array, hash: number): void {
    if (this.#count === FILLS_MAX) this.flush();
    const at = this.#count++;
    this.#frame[at] = frameId;
    this.#slotClass[at] = slotClass;
    this.#low[at] = words[hash];
    this.#high[at] = words[hash + 1];
  }

  /** Applies what was gathered, in order. */
  flush(): void {
    const count = this.#count;
    if (count === 0) return;
    this.#count = 0;
    const hasRoom = this.contents.reserve(count);
    if (!this.holders.reserve(count) || !hasRoom) {
      this.#applyScarce(count);
      return;
    }
    if (count > FILLS_AHEAD_MIN) this.#readAhead(count);
    else {
      this.#guess.fill(0, 0, count);
      this.#place.fill(-1, 0, count);
    }
    const { contents, changes } = this;
    const rows = contents.words;
    const lows = this.#low;
    const highs = this.#high;
    for (let i = 0; i < count; i++) {
      const low = lows[i];
      const high = highs[i];
      let next = this.#guess[i];
      // No content is forgotten within a batch: a guess that has the hash is right.
      const row = next << CONTENT_SHIFT;
      if (next < FIRST_CONTENT || rows[row + C_HASH_LOW] !== low || rows[row + C_HASH_HIGH] !== high) {
        // int32 halves: as u32 they are, half of the time, too large for a small integer of V8 and put on the heap.
        if (low === ZERO_HASH_LOW && high === ZERO_HASH_HIGH) next = STATE_ZERO;
        else if (next === 0) next = contents.internNew(low | 0, high | 0, this.#place[i]);
        else next = contents.intern(low | 0, high | 0);
      }
      const slotClass = this.#slotClass[i];
      changes.set(this.#frame[i], slotClass & 0xffff, next, CAUSE_FILL, slotClass >>> 16);
    }
  }

  /**
   * As `flush` at the limit of memory: a content that is known, or finds room that another gave up, is taken. Of the
   * others it is known only that the frame holds something else now.
   */
  #applyScarce(count: number): void {
    this.reclaim();
    const { contents, changes } = this;
    const mayAdd = this.holders.reserve(count);
    for (let i = 0; i < count; i++) {
      const low = this.#low[i];
      const high = this.#high[i];
      const slot = this.#slotClass[i] & 0xffff;
      let next = STATE_ZERO;
      if (low !== ZERO_HASH_LOW || high !== ZERO_HASH_HIGH) next = contents.internIfRoom(low, high);
      if (next === 0 || (next >= FIRST_CONTENT && !mayAdd && changes.mayAddEntry(next, slot))) {
        if (next !== 0) changes.markEmptyIfUnheld(next);
        this.gaps.unmodelled++;
        next = STATE_UNKNOWN;
      }
      changes.set(this.#frame[i], slot, next, CAUSE_FILL, this.#slotClass[i] >>> 16);
    }
  }

  #readAhead(count: number): void {
    const rows = this.contents.words;
    const frameWords = this.frames.words;
    const frame = this.#frame;
    const guess = this.#guess;
    let sink = touchFrames(frameWords, frame, count);
    sink ^= this.contents.guessAll(this.#low, this.#high, guess, this.#place, count);
    sink ^= touchContents(rows, frameWords, frame, guess, count);
    sink ^= this.contents.touchFree(count);
    this.sink ^= sink ^ this.#touchNeighbours(rows, frameWords, count);
  }

  /** The frames beside a fill in the lists that it leaves and joins, and its counts if they are not in the content. */
  #touchNeighbours(rows: Uint32Array, frameWords: Uint32Array, count: number): number {
    const { holders } = this;
    const { details } = this.contents;
    let sink = 0;
    for (let i = 0; i < count; i++) {
      const inlineSlot = (this.#slotClass[i] & 0xffff) + 1;
      const next = this.#guess[i];
      const row = next << CONTENT_SHIFT;
      if (next >= FIRST_CONTENT && rows[row + C_REFS] !== 0 && rows[row + C_HASH_LOW] === this.#low[i]) {
        sink ^= frameWords[Math.imul(rows[row + C_HEAD], FRAME_WORDS)];
        if ((rows[row + C_FLAGS] & FLAG_FAIR) !== 0) sink ^= details[Math.imul(next, DETAIL_WORDS)];
        if ((rows[row + C_INLINE] & INLINE_SLOT_MASK) !== inlineSlot) sink ^= holders.touch(next, inlineSlot - 1);
      }
      const frame = Math.imul(this.#frame[i], FRAME_WORDS);
      const old = frameWords[frame];
      if (old < FIRST_CONTENT || rows[(old << CONTENT_SHIFT) + C_REFS] < 2) continue;
      if ((rows[(old << CONTENT_SHIFT) + C_FLAGS] & FLAG_FAIR) !== 0) sink ^= details[Math.imul(old, DETAIL_WORDS)];
      const after = frameWords[frame + F_NEXT];
      const before = frameWords[frame + F_PREV];
      if (after !== NO_FRAME) sink ^= frameWords[Math.imul(after, FRAME_WORDS)];
      if (before !== NO_FRAME) sink ^= frameWords[Math.imul(before, FRAME_WORDS)];
      const inline = rows[(old << CONTENT_SHIFT) + C_INLINE];
      if (inline >= INLINE_FURTHER_ONE && (inline & INLINE_SLOT_MASK) !== inlineSlot) {
        sink ^= holders.touch(old, inlineSlot - 1);
      }
    }
    return sink;
  }
}

function touchFrames(frameWords: Uint32Array, frame: Uint32Array, count: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  // Past the count there are frames of earlier batches: they exist, and reading them does no harm.
  for (let i = 0; i < count; i += 4) {
    a ^= frameWords[Math.imul(frame[i], FRAME_WORDS)];
    b ^= frameWords[Math.imul(frame[i + 1], FRAME_WORDS)];
    c ^= frameWords[Math.imul(frame[i + 2], FRAME_WORDS)];
    d ^= frameWords[Math.imul(frame[i + 3], FRAME_WORDS)];
  }
  return a ^ b ^ c ^ d;
}

/** The rows of the contents that come and of those that go; states have rows too, so there is nothing to ask. */
function touchContents(
  rows: Uint32Array,
  frameWords: Uint32Array,
  frame: Uint32Array,
  guess: Uint32Array,
  count: number,
): number {
  let a = 0;
  let b = 0;
  for (let i = 0; i < count; i += 2) {
    const oldA = frameWords[Math.imul(frame[i], FRAME_WORDS)];
    const oldB = frameWords[Math.imul(frame[i + 1], FRAME_WORDS)];
    a ^= rows[guess[i] << CONTENT_SHIFT] ^ rows[oldA << CONTENT_SHIFT];
    b ^= rows[guess[i + 1] << CONTENT_SHIFT] ^ rows[oldB << CONTENT_SHIFT];
  }
  return a ^ b;
}
