/**
 * Counts per ⟨content, domain⟩ for every domain of a content but the first, which lies inline in the content's row.
 *
 * One open-addressing table of three words an entry:
 *   0  content id (0: empty, TOMBSTONE: deleted)
 *   1  bits 0–15 domain slot; bit 31 SETTLED: the domain was in the content's set at the last settle
 *   2  frames of the domain that hold the content; may be 0 until the next settle
 * Any size, load 0.5–0.75: 16 to 24 bytes an entry. No list runs through a content's entries: whoever needs them asks
 * for each domain slot and stops when it has found as many as the content's row says there are.
 */
const ENTRY_WORDS = 3;
const TOMBSTONE = 0xffffffff;
const LOAD_MAX = 0.75;
const GROWTH = 1.5;
export const ENTRY_SETTLED = 0x80000000;
const SLOT_MASK = 0xffff;

/** The table; see the head of this file. Never throws: it grows as long as memory lasts. */
export class HolderCounts {
  /** Replaced on growth. */
  words = new Uint32Array(256 * ENTRY_WORDS);
  #capacity = 256;
  #scale = 256 / 2 ** 32;
  #used = 0;
  #live = 0;

  get size(): number {
    return this.#live;
  }
  get bytes(): number {
    return this.words.byteLength;
  }

  #home(content: number, slot: number): number {
    // Two odd multipliers (golden ratio; xxHash prime 2) and a fold: dense ids and slots spread over all 32 bits.
    let h = Math.imul(content, 0x9e3779b1) ^ Math.imul(slot + 1, 0x85ebca77);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
    return Math.floor(((h ^ (h >>> 13)) >>> 0) * this.#scale);
  }

  /** The word index of the entry's count, or -1. */
  find(content: number, slot: number): number {
    const words = this.words;
    let at = this.#home(content, slot);
    for (;;) {
      const word = at * ENTRY_WORDS;
      const key = words[word];
      if (key === 0) return -1;
      if (key === content && (words[word + 1] & SLOT_MASK) === slot) return word + 2;
      if (++at === this.#capacity) at = 0;
    }
  }

  /** Adds an entry with count 1. It must not be there. May replace `words`. */
  add(content: number, slot: number): void {
    if (this.#used + 1 > this.#capacity * LOAD_MAX) this.#rebuild();
    this.#insert(content, slot, 1);
    this.#live++;
  }

  #insert(content: number, slotWord: number, count: number): void {
    const words = this.words;
    let at = this.#home(content, slotWord & SLOT_MASK);
    while (words[at * ENTRY_WORDS] !== 0 && words[at * ENTRY_WORDS] !== TOMBSTONE) {
      if (++at === this.#capacity) at = 0;
    }
    const word = at * ENTRY_WORDS;
    if (words[word] === 0) this.#used++;
    words[word] = content;
    words[word + 1] = slotWord;
    words[word + 2] = count;
  }

  /** Deletes the entry whose count is at `countWord` (from `find`). */
  removeAt(countWord: number): void {
    const words = this.words;
    const word = countWord - 2;
    const next = word + ENTRY_WORDS === words.length ? 0 : word + ENTRY_WORDS;
    if (words[next] === 0) {
      words[word] = 0;
      this.#used--;
    } else {
      words[word] = TOMBSTONE;
    }
    words[word + 1] = 0;
    words[word + 2] = 0;
    this.#live--;
  }

  #rebuild(): void {
    const old = this.words;
    let capacity = this.#capacity;
    while (this.#live + 1 > capacity * LOAD_MAX * 0.9) capacity = Math.ceil(capacity * GROWTH);
    this.words = new Uint32Array(capacity * ENTRY_WORDS);
    this.#capacity = capacity;
    this.#scale = capacity / 2 ** 32;
    this.#used = 0;
    for (let word = 0; word < old.length; word += ENTRY_WORDS) {
      const key = old[word];
      if (key !== 0 && key !== TOMBSTONE) this.#insert(key, old[word + 1], old[word + 2]);
    }
  }
}
