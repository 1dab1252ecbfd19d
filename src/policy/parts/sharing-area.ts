import {
  CAUSE_GONE,
  CAUSE_READ,
  type EngineView,
  READ_FLAG_ALIGNED,
  READ_FLAG_READ_ONLY_IMAGE,
} from '../../engine/effects.js';
import {
  CONTENT_WORDS,
  FIRST_CONTENT,
  NO_FRAME,
  STATE_FREE,
  STATE_PROVISIONAL,
  STATE_UNKNOWN,
  STATE_UNTOUCHED,
  STATE_ZERO,
} from '../../engine/layout.js';
import type { DlpsFigures } from '../../figures/policy-figures.js';
import { newAreaCounts } from './area-counts.js';
import { DomainBlocks } from './domain-blocks.js';
import { SavedPageSeconds } from './page-seconds.js';
import { RegionCopies } from './region-copies.js';
import { NO_BLOCK, RefusedReadCounts } from './refused-reads.js';
import { type RegionVictim, SharedRegion } from './shared-region.js';
import { SHARER_AVOIDED, SHARER_AVOIDED_COLD, SHARER_CHANGED, SHARER_COLD, SHARER_SEEN, Sharers } from './sharers.js';

/** Trace time after which a read whose frame was not seen is given up (design §4, rule 4). */
const BIND_MICROS = 60_000_000;

/** Size of the shared region: frames, a share of the host's memory, or no limit. */
export type RegionSize = { frames: number } | { percent: number } | 'unlimited';

/** Knobs of every scheme with a region; docs/POLICIES.md. */
export interface RegionOptions {
  region: RegionSize;
  victim: RegionVictim;
}

/** What a scheme does of its own when frames and slots come and go. The lists of the region are whole at each call. */
export interface AreaExtension {
  /** What a trust group has of a block, see ContentOfBlock. */
  contentOfBlock(group: number, image: number, block: number): number;
  /** A frame was bound to a slot. `entry` is the pending read that it answers: gone, but its number not yet in use. */
  bound(slot: number, frameId: number, domain: number, entry: number): void;
  /** A bound frame is about to leave its slot, for whatever reason. */
  leaving(slot: number, frameId: number, domain: number): void;
  /** A bound frame has left its slot because its content changed; `freed`: it holds nothing any more. */
  changed(slot: number, domain: number, freed: boolean): void;
  /** A pending read was given up, or its slot is. */
  expired(entry: number): void;
  /** A slot that was taken for a read of unknown hash is known to hold this content now. */
  adopted(slot: number, content: number): void;
  /** A slot, without frames and pending reads by now, is about to go. */
  dropping(slot: number): void;
}

/**
 * What schemes with a designated sharing area have in common (`dlps` and `satori`; rules 1, 2, 4, 5 and 6 of `dlps` in
 * docs/POLICIES.md): the region and its size, who may share a block, reads that wait for their frame, frames that join
 * and leave slots, victims, and the figures of all that. What answers a read is the scheme's own.
 */
export class SharingArea {
  readonly region: SharedRegion;
  readonly written: DomainBlocks;
  readonly sharers: Sharers;
  readonly copies: RegionCopies;
  readonly counts = newAreaCounts();
  readonly refused: RefusedReadCounts;
  readonly pageSeconds = new SavedPageSeconds();
  /** R in frames; Infinity: unlimited. */
  regionFrames: number;
  /** By domain slot: its life and trust group. */
  life = new Uint32Array(8);
  group = new Uint32Array(8);
  /** The slot of the read before the frame effect that it causes; 0: not eligible, zero, or none was taken. */
  readSlot = 0;
  /** The entry by which that read waits for its frame; 0: none. */
  readEntry = 0;
  /** Newest trace time, µs. */
  now = 0;
  /** Blocks that a domain has read in its life; whether the newest eligible read was of another. */
  readonly #readBefore: DomainBlocks;
  #isCold = false;

  /**
   * @param extension what the scheme does beside; null: nothing
   */
  constructor(
    private readonly engine: EngineView,
    private readonly options: RegionOptions,
    private readonly extension: AreaExtension | null = null,
  ) {
    this.region = new SharedRegion(options.victim, engine);
    this.written = new DomainBlocks((bytes) => engine.hasRoom(bytes));
    this.#readBefore = new DomainBlocks((bytes) => engine.hasRoom(bytes));
    this.sharers = new Sharers(this.region, engine);
    this.copies = new RegionCopies(this.region, (frameId) => engine.domainOfFrame(frameId));
    this.refused = new RefusedReadCounts((group, image, block) => {
      if (extension !== null) return extension.contentOfBlock(group, image, block);
      const slot = this.region.find(group, image, block);
      return slot === 0 ? NO_BLOCK : this.region.contentOf(slot);
    });
    const size = options.region;
    this.regionFrames = typeof size === 'object' && 'frames' in size ? size.frames : 0;
    if (size === 'unlimited') this.regionFrames = Number.POSITIVE_INFINITY;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.region.bytes + this.written.bytes + this.#readBefore.bytes + this.sharers.bytes;
  }

  /** Gross saved frames, O(1). */
  get savedFrames(): number {
    return this.region.boundFrames - this.region.usedSlots;
  }

  // --- size ----------------------------------------------------------------------------------------------------

  /** The memory that a percentage is of changed. */
  setMemory(frames: number): void {
    const size = this.options.region;
    if (typeof size !== 'object' || !('percent' in size)) return;
    // At least one frame as soon as the memory is known.
    this.resize(frames === 0 ? 0 : Math.max(1, Math.floor((frames * size.percent) / 100)));
  }

  /** Changes R; a smaller region evicts at once. */
  resize(frames: number): void {
    this.regionFrames = frames;
    while (this.region.resident > frames) this.#evict();
  }

  // --- time and domains ----------------------------------------------------------------------------------------

  /** Trace time moved on: reads that waited too long are given up. */
  advance(timeMicros: number): void {
    const { resident, usedSlots } = this.region;
    this.pageSeconds.moveTo(timeMicros, this.savedFrames, this.savedFrames - (resident - usedSlots));
    this.sharers.follower?.moveTo(timeMicros);
    this.now = timeMicros;
    const pending = this.region.pending;
    for (let entry = pending.oldest; entry !== 0; entry = pending.oldest) {
      if (timeMicros - pending.timeOf(entry) <= BIND_MICROS) return;
      this.dropPending(entry);
    }
  }

  /** A new life in a domain slot. */
  startDomain(domain: number, group: number, life: number): void {
    if (domain >= this.life.length) {
      const length = Math.max(domain + 1, this.life.length * 2);
      this.life = grown(this.life, length);
      this.group = grown(this.group, length);
    }
    this.life[domain] = life;
    this.group[domain] = group;
    this.refused.note(group);
    this.sharers.startDomain(domain);
  }

  /** A domain was destroyed; its frames were released before. */
  endDomain(domain: number): void {
    this.#dropAllPending(domain);
    this.written.clear(domain);
    this.#readBefore.clear(domain);
  }

  /** A change of trust group ends every binding: the keys of the new group are others. */
  changeGroup(domain: number, group: number): void {
    this.#dropAllPending(domain);
    this.group[domain] = group;
    this.refused.note(group);
    // In the order of the rings, so that the slots keep it in the rings that they go to.
    for (const slot of this.region.residentSlots()) {
      let frameId = this.region.firstBound(slot);
      while (frameId !== NO_FRAME) {
        const next = this.region.nextBound(frameId);
        if (this.engine.domainOfFrame(frameId) === domain) this.#unbind(slot, frameId, domain);
        frameId = next;
      }
      this.region.updateRing(slot);
    }
  }

  // --- reads and slots -----------------------------------------------------------------------------------------

  /** The domain wrote blocks of its disk. */
  write(domain: number, image: number, block: number, count: number): void {
    if (!this.written.add(domain, image, block, count)) this.engine.countUnmodelled();
  }

  /** Whether a read may be answered by another domain's; if not, it is counted by the first reason that holds. */
  isEligible(domain: number, flags: number, image: number, block: number): boolean {
    const ineligible = this.counts.readsIneligible;
    if ((flags & READ_FLAG_ALIGNED) === 0) ineligible.unaligned++;
    else if (this.written.has(domain, image, block)) ineligible.ownWritten++;
    else if ((flags & READ_FLAG_READ_ONLY_IMAGE) === 0) ineligible.writableImage++;
    else {
      this.#seen(domain, image, block);
      return true;
    }
    return false;
  }

  /** Counts an eligible read. It is cold if it is the domain's own first one of the block, else warm. */
  #seen(domain: number, image: number, block: number): void {
    this.sharers.count(domain, SHARER_SEEN);
    this.#isCold = !this.#readBefore.has(domain, image, block);
    if (!this.#isCold) return;
    if (!this.#readBefore.add(domain, image, block, 1)) this.engine.countUnmodelled();
    this.counts.readsCold++;
    this.sharers.count(domain, SHARER_COLD);
  }

  /** The newest eligible read is answered from the region. */
  countAvoided(domain: number): void {
    this.counts.readsAvoided++;
    this.sharers.count(domain, SHARER_AVOIDED);
    if (!this.#isCold) return;
    this.counts.readsAvoidedCold++;
    this.sharers.count(domain, SHARER_AVOIDED_COLD);
  }

  /**
   * A new slot for a key that has none, read by `domain`; evicts one if the region is full. 0 if there is no room.
   * @param content its content id, 0 if not known, STATE_ZERO: takes no frame of the region
   */
  takeSlot(domain: number, image: number, block: number, content: number): number {
    if (!this.engine.hasRoom(this.region.growthBytes)) {
      this.engine.countUnmodelled();
      return 0;
    }
    const inRegion = content !== STATE_ZERO;
    if (inRegion) {
      if (this.regionFrames < 1) return 0;
      if (this.region.resident >= this.regionFrames) this.#evict();
      if (content !== 0) this.engine.pin(content);
    }
    return this.region.add(this.group[domain], image, block, content, this.life[domain], inRegion);
  }

  /** Lets a domain wait for the frame of a block that it read. Returns the entry, 0 if there is no room. */
  addPending(slot: number, domain: number): number {
    const region = this.region;
    if (!this.engine.hasRoom(region.pending.growthBytes)) {
      // As an entry that was made and dropped at once.
      this.counts.bindExpired++;
      this.engine.countUnmodelled();
      return 0;
    }
    const entry = region.addPending(slot, domain, this.now);
    region.updateRing(slot);
    return entry;
  }

  /** Gives up a read whose frame was not seen. */
  dropPending(entry: number): void {
    const slot = this.region.pending.slotOf(entry);
    this.region.removePending(entry);
    this.counts.bindExpired++;
    this.extension?.expired(entry);
    this.region.updateRing(slot);
  }

  #dropAllPending(domain: number): void {
    const pending = this.region.pending;
    for (let entry = pending.oldestOfDomain(domain); entry !== 0; entry = pending.oldestOfDomain(domain)) {
      this.dropPending(entry);
    }
  }

  /** The content of a slot read with an unknown hash was seen. */
  adopt(slot: number, content: number): void {
    this.engine.pin(content);
    this.region.setContent(slot, content);
    const pending = this.region.pending;
    for (let entry = this.region.pendingOf(slot); entry !== 0; entry = pending.nextOfSlot(entry)) {
      pending.resolve(entry, content);
    }
    this.extension?.adopted(slot, content);
  }

  #evict(): void {
    this.counts.evictions++;
    this.drop(this.region.nextVictim());
  }

  /** Gives a slot up. */
  drop(slot: number): void {
    this.empty(slot);
    this.extension?.dropping(slot);
    if (slot === this.readSlot) this.readSlot = this.readEntry = 0;
    const content = this.region.contentOf(slot);
    if (content >= FIRST_CONTENT) this.engine.unpin(content);
    this.region.remove(slot);
  }

  /** The sharers of a slot get their frames back in their own reservations. */
  empty(slot: number): void {
    const region = this.region;
    for (let frameId = region.firstBound(slot); frameId !== NO_FRAME; frameId = region.firstBound(slot)) {
      this.#unbind(slot, frameId, this.engine.domainOfFrame(frameId));
    }
    for (let entry = region.pendingOf(slot); entry !== 0; entry = region.pendingOf(slot)) {
      region.removePending(entry);
      this.counts.bindExpired++;
      this.extension?.expired(entry);
    }
  }

  // --- frames --------------------------------------------------------------------------------------------------

  /** A frame changed: it leaves its slot, and joins the one of the read that it answers. */
  applyFrame(domain: number, frameId: number, old: number, next: number, cause: number): void {
    const region = this.region;
    const bound = region.slotOfFrame(frameId);
    if (bound !== 0) {
      // Another block that was read into the frame is not what the slot holds, whatever its content.
      const other = cause === CAUSE_READ && this.readSlot !== bound;
      if (!other && this.#stays(bound, old, next)) return;
      this.#leave(bound, frameId, domain, next, cause);
    }
    if (next >= FIRST_CONTENT) {
      if (region.pending.count === 0) return;
      const entry = region.pending.oldestOf(domain, next);
      if (entry !== 0) this.#bindEntry(entry, frameId, domain);
    } else if (next === STATE_PROVISIONAL && this.readEntry !== 0) {
      this.#bindEntry(this.readEntry, frameId, domain);
      this.readEntry = 0;
    }
  }

  /** Whether a bound frame still holds its slot's block: a block of unknown hash was seen, or read again. */
  #stays(bound: number, old: number, next: number): boolean {
    if (next === STATE_PROVISIONAL) return true;
    if (old !== STATE_PROVISIONAL || next < FIRST_CONTENT) return false;
    const content = this.region.contentOf(bound);
    if (content === 0) this.adopt(bound, next);
    return content === 0 || content === next;
  }

  #bindEntry(entry: number, frameId: number, domain: number): void {
    const slot = this.region.pending.slotOf(entry);
    this.region.removePending(entry);
    this.sharers.bind(slot, frameId, domain);
    this.extension?.bound(slot, frameId, domain, entry);
    this.region.updateRing(slot);
  }

  #unbind(slot: number, frameId: number, domain: number): void {
    this.extension?.leaving(slot, frameId, domain);
    this.sharers.unbind(slot, frameId);
  }

  #leave(slot: number, frameId: number, domain: number, next: number, cause: number): void {
    this.#unbind(slot, frameId, domain);
    this.region.updateRing(slot);
    // A destroyed domain did not change what it held.
    if (cause === CAUSE_GONE) return;
    const changed = this.counts.contentChanged;
    if (next >= FIRST_CONTENT || next === STATE_PROVISIONAL) changed.overwritten++;
    else if (next === STATE_ZERO) changed.zeroed++;
    else if (next === STATE_UNKNOWN) changed.unknown++;
    else changed.freed++;
    this.sharers.count(domain, SHARER_CHANGED);
    this.extension?.changed(slot, domain, next === STATE_FREE || next === STATE_UNTOUCHED);
  }

  // --- figures -------------------------------------------------------------------------------------------------

  /** The figures of the region. */
  figures(): DlpsFigures {
    const { resident, boundFrames, usedSlots } = this.region;
    const { counts, savedFrames } = this;
    const idleSlots = resident - usedSlots;
    return {
      regionFrames: Number.isFinite(this.regionFrames) ? this.regionFrames : null,
      residentSlots: resident,
      idleSlots,
      duplicateSlots: this.region.duplicateSlots(this.engine.contentWords().length / CONTENT_WORDS),
      boundFrames,
      savedFrames,
      netSavedFrames: savedFrames - idleSlots,
      readsSeen: counts.readsIssued + counts.readsAvoided,
      ...counts,
      readsIneligible: { ...counts.readsIneligible },
      contentChanged: { ...counts.contentChanged },
    };
  }
}

function grown(old: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(length);
  larger.set(old);
  return larger;
}
