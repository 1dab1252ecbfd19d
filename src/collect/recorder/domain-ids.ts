import { assert } from '../../base/assert.js';
import type { DomainBefore } from './recorder-host.js';

const DOMIDS = 0x10000;

/** Gives out domids: a key that an earlier recorder left keeps its own, all others get one that is free. */
export class DomainIds {
  /** Domids that an earlier recorder left and that nobody has taken over yet, by key. */
  readonly #before = new Map<string, number>();
  readonly #taken = new Set<number>();
  #next = 1;

  constructor(before: readonly DomainBefore[]) {
    for (const { domid, key } of before) {
      this.#before.set(key, domid);
      this.#taken.add(domid);
      this.#next = Math.max(this.#next, domid + 1) % DOMIDS;
    }
  }

  /** `isKnown`: the stream has this domain already, and may know frames of it that are no more. */
  take(key: string): { domid: number; isKnown: boolean } {
    const known = this.#before.get(key);
    if (known !== undefined) {
      this.#before.delete(key);
      return { domid: known, isKnown: true };
    }
    assert(this.#taken.size < DOMIDS - 1, 'a domid is free');
    while (this.#next === 0 || this.#taken.has(this.#next)) this.#next = (this.#next + 1) % DOMIDS;
    const domid = this.#next;
    this.#taken.add(domid);
    // Not the same one again at once: the traces are easier to read.
    this.#next = (this.#next + 1) % DOMIDS;
    return { domid, isKnown: false };
  }

  /** The domid is free again. */
  give(domid: number): void {
    this.#taken.delete(domid);
  }

  /** The domids left by an earlier recorder that none of these keys takes over; they are free from now on. */
  leave(keys: readonly string[]): number[] {
    const left: number[] = [];
    for (const [key, domid] of this.#before) {
      if (keys.includes(key)) continue;
      left.push(domid);
      this.#before.delete(key);
      this.#taken.delete(domid);
    }
    return left;
  }
}
