import { assert } from '../base/assert.js';
import { Column, COLUMN_WORDS_MAX } from '../base/column.js';
import { MemoryBudget } from '../base/memory-budget.js';
import { CHUNK_FRAMES, CHUNK_SHIFT, FRAME_WORDS } from './layout.js';

/** The most frame rows there can be: 1.3 TiB of guest memory that records have named. */
export const FRAMES_MAX = Math.floor(COLUMN_WORDS_MAX / FRAME_WORDS / CHUNK_FRAMES) * CHUNK_FRAMES;
/** What `chunkBase` gives when there is no room for another chunk. */
export const NO_ROOM = -1;
/** Chunks below this (1 TiB of guest memory) are found through an array, those above, which hardly are, in a map. */
const NEAR_CHUNKS = 65536;
/** A chunk's row in `chunkOwner` and `chunkNumber`. */
const CHUNK_BYTES = 16;
/** An entry of the map of far chunks. */
const FAR_BYTES = 48;
const ROW_BYTES = 4 * FRAME_WORDS;

/**
 * The frames of all domains: one column of rows (layout.ts), given out in chunks of CHUNK_FRAMES when a record first
 * names a gfn of the chunk, so a huge reservation costs nothing until it is used. A frame id is the number of its row;
 * ids of a destroyed domain's chunks are used again.
 */
export class FrameTable {
  readonly rows = new Column('frames', 0);
  /** By chunk: the slot of the domain that owns it. */
  readonly chunkOwner: number[] = [];
  /** By chunk: the chunk's number within its domain (gfn >>> CHUNK_SHIFT). */
  readonly chunkNumber: number[] = [];
  /** By domain slot: chunk number below NEAR_CHUNKS → first frame id + 1; 0 or past the end: not allocated, or far. */
  readonly chunks: Uint32Array[] = [];
  /** By domain slot: the same for the numbers from NEAR_CHUNKS on; undefined: there is none. */
  readonly #far: (Map<number, number> | undefined)[] = [];
  /** What policies keep beside each row without asking: there must be room for both. */
  policyFrameBytes = 0;
  #free: number[] = [];
  #tableBytes = 0;
  /** A chunk was refused and none was given back since: so a record of a million frames is refused quickly. */
  #isFull = false;

  constructor(private readonly budget = new MemoryBudget()) {}

  /** The rows, FRAME_WORDS u32 a frame by frame id (layout.ts); replaced when they grow. */
  get words(): Uint32Array {
    return this.rows.u32;
  }

  /** Frame ids are below this. */
  get end(): number {
    return this.chunkOwner.length * CHUNK_FRAMES;
  }

  /** Bytes held by rows and chunk tables. */
  get bytes(): number {
    return this.rows.bytes + this.chunkOwner.length * CHUNK_BYTES + this.#tableBytes;
  }

  /** Chunks that no domain owns, to be given out again. */
  get freeChunks(): readonly number[] {
    return this.#free;
  }

  /** A slot begins a life: none of its chunks is there yet. */
  addDomain(slot: number): void {
    this.chunks[slot] = new Uint32Array(0);
  }

  /** The frame id of a gfn, or -1 if its chunk was never touched. */
  find(slot: number, gfn: number): number {
    const base = this.#entry(slot, gfn >>> CHUNK_SHIFT) - 1;
    return base < 0 ? -1 : base + (gfn & (CHUNK_FRAMES - 1));
  }

  /** First frame id + 1 of a chunk; 0: not allocated. */
  #entry(slot: number, number: number): number {
    const table = this.chunks[slot];
    if (number < table.length) return table[number];
    return number < NEAR_CHUNKS ? 0 : (this.#far[slot]?.get(number) ?? 0);
  }

  /** The frame id of a gfn, its chunk allocated if need be; NO_ROOM if that is not possible. */
  idOf(slot: number, gfn: number): number {
    const base = this.chunkBase(slot, gfn);
    return base < 0 ? NO_ROOM : base + (gfn & (CHUNK_FRAMES - 1));
  }

  /**
   * The first frame id of the chunk that holds `gfn`, allocated (all untouched) if need be; NO_ROOM if the limit of
   * memory or of frames is reached.
   */
  chunkBase(slot: number, gfn: number): number {
    return this.baseOfChunk(slot, gfn >>> CHUNK_SHIFT);
  }

  /** As `chunkBase`, by the number of the chunk within its domain. */
  baseOfChunk(slot: number, number: number): number {
    const have = this.#entry(slot, number);
    if (have !== 0) return have - 1;
    if (this.#isFull || !this.#hasRoom(slot, number)) {
      this.#isFull = true;
      return NO_ROOM;
    }
    const base = this.#allocate(slot, number);
    if (number >= NEAR_CHUNKS) {
      (this.#far[slot] ??= new Map()).set(number, base + 1);
      this.#tableBytes += FAR_BYTES;
      return base;
    }
    let table = this.chunks[slot];
    if (number >= table.length) {
      const grown = new Uint32Array(grownTable(table.length, number));
      grown.set(table);
      this.#tableBytes += grown.byteLength - table.byteLength;
      this.chunks[slot] = table = grown;
    }
    table[number] = base + 1;
    return base;
  }

  /** Whether a chunk and its entry in the domain's table fit. */
  #hasRoom(slot: number, number: number): boolean {
    const have = this.chunks[slot].length;
    let more = FAR_BYTES;
    if (number < NEAR_CHUNKS) more = number < have ? 0 : 4 * (grownTable(have, number) - have);
    if (this.#free.length === 0) {
      const end = this.end + CHUNK_FRAMES;
      if (end > FRAMES_MAX) return false;
      more += CHUNK_BYTES + (1 + this.policyFrameBytes / ROW_BYTES) * this.rows.growthBytes(end * FRAME_WORDS);
    }
    return this.budget.hasRoom(more);
  }

  /**
   * Calls `visit` for every chunk of a domain from chunk number `from` on that is allocated: its number and its first
   * frame id. In order of their numbers.
   */
  eachChunk(slot: number, from: number, visit: (number: number, base: number) => void): void {
    const table = this.chunks[slot];
    for (let number = from; number < table.length; number++) {
      const entry = table[number];
      if (entry !== 0) visit(number, entry - 1);
    }
    const far = this.#far[slot];
    if (far === undefined) return;
    for (const [number, entry] of [...far].sort(([a], [b]) => a - b)) if (number >= from) visit(number, entry - 1);
  }

  /** Number of the last chunk that `find` can find in a domain; -1: none. */
  lastChunk(slot: number): number {
    let last = this.chunks[slot].length - 1;
    for (const number of this.#far[slot]?.keys() ?? []) last = Math.max(last, number);
    return last;
  }

  #allocate(slot: number, number: number): number {
    const reused = this.#free.pop();
    if (reused !== undefined) {
      this.chunkOwner[reused] = slot;
      this.chunkNumber[reused] = number;
      const base = reused * CHUNK_FRAMES;
      this.rows.u32.fill(0, base * FRAME_WORDS, (base + CHUNK_FRAMES) * FRAME_WORDS);
      return base;
    }
    const chunk = this.chunkOwner.length;
    const base = chunk * CHUNK_FRAMES;
    this.rows.reserve((base + CHUNK_FRAMES) * FRAME_WORDS);
    this.chunkOwner.push(slot);
    this.chunkNumber.push(number);
    return base;
  }

  /** The slot of the domain that owns a frame. */
  ownerOf(frameId: number): number {
    return this.chunkOwner[frameId >>> CHUNK_SHIFT];
  }

  /** The gfn of a frame within its domain. */
  gfnOf(frameId: number): number {
    return this.chunkNumber[frameId >>> CHUNK_SHIFT] * CHUNK_FRAMES + (frameId & (CHUNK_FRAMES - 1));
  }

  /** Gives the chunks of a domain back. All of its frames must have been untouched before. */
  removeDomain(slot: number): void {
    this.eachChunk(slot, 0, (_, base) => {
      const chunk = base >>> CHUNK_SHIFT;
      assert(this.chunkOwner[chunk] === slot, 'a chunk is given back by its owner');
      this.chunkOwner[chunk] = -1;
      this.#free.push(chunk);
    });
    this.#tableBytes -= this.chunks[slot].byteLength + FAR_BYTES * (this.#far[slot]?.size ?? 0);
    this.chunks[slot] = new Uint32Array(0);
    this.#far[slot] = undefined;
    this.#isFull = false;
  }
}

/** Entries of a table of `have` entries once it has one for `number`. */
function grownTable(have: number, number: number): number {
  return Math.max(number + 1, Math.min(have * 2, NEAR_CHUNKS));
}
