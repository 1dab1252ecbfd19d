/**
 * How many frames of each trust group hold a content: one open-addressing table of five words an entry.
 *
 *   0  content id (0: empty, TOMBSTONE: deleted)
 *   1  bits 0–15 trust group; bit 31 DIRTY: on the caller's list
 *   2  refs: frames of the group that hold it
 *   3  settled refs: the fair shares are exact for them
 *   4  the domain slots of these frames, one XOR the next: of a single frame it is its domain
 *
 * Any size, load 0.5–0.75: 27 to 40 bytes an entry. A row keeps its place until the next `add`.
 */
export const ENTRY_WORDS = 5;
export const E_CONTENT = 0;
export const E_GROUP = 1;
export const E_REFS = 2;
export const E_SETTLED = 3;
export const E_SLOTS = 4;
export const ENTRY_DIRTY = 0x80000000;
export const ENTRY_GROUP_MASK = 0xffff;

const TOMBSTONE = 0xffffffff;
const LOAD_MAX = 0.75;
const GROWTH = 1.5;
const FIRST_CAPACITY = 1024;

/** The table; see the head of this file. */
export class GroupContents {
  /** Replaced when `add` makes it larger. */
  words = new Uint32Array(FIRST_CAPACITY * ENTRY_WORDS);
  #capacity = FIRST_CAPACITY;
  #used = 0;
  #live = 0;

  /** @param hasRoom whether so many bytes more may be taken */
  constructor(private readonly hasRoom: (bytes: number) => boolean) {}

  /** Bytes held. */
  get bytes(): number {
    return this.words.byteLength;
  }

  /** Makes an empty table large enough for so many entries, if there is room: growing to it would take three times. */
  reserve(entries: number): void {
    const capacity = Math.ceil((entries + 1) / (LOAD_MAX * 0.9));
    const more = 4 * ENTRY_WORDS * (capacity - this.#capacity);
    if (this.#used > 0 || more <= 0 || !this.hasRoom(more)) return;
    this.words = new Uint32Array(capacity * ENTRY_WORDS);
    this.#capacity = capacity;
  }

  #home(content: number, group: number): number {
    // As in HolderCounts: dense ids and groups spread over all 32 bits.
    let h = Math.imul(content, 0x9e3779b1) ^ Math.imul(group + 1, 0x85ebca77);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
    return Math.floor((((h ^ (h >>> 13)) >>> 0) / 2 ** 32) * this.#capacity);
  }

  /** The first word of an entry, or -1. */
  find(content: number, group: number): number {
    const { words } = this;
    let word = this.#home(content, group) * ENTRY_WORDS;
    for (;;) {
      const key = words[word];
      if (key === 0) return -1;
      if (key === content && (words[word + E_GROUP] & ENTRY_GROUP_MASK) === group) return word;
      word += ENTRY_WORDS;
      if (word === words.length) word = 0;
    }
  }

  /** The first word of an entry, made with refs 0 if it is not there. Throws when there is no room for it. */
  findOrAdd(content: number, group: number): number {
    const found = this.find(content, group);
    if (found >= 0) return found;
    if (this.#used + 1 > this.#capacity * LOAD_MAX) this.#rebuild();
    this.#live++;
    return this.#insert(content, group);
  }

  #insert(content: number, groupWord: number): number {
    const { words } = this;
    let word = this.#home(content, groupWord & ENTRY_GROUP_MASK) * ENTRY_WORDS;
    while (words[word] !== 0 && words[word] !== TOMBSTONE) {
      word += ENTRY_WORDS;
      if (word === words.length) word = 0;
    }
    if (words[word] === 0) this.#used++;
    words[word] = content;
    words[word + E_GROUP] = groupWord;
    return word;
  }

  /** Deletes the entry that begins at `word`. */
  remove(word: number): void {
    const { words } = this;
    const next = word + ENTRY_WORDS === words.length ? 0 : word + ENTRY_WORDS;
    const isEnd = words[next] === 0;
    words.fill(0, word, word + ENTRY_WORDS);
    if (isEnd) this.#used--;
    else words[word] = TOMBSTONE;
    this.#live--;
  }

  /** Whether an entry begins at `word`. */
  isUsed(word: number): boolean {
    const key = this.words[word];
    return key !== 0 && key !== TOMBSTONE;
  }

  #rebuild(): void {
    let capacity = this.#capacity;
    while (this.#live + 1 > capacity * LOAD_MAX * 0.9) capacity = Math.ceil(capacity * GROWTH);
    const more = 4 * ENTRY_WORDS * (capacity - this.#capacity);
    if (more > 0 && !this.hasRoom(more)) {
      throw new Error('the memory limit leaves no room for what each trust group holds; raise --memory-limit');
    }
    const old = this.words;
    this.words = new Uint32Array(capacity * ENTRY_WORDS);
    this.#capacity = capacity;
    this.#used = 0;
    for (let from = 0; from < old.length; from += ENTRY_WORDS) {
      if (old[from] === 0 || old[from] === TOMBSTONE) continue;
      const word = this.#insert(old[from], old[from + E_GROUP]);
      for (let i = E_REFS; i < ENTRY_WORDS; i++) this.words[word + i] = old[from + i];
    }
  }
}
