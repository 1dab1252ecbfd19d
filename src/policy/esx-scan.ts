import { Column } from '../base/column.js';
import type { EngineView } from '../engine/effects.js';
import {
  CHUNK_FRAMES,
  CHUNK_SHIFT,
  FIRST_CONTENT,
  STATE_PROVISIONAL,
  STATE_UNKNOWN,
  STATE_ZERO,
} from '../engine/layout.js';
import { FILL_CLASS } from '../trace/record.js';
import type { EsxKnobs } from './esx-knobs.js';
import { CopyTable } from './parts/copy-table.js';
import { mix32, RandomOrder } from './parts/random-order.js';
import { ScanClock } from './parts/scan-clock.js';

/** Kinds of copies: one that shares, and one frame that waits for a match. */
const KIND_HINT = 0;
export const KIND_SHARED = 1;

/** Word of a frame: what it holds, whether it is scanned at all, and whether a visit would find something to do. */
export const HELD_MASK = 0x03ffffff;
export const PENDING = 0x40000000;
export const SCANNED = 0x80000000;

const BATCHES_A_SECOND = 50;
const BATCH_MICROS = 20_000;

/** One life of a domain, as the scan knows it. */
export class EsxDomain {
  readonly order = new RandomOrder();
  /** Rounds begun. */
  round = 0;
  /** Frames that are scanned, and those of them that changed since they were visited. */
  scanned = 0;
  pending = 0;
  /** Visits that are due and find nothing to do: only the place in the order is not brought up to date yet. */
  debt = 0;

  constructor(
    readonly slot: number,
    readonly life: number,
    public group: number,
  ) {}
}

/**
 * The scan of `esx` (docs/POLICIES.md): domains in turn, the frames of each in a random order. A visit to a frame that
 * has not changed since the last one does nothing, so those visits are counted, and the place in the order is moved
 * past them later; a domain without changes costs a step a visit, and whole rounds of it nothing.
 */
export class EsxScan {
  readonly clock = new ScanClock(BATCH_MICROS);
  readonly copies: CopyTable;
  /** By frame id: HELD_MASK, PENDING, SCANNED. */
  readonly #held = new Column('frames of esx', 0);
  /** By chunk of the frame table: the life that it belongs to. */
  #chunkLife = new Uint32Array(64);
  readonly #bySlot: (EsxDomain | undefined)[] = [];
  /** In the order in which they appeared. */
  readonly #domains: EsxDomain[] = [];
  /** Behind the domain that was visited last. */
  #turn = 0;
  /** Domains with a frame to scan, and frames pending in all of them. */
  #active = 0;
  #pending = 0;
  /** Visits left of the batch under way. */
  #left = 0;
  visits = 0;
  rounds = 0;
  hints = 0;
  staleHints = 0;
  /** Some frame or copy was left out for want of memory. */
  isIncomplete = false;

  constructor(
    private readonly engine: EngineView,
    private readonly knobs: EsxKnobs,
  ) {
    this.copies = new CopyTable(
      (frameId) => engine.domainOfFrame(frameId),
      (kind) => kind === KIND_SHARED,
    );
  }

  /** Bytes held. */
  get bytes(): number {
    return this.copies.bytes + this.#held.bytes + this.#chunkLife.byteLength;
  }

  /** Makes room for the frames that there are; those that do not fit are left out. */
  reserveFrames(): void {
    const frames = this.engine.frameIdEnd();
    const held = this.#held;
    if (frames <= held.u32.length) return;
    if (!this.engine.hasRoom(held.growthBytes(frames, true) + this.copies.frameGrowthBytes(frames))) return;
    held.reserve(frames, true);
    this.copies.reserveFrames(held.u32.length);
    if (held.u32.length >>> CHUNK_SHIFT >= this.#chunkLife.length) {
      const grown = new Uint32Array((held.u32.length >>> CHUNK_SHIFT) * 2);
      grown.set(this.#chunkLife);
      this.#chunkLife = grown;
    }
  }

  /** Frame ids below this are known. */
  get knownFrames(): number {
    return this.#held.u32.length;
  }
  /** What a frame holds and whether it is scanned (words above); 0 for one that is not known. */
  wordOf(frameId: number): number {
    return frameId < this.#held.u32.length ? this.#held.u32[frameId] : 0;
  }

  /** The domain that lives in a slot. */
  domainOf(slot: number): EsxDomain | undefined {
    return this.#bySlot[slot];
  }

  // --- effects -------------------------------------------------------------------------------------------------

  /** A domain appears. */
  startDomain(slot: number, group: number, life: number): void {
    const domain = new EsxDomain(slot, life, group);
    this.#bySlot[slot] = domain;
    this.#domains.push(domain);
    this.copies.startDomain(slot);
  }

  /** A domain is gone; its frames were released before. */
  endDomain(slot: number): void {
    const domain = this.#bySlot[slot];
    if (domain === undefined) return;
    const place = this.#domains.indexOf(domain);
    this.#domains.splice(place, 1);
    if (place < this.#turn) this.#turn--;
    this.#bySlot[slot] = undefined;
  }

  /** All of a domain's frames leave their copies and are to be visited again. */
  changeGroup(slot: number, group: number): void {
    const domain = this.#bySlot[slot];
    if (domain === undefined) return;
    this.#walk(domain, Number.POSITIVE_INFINITY);
    const words = this.#held.u32;
    for (let place = 0; place < domain.order.chunks; place++) {
      const base = domain.order.baseOf(place);
      for (let frameId = base; frameId < base + CHUNK_FRAMES; frameId++) {
        if (this.copies.copyOf(frameId) === 0) continue;
        this.#leave(domain, frameId);
        words[frameId] |= PENDING;
        domain.pending++;
        this.#pending++;
      }
    }
    domain.group = group;
  }

  /**
   * A frame becomes `next`, a content or a state. Returns whether it left a shared copy.
   * @param fillClass of the fill
   */
  setFrame(slot: number, frameId: number, next: number, fillClass: number): boolean {
    const domain = this.#bySlot[slot];
    const words = this.#held.u32;
    if (domain === undefined || frameId >= words.length) {
      this.#leaveOut();
      return false;
    }
    if (domain.debt > 0) this.#walk(domain, Number.POSITIVE_INFINITY);
    if (this.#chunkLife[frameId >>> CHUNK_SHIFT] !== domain.life) {
      this.#chunkLife[frameId >>> CHUNK_SHIFT] = domain.life;
      domain.order.addChunk(frameId - (frameId % CHUNK_FRAMES));
    }
    const wasShared = this.copies.copyOf(frameId) !== 0 && this.#leave(domain, frameId);
    const before = words[frameId];
    let word = next;
    if (next >= FIRST_CONTENT || (next === STATE_ZERO && fillClass !== FILL_CLASS.thpZero)) word |= SCANNED | PENDING;
    else if (next === STATE_UNKNOWN || next === STATE_PROVISIONAL) word |= SCANNED;
    words[frameId] = word;
    if (((word ^ before) & SCANNED) !== 0) this.#countScanned(domain, (word & SCANNED) !== 0 ? 1 : -1);
    const pending = ((word >>> 30) & 1) - ((before >>> 30) & 1);
    domain.pending += pending;
    this.#pending += pending;
    return wasShared;
  }

  #countScanned(domain: EsxDomain, more: number): void {
    if (domain.scanned === 0) this.#active++;
    domain.scanned += more;
    if (domain.scanned === 0) this.#active--;
  }

  /** Takes a frame from its copy or ends its hint; returns whether it was a shared copy. */
  #leave(domain: EsxDomain, frameId: number): boolean {
    const copies = this.copies;
    const copy = copies.leave(frameId, domain.slot);
    const isHint = copies.kindOf(copy) === KIND_HINT;
    if (isHint) {
      this.hints--;
      this.staleHints++;
    }
    if (copies.refs(copy) === 0) copies.remove(copy);
    return !isHint;
  }

  #leaveOut(): void {
    this.isIncomplete = true;
    this.engine.countUnmodelled();
  }

  // --- visits --------------------------------------------------------------------------------------------------

  /** Does about `work` of the visits that are due; true if more are. */
  catchUp(work = Number.POSITIVE_INFINITY): boolean {
    let left = work;
    while (this.#left > 0 || this.clock.owed > 0) {
      if (left <= 0) return true;
      if (this.#left > 0) {
        const visits = this.#pending === 0 ? this.#left : Math.min(this.#left, left);
        this.#left -= visits;
        left -= this.#visitInTurn(visits);
        continue;
      }
      // Nothing to find: how many visits there are is all that matters.
      const batches = this.#pending === 0 ? this.clock.owed : 1;
      this.#left = this.#visitsOf(this.clock.take(batches), batches);
      left--;
    }
    return this.#payDebts(left);
  }

  /** As `catchUp`, for visits that the clock does not give; until every frame was visited since it changed. */
  converge(work: number): boolean {
    if (this.catchUp(work)) return true;
    if (this.knobs.rate === 0 || this.knobs.rate_per_domain === 0) return false;
    if (this.#pending > 0) this.#visitInTurn(work);
    return this.#pending > 0 || this.#payDebts(work);
  }

  /** Visits of `count` batches, the first of number `first`, while the domains stay as they are. */
  #visitsOf(first: number, count: number): number {
    let visits = 0;
    for (let i = 0; i < Math.min(count, BATCHES_A_SECOND); i++) {
      const ofHost = creditOf(first + i, this.knobs.rate);
      const ofDomains = this.#active * creditOf(first + i, this.knobs.rate_per_domain);
      // Batches a second apart have the same credit.
      visits += Math.ceil((count - i) / BATCHES_A_SECOND) * Math.min(ofHost, ofDomains);
    }
    return visits;
  }

  /** So many visits, by one domain after the other; returns about how much work it was. */
  #visitInTurn(visits: number): number {
    for (let done = 0; done < visits; done++) {
      if (this.#pending === 0) {
        this.#owe(visits - done);
        return done + 1;
      }
      this.visits++;
      const domain = this.#nextInTurn();
      if (domain.pending === 0) domain.debt++;
      else this.#visit(domain);
    }
    return visits;
  }

  #nextInTurn(): EsxDomain {
    for (;;) {
      if (this.#turn >= this.#domains.length) this.#turn = 0;
      const domain = this.#domains[this.#turn++];
      if (domain.scanned > 0) return domain;
    }
  }

  /** So many visits of domains without pending frames. */
  #owe(visits: number): void {
    this.visits += visits;
    const each = Math.floor(visits / this.#active);
    for (const domain of this.#domains) if (domain.scanned > 0) domain.debt += each;
    for (let i = visits - each * this.#active; i > 0; i--) this.#nextInTurn().debt++;
  }

  /** Brings the places of domains up to date by about `work` visits; true if more are left. */
  #payDebts(work: number): boolean {
    let left = work;
    for (const domain of this.#domains) {
      if (domain.debt > 0) left -= this.#walk(domain, left);
      if (left <= 0) return true;
    }
    return false;
  }

  /** Pays a domain's debt, up to `work` visits of it; returns how many of them were walked. */
  #walk(domain: EsxDomain, work: number): number {
    const words = this.#held.u32;
    const { order } = domain;
    let walked = 0;
    while (domain.debt > 0 && walked < work) {
      const frameId = order.next();
      if (frameId < 0) {
        // Whole rounds leave everything as it is, but for their number. The last visit is always walked: it
        // leaves the place behind that frame, where a frame that is filled later may still be ahead.
        const rounds = Math.floor((domain.debt - 1) / domain.scanned);
        domain.round += rounds;
        this.rounds += rounds;
        domain.debt -= rounds * domain.scanned;
        this.#beginRound(domain);
      } else if ((words[frameId] & SCANNED) !== 0) {
        domain.debt--;
        walked++;
      }
    }
    return walked;
  }

  #beginRound(domain: EsxDomain): void {
    if (domain.round > 0) this.rounds++;
    domain.round++;
    domain.order.begin(mix32(this.knobs.seed, domain.life));
  }

  /** Visits the next frame of a domain's order. */
  #visit(domain: EsxDomain): void {
    const words = this.#held.u32;
    for (;;) {
      const frameId = domain.order.next();
      if (frameId < 0) {
        this.#beginRound(domain);
        continue;
      }
      const word = words[frameId];
      if ((word & SCANNED) === 0) continue;
      if ((word & PENDING) !== 0) this.#examine(domain, frameId, word);
      return;
    }
  }

  /** The visit of a frame that changed since the last one: rules 3 to 5 of docs/POLICIES.md. */
  #examine(domain: EsxDomain, frameId: number, word: number): void {
    this.#held.u32[frameId] = word & ~PENDING;
    domain.pending--;
    this.#pending--;
    const { copies } = this;
    const content = word & HELD_MASK;
    let copy = copies.find(domain.group, content);
    if (copy === 0) {
      if (!this.engine.hasRoom(copies.growthBytes(content))) {
        this.#leaveOut();
        return;
      }
      copy = copies.add(domain.group, content);
      this.hints++;
    } else if (copies.kindOf(copy) === KIND_HINT) {
      copies.setKind(copy, KIND_SHARED);
      this.hints--;
    }
    copies.join(copy, frameId, domain.slot);
  }
}

/** The visits that a rate (a second) gives to a batch, numbered from 1; any 50 in a row get the whole rate. */
function creditOf(batch: number, rate: number): number {
  const rest = rate % BATCHES_A_SECOND;
  const carried = Math.floor((batch * rest) / BATCHES_A_SECOND) - Math.floor(((batch - 1) * rest) / BATCHES_A_SECOND);
  return Math.floor(rate / BATCHES_A_SECOND) + carried;
}
