import { Column } from '../base/column.js';
import { MemoryBudget } from '../base/memory-budget.js';
import { fillByteOf } from '../trace/fill-pages.js';
import { ZERO_HASH_HIGH, ZERO_HASH_LOW } from '../trace/record.js';
import {
  C_EVENTS,
  C_FLAGS,
  C_HASH_HIGH,
  C_HASH_LOW,
  C_HEAD,
  C_INLINE,
  C_INLINE_COUNT,
  C_REFS,
  CD_CHURN,
  CD_FIRST_SEEN,
  CD_HEAT,
  CD_PINS,
  CD_SETTLED_REFS,
  CD_SOURCE_BLOCK,
  CONTENT_SHIFT,
  CONTENT_WORDS,
  CONTENTS_MAX,
  DETAIL_WORDS,
  FIRST_CONTENT,
  FLAG_FILL_PAGE,
  FLAG_FREE_ROW,
  FLAG_PINNED,
  FLAG_TOUCHED,
  NO_FRAME,
  STATE_ZERO,
} from './layout.js';

/** An index entry: bits 0–25 content id, bits 26–31 six bits of the hash: a foreign entry is seldom followed. */
const ID_MASK = 0x03ffffff;
const TAG_SHIFT = 26;
/** An entry that was deleted: no id, but not the end of a probe. */
const TOMBSTONE = 1 << TAG_SHIFT;
const LOAD_MAX = 0.75;
/** A content may stand on lists of work to be done, 4 bytes each: there must be room for those too. */
const LISTS_SHARE = 1.25;
/** Up to here the index is filled when memory is out: probes are longer, and still end. */
const LOAD_CROWDED = 0.9;
const GROWTH = 1.5;
const INDEX_SLOTS_FIRST = 1024;
/** Rows entered together when the index is made anew: their places are read ahead of use (see `FillBatch`). */
const REBUILD_AHEAD = 128;

/**
 * Where a hash belongs, in [0, 2^32). XXH64 is uniform as it is, but a script may number its contents or fill one half
 * only: a multiplication by 2^32 / golden ratio spreads those too (Knuth, The Art of Computer Programming 3, §6.4).
 */
function spread(low: number, high: number): number {
  return Math.imul(low ^ high, 0x9e3779b1) >>> 0;
}

/**
 * hash → dense content id. Rows are described in layout.ts; ids of contents that nobody holds are used again.
 *
 * The index is open addressing with linear probing over u32 entries, any size (the position is a multiplication, not a
 * mask), so it grows by half and stays between 5.3 and 8 bytes a content.
 */
export class ContentIndex {
  readonly rows = new Column('contents', 1024 * CONTENT_WORDS);
  readonly detailRows = new Column('content details', 1024 * DETAIL_WORDS);
  #table = new Uint32Array(INDEX_SLOTS_FIRST);
  #scale = INDEX_SLOTS_FIRST / 2 ** 32;
  /** Entries and tombstones. */
  #used = 0;
  #live = 0;
  /** A stack of the ids to be used again: a list through the rows would cost a cache miss after another. */
  #freeIds = new Uint32Array(256);
  #freeCount = 0;
  /** Ids are below this. */
  end = FIRST_CONTENT;
  /** ms since the engine's first record: stamped on new rows. */
  nowMs = 0;

  /** Keeps reads ahead of use from being optimised away. */
  sink = 0;

  constructor(private readonly budget = new MemoryBudget()) {
    const words = this.rows.u32;
    for (let id = 0; id < FIRST_CONTENT; id++) {
      words[(id << CONTENT_SHIFT) + C_HEAD] = NO_FRAME;
      words[(id << CONTENT_SHIFT) + C_FLAGS] = id === STATE_ZERO ? 0 : FLAG_FREE_ROW;
    }
    words[(STATE_ZERO << CONTENT_SHIFT) + C_HASH_LOW] = ZERO_HASH_LOW;
    words[(STATE_ZERO << CONTENT_SHIFT) + C_HASH_HIGH] = ZERO_HASH_HIGH;
  }

  /** The rows, CONTENT_WORDS u32 a content by id (layout.ts); replaced on growth: fetch them after `reserve`. */
  get words(): Uint32Array {
    return this.rows.u32;
  }

  /** The details, DETAIL_WORDS u32 a content by id (layout.ts): what hot loops do not need. */
  get details(): Uint32Array {
    return this.detailRows.u32;
  }
  /** Contents with a row, the zero content not counted. */
  get size(): number {
    return this.#live;
  }

  /** Bytes held by rows, details and index. */
  get bytes(): number {
    return this.rows.bytes + this.detailRows.bytes + this.#table.byteLength + this.#freeIds.byteLength;
  }

  /**
   * Makes room for `count` new contents: after this, `intern` grows nothing for so many calls, so a hot loop may keep
   * `words` in a local. False at the limit of memory or of CONTENTS_MAX: then only `internIfRoom` may be called.
   */
  reserve(count: number): boolean {
    const end = this.end + count;
    const isCrowded = this.#used + count > this.#table.length * LOAD_MAX;
    const more = this.rows.growthBytes(end * CONTENT_WORDS) + this.detailRows.growthBytes(end * DETAIL_WORDS);
    if (more === 0 && !isCrowded) return true;
    const slots = isCrowded ? this.#slotsFor(this.#live + count) : this.#table.length;
    const wanted = LISTS_SHARE * more + 4 * (slots - this.#table.length);
    if (end > CONTENTS_MAX || !this.budget.hasRoom(wanted)) return false;
    this.rows.reserve(end * CONTENT_WORDS);
    this.detailRows.reserve(end * DETAIL_WORDS);
    if (isCrowded) this.#rebuild(slots);
    return true;
  }

  /** As `intern` without reserved room: 0 if the content is new and there is none for it. */
  internIfRoom(low: number, high: number): number {
    const found = this.find(low, high);
    if (found !== 0) return found;
    const end = this.end + 1;
    const hasRow = end * CONTENT_WORDS <= this.words.length && end * DETAIL_WORDS <= this.details.length;
    if (this.#freeCount === 0 && (!hasRow || end > CONTENTS_MAX)) return 0;
    return this.#used < this.#table.length * LOAD_CROWDED ? this.intern(low, high) : 0;
  }

  /** Slots of an index for so many entries, at least as many as there are. */
  #slotsFor(entries: number): number {
    let slots = this.#table.length;
    while (entries > slots * LOAD_MAX * 0.9) slots = Math.ceil(slots * GROWTH);
    return slots;
  }

  #rebuild(slots: number): void {
    const table = new Uint32Array(slots);
    for (let id = FIRST_CONTENT; id < this.end; id += REBUILD_AHEAD) {
      this.sink ^= enterRows(table, this.rows.u32, id, Math.min(this.end, id + REBUILD_AHEAD));
    }
    const scale = slots / 2 ** 32;
    this.#table = table;
    this.#scale = scale;
    this.#used = this.#live;
  }

  /**
   * Reads the index entry where a probe for this hash begins and gives the id in it (0 if none): a guess, for touching
   * the lines that `intern` will need while earlier records are still at work.
   */
  guess(low: number, high: number): number {
    return this.#table[(spread(low, high) * this.#scale) | 0] & ID_MASK;
  }

  /**
   * As `guess` for many hashes, better: the first id whose entry has the six bits of the hash, 0 if none has. For those
   * `places` gets the entry where a new one belongs (for `internNew`), −1 where a tombstone would be used again. Reads
   * the index only. Returns a sink.
   */
  guessAll(lows: Uint32Array, highs: Uint32Array, guesses: Uint32Array, places: Int32Array, count: number): number {
    const table = this.#table;
    const scale = this.#scale;
    const length = table.length;
    let a = 0;
    let b = 0;
    for (let i = 0; i < count; i += 2) {
      a ^= table[(spread(lows[i], highs[i]) * scale) | 0];
      b ^= table[(spread(lows[i + 1], highs[i + 1]) * scale) | 0];
    }
    for (let i = 0; i < count; i++) {
      const low = lows[i];
      const high = highs[i];
      let at = (spread(low, high) * scale) | 0;
      let entry = table[at];
      let hasTombstone = false;
      while (entry !== 0) {
        if ((entry & ID_MASK) === 0) hasTombstone = true;
        else if (((entry >>> TAG_SHIFT) ^ low ^ high) << 26 === 0) break;
        if (++at === length) at = 0;
        entry = table[at];
      }
      guesses[i] = entry & ID_MASK;
      places[i] = hasTombstone ? -1 : at;
    }
    return a ^ b;
  }

  /**
   * As `intern` for a hash that `guessAll` found no entry for: if its place is still empty, nobody has entered it, nor
   * anything before it, since.
   */
  internNew(low: number, high: number, place: number): number {
    if (place < 0 || this.#table[place] !== 0) return this.intern(low, high);
    const id = this.#newRow(low, high);
    this.#used++;
    this.#table[place] = id | (((low ^ high) & 63) << TAG_SHIFT);
    return id;
  }

  /** The content id of a hash, or 0. The zero hash is not in the index: callers compare it first. */
  find(low: number, high: number): number {
    const table = this.#table;
    const words = this.rows.u32;
    const tag = (((low ^ high) & 63) << TAG_SHIFT) >>> 0;
    let at = (spread(low, high) * this.#scale) | 0;
    for (;;) {
      const entry = table[at];
      if (entry === 0) return 0;
      if ((entry & ~ID_MASK) >>> 0 === tag) {
        const id = entry & ID_MASK;
        const row = id << CONTENT_SHIFT;
        if (id !== 0 && words[row + C_HASH_LOW] === low && words[row + C_HASH_HIGH] === high) return id;
      }
      if (++at === table.length) at = 0;
    }
  }

  /**
   * The id of a non-zero hash, made if it is new. Room must have been reserved. Halves may be given as int32: as u32
   * they are, half of the time, too large for a small integer of V8 and would be put on the heap for the call.
   */
  intern(low: number, high: number): number {
    const table = this.#table;
    const words = this.rows.u32;
    const tag = (low ^ high) & 63;
    let at = (spread(low, high) * this.#scale) | 0;
    let reusable = -1;
    for (;;) {
      const entry = table[at];
      if (entry === 0) break;
      const id = entry & ID_MASK;
      if (id === 0) {
        if (reusable < 0) reusable = at;
      } else if (entry >>> TAG_SHIFT === tag) {
        const row = id << CONTENT_SHIFT;
        if ((words[row + C_HASH_LOW] ^ low) === 0 && (words[row + C_HASH_HIGH] ^ high) === 0) return id;
      }
      if (++at === table.length) at = 0;
    }
    const id = this.#newRow(low, high);
    if (reusable < 0) this.#used++;
    else at = reusable;
    table[at] = id | (tag << TAG_SHIFT);
    return id;
  }

  /** Reads the rows that the next `count` new contents will get, if they were used before: see `FillBatch`. */
  touchFree(count: number): number {
    const words = this.rows.u32;
    const details = this.detailRows.u32;
    const ids = this.#freeIds;
    let sink = 0;
    for (let i = Math.max(0, this.#freeCount - count); i < this.#freeCount; i++) {
      sink ^= words[ids[i] << CONTENT_SHIFT] ^ details[Math.imul(ids[i], DETAIL_WORDS)];
    }
    return sink;
  }

  #newRow(low: number, high: number): number {
    const words = this.rows.u32;
    const details = this.detailRows.u32;
    const id = this.#freeCount > 0 ? this.#freeIds[--this.#freeCount] : this.end++;
    const row = id << CONTENT_SHIFT;
    // An id that is used again may still be on the list of touched contents: it stays there, but only once.
    const kept = words[row + C_FLAGS] & FLAG_TOUCHED;
    words[row + C_HASH_LOW] = low;
    words[row + C_HASH_HIGH] = high;
    words[row + C_REFS] = 0;
    words[row + C_FLAGS] = fillByteOf(low >>> 0, high >>> 0) >= 0 ? kept | FLAG_FILL_PAGE : kept;
    words[row + C_HEAD] = NO_FRAME;
    words[row + C_INLINE] = 0;
    words[row + C_INLINE_COUNT] = 0;
    words[row + C_EVENTS] = 0;
    const detail = Math.imul(id, DETAIL_WORDS);
    details[detail + CD_PINS] = 0;
    details[detail + CD_SETTLED_REFS] = 0;
    details[detail + CD_FIRST_SEEN] = this.nowMs;
    details[detail + CD_HEAT] = 0;
    details[detail + CD_CHURN] = 0;
    details[detail + CD_SOURCE_BLOCK] = 0;
    this.#live++;
    return id;
  }

  /** Forgets a content that nobody holds or pins. Its id may be given to another content at once. */
  remove(id: number): void {
    const table = this.#table;
    const words = this.rows.u32;
    const row = id << CONTENT_SHIFT;
    let at = (spread(words[row + C_HASH_LOW], words[row + C_HASH_HIGH]) * this.#scale) | 0;
    while ((table[at] & ID_MASK) !== id) if (++at === table.length) at = 0;
    const next = at + 1 === table.length ? 0 : at + 1;
    // The end of a probe run may be emptied, with the tombstones before it; inside a run a tombstone keeps later
    // entries reachable.
    if (table[next] === 0) {
      do {
        table[at] = 0;
        this.#used--;
        at = at === 0 ? table.length - 1 : at - 1;
      } while (table[at] === TOMBSTONE);
    } else {
      table[at] = TOMBSTONE;
    }
    words[row + C_FLAGS] = (words[row + C_FLAGS] & FLAG_TOUCHED) | FLAG_FREE_ROW;
    if (this.#freeCount === this.#freeIds.length) this.#growFreeIds();
    this.#freeIds[this.#freeCount++] = id;
    this.#live--;
  }

  /** One user more that is no frame: the id stays valid. */
  pin(id: number): void {
    const at = Math.imul(id, DETAIL_WORDS) + CD_PINS;
    const details = this.detailRows.u32;
    // Saturated pins are never taken back: such a content stays for good, which is safe.
    if ((details[at] & 0xffff) !== 0xffff) details[at]++;
    this.rows.u32[(id << CONTENT_SHIFT) + C_FLAGS] |= FLAG_PINNED;
  }

  /** One user less; true if nobody is left, frame or other. */
  unpin(id: number): boolean {
    const at = Math.imul(id, DETAIL_WORDS) + CD_PINS;
    const details = this.detailRows.u32;
    const pins = details[at] & 0xffff;
    if (pins === 0xffff) return false;
    details[at]--;
    if (pins > 1) return false;
    const rows = this.rows.u32;
    const row = id << CONTENT_SHIFT;
    rows[row + C_FLAGS] &= ~FLAG_PINNED;
    return rows[row + C_REFS] === 0;
  }

  #growFreeIds(): void {
    const grown = new Uint32Array(this.#freeIds.length * 2);
    grown.set(this.#freeIds);
    this.#freeIds = grown;
  }
}

/** Enters the rows [start, end) that are in use into an index. Returns a sink. */
function enterRows(table: Uint32Array, words: Uint32Array, start: number, end: number): number {
  const slots = table.length;
  const scale = slots / 2 ** 32;
  let sink = 0;
  for (let id = start; id < end; id++) {
    const row = id << CONTENT_SHIFT;
    sink ^= table[(spread(words[row + C_HASH_LOW], words[row + C_HASH_HIGH]) * scale) | 0];
  }
  for (let id = start; id < end; id++) {
    const row = id << CONTENT_SHIFT;
    if ((words[row + C_FLAGS] & FLAG_FREE_ROW) !== 0) continue;
    const low = words[row + C_HASH_LOW];
    const high = words[row + C_HASH_HIGH];
    let at = (spread(low, high) * scale) | 0;
    while (table[at] !== 0) at = at + 1 === slots ? 0 : at + 1;
    table[at] = id | (((low ^ high) & 63) << TAG_SHIFT);
  }
  return sink;
}
