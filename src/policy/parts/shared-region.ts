import { Column } from '../../base/column.js';
import type { EngineView } from '../../engine/effects.js';
import { FIRST_CONTENT, FRAME_WORDS, NO_FRAME } from '../../engine/layout.js';
import { BlockIndex } from './block-index.js';
import { BoundFrames } from './bound-frames.js';
import { PendingBinds } from './pending-binds.js';
import { SlotCrowds } from './slot-crowds.js';

/**
 * The designated sharing area: slots that hold one block each, their sharers, and three CLOCK rings of victims.
 *
 * Slot row, 10 words, numbered from 1:
 *   0 image | group << 16    1 block        (the key, read by BlockIndex)
 *   2 content id; 0: hash not known yet; a zero block has the zero content, is in no ring and takes no frame
 *   3 first bound frame      4 refs: bound frames
 *   5 first pending entry    6, 7 previous, next slot of the ring (for a free row 7 is the next free row)
 *   8 bits 0–1 ring + 1 (0: in no ring), bit 2 reference bit, bit 3 read by several lives, bits 4–31 life of the first
 *     reader (28 bits: lives are numbers of domains ever started)
 *   9 refs at the last settle (fair shares are exact for it)
 */
const WORDS = 10;
const S_KEY = 0;
const S_BLOCK = 1;
const S_CONTENT = 2;
const S_BOUND = 3;
const S_REFS = 4;
const S_PENDING = 5;
const S_PREV = 6;
const S_NEXT = 7;
const S_FLAGS = 8;
const S_SETTLED_REFS = 9;
const RING_MASK = 3;
const REFERENCED = 4;
const SEVERAL_READERS = 8;
const LIFE_SHIFT = 4;
/** What a frame takes here. */
export const REGION_FRAME_BYTES = 12;

/** How the victim of a full region is chosen (design §4, rule 6). */
export type RegionVictim = 'sharers' | 'clock' | 'lru';

/** Slots, their lists and rings. Decides nothing about policy but the order of victims. */
export class SharedRegion {
  readonly #rows = new Column('region slots', 64 * WORDS);
  readonly #bound = new BoundFrames();
  readonly #index = new BlockIndex(this.#rows, WORDS);
  readonly pending = new PendingBinds();
  readonly #crowds: SlotCrowds;
  #end = 1;
  #free = 0;
  readonly #head = new Uint32Array(3);
  readonly #tail = new Uint32Array(3);
  /** Bits of the contents met while duplicates are counted, and what was counted last. */
  #seen = new Uint32Array(0);
  #duplicates = 0;
  #contentsChanged = false;
  /** Slots that take a frame. */
  resident = 0;
  /** Frames bound to a slot, slots with at least one, and slots with at least two. */
  boundFrames = 0;
  usedSlots = 0;
  sharedSlots = 0;

  /**
   * @param victim order of victims
   * @param engine knows its frames: how many there is room for, and whose they are
   */
  constructor(
    private readonly victim: RegionVictim,
    private readonly engine: Pick<EngineView, 'frameWords' | 'domainOfFrame'>,
  ) {
    this.#crowds = new SlotCrowds(this.pending, this.#bound, (frameId) => engine.domainOfFrame(frameId));
  }

  /** Bytes held, the pending reads included. */
  get bytes(): number {
    const bound = this.#bound.bytesFor(this.#frames);
    return this.#rows.bytes + bound + this.#index.bytes + this.pending.bytes + this.#crowds.bytes;
  }
  /** Of these, rows of slots and their index: what a resident slot costs beside its pending reads. */
  get slotBytes(): number {
    return this.#rows.bytes + this.#index.bytes;
  }
  /** Slot numbers are below this. */
  get end(): number {
    return this.#end;
  }

  /** Bytes that the next `add` may take. */
  get growthBytes(): number {
    const rows = this.#free === 0 ? this.#rows.growthBytes((this.#end + 1) * WORDS) : 0;
    return rows + this.#index.growthBytes;
  }

  /** Room for the frames that the engine has room for, which is ahead of use. */
  reserveFrames(): void {
    this.#bound.reserve(this.#frames);
  }
  get #frames(): number {
    return Math.floor(this.engine.frameWords().length / FRAME_WORDS);
  }

  /** The slot of a key ⟨group, image, block⟩, 0 if none holds it. */
  find(group: number, image: number, block: number): number {
    return this.#index.find((image | (group << 16)) >>> 0, block);
  }
  /** Whether the row holds a block: lives count from 1, so its flags are never 0. */
  isUsed(slot: number): boolean {
    return this.#rows.u32[slot * WORDS + S_FLAGS] !== 0;
  }

  /** Content id of a slot; 0 while its hash is not known. */
  contentOf(slot: number): number {
    return this.#rows.u32[slot * WORDS + S_CONTENT];
  }

  /** The content of a slot became known; pins are the caller's. */
  setContent(slot: number, content: number): void {
    this.#contentsChanged = true;
    this.#rows.u32[slot * WORDS + S_CONTENT] = content;
  }

  /** Frames bound to a slot. */
  refsOf(slot: number): number {
    return this.#rows.u32[slot * WORDS + S_REFS];
  }

  /** Frames bound to a slot at its last settle: the fair shares are exact for them. */
  settledRefsOf(slot: number): number {
    return this.#rows.u32[slot * WORDS + S_SETTLED_REFS];
  }

  /** The fair shares of a slot are exact for so many frames now. */
  setSettledRefs(slot: number, refs: number): void {
    this.#rows.u32[slot * WORDS + S_SETTLED_REFS] = refs;
  }

  /** Number of the trust group in a slot's key. */
  groupOf(slot: number): number {
    return this.#rows.u32[slot * WORDS + S_KEY] >>> 16;
  }

  /** Of a slot's key: image | group << 16. */
  groupImageOf(slot: number): number {
    return this.#rows.u32[slot * WORDS + S_KEY];
  }
  /** Of a slot's key: the block. */
  blockOf(slot: number): number {
    return this.#rows.u32[slot * WORDS + S_BLOCK];
  }

  /** The first pending read of a slot, 0 if none (PendingBinds). */
  pendingOf(slot: number): number {
    return this.#rows.u32[slot * WORDS + S_PENDING];
  }

  /** The first frame bound to a slot, NO_FRAME if none. */
  firstBound(slot: number): number {
    return this.#rows.u32[slot * WORDS + S_BOUND];
  }

  /** The next frame bound to the same slot, NO_FRAME behind the last. */
  nextBound(frameId: number): number {
    return this.#bound.next(frameId);
  }
  /**
   * Resident slots less distinct contents in them; a slot of unknown content is a content of its own. O(slots) when a
   * slot has come, gone or changed its content since the last call.
   */
  duplicateSlots(contentIdEnd: number): number {
    if (!this.#contentsChanged) return this.#duplicates;
    this.#contentsChanged = false;
    const words = (contentIdEnd + 31) >>> 5;
    if (words > this.#seen.length) this.#seen = new Uint32Array(words + (words >>> 2));
    else this.#seen.fill(0);
    const seen = this.#seen;
    const rows = this.#rows.u32;
    let duplicates = 0;
    for (let row = WORDS; row < this.#end * WORDS; row += WORDS) {
      const content = rows[row + S_CONTENT];
      if (content < FIRST_CONTENT || rows[row + S_FLAGS] === 0) continue;
      const bit = 1 << (content & 31);
      if ((seen[content >>> 5] & bit) !== 0) duplicates++;
      seen[content >>> 5] |= bit;
    }
    this.#duplicates = duplicates;
    return duplicates;
  }

  /** The slot a frame is bound to, or 0. */
  slotOfFrame(frameId: number): number {
    return this.#bound.slotOf(frameId);
  }

  /** A new slot read by `life`; `inRegion` false for a zero block, which takes no frame. */
  add(group: number, image: number, block: number, content: number, life: number, inRegion: boolean): number {
    let slot = this.#free;
    if (slot !== 0) this.#free = this.#rows.u32[slot * WORDS + S_NEXT]!;
    else {
      slot = this.#end++;
      this.#rows.reserve(this.#end * WORDS);
    }
    const words = this.#rows.u32;
    const row = slot * WORDS;
    words.fill(0, row, row + WORDS);
    words[row + S_KEY] = image | (group << 16);
    words[row + S_BLOCK] = block;
    words[row + S_CONTENT] = content;
    this.#contentsChanged = true;
    words[row + S_BOUND] = NO_FRAME;
    words[row + S_FLAGS] = life << LIFE_SHIFT;
    this.#index.add(slot);
    if (inRegion) {
      this.resident++;
      this.#append(slot, this.#ringOf(slot));
    }
    return slot;
  }

  /** Takes a slot without bound frames out of the region: what it holds needs no frame. Its readers are kept. */
  release(slot: number): void {
    if ((this.#rows.u32[slot * WORDS + S_FLAGS] & RING_MASK) === 0) return;
    this.#unlink(slot);
    this.resident--;
  }

  /** Removes a slot without bound frames and pending entries. */
  remove(slot: number): void {
    this.release(slot);
    this.#contentsChanged = true;
    const words = this.#rows.u32;
    const row = slot * WORDS;
    this.#index.remove(slot);
    words[row + S_FLAGS] = 0;
    words[row + S_NEXT] = this.#free;
    this.#free = slot;
  }

  /** Notes a hit by `life`; true if any other life had read the block since it became resident. */
  hit(slot: number, life: number): boolean {
    const words = this.#rows.u32;
    const at = slot * WORDS + S_FLAGS;
    const flags = words[at];
    const first = flags >>> LIFE_SHIFT;
    const other = first !== (life & 0xfffffff);
    words[at] = flags | REFERENCED | (other ? SEVERAL_READERS : 0);
    if (this.victim === 'lru' && (flags & RING_MASK) !== 0) {
      this.#unlink(slot);
      this.#append(slot, 0);
    }
    return other || (flags & SEVERAL_READERS) !== 0;
  }

  /** Binds a frame, which must be bound to nothing. */
  bind(slot: number, frameId: number): void {
    const words = this.#rows.u32;
    const row = slot * WORDS;
    this.#bound.add(slot, frameId, words[row + S_BOUND]);
    words[row + S_BOUND] = frameId;
    const refs = ++words[row + S_REFS];
    this.boundFrames++;
    if (refs === 1) this.usedSlots++;
    else if (refs === 2) this.sharedSlots++;
    if (this.#crowds.has(slot)) this.#crowds.add(slot, this.engine.domainOfFrame(frameId));
  }

  /** Takes a frame from its slot. */
  unbind(slot: number, frameId: number): void {
    const words = this.#rows.u32;
    const row = slot * WORDS;
    words[row + S_BOUND] = this.#bound.remove(frameId, words[row + S_BOUND]);
    const refs = --words[row + S_REFS];
    this.boundFrames--;
    if (refs === 0) this.usedSlots--;
    else if (refs === 1) this.sharedSlots--;
    if (this.#crowds.has(slot)) this.#crowds.remove(slot, this.engine.domainOfFrame(frameId));
  }

  /** A read of the slot's block whose frame was not seen yet. The caller moves the slot to its ring. */
  addPending(slot: number, domain: number, timeMicros: number): number {
    const at = slot * WORDS + S_PENDING;
    const head = this.#rows.u32[at];
    const entry = this.pending.add(domain, slot, head, this.contentOf(slot), timeMicros);
    this.#rows.u32[at] = entry;
    if (this.#crowds.has(slot)) this.#crowds.add(slot, domain);
    return entry;
  }

  /** Takes a pending read away. The caller moves the slot to its ring. */
  removePending(entry: number): void {
    const slot = this.pending.slotOf(entry);
    if (this.#crowds.has(slot)) this.#crowds.remove(slot, this.pending.domainOf(entry));
    const at = slot * WORDS + S_PENDING;
    this.#rows.u32[at] = this.pending.remove(entry, this.#rows.u32[at]);
  }

  /** All pending reads of a slot, with their age, become those of another. The rings are the caller's to update. */
  movePending(from: number, to: number): void {
    const words = this.#rows.u32;
    const head = words[from * WORDS + S_PENDING];
    for (let entry = head; entry !== 0; entry = this.pending.nextOfSlot(entry)) {
      const domain = this.pending.domainOf(entry);
      if (this.#crowds.has(from)) this.#crowds.remove(from, domain);
      if (this.#crowds.has(to)) this.#crowds.add(to, domain);
    }
    words[from * WORDS + S_PENDING] = 0;
    words[to * WORDS + S_PENDING] = this.pending.moveSlot(head, to, words[to * WORDS + S_PENDING]);
  }

  /** Gives a slot another key, of the same group, which no slot has. */
  rename(slot: number, image: number, block: number): void {
    this.#index.remove(slot);
    const row = slot * WORDS;
    this.#rows.u32[row + S_KEY] = (this.#rows.u32[row + S_KEY] & 0xffff0000) | image;
    this.#rows.u32[row + S_BLOCK] = block;
    this.#index.add(slot);
  }

  /** Puts the slot into the ring of its number of sharer domains, at the tail if it changes. */
  updateRing(slot: number): void {
    const ring = (this.#rows.u32[slot * WORDS + S_FLAGS] & RING_MASK) - 1;
    if (ring < 0) return;
    const now = this.#ringOf(slot);
    if (now === ring) return;
    this.#unlink(slot);
    this.#append(slot, now);
  }

  /** The ring of a slot: by its sharer domains, bound or pending. */
  #ringOf(slot: number): number {
    return this.victim === 'sharers' ? this.#crowds.domainsOf(slot, this.pendingOf(slot), this.firstBound(slot)) : 0;
  }

  /** The slot to evict next. The region must not be empty. */
  nextVictim(): number {
    const words = this.#rows.u32;
    for (let ring = 0; ring < 3; ring++) {
      for (let slot = this.#head[ring]; slot !== 0; slot = this.#head[ring]!) {
        const flags = words[slot * WORDS + S_FLAGS];
        if ((flags & REFERENCED) === 0 || this.victim === 'lru') return slot;
        words[slot * WORDS + S_FLAGS] = flags & ~REFERENCED;
        this.#unlink(slot);
        this.#append(slot, ring);
      }
    }
    return 0;
  }

  /** All slots that take a frame, ring by ring from the head. */
  residentSlots(): number[] {
    const slots: number[] = [];
    for (const head of this.#head) {
      for (let slot = head; slot !== 0; slot = this.#rows.u32[slot * WORDS + S_NEXT]!) slots.push(slot);
    }
    return slots;
  }

  #append(slot: number, ring: number): void {
    const words = this.#rows.u32;
    const row = slot * WORDS;
    const tail = this.#tail[ring];
    words[row + S_PREV] = tail;
    words[row + S_NEXT] = 0;
    if (tail === 0) this.#head[ring] = slot;
    else words[tail * WORDS + S_NEXT] = slot;
    this.#tail[ring] = slot;
    words[row + S_FLAGS] = (words[row + S_FLAGS] & ~RING_MASK) | (ring + 1);
  }

  #unlink(slot: number): void {
    const words = this.#rows.u32;
    const row = slot * WORDS;
    const ring = (words[row + S_FLAGS] & RING_MASK) - 1;
    const previous = words[row + S_PREV];
    const next = words[row + S_NEXT];
    if (previous === 0) this.#head[ring] = next;
    else words[previous * WORDS + S_NEXT] = next;
    if (next === 0) this.#tail[ring] = previous;
    else words[next * WORDS + S_PREV] = previous;
    words[row + S_FLAGS] &= ~RING_MASK;
  }
}
