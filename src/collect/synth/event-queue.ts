/** Events in order of time: a binary heap in columns. Of two at the same time the one put in first comes first. */
import { assert } from '../../base/assert.js';

const FIRST_PLACES = 256;

/** `pop` sets the fields to the earliest event. */
export class EventQueue {
  seconds = 0;
  kind = 0;
  domid = 0;
  value = 0;

  #count = 0;
  #order = 0;
  #times = new Float64Array(FIRST_PLACES);
  #orders = new Float64Array(FIRST_PLACES);
  #kinds = new Uint8Array(FIRST_PLACES);
  #domids = new Uint16Array(FIRST_PLACES);
  #values = new Uint32Array(FIRST_PLACES);

  /** What is due next, s; Infinity if nothing is. */
  get nextSeconds(): number {
    return this.#count === 0 ? Number.POSITIVE_INFINITY : this.#times[0];
  }

  /** An event that is due at this time, with a small number, a domid and a value of the caller's (u8, u16, u32). */
  push(seconds: number, kind: number, domid: number, value: number): void {
    if (this.#count === this.#times.length) this.#grow();
    const order = this.#order++;
    let at = this.#count++;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (this.#times[up] <= seconds) break;
      this.#move(up, at);
      at = up;
    }
    this.#times[at] = seconds;
    this.#orders[at] = order;
    this.#kinds[at] = kind;
    this.#domids[at] = domid;
    this.#values[at] = value;
  }

  /** Takes the earliest event out and sets the fields to it. There must be one (`nextSeconds`). */
  pop(): void {
    assert(this.#count > 0, 'there is an event');
    this.seconds = this.#times[0];
    this.kind = this.#kinds[0];
    this.domid = this.#domids[0];
    this.value = this.#values[0];
    const last = --this.#count;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= last) break;
      if (down + 1 < last && this.#isBefore(down + 1, down)) down++;
      if (!this.#isBefore(down, last)) break;
      this.#move(down, at);
      at = down;
    }
    this.#move(last, at);
  }

  #isBefore(a: number, b: number): boolean {
    if (this.#times[a] !== this.#times[b]) return this.#times[a] < this.#times[b];
    return this.#orders[a] < this.#orders[b];
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from];
    this.#orders[to] = this.#orders[from];
    this.#kinds[to] = this.#kinds[from];
    this.#domids[to] = this.#domids[from];
    this.#values[to] = this.#values[from];
  }

  #grow(): void {
    const places = 2 * this.#times.length;
    const times = new Float64Array(places);
    times.set(this.#times);
    this.#times = times;
    const orders = new Float64Array(places);
    orders.set(this.#orders);
    this.#orders = orders;
    const kinds = new Uint8Array(places);
    kinds.set(this.#kinds);
    this.#kinds = kinds;
    const domids = new Uint16Array(places);
    domids.set(this.#domids);
    this.#domids = domids;
    const values = new Uint32Array(places);
    values.set(this.#values);
    this.#values = values;
  }
}
