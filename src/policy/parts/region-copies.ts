import { NO_FRAME } from '../../engine/layout.js';
import type { SharedCopies } from '../shared-copies.js';
import type { SharedRegion } from './shared-region.js';

/** Slots looked at in one call of `addStopLosses`. */
const SLOTS_A_CALL = 4096;

/** The slots of a shared region as copies. Walks their lists of bound frames: mostly one frame a domain. */
export class RegionCopies implements SharedCopies {
  /** By domain slot: frames bound to the slot that is looked at. All 0 between two slots. */
  #held = new Uint32Array(8);

  constructor(
    private readonly region: SharedRegion,
    private readonly domainOfFrame: (frameId: number) => number,
  ) {}

  ofFrame(frameId: number): number {
    return this.region.slotOfFrame(frameId);
  }

  refs(copy: number): number {
    return this.region.refsOf(copy);
  }

  ofContent(contentId: number): number {
    let copies = 0;
    for (let slot = 1; slot < this.region.end; slot++) {
      if (this.region.isUsed(slot) && this.region.contentOf(slot) === contentId) copies++;
    }
    return copies;
  }

  addStopLosses(from: number, losses: Float64Array): number {
    if (this.#held.length < losses.length) this.#held = new Uint32Array(losses.length);
    const end = Math.min(this.region.end, from + SLOTS_A_CALL);
    for (let slot = from; slot < end; slot++) {
      if (this.region.isUsed(slot) && this.region.refsOf(slot) > 1) this.#addSlot(slot, losses);
    }
    return end < this.region.end ? end : 0;
  }

  #addSlot(slot: number, losses: Float64Array): void {
    const { region } = this;
    const held = this.#held;
    const saved = region.refsOf(slot) - 1;
    for (let id = region.firstBound(slot); id !== NO_FRAME; id = region.nextBound(id)) held[this.domainOfFrame(id)]++;
    for (let id = region.firstBound(slot); id !== NO_FRAME; id = region.nextBound(id)) {
      const domain = this.domainOfFrame(id);
      // The last frame that is left saves nothing; a domain of several frames is met several times, counted once.
      losses[domain] += Math.min(held[domain], saved);
      held[domain] = 0;
    }
  }
}
