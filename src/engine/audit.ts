import { fillByteOf } from '../trace/fill-pages.js';
import type { Domain } from './domain-table.js';
import type { Engine } from './engine.js';
import { fairPart } from './frame-changes.js';
import {
  C_FLAGS,
  C_HASH_HIGH,
  C_HASH_LOW,
  C_HEAD,
  C_INLINE,
  C_INLINE_COUNT,
  C_REFS,
  CD_PINS,
  CD_SETTLED_REFS,
  CHUNK_FRAMES,
  CONTENT_WORDS,
  D_DISTINCT,
  D_FILL_PAGE,
  D_FREE,
  D_KNOWN,
  D_SHARED,
  D_UNKNOWN,
  D_ZERO,
  DETAIL_WORDS,
  DOMAIN_COUNTERS,
  DOMAINS_MASK,
  F_NEXT,
  F_PREV,
  FIRST_CONTENT,
  FLAG_FREE_ROW,
  FLAG_KEPT,
  FRAME_WORDS,
  INLINE_FURTHER_MASK,
  INLINE_FURTHER_SHIFT,
  INLINE_SLOT_MASK,
  NO_FRAME,
  STATE_FREE,
  STATE_PROVISIONAL,
  STATE_UNKNOWN,
  STATE_UNTOUCHED,
  STATE_ZERO,
} from './layout.js';
import { newMembers } from './settle.js';

/** Disagreements listed; a broken table would give millions. */
const LINES_MAX = 100;
/** Fair shares are sums of fractions: they may differ in the last digits. */
const FAIR_TOLERANCE = 1e-6;

/**
 * Recounts the engine's figures the slow way: from the frame rows alone, by the definitions of design §2. O(frames +
 * contents × domains) and 8 bytes a content. Settles first, because fair shares and pairs are as of a settle.
 *
 * @returns one line for each disagreement, at most LINES_MAX
 */
export function auditEngine(engine: Engine): string[] {
  engine.settle();
  const audit = new Audit(engine);
  audit.run();
  return audit.lines;
}

class Audit {
  readonly lines: string[] = [];
  /** By content id: frames that hold it, and domains that do. */
  readonly #refs: Uint32Array;
  readonly #domains: Uint32Array;
  #known = 0;
  #reserved = 0;

  constructor(private readonly engine: Engine) {
    this.#refs = new Uint32Array(engine.contents.end);
    this.#domains = new Uint32Array(engine.contents.end);
  }

  run(): void {
    this.#chunks();
    const live = this.engine.domains.live();
    for (const domain of live) this.#countRefs(domain);
    for (const domain of live) this.#domain(domain);
    this.#contents();
    this.#totals(live);
    this.#pairs(live);
  }

  #check(what: string, recounted: number, kept: number): void {
    if (recounted === kept || this.lines.length >= LINES_MAX) return;
    this.lines.push(`engine: ${what}: recounted ${recounted}, kept ${kept}`);
  }

  /** Each chunk belongs to the domain whose table names it, or to nobody and is free. */
  #chunks(): void {
    const { frames, domains } = this.engine;
    const namedBy = new Map<number, number>();
    for (const slot of frames.chunks.keys()) {
      frames.eachChunk(slot, 0, (number, base) => {
        const chunk = base / CHUNK_FRAMES;
        this.#check(`owner of chunk ${chunk}`, slot, frames.chunkOwner[chunk]);
        this.#check(`place of chunk ${chunk} in its domain`, number, frames.chunkNumber[chunk]);
        this.#check(`domains that name chunk ${chunk}`, 0, namedBy.get(chunk) ?? 0);
        this.#check(`live owner of chunk ${chunk}`, 1, domains.bySlot[slot] === undefined ? 0 : 1);
        namedBy.set(chunk, 1);
      });
    }
    const free = new Set(frames.freeChunks);
    this.#check('free chunks, each once', free.size, frames.freeChunks.length);
    for (const [chunk, owner] of frames.chunkOwner.entries()) {
      const named = namedBy.get(chunk) ?? 0;
      this.#check(`chunk ${chunk} is in use or free`, 1, named + (free.has(chunk) ? 1 : 0));
      this.#check(`chunk ${chunk} has an owner`, named, owner >= 0 ? 1 : 0);
    }
  }

  /** Calls `take` for every touched frame of a domain. */
  #eachFrame(domain: Domain, take: (frameId: number, gfn: number, holds: number) => void): void {
    const words = this.engine.frames.words;
    this.engine.frames.eachChunk(domain.slot, 0, (number, base) => {
      for (let i = 0; i < CHUNK_FRAMES; i++) {
        const holds = words[(base + i) * FRAME_WORDS];
        if (holds !== STATE_UNTOUCHED) take(base + i, number * CHUNK_FRAMES + i, holds);
      }
    });
  }

  #countRefs(domain: Domain): void {
    const contents = this.engine.contents;
    this.#eachFrame(domain, (frameId, gfn, holds) => {
      if (gfn >= domain.reservedFrames) this.#check(`gfn ${gfn} above the reservation of ${domain.key}`, 0, holds);
      if (holds < FIRST_CONTENT) return;
      const used = holds < contents.end && (contents.words[holds * CONTENT_WORDS + C_FLAGS] & FLAG_FREE_ROW) === 0;
      this.#check(`frame ${frameId} holds a content that is there`, 1, used ? 1 : 0);
      if (!used) return;
      this.#refs[holds]++;
      this.#known++;
    });
    this.#reserved += domain.reservedFrames;
  }

  #domain(domain: Domain): void {
    const rows = this.engine.contents.words;
    const within = new Map<number, number>();
    const states = [0, 0, 0, 0, 0];
    let known = 0;
    let shared = 0;
    let fillPages = 0;
    let fair = 0;
    this.#eachFrame(domain, (_, __, holds) => {
      if (holds < FIRST_CONTENT) {
        states[holds]++;
        return;
      }
      known++;
      within.set(holds, (within.get(holds) ?? 0) + 1);
      if (this.#refs[holds] >= 2) shared++;
      fair += fairPart(this.#refs[holds]);
      const row = holds * CONTENT_WORDS;
      if (fillByteOf(rows[row + C_HASH_LOW], rows[row + C_HASH_HIGH]) > 0) fillPages++;
    });
    for (const [id, count] of within) {
      this.#domains[id]++;
      this.#check(`frames of ${domain.key} that hold content ${id}`, count, this.#keptCount(id, domain.slot));
    }
    const { counters, fairSaved, byKey } = this.engine.domains;
    const check = (what: string, recounted: number, counter: number): void => {
      this.#check(`${what} of ${domain.key}`, recounted, counters[domain.slot * DOMAIN_COUNTERS + counter]);
    };
    check('free frames', states[STATE_FREE], D_FREE);
    check('zero frames', states[STATE_ZERO], D_ZERO);
    check('unknown frames', states[STATE_UNKNOWN] + states[STATE_PROVISIONAL], D_UNKNOWN);
    check('known frames', known, D_KNOWN);
    check('distinct contents', within.size, D_DISTINCT);
    check('shared frames', shared, D_SHARED);
    check('fill page frames', fillPages, D_FILL_PAGE);
    const kept = fairSaved.get(domain.slot);
    if (Math.abs(fair - kept) > FAIR_TOLERANCE * Math.max(1, fair)) this.#check(`fair of ${domain.key}`, fair, kept);
    this.#check(`slot of the key ${domain.key}`, domain.slot, byKey.get(domain.key)?.slot ?? -1);
  }

  /** The kept count of ⟨content, domain⟩. */
  #keptCount(id: number, slot: number): number {
    const rows = this.engine.contents.words;
    const row = id * CONTENT_WORDS;
    if ((rows[row + C_INLINE] & INLINE_SLOT_MASK) === slot + 1) return rows[row + C_INLINE_COUNT];
    const found = this.engine.holders.find(id, slot);
    return found < 0 ? 0 : this.engine.holders.words[found];
  }

  #contents(): void {
    const { contents, holders } = this.engine;
    const rows = contents.words;
    const details = contents.details;
    let used = 0;
    let entries = 0;
    for (let id = FIRST_CONTENT; id < contents.end; id++) {
      const row = id * CONTENT_WORDS;
      const detail = id * DETAIL_WORDS;
      const flags = rows[row + C_FLAGS];
      if ((flags & FLAG_FREE_ROW) !== 0) continue;
      used++;
      const refs = this.#refs[id];
      this.#check(`row found by the hash of content ${id}`, id, contents.find(rows[row], rows[row + C_HASH_HIGH]));
      this.#check(`refs of content ${id}`, refs, rows[row + C_REFS]);
      // Contents with one holder are not settled: their fair part is 0 either way.
      this.#check(`settled refs of content ${id}`, refs < 2 ? 1 : refs, Math.max(1, details[detail + CD_SETTLED_REFS]));
      this.#check(`domains of content ${id}`, this.#domains[id], flags & DOMAINS_MASK);
      const inline = rows[row + C_INLINE];
      const further = (inline >>> INLINE_FURTHER_SHIFT) & INLINE_FURTHER_MASK;
      const isInline = (inline & INLINE_SLOT_MASK) === 0 ? 0 : 1;
      // With the counts of each ⟨content, domain⟩ right, as many entries as domains means that none is left over.
      this.#check(`⟨content, domain⟩ entries of content ${id}`, this.#domains[id], further + isInline);
      entries += further;
      const isKept = (rows[row + C_FLAGS] & FLAG_KEPT) !== 0;
      if (refs === 0 && !isKept && (details[detail + CD_PINS] & 0xffff) === 0)
        this.#check(`use of content ${id}`, 0, 1);
      this.#reverseMap(id, refs);
    }
    this.#check('contents', used, contents.size);
    this.#check('further ⟨content, domain⟩ entries', entries, holders.size);
    this.#check('contents left to settle', 0, this.engine.marks.dirty.count + this.engine.marks.empty.count);
  }

  /** The list of holders of a content, both ways: as many as its refs, each a frame that holds it. */
  #reverseMap(id: number, refs: number): void {
    const words = this.engine.frames.words;
    const end = this.engine.frames.end;
    let previous = NO_FRAME;
    let length = 0;
    let frameId = this.engine.contents.words[id * CONTENT_WORDS + C_HEAD];
    while (frameId !== NO_FRAME && length <= refs) {
      if (frameId >= end) {
        this.#check(`holder ${frameId} of content ${id} below the end`, end, frameId);
        return;
      }
      this.#check(`content of holder ${frameId}`, id, words[frameId * FRAME_WORDS]);
      this.#check(`holder before ${frameId}`, previous, words[frameId * FRAME_WORDS + F_PREV]);
      previous = frameId;
      frameId = words[frameId * FRAME_WORDS + F_NEXT];
      length++;
    }
    this.#check(`holders of content ${id}`, refs, length);
  }

  #totals(live: readonly Domain[]): void {
    const { changes, domains, reservedFrames } = this.engine;
    let distinct = 0;
    let shared = 0;
    for (const refs of this.#refs) {
      if (refs > 0) distinct++;
      if (refs > 1) shared++;
    }
    this.#check('known frames', this.#known, changes.knownFrames);
    this.#check('distinct contents', distinct, changes.distinctContents);
    this.#check('shared contents', shared, changes.sharedContents);
    this.#check('reserved frames', this.#reserved, reservedFrames);
    this.#check('live domains', live.length, domains.byKey.size);
    for (let slot = 0; slot < domains.bySlot.length; slot++) {
      if (domains.bySlot[slot] !== undefined) continue;
      const row = domains.counters.subarray(slot * DOMAIN_COUNTERS, (slot + 1) * DOMAIN_COUNTERS);
      this.#check(`counters of the free slot ${slot} that are not 0`, 0, row.filter((count) => count !== 0).length);
    }
  }

  #pairs(live: readonly Domain[]): void {
    const { changes, contents, domains, pairs, settling } = this.engine;
    if (!changes.pairsExact) return;
    const side = domains.bySlot.length;
    const both = new Uint32Array(side * side);
    const alone = new Uint32Array(side);
    const members = newMembers();
    for (let id = FIRST_CONTENT; id < contents.end; id++) {
      if (this.#domains[id] === 0) continue;
      settling.membersOf(id, members);
      const slots = members.slots.subarray(0, members.count);
      if (slots.length === 1) alone[slots[0]]++;
      for (const a of slots) for (const b of slots) if (a !== b) both[a * side + b]++;
    }
    for (const a of live) {
      this.#check(`contents of ${a.key} alone`, alone[a.slot], settling.aloneContents[a.slot] ?? 0);
      for (const b of live) {
        if (a === b) continue;
        this.#check(`contents of ${a.key} and ${b.key}`, both[a.slot * side + b.slot], pairs.get(a.slot, b.slot));
      }
    }
  }
}
