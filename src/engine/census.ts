/**
 * What takes a walk over all contents, for questions that are asked now and then: which contents only two domains
 * hold, and what would be lost with a domain. One walk answers it for every domain, in slices; nothing may be applied
 * in between.
 */
import type { Engine } from './engine.js';
import {
  C_FLAGS,
  C_INLINE,
  C_REFS,
  CONTENT_SHIFT,
  DOMAINS_MASK,
  FIRST_CONTENT,
  FLAG_FREE_ROW,
  INLINE_FURTHER_SHIFT,
  INLINE_SETTLED,
  INLINE_SLOT_MASK,
} from './layout.js';
import { type Members, newMembers } from './settle.js';

/** Up to this many domain slots the walk counts all pairs; above, those of the rows that are asked for. */
export const CENSUS_ALL_SLOTS_MAX = 256;

/** One walk. Sizes are of its beginning. */
export class Census {
  readonly epoch: number;
  readonly timeMicros: number;
  /** Domain slots. */
  readonly side: number;
  /** By domain slot: frames that the potential would be less without that domain. */
  readonly losses: Float64Array;
  /** By row and domain slot: contents that exactly these two hold, and the frames that hold them. */
  readonly #onlyContents: Uint32Array;
  readonly #onlyFrames: Uint32Array;
  /** By row and domain slot: contents that both hold. */
  readonly #both: Uint32Array;
  /** By domain slot: its row, -1 if it has none. */
  readonly #rowOf: Int32Array;
  readonly #members: Members = newMembers();
  readonly #end: number;
  #next = FIRST_CONTENT;

  /** @param wanted domain slots whose rows are counted where there are too many for all */
  constructor(
    private readonly engine: Engine,
    wanted: readonly number[],
  ) {
    this.epoch = engine.epoch;
    this.timeMicros = engine.now;
    this.side = engine.domains.bySlot.length;
    this.#end = engine.contents.end;
    this.losses = new Float64Array(this.side);
    this.#rowOf = new Int32Array(this.side).fill(-1);
    let rows = 0;
    if (this.side <= CENSUS_ALL_SLOTS_MAX) while (rows < this.side) this.#rowOf[rows] = rows++;
    else for (const slot of wanted) if (this.#rowOf[slot] === -1) this.#rowOf[slot] = rows++;
    this.#onlyContents = new Uint32Array(rows * this.side);
    this.#onlyFrames = new Uint32Array(rows * this.side);
    this.#both = new Uint32Array(rows * this.side);
  }

  /** Whether the walk counts the pairs of this domain slot. */
  counts(slot: number): boolean {
    return slot < this.side && this.#rowOf[slot] >= 0;
  }

  /** Contents that exactly these two hold; of one domain alone if they are the same. One of them has a row. */
  onlyContents(a: number, b: number): number {
    return this.#cell(this.#onlyContents, a, b);
  }

  /** The frames that hold those contents. */
  onlyFrames(a: number, b: number): number {
    return this.#cell(this.#onlyFrames, a, b);
  }

  /** Distinct contents that both hold. */
  both(a: number, b: number): number {
    return this.#cell(this.#both, a, b);
  }

  #cell(cells: Uint32Array, a: number, b: number): number {
    if (a >= this.side || b >= this.side) return 0;
    if (this.#rowOf[a] >= 0) return cells[this.#rowOf[a] * this.side + b];
    return this.#rowOf[b] >= 0 ? cells[this.#rowOf[b] * this.side + a] : 0;
  }

  /** Walks over up to `contents` more; true if some are left. */
  walk(contents: number): boolean {
    const rows = this.engine.contents.words;
    const end = Math.min(this.#end, this.#next + contents);
    for (let id = this.#next; id < end; id++) {
      const row = id << CONTENT_SHIFT;
      const flags = rows[row + C_FLAGS];
      const refs = rows[row + C_REFS];
      if ((flags & FLAG_FREE_ROW) !== 0 || refs === 0) continue;
      const domains = flags & DOMAINS_MASK;
      const inline = rows[row + C_INLINE];
      // Most contents are of one domain, which their row names.
      if (domains === 1 && inline >>> INLINE_FURTHER_SHIFT === (inline & INLINE_SETTLED) >>> INLINE_FURTHER_SHIFT) {
        this.#countAlone((inline & INLINE_SLOT_MASK) - 1, refs);
        continue;
      }
      this.engine.settling.membersOf(id, this.#members);
      this.#count(refs, domains);
    }
    this.#next = end;
    return end < this.#end;
  }

  #countAlone(slot: number, refs: number): void {
    this.losses[slot] += refs - 1;
    const row = this.#rowOf[slot];
    if (row < 0) return;
    this.#onlyContents[row * this.side + slot]++;
    this.#onlyFrames[row * this.side + slot] += refs;
  }

  #count(refs: number, domains: number): void {
    const { slots, counts, count } = this.#members;
    const rowOf = this.#rowOf;
    for (let i = 0; i < count; i++) {
      const held = counts[i];
      if (held === 0) continue;
      const slot = slots[i];
      // Without its frames r − held are left; the first of them saves nothing.
      this.losses[slot] += Math.min(held, refs - 1);
      const row = rowOf[slot];
      if (row < 0) continue;
      const base = row * this.side;
      for (let j = 0; j < count; j++) {
        if (counts[j] === 0 || (j === i && domains !== 1)) continue;
        this.#both[base + slots[j]]++;
        if (domains > 2) continue;
        this.#onlyContents[base + slots[j]]++;
        this.#onlyFrames[base + slots[j]] += refs;
      }
    }
  }
}
