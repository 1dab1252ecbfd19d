/**
 * Sharing-aware block devices the slow way, written from docs/POLICIES.md (satori, rules 1–9) and not from
 * `src/policy`: a slot is a content, its keys are the blocks that are known to hold it.
 */
import { SlowColdReads } from './slow-cold-reads.js';
import { ZERO_HASH, type Cause, type Held, type Life, type SlowImage, type SlowPolicy } from './slow-engine.js';
import type { SlowRegion, SlowVictim } from './slow-dlps.js';
import {
  areaFigures,
  attribution,
  type Block,
  type Bound,
  countChange,
  type Key,
  type LifeState,
  newCounts,
  newLifeState,
  sharedRefs,
  type Pending,
  type Slot,
} from './slow-satori-slots.js';

const BIND_MICROS = 60_000_000;
const ENOMEM_LISTED = 64;

const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

export class SlowSatori implements SlowPolicy {
  readonly slots = new Set<Slot>();
  readonly counts = newCounts();
  readonly #cold = new SlowColdReads<Life>();
  readonly own = { contentHits: 0, broken: 0, repaid: 0, enomem: 0 };
  readonly enomemEvents: { timeMicros: number; domain: string }[] = [];
  capacity: number;

  readonly #keys = new Map<string, Key>();
  readonly #rings: [Set<Slot>, Set<Slot>, Set<Slot>] = [new Set(), new Set(), new Set()];
  /** Oldest first. */
  readonly #pending = new Set<Pending>();
  readonly #lives = new Map<Life, LifeState>();
  readonly #imageNumbers = new Map<SlowImage, number>();
  #now = 0;
  #serial = 0;
  /** The slot of the newest read, and where it was read from; null if it has none. */
  #read: { slot: Slot; block: Block } | null = null;

  constructor(
    private readonly region: SlowRegion,
    private readonly victim: SlowVictim,
    private readonly fifoFrames: number,
  ) {
    this.capacity = 'frames' in region ? region.frames : 0;
  }

  timeMoved(now: number): void {
    this.#now = now;
    for (const entry of this.#pending) if (now - entry.time > BIND_MICROS) this.#expire(entry);
  }

  memoryChanged(frames: number): void {
    if (!('percent' in this.region)) return;
    this.capacity = frames === 0 ? 0 : Math.max(1, Math.floor((frames * this.region.percent) / 100));
    while (this.slots.size > this.capacity) this.#evict();
  }

  groupChanged(life: Life): void {
    const state = this.#state(life);
    state.group = life.group;
    this.#expireOf(life);
    // In the order in which they would be evicted, so that the slots keep it in the rings that they go to.
    for (const slot of this.#rings.flatMap((ring) => [...ring])) {
      for (const bound of slot.bound) if (bound.life === life) this.#leaveSlot(bound);
      this.#moveRing(slot);
    }
  }

  gone(life: Life): void {
    this.#expireOf(life);
  }

  written(life: Life, image: SlowImage, block: number, count: number): void {
    const written = this.#state(life).written;
    const blocks = written.get(image) ?? new Set();
    written.set(image, blocks);
    for (let i = 0; i < count; i++) blocks.add(block + i);
  }

  read(life: Life, image: SlowImage, block: number, hash: bigint | null, aligned: boolean): void {
    this.#read = null;
    const state = this.#state(life);
    const ineligible = this.counts.readsIneligible;
    const address = `${this.#imageNumber(image)}/${block}`;
    if (!aligned) {
      ineligible.unaligned++;
      return;
    }
    const isWritten = state.written.get(image)?.has(block) === true;
    if (isWritten || !image.readOnly) {
      ineligible[isWritten ? 'ownWritten' : 'writableImage']++;
      if (hash !== null && hash !== ZERO_HASH) this.#readContent(life, hash, `${life.id}/${address}`);
      return;
    }
    this.counts.readsSeen++;
    state.readsSeen++;
    const name = `${state.group}\n${address}`;
    const key = this.#keyIfItHits(name, hash);
    this.#cold.read(life, address, key !== null);
    if (key !== null) this.#avoided(life, key);
    else this.#issued(life, name, hash);
  }

  frameChanged(life: Life, gfn: number, held: Held | undefined, cause: Cause): void {
    const state = this.#state(life);
    const bound = state.bound.get(gfn);
    if (bound !== undefined) {
      if (this.#stays(bound.slot, held, cause)) return;
      const { slot } = bound;
      this.#leaveSlot(bound);
      this.#moveRing(slot);
      const breaks = cause !== 'gone' && countChange(state, this.counts, held);
      if (breaks && slot.bound.size > 0) this.#repay(life);
    }
    if (held?.state === 'provisional') {
      const read = this.#read;
      if (read === null || !this.slots.has(read.slot)) return;
      this.#bind(life, gfn, this.#entry(life, read.slot, read.block));
    } else if (held?.state === 'known') {
      const entries = [...this.#pending].filter((entry) => entry.life === life && entry.slot.hash === held.hash);
      this.#bind(life, gfn, entries.sort((a, b) => a.serial - b.serial)[0]);
    }
  }

  /** Answers from a slot or a key of zeros; null if the disk must be asked. */
  #keyIfItHits(name: string, hash: bigint | null): Key | null {
    const key = this.#keys.get(name);
    if (key === undefined) return null;
    const { slot } = key;
    if (slot !== null && slot.hash === null && hash !== null) {
      if (hash === ZERO_HASH) {
        slot.keys.delete(key);
        key.slot = null;
        this.#drop(slot);
      } else this.#adopt(slot, hash);
      return key;
    }
    if (hash === null || hash === (slot === null ? ZERO_HASH : slot.hash)) return key;
    this.counts.identityConflicts++;
    this.#keys.delete(name);
    slot?.keys.delete(key);
    return null;
  }

  #avoided(life: Life, key: Key): void {
    this.counts.readsAvoided++;
    this.#state(life).readsAvoided++;
    if ([...key.readers].some((reader) => reader !== life)) this.counts.readsAvoidedCross++;
    else this.counts.readsAvoidedOwn++;
    key.readers.add(life);
    if (key.slot !== null) this.#hit(life, key.slot, key);
  }

  #issued(life: Life, name: string, hash: bigint | null): void {
    this.counts.readsIssued++;
    const key: Key = { name, slot: null, readers: new Set([life]) };
    if (hash === ZERO_HASH) this.#keys.set(name, key);
    else this.#readContent(life, hash, key);
  }

  /** After a read: a slot by content, or a new one. */
  #readContent(life: Life, hash: bigint | null, block: Block): void {
    const group = this.#state(life).group;
    let slot = this.#slotOf(group, hash);
    if (slot !== undefined) {
      this.own.contentHits++;
      this.#hit(life, slot, block);
    } else {
      if (this.capacity < 1) return;
      while (this.slots.size >= this.capacity) this.#evict();
      slot = { group, hash, referenced: false, keys: new Set(), bound: new Set(), pending: new Set(), ring: 0 };
      this.slots.add(slot);
      this.#addPending(life, slot, block);
      slot.ring = this.#ringOf(slot);
      this.#rings[slot.ring as 0 | 1 | 2].add(slot);
      this.#read = { slot, block };
    }
    if (typeof block === 'string') return;
    block.slot = slot;
    slot.keys.add(block);
    this.#keys.set(block.name, block);
  }

  #hit(life: Life, slot: Slot, block: Block): void {
    slot.referenced = true;
    if (this.victim === 'lru') this.#toTail(slot);
    this.#addPending(life, slot, block);
    this.#moveRing(slot);
    this.#read = { slot, block };
  }

  #slotOf(group: string, hash: bigint | null): Slot | undefined {
    if (hash === null) return undefined;
    return [...this.slots].find((slot) => slot.group === group && slot.hash === hash);
  }

  /** Whether a bound frame still holds its slot's content. A hash seen in it may be the first known of the slot. */
  #stays(slot: Slot, held: Held | undefined, cause: Cause): boolean {
    if (cause === 'read' && slot !== this.#read?.slot) return false;
    if (held?.state === 'provisional') return true;
    if (held?.state !== 'known') return false;
    if (slot.hash === null) {
      this.#adopt(slot, held.hash);
      return true;
    }
    return slot.hash === held.hash;
  }

  /** The content of a slot was seen: it becomes part of the slot of that content, if there is one. */
  #adopt(slot: Slot, hash: bigint): void {
    const other = this.#slotOf(slot.group, hash);
    if (other === undefined) {
      slot.hash = hash;
      return;
    }
    for (const ring of this.#rings) ring.delete(slot);
    this.slots.delete(slot);
    for (const key of slot.keys) {
      key.slot = other;
      other.keys.add(key);
    }
    for (const entry of slot.pending) {
      entry.slot = other;
      other.pending.add(entry);
    }
    for (const bound of slot.bound) {
      bound.slot = other;
      other.bound.add(bound);
    }
    if (other.bound.size > 1) for (const bound of other.bound) this.#state(bound.life).fifo.delete(bound);
    this.#moveRing(other);
  }

  /** The domain needs a frame for its copy. */
  #repay(life: Life): void {
    this.own.broken++;
    const [oldest] = this.#state(life).fifo;
    if (oldest === undefined) {
      this.own.enomem++;
      this.enomemEvents.push({ timeMicros: this.#now, domain: life.key });
      if (this.enomemEvents.length > ENOMEM_LISTED) this.enomemEvents.shift();
      return;
    }
    this.own.repaid++;
    this.#drop(oldest.slot);
  }

  #bind(life: Life, gfn: number, entry: Pending | undefined): void {
    if (entry === undefined) return;
    const { slot, block } = entry;
    this.#removePending(entry);
    const bound: Bound = { life, gfn, block, slot };
    slot.bound.add(bound);
    this.#state(life).bound.set(gfn, bound);
    if (slot.bound.size === 1) this.#joinFifo(bound);
    else for (const other of slot.bound) this.#state(other.life).fifo.delete(other);
    this.#moveRing(slot);
  }

  #joinFifo(bound: Bound): void {
    const { fifo } = this.#state(bound.life);
    if (fifo.size < this.fifoFrames) fifo.add(bound);
  }

  #unbind(bound: Bound): void {
    this.#state(bound.life).bound.delete(bound.gfn);
    this.#state(bound.life).fifo.delete(bound);
  }

  #leaveSlot(bound: Bound): void {
    const { slot } = bound;
    slot.bound.delete(bound);
    this.#unbind(bound);
    const [other] = slot.bound;
    if (slot.bound.size === 1) this.#joinFifo(other);
  }

  #entry(life: Life, slot: Slot, block: Block): Pending | undefined {
    return [...slot.pending].find((entry) => entry.life === life && entry.block === block);
  }

  #addPending(life: Life, slot: Slot, block: Block): void {
    if (this.#entry(life, slot, block) !== undefined) return;
    const entry: Pending = { serial: this.#serial++, life, block, time: this.#now, slot };
    slot.pending.add(entry);
    this.#pending.add(entry);
  }

  #removePending(entry: Pending): void {
    entry.slot.pending.delete(entry);
    this.#pending.delete(entry);
  }

  #expireOf(life: Life): void {
    for (const entry of this.#pending) if (entry.life === life) this.#expire(entry);
  }

  #expire(entry: Pending): void {
    this.#removePending(entry);
    this.counts.bindExpired++;
    this.#moveRing(entry.slot);
  }

  #evict(): void {
    const ring = this.#rings.find(({ size }) => size > 0);
    if (ring === undefined) throw new Error('nothing to evict');
    for (;;) {
      const [head] = ring;
      if (!head.referenced || this.victim === 'lru') {
        this.counts.evictions++;
        this.#drop(head);
        return;
      }
      head.referenced = false;
      this.#toTail(head);
    }
  }

  /** The slot goes with its keys and entries; its frames are private. */
  #drop(slot: Slot): void {
    for (const ring of this.#rings) ring.delete(slot);
    this.slots.delete(slot);
    for (const key of slot.keys) this.#keys.delete(key.name);
    for (const entry of slot.pending) {
      this.#removePending(entry);
      this.counts.bindExpired++;
    }
    for (const bound of slot.bound) this.#unbind(bound);
  }

  #toTail(slot: Slot): void {
    this.#rings[slot.ring as 0 | 1 | 2].delete(slot);
    this.#rings[slot.ring as 0 | 1 | 2].add(slot);
  }

  #ringOf(slot: Slot): number {
    if (this.victim !== 'sharers') return 0;
    return Math.min(2, new Set([...slot.bound, ...slot.pending].map(({ life }) => life)).size);
  }

  #moveRing(slot: Slot): void {
    const ring = this.#ringOf(slot);
    if (ring === slot.ring || !this.slots.has(slot)) return;
    this.#rings[slot.ring as 0 | 1 | 2].delete(slot);
    slot.ring = ring;
    this.#rings[ring as 0 | 1 | 2].add(slot);
  }

  #state(life: Life): LifeState {
    const state = this.#lives.get(life) ?? newLifeState(life.group);
    this.#lives.set(life, state);
    return state;
  }

  #imageNumber(image: SlowImage): number {
    const number = this.#imageNumbers.get(image) ?? this.#imageNumbers.size;
    this.#imageNumbers.set(image, number);
    return number;
  }

  /** As the figures of dlps. */
  area() {
    const regionFrames = this.capacity === Number.POSITIVE_INFINITY ? null : this.capacity;
    return { regionFrames, ...areaFigures(this.slots), ...this.counts, ...this.#cold.all };
  }

  /** Keys, those of zero content too. */
  get keys(): number {
    return this.#keys.size;
  }

  /** What satori has beside those. */
  figures() {
    const fifoFrames = sum([...this.#lives.values()].map(({ fifo }) => fifo.size));
    return { ...attribution(this.slots), ...this.own, enomemEvents: [...this.enomemEvents], fifoFrames };
  }

  /** Frames that hold this content and are bound to a slot that is shared. */
  sharedRefs(hash: bigint): number {
    return sharedRefs(this.slots, hash);
  }

  /** As DomainPolicyFigures. */
  domainFigures(life: Life) {
    const { bound, readsSeen, readsAvoided, contentChanged } = this.#state(life);
    const refs = [...bound.values()].map(({ slot }) => slot.bound.size);
    const fairSavedFrames = sum(refs.map((n) => (n - 1) / n));
    const sharedFrames = refs.filter((n) => n >= 2).length;
    return { sharedFrames, fairSavedFrames, readsSeen, readsAvoided, ...this.#cold.of(life), contentChanged };
  }
}
