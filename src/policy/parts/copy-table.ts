import { Column } from '../../base/column.js';
import { FairSums } from '../../base/fair-sums.js';
import { NO_FRAME, STATE_ZERO } from '../../engine/layout.js';
import type { SharedCopies } from '../shared-copies.js';

/**
 * Row of a copy, 7 words, numbered from 1 (0 is "none"):
 *   0 content id     1 trust group     2 first frame     3 refs     4 refs at the last settle
 *   5 next copy of the same content (or of the free list)           6 for the scheme: what kind of copy it is
 */
const WORDS = 7;
const CONTENT = 0;
const GROUP = 1;
const HEAD = 2;
const REFS = 3;
const SETTLED = 4;
const NEXT = 5;
const KIND = 6;
/** Words of a frame: its copy, and its neighbours in the copy's list. */
const FRAME_WORDS = 3;
const F_COPY = 0;
const F_NEXT = 1;
const F_PREV = 2;
/** Past this many copies that wait for `settle`, some are settled at once. */
const DIRTY_MAX = 1 << 18;
const SETTLE_SLICE = 1024;
/** Copies looked at in one call of `addStopLosses`. */
const COPIES_A_CALL = 4096;

/** References and copies with at least two of them; O(1). */
export interface SharedTotals {
  refs: number;
  copies: number;
}

/**
 * The copies of a scheme that shares by content: each stands for frames of one trust group that hold one content; a
 * ⟨group, content⟩ may have several. Keeps what each domain has of them: shared frames at once, fair saved frames
 * exactly for the refs of the last settle (a change of refs touches every frame of the copy). Zero frames are in no
 * domain's part: they are counted apart everywhere.
 */
export class CopyTable implements SharedCopies {
  readonly #rows = new Column('copies', 64 * WORDS);
  readonly #frames = new Column('frames of copies', 0);
  /** By content id: its newest copy. */
  readonly #ofContent = new Column('copies by content', 64);
  #end = 1;
  #free = 0;
  readonly #fairSaved = new FairSums();
  #sharedFrames = new Float64Array(8);
  readonly #dirty: number[] = [];
  /** By domain slot: frames of the copy that is looked at. All 0 between two copies. */
  #held = new Uint32Array(8);
  /** Copies that there are, whatever their kind. */
  count = 0;
  /** Of non-zero contents, and of zero. */
  readonly plain: SharedTotals = { refs: 0, copies: 0 };
  readonly zero: SharedTotals = { refs: 0, copies: 0 };

  /** @param isKept whether questions are told of copies of a kind (`setKind`) */
  constructor(
    private readonly domainOfFrame: (frameId: number) => number,
    private readonly isKept: (kind: number) => boolean = () => true,
  ) {}

  /** Bytes held. */
  get bytes(): number {
    const tables = this.#rows.bytes + this.#frames.bytes + this.#ofContent.bytes;
    return tables + this.#fairSaved.bytes + this.#sharedFrames.byteLength;
  }

  /** Bytes that `add` of a content may take. */
  growthBytes(content: number): number {
    const rows = this.#free === 0 ? this.#rows.growthBytes((this.#end + 1) * WORDS) : 0;
    return rows + this.#ofContent.growthBytes(content + 1);
  }

  /** Bytes that `reserveFrames` would take. */
  frameGrowthBytes(frames: number): number {
    return this.#frames.growthBytes(frames * FRAME_WORDS, true);
  }

  /** Makes room for frame ids below `frames`. */
  reserveFrames(frames: number): void {
    this.#frames.reserve(frames * FRAME_WORDS, true);
  }

  /** A new life in a domain slot. */
  startDomain(domain: number): void {
    if (domain >= this.#sharedFrames.length) {
      const grown = new Float64Array(Math.max(domain + 1, 2 * this.#sharedFrames.length));
      grown.set(this.#sharedFrames);
      this.#sharedFrames = grown;
      this.#fairSaved.reserve(grown.length);
    }
    this.#sharedFrames[domain] = 0;
    this.#fairSaved.clear(domain);
  }

  // --- copies --------------------------------------------------------------------------------------------------

  /** Copy numbers are below this. */
  get end(): number {
    return this.#end;
  }
  /** Whether there is a copy of this number. */
  isUsed(copy: number): boolean {
    return this.#rows.u32[copy * WORDS + CONTENT] !== 0;
  }
  /** Content id; STATE_ZERO for zero. */
  contentOf(copy: number): number {
    return this.#rows.u32[copy * WORDS + CONTENT];
  }
  /** Trust group. */
  groupOf(copy: number): number {
    return this.#rows.u32[copy * WORDS + GROUP];
  }
  refs(copy: number): number {
    return copy === 0 ? 0 : this.#rows.u32[copy * WORDS + REFS];
  }
  /** What the scheme said of it; 0 at first. */
  kindOf(copy: number): number {
    return this.#rows.u32[copy * WORDS + KIND];
  }
  /** Any u32. */
  setKind(copy: number, kind: number): void {
    this.#rows.u32[copy * WORDS + KIND] = kind;
  }
  /** The newest copy of ⟨group, content⟩, or 0. */
  find(group: number, content: number): number {
    if (content >= this.#ofContent.u32.length) return 0;
    return this.#sameGroup(this.#ofContent.u32[content], group);
  }
  /** The next older copy of the same ⟨group, content⟩, or 0. */
  nextOf(copy: number): number {
    const words = this.#rows.u32;
    return this.#sameGroup(words[copy * WORDS + NEXT], words[copy * WORDS + GROUP]);
  }

  #sameGroup(from: number, group: number): number {
    const words = this.#rows.u32;
    let copy = from;
    while (copy !== 0 && words[copy * WORDS + GROUP] !== group) copy = words[copy * WORDS + NEXT]!;
    return copy;
  }

  /** Adds a copy without frames, of kind 0. */
  add(group: number, content: number): number {
    let copy = this.#free;
    if (copy !== 0) this.#free = this.#rows.u32[copy * WORDS + NEXT]!;
    else {
      copy = this.#end++;
      this.#rows.reserve(this.#end * WORDS);
    }
    this.#ofContent.reserve(content + 1);
    const words = this.#rows.u32;
    const row = copy * WORDS;
    words[row + CONTENT] = content;
    words[row + GROUP] = group;
    words[row + HEAD] = NO_FRAME;
    words[row + REFS] = 0;
    words[row + SETTLED] = 0;
    words[row + NEXT] = this.#ofContent.u32[content];
    words[row + KIND] = 0;
    this.#ofContent.u32[content] = copy;
    this.count++;
    return copy;
  }

  /** Takes a copy away that has no frames. */
  remove(copy: number): void {
    const words = this.#rows.u32;
    const row = copy * WORDS;
    const content = words[row + CONTENT];
    const next = words[row + NEXT];
    let before = this.#ofContent.u32[content];
    if (before === copy) this.#ofContent.u32[content] = next;
    else {
      while (words[before * WORDS + NEXT] !== copy) before = words[before * WORDS + NEXT]!;
      words[before * WORDS + NEXT] = next;
    }
    words[row + CONTENT] = 0;
    words[row + SETTLED] = 0;
    words[row + NEXT] = this.#free;
    this.#free = copy;
    this.count--;
  }

  // --- frames --------------------------------------------------------------------------------------------------

  /** The copy in whose list a frame is, of any kind; 0: none. */
  copyOf(frameId: number): number {
    return this.#frames.u32[frameId * FRAME_WORDS + F_COPY];
  }
  /** First frame of a copy's list, NO_FRAME if it has none: the one that joined last. */
  firstFrame(copy: number): number {
    return this.#rows.u32[copy * WORDS + HEAD];
  }
  /** The frame behind, NO_FRAME at the end. */
  nextFrame(frameId: number): number {
    return this.#frames.u32[frameId * FRAME_WORDS + F_NEXT];
  }

  /** A frame of `domain`, which is in no copy, joins one. */
  join(copy: number, frameId: number, domain: number): void {
    const words = this.#rows.u32;
    const row = copy * WORDS;
    if (words[row + REFS] >= 1) this.#mark(copy);
    const frames = this.#frames.u32;
    const frame = frameId * FRAME_WORDS;
    const head = words[row + HEAD];
    frames[frame + F_COPY] = copy;
    frames[frame + F_NEXT] = head;
    frames[frame + F_PREV] = NO_FRAME;
    if (head !== NO_FRAME) frames[head * FRAME_WORDS + F_PREV] = frameId;
    words[row + HEAD] = frameId;
    const refs = ++words[row + REFS];
    const isZero = words[row + CONTENT] === STATE_ZERO;
    if (refs >= 2) this.#countShared(isZero, refs === 2 ? 2 : 1, refs === 2 ? 1 : 0);
    if (isZero) return;
    this.#fairSaved.add(domain, 1, words[row + SETTLED]);
    if (refs >= 2) this.#sharedFrames[domain]++;
    if (refs === 2) this.#sharedFrames[this.domainOfFrame(head)]++;
  }

  /** A frame of `domain` leaves its copy, which is returned: with no frame left it is still there. */
  leave(frameId: number, domain: number): number {
    const frames = this.#frames.u32;
    const frame = frameId * FRAME_WORDS;
    const copy = frames[frame + F_COPY];
    const words = this.#rows.u32;
    const row = copy * WORDS;
    if (words[row + REFS] >= 2) this.#mark(copy);
    const next = frames[frame + F_NEXT];
    const previous = frames[frame + F_PREV];
    if (previous === NO_FRAME) words[row + HEAD] = next;
    else frames[previous * FRAME_WORDS + F_NEXT] = next;
    if (next !== NO_FRAME) frames[next * FRAME_WORDS + F_PREV] = previous;
    frames[frame + F_COPY] = 0;
    const refs = --words[row + REFS];
    const isZero = words[row + CONTENT] === STATE_ZERO;
    if (refs >= 1) this.#countShared(isZero, refs === 1 ? -2 : -1, refs === 1 ? -1 : 0);
    if (isZero) return copy;
    this.#fairSaved.add(domain, -1, words[row + SETTLED]);
    if (refs >= 1) this.#sharedFrames[domain]--;
    if (refs === 1) this.#sharedFrames[this.domainOfFrame(words[row + HEAD])]--;
    return copy;
  }

  #countShared(isZero: boolean, refs: number, copies: number): void {
    const totals = isZero ? this.zero : this.plain;
    totals.refs += refs;
    totals.copies += copies;
  }

  /** Remembers that a copy's refs are about to differ from the settled ones. One frame has no share, like none. */
  #mark(copy: number): void {
    // A copy that swings back and forth between two looks must not make the list endless.
    if (this.#dirty.length >= DIRTY_MAX) this.settle(SETTLE_SLICE);
    const row = copy * WORDS;
    const words = this.#rows.u32;
    if (words[row + CONTENT] === STATE_ZERO) return;
    if (Math.max(1, words[row + REFS]) === Math.max(1, words[row + SETTLED])) this.#dirty.push(copy);
  }

  /** Brings fair shares up to date for about `work` frames; true if more are left. */
  settle(work: number): boolean {
    const words = this.#rows.u32;
    let left = work;
    while (left-- > 0) {
      const copy = this.#dirty.pop();
      if (copy === undefined) break;
      const row = copy * WORDS;
      const refs = words[row + REFS];
      const settled = words[row + SETTLED];
      // The number of a copy that is gone may be that of zeros now.
      if (refs === settled || words[row + CONTENT] === STATE_ZERO) continue;
      words[row + SETTLED] = refs;
      if (refs < 2 && settled < 2) continue;
      for (let id = words[row + HEAD]; id !== NO_FRAME; id = this.nextFrame(id)) {
        const domain = this.domainOfFrame(id);
        this.#fairSaved.add(domain, 1, refs);
        this.#fairSaved.add(domain, -1, settled);
        left--;
      }
    }
    return this.#dirty.length > 0;
  }

  /** Non-zero frames of a domain in copies with at least two. */
  sharedFrames(domain: number): number {
    return this.#sharedFrames[domain];
  }
  /** Σ (n−1)/n over them, as of the last settle. */
  fairSavedFrames(domain: number): number {
    return this.#fairSaved.get(domain);
  }

  // --- questions -----------------------------------------------------------------------------------------------

  /** References to copies of a content with at least two. */
  sharedRefs(content: number): number {
    let shared = 0;
    const words = this.#rows.u32;
    let copy = content < this.#ofContent.u32.length ? this.#ofContent.u32[content] : 0;
    for (; copy !== 0; copy = words[copy * WORDS + NEXT]!) {
      const refs = words[copy * WORDS + REFS];
      if (refs >= 2) shared += refs;
    }
    return shared;
  }

  ofFrame(frameId: number): number {
    if (frameId * FRAME_WORDS >= this.#frames.u32.length) return 0;
    const copy = this.copyOf(frameId);
    // Zero frames are no frames of a copy in any figure.
    return copy !== 0 && this.contentOf(copy) !== STATE_ZERO && this.isKept(this.kindOf(copy)) ? copy : 0;
  }

  ofContent(contentId: number): number {
    let copies = 0;
    const words = this.#rows.u32;
    let copy = contentId < this.#ofContent.u32.length ? this.#ofContent.u32[contentId] : 0;
    for (; copy !== 0; copy = words[copy * WORDS + NEXT]!) if (this.isKept(this.kindOf(copy))) copies++;
    return copies;
  }

  addStopLosses(from: number, losses: Float64Array): number {
    if (this.#held.length < losses.length) this.#held = new Uint32Array(losses.length);
    const end = Math.min(this.#end, from + COPIES_A_CALL);
    for (let copy = from; copy < end; copy++) {
      const content = this.contentOf(copy);
      if (content !== 0 && content !== STATE_ZERO && this.refs(copy) > 1) this.#addLosses(copy, losses);
    }
    return end < this.#end ? end : 0;
  }

  #addLosses(copy: number, losses: Float64Array): void {
    const held = this.#held;
    const saved = this.refs(copy) - 1;
    for (let id = this.firstFrame(copy); id !== NO_FRAME; id = this.nextFrame(id)) held[this.domainOfFrame(id)]++;
    for (let id = this.firstFrame(copy); id !== NO_FRAME; id = this.nextFrame(id)) {
      const domain = this.domainOfFrame(id);
      // The last frame that is left saves nothing; a domain of several frames is met several times, counted once.
      losses[domain] += Math.min(held[domain], saved);
      held[domain] = 0;
    }
  }
}
