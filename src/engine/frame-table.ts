import { assert } from '../base/assert.js';
import { Column, COLUMN_WORDS_MAX } from '../base/column.js';
import { CHUNK_FRAMES, CHUNK_SHIFT, FRAME_WORDS } from './layout.js';

/** The most frame rows there can be: 1.3 TiB of guest memory that records have named. */
export const FRAMES_MAX = Math.floor(COLUMN_WORDS_MAX / FRAME_WORDS / CHUNK_FRAMES) * CHUNK_FRAMES;

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
  /** By domain slot: chunk number → first frame id + 1; 0 or past the end: not allocated. */
  readonly chunks: Uint32Array[] = [];
  #free: number[] = [];

  get words(): Uint32Array {
    return this.rows.u32;
  }

  /** Frame ids are below this. */
  get end(): number {
    return this.chunkOwner.length * CHUNK_FRAMES;
  }

  /** Bytes held by rows and chunk tables. */
  get bytes(): number {
    let bytes = this.rows.bytes + this.chunkOwner.length * 16;
    for (const table of this.chunks) bytes += table.byteLength;
    return bytes;
  }

  /** Chunks that no domain owns, to be given out again. */
  get freeChunks(): readonly number[] {
    return this.#free;
  }

  addDomain(slot: number): void {
    this.chunks[slot] = new Uint32Array(0);
  }

  /** The frame id of a gfn, or -1 if its chunk was never touched. */
  find(slot: number, gfn: number): number {
    const table = this.chunks[slot];
    const number = gfn >>> CHUNK_SHIFT;
    if (number >= table.length) return -1;
    const base = table[number];
    return base === 0 ? -1 : base - 1 + (gfn & (CHUNK_FRAMES - 1));
  }

  /** The frame id of a gfn, its chunk allocated if need be. */
  idOf(slot: number, gfn: number): number {
    return this.chunkBase(slot, gfn) + (gfn & (CHUNK_FRAMES - 1));
  }

  /** The first frame id of the chunk that holds `gfn`, allocated (all untouched) if need be. */
  chunkBase(slot: number, gfn: number): number {
    const number = gfn >>> CHUNK_SHIFT;
    let table = this.chunks[slot];
    if (number >= table.length) {
      const grown = new Uint32Array(Math.max(number + 1, Math.min(table.length * 2, 2 ** (32 - CHUNK_SHIFT))));
      grown.set(table);
      this.chunks[slot] = table = grown;
    }
    const have = table[number];
    if (have !== 0) return have - 1;
    const base = this.#allocate(slot, number);
    table[number] = base + 1;
    return base;
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
    for (const base of this.chunks[slot]) {
      if (base === 0) continue;
      const chunk = (base - 1) >>> CHUNK_SHIFT;
      assert(this.chunkOwner[chunk] === slot, 'a chunk is given back by its owner');
      this.chunkOwner[chunk] = -1;
      this.#free.push(chunk);
    }
    this.chunks[slot] = new Uint32Array(0);
  }
}
