import type { Column } from '../../base/column.js';

const LOAD_MAX = 0.75;
const GROWTH = 1.5;
const TOMBSTONE = 0xffffffff;

/**
 * ⟨group, image, block⟩ → row number, over rows that hold their own key in their first two words: image | group << 16,
 * block. Entries are row numbers (from 1), open addressing, 5.3 to 8 bytes a row.
 */
export class BlockIndex {
  #table = new Uint32Array(256);
  #scale = 256 / 2 ** 32;
  #used = 0;
  #live = 0;

  constructor(
    private readonly rows: Column,
    private readonly rowWords: number,
  ) {}

  /** Bytes held. */
  get bytes(): number {
    return this.#table.byteLength;
  }

  #home(groupImage: number, block: number): number {
    // Blocks of one file are consecutive numbers: multiply and fold so that they spread.
    let h = Math.imul(block, 0x9e3779b1) ^ Math.imul(groupImage + 1, 0x85ebca77);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
    return Math.floor(((h ^ (h >>> 13)) >>> 0) * this.#scale);
  }

  /** The row of a key, or 0. */
  find(groupImage: number, block: number): number {
    const table = this.#table;
    const words = this.rows.u32;
    let at = this.#home(groupImage, block);
    for (;;) {
      const row = table[at];
      if (row === 0) return 0;
      if (row !== TOMBSTONE) {
        const word = row * this.rowWords;
        if (words[word + 1] === block && words[word] === groupImage) return row;
      }
      if (++at === table.length) at = 0;
    }
  }

  /** Bytes that the next `add` may take. */
  get growthBytes(): number {
    if (this.#used + 1 <= this.#table.length * LOAD_MAX) return 0;
    return 4 * (this.#slotsFor(this.#live + 1) - this.#table.length);
  }

  #slotsFor(rows: number): number {
    let slots = this.#table.length;
    while (rows > slots * LOAD_MAX * 0.9) slots = Math.ceil(slots * GROWTH);
    return slots;
  }

  /** Enters a row whose key words are set and whose key is not in the index. */
  add(row: number): void {
    if (this.#used + 1 > this.#table.length * LOAD_MAX) this.#rebuild();
    this.#insert(row);
    this.#live++;
  }

  #insert(row: number): void {
    const table = this.#table;
    const words = this.rows.u32;
    let at = this.#home(words[row * this.rowWords], words[row * this.rowWords + 1]);
    while (table[at] !== 0 && table[at] !== TOMBSTONE) if (++at === table.length) at = 0;
    if (table[at] === 0) this.#used++;
    table[at] = row;
  }

  /** Takes a row, which must be in it, out of the index. */
  remove(row: number): void {
    const table = this.#table;
    const words = this.rows.u32;
    let at = this.#home(words[row * this.rowWords], words[row * this.rowWords + 1]);
    while (table[at] !== row) if (++at === table.length) at = 0;
    const next = at + 1 === table.length ? 0 : at + 1;
    if (table[next] === 0) {
      table[at] = 0;
      this.#used--;
    } else {
      table[at] = TOMBSTONE;
    }
    this.#live--;
  }

  #rebuild(): void {
    const old = this.#table;
    const slots = this.#slotsFor(this.#live + 1);
    this.#table = new Uint32Array(slots);
    this.#scale = slots / 2 ** 32;
    this.#used = 0;
    for (const row of old) if (row !== 0 && row !== TOMBSTONE) this.#insert(row);
  }
}
