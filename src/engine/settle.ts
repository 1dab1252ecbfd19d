import type { ContentIndex } from './content-index.js';
import { CANDIDATES_MAX, type ContentMarks } from './content-marks.js';
import type { DomainTable } from './domain-table.js';
import { fairPart } from './frame-changes.js';
import { addEvents } from './heat.js';
import { ENTRY_SETTLED, type HolderCounts } from './holder-counts.js';
import {
  C_CHURN,
  C_EVENTS,
  C_FLAGS,
  C_HEAT,
  C_INLINE,
  C_INLINE_COUNT,
  C_PINS,
  C_REFS,
  C_SETTLED_REFS,
  CONTENT_WORDS,
  FIRST_CONTENT,
  FLAG,
  INLINE_FURTHER_MASK,
  INLINE_FURTHER_ONE,
  INLINE_FURTHER_SHIFT,
  INLINE_SETTLED,
  INLINE_SLOT_MASK,
} from './layout.js';
import type { PairMatrix } from './pair-matrix.js';

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
  /** By slot: contents that only this domain holds, as of the last settle; meaningless unless pairs are exact. */
  aloneContents = new Int32Array(8);

  constructor(
    private readonly contents: ContentIndex,
    private readonly holders: HolderCounts,
    private readonly domains: DomainTable,
    private readonly marks: ContentMarks,
    private readonly pairs: PairMatrix,
    /** Whether pairs are kept for each content. */
    private readonly pairsExact: () => boolean,
  ) {}

  /** The domains of a content, those that left since the last settle included. O(domain slots) at worst. */
  membersOf(id: number, members: Members): void {
    members.count = 0;
    const rows = this.contents.words;
    const row = id * CONTENT_WORDS;
    const inline = rows[row + C_INLINE];
    if ((inline & INLINE_SLOT_MASK) !== 0) {
      const settled = (inline & INLINE_SETTLED) === 0 ? 0 : 1;
      addMember(members, (inline & INLINE_SLOT_MASK) - 1, rows[row + C_INLINE_COUNT], settled);
    }
    let further = (inline >>> INLINE_FURTHER_SHIFT) & INLINE_FURTHER_MASK;
    const end = this.domains.bySlot.length;
    for (let slot = 0; further > 0 && slot < end; slot++) {
      const found = this.holders.find(id, slot);
      if (found < 0) continue;
      further--;
      const settled = (this.holders.words[found - 1] & ENTRY_SETTLED) === 0 ? 0 : 1;
      addMember(members, slot, this.holders.words[found], settled);
    }
  }

  /** A destroyed domain's slot is free for another as soon as no content can name it. */
  giveBackSlot(slot: number): void {
    this.goneSlots.push(slot);
    if (this.marks.dirty.count === 0) this.run(0);
  }

  /** Settles up to `contentsMax` dirty contents; true if some are left. */
  run(contentsMax: number): boolean {
    const dirty = this.marks.dirty;
    const count = Math.min(contentsMax, dirty.count);
    for (let i = 0; i < count; i++) this.#settleContent(dirty.ids[i]);
    if (count < dirty.count) {
      dirty.dropFirst(count);
      return true;
    }
    dirty.clear();
    for (const slot of this.goneSlots) this.domains.releaseSlot(slot);
    this.goneSlots.length = 0;
    return false;
  }

  #settleContent(id: number): void {
    const rows = this.contents.words;
    const row = id * CONTENT_WORDS;
    const flags = rows[row + C_FLAGS];
    // Freed since, or already done: an id may be on the list twice when its row was used again.
    if ((flags & FLAG.dirty) === 0) return;
    rows[row + C_FLAGS] = flags & ~FLAG.dirty;
    const refs = rows[row + C_REFS];
    const fairDelta = fairPart(refs) - fairPart(rows[row + C_SETTLED_REFS]);
    rows[row + C_SETTLED_REFS] = refs;
    const members = this.#members;
    this.membersOf(id, members);
    const fairSaved = this.domains.fairSaved;
    let before = 0;
    let now = 0;
    let same = true;
    for (let i = 0; i < members.count; i++) {
      const slot = members.slots[i];
      const holds = members.counts[i] > 0 ? 1 : 0;
      if (holds === 1) fairSaved[slot] += members.counts[i] * fairDelta;
      if (holds === members.settled[i]) {
        if (holds === 0) this.#dropEntry(row, id, slot);
      } else {
        same = false;
      }
      if (before < 128 && members.settled[i] === 1) this.#set.before[before++] = slot;
      if (now < 128 && holds === 1) this.#set.now[now++] = slot;
    }
    if (!same) this.#settleSet(row, id, before, now);
    if (refs === 0 && (rows[row + C_PINS] & 0xffff) === 0 && id >= FIRST_CONTENT) this.contents.remove(id);
  }

  /** The set of domains changed: pairs follow it, entries without frames go. */
  #settleSet(row: number, id: number, before: number, now: number): void {
    if (this.pairsExact()) {
      this.pairs.addAll(this.#set.before, before, -1);
      this.pairs.addAll(this.#set.now, now, 1);
      if (before === 1) this.#countAlone(this.#set.before[0], -1);
      if (now === 1) this.#countAlone(this.#set.now[0], 1);
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

  #countAlone(slot: number, delta: number): void {
    if (slot >= this.aloneContents.length) {
      const grown = new Int32Array(Math.max(slot + 1, this.aloneContents.length * 2));
      grown.set(this.aloneContents);
      this.aloneContents = grown;
    }
    this.aloneContents[slot] += delta;
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

  /** Adds the events of the second that ends at `timeMs` to heat and churn, and makes candidates of those contents. */
  foldSecond(timeMs: number): void {
    const rows = this.contents.words;
    const touched = this.marks.touched;
    const candidates = this.marks.candidates;
    for (let i = 0; i < touched.count; i++) {
      const id = touched.ids[i];
      const row = id * CONTENT_WORDS;
      const flags = rows[row + C_FLAGS];
      if ((flags & FLAG.touched) === 0 || (flags & FLAG.freeRow) !== 0) continue;
      rows[row + C_FLAGS] = flags & ~FLAG.touched;
      const events = rows[row + C_EVENTS];
      rows[row + C_EVENTS] = 0;
      const heat = events & 0xffff;
      if (heat > 0) rows[row + C_HEAT] = addEvents(rows[row + C_HEAT], heat, timeMs);
      if (events >>> 16 > 0) rows[row + C_CHURN] = addEvents(rows[row + C_CHURN], events >>> 16, timeMs);
      if ((flags & FLAG.candidate) !== 0 || this.marks.candidatesOverflow) continue;
      if (candidates.count >= CANDIDATES_MAX) this.marks.candidatesOverflow = true;
      else {
        rows[row + C_FLAGS] |= FLAG.candidate;
        candidates.push(id);
      }
    }
    touched.clear();
  }
}
