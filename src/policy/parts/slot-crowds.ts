import { NO_FRAME } from '../../engine/layout.js';
import type { BoundFrames } from './bound-frames.js';
import type { PendingBinds } from './pending-binds.js';

/** What two Map entries take, about: one of ⟨slot, domain⟩ and one of the slot. */
const ENTRY_BYTES = 100;
/** Domain slots are below this. */
const DOMAINS = 2 ** 16;
/** Sharers of one domain that are looked at, one after the other, before the slot is followed. */
const CROWD_MIN = 16;

/**
 * How many domains share a slot, by its frames and its reads that wait for one. Mostly that is seen in the first few;
 * a slot of which one domain has more (it may hold a content thousands of times) has its domains counted from then on,
 * until its last sharer is gone. All others have no row here and cost nothing.
 */
export class SlotCrowds {
  /** slot × 2^16 + domain → its frames and waiting reads, at least 1. */
  readonly #sharers = new Map<number, number>();
  /** slot → domains that have any. */
  readonly #domains = new Map<number, number>();

  constructor(
    private readonly pending: PendingBinds,
    private readonly bound: BoundFrames,
    private readonly domainOfFrame: (frameId: number) => number,
  ) {}

  /** Bytes held. */
  get bytes(): number {
    return (this.#sharers.size + this.#domains.size) * ENTRY_BYTES;
  }

  /** Whether the domains of a slot are counted: then every sharer that comes or goes must be told. */
  has(slot: number): boolean {
    return this.#domains.size > 0 && this.#domains.has(slot);
  }

  /**
   * 0, 1 or 2 (and more) domains that share a slot. Amortized O(1).
   * @param firstPending its first read that waits, 0: none
   * @param firstBound its first bound frame, or NO_FRAME
   */
  domainsOf(slot: number, firstPending: number, firstBound: number): number {
    if (this.has(slot)) return Math.min(2, this.#domains.get(slot) ?? 0);
    let first = -1;
    let alike = 0;
    for (let entry = firstPending; entry !== 0; entry = this.pending.nextOfSlot(entry)) {
      const domain = this.pending.domainOf(entry);
      if (first < 0) first = domain;
      else if (domain !== first) return 2;
      if (++alike > CROWD_MIN) return this.#follow(slot, firstPending, firstBound);
    }
    for (let frameId = firstBound; frameId !== NO_FRAME; frameId = this.bound.next(frameId)) {
      const domain = this.domainOfFrame(frameId);
      if (first < 0) first = domain;
      else if (domain !== first) return 2;
      if (++alike > CROWD_MIN) return this.#follow(slot, firstPending, firstBound);
    }
    return first < 0 ? 0 : 1;
  }

  #follow(slot: number, firstPending: number, firstBound: number): number {
    for (let entry = firstPending; entry !== 0; entry = this.pending.nextOfSlot(entry)) {
      this.add(slot, this.pending.domainOf(entry));
    }
    for (let frameId = firstBound; frameId !== NO_FRAME; frameId = this.bound.next(frameId)) {
      this.add(slot, this.domainOfFrame(frameId));
    }
    return Math.min(2, this.#domains.get(slot) ?? 0);
  }

  /** A frame or waiting read of a domain joins a slot whose domains are counted. */
  add(slot: number, domain: number): void {
    const key = slot * DOMAINS + domain;
    const before = this.#sharers.get(key) ?? 0;
    this.#sharers.set(key, before + 1);
    if (before === 0) this.#domains.set(slot, (this.#domains.get(slot) ?? 0) + 1);
  }

  /** One of them leaves a slot whose domains are counted. */
  remove(slot: number, domain: number): void {
    const key = slot * DOMAINS + domain;
    const before = this.#sharers.get(key) ?? 0;
    if (before > 1) {
      this.#sharers.set(key, before - 1);
      return;
    }
    this.#sharers.delete(key);
    const domains = (this.#domains.get(slot) ?? 0) - 1;
    if (domains > 0) this.#domains.set(slot, domains);
    else this.#domains.delete(slot);
  }
}
