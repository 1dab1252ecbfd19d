import type { EngineView } from '../../engine/effects.js';
import { NO_FRAME, STATE_ZERO } from '../../engine/layout.js';
import type { EnomemEvent } from '../../figures/satori-figures.js';
import { NO_BLOCK } from './refused-reads.js';
import type { AreaExtension, SharingArea } from './sharing-area.js';
import { SlotKeys } from './slot-keys.js';
import { VolatileFifos } from './volatile-fifos.js';

/** So many of the newest ENOMEM events are kept. */
const EVENTS_MAX = 64;

/**
 * What `satori` adds to a sharing area when frames join and leave slots: by which block each is there, and who pays
 * for a broken share (docs/POLICIES.md, satori 6, 7 and 9).
 */
export class SatoriSharing implements AreaExtension {
  readonly keys: SlotKeys;
  readonly fifos: VolatileFifos;
  readonly counts = { broken: 0, repaid: 0, enomem: 0 };
  /** Set by the policy right after both are made: each needs the other. */
  area!: SharingArea;
  /** By domain slot: key of the domain. */
  readonly #domains: string[] = [];
  /** The newest events, as a ring: the next one goes to enomem % EVENTS_MAX. */
  readonly #events: EnomemEvent[] = [];

  /**
   * @param fifoMax volatile pages that a domain's FIFO holds at most
   * @param adopted a slot of unknown content turned out to hold one
   */
  constructor(
    private readonly engine: EngineView,
    fifoMax: number,
    readonly adopted: (slot: number, content: number) => void,
  ) {
    this.keys = new SlotKeys(engine);
    this.fifos = new VolatileFifos(engine, fifoMax);
  }

  /** Bytes held. */
  get bytes(): number {
    return this.keys.bytes + this.fifos.bytes;
  }

  /** Room for the frames that the engine has room for, which is ahead of use. */
  reserveFrames(): void {
    this.keys.reserveFrames();
    this.fifos.reserveFrames();
  }

  /** Whether there is room for a key and what hangs on it; if not, it is counted. */
  hasRoom(): boolean {
    const { region } = this.area;
    if (this.engine.hasRoom(this.keys.growthBytes(region.end, region.pending.count))) return true;
    this.engine.countUnmodelled();
    return false;
  }

  /** A new life in a domain slot. */
  startDomain(domain: number): void {
    this.fifos.startDomain(domain);
    this.#domains[domain] = this.engine.keyOfDomain(domain);
  }

  /** The entry by which a domain's read of this key waits for its frame, or 0. */
  waitingEntry(key: number, domain: number): number {
    const { pending } = this.area.region;
    let entry = this.keys.firstWaiting(key);
    while (entry !== 0 && pending.domainOf(entry) !== domain) entry = this.keys.nextWaiting(entry);
    return entry;
  }

  /** The newest events, oldest first. */
  enomemEvents(): EnomemEvent[] {
    const next = this.#events.length < EVENTS_MAX ? 0 : this.counts.enomem % EVENTS_MAX;
    return [...this.#events.slice(next), ...this.#events.slice(0, next)];
  }

  /** Makes all of one slot part of another of the same content and group. */
  merge(from: number, to: number): void {
    const { area, keys } = this;
    const { region, sharers } = area;
    const isRead = area.readSlot === from;
    region.movePending(from, to);
    for (let frameId = region.firstBound(from); frameId !== NO_FRAME; frameId = region.firstBound(from)) {
      const domain = this.engine.domainOfFrame(frameId);
      const key = keys.keyOfFrame(frameId);
      this.leaving(from, frameId, domain);
      sharers.unbind(from, frameId);
      sharers.bind(to, frameId, domain);
      this.#join(to, frameId, domain, key);
    }
    keys.moveSlot(from, to);
    const entry = area.readEntry;
    area.drop(from);
    if (isRead) {
      area.readSlot = to;
      area.readEntry = entry;
    }
    region.updateRing(to);
  }

  contentOfBlock(group: number, image: number, block: number): number {
    const key = this.keys.find(group, image, block);
    if (key === 0) return NO_BLOCK;
    const slot = this.keys.slotOf(key);
    return slot === 0 ? STATE_ZERO : this.area.region.contentOf(slot);
  }

  bound(slot: number, frameId: number, domain: number, entry: number): void {
    this.#join(slot, frameId, domain, this.keys.keyOfEntry(entry));
    this.keys.endWait(entry);
  }

  #join(slot: number, frameId: number, domain: number, key: number): void {
    const { region } = this.area;
    this.keys.bind(key, frameId);
    const refs = region.refsOf(slot);
    if (refs === 1) this.fifos.push(domain, frameId);
    else if (refs === 2) {
      // The list has the newest first.
      const other = region.nextBound(frameId);
      this.fifos.remove(this.engine.domainOfFrame(other), other);
    }
  }

  leaving(slot: number, frameId: number, domain: number): void {
    const { region } = this.area;
    this.keys.unbind(frameId);
    const refs = region.refsOf(slot);
    if (refs === 1) this.fifos.remove(domain, frameId);
    else if (refs === 2) {
      const first = region.firstBound(slot);
      const other = first === frameId ? region.nextBound(first) : first;
      this.fifos.push(this.engine.domainOfFrame(other), other);
    }
  }

  changed(slot: number, domain: number, freed: boolean): void {
    if (freed || this.area.region.refsOf(slot) === 0) return;
    this.counts.broken++;
    const taken = this.fifos.oldest(domain);
    if (taken === NO_FRAME) {
      this.#events[this.counts.enomem % EVENTS_MAX] = { time: this.area.now / 1e6, domain: this.#domains[domain] };
      this.counts.enomem++;
      return;
    }
    this.counts.repaid++;
    this.area.drop(this.area.region.slotOfFrame(taken));
  }

  expired(entry: number): void {
    this.keys.endWait(entry);
  }

  dropping(slot: number): void {
    this.keys.dropSlot(slot);
  }
}
