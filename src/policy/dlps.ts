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
} from '../engine/effects.js';
import { C_HEAD, CONTENT_WORDS, FIRST_CONTENT, STATE_ZERO } from '../engine/layout.js';
import type { DomainPolicyFigures } from '../figures/domain-figures.js';
import type { RefusedReads } from '../figures/group-figures.js';
import type { PolicyFigures } from '../figures/policy-figures.js';
import type { PageSecondsFigures } from '../figures/time-figures.js';
import { auditArea } from './parts/area-audit.js';
import { areaMetadataBytes, areaSums } from './parts/area-counts.js';
import type { RegionCopies } from './parts/region-copies.js';
import { REGION_FRAME_BYTES } from './parts/shared-region.js';
import { type RegionOptions, SharingArea } from './parts/sharing-area.js';
import type { ShareFollower } from './parts/share-spans.js';
import type { Policy, PolicySums } from './policy.js';

/** Knobs; docs/POLICIES.md. */
export type DlpsOptions = RegionOptions;
export const DLPS_DEFAULTS: DlpsOptions = { region: { percent: 5 }, victim: 'sharers' };

/**
 * The designated sharing area (rules 1–6 of design §4; docs/POLICIES.md says which are inferred): a block that one
 * domain read stays in the region, a later read of it by another is answered from there, and the frames that hold it
 * are one frame. A slot of its region is a block.
 */
export class DlpsPolicy implements Policy {
  readonly name = 'dlps';
  readonly area: SharingArea;
  readonly copies: RegionCopies;
  readonly frameBytes = REGION_FRAME_BYTES;

  constructor(
    private readonly engine: EngineView,
    options: DlpsOptions = DLPS_DEFAULTS,
  ) {
    this.area = new SharingArea(engine, options);
    this.copies = this.area.copies;
  }

  get bytes(): number {
    return this.area.bytes;
  }

  apply(words: Uint32Array, used: number): void {
    const area = this.area;
    area.region.reserveFrames();
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
      else if (kind === EFFECT_DOMAIN) area.startDomain(domain, words[at + 1], words[at + 2]);
      else if (kind === EFFECT_GROUP) area.changeGroup(domain, words[at + 1]);
      else if (kind === EFFECT_GONE) area.endDomain(domain);
      else if (kind === EFFECT_MEMORY) area.setMemory(fromHalves(words[at + 1], words[at + 2]));
    }
  }

  /** Changes R; a smaller region evicts at once. */
  resize(frames: number): void {
    this.area.resize(frames);
  }

  #read(domain: number, flags: number, content: number, image: number, block: number): void {
    const area = this.area;
    area.readSlot = 0;
    area.readEntry = 0;
    if (!area.isEligible(domain, flags, image, block)) return;
    const slot = this.#answer(domain, content, image, block);
    if (slot === 0 || area.region.contentOf(slot) === STATE_ZERO) return;
    area.readSlot = slot;
    const { pending } = area.region;
    const waiting = pending.find(area.region.pendingOf(slot), domain);
    area.readEntry = waiting !== 0 ? waiting : area.addPending(slot, domain);
  }

  /** Answers an eligible read from its slot, or from the disk into a new one: 0 if none could be taken. */
  #answer(domain: number, content: number, image: number, block: number): number {
    const { area } = this;
    const { counts, region } = area;
    let slot = region.find(area.group[domain], image, block);
    if (slot !== 0 && content !== 0) slot = this.#identify(slot, content);
    if (slot === 0) {
      counts.readsIssued++;
      area.refused.count(area.group[domain], image, block, content);
      return area.takeSlot(domain, image, block, content);
    }
    area.countAvoided(domain);
    if (region.hit(slot, area.life[domain])) counts.readsAvoidedCross++;
    else counts.readsAvoidedOwn++;
    return slot;
  }

  /** Compares what was read with what the slot holds. Returns the slot that now answers the read, 0 on a conflict. */
  #identify(slot: number, content: number): number {
    const { area } = this;
    const have = area.region.contentOf(slot);
    if (have === content) return slot;
    if (have !== 0) {
      area.counts.identityConflicts++;
      area.drop(slot);
      return 0;
    }
    if (content !== STATE_ZERO) {
      area.adopt(slot, content);
      return slot;
    }
    // The block turns out to be zero: it needs no frame, but who read it stays known.
    area.empty(slot);
    area.region.release(slot);
    area.region.setContent(slot, STATE_ZERO);
    return slot;
  }

  refusedReads(): RefusedReads | null {
    return this.area.refused.figures();
  }

  // --- figures -------------------------------------------------------------------------------------------------

  settle(work = Number.POSITIVE_INFINITY): boolean {
    return this.area.sharers.settle(work);
  }

  figures(): PolicyFigures {
    const dlps = this.area.figures();
    return {
      name: this.name,
      savedFrames: dlps.savedFrames,
      zeroSavedFrames: 0,
      netSavedFrames: dlps.netSavedFrames,
      sharedFrames: this.area.region.sharedSlots,
      metadataBytes: areaMetadataBytes(dlps.residentSlots, dlps.boundFrames),
      dlps,
    };
  }

  sums(): PolicySums {
    return areaSums(this.area.savedFrames, this.area.counts);
  }

  pageSeconds(): PageSecondsFigures {
    return this.area.pageSeconds.figures();
  }

  followShares(follower: ShareFollower): void {
    this.area.sharers.follower = follower;
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
    return auditArea(this.name, this.area, this.engine);
  }
}
