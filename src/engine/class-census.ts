/**
 * A walk over all contents that counts what they are (zero, fill, disk, memory), by domain, and what domains of
 * different trust groups both hold. In slices; nothing may be applied in between.
 */
import { assert } from '../base/assert.js';
import type { ByClass, ClassFigures } from '../figures/class-figures.js';
import { CONTENT_CLASSES } from '../figures/class-figures.js';
import type { ExposedPair, ExposureFigures } from '../figures/group-figures.js';
import { fillByteOf } from '../trace/fill-pages.js';
import type { Domain } from './domain-table.js';
import type { Engine } from './engine.js';
import {
  C_FLAGS,
  C_HASH_HIGH,
  C_HASH_LOW,
  C_INLINE,
  C_REFS,
  CONTENT_SHIFT,
  D_ZERO,
  DOMAIN_COUNTERS,
  DOMAINS_MASK,
  FIRST_CONTENT,
  FLAG_DISK,
  FLAG_FILL_PAGE,
  FLAG_FREE_ROW,
  INLINE_FURTHER_MASK,
  INLINE_FURTHER_SHIFT,
  INLINE_SLOT_MASK,
} from './layout.js';
import { type Members, newMembers } from './settle.js';

/** Up to this many domain slots the pairs of domains are counted. */
export const EXPOSED_SLOTS_MAX = 256;

/** Positions in CONTENT_CLASSES. */
export const CLASS_ZERO = 0;
export const CLASS_FILL = 1;
export const CLASS_DISK = 2;
export const CLASS_MEMORY = 3;
const CLASSES = CONTENT_CLASSES.length;

/** The class of a known content by the flags of its row: a position in CONTENT_CLASSES. */
export function classOfFlags(flags: number): number {
  if ((flags & FLAG_FILL_PAGE) !== 0) return CLASS_FILL;
  return (flags & FLAG_DISK) === 0 ? CLASS_MEMORY : CLASS_DISK;
}

/** One value of each class from a function of its position. */
export function byClass<Value>(value: (position: number) => Value): ByClass<Value> {
  return { zero: value(CLASS_ZERO), fill: value(CLASS_FILL), disk: value(CLASS_DISK), memory: value(CLASS_MEMORY) };
}

/** One walk; see the head of this file. Its sizes are of its beginning. */
export class ClassCensus {
  /** Domain slots. */
  readonly #side: number;
  /** By domain slot: its trust group's number; -1: no live domain. */
  readonly #groupOf: Int32Array;
  readonly #hasGroups: boolean;
  readonly #hasPairs: boolean;
  // By class.
  readonly #frames = new Float64Array(CLASSES);
  readonly #contents = new Float64Array(CLASSES);
  readonly #sharedContents = new Float64Array(CLASSES);
  readonly #exposedFrames = new Float64Array(CLASSES);
  readonly #exposedContents = new Float64Array(CLASSES);
  readonly #refused = new Float64Array(CLASSES);
  /** By byte: frames. */
  readonly #fillFrames = new Float64Array(256);
  /** By domain slot and class: frames. */
  readonly #domainFrames: Float64Array;
  /** By the lower and the higher slot of a pair and class: contents that both hold, and their frames of them. */
  readonly #pairContents: Uint32Array;
  readonly #pairFrames: Uint32Array;
  readonly #members: Members = newMembers();
  /** Groups of the content that is looked at. */
  readonly #groups = new Set<number>();
  readonly #end: number;
  #next = FIRST_CONTENT;

  constructor(private readonly engine: Engine) {
    const live = engine.domains.live();
    this.#side = engine.domains.bySlot.length;
    this.#end = engine.contents.end;
    this.#groupOf = new Int32Array(this.#side).fill(-1);
    for (const domain of live) this.#groupOf[domain.slot] = domain.groupNumber;
    this.#hasGroups = new Set(live.map((domain) => domain.groupNumber)).size > 1;
    this.#hasPairs = this.#hasGroups && this.#side <= EXPOSED_SLOTS_MAX;
    this.#domainFrames = new Float64Array(this.#side * CLASSES);
    const cells = this.#hasPairs ? this.#side * this.#side * CLASSES : 0;
    this.#pairContents = new Uint32Array(cells);
    this.#pairFrames = new Uint32Array(cells);
    this.#countZeros(live);
  }

  #countZeros(live: readonly Domain[]): void {
    const members = newMembers();
    const length = Math.max(1, live.length);
    members.slots = new Uint32Array(length);
    members.counts = new Uint32Array(length);
    let frames = 0;
    for (const { slot } of live) {
      const zeros = this.engine.domains.counters[slot * DOMAIN_COUNTERS + D_ZERO];
      if (zeros === 0) continue;
      frames += zeros;
      this.#domainFrames[slot * CLASSES + CLASS_ZERO] = zeros;
      members.slots[members.count] = slot;
      members.counts[members.count++] = zeros;
    }
    if (frames === 0) return;
    this.#countContent(CLASS_ZERO, frames);
    if (this.#hasGroups) this.#expose(CLASS_ZERO, members, frames);
  }

  #countContent(kind: number, refs: number): void {
    this.#frames[kind] += refs;
    this.#contents[kind]++;
    if (refs > 1) this.#sharedContents[kind]++;
  }

  /** Walks over up to `contents` more; true if some are left. */
  walk(contents = Number.POSITIVE_INFINITY): boolean {
    const rows = this.engine.contents.words;
    const end = Math.min(this.#end, this.#next + contents);
    for (let id = this.#next; id < end; id++) {
      const row = id << CONTENT_SHIFT;
      const flags = rows[row + C_FLAGS];
      const refs = rows[row + C_REFS];
      if ((flags & FLAG_FREE_ROW) !== 0 || refs === 0) continue;
      const kind = classOfFlags(flags);
      this.#countContent(kind, refs);
      if (kind === CLASS_FILL) this.#fillFrames[fillByteOf(rows[row + C_HASH_LOW], rows[row + C_HASH_HIGH])] += refs;
      const inline = rows[row + C_INLINE];
      // Most contents are of one domain, which their row names.
      if (((inline >>> INLINE_FURTHER_SHIFT) & INLINE_FURTHER_MASK) === 0) {
        this.#domainFrames[((inline & INLINE_SLOT_MASK) - 1) * CLASSES + kind] += refs;
        continue;
      }
      this.engine.settling.membersOf(id, this.#members);
      this.#countMembers(kind, (flags & DOMAINS_MASK) > 1 && this.#hasGroups, refs);
    }
    this.#next = end;
    return end < this.#end;
  }

  #countMembers(kind: number, mayExpose: boolean, refs: number): void {
    const { slots, counts, count } = this.#members;
    for (let i = 0; i < count; i++) this.#domainFrames[slots[i] * CLASSES + kind] += counts[i];
    if (mayExpose) this.#expose(kind, this.#members, refs);
  }

  /** A content that several domains hold: those of different groups may not share it. */
  #expose(kind: number, members: Members, refs: number): void {
    const { slots, counts, count } = members;
    const groups = this.#groups;
    groups.clear();
    for (let i = 0; i < count; i++) if (counts[i] > 0) groups.add(this.#groupOf[slots[i]]);
    if (groups.size < 2) return;
    this.#exposedContents[kind]++;
    this.#exposedFrames[kind] += refs;
    this.#refused[kind] += groups.size - 1;
    if (!this.#hasPairs) return;
    for (let i = 0; i < count; i++) {
      if (counts[i] === 0) continue;
      const a = slots[i];
      for (let j = i + 1; j < count; j++) {
        const b = slots[j];
        if (counts[j] === 0 || this.#groupOf[a] === this.#groupOf[b]) continue;
        const cell = (Math.min(a, b) * this.#side + Math.max(a, b)) * CLASSES + kind;
        this.#pairContents[cell]++;
        this.#pairFrames[cell] += counts[i] + counts[j];
      }
    }
  }

  /** What the frames are. The walk must be over. */
  classes(): ClassFigures {
    assert(this.#next >= this.#end, 'the walk over the contents is over');
    const fillBytes = [...this.#fillFrames.entries()]
      .filter(([, frames]) => frames > 0)
      .map(([byte, frames]) => ({ byte, frames }))
      .sort((p, q) => q.frames - p.frames || p.byte - q.byte);
    const ofDomain = ({ slot }: Domain): [number, ByClass<number>] => [
      slot,
      byClass((kind) => this.#domainFrames[slot * CLASSES + kind]),
    ];
    return {
      classes: byClass((kind) => ({
        frames: this.#frames[kind],
        contents: this.#contents[kind],
        sharedContents: this.#sharedContents[kind],
        savableFrames: this.#frames[kind] - this.#contents[kind],
      })),
      fillBytes,
      domains: new Map(this.engine.domains.live().map(ofDomain)),
    };
  }

  /** What is identical across trust groups; null while all live domains are in one. The walk must be over. */
  exposure(): ExposureFigures | null {
    assert(this.#next >= this.#end, 'the walk over the contents is over');
    if (!this.#hasGroups) return null;
    return {
      classes: byClass((kind) => ({ contents: this.#exposedContents[kind], frames: this.#exposedFrames[kind] })),
      refusedFrames: byClass((kind) => this.#refused[kind]),
      pairs: this.#hasPairs ? this.#pairs() : null,
    };
  }

  #pairs(): ExposedPair[] {
    const pairs: ExposedPair[] = [];
    for (let a = 0; a < this.#side; a++) {
      for (let b = a + 1; b < this.#side; b++) {
        const cell = (a * this.#side + b) * CLASSES;
        const amount = (kind: number) => ({
          contents: this.#pairContents[cell + kind],
          frames: this.#pairFrames[cell + kind],
        });
        const classes = byClass(amount);
        if (CONTENT_CLASSES.some((name) => classes[name].contents > 0)) pairs.push({ a, b, classes });
      }
    }
    return pairs;
  }
}
