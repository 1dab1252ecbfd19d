import { Column } from '../base/column.js';
import type { EngineView } from '../engine/effects.js';
import { CHUNK_FRAMES, CHUNK_SHIFT } from '../engine/layout.js';
import type { EsxKnobs } from './esx-knobs.js';
import { MergeScanner } from './parts/merge-scanner.js';
import { mix32, RandomOrder } from './parts/random-order.js';
import { SavedPageSeconds } from './parts/page-seconds.js';
import { ScanPace } from './parts/scan-pace.js';
import { HELD_NOTHING } from './parts/scanned-frames.js';

/**
 * ESX's hints are the unstable tree of KSM in a pass that never ends, its shared frames stable copies without a limit;
 * zeros are content like any other.
 */
const RULES = { max_page_sharing: Number.POSITIVE_INFINITY, use_zero_pages: 0 };

const BATCHES_A_SECOND = 50;
const BATCH_MILLIS = 1000 / BATCHES_A_SECOND;

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
  ) {}
}

/**
 * The scan of `esx` (docs/POLICIES.md): domains in turn, the frames of each in a random order. A visit to a frame that
 * has not changed since the last one does nothing, so those visits are counted, and the place in the order is moved
 * past them later; a domain without changes costs a step a visit, and whole rounds of it nothing.
 */
export class EsxScan {
  /** What it owes are batches. */
  readonly pace = new ScanPace(1, BATCH_MILLIS);
  readonly merges: MergeScanner;
  /** A bit a frame id: it is visited at all; it changed since it was visited. Small, so that a step is quick. */
  readonly #scanned = new Column('frames of esx', 0);
  readonly #changed = new Column('changed frames of esx', 0);
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
  /** Batches begun, and visits left of the one under way. */
  #batches = 0;
  #left = 0;
  readonly pageSeconds = new SavedPageSeconds();
  visits = 0;
  rounds = 0;
  staleHints = 0;

  constructor(
    private readonly engine: EngineView,
    private readonly knobs: EsxKnobs,
  ) {
    this.merges = new MergeScanner(engine, RULES);
  }

  /** Bytes held. */
  get bytes(): number {
    return this.merges.bytes + this.#scanned.bytes + this.#changed.bytes + this.#chunkLife.byteLength;
  }

  /** Makes room for the frames that there are; those that do not fit are left out. */
  reserveFrames(): void {
    this.merges.reserveFrames();
    const frames = this.merges.frames.end;
    const words = Math.ceil(frames / 32);
    if (words <= this.#scanned.u32.length) return;
    this.#scanned.reserve(words);
    this.#changed.reserve(words);
    if (frames >>> CHUNK_SHIFT >= this.#chunkLife.length) {
      const grown = new Uint32Array((frames >>> CHUNK_SHIFT) * 2);
      grown.set(this.#chunkLife);
      this.#chunkLife = grown;
    }
  }

  /** Whether a visit would find something to do in a frame. */
  isPending(frameId: number): boolean {
    return ((this.#changed.u32[frameId >>> 5] >>> (frameId & 31)) & 1) !== 0;
  }

  /** The domain that lives in a slot. */
  domainOf(slot: number): EsxDomain | undefined {
    return this.#bySlot[slot];
  }

  // --- effects -------------------------------------------------------------------------------------------------

  /** A domain appears. */
  startDomain(slot: number, group: number, life: number): void {
    const domain = new EsxDomain(slot, life);
    this.#bySlot[slot] = domain;
    this.#domains.push(domain);
    this.merges.startDomain(slot, group);
  }

  /** A domain is gone; its frames were released before. */
  endDomain(slot: number): void {
    const domain = this.#bySlot[slot];
    if (domain === undefined) return;
    const place = this.#domains.indexOf(domain);
    this.#domains.splice(place, 1);
    if (place < this.#turn) this.#turn--;
    this.#bySlot[slot] = undefined;
    this.merges.endDomain(slot);
  }

  /** All of a domain's frames leave their copies and are to be visited again. */
  changeGroup(slot: number, group: number): void {
    const domain = this.#bySlot[slot];
    if (domain === undefined) return;
    this.#walk(domain, Number.POSITIVE_INFINITY);
    const hints = this.merges.unshared;
    this.merges.changeGroup(slot, group);
    this.staleHints += hints - this.merges.unshared;
    this.#allChanged(domain);
  }

  /** Every frame of a domain that is scanned is pending. */
  #allChanged(domain: EsxDomain): void {
    const scanned = this.#scanned.u32;
    for (let place = 0; place < domain.order.chunks; place++) {
      const word = domain.order.baseOf(place) >>> 5;
      this.#changed.u32.set(scanned.subarray(word, word + CHUNK_FRAMES / 32), word);
    }
    this.#pending += domain.scanned - domain.pending;
    domain.pending = domain.scanned;
  }

  /** A frame becomes `next`, a content or a state. @param fillClass of the fill */
  setFrame(slot: number, frameId: number, next: number, fillClass: number, cause: number): void {
    const { merges } = this;
    const domain = this.#bySlot[slot];
    if (domain === undefined || frameId >= merges.frames.end) {
      this.engine.countUnmodelled();
      return;
    }
    if (domain.debt > 0) this.#walk(domain, Number.POSITIVE_INFINITY);
    if (this.#chunkLife[frameId >>> CHUNK_SHIFT] !== domain.life) {
      this.#chunkLife[frameId >>> CHUNK_SHIFT] = domain.life;
      domain.order.addChunk(frameId - (frameId % CHUNK_FRAMES));
    }
    const wasScanned = merges.frames.heldBy(frameId) !== HELD_NOTHING;
    if (merges.frames.waitsAt(frameId) !== 0) this.staleHints++;
    merges.setFrame(frameId, slot, next, fillClass, cause);
    const isScanned = merges.frames.heldBy(frameId) !== HELD_NOTHING;
    if (isScanned !== wasScanned) this.#setScanned(domain, frameId, isScanned);
    this.#setPending(domain, frameId, isScanned);
  }

  #setScanned(domain: EsxDomain, frameId: number, isScanned: boolean): void {
    this.#scanned.u32[frameId >>> 5] ^= 1 << (frameId & 31);
    if (domain.scanned === 0) this.#active++;
    domain.scanned += isScanned ? 1 : -1;
    if (domain.scanned === 0) this.#active--;
  }

  #setPending(domain: EsxDomain, frameId: number, isPending: boolean): void {
    if (this.isPending(frameId) === isPending) return;
    this.#changed.u32[frameId >>> 5] ^= 1 << (frameId & 31);
    domain.pending += isPending ? 1 : -1;
    this.#pending += isPending ? 1 : -1;
  }

  // --- visits --------------------------------------------------------------------------------------------------

  /** Does about `work` of the visits that are due; true if more are. */
  catchUp(work = Number.POSITIVE_INFINITY): boolean {
    return this.visitDue(work) || this.#payDebts(work);
  }

  /** As `catchUp`, but for those that only move a domain's place: that can wait until the domain changes. */
  visitDue(work = Number.POSITIVE_INFINITY): boolean {
    let left = work;
    while (this.#left > 0 || this.pace.owed > 0) {
      if (left <= 0) return true;
      if (this.#left > 0 && this.#pending > 0) {
        const done = this.#visitInTurn(Math.min(this.#left, left));
        this.#left -= done;
        left -= done;
        continue;
      }
      if (this.#left > 0) {
        this.#owe(this.#left);
        this.#left = 0;
        left--;
        continue;
      }
      this.savedUntil(this.pace.dueMicros);
      // Nothing to find: how many visits there are is all that matters.
      const batches = this.#pending === 0 ? this.pace.owed : 1;
      this.#left = this.#visitsOf(this.#batches + 1, batches);
      this.#batches += batches;
      this.pace.owed -= batches;
      left--;
    }
    return false;
  }

  /** What is saved now was saved until then. */
  savedUntil(timeMicros: number): void {
    const { savedFrames } = this.merges.copies;
    this.pageSeconds.moveTo(timeMicros, savedFrames, savedFrames);
    this.merges.copies.follower?.moveTo(timeMicros);
  }

  /** Begins anew: nothing is shared and there are no hints; every frame is to be visited. */
  restart(): void {
    while (this.catchUp());
    this.merges.unmergeAll();
    for (const domain of this.#domains) this.#allChanged(domain);
  }

  /** About `work` visits that the clock does not give, until every frame was visited; true if more are to be done. */
  converge(work: number): boolean {
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

  /** At most so many visits, by one domain after the other, while frames are pending; returns how many it did. */
  #visitInTurn(visits: number): number {
    let done = 0;
    for (; done < visits && this.#pending > 0; done++) {
      const domain = this.#nextInTurn();
      if (domain.pending === 0) domain.debt++;
      else this.#visit(domain);
    }
    this.visits += done;
    return done;
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
    const scanned = this.#scanned.u32;
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
      } else if (((scanned[frameId >>> 5] >>> (frameId & 31)) & 1) !== 0) {
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

  /** Visits the next frame of a domain's order: rules 3 to 5 of docs/POLICIES.md if it changed since the last visit. */
  #visit(domain: EsxDomain): void {
    const scanned = this.#scanned.u32;
    for (;;) {
      const frameId = domain.order.next();
      if (frameId < 0) {
        this.#beginRound(domain);
        continue;
      }
      if (((scanned[frameId >>> 5] >>> (frameId & 31)) & 1) === 0) continue;
      if (!this.isPending(frameId)) return;
      // Where there is no memory for its content, it is as if the visit had not been.
      this.merges.visit(frameId, true);
      this.#setPending(domain, frameId, false);
      return;
    }
  }
}

/** The visits that a rate (a second) gives to a batch, numbered from 1; any 50 in a row get the whole rate. */
function creditOf(batch: number, rate: number): number {
  const rest = rate % BATCHES_A_SECOND;
  const carried = Math.floor((batch * rest) / BATCHES_A_SECOND) - Math.floor(((batch - 1) * rest) / BATCHES_A_SECOND);
  return Math.floor(rate / BATCHES_A_SECOND) + carried;
}
