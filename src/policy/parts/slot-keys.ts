import { Column } from '../../base/column.js';
import type { EngineView } from '../../engine/effects.js';
import { FRAME_WORDS } from '../../engine/layout.js';
import { BlockIndex } from './block-index.js';

/**
 * The blocks by which slots are known, where a slot may have several of them, and who is in the slot by which.
 *
 * Key row, 8 words, numbered from 1:
 *   0 image | owner << 16    1 block        (read by BlockIndex; the owner is a trust group, or a domain: own key)
 *   2 the slot; 0: the block is zero        3, 4 previous, next key of the slot (for a free row 4 is the next free row)
 *   5 bit 0 read by several lives, bit 1 own key, bit 2 in its index, bits 3–31 life of the first reader
 *   6 frames bound by it     7 first read by it that waits for its frame (an entry of PendingBinds), 0: none
 *
 * Entry row, 3 words by number of the waiting read:  0 its key    1, 2 next, previous waiting read of the key
 *
 * An own key is of reads that only their domain's frames may come from (blocks that it has written, writable images):
 * it is no way to find the slot, and goes with the last frame and read. A shared key stays until its slot goes; one
 * that is dropped before that stays, out of the index, while frames or reads are of it.
 */
/** What a frame takes here. */
export const KEY_FRAME_BYTES = 4;
const WORDS = 8;
const ENTRY_WORDS = 3;
const OWNER = 0;
const BLOCK = 1;
const SLOT = 2;
const PREV = 3;
const NEXT = 4;
const FLAGS = 5;
const BOUND = 6;
const WAITING = 7;
const SEVERAL_READERS = 1;
const OWN = 2;
const INDEXED = 4;
const LIFE_SHIFT = 3;
const LIFE_MASK = 0x1fffffff;

/** See the head of this file; keys are numbers from 1, 0 is none. */
export class SlotKeys {
  readonly #rows = new Column('keys of slots', 64 * WORDS);
  readonly #shared = new BlockIndex(this.#rows, WORDS);
  readonly #own = new BlockIndex(this.#rows, WORDS);
  /** First key by slot; waiting reads; key by frame id. */
  readonly #ofSlot = new Column('first keys', 64);
  readonly #ofEntry = new Column('keys of pending reads', 64);
  readonly #ofFrame = new Column('keys of bound frames', 0);
  #end = 1;
  #free = 0;
  /** Keys with at least one bound frame. */
  boundKeys = 0;
  /** Keys in the index of shared ones. */
  sharedKeys = 0;

  constructor(private readonly engine: Pick<EngineView, 'frameWords'>) {}

  /** Bytes held. */
  get bytes(): number {
    // With what `reserveFrames` will take: others must not take that room.
    const frames = this.#ofFrame.bytes + this.#ofFrame.growthBytes(this.#frames, true);
    const indexes = this.#shared.bytes + this.#own.bytes;
    return this.#rows.bytes + indexes + this.#ofSlot.bytes + this.#ofEntry.bytes + frames;
  }

  /** Bytes that a read may take here. */
  growthBytes(slotEnd: number, pendingCount: number): number {
    const rows = this.#free === 0 ? this.#rows.growthBytes((this.#end + 1) * WORDS) : 0;
    const lists = this.#ofSlot.growthBytes(slotEnd + 1) + this.#ofEntry.growthBytes((pendingCount + 2) * ENTRY_WORDS);
    return rows + lists + Math.max(this.#shared.growthBytes, this.#own.growthBytes);
  }

  /** Room for the frames that the engine has room for, which is ahead of use. */
  reserveFrames(): void {
    this.#ofFrame.reserve(this.#frames, true);
  }
  get #frames(): number {
    return Math.floor(this.engine.frameWords().length / FRAME_WORDS);
  }

  /** The key of a block in a trust group, 0 if there is none. */
  find(group: number, image: number, block: number): number {
    return this.#shared.find((image | (group << 16)) >>> 0, block);
  }

  /** The key of a block for one domain alone, 0 if there is none. */
  findOwn(domain: number, image: number, block: number): number {
    return this.#own.find((image | (domain << 16)) >>> 0, block);
  }

  /** The slot of a key, 0 for a zero block. */
  slotOf(key: number): number {
    return this.#rows.u32[key * WORDS + SLOT];
  }

  /** Of which key a pending read is. */
  keyOfEntry(entry: number): number {
    return this.#ofEntry.u32[entry * ENTRY_WORDS];
  }

  /** The first read of a key that waits for its frame, 0 if none does. */
  firstWaiting(key: number): number {
    return this.#rows.u32[key * WORDS + WAITING];
  }

  /** The next read that waits, of the same key; 0 behind the last. */
  nextWaiting(entry: number): number {
    return this.#ofEntry.u32[entry * ENTRY_WORDS + 1];
  }

  /** By which key a frame is bound; 0: none. */
  keyOfFrame(frameId: number): number {
    return this.#ofFrame.u32[frameId];
  }

  /** A key that no slot has: of a group, read by `life` (slot 0: zero block). */
  add(group: number, image: number, block: number, slot: number, life: number): number {
    const key = this.#row(image | (group << 16), block, slot, INDEXED | (life << LIFE_SHIFT));
    this.#shared.add(key);
    this.sharedKeys++;
    return key;
  }

  /** A key that no slot has, of one domain alone. */
  addOwn(domain: number, image: number, block: number, slot: number): number {
    const key = this.#row(image | (domain << 16), block, slot, INDEXED | OWN);
    this.#own.add(key);
    return key;
  }

  #row(owner: number, block: number, slot: number, flags: number): number {
    let key = this.#free;
    if (key !== 0) this.#free = this.#rows.u32[key * WORDS + NEXT]!;
    else {
      key = this.#end++;
      this.#rows.reserve(this.#end * WORDS);
    }
    const words = this.#rows.u32;
    const row = key * WORDS;
    words.fill(0, row, row + WORDS);
    words[row + OWNER] = owner;
    words[row + BLOCK] = block;
    words[row + FLAGS] = flags;
    if (slot !== 0) this.#link(key, slot);
    return key;
  }

  #link(key: number, slot: number): void {
    this.#ofSlot.reserve(slot + 1);
    const words = this.#rows.u32;
    const first = this.#ofSlot.u32[slot];
    words[key * WORDS + SLOT] = slot;
    words[key * WORDS + PREV] = 0;
    words[key * WORDS + NEXT] = first;
    if (first !== 0) words[first * WORDS + PREV] = key;
    this.#ofSlot.u32[slot] = key;
  }

  #unlink(key: number): void {
    const words = this.#rows.u32;
    const row = key * WORDS;
    const slot = words[row + SLOT];
    if (slot === 0) return;
    const previous = words[row + PREV];
    const next = words[row + NEXT];
    if (previous === 0) this.#ofSlot.u32[slot] = next;
    else words[previous * WORDS + NEXT] = next;
    if (next !== 0) words[next * WORDS + PREV] = previous;
    words[row + SLOT] = 0;
  }

  /** Notes a hit by `life`; true if any other life has read by this key. */
  hit(key: number, life: number): boolean {
    const words = this.#rows.u32;
    const at = key * WORDS + FLAGS;
    const flags = words[at];
    const other = flags >>> LIFE_SHIFT !== (life & LIFE_MASK);
    if (other) words[at] = flags | SEVERAL_READERS;
    return other || (flags & SEVERAL_READERS) !== 0;
  }

  /** No read finds the slot by this key any more; it goes as soon as no frame and no read is of it. */
  drop(key: number): void {
    const words = this.#rows.u32;
    const at = key * WORDS + FLAGS;
    if ((words[at] & INDEXED) !== 0) {
      if ((words[at] & OWN) !== 0) this.#own.remove(key);
      else {
        this.#shared.remove(key);
        this.sharedKeys--;
      }
      words[at] &= ~INDEXED;
    }
    this.#releaseUnused(key);
  }

  /** The block of a key without frames and reads turned out to be zero: it needs no slot, its readers stay known. */
  becomeZero(key: number): void {
    this.#unlink(key);
  }

  /** The slot goes, without frames and reads by now: so do its keys. */
  dropSlot(slot: number): void {
    if (slot >= this.#ofSlot.u32.length) return;
    for (let key = this.#ofSlot.u32[slot]; key !== 0; key = this.#ofSlot.u32[slot]!) this.drop(key);
  }

  /** All keys of a slot become those of another. */
  moveSlot(from: number, to: number): void {
    for (let key = this.#ofSlot.u32[from]; key !== 0; key = this.#ofSlot.u32[from]!) {
      this.#unlink(key);
      this.#link(key, to);
    }
  }

  /** A read by this key waits. */
  wait(key: number, entry: number): void {
    this.#ofEntry.reserve((entry + 1) * ENTRY_WORDS);
    const entries = this.#ofEntry.u32;
    const first = this.firstWaiting(key);
    const at = entry * ENTRY_WORDS;
    entries[at] = key;
    entries[at + 1] = first;
    entries[at + 2] = 0;
    if (first !== 0) entries[first * ENTRY_WORDS + 2] = entry;
    this.#rows.u32[key * WORDS + WAITING] = entry;
  }

  /** A read that waited does no longer. */
  endWait(entry: number): void {
    const entries = this.#ofEntry.u32;
    const at = entry * ENTRY_WORDS;
    const key = entries[at];
    const next = entries[at + 1];
    const previous = entries[at + 2];
    if (previous === 0) this.#rows.u32[key * WORDS + WAITING] = next;
    else entries[previous * ENTRY_WORDS + 1] = next;
    if (next !== 0) entries[next * ENTRY_WORDS + 2] = previous;
    this.#releaseUnused(key);
  }

  /** A frame is bound by this key. */
  bind(key: number, frameId: number): void {
    this.#ofFrame.u32[frameId] = key;
    if (this.#rows.u32[key * WORDS + BOUND]++ === 0) this.boundKeys++;
  }

  /** A frame is not bound any more. */
  unbind(frameId: number): void {
    const key = this.#ofFrame.u32[frameId];
    this.#ofFrame.u32[frameId] = 0;
    if (--this.#rows.u32[key * WORDS + BOUND] === 0) this.boundKeys--;
    this.#releaseUnused(key);
  }

  /** Frees the row of a key that nothing is of and no read can find: an own one, or one that was dropped. */
  #releaseUnused(key: number): void {
    const words = this.#rows.u32;
    const row = key * WORDS;
    if (words[row + BOUND] !== 0 || words[row + WAITING] !== 0) return;
    const flags = words[row + FLAGS];
    if ((flags & INDEXED) !== 0) {
      if ((flags & OWN) === 0) return;
      this.#own.remove(key);
    }
    this.#unlink(key);
    words[row + FLAGS] = 0;
    words[row + NEXT] = this.#free;
    this.#free = key;
  }
}
