import { NO_FRAME } from '../../engine/layout.js';
import type { SharedCopies } from '../shared-copies.js';
import type { MergeScanner } from './merge-scanner.js';
import { FIRST_COPY } from './stable-copies.js';

/** Copies looked at in one call of `addStopLosses`. */
const COPIES_A_CALL = 4096;

/** The stable copies of a scanner, as far as they share frames of RAM that are not zero. */
export class ScanCopies implements SharedCopies {
  /** By domain slot: frames in the copy that is looked at. All 0 between two copies. */
  #held = new Uint32Array(8);

  constructor(private readonly scanner: MergeScanner) {}

  ofFrame(frameId: number): number {
    const copy = this.scanner.frames.copyOf(frameId);
    return copy !== 0 && !this.scanner.copies.isZero(copy) ? copy : 0;
  }

  refs(copy: number): number {
    return this.scanner.copies.refsOf(copy);
  }

  ofContent(contentId: number): number {
    let count = 0;
    this.#eachOf(contentId, () => count++);
    return count;
  }

  /** Frames of a content in copies with at least two. */
  sharedRefs(contentId: number): number {
    let shared = 0;
    this.#eachOf(contentId, (copy) => {
      const refs = this.refs(copy);
      if (refs >= 2) shared += refs;
    });
    return shared;
  }

  #eachOf(contentId: number, visit: (copy: number) => void): void {
    const { nodes, copies } = this.scanner;
    for (let node = nodes.firstOf(contentId); node !== 0; node = nodes.nextOf(node)) {
      for (let copy = nodes.newestCopy(node); copy !== 0; copy = copies.olderCopy(copy)) visit(copy);
    }
  }

  addStopLosses(from: number, losses: Float64Array): number {
    const { copies } = this.scanner;
    if (this.#held.length < losses.length) this.#held = new Uint32Array(losses.length);
    const start = Math.max(FIRST_COPY, from);
    const end = Math.min(copies.end, start + COPIES_A_CALL);
    for (let copy = start; copy < end; copy++) {
      if (copies.isUsed(copy) && !copies.isZero(copy) && copies.refsOf(copy) > 1) this.#addCopy(copy, losses);
    }
    return end < copies.end ? end : 0;
  }

  #addCopy(copy: number, losses: Float64Array): void {
    const { copies, order } = this.scanner;
    const held = this.#held;
    const saved = copies.refsOf(copy) - 1;
    for (let id = copies.firstFrame(copy); id !== NO_FRAME; id = copies.nextFrame(id)) held[order.domainOf(id)]++;
    for (let id = copies.firstFrame(copy); id !== NO_FRAME; id = copies.nextFrame(id)) {
      const domain = order.domainOf(id);
      // The last frame that is left saves nothing; a domain of several frames is met several times, counted once.
      losses[domain] += Math.min(held[domain], saved);
      held[domain] = 0;
    }
  }
}
