import { Column } from '../../base/column.js';
import type { EngineView } from '../../engine/effects.js';
import { CONTENT_WORDS } from '../../engine/layout.js';

/**
 * Node row, 8 words, numbered from 1: what a scanner knows of one content in one trust group.
 *   0 content id             1 group
 *   2 next node of the same content (another group); of a free row the next free one
 *   3 newest stable copy     4 copies that can take another frame
 *   5 frame in the unstable tree, of the pass in word 6
 *   7 frames that wait in an unstable tree, of this pass or of the one before
 *
 * A frame that waits names its node, not its content: its next visit reads this row and nothing else of the content.
 * Nodes are numbered as frames were first visited, so a pass reads them almost in order.
 */
const WORDS = 8;
const N_CONTENT = 0;
const N_GROUP = 1;
const N_NEXT = 2;
const N_COPY = 3;
const N_ROOMY = 4;
const N_FRAME = 5;
const N_PASS = 6;
const N_WAITING = 7;
/** Node numbers are below this: the top bit of a frame's place tells them from copies. */
const NODES_MAX = 2 ** 27;

/** Nodes of ⟨group, content⟩: found through the content id, at most one for each group. */
export class ContentNodes {
  readonly #rows = new Column('content nodes', 64 * WORDS);
  /** By content id: its first node. */
  readonly #first = new Column('nodes of contents', 64);
  #end = 1;
  #free = 0;

  constructor(private readonly engine: EngineView) {}

  /** Bytes held. */
  get bytes(): number {
    return this.#rows.bytes + this.#first.bytes;
  }
  /** Node numbers are below this. */
  get end(): number {
    return this.#end;
  }

  /** The node of ⟨group, content⟩; 0 if there is none. */
  find(group: number, content: number): number {
    if (content >= this.#first.u32.length) return 0;
    const rows = this.#rows.u32;
    let node = this.#first.u32[content];
    while (node !== 0 && rows[node * WORDS + N_GROUP] !== group) node = rows[node * WORDS + N_NEXT];
    return node;
  }

  /** The node of ⟨group, content⟩, made if need be; 0 if there is no room for it. */
  of(group: number, content: number): number {
    const found = this.find(group, content);
    return found !== 0 ? found : this.#add(group, content);
  }

  /** The first node of a content; 0: none. */
  firstOf(content: number): number {
    return content < this.#first.u32.length ? this.#first.u32[content] : 0;
  }
  /** The node of the same content in another group; 0 at the end. */
  nextOf(node: number): number {
    return this.#rows.u32[node * WORDS + N_NEXT];
  }

  #add(group: number, content: number): number {
    if (!this.#reserve(content)) return 0;
    let node = this.#free;
    if (node !== 0) this.#free = this.#rows.u32[node * WORDS + N_NEXT];
    else node = this.#end++;
    const rows = this.#rows.u32;
    const row = node * WORDS;
    rows.fill(0, row, row + WORDS);
    rows[row + N_CONTENT] = content;
    rows[row + N_GROUP] = group;
    rows[row + N_NEXT] = this.#first.u32[content];
    this.#first.u32[content] = node;
    return node;
  }

  #reserve(content: number): boolean {
    const contents = Math.max(content + 1, Math.floor(this.engine.contentWords().length / CONTENT_WORDS));
    let more = 0;
    if (content >= this.#first.u32.length) more += this.#first.growthBytes(contents, true);
    const words = (this.#end + 1) * WORDS;
    if (this.#free === 0) {
      if (this.#end >= NODES_MAX) return false;
      more += this.#rows.growthBytes(words);
    }
    if (more === 0) return true;
    if (!this.engine.hasRoom(more)) return false;
    if (content >= this.#first.u32.length) this.#first.reserve(contents, true);
    if (this.#free === 0) this.#rows.reserve(words);
    return true;
  }

  /** Forgets a node that has neither copies nor frames that wait; others stay. */
  removeIfUnused(node: number): void {
    const rows = this.#rows.u32;
    const row = node * WORDS;
    if (rows[row + N_COPY] !== 0 || rows[row + N_WAITING] !== 0) return;
    const content = rows[row + N_CONTENT];
    const next = rows[row + N_NEXT];
    let before = this.#first.u32[content];
    if (before === node) this.#first.u32[content] = next;
    else {
      while (rows[before * WORDS + N_NEXT] !== node) before = rows[before * WORDS + N_NEXT];
      rows[before * WORDS + N_NEXT] = next;
    }
    rows[row + N_CONTENT] = 0;
    rows[row + N_NEXT] = this.#free;
    this.#free = node;
  }

  /** The content of a node. */
  contentOf(node: number): number {
    return this.#rows.u32[node * WORDS + N_CONTENT];
  }
  /** The trust group of a node. */
  groupOf(node: number): number {
    return this.#rows.u32[node * WORDS + N_GROUP];
  }

  /** The newest stable copy; 0: none. */
  newestCopy(node: number): number {
    return this.#rows.u32[node * WORDS + N_COPY];
  }
  /** Names the newest stable copy of a node; 0: none. */
  setNewestCopy(node: number, copy: number): void {
    this.#rows.u32[node * WORDS + N_COPY] = copy;
  }

  /** Copies that can take another frame. */
  roomyCopies(node: number): number {
    return this.#rows.u32[node * WORDS + N_ROOMY];
  }
  /** So many more copies can take another frame. */
  addRoomy(node: number, delta: number): void {
    this.#rows.u32[node * WORDS + N_ROOMY] += delta;
  }

  /** Frames that wait in an unstable tree. */
  waiting(node: number): number {
    return this.#rows.u32[node * WORDS + N_WAITING];
  }
  /** So many more frames wait. */
  addWaiting(node: number, delta: number): void {
    this.#rows.u32[node * WORDS + N_WAITING] += delta;
  }

  /** The frame that entered the unstable tree of `pass` last; -1: none did. It may have left it since. */
  unstableFrame(node: number, pass: number): number {
    const row = node * WORDS;
    return this.#rows.u32[row + N_PASS] === pass ? this.#rows.u32[row + N_FRAME] : -1;
  }
  /** A frame enters the unstable tree of `pass`. */
  setUnstable(node: number, frameId: number, pass: number): void {
    const row = node * WORDS;
    this.#rows.u32[row + N_FRAME] = frameId;
    this.#rows.u32[row + N_PASS] = pass;
  }
}
