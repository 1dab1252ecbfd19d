import { MemoryBudget } from '../base/memory-budget.js';

/**
 * Counts per ⟨content, domain⟩ for every domain of a content but the first, which lies inline in the content's row.
 *
 * One open-addressing table of three words an entry:
 *   0  content id (0: empty, TOMBSTONE: deleted)
 *   1  bits 0–15 domain slot; bit 31 SETTLED: the domain was in the content's set at the last settle
 *   2  frames of the domain that hold the content; may be 0 until the next settle
 * Any size, load 0.5–0.75: 16 to 24 bytes an entry. No list runs through a content's entries. But those of eight
 * consecutive domain slots begin their probe at the same place, so that whoever needs them all asks for each eight
 * slots and stops when it has found as many as the content's row says there are. Asking for each slot took a third of
 * the time of the engine with 16 domains.
 */
const ENTRY_WORDS = 3;
const TOMBSTONE = 0xffffffff;
const LOAD_MAX = 0.75;
const GROWTH = 1.5;
export const ENTRY_SETTLED = 0x80000000;
export const ENTRY_SLOT_MASK = 0xffff;
const SLOT_MASK = ENTRY_SLOT_MASK;
const GROUP_SHIFT = 3;

/** The table; see the head of this file. */
export class HolderCounts {
  /** Replaced on growth. */
  words = new Uint32Array(256 * ENTRY_WORDS);
  #capacity = 256;
  #scale = 256 / 2 ** 32;
  #used = 0;
  #live = 0;

  constructor(private readonly budget = new MemoryBudget()) {}

  /** Entries held: further ⟨content, domain⟩. */
  get size(): number {
    return this.#live;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.words.byteLength;
  }

  /** Where the probe for a content and a group of slots begins. */
  #home(content: number, group: number): number {
    // Two odd multipliers (golden ratio; xxHash prime 2) and a fold: dense ids and groups spread over all 32 bits.
    let h = Math.imul(content, 0x9e3779b1) ^ Math.imul(group + 1, 0x85ebca77);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
    return (((h ^ (h >>> 13)) >>> 0) * this.#scale) | 0;
  }

  /** The word index of the entry's count, or -1. */
  find(content: number, slot: number): number {
    const words = this.words;
    let at = this.#home(content, slot >>> GROUP_SHIFT);
    for (;;) {
      const word = at * ENTRY_WORDS;
      const key = words[word];
      if (key === 0) return -1;
      if (key === content && (words[word + 1] & SLOT_MASK) === slot) return word + 2;
      if (++at === this.#capacity) at = 0;
    }
  }

  /**
   * Finds the `count` entries of a content, which are of slots below `slotEnd`: writes the word index of each one's
   * count to `out` and returns how many there were.
   */
  collect(content: number, count: number, slotEnd: number, out: Uint32Array): number {
    const words = this.words;
    const groups = (slotEnd + (1 << GROUP_SHIFT) - 1) >>> GROUP_SHIFT;
    let found = 0;
    for (let group = 0; group < groups; group++) {
      let word = this.#home(content, group) * ENTRY_WORDS;
      for (let key = words[word]; key !== 0; key = words[word]!) {
        if (key === content && (words[word + 1] & SLOT_MASK) >>> GROUP_SHIFT === group) {
          out[found++] = word + 2;
          if (found === count) return found;
        }
        word += ENTRY_WORDS;
        if (word === words.length) word = 0;
      }
    }
    return found;
  }

  /** Reads where a probe will begin, and nothing else: see `FillBatch`. */
  touch(content: number, slot: number): number {
    return this.words[this.#home(content, slot >>> GROUP_SHIFT) * ENTRY_WORDS];
  }

  /** Makes room for `count` calls of `add`; false at the limit of memory. */
  reserve(count: number): boolean {
    if (this.#used + count <= this.#capacity * LOAD_MAX) return true;
    const capacity = this.#capacityFor(this.#live + count);
    if (!this.budget.hasRoom(4 * ENTRY_WORDS * (capacity - this.#capacity))) return false;
    this.#rebuild(capacity);
    return true;
  }

  #capacityFor(entries: number): number {
    let capacity = this.#capacity;
    while (entries > capacity * LOAD_MAX * 0.9) capacity = Math.ceil(capacity * GROWTH);
    return capacity;
  }

  /** Adds an entry with count 1. It must not be there. May replace `words`. */
  add(content: number, slot: number): void {
    if (this.#used + 1 > this.#capacity * LOAD_MAX) this.#rebuild(this.#capacityFor(this.#live + 1));
    this.#insert(content, slot, 1);
    this.#live++;
  }

  #insert(content: number, slotWord: number, count: number): void {
    const words = this.words;
    let at = this.#home(content, (slotWord & SLOT_MASK) >>> GROUP_SHIFT);
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

  #rebuild(capacity: number): void {
    const old = this.words;
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
