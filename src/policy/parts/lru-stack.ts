import { Column } from '../../base/column.js';
import { BlockIndex } from './block-index.js';

/** Key row of 4 words, numbered from 1: image | group << 16, block, hash of the key, position of its last read. */
const WORDS = 4;
const HASH = 2;
const POSITION = 3;
/** In HASH of a row that holds no key; NEXT_FREE is the next such row. */
const NEXT_FREE = 3;
const POSITIONS_MIN = 1024;

/**
 * Stack distances (Mattson et al. 1970) of a stream of keys in O(log n) each: every key stands at the position of its
 * last read, and a Fenwick tree counts the keys in front of a position. Positions only grow; when they are used up,
 * those of the keys that are there are numbered anew, which is O(n) once in at least n reads.
 */
export class LruStack {
  readonly #rows = new Column('LRU keys', 256 * WORDS);
  readonly #index = new BlockIndex(this.#rows, WORDS);
  #end = 1;
  #free = 0;
  /** Row by position, 0: none any more; the Fenwick tree over them, from 1. */
  #rowAt = new Uint32Array(POSITIONS_MIN);
  #tree = new Int32Array(POSITIONS_MIN + 1);
  #next = 0;
  /** Keys on the stack. */
  size = 0;

  /** Bytes held. */
  get bytes(): number {
    return this.#rows.bytes + this.#index.bytes + this.#rowAt.byteLength + this.#tree.byteLength;
  }

  /**
   * Reads a key and puts it on top of the stack. Returns the number of different keys read since its last read, itself
   * included: the size of the smallest LRU cache that still held it. 0: it was not on the stack.
   */
  read(groupImage: number, block: number, hash: number): number {
    if (this.#next === this.#rowAt.length) this.#renumber();
    let row = this.#index.find(groupImage, block);
    let distance = 0;
    if (row === 0) row = this.#addRow(groupImage, block, hash);
    else {
      const position = this.#rows.u32[row * WORDS + POSITION];
      distance = this.size - this.#countBelow(position);
      this.#leave(position);
    }
    const position = this.#next++;
    this.#rows.u32[row * WORDS + POSITION] = position;
    this.#rowAt[position] = row;
    this.#add(position, 1);
    return distance;
  }

  #addRow(groupImage: number, block: number, hash: number): number {
    let row = this.#free;
    if (row !== 0) this.#free = this.#rows.u32[row * WORDS + NEXT_FREE];
    else {
      row = this.#end++;
      this.#rows.reserve(this.#end * WORDS);
    }
    const words = this.#rows.u32;
    words[row * WORDS] = groupImage;
    words[row * WORDS + 1] = block;
    words[row * WORDS + HASH] = hash;
    this.#index.add(row);
    this.size++;
    return row;
  }

  /** Takes the keys with a hash of at least `threshold` off the stack. */
  removeFrom(threshold: number): void {
    for (let at = 0; at < this.#next; at++) {
      const row = this.#rowAt[at];
      if (row === 0 || this.#rows.u32[row * WORDS + HASH] < threshold) continue;
      this.#leave(at);
      this.#index.remove(row);
      this.#rows.u32[row * WORDS + NEXT_FREE] = this.#free;
      this.#free = row;
      this.size--;
    }
  }

  #leave(position: number): void {
    this.#rowAt[position] = 0;
    this.#add(position, -1);
  }

  #add(position: number, delta: number): void {
    const tree = this.#tree;
    for (let i = position + 1; i < tree.length; i += i & -i) tree[i] += delta;
  }

  /** Keys at positions below this one. */
  #countBelow(position: number): number {
    const tree = this.#tree;
    let count = 0;
    for (let i = position; i > 0; i &= i - 1) count += tree[i];
    return count;
  }

  /** Gives the keys the positions from 0 on, in the same order, with room for as many reads as there are keys. */
  #renumber(): void {
    const old = this.#rowAt;
    let length = old.length;
    while (length < 2 * this.size) length *= 2;
    this.#rowAt = new Uint32Array(length);
    this.#tree = new Int32Array(length + 1);
    let position = 0;
    for (const row of old) {
      if (row === 0) continue;
      this.#rows.u32[row * WORDS + POSITION] = position;
      this.#rowAt[position++] = row;
    }
    this.#next = position;
    // Each node hands its sum to the node above it: O(n).
    for (let i = 1; i <= length; i++) {
      if (i <= position) this.#tree[i]++;
      const above = i + (i & -i);
      if (above <= length) this.#tree[above] += this.#tree[i];
    }
  }
}
