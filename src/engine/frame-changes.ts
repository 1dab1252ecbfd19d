import type { ContentIndex } from './content-index.js';
import type { ContentMarks } from './content-marks.js';
import type { DomainTable } from './domain-table.js';
import { EFFECT_FRAME } from './effects.js';
import type { EffectsBuffer } from './effects-buffer.js';
import type { FrameTable } from './frame-table.js';
import type { HolderCounts } from './holder-counts.js';
import {
  C_EVENTS,
  C_FLAGS,
  C_HEAD,
  C_INLINE,
  C_INLINE_COUNT,
  C_REFS,
  CD_SETTLED_REFS,
  CONTENT_SHIFT,
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
  FLAG_DIRTY,
  FLAG_EMPTY,
  FLAG_FAIR,
  FLAG_FILL_PAGE,
  FLAG_TOUCHED,
  FRAME_WORDS,
  INLINE_FURTHER_MASK,
  INLINE_FURTHER_ONE,
  INLINE_FURTHER_SHIFT,
  INLINE_SLOT_MASK,
  NO_FRAME,
  STATE_PROVISIONAL,
} from './layout.js';

/** Counter of each state below FIRST_CONTENT; untouched has none (word 7 of a counter row is a sink). */
const COUNTER_OF_STATE = new Uint8Array([7, D_FREE, D_UNKNOWN, D_ZERO, D_UNKNOWN]);
const CHURN_ONE = 0x10000;
const CHURN_FULL = 0xffff0000;

/** The fair part of a frame whose content has n holders: (n−1)/n (design §2). */
export function fairPart(n: number): number {
  return n < 2 ? 0 : (n - 1) / n;
}

/**
 * What happens to one frame: it leaves a content (or a state) and joins another. Keeps the counts that are O(1):
 * KNOWN, D, D_d, refs, domains, shared contents and frames, and fair shares for the settled refs.
 */
export class FrameChanges {
  /** Totals over all domains. */
  knownFrames = 0;
  distinctContents = 0;
  sharedContents = 0;
  /** False above PAIR_SLOTS_MAX domains: then entries without frames need not wait for the next settle. */
  pairsExact = true;

  constructor(
    private readonly frames: FrameTable,
    private readonly contents: ContentIndex,
    private readonly holders: HolderCounts,
    private readonly domains: DomainTable,
    private readonly marks: ContentMarks,
    private readonly effects: EffectsBuffer,
  ) {}

  /**
   * Gives the frame a new state or content. No-op if it has it already, except `provisional`, whose block may differ.
   * Room for one new holder entry is made here; rows of contents are not added here, so `words` stay valid.
   */
  set(frameId: number, slot: number, next: number, cause: number, fillClass: number): void {
    const frameWords = this.frames.words;
    const frame = Math.imul(frameId, FRAME_WORDS);
    const old = frameWords[frame];
    if (old === next && next !== STATE_PROVISIONAL) return;
    if (old >= FIRST_CONTENT) this.#leave(frameWords, frame, slot, old);
    else this.domains.counters[slot * DOMAIN_COUNTERS + COUNTER_OF_STATE[old]]--;
    if (next >= FIRST_CONTENT) this.#join(frameWords, frame, frameId, slot, next);
    else this.domains.counters[slot * DOMAIN_COUNTERS + COUNTER_OF_STATE[next]]++;
    frameWords[frame] = next;
    this.effects.push(EFFECT_FRAME | (fillClass << 8) | (slot << 16), frameId, old, next, cause);
  }

  #join(frameWords: Uint32Array, frame: number, frameId: number, slot: number, id: number): void {
    const rows = this.contents.words;
    const row = id << CONTENT_SHIFT;
    const counters = this.domains.counters;
    const counter = slot * DOMAIN_COUNTERS;
    const refs = rows[row + C_REFS];
    const flags = rows[row + C_FLAGS];
    const head = rows[row + C_HEAD];
    frameWords[frame + F_NEXT] = head;
    frameWords[frame + F_PREV] = NO_FRAME;
    rows[row + C_HEAD] = frameId;
    rows[row + C_REFS] = refs + 1;
    this.knownFrames++;
    counters[counter + D_KNOWN]++;
    if ((flags & FLAG_FAIR) !== 0) this.domains.fairSaved.add(slot, 1, this.#settledRefs(id));
    if ((flags & FLAG_FILL_PAGE) !== 0) counters[counter + D_FILL_PAGE]++;
    this.#countChurn(rows, row, id);
    if (refs === 0) {
      this.distinctContents++;
      this.#countFirst(rows, row, id, slot);
      return;
    }
    frameWords[Math.imul(head, FRAME_WORDS) + F_PREV] = frameId;
    counters[counter + D_SHARED]++;
    const other = this.frames.ownerOf(head);
    if (refs === 1) {
      this.sharedContents++;
      counters[other * DOMAIN_COUNTERS + D_SHARED]++;
    }
    // A content with one holder has no fair share and no pairs: most contents are never settled.
    if ((flags & FLAG_DIRTY) === 0) this.markDirty(id);
    this.#countHolder(rows, row, id, slot, other);
  }

  /** The first holder of a content. An inline domain that left it is alone in the settled set, so it has no pair. */
  #countFirst(rows: Uint32Array, row: number, id: number, slot: number): void {
    const inline = rows[row + C_INLINE];
    if (((inline >>> INLINE_FURTHER_SHIFT) & INLINE_FURTHER_MASK) !== 0) {
      this.#countHolder(rows, row, id, slot, slot);
      return;
    }
    if ((inline & INLINE_SLOT_MASK) !== slot + 1) rows[row + C_INLINE] = slot + 1;
    rows[row + C_INLINE_COUNT] = 1;
    rows[row + C_FLAGS]++;
    this.domains.counters[slot * DOMAIN_COUNTERS + D_DISTINCT]++;
    this.domains.aloneContents[slot]++;
  }

  /** @param other a domain that holds the content already, if any does */
  #countHolder(rows: Uint32Array, row: number, id: number, slot: number, other: number): void {
    const inline = rows[row + C_INLINE];
    if ((inline & INLINE_SLOT_MASK) === slot + 1) {
      if (rows[row + C_INLINE_COUNT]++ !== 0) return;
    } else if ((inline & (INLINE_SLOT_MASK | (INLINE_FURTHER_MASK << INLINE_FURTHER_SHIFT))) === 0) {
      rows[row + C_INLINE] = slot + 1;
      rows[row + C_INLINE_COUNT] = 1;
    } else {
      const found = this.holders.find(id, slot);
      if (found < 0) {
        this.holders.add(id, slot);
        rows[row + C_INLINE] += INLINE_FURTHER_ONE;
      } else if (this.holders.words[found]++ !== 0) return;
    }
    const domains = ++rows[row + C_FLAGS] & DOMAINS_MASK;
    this.domains.counters[slot * DOMAIN_COUNTERS + D_DISTINCT]++;
    if (domains === 1) this.domains.aloneContents[slot]++;
    else if (domains === 2) this.domains.aloneContents[other]--;
  }

  #leave(frameWords: Uint32Array, frame: number, slot: number, id: number): void {
    const rows = this.contents.words;
    const row = id << CONTENT_SHIFT;
    const counters = this.domains.counters;
    const counter = slot * DOMAIN_COUNTERS;
    const refs = rows[row + C_REFS];
    const flags = rows[row + C_FLAGS];
    rows[row + C_REFS] = refs - 1;
    this.knownFrames--;
    counters[counter + D_KNOWN]--;
    if ((flags & FLAG_FAIR) !== 0) this.domains.fairSaved.add(slot, -1, this.#settledRefs(id));
    if ((flags & FLAG_FILL_PAGE) !== 0) counters[counter + D_FILL_PAGE]--;
    this.#countChurn(rows, row, id);
    if (refs === 1) {
      rows[row + C_HEAD] = NO_FRAME;
      this.distinctContents--;
      if ((flags & FLAG_EMPTY) === 0) this.markEmpty(id);
      this.#uncountHolder(rows, row, id, slot, slot);
      return;
    }
    const next = frameWords[frame + F_NEXT];
    const previous = frameWords[frame + F_PREV];
    if (previous === NO_FRAME) rows[row + C_HEAD] = next;
    else frameWords[Math.imul(previous, FRAME_WORDS) + F_NEXT] = next;
    if (next !== NO_FRAME) frameWords[Math.imul(next, FRAME_WORDS) + F_PREV] = previous;
    counters[counter + D_SHARED]--;
    const other = this.frames.ownerOf(rows[row + C_HEAD]);
    if (refs === 2) {
      this.sharedContents--;
      counters[other * DOMAIN_COUNTERS + D_SHARED]--;
    }
    if ((flags & FLAG_DIRTY) === 0) this.markDirty(id);
    this.#uncountHolder(rows, row, id, slot, other);
  }

  /** @param other a domain that still holds the content, if any does */
  #uncountHolder(rows: Uint32Array, row: number, id: number, slot: number, other: number): void {
    if ((rows[row + C_INLINE] & INLINE_SLOT_MASK) === slot + 1) {
      if (--rows[row + C_INLINE_COUNT] !== 0) return;
    } else {
      const found = this.holders.find(id, slot);
      if (--this.holders.words[found] !== 0) return;
      if (!this.pairsExact) {
        this.holders.removeAt(found);
        rows[row + C_INLINE] -= INLINE_FURTHER_ONE;
      } else {
        // The entry goes at the next settle, also if this was the last holder.
        this.markDirty(id);
      }
    }
    const domains = --rows[row + C_FLAGS] & DOMAINS_MASK;
    this.domains.counters[slot * DOMAIN_COUNTERS + D_DISTINCT]--;
    if (domains === 0) this.domains.aloneContents[slot]--;
    else if (domains === 1) this.domains.aloneContents[other]++;
  }

  /** Whether a frame of `slot` that joins the content may need a new entry in the holder counts. */
  mayAddEntry(id: number, slot: number): boolean {
    const inline = this.contents.words[(id << CONTENT_SHIFT) + C_INLINE];
    if ((inline & INLINE_SLOT_MASK) === slot + 1) return false;
    if ((inline & (INLINE_SLOT_MASK | (INLINE_FURTHER_MASK << INLINE_FURTHER_SHIFT))) === 0) return false;
    return this.holders.find(id, slot) < 0;
  }

  /** The holders for which each frame of a content is counted. */
  #settledRefs(id: number): number {
    return this.contents.details[Math.imul(id, DETAIL_WORDS) + CD_SETTLED_REFS];
  }

  #countChurn(rows: Uint32Array, row: number, id: number): void {
    if ((rows[row + C_FLAGS] & FLAG_TOUCHED) === 0) {
      rows[row + C_FLAGS] |= FLAG_TOUCHED;
      this.marks.touched.push(id);
    }
    if (rows[row + C_EVENTS] < CHURN_FULL) rows[row + C_EVENTS] += CHURN_ONE;
  }

  /** Puts a content on the dirty list: its refs or its set of domains changed, and it has or had several holders. */
  markDirty(id: number): void {
    const rows = this.contents.words;
    const row = id << CONTENT_SHIFT;
    if ((rows[row + C_FLAGS] & FLAG_DIRTY) !== 0) return;
    rows[row + C_FLAGS] |= FLAG_DIRTY;
    this.marks.dirty.push(id);
  }

  /** Puts a content that nobody holds on the list of those that the next settle forgets, unless it is pinned. */
  markEmpty(id: number): void {
    const rows = this.contents.words;
    const row = id << CONTENT_SHIFT;
    if ((rows[row + C_FLAGS] & FLAG_EMPTY) !== 0) return;
    rows[row + C_FLAGS] |= FLAG_EMPTY;
    this.marks.empty.push(id);
  }

  /** A content that was made and then not taken: the next settle forgets it. */
  markEmptyIfUnheld(id: number): void {
    if (this.contents.words[(id << CONTENT_SHIFT) + C_REFS] === 0) this.markEmpty(id);
  }

  /** Counts a read, hit or touch of a content towards its heat. */
  addHeat(id: number): void {
    const rows = this.contents.words;
    const row = id << CONTENT_SHIFT;
    if ((rows[row + C_FLAGS] & FLAG_TOUCHED) === 0) {
      rows[row + C_FLAGS] |= FLAG_TOUCHED;
      this.marks.touched.push(id);
    }
    if ((rows[row + C_EVENTS] & 0xffff) !== 0xffff) rows[row + C_EVENTS]++;
  }
}
