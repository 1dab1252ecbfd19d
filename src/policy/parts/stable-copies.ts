import { Column } from '../../base/column.js';
import { FairSums } from '../../base/fair-sums.js';
import { NO_FRAME, STATE_ZERO } from '../../engine/layout.js';
import type { ContentNodes } from './content-nodes.js';
import type { ShareFollower } from './share-spans.js';

/**
 * Copy row, 8 words, numbered from FIRST_COPY:
 *   0 node                   1 refs: frames of RAM      2 extra frames that refer to it
 *   3 first frame of RAM     4 next older copy of the node (of a free row the next free one)    5 next newer one
 *   6 refs at the last settle: fair shares are exact for it       7 1: the content is zero
 *
 * Link row, 2 words by frame id: next and previous frame of RAM of the same copy.
 */
const WORDS = 8;
const C_NODE = 0;
const C_REFS = 1;
const C_EXTRA = 2;
const C_FIRST = 3;
const C_OLDER = 4;
const C_NEWER = 5;
const C_SETTLED = 6;
const C_ZERO = 7;
/** Numbers below are other places of a frame (merge-scanner.ts). */
export const FIRST_COPY = 4;
/** Past this many copies that wait for `settle`, some are settled at once. */
const DIRTY_MAX = 1 << 18;
const SETTLE_SLICE = 1024;

/**
 * The stable copies of a scanner: pages that frames of the same ⟨group, content⟩ refer to, each of at most `max`
 * frames. Keeps what they save, in all and by domain, over frames of RAM other than zeros; zeros and extra frames are
 * apart.
 */
export class StableCopies {
  readonly #rows = new Column('stable copies', 64 * WORDS);
  readonly #links = new Column('frames of stable copies', 0);
  readonly #fairSaved = new FairSums();
  /** By domain slot: frames in copies with at least two, zeros apart. */
  #shared = new Float64Array(8);
  readonly #dirty: number[] = [];
  #end = FIRST_COPY;
  #free = 0;
  /** Copies, and frames in them: the kernel's pages_shared, and with it pages_sharing. Zeros and extra frames in. */
  copies = 0;
  frames = 0;
  /** Contents with several copies, and those copies. */
  chains = 0;
  dups = 0;
  /**
   * Σ (refs − 1) over frames of RAM, zeros apart and zeros alone; copies with two or more, of non-zero content and of
   * zeros.
   */
  savedFrames = 0;
  zeroSavedFrames = 0;
  /** Told of the frames of RAM that share something other than zeros; null: nobody asked. */
  follower: ShareFollower | null = null;
  sharedCopies = 0;
  sharedZeroCopies = 0;

  /**
   * @param max the most frames of one copy
   * @param domainOf the domain slot of a frame
   */
  constructor(
    private readonly nodes: ContentNodes,
    private readonly max: number,
    private readonly domainOf: (frameId: number) => number,
  ) {}

  /** Bytes held. */
  get bytes(): number {
    return this.#rows.bytes + this.#links.bytes + this.#shared.byteLength + this.#fairSaved.bytes;
  }
  /** Copy numbers are below this. */
  get end(): number {
    return this.#end;
  }

  /** Bytes that links for `frames` frames would take more. */
  growthBytes(frames: number): number {
    return this.#links.growthBytes(2 * frames, true);
  }
  /** Bytes that one copy more would take. */
  get copyGrowthBytes(): number {
    return this.#free === 0 ? this.#rows.growthBytes((this.#end + 1) * WORDS) : 0;
  }
  /** Room for the links of frame ids below `frames`. */
  reserveFrames(frames: number): void {
    this.#links.reserve(2 * frames, true);
  }

  /** A new life in a domain slot. */
  startDomain(slot: number): void {
    if (slot >= this.#shared.length) {
      const grown = new Float64Array(Math.max(slot + 1, this.#shared.length * 2));
      grown.set(this.#shared);
      this.#shared = grown;
      this.#fairSaved.reserve(grown.length);
    }
    this.#shared[slot] = 0;
    this.#fairSaved.clear(slot);
  }

  /** The copy of a node that takes the next frame: the fullest with room, of equal ones the newest; 0: none has any. */
  fullest(node: number): number {
    const rows = this.#rows.u32;
    let best = 0;
    let bestFrames = 0;
    // Mostly one copy has room, the newest: thousands of full ones behind it are not to be walked for each frame.
    let roomy = this.nodes.roomyCopies(node);
    for (let copy = this.nodes.newestCopy(node); roomy > 0; copy = rows[copy * WORDS + C_OLDER]) {
      const frames = rows[copy * WORDS + C_REFS] + rows[copy * WORDS + C_EXTRA];
      if (frames >= this.max) continue;
      roomy--;
      if (frames <= bestFrames) continue;
      best = copy;
      bestFrames = frames;
      // None is fuller, and those behind are older.
      if (frames === this.max - 1) break;
    }
    return best;
  }

  /** A new copy of a node's content, without frames. */
  add(node: number): number {
    let copy = this.#free;
    if (copy !== 0) this.#free = this.#rows.u32[copy * WORDS + C_OLDER];
    else {
      copy = this.#end++;
      this.#rows.reserve(this.#end * WORDS);
    }
    const rows = this.#rows.u32;
    const row = copy * WORDS;
    const older = this.nodes.newestCopy(node);
    rows.fill(0, row, row + WORDS);
    rows[row + C_NODE] = node;
    rows[row + C_FIRST] = NO_FRAME;
    rows[row + C_OLDER] = older;
    rows[row + C_ZERO] = this.nodes.contentOf(node) === STATE_ZERO ? 1 : 0;
    if (older !== 0) {
      rows[older * WORDS + C_NEWER] = copy;
      if (rows[older * WORDS + C_OLDER] !== 0) this.dups++;
      else {
        this.chains++;
        this.dups += 2;
      }
    }
    this.nodes.setNewestCopy(node, copy);
    this.nodes.addRoomy(node, 1);
    this.copies++;
    return copy;
  }

  #remove(copy: number, node: number): void {
    const rows = this.#rows.u32;
    const row = copy * WORDS;
    const older = rows[row + C_OLDER];
    const newer = rows[row + C_NEWER];
    if (older !== 0) rows[older * WORDS + C_NEWER] = newer;
    if (newer !== 0) rows[newer * WORDS + C_OLDER] = older;
    else this.nodes.setNewestCopy(node, older);
    const newest = this.nodes.newestCopy(node);
    if (newest !== 0) {
      if (rows[newest * WORDS + C_OLDER] !== 0) this.dups--;
      else {
        this.chains--;
        this.dups -= 2;
      }
    }
    this.nodes.addRoomy(node, -1);
    this.copies--;
    rows[row + C_NODE] = 0;
    rows[row + C_OLDER] = this.#free;
    this.#free = copy;
  }

  /** A frame that is in no copy joins one with room. */
  join(copy: number, frameId: number, domain: number, isExtra: boolean): void {
    const rows = this.#rows.u32;
    const row = copy * WORDS;
    this.frames++;
    if (rows[row + C_REFS] + rows[row + C_EXTRA] + 1 === this.max) this.nodes.addRoomy(rows[row + C_NODE], -1);
    if (isExtra) {
      rows[row + C_EXTRA]++;
      return;
    }
    this.#mark(copy);
    if (rows[row + C_ZERO] === 0) this.follower?.join(copy, frameId);
    const links = this.#links.u32;
    const first = rows[row + C_FIRST];
    links[frameId * 2] = first;
    links[frameId * 2 + 1] = NO_FRAME;
    if (first !== NO_FRAME) links[first * 2 + 1] = frameId;
    rows[row + C_FIRST] = frameId;
    const refs = ++rows[row + C_REFS];
    this.#count(row, refs, 1, domain, first);
  }

  /** A frame leaves its copy; the copy goes with the last one. */
  leave(copy: number, frameId: number, domain: number, isExtra: boolean): void {
    const rows = this.#rows.u32;
    const row = copy * WORDS;
    const node = rows[row + C_NODE];
    const frames = rows[row + C_REFS] + rows[row + C_EXTRA];
    this.frames--;
    if (frames === this.max) this.nodes.addRoomy(node, 1);
    if (isExtra) rows[row + C_EXTRA]--;
    else {
      this.#mark(copy);
      if (rows[row + C_ZERO] === 0) this.follower?.leave(frameId);
      const links = this.#links.u32;
      const next = links[frameId * 2];
      const previous = links[frameId * 2 + 1];
      if (previous === NO_FRAME) rows[row + C_FIRST] = next;
      else links[previous * 2] = next;
      if (next !== NO_FRAME) links[next * 2 + 1] = previous;
      this.#count(row, rows[row + C_REFS]--, -1, domain, rows[row + C_FIRST]);
    }
    if (frames === 1) {
      this.#remove(copy, node);
      this.nodes.removeIfUnused(node);
    }
  }

  /**
   * What a frame more (delta 1) or less (-1) means for the savings.
   * @param refs of the copy with the frame
   * @param other another frame of the copy, if there is one
   */
  #count(row: number, refs: number, delta: number, domain: number, other: number): void {
    const rows = this.#rows.u32;
    if (rows[row + C_ZERO] !== 0) {
      if (refs >= 2) this.zeroSavedFrames += delta;
      if (refs === 2) this.sharedZeroCopies += delta;
      return;
    }
    this.#fairSaved.add(domain, delta, rows[row + C_SETTLED]);
    if (refs < 2) return;
    this.savedFrames += delta;
    this.#shared[domain] += delta;
    if (refs > 2) return;
    this.sharedCopies += delta;
    this.#shared[this.domainOf(other)] += delta;
  }

  /** Remembers that a copy's refs are about to differ from the settled ones. */
  #mark(copy: number): void {
    const rows = this.#rows.u32;
    const row = copy * WORDS;
    if (rows[row + C_ZERO] !== 0) return;
    // A copy that swings back and forth between two looks must not make the list endless.
    if (this.#dirty.length >= DIRTY_MAX) this.settle(SETTLE_SLICE);
    if (rows[row + C_REFS] === rows[row + C_SETTLED]) this.#dirty.push(copy);
  }

  /** Brings fair shares up to date for about `work` frames; true if more are left. */
  settle(work: number): boolean {
    let left = work;
    while (left-- > 0) {
      const copy = this.#dirty.pop();
      if (copy === undefined) break;
      const rows = this.#rows.u32;
      const row = copy * WORDS;
      const refs = rows[row + C_REFS];
      const settled = rows[row + C_SETTLED];
      // The number of a copy that is gone may be that of zeros by now, which have no shares.
      if (rows[row + C_NODE] === 0 || rows[row + C_ZERO] !== 0 || refs === settled) continue;
      rows[row + C_SETTLED] = refs;
      const links = this.#links.u32;
      for (let frameId = rows[row + C_FIRST]; frameId !== NO_FRAME; frameId = links[frameId * 2]) {
        const domain = this.domainOf(frameId);
        this.#fairSaved.add(domain, 1, refs);
        this.#fairSaved.add(domain, -1, settled);
        left--;
      }
    }
    return this.#dirty.length > 0;
  }

  /** Frames of a domain in copies with at least two, zeros apart. */
  sharedFramesOf(domain: number): number {
    return this.#shared[domain];
  }
  /** Fair saved frames of a domain, as of the last settle. */
  fairSavedOf(domain: number): number {
    return this.#fairSaved.get(domain);
  }

  /** Whether there is a copy of this number. */
  isUsed(copy: number): boolean {
    return this.#rows.u32[copy * WORDS + C_NODE] !== 0;
  }
  /** Whether it is a copy of zeros. */
  isZero(copy: number): boolean {
    return this.#rows.u32[copy * WORDS + C_ZERO] !== 0;
  }
  /** The node of a copy. */
  nodeOf(copy: number): number {
    return this.#rows.u32[copy * WORDS + C_NODE];
  }
  /** Frames of RAM that refer to a copy. */
  refsOf(copy: number): number {
    return this.#rows.u32[copy * WORDS + C_REFS];
  }
  /** Extra frames that refer to a copy. */
  extraOf(copy: number): number {
    return this.#rows.u32[copy * WORDS + C_EXTRA];
  }
  /** The first frame of RAM in a copy; NO_FRAME: none. */
  firstFrame(copy: number): number {
    return this.#rows.u32[copy * WORDS + C_FIRST];
  }
  /** The next frame of RAM in the same copy; NO_FRAME at the end. */
  nextFrame(frameId: number): number {
    return this.#links.u32[frameId * 2];
  }
  /** The next older copy of the same node; 0: none. */
  olderCopy(copy: number): number {
    return this.#rows.u32[copy * WORDS + C_OLDER];
  }
}
