import { fromHalves } from '../base/units.js';
import {
  CAUSE_GONE,
  CAUSE_READ,
  EFFECT_DOMAIN,
  EFFECT_FRAME,
  EFFECT_GONE,
  EFFECT_GROUP,
  EFFECT_MEMORY,
  EFFECT_READ,
  EFFECT_TIME,
  EFFECT_WRITE,
  EFFECT_WORDS,
  type EngineView,
  READ_FLAG_ALIGNED,
  READ_FLAG_READ_ONLY_IMAGE,
} from '../engine/effects.js';
import {
  C_HEAD,
  CONTENT_WORDS,
  FIRST_CONTENT,
  NO_FRAME,
  STATE_PROVISIONAL,
  STATE_UNKNOWN,
  STATE_ZERO,
} from '../engine/layout.js';
import type { DomainPolicyFigures } from '../figures/domain-figures.js';
import type { DlpsFigures, PolicyFigures } from '../figures/policy-figures.js';
import { auditDlps } from './dlps-audit.js';
import { newDlpsCounts, regionMetadataBytes } from './dlps-counts.js';
import { RegionCopies } from './parts/region-copies.js';
import { type RegionVictim, SharedRegion } from './parts/shared-region.js';
import { SHARER_AVOIDED, SHARER_CHANGED, SHARER_SEEN, Sharers } from './parts/sharers.js';
import { WrittenBlocks } from './parts/written-blocks.js';
import type { Policy, PolicySums } from './policy.js';

/** Trace time after which a read whose frame was not seen is given up (design §4, rule 4). */
export const BIND_MICROS = 60_000_000;

/** Size of the shared region: frames, a share of the host's memory, or no limit. */
export type RegionSize = { frames: number } | { percent: number } | 'unlimited';

/** Knobs; docs/POLICIES.md. */
export interface DlpsOptions {
  region: RegionSize;
  victim: RegionVictim;
}
export const DLPS_DEFAULTS: DlpsOptions = { region: { percent: 5 }, victim: 'sharers' };

/**
 * The designated sharing area (rules 1–6 of design §4; docs/POLICIES.md says which are inferred): a block that one
 * domain read stays in the region, a later read of it by another is answered from there, and the frames that hold it
 * are one frame.
 */
export class DlpsPolicy implements Policy {
  readonly name = 'dlps';
  readonly region: SharedRegion;
  readonly written: WrittenBlocks;
  /** R in frames; Infinity: unlimited. */
  regionFrames: number;
  readonly counts = newDlpsCounts();
  readonly sharers: Sharers;
  readonly copies: RegionCopies;
  /** By domain slot: its life and trust group. */
  life = new Uint32Array(8);
  group = new Uint32Array(8);
  #now = 0;
  /** The slot of the read before the frame effect that it causes; 0: not eligible, zero, or none was taken. */
  #readSlot = 0;

  constructor(
    private readonly engine: EngineView,
    readonly options: DlpsOptions = DLPS_DEFAULTS,
  ) {
    this.region = new SharedRegion(options.victim, engine);
    this.written = new WrittenBlocks((bytes) => engine.hasRoom(bytes));
    this.sharers = new Sharers(this.region, engine);
    this.copies = new RegionCopies(this.region, (frameId) => engine.domainOfFrame(frameId));
    this.regionFrames = typeof options.region === 'object' && 'frames' in options.region ? options.region.frames : 0;
    if (options.region === 'unlimited') this.regionFrames = Number.POSITIVE_INFINITY;
  }

  get bytes(): number {
    return this.region.bytes + this.written.bytes + this.sharers.bytes;
  }

  apply(words: Uint32Array, used: number): void {
    this.region.reserveFrames();
    for (let at = 0; at < used; at += EFFECT_WORDS) {
      const head = words[at];
      const kind = head & 0xff;
      const domain = head >>> 16;
      if (kind === EFFECT_FRAME) this.#frame(domain, words[at + 1], words[at + 2], words[at + 3], words[at + 4]);
      else if (kind === EFFECT_READ) {
        const flags = (head >>> 8) & 0xff;
        this.#read(domain, flags, words[at + 2], words[at + 3], words[at + 4]);
      } else if (kind === EFFECT_TIME) this.#advance(fromHalves(words[at + 1], words[at + 2]));
      else if (kind === EFFECT_WRITE) this.#write(domain, words[at + 1], words[at + 2], words[at + 3]);
      else if (kind === EFFECT_DOMAIN) this.#domain(domain, words[at + 1], words[at + 2]);
      else if (kind === EFFECT_GROUP) this.#changeGroup(domain, words[at + 1]);
      else if (kind === EFFECT_GONE) this.#gone(domain);
      else if (kind === EFFECT_MEMORY) this.#memory(fromHalves(words[at + 1], words[at + 2]));
    }
  }

  #write(domain: number, image: number, block: number, count: number): void {
    if (!this.written.add(domain, image, block, count)) this.engine.countUnmodelled();
  }

  /** Changes R; a smaller region evicts at once. */
  resize(frames: number): void {
    this.regionFrames = frames;
    while (this.region.resident > frames) this.#evict();
  }

  #memory(frames: number): void {
    const size = this.options.region;
    if (typeof size !== 'object' || !('percent' in size)) return;
    // At least one frame as soon as the memory is known.
    this.resize(frames === 0 ? 0 : Math.max(1, Math.floor((frames * size.percent) / 100)));
  }

  #advance(timeMicros: number): void {
    this.#now = timeMicros;
    const pending = this.region.pending;
    for (let entry = pending.oldest; entry !== 0; entry = pending.oldest) {
      if (timeMicros - pending.timeOf(entry) <= BIND_MICROS) return;
      this.#dropPending(entry);
    }
  }

  #dropPending(entry: number): void {
    const slot = this.region.pending.slotOf(entry);
    this.region.removePending(entry);
    this.counts.bindExpired++;
    this.region.updateRing(slot);
  }

  #domain(domain: number, group: number, life: number): void {
    if (domain >= this.life.length) {
      const length = Math.max(domain + 1, this.life.length * 2);
      this.life = grown(this.life, length);
      this.group = grown(this.group, length);
    }
    this.life[domain] = life;
    this.group[domain] = group;
    this.sharers.startDomain(domain);
  }

  #gone(domain: number): void {
    this.#dropAllPending(domain);
    this.written.clear(domain);
  }

  #dropAllPending(domain: number): void {
    const pending = this.region.pending;
    for (let entry = pending.oldestOfDomain(domain); entry !== 0; entry = pending.oldestOfDomain(domain)) {
      this.#dropPending(entry);
    }
  }

  /** A change of trust group ends every binding: the keys of the new group are others. */
  #changeGroup(domain: number, group: number): void {
    this.#dropAllPending(domain);
    this.group[domain] = group;
    // In the order of the rings, so that the slots keep it in the rings that they go to.
    for (const slot of this.region.residentSlots()) {
      let frameId = this.region.firstBound(slot);
      while (frameId !== NO_FRAME) {
        const next = this.region.nextBound(frameId);
        if (this.engine.domainOfFrame(frameId) === domain) this.sharers.unbind(slot, frameId);
        frameId = next;
      }
      this.region.updateRing(slot);
    }
  }

  // --- reads ---------------------------------------------------------------------------------------------------

  #read(domain: number, flags: number, content: number, image: number, block: number): void {
    this.#readSlot = 0;
    const ineligible = this.counts.readsIneligible;
    if ((flags & READ_FLAG_ALIGNED) === 0) ineligible.unaligned++;
    else if (this.written.has(domain, image, block)) ineligible.ownWritten++;
    else if ((flags & READ_FLAG_READ_ONLY_IMAGE) === 0) ineligible.writableImage++;
    else this.#readSlot = this.#eligibleRead(domain, content, image, block);
  }

  /** Returns the slot, or 0 if none could be taken. */
  #eligibleRead(domain: number, content: number, image: number, block: number): number {
    const region = this.region;
    const life = this.life[domain];
    this.sharers.count(domain, SHARER_SEEN);
    let slot = region.find(this.group[domain], image, block);
    if (slot !== 0 && content !== 0) slot = this.#identify(slot, content);
    if (slot !== 0) {
      this.counts.readsAvoided++;
      this.sharers.count(domain, SHARER_AVOIDED);
      if (region.hit(slot, life)) this.counts.readsAvoidedCross++;
      else this.counts.readsAvoidedOwn++;
    } else {
      this.counts.readsIssued++;
      slot = this.#takeSlot(domain, content, image, block);
      if (slot === 0) return 0;
    }
    if (region.contentOf(slot) === STATE_ZERO) return 0;
    if (region.pending.find(region.pendingOf(slot), domain) !== 0) return slot;
    if (!this.engine.hasRoom(region.pending.growthBytes)) {
      // As an entry that was made and dropped at once.
      this.counts.bindExpired++;
      this.engine.countUnmodelled();
      return slot;
    }
    region.addPending(slot, domain, this.#now);
    region.updateRing(slot);
    return slot;
  }

  /** Compares what was read with what the slot holds. Returns the slot that now answers the read, 0 on a conflict. */
  #identify(slot: number, content: number): number {
    const have = this.region.contentOf(slot);
    if (have === content) return slot;
    if (have !== 0) {
      this.counts.identityConflicts++;
      this.#drop(slot);
      return 0;
    }
    if (content !== STATE_ZERO) {
      this.#adopt(slot, content);
      return slot;
    }
    // The block turns out to be zero: it needs no frame, but who read it stays known.
    this.#empty(slot);
    this.region.release(slot);
    this.region.setContent(slot, STATE_ZERO);
    return slot;
  }

  #takeSlot(domain: number, content: number, image: number, block: number): number {
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

  /** The content of a slot read with an unknown hash was seen. */
  #adopt(slot: number, content: number): void {
    this.engine.pin(content);
    this.region.setContent(slot, content);
    const pending = this.region.pending;
    for (let entry = this.region.pendingOf(slot); entry !== 0; entry = pending.nextOfSlot(entry)) {
      pending.resolve(entry, content);
    }
  }

  #evict(): void {
    this.counts.evictions++;
    this.#drop(this.region.nextVictim());
  }

  #drop(slot: number): void {
    this.#empty(slot);
    const content = this.region.contentOf(slot);
    if (content >= FIRST_CONTENT) this.engine.unpin(content);
    this.region.remove(slot);
  }

  /** The sharers of a slot get their frames back in their own reservations. */
  #empty(slot: number): void {
    const region = this.region;
    for (let frameId = region.firstBound(slot); frameId !== NO_FRAME; frameId = region.firstBound(slot)) {
      this.sharers.unbind(slot, frameId);
    }
    for (let entry = region.pendingOf(slot); entry !== 0; entry = region.pendingOf(slot)) {
      region.removePending(entry);
      this.counts.bindExpired++;
    }
  }

  // --- frames --------------------------------------------------------------------------------------------------

  #frame(domain: number, frameId: number, old: number, next: number, cause: number): void {
    const region = this.region;
    const bound = region.slotOfFrame(frameId);
    if (bound !== 0) {
      // Another block that was read into the frame is not what the slot holds, whatever its content.
      const other = cause === CAUSE_READ && this.#readSlot !== bound;
      if (!other && this.#stays(bound, old, next)) return;
      this.sharers.unbind(bound, frameId);
      region.updateRing(bound);
      this.#countChange(domain, next, cause);
    }
    if (next >= FIRST_CONTENT) {
      if (region.pending.count === 0) return;
      const entry = region.pending.oldestOf(domain, next);
      if (entry !== 0) this.#bindEntry(entry, frameId, domain);
    } else if (next === STATE_PROVISIONAL && this.#readSlot !== 0) {
      const entry = region.pending.find(region.pendingOf(this.#readSlot), domain);
      if (entry !== 0) this.#bindEntry(entry, frameId, domain);
    }
  }

  /** Whether a bound frame still holds its slot's block: a block of unknown hash was seen, or read again. */
  #stays(bound: number, old: number, next: number): boolean {
    if (next === STATE_PROVISIONAL) return true;
    if (old !== STATE_PROVISIONAL || next < FIRST_CONTENT) return false;
    const content = this.region.contentOf(bound);
    if (content === 0) this.#adopt(bound, next);
    return content === 0 || content === next;
  }

  #bindEntry(entry: number, frameId: number, domain: number): void {
    const slot = this.region.pending.slotOf(entry);
    this.region.removePending(entry);
    this.sharers.bind(slot, frameId, domain);
    this.region.updateRing(slot);
  }

  #countChange(domain: number, next: number, cause: number): void {
    // A destroyed domain did not change what it held.
    if (cause === CAUSE_GONE) return;
    const changed = this.counts.contentChanged;
    if (next >= FIRST_CONTENT || next === STATE_PROVISIONAL) changed.overwritten++;
    else if (next === STATE_ZERO) changed.zeroed++;
    else if (next === STATE_UNKNOWN) changed.unknown++;
    else changed.freed++;
    this.sharers.count(domain, SHARER_CHANGED);
  }

  // --- figures -------------------------------------------------------------------------------------------------

  settle(work = Number.POSITIVE_INFINITY): boolean {
    return this.sharers.settle(work);
  }

  figures(): PolicyFigures {
    const { resident, boundFrames, usedSlots, sharedSlots } = this.region;
    const savedFrames = boundFrames - usedSlots;
    const idleSlots = resident - usedSlots;
    const netSavedFrames = savedFrames - idleSlots;
    const counts = this.counts;
    const dlps: DlpsFigures = {
      regionFrames: Number.isFinite(this.regionFrames) ? this.regionFrames : null,
      residentSlots: resident,
      idleSlots,
      duplicateSlots: this.region.duplicateSlots(this.engine.contentWords().length / CONTENT_WORDS),
      boundFrames,
      savedFrames,
      netSavedFrames,
      readsSeen: counts.readsIssued + counts.readsAvoided,
      ...counts,
      readsIneligible: { ...counts.readsIneligible },
      contentChanged: { ...counts.contentChanged },
    };
    return {
      name: this.name,
      savedFrames,
      zeroSavedFrames: 0,
      netSavedFrames,
      sharedFrames: sharedSlots,
      metadataBytes: regionMetadataBytes(resident, boundFrames),
      dlps,
    };
  }

  sums(): PolicySums {
    const { readsAvoided, readsIssued, contentChanged } = this.counts;
    const savedFrames = this.region.boundFrames - this.region.usedSlots;
    const { overwritten, zeroed, unknown, freed } = contentChanged;
    const changed = overwritten + zeroed + unknown + freed;
    return { savedFrames, zeroSavedFrames: 0, readsAvoided, readsIssued, contentChanged: changed };
  }

  domainFigures(slot: number): DomainPolicyFigures {
    return this.sharers.figures(slot);
  }

  sharedRefs(content: number): number {
    if (content < FIRST_CONTENT) return 0;
    return this.sharers.sharedHolders(this.engine.contentWords()[content * CONTENT_WORDS + C_HEAD]);
  }

  audit(): string[] {
    this.settle();
    return auditDlps(this, this.engine);
  }
}

function grown(old: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(length);
  larger.set(old);
  return larger;
}
