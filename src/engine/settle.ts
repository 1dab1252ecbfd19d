import { assert } from '../base/assert.js';
import type { ContentIndex } from './content-index.js';
import { CANDIDATES_MAX, type ContentMarks } from './content-marks.js';
import type { DomainTable } from './domain-table.js';
import { addEvents } from './heat.js';
import { ENTRY_SETTLED, ENTRY_SLOT_MASK, type HolderCounts } from './holder-counts.js';
import {
  C_EVENTS,
  C_FLAGS,
  C_INLINE,
  C_INLINE_COUNT,
  C_REFS,
  CD_CHURN,
  CD_HEAT,
  CD_SETTLED_REFS,
  CONTENT_SHIFT,
  DETAIL_WORDS,
  FLAG_CANDIDATE,
  FLAG_DIRTY,
  FLAG_DISK,
  FLAG_EMPTY,
  FLAG_FAIR,
  FLAG_FREE_ROW,
  FLAG_KEPT,
  FLAG_PINNED,
  FLAG_TOUCHED,
  INLINE_FURTHER_MASK,
  INLINE_FURTHER_ONE,
  INLINE_FURTHER_SHIFT,
  INLINE_SETTLED,
  INLINE_SLOT_MASK,
} from './layout.js';
import type { PairMatrix } from './pair-matrix.js';

/** Contents whose lines are read ahead of use together. */
const AHEAD = 128;
/** Domain slots whose holder counts are read ahead. */
const SLOTS_AHEAD = 32;

/**
 * Contents of the disk that are kept while nobody holds them, at least: 1 GiB of blocks that were read and not seen in
 * memory yet, or not any more. On a large host half as many as there are contents. Past that the oldest are forgotten.
 */
const KEPT_MIN = 1 << 18;
const KEPT_SHARE = 0.5;

/** The domains of one content, filled by `membersOf`. */
export interface Members {
  slots: Uint32Array;
  /** Frames of each that hold the content; 0 for a domain that left since the last settle. */
  counts: Uint32Array;
  /** 1: in the set at the last settle. */
  settled: Uint8Array;
  count: number;
}

/** Room for the domains of a content, reused from one content to the next. */
export function newMembers(): Members {
  return { slots: new Uint32Array(16), counts: new Uint32Array(16), settled: new Uint8Array(16), count: 0 };
}

function addMember(members: Members, slot: number, count: number, settled: number): void {
  if (members.count === members.slots.length) {
    const length = members.count * 2;
    const slots = new Uint32Array(length);
    const counts = new Uint32Array(length);
    const settledBits = new Uint8Array(length);
    slots.set(members.slots);
    counts.set(members.counts);
    settledBits.set(members.settled);
    members.slots = slots;
    members.counts = counts;
    members.settled = settledBits;
  }
  const at = members.count++;
  members.slots[at] = slot;
  members.counts[at] = count;
  members.settled[at] = settled;
}

/**
 * What is not O(1) a record: fair shares and pairs of domains. It walks only the contents that changed since the last
 * time, and forgets those that nobody holds any more.
 */
export class Settle {
  readonly #members = newMembers();
  readonly #set = { before: new Uint32Array(128), now: new Uint32Array(128) };
  /** Slots of destroyed domains, given back once no content names them. */
  readonly goneSlots: number[] = [];
  /** Word indexes of a content's entries in the holder counts. */
  #entries = new Uint32Array(64);
  /** Touched contents of this second that were folded already. */
  #folded = 0;
  /** Room is short: no content is kept that nobody holds. */
  #keepsNone = false;
  /** Keeps the reads ahead from being optimised away. */
  sink = 0;

  constructor(
    private readonly contents: ContentIndex,
    private readonly holders: HolderCounts,
    private readonly domains: DomainTable,
    private readonly marks: ContentMarks,
    private readonly pairs: PairMatrix,
    /** Whether pairs are kept for each content. */
    private readonly pairsExact: () => boolean,
  ) {}

  /** By slot: contents that only this domain holds. */
  get aloneContents(): Int32Array {
    return this.domains.aloneContents;
  }

  /** The domains of a content, those that left since the last settle included. O(domain slots) at worst. */
  membersOf(id: number, members: Members): void {
    members.count = 0;
    const rows = this.contents.words;
    const row = id << CONTENT_SHIFT;
    const inline = rows[row + C_INLINE];
    if ((inline & INLINE_SLOT_MASK) !== 0) {
      const settled = (inline & INLINE_SETTLED) === 0 ? 0 : 1;
      addMember(members, (inline & INLINE_SLOT_MASK) - 1, rows[row + C_INLINE_COUNT], settled);
    }
    const further = (inline >>> INLINE_FURTHER_SHIFT) & INLINE_FURTHER_MASK;
    if (further === 0) return;
    if (further > this.#entries.length) this.#entries = new Uint32Array(further * 2);
    const entries = this.#entries;
    const count = this.holders.collect(id, further, this.domains.bySlot.length, entries);
    const words = this.holders.words;
    for (let i = 0; i < count; i++) {
      const slotWord = words[entries[i] - 1];
      addMember(members, slotWord & ENTRY_SLOT_MASK, words[entries[i]], slotWord >>> 31);
    }
  }

  /** A destroyed domain's slot is free for another as soon as no content can name it. */
  giveBackSlot(slot: number): void {
    this.goneSlots.push(slot);
    if (this.marks.dirty.count + this.marks.empty.count === 0) this.run(0);
  }

  /**
   * Settles about `workMax` contents, at least one; true if some are left. A content whose many domains changed counts
   * as several, so that a slice is of one length whatever is in it.
   */
  run(workMax: number): boolean {
    const { dirty, empty } = this.marks;
    // Both lists get their share of a slice, so that neither grows while the other is settled.
    const share = dirty.count / (dirty.count + empty.count);
    const work = dirty.count === 0 ? 0 : this.#settleDirty(Math.max(1, Math.ceil(workMax * share)));
    this.#forgetEmpty(Math.min(empty.count, Math.max(0, workMax - work)));
    this.#forgetKept(workMax);
    if (dirty.count + empty.count > 0) return true;
    dirty.clear();
    empty.clear();
    for (const slot of this.goneSlots) this.domains.releaseSlot(slot);
    this.goneSlots.length = 0;
    return false;
  }

  /** Returns the work done, about `workMax`. */
  #settleDirty(workMax: number): number {
    const { dirty } = this.marks;
    let work = 0;
    let at = 0;
    while (at < dirty.count && work < workMax) {
      const end = Math.min(dirty.count, at + Math.min(AHEAD, Math.ceil(workMax - work)));
      this.#readDirtyAhead(dirty.ids, at, end);
      while (at < end && work < workMax) work += this.#settleContent(dirty.ids[at++]);
    }
    dirty.dropFirst(at);
    return work;
  }

  #forgetEmpty(count: number): void {
    const { empty } = this.marks;
    for (let at = 0; at < count; at += AHEAD) {
      const end = Math.min(count, at + AHEAD);
      this.#readEmptyAhead(empty.ids, at, end);
      for (let i = at; i < end; i++) this.#forgetIfUnused(empty.ids[i]);
    }
    empty.dropFirst(count);
  }

  /** Reads what the next dirty contents need, all of them at once instead of one after another: see `FillBatch`. */
  #readDirtyAhead(ids: Uint32Array, start: number, end: number): void {
    const rows = this.contents.words;
    const slots = this.domains.bySlot.length;
    let sink = 0;
    const details = this.contents.details;
    for (let i = start; i < end; i++) sink ^= rows[ids[i] << CONTENT_SHIFT];
    for (let i = start; i < end; i++) sink ^= details[Math.imul(ids[i], DETAIL_WORDS)];
    for (let i = start; i < end; i++) {
      if (rows[(ids[i] << CONTENT_SHIFT) + C_INLINE] < INLINE_FURTHER_ONE) continue;
      for (let slot = 0; slot < slots && slot < SLOTS_AHEAD; slot += 8) sink ^= this.holders.touch(ids[i], slot);
    }
    this.sink ^= sink;
  }

  #readEmptyAhead(ids: Uint32Array, start: number, end: number): void {
    const rows = this.contents.words;
    let sink = 0;
    for (let i = start; i < end; i++) sink ^= rows[ids[i] << CONTENT_SHIFT];
    for (let i = start; i < end; i++)
      sink ^= this.contents.guess(rows[ids[i] << CONTENT_SHIFT], rows[(ids[i] << CONTENT_SHIFT) + 1]);
    this.sink ^= sink;
  }

  /** From the next settle on contents of the disk are forgotten like others: memory is short. */
  keepNone(): void {
    this.#keepsNone = true;
  }

  /** Forgets what is kept beyond the limit, up to `count` of it, the oldest first. */
  #forgetKept(count: number): void {
    const { kept } = this.marks;
    const keptMax = this.#keepsNone ? 0 : Math.max(KEPT_MIN, this.contents.size * KEPT_SHARE);
    const rows = this.contents.words;
    for (let left = count; left > 0 && kept.count > keptMax; left--) {
      const id = kept.shift();
      const row = id << CONTENT_SHIFT;
      rows[row + C_FLAGS] &= ~FLAG_KEPT;
      // One that was held again since and lost its holders is on the list of those, and comes back from there.
      if (rows[row + C_REFS] === 0 && (rows[row + C_FLAGS] & (FLAG_PINNED | FLAG_EMPTY)) === 0) {
        this.contents.remove(id);
      }
    }
  }

  /** Forgets a content that nobody holds or pins, but keeps that of a disk for the time being. */
  #forgetIfUnused(id: number): void {
    const rows = this.contents.words;
    const row = id << CONTENT_SHIFT;
    rows[row + C_FLAGS] &= ~FLAG_EMPTY;
    if (rows[row + C_REFS] !== 0) return;
    // Dirty as well: it leaves the pairs before it is forgotten.
    this.#settleContent(id);
    assert((rows[row + C_INLINE] & (INLINE_FURTHER_MASK << INLINE_FURTHER_SHIFT)) === 0, 'an empty content is settled');
    // Its slot may soon be another domain's.
    rows[row + C_INLINE] = 0;
    const flags = rows[row + C_FLAGS];
    if ((flags & (FLAG_PINNED | FLAG_KEPT)) !== 0) return;
    if ((flags & FLAG_DISK) === 0 || this.#keepsNone) this.contents.remove(id);
    else {
      rows[row + C_FLAGS] |= FLAG_KEPT;
      this.marks.kept.push(id);
    }
  }

  /** Returns the work that it was, in contents of a few domains. */
  #settleContent(id: number): number {
    const rows = this.contents.words;
    const row = id << CONTENT_SHIFT;
    const flags = rows[row + C_FLAGS];
    // Settled before it was forgotten, and perhaps used again and on the list twice.
    if ((flags & FLAG_DIRTY) === 0) return 1;
    const refs = rows[row + C_REFS];
    rows[row + C_FLAGS] = (flags & ~(FLAG_DIRTY | FLAG_FAIR)) | (refs < 2 ? 0 : FLAG_FAIR);
    const details = this.contents.details;
    const settled = Math.imul(id, DETAIL_WORDS) + CD_SETTLED_REFS;
    const settledRefs = details[settled];
    details[settled] = refs;
    const members = this.#members;
    this.membersOf(id, members);
    const fairSaved = this.domains.fairSaved;
    let before = 0;
    let now = 0;
    let same = true;
    for (let i = 0; i < members.count; i++) {
      const slot = members.slots[i];
      const holds = members.counts[i] > 0 ? 1 : 0;
      if (holds === 1 && refs !== settledRefs) {
        fairSaved.add(slot, members.counts[i], refs);
        fairSaved.add(slot, -members.counts[i], settledRefs);
      }
      if (holds === members.settled[i]) {
        if (holds === 0) this.#dropEntry(row, id, slot);
      } else {
        same = false;
      }
      if (before < 128 && members.settled[i] === 1) this.#set.before[before++] = slot;
      if (now < 128 && holds === 1) this.#set.now[now++] = slot;
    }
    if (same) return 1 + (members.count >>> 3);
    this.#settleSet(row, id, before, now);
    return 1 + (members.count >>> 3) + ((before * before + now * now) >>> 6);
  }

  /** The set of domains changed: pairs follow it, entries without frames go. */
  #settleSet(row: number, id: number, before: number, now: number): void {
    if (this.pairsExact()) {
      this.pairs.addAll(this.#set.before, before, -1);
      this.pairs.addAll(this.#set.now, now, 1);
    }
    const members = this.#members;
    const rows = this.contents.words;
    for (let i = 0; i < members.count; i++) {
      const slot = members.slots[i];
      if (members.counts[i] === 0) {
        if (members.settled[i] === 1) this.#dropEntry(row, id, slot);
        continue;
      }
      if (members.settled[i] === 1) continue;
      if ((rows[row + C_INLINE] & INLINE_SLOT_MASK) === slot + 1) rows[row + C_INLINE] |= INLINE_SETTLED;
      else this.holders.words[this.holders.find(id, slot) - 1] |= ENTRY_SETTLED;
    }
  }

  #dropEntry(row: number, id: number, slot: number): void {
    const rows = this.contents.words;
    const inline = rows[row + C_INLINE];
    if ((inline & INLINE_SLOT_MASK) === slot + 1) {
      rows[row + C_INLINE] = (inline & ~(INLINE_SLOT_MASK | INLINE_SETTLED)) >>> 0;
      rows[row + C_INLINE_COUNT] = 0;
      return;
    }
    this.holders.removeAt(this.holders.find(id, slot));
    rows[row + C_INLINE] = inline - INLINE_FURTHER_ONE;
  }

  /**
   * Adds the events of the second that ends at `timeMs` to heat and churn, and makes candidates of those contents: up
   * to `contentsMax` of them a call. True if more are left; no record may be applied before they are done.
   */
  foldSecond(timeMs: number, contentsMax: number): boolean {
    const touched = this.marks.touched;
    // Most contents of a busy second are new, with one event: their key is worked out once.
    const firstKey = addEvents(0, 1, timeMs);
    const stop = Math.min(touched.count, this.#folded + contentsMax);
    for (let at = this.#folded; at < stop; at += AHEAD) {
      const end = Math.min(stop, at + AHEAD);
      this.#readFoldAhead(touched.ids, at, end);
      for (let i = at; i < end; i++) this.#foldContent(touched.ids[i], timeMs, firstKey);
    }
    this.#folded = stop;
    if (stop < touched.count) return true;
    this.#folded = 0;
    touched.clear();
    return false;
  }

  #readFoldAhead(ids: Uint32Array, start: number, end: number): void {
    const rows = this.contents.words;
    const details = this.contents.details;
    let sink = 0;
    for (let i = start; i < end; i++) sink ^= rows[ids[i] << CONTENT_SHIFT];
    for (let i = start; i < end; i++) sink ^= details[Math.imul(ids[i], DETAIL_WORDS) + CD_HEAT];
    this.sink ^= sink;
  }

  #foldContent(id: number, timeMs: number, firstKey: number): void {
    const rows = this.contents.words;
    const details = this.contents.details;
    const row = id << CONTENT_SHIFT;
    const flags = rows[row + C_FLAGS];
    rows[row + C_FLAGS] = flags & ~FLAG_TOUCHED;
    if ((flags & FLAG_FREE_ROW) !== 0) return;
    const events = rows[row + C_EVENTS];
    rows[row + C_EVENTS] = 0;
    const heat = events & 0xffff;
    const churn = events >>> 16;
    const detail = Math.imul(id, DETAIL_WORDS);
    if (heat > 0) {
      const key = details[detail + CD_HEAT];
      details[detail + CD_HEAT] = key === 0 && heat === 1 ? firstKey : addEvents(key, heat, timeMs);
    }
    if (churn > 0) {
      const key = details[detail + CD_CHURN];
      details[detail + CD_CHURN] = key === 0 && churn === 1 ? firstKey : addEvents(key, churn, timeMs);
    }
    const { candidates } = this.marks;
    if ((flags & FLAG_CANDIDATE) !== 0 || this.marks.candidatesOverflow) return;
    if (candidates.count >= CANDIDATES_MAX) this.marks.candidatesOverflow = true;
    else {
      rows[row + C_FLAGS] |= FLAG_CANDIDATE;
      candidates.push(id);
    }
  }
}
