/**
 * The state of `oracle` under several trust groups: everything identical within a group is one frame. The engine's own
 * counts are over all domains, so this keeps what each group holds of each content. It is there only while it is
 * needed: from the moment that a second group has a domain.
 */
import { FairSums } from '../base/fair-sums.js';
import type { EngineView } from '../engine/effects.js';
import { FIRST_CONTENT, FRAME_WORDS } from '../engine/layout.js';
import type { DomainPolicyFigures } from '../figures/domain-figures.js';
import type { OracleCounts } from './oracle.js';
import {
  E_CONTENT,
  E_GROUP,
  E_REFS,
  E_SETTLED,
  E_SLOTS,
  ENTRY_DIRTY,
  ENTRY_GROUP_MASK,
  ENTRY_WORDS,
  GroupContents,
} from './parts/group-contents.js';
import type { SharedCopies } from './shared-copies.js';

/** Entries looked at in one call of `addStopLosses`. */
const ENTRIES_A_CALL = 1024;

/** Everything identical within a trust group is shared at once; see the head of this file. */
export class GroupedOracle implements SharedCopies {
  readonly #entries: GroupContents;
  /** Frames of known content, and ⟨group, content⟩ with at least one and at least two frames. */
  #known = 0;
  #contents = 0;
  sharedContents = 0;
  /** By domain slot: frames whose content another frame of the group holds too. */
  #shared = new Int32Array(8);
  readonly #fairSaved = new FairSums();
  /** Content and group of the entries whose refs changed since they were settled. */
  #dirty = new Uint32Array(256);
  #dirtyWords = 0;

  /**
   * Counts what the frames hold now.
   * @param groupOf the trust group of a live domain's slot, now
   */
  constructor(
    private readonly engine: EngineView,
    private readonly counts: OracleCounts,
    private readonly groupOf: (slot: number) => number,
  ) {
    this.#entries = new GroupContents((bytes) => engine.hasRoom(bytes));
    for (let slot = 0; slot < engine.domainSlotEnd(); slot++) this.startDomain(slot);
    const frames = engine.frameWords();
    let known = 0;
    for (let frameId = 0; frameId < engine.frameIdEnd(); frameId++) {
      if (frames[frameId * FRAME_WORDS] >= FIRST_CONTENT) known++;
    }
    // Nearly all contents are in one group yet.
    this.#entries.reserve(known - counts.potentialSavedFrames());
    for (let frameId = 0; frameId < engine.frameIdEnd(); frameId++) {
      const content = frames[frameId * FRAME_WORDS];
      if (content < FIRST_CONTENT) continue;
      const slot = engine.domainOfFrame(frameId);
      this.#join(groupOf(slot), slot, content);
    }
  }

  /** Σ over ⟨group, content⟩ (refs − 1). */
  get savedFrames(): number {
    return this.#known - this.#contents;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#entries.bytes + this.#shared.byteLength + this.#fairSaved.bytes + this.#dirty.byteLength;
  }

  /** A new life in a domain slot: none of its frames is known yet. */
  startDomain(slot: number): void {
    if (slot >= this.#shared.length) {
      const shared = new Int32Array(Math.max(slot + 1, this.#shared.length * 2));
      shared.set(this.#shared);
      this.#shared = shared;
    }
    this.#fairSaved.reserve(this.#shared.length);
    this.#shared[slot] = 0;
    this.#fairSaved.clear(slot);
  }

  /** A frame of a domain holds something else now: states and contents as in the frame effect. */
  change(slot: number, old: number, next: number): void {
    const group = this.groupOf(slot);
    if (old >= FIRST_CONTENT) this.#leave(group, slot, old);
    if (next >= FIRST_CONTENT) this.#join(group, slot, next);
  }

  /** All frames of a domain go from one group to another. The engine's tables are as they are at this effect. */
  move(slot: number, from: number, to: number): void {
    const frames = this.engine.frameWords();
    for (let frameId = 0; frameId < this.engine.frameIdEnd(); frameId++) {
      const content = frames[frameId * FRAME_WORDS];
      if (content < FIRST_CONTENT || this.engine.domainOfFrame(frameId) !== slot) continue;
      this.#leave(from, slot, content);
      this.#join(to, slot, content);
    }
  }

  #join(group: number, slot: number, content: number): void {
    const at = this.#entries.findOrAdd(content, group);
    const { words } = this.#entries;
    const refs = ++words[at + E_REFS];
    const others = words[at + E_SLOTS];
    words[at + E_SLOTS] = others ^ slot;
    this.#known++;
    this.#fairSaved.add(slot, 1, words[at + E_SETTLED]);
    if (refs === 1) {
      this.#contents++;
      return;
    }
    this.#shared[slot]++;
    if (refs === 2) {
      this.sharedContents++;
      this.#shared[others]++;
    }
    this.#markDirty(at);
  }

  #leave(group: number, slot: number, content: number): void {
    const at = this.#entries.find(content, group);
    const { words } = this.#entries;
    const refs = --words[at + E_REFS];
    const others = words[at + E_SLOTS] ^ slot;
    words[at + E_SLOTS] = others;
    this.#known--;
    this.#fairSaved.add(slot, -1, words[at + E_SETTLED]);
    if (refs === 0) {
      this.#contents--;
      if ((words[at + E_GROUP] & ENTRY_DIRTY) === 0) this.#entries.remove(at);
      return;
    }
    this.#shared[slot]--;
    if (refs === 1) {
      this.sharedContents--;
      this.#shared[others]--;
    }
    this.#markDirty(at);
  }

  #markDirty(at: number): void {
    const { words } = this.#entries;
    if ((words[at + E_GROUP] & ENTRY_DIRTY) !== 0) return;
    if (this.#dirtyWords === this.#dirty.length) {
      const grown = new Uint32Array(this.#dirty.length * 2);
      grown.set(this.#dirty);
      this.#dirty = grown;
    }
    this.#dirty[this.#dirtyWords++] = words[at + E_CONTENT];
    this.#dirty[this.#dirtyWords++] = words[at + E_GROUP];
    words[at + E_GROUP] |= ENTRY_DIRTY;
  }

  /**
   * Brings fair shares up to date for about `work` contents; true if more are left. The holders that the engine knows
   * must be those of all effects applied so far.
   */
  settle(work: number): boolean {
    const { words } = this.#entries;
    let left = work;
    while (this.#dirtyWords > 0 && left > 0) {
      const group = this.#dirty[--this.#dirtyWords];
      const content = this.#dirty[--this.#dirtyWords];
      const at = this.#entries.find(content, group);
      words[at + E_GROUP] = group;
      left -= this.#settleEntry(at, content, group);
    }
    return this.#dirtyWords > 0;
  }

  #settleEntry(at: number, content: number, group: number): number {
    const { words } = this.#entries;
    const refs = words[at + E_REFS];
    const settled = words[at + E_SETTLED];
    if (refs === 0) {
      this.#entries.remove(at);
      return 1;
    }
    if (refs === settled) return 1;
    words[at + E_SETTLED] = refs;
    const { slots, counts, count } = this.counts.holdersOf(content);
    for (let i = 0; i < count; i++) {
      if (counts[i] === 0 || this.groupOf(slots[i]) !== group) continue;
      this.#fairSaved.add(slots[i], counts[i], refs);
      this.#fairSaved.add(slots[i], -counts[i], settled);
    }
    return 1 + (count >>> 3);
  }

  /** A domain's part; fair saved as of the last settle. */
  domainFigures(slot: number): DomainPolicyFigures {
    return {
      sharedFrames: this.#shared[slot],
      fairSavedFrames: this.#fairSaved.get(slot),
      readsSeen: 0,
      readsAvoided: 0,
      contentChanged: 0,
    };
  }

  #refsAt(word: number): number {
    return word < 0 ? 0 : this.#entries.words[word + E_REFS];
  }

  /** Frames of a content that share it within their group. O(domains that hold it). */
  sharedRefs(content: number): number {
    const { slots, counts, count } = this.counts.holdersOf(content);
    let shared = 0;
    for (let i = 0; i < count; i++) {
      if (counts[i] === 0) continue;
      if (this.#refsAt(this.#entries.find(content, this.groupOf(slots[i]))) >= 2) shared += counts[i];
    }
    return shared;
  }

  // --- copies: an entry with two frames or more, its number is its place in the table + 1 -----------------------

  ofFrame(frameId: number): number {
    const content = this.counts.contentOf(frameId);
    if (content < FIRST_CONTENT) return 0;
    const at = this.#entries.find(content, this.groupOf(this.engine.domainOfFrame(frameId)));
    return this.#refsAt(at) >= 2 ? at / ENTRY_WORDS + 1 : 0;
  }

  refs(copy: number): number {
    return this.#refsAt((copy - 1) * ENTRY_WORDS);
  }

  ofContent(content: number): number {
    if (content < FIRST_CONTENT) return 0;
    const { slots, counts, count } = this.counts.holdersOf(content);
    const copies = new Set<number>();
    for (let i = 0; i < count; i++) {
      const at = counts[i] === 0 ? -1 : this.#entries.find(content, this.groupOf(slots[i]));
      if (this.#refsAt(at) >= 2) copies.add(at);
    }
    return copies.size;
  }

  addStopLosses(from: number, losses: Float64Array): number {
    const { words } = this.#entries;
    const end = Math.min(words.length / ENTRY_WORDS, from - 1 + ENTRIES_A_CALL);
    for (let entry = from - 1; entry < end; entry++) {
      const at = entry * ENTRY_WORDS;
      if (!this.#entries.isUsed(at) || words[at + E_REFS] < 2) continue;
      const group = words[at + E_GROUP] & ENTRY_GROUP_MASK;
      const { slots, counts, count } = this.counts.holdersOf(words[at + E_CONTENT]);
      for (let i = 0; i < count; i++) {
        // Without its frames refs − held are left; the first of them saves nothing.
        if (counts[i] > 0 && this.groupOf(slots[i]) === group) {
          losses[slots[i]] += Math.min(counts[i], words[at + E_REFS] - 1);
        }
      }
    }
    return end * ENTRY_WORDS < words.length ? end + 1 : 0;
  }

  /** Recounts from the frames: one line for each figure that does not agree. */
  audit(): string[] {
    this.settle(Number.POSITIVE_INFINITY);
    const fresh = new GroupedOracle(this.engine, this.counts, this.groupOf);
    fresh.settle(Number.POSITIVE_INFINITY);
    const lines: string[] = [];
    const check = (name: string, kept: number, counted: number): void => {
      if (Math.abs(kept - counted) > 1e-6) lines.push(`oracle: ${name}: kept ${kept}, counted ${counted}`);
    };
    check('saved in groups', this.savedFrames, fresh.savedFrames);
    check('shared in groups', this.sharedContents, fresh.sharedContents);
    for (let slot = 0; slot < this.engine.domainSlotEnd(); slot++) {
      check(`shared frames of slot ${slot}`, this.#shared[slot], fresh.#shared[slot]);
      check(`fair saved of slot ${slot}`, this.#fairSaved.get(slot), fresh.#fairSaved.get(slot));
    }
    return lines;
  }
}
