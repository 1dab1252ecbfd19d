import { fromHalves } from '../base/units.js';
import type { DomainPolicyFigures } from '../figures/domain-figures.js';
import { zeroSavableFrames } from '../figures/derived.js';
import {
  EFFECT_DOMAIN,
  EFFECT_FRAME,
  EFFECT_GONE,
  EFFECT_GROUP,
  EFFECT_TIME,
  EFFECT_WORDS,
  type EngineView,
} from '../engine/effects.js';
import { FIRST_CONTENT } from '../engine/layout.js';
import type { PolicyFigures } from '../figures/policy-figures.js';
import type { PageSecondsFigures } from '../figures/time-figures.js';
import { GroupedOracle } from './grouped-oracle.js';
import { LiveGroups } from './parts/live-groups.js';
import { SavedPageSeconds } from './parts/page-seconds.js';
import type { Policy, PolicySums } from './policy.js';
import type { SharedCopies } from './shared-copies.js';

/** The domain slots that hold a content, and frames of each; those with 0 frames left it. Valid until the next call. */
export interface ContentHolders {
  readonly slots: Uint32Array;
  readonly counts: Uint32Array;
  readonly count: number;
}

/** The counts of the engine that are the upper bound already, as long as there is one trust group. */
export interface OracleCounts {
  potentialSavedFrames(): number;
  /** ∫ potential dt up to the newest time. */
  potentialPageSeconds(): number;
  /** Zero frames of a live domain. */
  zeroFramesOf(slot: number): number;
  sharedContents(): number;
  domainShared(slot: number): number;
  domainFairSaved(slot: number): number;
  refs(contentId: number): number;
  /** The content of a frame, or its state below FIRST_CONTENT. */
  contentOf(frameId: number): number;
  holdersOf(contentId: number): ContentHolders;
}

/**
 * Everything identical within a trust group is shared at once, by content, zeros apart: what no exact-page scheme can
 * exceed. With one group all of it is counted by the engine, and nothing is done for a record.
 */
export class OraclePolicy implements Policy {
  readonly name = 'oracle';
  readonly #groups = new LiveGroups();
  /** What each group holds; null until a second group has a domain. */
  #grouped: GroupedOracle | null = null;
  /** Page-seconds until then; from then on they are its own. */
  #ungrouped = 0;
  readonly #pageSeconds = new SavedPageSeconds();
  /** A content is its own copy, as soon as a second frame holds it. */
  readonly #contents: SharedCopies;

  constructor(
    private readonly engine: EngineView,
    private readonly counts: OracleCounts,
  ) {
    const refs = (content: number): number => this.sharedRefs(content);
    this.#contents = {
      ofFrame: (frameId) => {
        const content = counts.contentOf(frameId);
        return content >= FIRST_CONTENT && refs(content) > 0 ? content : 0;
      },
      refs,
      ofContent: (content) => (content >= FIRST_CONTENT ? Math.sign(refs(content)) : 0),
    };
  }

  get bytes(): number {
    return this.#groups.bytes + (this.#grouped?.bytes ?? 0);
  }

  get copies(): SharedCopies {
    return this.#grouped ?? this.#contents;
  }

  apply(words: Uint32Array, used: number): void {
    for (let at = 0; at < used; at += EFFECT_WORDS) {
      const head = words[at];
      const kind = head & 0xff;
      if (kind === EFFECT_FRAME) this.#grouped?.change(head >>> 16, words[at + 2], words[at + 3]);
      else if (kind === EFFECT_DOMAIN) this.#start(head >>> 16, words[at + 1]);
      else if (kind === EFFECT_GROUP) this.#move(head >>> 16, words[at + 1]);
      else if (kind === EFFECT_GONE) this.#groups.end(head >>> 16);
      else if (kind === EFFECT_TIME) this.#moveTo(fromHalves(words[at + 1], words[at + 2]));
    }
  }

  #moveTo(timeMicros: number): void {
    // As long as there is one group the engine, whose counts are of the whole batch, adds up itself.
    const saved = this.#grouped?.savedFrames ?? 0;
    this.#pageSeconds.moveTo(timeMicros, saved, saved);
  }

  #start(slot: number, group: number): void {
    this.#groups.start(slot, group);
    this.#grouped?.startDomain(slot);
    this.#startGroups();
  }

  #move(slot: number, group: number): void {
    const old = this.#groups.move(slot, group);
    this.#grouped?.move(slot, old, group);
    this.#startGroups();
  }

  /** Effects that make a second group come alone in their batch: the engine's tables are as they are at them. */
  #startGroups(): void {
    if (this.#grouped !== null || this.#groups.count < 2) return;
    this.#ungrouped = this.counts.potentialPageSeconds();
    this.#grouped = new GroupedOracle(this.engine, this.counts, (slot) => this.#groups.of(slot));
  }

  /** With one group the engine settles itself. */
  settle(work = Number.POSITIVE_INFINITY): boolean {
    return this.#grouped?.settle(work) ?? false;
  }

  /** Each group keeps one of its zero frames. */
  #zeroSavedFrames(): number {
    return this.#groups.sumByGroup((slot) => this.counts.zeroFramesOf(slot), zeroSavableFrames);
  }

  #savedFrames(): number {
    return this.#grouped?.savedFrames ?? this.counts.potentialSavedFrames();
  }

  figures(): PolicyFigures {
    const savedFrames = this.#savedFrames();
    return {
      name: this.name,
      savedFrames,
      zeroSavedFrames: this.#zeroSavedFrames(),
      netSavedFrames: savedFrames,
      sharedFrames: this.#grouped?.sharedContents ?? this.counts.sharedContents(),
      metadataBytes: 0,
    };
  }

  sums(): PolicySums {
    return {
      savedFrames: this.#savedFrames(),
      zeroSavedFrames: this.#zeroSavedFrames(),
      readsAvoided: 0,
      readsIssued: 0,
      contentChanged: 0,
    };
  }

  /** Nothing is held without a user: gross and net are one. */
  pageSeconds(): PageSecondsFigures {
    const ofGroups = this.#ungrouped + this.#pageSeconds.figures().saved;
    const saved = this.#grouped === null ? this.counts.potentialPageSeconds() : ofGroups;
    return { saved, netSaved: saved };
  }

  domainFigures(slot: number): DomainPolicyFigures {
    if (this.#grouped !== null) return this.#grouped.domainFigures(slot);
    return {
      sharedFrames: this.counts.domainShared(slot),
      fairSavedFrames: this.counts.domainFairSaved(slot),
      readsSeen: 0,
      readsAvoided: 0,
      contentChanged: 0,
    };
  }

  sharedRefs(contentId: number): number {
    if (this.#grouped !== null) return contentId < FIRST_CONTENT ? 0 : this.#grouped.sharedRefs(contentId);
    const refs = this.counts.refs(contentId);
    return refs >= 2 ? refs : 0;
  }

  /** The engine audits its own counts. */
  audit(): string[] {
    return this.#grouped?.audit() ?? [];
  }
}
