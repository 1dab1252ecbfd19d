/**
 * The designated sharing area the slow way, written from design §4 (`dlps`, decided) and not from `src/policy`: one
 * object a slot and a pending entry, Sets as queues (first in, first out; delete and add is "to the tail").
 */
import { SlowColdReads } from './slow-cold-reads.js';
import { ZERO_HASH, type Cause, type Held, type Life, type SlowImage, type SlowPolicy } from './slow-engine.js';

const BIND_MICROS = 60_000_000;

export type SlowVictim = 'sharers' | 'clock' | 'lru';
/** Frames (may be Infinity), or a percentage of the memory. */
export type SlowRegion = { frames: number } | { percent: number };

interface Pending {
  readonly serial: number;
  readonly life: Life;
  readonly slot: Slot;
  readonly time: number;
}

interface Slot {
  readonly key: string;
  hash: bigint | null;
  referenced: boolean;
  /** Who read the block since it became resident. */
  readonly readers: Set<Life>;
  readonly bound: Map<Life, Set<number>>;
  readonly pending: Map<Life, Pending>;
  ring: number;
}

interface LifeState {
  group: string;
  readonly bound: Map<number, Slot>;
  readonly pending: Set<Pending>;
  readonly pendingByHash: Map<bigint, Set<Pending>>;
  readonly written: Map<SlowImage, Set<number>>;
  readsSeen: number;
  readsAvoided: number;
  contentChanged: number;
}

const boundFrames = (slot: Slot): number => [...slot.bound.values()].reduce((sum, gfns) => sum + gfns.size, 0);

export class SlowDlps implements SlowPolicy {
  readonly slots = new Map<string, Slot>();
  readonly counts = {
    readsSeen: 0,
    readsIssued: 0,
    readsAvoided: 0,
    readsAvoidedCross: 0,
    readsAvoidedOwn: 0,
    readsIneligible: { unaligned: 0, ownWritten: 0, writableImage: 0 },
    contentChanged: { overwritten: 0, zeroed: 0, unknown: 0, freed: 0 },
    evictions: 0,
    identityConflicts: 0,
    bindExpired: 0,
  };
  readonly #cold = new SlowColdReads<Life>();
  capacity: number;
  /** Told of every frame that is bound to a slot. */
  onBind: (life: Life, gfn: number) => void = () => undefined;

  /** Readers of each block of known zero content; it takes no slot. */
  readonly #zeros = new Map<string, Set<Life>>();
  readonly #rings: [Set<Slot>, Set<Slot>, Set<Slot>] = [new Set(), new Set(), new Set()];
  /** Oldest first. */
  readonly #pending = new Set<Pending>();
  readonly #lives = new Map<Life, LifeState>();
  readonly #imageNumbers = new Map<SlowImage, number>();
  #now = 0;
  #serial = 0;
  /** The slot that answers the newest read, null if it is not eligible or took none. */
  #readSlot: Slot | null = null;

  constructor(
    private readonly region: SlowRegion,
    private readonly victim: SlowVictim,
  ) {
    this.capacity = 'frames' in region ? region.frames : 0;
  }

  timeMoved(now: number): void {
    this.#now = now;
    for (const entry of this.#pending) {
      if (now - entry.time <= BIND_MICROS) return;
      this.#expire(entry);
    }
  }

  memoryChanged(frames: number): void {
    if (!('percent' in this.region)) return;
    this.resize(frames === 0 ? 0 : Math.max(1, Math.floor((frames * this.region.percent) / 100)));
  }

  resize(frames: number): void {
    this.capacity = frames;
    while (this.slots.size > Math.max(0, this.capacity)) this.#evict();
  }

  groupChanged(life: Life): void {
    const state = this.#state(life);
    state.group = life.group;
    for (const entry of state.pending) this.#expire(entry);
    // In the order in which they would be evicted, so that the slots keep it in the rings that they go to.
    for (const slot of this.#rings.flatMap((ring) => [...ring])) {
      for (const gfn of slot.bound.get(life) ?? []) this.#leaveSlot(life, gfn, slot);
      this.#moveRing(slot);
    }
  }

  gone(life: Life): void {
    for (const entry of this.#state(life).pending) this.#expire(entry);
  }

  written(life: Life, image: SlowImage, block: number, count: number): void {
    const written = this.#state(life).written;
    const blocks = written.get(image) ?? new Set();
    written.set(image, blocks);
    for (let i = 0; i < count; i++) blocks.add(block + i);
  }

  read(life: Life, image: SlowImage, block: number, hash: bigint | null, aligned: boolean): void {
    this.#readSlot = null;
    const state = this.#state(life);
    const ineligible = this.counts.readsIneligible;
    if (!aligned) ineligible.unaligned++;
    else if (state.written.get(image)?.has(block) === true) ineligible.ownWritten++;
    else if (!image.readOnly) ineligible.writableImage++;
    else {
      this.counts.readsSeen++;
      state.readsSeen++;
      const key = `${state.group}\n${this.#imageNumber(image)}\n${block}`;
      const readers = this.#readersIfItHits(key, hash);
      this.#cold.read(life, `${this.#imageNumber(image)}\n${block}`, readers !== null);
      if (readers !== null) this.#avoided(life, readers);
      else this.#issued(life, key, hash);
    }
  }

  frameChanged(life: Life, gfn: number, held: Held | undefined, cause: Cause): void {
    const state = this.#state(life);
    const slot = state.bound.get(gfn);
    if (slot !== undefined) {
      if (this.#stays(slot, held, cause)) return;
      this.#leaveSlot(life, gfn, slot);
      this.#moveRing(slot);
      this.#countChange(state, held, cause);
    }
    if (held?.state === 'provisional') {
      if (this.#readSlot !== null) this.#bind(life, gfn, this.#readSlot);
    } else if (held?.state === 'known') {
      const oldest = [...(state.pendingByHash.get(held.hash) ?? [])].sort((a, b) => a.serial - b.serial)[0];
      if (oldest !== undefined) this.#bind(life, gfn, oldest.slot);
    }
  }

  /** Answers from a slot or the marker of a zero block: who read it before, or null if the disk must be asked. */
  #readersIfItHits(key: string, hash: bigint | null): Set<Life> | null {
    const zeroReaders = this.#zeros.get(key);
    if (zeroReaders !== undefined) {
      if (hash === null || hash === ZERO_HASH) return zeroReaders;
      this.counts.identityConflicts++;
      this.#zeros.delete(key);
      return null;
    }
    const slot = this.slots.get(key);
    if (slot === undefined) return null;
    if (slot.hash === null && hash === ZERO_HASH) {
      this.#drop(slot);
      this.#zeros.set(key, slot.readers);
      return slot.readers;
    }
    if (slot.hash === null && hash !== null) this.#adopt(slot, hash);
    if (hash !== null && slot.hash !== hash) {
      this.counts.identityConflicts++;
      this.#drop(slot);
      return null;
    }
    this.#readSlot = slot;
    return slot.readers;
  }

  #avoided(life: Life, readers: Set<Life>): void {
    this.counts.readsAvoided++;
    this.#state(life).readsAvoided++;
    if ([...readers].some((reader) => reader !== life)) this.counts.readsAvoidedCross++;
    else this.counts.readsAvoidedOwn++;
    readers.add(life);
    const slot = this.#readSlot;
    if (slot === null) return;
    slot.referenced = true;
    if (this.victim === 'lru') this.#toTail(slot);
    this.#addPending(life, slot);
    this.#moveRing(slot);
  }

  #issued(life: Life, key: string, hash: bigint | null): void {
    this.counts.readsIssued++;
    if (hash === ZERO_HASH) {
      this.#zeros.set(key, new Set([life]));
      return;
    }
    if (this.capacity < 1) return;
    while (this.slots.size >= this.capacity) this.#evict();
    const readers = new Set([life]);
    const slot: Slot = { key, hash, referenced: false, readers, bound: new Map(), pending: new Map(), ring: 0 };
    this.slots.set(key, slot);
    this.#addPending(life, slot);
    slot.ring = this.#ringOf(slot);
    this.#rings[slot.ring as 0 | 1 | 2].add(slot);
    this.#readSlot = slot;
  }

  /** Whether a bound frame still holds its slot's block. A hash seen in it may be the first known of the slot. */
  #stays(slot: Slot, held: Held | undefined, cause: Cause): boolean {
    if (cause === 'read' && slot !== this.#readSlot) return false;
    if (held?.state === 'provisional') return true;
    if (held?.state !== 'known') return false;
    if (slot.hash === null) this.#adopt(slot, held.hash);
    return slot.hash === held.hash;
  }

  #adopt(slot: Slot, hash: bigint): void {
    slot.hash = hash;
    for (const entry of slot.pending.values()) this.#index(entry);
  }

  #countChange(state: LifeState, held: Held | undefined, cause: Cause): void {
    if (cause === 'gone') return;
    state.contentChanged++;
    const changed = this.counts.contentChanged;
    if (held === undefined || held.state === 'free') changed.freed++;
    else if (held.state === 'zero') changed.zeroed++;
    else if (held.state === 'known' || held.state === 'provisional') changed.overwritten++;
    else changed.unknown++;
  }

  #bind(life: Life, gfn: number, slot: Slot): void {
    this.onBind(life, gfn);
    const entry = slot.pending.get(life);
    if (entry !== undefined) this.#removePending(entry);
    this.#state(life).bound.set(gfn, slot);
    slot.bound.set(life, (slot.bound.get(life) ?? new Set()).add(gfn));
    this.#moveRing(slot);
  }

  #leaveSlot(life: Life, gfn: number, slot: Slot): void {
    this.#state(life).bound.delete(gfn);
    const gfns = slot.bound.get(life) ?? new Set();
    gfns.delete(gfn);
    if (gfns.size === 0) slot.bound.delete(life);
  }

  #addPending(life: Life, slot: Slot): void {
    if (slot.pending.has(life)) return;
    const entry: Pending = { serial: this.#serial++, life, slot, time: this.#now };
    slot.pending.set(life, entry);
    this.#pending.add(entry);
    this.#state(life).pending.add(entry);
    this.#index(entry);
  }

  #index(entry: Pending): void {
    const hash = entry.slot.hash;
    if (hash === null) return;
    const index = this.#state(entry.life).pendingByHash;
    index.set(hash, (index.get(hash) ?? new Set()).add(entry));
  }

  #removePending(entry: Pending): void {
    const state = this.#state(entry.life);
    entry.slot.pending.delete(entry.life);
    this.#pending.delete(entry);
    state.pending.delete(entry);
    if (entry.slot.hash !== null) state.pendingByHash.get(entry.slot.hash)?.delete(entry);
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

  /** Bound sharers get their frames back in their own reservations: their content does not change. */
  #drop(slot: Slot): void {
    for (const ring of this.#rings) ring.delete(slot);
    this.slots.delete(slot.key);
    for (const entry of slot.pending.values()) {
      this.#removePending(entry);
      this.counts.bindExpired++;
    }
    for (const [life, gfns] of slot.bound) for (const gfn of gfns) this.#state(life).bound.delete(gfn);
  }

  #toTail(slot: Slot): void {
    const ring = this.#rings[slot.ring as 0 | 1 | 2];
    ring.delete(slot);
    ring.add(slot);
  }

  #ringOf(slot: Slot): number {
    if (this.victim !== 'sharers') return 0;
    return Math.min(2, new Set([...slot.bound.keys(), ...slot.pending.keys()]).size);
  }

  #moveRing(slot: Slot): void {
    const ring = this.#ringOf(slot);
    if (ring === slot.ring || this.slots.get(slot.key) !== slot) return;
    this.#rings[slot.ring as 0 | 1 | 2].delete(slot);
    slot.ring = ring;
    this.#rings[ring as 0 | 1 | 2].add(slot);
  }

  #state(life: Life): LifeState {
    let state = this.#lives.get(life);
    if (state === undefined) {
      const reads = { pending: new Set<Pending>(), pendingByHash: new Map(), written: new Map() };
      const counts = { readsSeen: 0, readsAvoided: 0, contentChanged: 0 };
      state = { group: life.group, bound: new Map(), ...reads, ...counts };
      this.#lives.set(life, state);
    }
    return state;
  }

  #imageNumber(image: SlowImage): number {
    const number = this.#imageNumbers.get(image) ?? this.#imageNumbers.size;
    this.#imageNumbers.set(image, number);
    return number;
  }

  /** As DlpsFigures. */
  figures() {
    const slots = [...this.slots.values()];
    const refs = slots.map(boundFrames);
    const idleSlots = refs.filter((n) => n === 0).length;
    const savedFrames = refs.reduce((sum, n) => sum + Math.max(0, n - 1), 0);
    const known = slots.map(({ hash }) => hash).filter((hash) => hash !== null);
    return {
      regionFrames: this.capacity === Number.POSITIVE_INFINITY ? null : this.capacity,
      residentSlots: slots.length,
      idleSlots,
      duplicateSlots: known.length - new Set(known).size,
      boundFrames: refs.reduce((sum, n) => sum + n, 0),
      savedFrames,
      netSavedFrames: savedFrames - idleSlots,
      ...this.counts,
      ...this.#cold.all,
    };
  }

  /** Slots with at least two bound frames. */
  sharedFrames(): number {
    return [...this.slots.values()].filter((slot) => boundFrames(slot) >= 2).length;
  }

  /** Frames that hold this content and are bound to a slot that is shared. */
  sharedRefs(hash: bigint): number {
    let refs = 0;
    for (const slot of this.slots.values()) {
      if (slot.hash !== hash || boundFrames(slot) < 2) continue;
      for (const [life, gfns] of slot.bound) {
        for (const gfn of gfns) if (life.frames.get(gfn)?.state === 'known') refs++;
      }
    }
    return refs;
  }

  /** As DomainPolicyFigures. */
  domainFigures(life: Life) {
    const { bound, readsSeen, readsAvoided, contentChanged } = this.#state(life);
    let sharedFrames = 0;
    let fairSavedFrames = 0;
    for (const slot of bound.values()) {
      const refs = boundFrames(slot);
      if (refs >= 2) sharedFrames++;
      fairSavedFrames += (refs - 1) / refs;
    }
    return { sharedFrames, fairSavedFrames, readsSeen, readsAvoided, ...this.#cold.of(life), contentChanged };
  }
}
