/**
 * Random small worlds: few domains, gfns, contents and blocks, so that everything meets everything. The same seed gives
 * the same records. Most records are sound; some are orphans, above the reservation, late, or open a keyframe twice.
 */
import { SeededRandom } from '../seeded-random.js';
import type { TimedRecord, TraceRecord } from './plain-records.js';
import type { SlowRegion, SlowVictim } from './slow-dlps.js';
import { FILL_PAGES, ZERO_HASH } from './slow-engine.js';

export interface World {
  readonly region: SlowRegion;
  readonly victim: SlowVictim;
  readonly records: TimedRecord[];
}

export interface WorldOptions {
  /** Domains that may live at once; 1–6 by chance if not given. */
  readonly domains?: number;
  readonly records: number;
  /** Many contents that come once and go, many blocks and frames: tables grow, fill with holes, are built anew. */
  readonly wide?: boolean;
  /** Extra frames too, of which only scanners make anything. */
  readonly extras?: boolean;
}

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const CHUNK = 4096;

/** What a stream has said so far, so that most of its records make sense. */
interface Stream {
  readonly keys: Map<number, string>;
  /** Images that it has declared; the others it may use all the same. */
  readonly images: { id: number; name: string; readOnly: boolean }[];
}

class WorldMaker {
  readonly records: TimedRecord[] = [];
  readonly #random: SeededRandom;
  readonly #streams: Stream[];
  readonly #keys: string[];
  readonly #groups: string[];
  readonly #gfns: number[];
  readonly #contents: bigint[];
  readonly #blocks: number;
  readonly #extras: boolean;
  /** Chance that a content is one that nobody has seen. */
  readonly #fresh: number;
  /** Chances that differ from world to world: one hardly ever loses a hash, another knows none. */
  readonly #chance: { gfn: number; noHash: number; otherHash: number; calm: number };
  readonly #reservations = new Map<string, number>();
  #now: number;
  #contentNumber = 0;

  constructor(seed: number, options: WorldOptions) {
    const random = new SeededRandom(seed);
    this.#random = random;
    const domains = options.domains ?? 1 + random.below(6);
    this.#keys = Array.from({ length: domains }, (_, i) => `key-${i}`);
    this.#groups = random.chance(0.5) ? ['', 'default'] : ['', 'red', 'blue'];
    this.#streams = Array.from({ length: random.chance(0.4) ? 2 : 1 }, () => ({ keys: new Map(), images: [] }));
    const wide = options.wide === true;
    this.#extras = options.extras === true;
    this.#gfns = this.#chooseGfns(wide ? 100 : 8);
    const plain = Array.from({ length: 2 + random.below(wide ? 300 : 5) }, () => this.#newContent());
    this.#contents = [...plain, ZERO_HASH, ...FILL_PAGES.slice(0, random.below(3))];
    this.#blocks = 2 + random.below(wide ? 500 : 8);
    this.#fresh = wide ? 0.3 : 0;
    const any = (...values: number[]): number => values[random.below(values.length)];
    this.#chance = {
      gfn: any(0, 0.3, 0.8),
      noHash: any(0, 0.1, 0.5, 1),
      otherHash: any(0, 0.05, 0.3),
      calm: any(0.5, 0.9),
    };
    this.#now = any(0, 5, MINUTE, 2 ** 32 - 3, 1_700_000_000_000_000);
  }

  make(count: number): void {
    for (const [number] of this.#streams.entries()) {
      const known = this.#keys.length > 6 ? this.#keys : this.#keys.slice(0, 3);
      for (const [i, key] of known.entries()) this.#declare(number, i + number, key);
      for (let id = 0; id < 2; id++) this.#declareImage(number, id, `disk-${id}`, this.#random.chance(0.9));
    }
    while (this.records.length < count) this.#step();
  }

  /** Most worlds fit a chunk of the frame table, some lie across its border or far apart. */
  #chooseGfns(most: number): number[] {
    const random = this.#random;
    const starts = random.chance(0.7) ? [0] : [0, CHUNK - 3, 2 * CHUNK + 5];
    return starts.flatMap((start) => Array.from({ length: 3 + random.below(most) }, (_, i) => start + i));
  }

  /** Hashes that share low halves, high halves and the place where a table looks first. */
  #newContent(): bigint {
    const random = this.#random;
    const low = random.chance(0.5) ? 7 : random.u32();
    const number = ++this.#contentNumber;
    const high = random.chance(0.5) ? number * 64 : random.u32();
    return (BigInt(high) << 32n) | BigInt(low);
  }

  #of<T>(values: readonly T[]): T {
    return values[this.#random.below(values.length)];
  }

  #content(): bigint {
    return this.#random.chance(this.#fresh) ? this.#newContent() : this.#of(this.#contents);
  }

  #say(stream: number, record: TraceRecord): void {
    const random = this.#random;
    const late = random.chance(0.05) ? random.below(3 * SECOND) : 0;
    this.records.push({ stream, time: Math.max(0, this.#now - late), record });
  }

  #passTime(): void {
    const random = this.#random;
    const roll = random.unit();
    if (roll < this.#chance.calm) return;
    if (roll < 0.97) this.#now += random.below(3 * SECOND);
    else if (roll < 0.985) this.#now += 20 * SECOND;
    // Pending entries live for exactly a minute.
    else this.#now += MINUTE - 1 + random.below(3);
  }

  #step(): void {
    const random = this.#random;
    this.#passTime();
    const number = random.below(this.#streams.length);
    const stream = this.#streams[number];
    const domids = [...stream.keys.keys()];
    const domid = domids.length > 0 && !random.chance(0.02) ? this.#of(domids) : random.below(5);
    if (this.#extras && random.chance(0.06)) {
      this.#extra(number, domid);
      return;
    }
    if (random.chance(0.03)) {
      // Mostly begun and ended in turn, but also twice, never, and by the way.
      this.#say(number, { kind: random.chance(0.5) ? 'scanBegin' : 'scanEnd', domid });
      if (random.chance(0.2)) this.#say(number, { kind: 'counter', domid, name: 'c', value: 4 - random.below(9) });
      return;
    }
    const roll = random.unit();
    if (roll < 0.33) this.#fill(number, domid);
    else if (roll < 0.7) this.#read(number, domid);
    else if (roll < 0.8) this.#states(number, domid);
    else if (roll < 0.83) this.#write(number, domid);
    else if (roll < 0.88) this.#keyframe(number, domid);
    else if (roll < 0.93) this.#settings(number, domid);
    else if (roll < 0.95) this.#gone(number, domid);
    else if (roll < 0.98) this.#declare(number, random.below(this.#keys.length + 2), this.#of(this.#keys));
    else this.#rare(number);
  }

  #range(domid: number, stream: number): { domid: number; gfn: number; count: number } {
    const random = this.#random;
    const gfn = this.#of(this.#gfns);
    const count = random.chance(0.7) ? 1 : 1 + random.below(6);
    // Mostly below the reservation; else the record is damaged.
    const frames = this.#reservations.get(this.#streams[stream].keys.get(domid) ?? '') ?? 0;
    if (random.chance(0.03) || !(gfn < frames)) return { domid, gfn, count };
    return { domid, gfn, count: Math.max(1, Math.min(count, frames - gfn)) };
  }

  #fill(stream: number, domid: number): void {
    const random = this.#random;
    const { gfn, count } = this.#range(domid, stream);
    const fillClass = random.chance(0.2) ? this.#of([1, 1, random.below(16)]) : 0;
    const roll = random.unit();
    if (roll < 0.6) this.#say(stream, { kind: 'fill', domid, gfn, hash: this.#content(), class: fillClass });
    else if (roll < 0.75) {
      this.#say(stream, { kind: 'fillRun', domid, gfn, count, hash: this.#content(), class: fillClass });
    } else {
      const hashes = Array.from({ length: count }, () => this.#content());
      this.#say(stream, { kind: 'fillSpan', domid, gfn, hashes });
    }
  }

  #states(stream: number, domid: number): void {
    const kind = this.#of(['dirty', 'dirty', 'free', 'touch'] as const);
    this.#say(stream, { kind, ...this.#range(domid, stream) });
  }

  #imageId(): number {
    // Ids 0 and 1 are declared first; 3 hardly ever is.
    return this.#of([0, 0, 0, 1, 1, 2, 3]);
  }

  #read(stream: number, domid: number): void {
    const random = this.#random;
    const image = this.#imageId();
    const block = random.below(this.#blocks);
    const { noHash, otherHash } = this.#chance;
    const usualOf = (number: number): bigint => this.#contents[(image * 5 + number) % this.#contents.length];
    if (random.chance(0.1)) {
      const hashes = Array.from({ length: 1 + random.below(5) }, (_, i) => usualOf(block + i));
      this.#say(stream, { kind: 'blockReadSpan', domid, image, block, hashes });
      return;
    }
    const usual = usualOf(block);
    const seen = random.chance(otherHash) ? this.#of(this.#contents) : usual;
    const hash = random.chance(noHash) ? null : seen;
    const gfn = random.chance(this.#chance.gfn) ? this.#range(domid, stream).gfn : null;
    this.#say(stream, { kind: 'blockRead', domid, image, block, hash, gfn, aligned: !random.chance(0.05) });
    // Often the scanner sees the block soon after.
    if (random.chance(0.4)) {
      const frame = this.#range(domid, stream).gfn;
      this.#passTime();
      this.#say(stream, { kind: 'fill', domid, gfn: gfn ?? frame, hash: seen, class: 0 });
    }
  }

  #write(stream: number, domid: number): void {
    const count = 1 + this.#random.below(2);
    const block = this.#random.below(this.#blocks);
    this.#say(stream, { kind: 'blockWrite', domid, image: this.#imageId(), block, count });
  }

  #keyframe(stream: number, domid: number): void {
    const random = this.#random;
    if (random.chance(0.3)) {
      this.#say(stream, { kind: 'keyframeEnd', domid });
      return;
    }
    this.#say(stream, { kind: 'keyframeBegin', domid });
    if (random.chance(0.3)) return;
    for (const gfn of this.#gfns) {
      if (random.chance(0.7)) this.#say(stream, { kind: 'fill', domid, gfn, hash: this.#content(), class: 0 });
      if (random.chance(0.05)) this.#read(stream, domid);
      if (random.chance(0.02)) this.#say(stream, { kind: 'keyframeBegin', domid });
    }
    if (!random.chance(0.1)) this.#say(stream, { kind: 'keyframeEnd', domid });
  }

  #reservation(): number {
    const random = this.#random;
    const end = (this.#gfns.at(-1) ?? 0) + 1;
    const roll = random.unit();
    return roll < 0.6 ? end : roll < 0.95 ? random.below(end + 1) : end + random.below(100_000);
  }

  #declare(stream: number, domid: number, key: string): void {
    const frames = this.#reservation();
    this.#reservations.set(key, frames);
    this.#streams[stream].keys.set(domid, key);
    const name = this.#random.chance(0.2) ? '' : `name of ${key}`;
    this.#say(stream, { kind: 'domain', domid, key, name, group: this.#of(this.#groups), type: 'pv', frames });
  }

  #settings(stream: number, domid: number): void {
    const key = this.#streams[stream].keys.get(domid);
    if (key !== undefined) this.#declare(stream, domid, key);
  }

  #gone(stream: number, domid: number): void {
    this.#say(stream, { kind: 'gone', domid });
    this.#streams[stream].keys.delete(domid);
    const key = this.#of(this.#keys);
    if (this.#random.chance(0.5)) this.#declare(stream, this.#random.chance(0.5) ? domid : domid + 7, key);
  }

  #extra(stream: number, domid: number): void {
    const random = this.#random;
    const index = random.chance(0.8) ? random.below(4) : CHUNK - 2 + random.below(4);
    const fillClass = random.chance(0.2) ? 1 : 0;
    const count = 1 + random.below(3);
    this.#say(stream, { kind: 'extra', domid, index, count, hash: this.#content(), class: fillClass });
  }

  #declareImage(stream: number, id: number, name: string, readOnly: boolean): void {
    this.#say(stream, { kind: 'image', id, name, readOnly, blocks: 100 });
  }

  #rare(stream: number): void {
    const random = this.#random;
    const roll = random.below(7);
    if (roll === 0) this.#say(stream, { kind: 'host', name: 'box', hypervisor: 'Xen 4', frames: random.below(100) });
    else if (roll === 1) this.#say(stream, { kind: 'lost', count: 1 + random.below(9) });
    else if (roll === 2) this.#say(stream, { kind: 'mark', text: 'here' });
    else if (roll === 3) this.#say(stream, { kind: 'label', hash: this.#content(), offset: 1, text: '/bin/sh' });
    else if (roll === 4) this.records.push({ stream, time: (this.#now += random.below(2)), record: { kind: 'time' } });
    else this.#declareImage(stream, this.#imageId(), `disk-${random.below(3)}`, random.chance(0.8));
  }
}

/** The world of a seed. */
export function randomWorld(seed: number, options: WorldOptions): World {
  const random = new SeededRandom(seed ^ 0x5eed);
  const few = options.wide === true ? 100 : 5;
  const frames = [0, 1, 2, few, few, Number.POSITIVE_INFINITY][random.below(6)];
  const region = random.chance(0.15) ? { percent: [5, 20, 100][random.below(3)] } : { frames };
  const victim = (['sharers', 'sharers', 'clock', 'lru'] as const)[random.below(4)];
  const maker = new WorldMaker(seed, options);
  maker.make(options.records);
  return { region, victim, records: maker.records };
}
