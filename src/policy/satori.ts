import { fromHalves } from '../base/units.js';
import {
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
} from '../engine/effects.js';
import { C_HEAD, CONTENT_WORDS, FIRST_CONTENT, STATE_ZERO } from '../engine/layout.js';
import type { DomainPolicyFigures } from '../figures/domain-figures.js';
import type { RefusedReads } from '../figures/group-figures.js';
import type { PolicyFigures } from '../figures/policy-figures.js';
import type { SatoriFigures } from '../figures/satori-figures.js';
import type { PageSecondsFigures } from '../figures/time-figures.js';
import { knobDefaults } from './knobs.js';
import { areaMetadataBytes, areaSums } from './parts/area-counts.js';
import type { RegionCopies } from './parts/region-copies.js';
import { SatoriSharing } from './parts/satori-sharing.js';
import type { ShareFollower } from './parts/share-spans.js';
import { REGION_FRAME_BYTES } from './parts/shared-region.js';
import { type RegionOptions, SharingArea } from './parts/sharing-area.js';
import { KEY_FRAME_BYTES } from './parts/slot-keys.js';
import { FIFO_FRAME_BYTES } from './parts/volatile-fifos.js';
import type { Policy, PolicySums } from './policy.js';
import { auditSatori } from './satori-audit.js';
import { SATORI_KNOBS, type SatoriKnobs } from './satori-knobs.js';

/** What a hypervisor would keep for one more key of a slot: image and sector, slot, links; our estimate. */
const KEY_BYTES = 24;
/** A slot is found by ⟨group, these two, content⟩, or while that is not known by ⟨group, UNSEEN, a number⟩. */
const BY_CONTENT = 0;
const UNSEEN = 1;

/**
 * Sharing-aware block devices (docs/POLICIES.md, satori): a slot of the region is a content of a trust group, known by
 * all blocks that were seen to hold it. A block that is known is answered without the disk; one that had to be read is
 * looked up by its content, which saves the frame but not the read. Who breaks a share pays with a volatile page.
 */
export class SatoriPolicy implements Policy {
  readonly name = 'satori';
  readonly area: SharingArea;
  readonly sharing: SatoriSharing;
  readonly copies: RegionCopies;
  readonly frameBytes = REGION_FRAME_BYTES + KEY_FRAME_BYTES + FIFO_FRAME_BYTES;
  /** Volatile pages that a FIFO holds at most. */
  readonly fifoMax: number;
  #contentHits = 0;
  #unseen = 0;

  constructor(
    private readonly engine: EngineView,
    options: RegionOptions,
    knobs: SatoriKnobs = knobDefaults(SATORI_KNOBS),
  ) {
    this.fifoMax = knobs.fifo;
    this.sharing = new SatoriSharing(engine, knobs.fifo, (slot, content) => {
      this.#adopted(slot, content);
    });
    this.area = new SharingArea(engine, options, this.sharing);
    this.sharing.area = this.area;
    this.copies = this.area.copies;
  }

  get bytes(): number {
    return this.area.bytes + this.sharing.bytes;
  }

  apply(words: Uint32Array, used: number): void {
    const area = this.area;
    area.region.reserveFrames();
    this.sharing.reserveFrames();
    for (let at = 0; at < used; at += EFFECT_WORDS) {
      const head = words[at];
      const kind = head & 0xff;
      const domain = head >>> 16;
      if (kind === EFFECT_FRAME) area.applyFrame(domain, words[at + 1], words[at + 2], words[at + 3], words[at + 4]);
      else if (kind === EFFECT_READ) {
        const flags = (head >>> 8) & 0xff;
        this.#read(domain, flags, words[at + 2], words[at + 3], words[at + 4]);
      } else if (kind === EFFECT_TIME) area.advance(fromHalves(words[at + 1], words[at + 2]));
      else if (kind === EFFECT_WRITE) area.write(domain, words[at + 1], words[at + 2], words[at + 3]);
      else if (kind === EFFECT_DOMAIN) {
        area.startDomain(domain, words[at + 1], words[at + 2]);
        this.sharing.startDomain(domain);
      } else if (kind === EFFECT_GROUP) area.changeGroup(domain, words[at + 1]);
      else if (kind === EFFECT_GONE) area.endDomain(domain);
      else if (kind === EFFECT_MEMORY) area.setMemory(fromHalves(words[at + 1], words[at + 2]));
    }
  }

  /** Changes R; a smaller region evicts at once. */
  resize(frames: number): void {
    this.area.resize(frames);
  }

  // --- reads ---------------------------------------------------------------------------------------------------

  #read(domain: number, flags: number, content: number, image: number, block: number): void {
    const { area } = this;
    area.readSlot = 0;
    area.readEntry = 0;
    let key = 0;
    if (area.isEligible(domain, flags, image, block)) key = this.#answer(domain, content, image, block);
    else if ((flags & READ_FLAG_ALIGNED) !== 0 && content >= FIRST_CONTENT) {
      key = this.#issueOwn(domain, content, image, block);
    }
    if (key === 0) return;
    const slot = this.sharing.keys.slotOf(key);
    if (slot === 0) return;
    area.readSlot = slot;
    area.readEntry = this.sharing.waitingEntry(key, domain);
    if (area.readEntry !== 0) return;
    area.readEntry = area.addPending(slot, domain);
    if (area.readEntry !== 0) this.sharing.keys.wait(key, area.readEntry);
  }

  /** Answers an eligible read. Returns its key, 0 if it was issued and no slot could be taken. */
  #answer(domain: number, content: number, image: number, block: number): number {
    const { area } = this;
    const { counts } = area;
    const { keys } = this.sharing;
    let key = keys.find(area.group[domain], image, block);
    if (key !== 0 && content !== 0) key = this.#identify(key, content);
    if (key === 0) {
      counts.readsIssued++;
      area.refused.count(area.group[domain], image, block, content);
      return this.#issue(domain, content, image, block);
    }
    area.countAvoided(domain);
    const slot = keys.slotOf(key);
    if (slot !== 0) area.region.hit(slot, area.life[domain]);
    if (keys.hit(key, area.life[domain])) counts.readsAvoidedCross++;
    else counts.readsAvoidedOwn++;
    return key;
  }

  /** Compares what was read with what the key's slot holds. Returns the key if it answers the read, 0 on a conflict. */
  #identify(key: number, content: number): number {
    const { area } = this;
    const { keys } = this.sharing;
    const slot = keys.slotOf(key);
    const have = slot === 0 ? STATE_ZERO : area.region.contentOf(slot);
    if (have === content) return key;
    if (have !== 0) {
      // The block changed; who is in the slot still has what it had.
      area.counts.identityConflicts++;
      keys.drop(key);
      return 0;
    }
    if (content !== STATE_ZERO) {
      area.adopt(slot, content);
      return key;
    }
    // The block turns out to be zero: it needs no frame, but who read it stays known.
    area.empty(slot);
    keys.becomeZero(key);
    area.drop(slot);
    return key;
  }

  /** A read that the disk answers, of a block that has no key. Returns the new key, or 0. */
  #issue(domain: number, content: number, image: number, block: number): number {
    const { area, sharing } = this;
    if (!sharing.hasRoom()) return 0;
    let slot = 0;
    if (content !== STATE_ZERO) {
      slot = content === 0 ? area.takeSlot(domain, UNSEEN, this.#unseen++ >>> 0, 0) : this.#lookUp(domain, content);
      if (slot === 0) return 0;
    }
    return sharing.keys.add(area.group[domain], image, block, slot, area.life[domain]);
  }

  /** A read of known content that no other domain's may answer. Returns a key of the domain alone, or 0. */
  #issueOwn(domain: number, content: number, image: number, block: number): number {
    const { keys } = this.sharing;
    if (!this.sharing.hasRoom()) return 0;
    const slot = this.#lookUp(domain, content);
    if (slot === 0) return 0;
    const key = keys.findOwn(domain, image, block);
    if (key !== 0) {
      if (keys.slotOf(key) === slot) return key;
      keys.drop(key);
    }
    return keys.addOwn(domain, image, block, slot);
  }

  /** The slot of a content in the domain's group: the one that there is, or a new one; 0 if none could be taken. */
  #lookUp(domain: number, content: number): number {
    const { area } = this;
    const slot = area.region.find(area.group[domain], BY_CONTENT, content);
    if (slot === 0) return area.takeSlot(domain, BY_CONTENT, content, content);
    this.#contentHits++;
    area.region.hit(slot, area.life[domain]);
    return slot;
  }

  /** A slot of unknown content is known to hold `content` now: it is found by it, or joins the slot that is already. */
  #adopted(slot: number, content: number): void {
    const { region } = this.area;
    const other = region.find(region.groupOf(slot), BY_CONTENT, content);
    if (other === 0) region.rename(slot, BY_CONTENT, content);
    else this.sharing.merge(slot, other);
  }

  refusedReads(): RefusedReads | null {
    return this.area.refused.figures();
  }

  // --- figures -------------------------------------------------------------------------------------------------

  settle(work = Number.POSITIVE_INFINITY): boolean {
    return this.area.sharers.settle(work);
  }

  figures(): PolicyFigures {
    const { area, sharing } = this;
    const region = area.figures();
    const { broken, repaid, enomem } = sharing.counts;
    let entitlementFrames = 0;
    for (let slot = 0; slot < this.engine.domainSlotEnd(); slot++) {
      entitlementFrames += this.domainFigures(slot).fairSavedFrames;
    }
    const satori: SatoriFigures = {
      ...region,
      savedByBlock: region.boundFrames - sharing.keys.boundKeys,
      savedByContent: sharing.keys.boundKeys - area.region.usedSlots,
      contentHits: this.#contentHits,
      // Sums of fractions that add up to a whole number: to a millionth of a frame.
      entitlementFrames: Math.round(entitlementFrames * 1e6) / 1e6,
      broken,
      repaid,
      enomem,
      enomemEvents: sharing.enomemEvents(),
      fifoFrames: sharing.fifos.frames,
    };
    return {
      name: this.name,
      savedFrames: region.savedFrames,
      zeroSavedFrames: 0,
      netSavedFrames: region.netSavedFrames,
      sharedFrames: area.region.sharedSlots,
      metadataBytes: areaMetadataBytes(region.residentSlots, region.boundFrames) + sharing.keys.sharedKeys * KEY_BYTES,
      satori,
    };
  }

  sums(): PolicySums {
    return areaSums(this.area.savedFrames, this.area.counts);
  }

  followShares(follower: ShareFollower): void {
    this.area.sharers.follower = follower;
  }

  pageSeconds(): PageSecondsFigures {
    return this.area.pageSeconds.figures();
  }

  domainFigures(slot: number): DomainPolicyFigures {
    return this.area.sharers.figures(slot);
  }

  sharedRefs(content: number): number {
    if (content < FIRST_CONTENT) return 0;
    return this.area.sharers.sharedHolders(this.engine.contentWords()[content * CONTENT_WORDS + C_HEAD]);
  }

  audit(): string[] {
    this.settle();
    return auditSatori(this, this.engine);
  }
}
