/** The newest value of each counter that the kernel or the hypervisor told: of the host, and of each live domain. */
import type { MemoryBudget } from '../base/memory-budget.js';
import { readCounterRecord } from '../trace/record-text.js';

/** Names that are told apart. An honest recorder writes some forty; the memory of a hostile one's stays bounded. */
export const COUNTER_NAMES_MAX = 1024;
/** Values of all owners together: forty of each of six thousand domains. */
export const COUNTER_VALUES_MAX = 1 << 18;
/** A name (1008 bytes of UTF-8 at most, as text) and its entry; an entry of a Map of numbers; a Map. */
const NAME_BYTES = 2200;
const VALUE_BYTES = 48;
const OWNER_BYTES = 256;

/** The owner of the host's counters; those of a domain are its slot's. */
export const HOST_OWNER = -1;

/** Names → newest values, by owner. What does not fit is refused, never an older one thrown out for it. */
export class ToldCounters {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];
  readonly #owners = new Map<number, Map<number, number>>();
  #values = 0;

  constructor(private readonly budget: MemoryBudget) {}

  /** Bytes held, about. */
  get bytes(): number {
    return this.#names.length * NAME_BYTES + this.#values * VALUE_BYTES + this.#owners.size * OWNER_BYTES;
  }

  /** The `counter` record at words[at]; returns how many there is no room for: 0 or 1. */
  take(words: Uint32Array, at: number, owner = HOST_OWNER): number {
    const { name, value } = readCounterRecord(words, at);
    return this.set(owner, name, value) ? 0 : 1;
  }

  /** The newest value of a counter; false if there is no room for it. */
  set(owner: number, name: string, value: number): boolean {
    const known = this.#numbers.get(name);
    const values = this.#owners.get(owner);
    if (known !== undefined && values?.has(known) === true) {
      values.set(known, value);
      return true;
    }
    if (this.#values >= COUNTER_VALUES_MAX || !this.budget.hasRoom(NAME_BYTES + VALUE_BYTES + OWNER_BYTES))
      return false;
    const number = known ?? this.#addName(name);
    if (number < 0) return false;
    if (values === undefined) this.#owners.set(owner, new Map([[number, value]]));
    else values.set(number, value);
    this.#values++;
    return true;
  }

  /** The owner is gone. Its names stay: the next life of a slot has the same ones. */
  forget(owner: number): void {
    this.#values -= this.#owners.get(owner)?.size ?? 0;
    this.#owners.delete(owner);
  }

  /** Name and newest value of each counter of an owner, in the order in which they were told first. */
  of(owner: number): [name: string, value: number][] {
    const values = this.#owners.get(owner);
    return values === undefined ? [] : [...values].map(([number, value]) => [this.#names[number], value]);
  }

  #addName(name: string): number {
    if (this.#names.length >= COUNTER_NAMES_MAX) return -1;
    this.#numbers.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }
}
