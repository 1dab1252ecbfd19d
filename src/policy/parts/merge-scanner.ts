import { CAUSE_GONE, type EngineView } from '../../engine/effects.js';
import {
  C_HASH_LOW,
  CHUNK_FRAMES,
  CONTENT_SHIFT,
  FRAME_WORDS,
  STATE_UNKNOWN,
  STATE_ZERO,
} from '../../engine/layout.js';
import type { ContentChanges } from '../../figures/policy-figures.js';
import { contentChangesSum, countContentChange, newContentChanges } from './content-changes.js';
import { ContentNodes } from './content-nodes.js';
import { CHANGED, ITEMS, MERGING, ScanDomains, ZERO_PAGES } from './scan-domains.js';
import { PASS_OVER, ScanOrder } from './scan-order.js';
import {
  HELD,
  HELD_NOTHING,
  heldIn,
  NOTED,
  PLACE,
  PLACE_BLANK,
  PLACE_NEW,
  PLACE_VOLATILE,
  PLACE_ZERO_PAGE,
  SCAN_WORDS,
  ScannedFrames,
  WAITING,
} from './scanned-frames.js';
import { FIRST_COPY, StableCopies } from './stable-copies.js';

/** What the scanner reads of its policy's knobs. */
export interface MergeKnobs {
  readonly max_page_sharing: number;
  readonly use_zero_pages: number;
}

/**
 * The rules of Linux's KSM (docs/POLICIES.md, ksm 2–7) on a memory of its own: what each frame holds, as far as the
 * effects told. Who uses it says when a frame is visited; it says what a visit does.
 */
export class MergeScanner {
  readonly order = new ScanOrder();
  readonly nodes: ContentNodes;
  readonly copies: StableCopies;
  readonly frames = new ScannedFrames();
  readonly domains = new ScanDomains();
  /** The pass under way: tells its unstable tree from the ones before. */
  #pass = 1;
  #changedInPass = false;
  #isIdle = false;
  /** Frames with an item; frames that wait in an unstable tree; RAM and extra frames at the zero page. */
  items = 0;
  unshared = 0;
  zeroPages = 0;
  ramZeroPages = 0;
  /** Sums since the start. */
  scanned = 0;
  fullScans = 0;
  readonly contentChanges: ContentChanges = newContentChanges();
  /** Visits in turn at which a frame was shared. */
  mergedByScan = 0;

  constructor(
    readonly engine: EngineView,
    readonly knobs: MergeKnobs,
  ) {
    this.nodes = new ContentNodes(engine);
    this.copies = new StableCopies(this.nodes, knobs.max_page_sharing, (frameId) => this.order.domainOf(frameId));
  }

  /** Bytes held. */
  get bytes(): number {
    return this.frames.bytes + this.domains.bytes + this.order.bytes + this.nodes.bytes + this.copies.bytes;
  }

  /** A whole pass changed nothing and nothing changed since: every further pass does the same. */
  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** Merged frames that lost their content. */
  get contentChanged(): number {
    return contentChangesSum(this.contentChanges);
  }

  /** Room for all frames of the engine, before effects are looked at. What does not fit is not modelled. */
  reserveFrames(): void {
    const frames = Math.floor(this.engine.frameWords().length / FRAME_WORDS);
    if (frames <= this.frames.end) return;
    const more = this.frames.growthBytes(frames) + this.copies.growthBytes(frames);
    if (!this.engine.hasRoom(more)) return;
    this.frames.reserve(frames);
    this.copies.reserveFrames(frames);
  }

  // --- what happens to memory ----------------------------------------------------------------------------------

  /** A domain appears. */
  startDomain(slot: number, group: number): void {
    this.domains.start(slot, group);
    this.copies.startDomain(slot);
    this.order.addDomain(slot);
  }

  /** A domain is gone; its frames became untouched before. */
  endDomain(slot: number): void {
    this.order.removeDomain(slot);
  }

  /** A domain changes its trust group: its frames leave copies and trees. The zero page belongs to no group. */
  changeGroup(slot: number, group: number): void {
    this.#changed();
    this.domains.groups[slot] = group;
    this.order.eachChunk(slot, (base) => {
      for (let frameId = base; frameId < base + CHUNK_FRAMES; frameId++) {
        const row = frameId * SCAN_WORDS;
        if (this.frames.rows[row + HELD] !== HELD_NOTHING) this.#leave(frameId, row, slot);
      }
    });
  }

  /**
   * A frame, of RAM or extra, gets another state or content (layout.ts).
   * @param fillClass the class of the fill, which matters for zeros
   */
  setFrame(frameId: number, slot: number, state: number, fillClass: number, cause: number): void {
    if (frameId >= this.frames.end) {
      this.engine.countUnmodelled();
      return;
    }
    const rows = this.frames.rows;
    const row = Math.imul(frameId, SCAN_WORDS);
    const old = rows[row + HELD];
    const held = heldIn(state, fillClass);
    if (old === held && rows[row + PLACE] !== PLACE_ZERO_PAGE) return;
    this.#changed();
    if (this.#leave(frameId, row, slot) && cause !== CAUSE_GONE) {
      countContentChange(this.contentChanges, state);
      this.domains.add(slot, CHANGED, 1);
    }
    if (held === HELD_NOTHING) {
      if (rows[row + PLACE] !== PLACE_NEW) this.#dropItem(row, slot);
      if (old !== HELD_NOTHING) this.order.count(frameId, slot, 0, -1);
    } else if (old === HELD_NOTHING) this.order.count(frameId, slot, this.engine.chunkNumber(frameId), 1);
    rows[row + HELD] = held;
  }

  /** A frame leaves copy, tree or zero page, and keeps its item if it has one; true: it was merged. */
  #leave(frameId: number, row: number, slot: number): boolean {
    const rows = this.frames.rows;
    const place = rows[row + PLACE];
    if ((place | 0) < 0) {
      this.#leaveTree(place);
      rows[row + PLACE] = PLACE_VOLATILE;
      return false;
    }
    if (place < PLACE_ZERO_PAGE) return false;
    const isExtra = this.order.isExtra(frameId);
    if (place === PLACE_ZERO_PAGE) {
      this.zeroPages--;
      if (!isExtra) this.ramZeroPages--;
      this.domains.add(slot, ZERO_PAGES, -1);
      rows[row + PLACE] = PLACE_NEW;
      return true;
    }
    this.copies.leave(place, frameId, slot, isExtra);
    this.domains.add(slot, MERGING, -1);
    rows[row + PLACE] = PLACE_VOLATILE;
    return true;
  }

  #leaveTree(place: number): void {
    const node = place & ~WAITING;
    this.unshared--;
    this.nodes.addWaiting(node, -1);
    this.nodes.removeIfUnused(node);
  }

  /** Undoes all merging and forgets what was noted, as `echo 2 > /sys/kernel/mm/ksm/run` does; a new pass begins. */
  unmergeAll(): void {
    for (const slot of this.order.domains) {
      this.order.eachChunk(slot, (base) => {
        for (let frameId = base; frameId < base + CHUNK_FRAMES; frameId++) this.#unmerge(frameId, slot);
      });
    }
    this.order.restart();
    this.#pass++;
    this.#changed();
  }

  #unmerge(frameId: number, slot: number): void {
    const rows = this.frames.rows;
    const row = frameId * SCAN_WORDS;
    if (rows[row + PLACE] === PLACE_NEW) return;
    this.#leave(frameId, row, slot);
    if (rows[row + PLACE] !== PLACE_NEW) {
      this.#dropItem(row, slot);
      return;
    }
    // It was at the zero page: a candidate again.
    rows[row + HELD] = STATE_ZERO;
    this.order.count(frameId, slot, 0, 1);
  }

  #addItem(slot: number): void {
    this.items++;
    this.domains.add(slot, ITEMS, 1);
  }

  #dropItem(row: number, slot: number): void {
    this.items--;
    this.domains.add(slot, ITEMS, -1);
    this.frames.rows[row + PLACE] = PLACE_NEW;
  }

  #changed(): void {
    this.#changedInPass = true;
    this.#isIdle = false;
  }

  // --- visits --------------------------------------------------------------------------------------------------

  /**
   * Visits the next frames of the scan; returns how many: fewer than `visits` only where there is none to visit.
   * @param untilIdle also fewer where the scan becomes idle
   */
  scan(visits: number, untilIdle = false): number {
    const { order } = this;
    const rows = this.frames.rows;
    const before = this.copies.frames - this.copies.copies;
    // Counted upwards: `visits` may be Infinity.
    let done = 0;
    while (done < visits && order.candidates > 0) {
      const frameId = order.next(rows, SCAN_WORDS);
      if (frameId === PASS_OVER) {
        this.#endPass();
        if (untilIdle && this.#isIdle) break;
        continue;
      }
      done++;
      this.visit(frameId, false);
    }
    this.mergedByScan += this.copies.frames - this.copies.copies - before;
    this.scanned += done;
    // The last candidates went to the zero page: nobody will come by to see that the pass is over.
    if (untilIdle && order.candidates === 0 && !order.isAtStart) this.#endPass();
    return done;
  }

  /** Visits a candidate out of turn, whose content is taken to stay; true if it was shared at that. */
  visitHint(frameId: number): boolean {
    this.scanned++;
    this.visit(frameId, true);
    return this.frames.copyOf(frameId) !== 0;
  }

  /** Counts whole rounds of an idle scan, which change nothing. */
  countRounds(rounds: number): void {
    this.scanned += rounds * this.order.candidates;
    this.fullScans += rounds;
  }

  #endPass(): void {
    this.order.restart();
    this.fullScans++;
    this.#pass++;
    this.#isIdle = !this.#changedInPass;
    this.#changedInPass = false;
  }

  /**
   * Visits one candidate.
   * @param trusted its content is taken to stay (a hint): it need not be that of its last visit
   */
  visit(frameId: number, trusted: boolean): void {
    const rows = this.frames.rows;
    const row = Math.imul(frameId, SCAN_WORDS);
    const place = rows[row + PLACE];
    if ((place | 0) < 0) this.#visitWaiting(frameId, row, place);
    else if (place < FIRST_COPY) this.#visitVolatile(frameId, row, place, trusted);
  }

  /** A frame whose content is that of its last visit: it waited, so it did not change. */
  #visitWaiting(frameId: number, row: number, place: number): void {
    const node = place & ~WAITING;
    const copy = this.copies.fullest(node);
    if (copy !== 0) {
      this.#merge(frameId, row, copy);
      this.#leaveTree(place);
      return;
    }
    const other = this.#match(node, place);
    if (other < 0 || other === frameId) {
      this.nodes.setUnstable(node, frameId, this.#pass);
      return;
    }
    if (!this.#hasRoomForCopy()) return;
    this.#mergeTwo(frameId, row, other, node);
    this.#leaveTree(place);
  }

  #visitVolatile(frameId: number, row: number, place: number, trusted: boolean): void {
    const rows = this.frames.rows;
    const held = rows[row + HELD];
    const slot = this.order.domainOf(frameId);
    if (held === STATE_UNKNOWN) {
      if (place === PLACE_NEW) this.#addItem(slot);
      if (place !== PLACE_BLANK) this.#changed();
      rows[row + PLACE] = PLACE_BLANK;
      return;
    }
    const seen = this.engine.contentWords()[(held << CONTENT_SHIFT) + C_HASH_LOW];
    if (place !== PLACE_VOLATILE || rows[row + NOTED] !== seen) {
      this.#changed();
      if (place === PLACE_NEW) this.#addItem(slot);
      rows[row + NOTED] = seen;
      rows[row + PLACE] = PLACE_VOLATILE;
      if (!trusted) return;
    }
    if (held === STATE_ZERO && this.knobs.use_zero_pages !== 0) this.#toZeroPage(frameId, row, slot);
    else this.#enter(frameId, row, this.nodes.of(this.domains.groups[slot], held));
  }

  /** A frame that is in no copy and no tree joins one of them. */
  #enter(frameId: number, row: number, node: number): void {
    // No memory left for the content: the frame stays volatile.
    if (node === 0) {
      this.engine.countUnmodelled();
      return;
    }
    const copy = this.copies.fullest(node);
    if (copy !== 0) {
      this.#merge(frameId, row, copy);
      return;
    }
    const place = (node | WAITING) >>> 0;
    const other = this.#match(node, place);
    // As above. Nothing changed: a scan that waits for a pass without changes must come to its end.
    if (other >= 0 && !this.#hasRoomForCopy()) return;
    this.#changed();
    if (other >= 0) {
      this.#mergeTwo(frameId, row, other, node);
      return;
    }
    this.frames.rows[row + PLACE] = place;
    this.unshared++;
    this.nodes.addWaiting(node, 1);
    this.nodes.setUnstable(node, frameId, this.#pass);
  }

  /** Whether a copy more fits into memory; if not, it is counted. */
  #hasRoomForCopy(): boolean {
    if (this.engine.hasRoom(this.copies.copyGrowthBytes)) return true;
    this.engine.countUnmodelled();
    return false;
  }

  /** The frame of a node in the unstable tree of this pass, if it is still there; else -1. */
  #match(node: number, place: number): number {
    const other = this.nodes.unstableFrame(node, this.#pass);
    return other >= 0 && this.frames.rows[Math.imul(other, SCAN_WORDS) + PLACE] === place ? other : -1;
  }

  /** The frame in the tree and the visited one become a new copy. */
  #mergeTwo(frameId: number, row: number, other: number, node: number): void {
    const copy = this.copies.add(node);
    const otherRow = Math.imul(other, SCAN_WORDS);
    const otherPlace = this.frames.rows[otherRow + PLACE];
    this.#merge(other, otherRow, copy);
    this.#leaveTree(otherPlace);
    this.#merge(frameId, row, copy);
  }

  /** A visited frame joins a copy; what it was in before is the caller's to leave. */
  #merge(frameId: number, row: number, copy: number): void {
    const slot = this.order.domainOf(frameId);
    this.copies.join(copy, frameId, slot, this.order.isExtra(frameId));
    this.domains.add(slot, MERGING, 1);
    this.frames.rows[row + PLACE] = copy;
    this.#changed();
  }

  #toZeroPage(frameId: number, row: number, slot: number): void {
    this.#changed();
    this.#dropItem(row, slot);
    this.zeroPages++;
    if (!this.order.isExtra(frameId)) this.ramZeroPages++;
    this.domains.add(slot, ZERO_PAGES, 1);
    this.frames.rows[row + PLACE] = PLACE_ZERO_PAGE;
    this.frames.rows[row + HELD] = HELD_NOTHING;
    this.order.count(frameId, slot, 0, -1);
  }
}
