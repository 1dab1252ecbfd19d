import { FairSums } from '../../base/fair-sums.js';
import type { EngineView } from '../../engine/effects.js';
import { F_NEXT, FRAME_WORDS, NO_FRAME } from '../../engine/layout.js';
import type { DomainPolicyFigures } from '../../figures/domain-figures.js';
import type { ShareFollower } from './share-spans.js';
import type { SharedRegion } from './shared-region.js';

/** Columns of one row a domain slot. */
export const SHARER_SEEN = 0;
export const SHARER_AVOIDED = 1;
export const SHARER_CHANGED = 2;
export const SHARER_COLD = 3;
export const SHARER_AVOIDED_COLD = 4;
const SHARED = 5;
const ROW_WORDS = 6;
/** Holders looked at to count the shared references of a content for a row on the screen. */
const HOLDERS_LOOKED_AT_MAX = 16384;
/** Past this many slots that wait for `settle`, some are settled at once. */
const DIRTY_MAX = 1 << 18;
const SETTLE_SLICE = 1024;

/**
 * Binds frames to slots of the region and keeps what each domain has of it: shared frames at once, fair saved frames
 * exactly for the refs of the last settle, brought up to date by the next (a change of refs touches every sharer).
 */
export class Sharers {
  #rows = new Float64Array(8 * ROW_WORDS);
  readonly #fairSaved = new FairSums();
  readonly #dirty: number[] = [];
  /** Told of the frames that share; null: nobody asked. */
  follower: ShareFollower | null = null;

  constructor(
    private readonly region: SharedRegion,
    private readonly engine: EngineView,
  ) {}

  /** Bytes held. */
  get bytes(): number {
    return this.#rows.byteLength + this.#fairSaved.bytes;
  }

  /** A new life in a domain slot. */
  startDomain(domain: number): void {
    const have = this.#rows.length / ROW_WORDS;
    if (domain >= have) {
      const length = Math.max(domain + 1, have * 2);
      const rows = new Float64Array(length * ROW_WORDS);
      rows.set(this.#rows);
      this.#rows = rows;
      this.#fairSaved.reserve(length);
    }
    this.#rows.fill(0, domain * ROW_WORDS, (domain + 1) * ROW_WORDS);
    this.#fairSaved.clear(domain);
  }

  /** Counts one more in a column (SHARER_*) of a domain. */
  count(domain: number, column: number): void {
    this.#rows[domain * ROW_WORDS + column]++;
  }

  /** Binds a frame of `domain`, which must be bound to nothing. The slot's ring is the caller's to update. */
  bind(slot: number, frameId: number, domain: number): void {
    const region = this.region;
    this.#mark(slot);
    region.bind(slot, frameId);
    this.follower?.join(slot, frameId);
    const refs = region.refsOf(slot);
    this.#fairSaved.add(domain, 1, region.settledRefsOf(slot));
    if (refs >= 2) this.#rows[domain * ROW_WORDS + SHARED]++;
    // The list has the newest first: with two references the other frame is the next one.
    if (refs === 2) this.#countShared(region.nextBound(frameId), 1);
  }

  /** Takes a frame from its slot. The slot's ring is the caller's to update. */
  unbind(slot: number, frameId: number): void {
    const region = this.region;
    const domain = this.engine.domainOfFrame(frameId);
    this.#mark(slot);
    region.unbind(slot, frameId);
    this.follower?.leave(frameId);
    const refs = region.refsOf(slot);
    this.#fairSaved.add(domain, -1, region.settledRefsOf(slot));
    if (refs >= 1) this.#rows[domain * ROW_WORDS + SHARED]--;
    if (refs === 1) this.#countShared(region.firstBound(slot), -1);
  }

  #countShared(frameId: number, delta: number): void {
    this.#rows[this.engine.domainOfFrame(frameId) * ROW_WORDS + SHARED] += delta;
  }

  /** Remembers that a slot's refs are about to differ from the settled ones. */
  #mark(slot: number): void {
    // A slot that swings back and forth between two looks must not make the list endless.
    if (this.#dirty.length >= DIRTY_MAX) this.settle(SETTLE_SLICE);
    if (this.region.refsOf(slot) === this.region.settledRefsOf(slot)) this.#dirty.push(slot);
  }

  /** Brings fair shares up to date for about `work` bound frames; true if more are left. */
  settle(work: number): boolean {
    const region = this.region;
    let left = work;
    while (left-- > 0) {
      const slot = this.#dirty.pop();
      if (slot === undefined) break;
      const refs = region.refsOf(slot);
      const settled = region.settledRefsOf(slot);
      if (refs === settled) continue;
      region.setSettledRefs(slot, refs);
      for (let id = region.firstBound(slot); id !== NO_FRAME; id = region.nextBound(id)) {
        const domain = this.engine.domainOfFrame(id);
        this.#fairSaved.add(domain, 1, refs);
        this.#fairSaved.add(domain, -1, settled);
        left--;
      }
    }
    return this.#dirty.length > 0;
  }

  /** Frames of a content's list of holders, from `head` on, that are bound to a slot with at least two. */
  sharedHolders(head: number): number {
    const frames = this.engine.frameWords();
    let shared = 0;
    let frameId = head;
    for (let i = 0; frameId !== NO_FRAME && i < HOLDERS_LOOKED_AT_MAX; i++) {
      const slot = this.region.slotOfFrame(frameId);
      if (slot !== 0 && this.region.refsOf(slot) >= 2) shared++;
      frameId = frames[frameId * FRAME_WORDS + F_NEXT]!;
    }
    return shared;
  }

  /** A domain's part; fair saved as of the last settle. */
  figures(domain: number): DomainPolicyFigures {
    const at = domain * ROW_WORDS;
    return {
      sharedFrames: this.#rows[at + SHARED],
      fairSavedFrames: this.#fairSaved.get(domain),
      readsSeen: this.#rows[at + SHARER_SEEN],
      readsAvoided: this.#rows[at + SHARER_AVOIDED],
      readsCold: this.#rows[at + SHARER_COLD],
      readsAvoidedCold: this.#rows[at + SHARER_AVOIDED_COLD],
      contentChanged: this.#rows[at + SHARER_CHANGED],
    };
  }
}
