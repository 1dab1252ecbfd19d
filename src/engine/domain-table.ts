import { FairSums } from '../base/fair-sums.js';
import { MemoryBudget } from '../base/memory-budget.js';
import { DOMAIN_COUNTERS, DOMAIN_SLOTS_MAX } from './layout.js';
import type { ScanGaps } from './scan-gaps.js';
import { ToldCounters } from './told-counters.js';

/** Trust groups: their numbers are 16 bits of a policy's keys. */
const GROUPS_MAX = 65536;
/** A domain's object, its four texts (1008 bytes of UTF-8 together), its entries in the tables by key and slot. */
const DOMAIN_BYTES = 3072;
/** An entry of a Map with a text. */
const ENTRY_BYTES = 96;
const BINDING_BYTES = 24;

/** One life of a domain, from its first `domain` record to `gone`. */
export interface Domain {
  /** Dense number; used again after the domain is gone and settled. */
  readonly slot: number;
  /** Never used again: tells lives apart. */
  readonly life: number;
  readonly key: string;
  domid: number;
  name: string;
  group: string;
  groupNumber: number;
  /** The group was given by a person and does not change any more. */
  hasGivenGroup: boolean;
  kind: string;
  /** The reservation in frames: gfns are below it. */
  reservedFrames: number;
  /** Where it was declared: stream and domid of each binding, in turn. Later ones may have gone to other domains. */
  readonly bindings: number[];
  /** Bits of the gfns named in the keyframe that is being read; null outside of one. */
  keyframeNamed: Map<number, Uint32Array> | null;
}

/**
 * The live domains. A domain is known by its key; each stream has its own domids. Counters of frames are columns, so
 * that hot loops touch no domain object.
 */
export class DomainTable {
  /** By slot; undefined: free or gone. */
  readonly bySlot: (Domain | undefined)[] = [];
  readonly byKey = new Map<string, Domain>();
  /** Frames by state, DOMAIN_COUNTERS words a slot (layout.ts). */
  counters = new Int32Array(DOMAIN_COUNTERS * 8);
  /** By slot: Σ f(settled refs) over known frames, f(n) = (n−1)/n: fair saved frames once settled. */
  readonly fairSaved = new FairSums();
  /** By slot: contents that only this domain holds. */
  aloneContents = new Int32Array(8);
  /** By slot: time of the last fill or keyframe, begin of the last whole scan, µs; -1: never scanned. */
  scannedMicros = new Float64Array(8).fill(-1);
  /** By slot: when the scan began that is under way, µs; -1: none that says its begin and its end. */
  #scanBegan = new Float64Array(8).fill(-1);
  /** Told of the time between two scans of a domain; null: nobody asked. */
  scanGaps: ScanGaps | null = null;
  /** Trust groups: name → number. */
  readonly #groupNumbers = new Map([['default', 0]]);
  /** By stream: domid → slot + 1. */
  readonly #slots: (Uint16Array<ArrayBuffer> | undefined)[] = [];
  #freeSlots: number[] = [];
  #lives = 0;
  #bytes = 0;

  /** What kernel and hypervisor told of the host and of the live domains, by slot. */
  readonly told: ToldCounters;

  constructor(private readonly budget = new MemoryBudget()) {
    this.told = new ToldCounters(budget);
  }

  /** Bytes held, about: objects and texts of V8 are not measured but reckoned. */
  get bytes(): number {
    const rows = this.counters.byteLength + this.fairSaved.bytes + this.told.bytes;
    return this.#bytes + rows + this.aloneContents.byteLength + 2 * this.scannedMicros.byteLength;
  }

  /** A new life in a slot: never scanned. */
  startScans(slot: number): void {
    this.scannedMicros[slot] = -1;
    this.#scanBegan[slot] = -1;
    this.scanGaps?.start(slot);
  }

  /** A pass over the domain begins; one that did not end is forgotten. */
  beginScan(slot: number, timeMicros: number): void {
    this.#scanBegan[slot] = timeMicros;
  }

  /** The pass is over: each frame was looked at since it began, also where nothing changed. */
  endScan(slot: number): void {
    const began = this.#scanBegan[slot];
    if (began < 0) return;
    this.#scanBegan[slot] = -1;
    this.scan(slot, began);
  }

  /**
   * A fill or a whole keyframe of a domain was seen: its frames are known as of this time. Inside a scan that says its
   * begin and its end it is a part of that, which counts when it is over; the first counts from its begin on.
   */
  scan(slot: number, timeMicros: number): void {
    const began = this.#scanBegan[slot];
    if (began >= 0) {
      if (this.scannedMicros[slot] < 0) this.scannedMicros[slot] = began;
      return;
    }
    const before = this.scannedMicros[slot];
    if (before === timeMicros) return;
    this.scannedMicros[slot] = timeMicros;
    if (before >= 0) this.scanGaps?.add(slot, timeMicros - before);
  }

  /** The slot of a stream's domid, or -1. */
  slotOf(stream: number, domid: number): number {
    const slots = this.#slots[stream];
    return slots === undefined || domid >= slots.length ? -1 : slots[domid] - 1;
  }

  /** Makes room for a stream's domid, which `bind` needs; false if no memory is left for it. */
  reserveDomid(stream: number, domid: number): boolean {
    const slots = this.#slots[stream] ?? new Uint16Array(0);
    if (domid < slots.length) return true;
    // Domids are small mostly: a stream of three domains needs no 128 KiB.
    const length = Math.min(65536, Math.max(16, 2 * (domid + 1)));
    const bytes = (length - slots.length) * Uint16Array.BYTES_PER_ELEMENT;
    if (!this.budget.hasRoom(bytes)) return false;
    const grown = new Uint16Array(length);
    grown.set(slots);
    this.#bytes += bytes;
    this.#slots[stream] = grown;
    return true;
  }

  /** The domid of the stream, for which there is room, names the domain from now on, whatever it named before. */
  bind(stream: number, domid: number, domain: Domain): void {
    const slots = this.#slots[stream]!;
    if (slots[domid] === domain.slot + 1) return;
    slots[domid] = domain.slot + 1;
    domain.bindings.push(stream, domid);
    this.#bytes += BINDING_BYTES;
  }

  /** Forgets every stream's domid of a domain. */
  #unbind({ slot, bindings }: Domain): void {
    for (let i = 0; i < bindings.length; i += 2) {
      const slots = this.#slots[bindings[i]];
      if (slots !== undefined && slots[bindings[i + 1]] === slot + 1) slots[bindings[i + 1]] = 0;
    }
    this.#bytes -= (bindings.length / 2) * BINDING_BYTES;
  }

  /** The number of a trust group, a new one if need be; -1 when there are GROUPS_MAX already. */
  groupNumber(name: string): number {
    let number = this.#groupNumbers.get(name);
    if (number === undefined) {
      number = this.#groupNumbers.size;
      const bytes = ENTRY_BYTES + 2 * name.length;
      if (number >= GROUPS_MAX || !this.budget.hasRoom(bytes)) return -1;
      this.#groupNumbers.set(name, number);
      this.#bytes += bytes;
    }
    return number;
  }

  /** The name of a trust group. */
  groupName(number: number): string {
    for (const [name, known] of this.#groupNumbers) if (known === number) return name;
    return '';
  }

  /** A new life. Null when there are DOMAIN_SLOTS_MAX already, or no memory is left for it. */
  add(domid: number, key: string): Domain | null {
    if (this.#freeSlots.length === 0 && this.bySlot.length >= DOMAIN_SLOTS_MAX) return null;
    if (!this.budget.hasRoom(DOMAIN_BYTES)) return null;
    const slot = this.#freeSlots.pop() ?? this.bySlot.length;
    this.#bytes += DOMAIN_BYTES;
    if ((slot + 1) * DOMAIN_COUNTERS > this.counters.length) this.#grow();
    const domain: Domain = {
      slot,
      life: ++this.#lives,
      key,
      domid,
      name: key,
      group: '',
      groupNumber: 0,
      hasGivenGroup: false,
      kind: '',
      reservedFrames: 0,
      bindings: [],
      keyframeNamed: null,
    };
    this.bySlot[slot] = domain;
    this.byKey.set(key, domain);
    return domain;
  }

  #grow(): void {
    const counters = new Int32Array(this.counters.length * 2);
    counters.set(this.counters);
    this.counters = counters;
    this.fairSaved.reserve(counters.length / DOMAIN_COUNTERS);
    const aloneContents = new Int32Array(this.aloneContents.length * 2);
    aloneContents.set(this.aloneContents);
    this.aloneContents = aloneContents;
    const scannedMicros = new Float64Array(this.scannedMicros.length * 2);
    scannedMicros.set(this.scannedMicros);
    this.scannedMicros = scannedMicros;
    const scanBegan = new Float64Array(this.#scanBegan.length * 2).fill(-1);
    scanBegan.set(this.#scanBegan);
    this.#scanBegan = scanBegan;
  }

  /** Ends a life; the slot is kept until `releaseSlot`, because dirty contents may still name it. */
  remove(domain: Domain): void {
    this.#unbind(domain);
    this.#bytes -= DOMAIN_BYTES;
    this.byKey.delete(domain.key);
    this.bySlot[domain.slot] = undefined;
    this.counters.fill(0, domain.slot * DOMAIN_COUNTERS, (domain.slot + 1) * DOMAIN_COUNTERS);
    this.fairSaved.clear(domain.slot);
    this.told.forget(domain.slot);
  }

  /** The slot of a domain that is gone may be given to another one. */
  releaseSlot(slot: number): void {
    this.#freeSlots.push(slot);
  }

  /** The live domains in order of slot. */
  live(): Domain[] {
    return this.bySlot.filter((domain) => domain !== undefined);
  }
}
