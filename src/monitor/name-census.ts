/**
 * A walk over all contents that sums them up by the file that their label names. In slices; nothing may be applied in
 * between.
 */
import type { Engine } from '../engine/engine.js';
import {
  C_FLAGS,
  C_HASH_HIGH,
  C_HASH_LOW,
  C_INLINE,
  C_REFS,
  CONTENT_SHIFT,
  D_UNKNOWN,
  D_ZERO,
  DOMAIN_COUNTERS,
  FIRST_CONTENT,
  FLAG_FILL_PAGE,
  FLAG_FREE_ROW,
  INLINE_FURTHER_MASK,
  INLINE_FURTHER_SHIFT,
  INLINE_SLOT_MASK,
} from '../engine/layout.js';
import { type Members, newMembers } from '../engine/settle.js';
import { type NameAmount, REST_KINDS } from '../figures/name-figures.js';
import type { LabelBook, LabelSource } from './label-book.js';

/** Rows of the sums: those of REST_KINDS, then one for each file that is met. */
export const ROW_UNLABELLED = 0;
export const ROW_FILL = 1;
export const ROW_ZERO = 2;
export const ROW_UNKNOWN = 3;
export const FIRST_NAMED = REST_KINDS.length;
/** Words of the table of domains by file; past them domains are not counted by file. 16 MiB. */
const DOMAIN_WORDS_MAX = 2 ** 22;

/** One walk; see the head of this file. Its sizes and labels are of its beginning. */
export class NameCensus {
  readonly epoch: number;
  readonly timeMicros: number;
  readonly sources: readonly LabelSource[];
  /** By content id: its row. 4 bytes where the content takes 64: within what a memory limit keeps spare. */
  rowOfContent: Uint32Array;
  /** Rows in use. */
  rows = FIRST_NAMED;
  /** By row: which of `sources` it is of, and the numbers of the file and its package there. */
  source = new Uint32Array(256);
  file = new Uint32Array(256);
  package = new Uint32Array(256);
  #frames = new Float64Array(256);
  #contents = new Float64Array(256);
  /** By row: a bit for each domain slot. Null: there are too many. */
  #domains: Uint32Array | null;
  readonly #domainWords: number;
  /** By source: file → row, 0 if it was not met. */
  readonly #rowOfFile: readonly Uint32Array[];
  readonly #members: Members = newMembers();
  readonly #end: number;
  #next = FIRST_CONTENT;

  constructor(
    private readonly engine: Engine,
    book: LabelBook,
  ) {
    this.epoch = engine.epoch;
    this.timeMicros = engine.now;
    this.sources = book.sources;
    this.#end = engine.contents.end;
    this.rowOfContent = new Uint32Array(this.#end);
    this.#domainWords = Math.ceil(engine.domains.bySlot.length / 32);
    this.#domains = new Uint32Array(this.#domainWords * 256);
    this.#rowOfFile = this.sources.map(({ files }) => new Uint32Array(files));
    this.#countRest();
  }

  /** Zeros are no content of the walk, unknown frames have none. */
  #countRest(): void {
    const { counters } = this.engine.domains;
    for (const { slot } of this.engine.domains.live()) {
      const at = slot * DOMAIN_COUNTERS;
      this.#add(ROW_ZERO, slot, counters[at + D_ZERO]);
      this.#add(ROW_UNKNOWN, slot, counters[at + D_UNKNOWN]);
    }
    this.#contents[ROW_ZERO] = Math.min(1, this.#frames[ROW_ZERO]);
  }

  #add(row: number, slot: number, frames: number): void {
    this.#frames[row] += frames;
    if (frames > 0) this.#holds(row, slot);
  }

  #holds(row: number, slot: number): void {
    if (this.#domains !== null) this.#domains[row * this.#domainWords + (slot >>> 5)] |= 1 << (slot & 31);
  }

  /** Walks over up to `contents` more; true if some are left. */
  walk(contents = Number.POSITIVE_INFINITY): boolean {
    const words = this.engine.contents.words;
    const end = Math.min(this.#end, this.#next + contents);
    for (let id = this.#next; id < end; id++) {
      const at = id << CONTENT_SHIFT;
      const flags = words[at + C_FLAGS];
      const refs = words[at + C_REFS];
      if ((flags & FLAG_FREE_ROW) !== 0 || refs === 0) continue;
      const isFill = (flags & FLAG_FILL_PAGE) !== 0;
      const row = isFill ? ROW_FILL : this.#rowOf(words[at + C_HASH_LOW], words[at + C_HASH_HIGH]);
      this.rowOfContent[id] = row;
      this.#frames[row] += refs;
      this.#contents[row]++;
      const inline = words[at + C_INLINE];
      // Most contents are of one domain, which their row names.
      if (((inline >>> INLINE_FURTHER_SHIFT) & INLINE_FURTHER_MASK) === 0) {
        this.#holds(row, (inline & INLINE_SLOT_MASK) - 1);
        continue;
      }
      this.engine.settling.membersOf(id, this.#members);
      const { slots, counts, count } = this.#members;
      for (let i = 0; i < count; i++) if (counts[i] > 0) this.#holds(row, slots[i]);
    }
    this.#next = end;
    return end < this.#end;
  }

  /** The row of a hash; a file that is met for the first time gets one. */
  #rowOf(low: number, high: number): number {
    const { sources } = this;
    for (let s = 0; s < sources.length; s++) {
      const label = sources[s].rowOf(low, high);
      if (label < 0) continue;
      const file = sources[s].fileAt(label);
      const known = this.#rowOfFile[s][file];
      return known !== 0 ? known : this.#newRow(s, file, sources[s].packageAt(label));
    }
    return ROW_UNLABELLED;
  }

  #newRow(source: number, file: number, packageNumber: number): number {
    const row = this.rows++;
    if (row >= this.source.length) this.#grow();
    this.source[row] = source;
    this.file[row] = file;
    this.package[row] = packageNumber;
    this.#rowOfFile[source][file] = row;
    return row;
  }

  #grow(): void {
    const length = this.source.length * 2;
    this.source = grown(this.source, new Uint32Array(length));
    this.file = grown(this.file, new Uint32Array(length));
    this.package = grown(this.package, new Uint32Array(length));
    this.#frames = grown(this.#frames, new Float64Array(length));
    this.#contents = grown(this.#contents, new Float64Array(length));
    const words = length * this.#domainWords;
    if (this.#domains === null || words > DOMAIN_WORDS_MAX) this.#domains = null;
    else this.#domains = grown(this.#domains, new Uint32Array(words));
  }

  /** Adds a row to `amount`; its domains, as bits, to `domains`. */
  addTo(amount: NameAmount, row: number, domains: Uint32Array): void {
    amount.frames += this.#frames[row];
    amount.contents += this.#contents[row];
    if (row !== ROW_UNKNOWN) amount.savableFrames += this.#frames[row] - this.#contents[row];
    if (this.#domains === null) return;
    const base = row * this.#domainWords;
    for (let i = 0; i < this.#domainWords; i++) domains[i] |= this.#domains[base + i];
  }

  /** Room for the bits of all domains. */
  newDomains(): Uint32Array {
    return new Uint32Array(this.#domainWords);
  }

  /** How many domains the bits stand for; null: they were not counted. */
  countDomains(domains: Uint32Array): number | null {
    if (this.#domains === null) return null;
    let count = 0;
    for (let i = 0; i < domains.length; i++) {
      for (let bits = domains[i]; bits !== 0; bits &= bits - 1) count++;
    }
    return count;
  }
}

function grown<Column extends Uint32Array | Float64Array>(old: Column, larger: Column): Column {
  larger.set(old);
  return larger;
}
