/**
 * The engine the slow way, written from the design and not from `src/engine`: one object a frame, and every figure
 * counted again from the frames when it is asked for. It is the second source that proves the fast one.
 */
import type { TimedRecord, TraceRecord } from './plain-records.js';

export const ZERO_HASH = 0xac869b6f32d8bbdbn;
/** Pages of one byte other than zero that the tests use: 0xCC and 0xFF (the README of the recordings names them). */
export const FILL_PAGES: readonly bigint[] = [0xdf1fd9ec6fddee36n, 0x10af2cb94282321fn];

/** A disk image. An undeclared one is writable. */
export interface SlowImage {
  name: string | null;
  readOnly: boolean;
}

/** What a frame holds; an untouched one has no entry. `provisional`: a block was read into it whose hash is unknown. */
export type Held =
  | { state: 'free' | 'zero' | 'unknown' }
  | { state: 'known'; hash: bigint }
  | { state: 'provisional'; image: SlowImage; block: number };

export type Cause = 'fill' | 'dirty' | 'free' | 'gone' | 'unnamed' | 'shrink' | 'read';

/** One life of a domain: from its first `domain` record to `gone`. */
export interface Life {
  readonly id: number;
  readonly key: string;
  domid: number;
  name: string;
  group: string;
  type: string;
  reserved: number;
  alive: boolean;
  /** Newest time at its last fill or completed keyframe, µs; -1: never. */
  scanned: number;
  /** When the scan that is under way began; null: none. */
  scanBegan: number | null;
  readonly frames: Map<number, Held>;
  /** Frames of its process outside the guest's RAM, by index. */
  readonly extras: Map<number, Held>;
  /** The gfns that the open keyframe has named; null while none is open. */
  named: Set<number> | null;
}

/** The class of a fill of zeros that no scanner ever takes (docs/FORMAT.md). */
export const CLASS_THP_ZERO = 1;

/** What a policy hears, in order. */
export interface SlowPolicy {
  timeMoved(now: number): void;
  memoryChanged(frames: number): void;
  /** A domain begins a life. */
  appeared?(life: Life): void;
  groupChanged(life: Life): void;
  written(life: Life, image: SlowImage, block: number, count: number): void;
  /** @param gfn the frame that it goes into, null if the trace does not know it */
  read(life: Life, image: SlowImage, block: number, hash: bigint | null, aligned: boolean, gfn: number | null): void;
  /** `read` was just called for the block that went into this frame if the cause is `read`. */
  frameChanged(life: Life, gfn: number, held: Held | undefined, cause: Cause, fillClass: number): void;
  /** An extra frame changed. */
  extraChanged?(life: Life, index: number, held: Held | undefined, cause: Cause, fillClass: number): void;
  gone(life: Life): void;
}

type RecordOfLife = Exclude<Extract<TraceRecord, { domid: number | null }>, { kind: 'domain' }>;

const UNTOUCHED = undefined;

function isSame(a: Held | undefined, b: Held | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.state === 'known' && b.state === 'known') return a.hash === b.hash;
  return a.state === b.state && a.state !== 'provisional';
}

const DECLARATIONS: readonly string[] = ['host', 'image', 'domain', 'label', 'labelFile', 'mark'];

export class SlowEngine {
  readonly lives: Life[] = [];
  readonly gaps = { lost: 0, damagedRecords: 0, late: 0, orphans: 0 };
  host = { name: '', hypervisor: '', frames: 0 };
  records = 0;
  now = -1;
  /** Time of the first record that is no declaration: those often stand before the clock, at 0. */
  since = -1;
  #started = false;

  readonly #lifeOf = new Map<string, Life>();
  readonly #imageOf = new Map<string, SlowImage>();
  /** The first image of each name. */
  readonly #imageNamed = new Map<string, SlowImage>();

  constructor(private readonly policies: readonly SlowPolicy[] = []) {}

  apply({ stream, time, record }: TimedRecord): void {
    if (!this.#started) this.since = time;
    if (time > this.now) {
      this.now = time;
      for (const policy of this.policies) policy.timeMoved(time);
    }
    if (record.kind === 'time') return;
    if (!DECLARATIONS.includes(record.kind)) this.#started = true;
    this.records++;
    if (time < this.now) this.gaps.late++;
    this.#record(stream, record);
  }

  get live(): Life[] {
    return this.lives.filter(({ alive }) => alive);
  }

  #record(stream: number, record: TraceRecord): void {
    if (record.kind === 'host') {
      this.host = { name: record.name, hypervisor: record.hypervisor, frames: record.frames };
      this.#memoryChanged();
    } else if (record.kind === 'image') this.#declareImage(stream, record.id, record.name, record.readOnly);
    else if (record.kind === 'lost') this.gaps.lost += record.count;
    else if (record.kind === 'domain') this.#declareDomain(stream, record);
    else if ('domid' in record && record.domid !== null) {
      const life = this.#lifeOf.get(`${stream}/${record.domid}`);
      if (life === undefined || !life.alive) this.gaps.orphans++;
      else this.#ofLife(stream, life, record);
    }
  }

  #ofLife(stream: number, life: Life, record: RecordOfLife): void {
    const [first, count] = namedFrames(record);
    if (first + count > life.reserved && count > 0) {
      this.gaps.damagedRecords++;
      return;
    }
    if (record.kind.startsWith('fill')) this.#scanned(life);
    switch (record.kind) {
      case 'gone': {
        this.#gone(life);
        return;
      }
      case 'fill': {
        this.#fill(life, record.gfn, record.hash, 'fill', record.class);
        return;
      }
      case 'fillRun':
        for (let i = 0; i < record.count; i++) this.#fill(life, record.gfn + i, record.hash, 'fill', record.class);
        return;
      case 'fillSpan':
        for (const [i, hash] of record.hashes.entries()) this.#fill(life, record.gfn + i, hash, 'fill');
        return;
      case 'dirty':
        for (let i = 0; i < count; i++) this.#set(life, first + i, { state: 'unknown' }, 'dirty');
        return;
      case 'free':
        for (let i = 0; i < count; i++) this.#set(life, first + i, { state: 'free' }, 'free');
        return;
      case 'blockRead': {
        this.#read(stream, life, record);
        return;
      }
      case 'blockReadSpan': {
        const { domid, image } = record;
        for (const [i, hash] of record.hashes.entries()) {
          const block = record.block + i;
          this.#read(stream, life, { kind: 'blockRead', domid, image, block, hash, gfn: null, aligned: true });
        }
        return;
      }
      case 'blockWrite': {
        const image = this.#image(stream, record.image);
        for (const policy of this.policies) policy.written(life, image, record.block, record.count);
        return;
      }
      case 'keyframeBegin':
        life.named = new Set();
        return;
      case 'keyframeEnd': {
        this.#endKeyframe(life);
        return;
      }
      case 'extra':
        for (let i = 0; i < record.count; i++) {
          this.#setExtra(life, record.index + i, heldOf(record.hash), 'fill', record.class);
        }
        return;
      case 'scanBegin':
        life.scanBegan = this.now;
        return;
      case 'scanEnd':
        if (life.scanBegan !== null) life.scanned = life.scanBegan;
        life.scanBegan = null;
        return;
      case 'counter':
      case 'touch':
        return;
    }
  }

  /** Frames were seen: now, or as a part of a scan that counts when it is whole, the first from its begin on. */
  #scanned(life: Life): void {
    if (life.scanBegan === null) life.scanned = this.now;
    else if (life.scanned < 0) life.scanned = life.scanBegan;
  }

  #read(stream: number, life: Life, record: Extract<TraceRecord, { kind: 'blockRead' }>): void {
    const { block, hash, gfn, aligned } = record;
    const image = this.#image(stream, record.image);
    for (const policy of this.policies) policy.read(life, image, block, hash, aligned, gfn);
    if (gfn === null) return;
    if (hash === null) this.#set(life, gfn, { state: 'provisional', image, block }, 'read');
    else this.#fill(life, gfn, hash, 'read');
  }

  #fill(life: Life, gfn: number, hash: bigint, cause: Cause, fillClass = 0): void {
    this.#set(life, gfn, heldOf(hash), cause, fillClass);
  }

  /** Extra frames are in no figure of the engine. */
  #setExtra(life: Life, index: number, held: Held | undefined, cause: Cause, fillClass: number): void {
    if (isSame(life.extras.get(index), held)) return;
    if (held === UNTOUCHED) life.extras.delete(index);
    else life.extras.set(index, held);
    for (const policy of this.policies) policy.extraChanged?.(life, index, held, cause, fillClass);
  }

  #set(life: Life, gfn: number, held: Held | undefined, cause: Cause, fillClass = 0): void {
    if (held !== UNTOUCHED) life.named?.add(gfn);
    if (isSame(life.frames.get(gfn), held)) return;
    if (held === UNTOUCHED) life.frames.delete(gfn);
    else life.frames.set(gfn, held);
    for (const policy of this.policies) policy.frameChanged(life, gfn, held, cause, fillClass);
  }

  /** Frames that `goes` chooses become untouched, in gfn order. */
  #untouch(life: Life, goes: (gfn: number) => boolean, cause: Cause): void {
    const gfns = [...life.frames.keys()].filter(goes).sort((a, b) => a - b);
    for (const gfn of gfns) this.#set(life, gfn, UNTOUCHED, cause);
  }

  #endKeyframe(life: Life): void {
    const named = life.named;
    life.named = null;
    if (named === null) return;
    this.#scanned(life);
    this.#untouch(life, (gfn) => !named.has(gfn), 'unnamed');
  }

  #gone(life: Life): void {
    this.#untouch(life, () => true, 'gone');
    for (const index of life.extras.keys()) this.#setExtra(life, index, UNTOUCHED, 'gone', 0);
    life.alive = false;
    for (const policy of this.policies) policy.gone(life);
    this.#memoryChanged();
  }

  #declareDomain(stream: number, record: Extract<TraceRecord, { kind: 'domain' }>): void {
    const address = `${stream}/${record.domid}`;
    const group = record.group === '' ? 'default' : record.group;
    const before = this.#lifeOf.get(address);
    if (before !== undefined && before.alive && before.key !== record.key) this.#gone(before);
    let life = this.live.find(({ key }) => key === record.key);
    if (life === undefined) {
      const { domid, key } = record;
      const rest = { name: '', type: '', reserved: 0, alive: true, scanned: -1, scanBegan: null, named: null };
      life = { id: this.lives.length, domid, key, group, frames: new Map(), extras: new Map(), ...rest };
      this.lives.push(life);
      for (const policy of this.policies) policy.appeared?.(life);
    }
    this.#lifeOf.set(address, life);
    if (record.frames === 0 && life.reserved > 0) return;
    life.name = record.name === '' ? record.key : record.name;
    life.type = record.type;
    if (group !== life.group) {
      life.group = group;
      for (const policy of this.policies) policy.groupChanged(life);
    }
    life.reserved = record.frames;
    this.#untouch(life, (gfn) => gfn >= record.frames, 'shrink');
    this.#memoryChanged();
  }

  /** Percentages of a region are of the host's memory, of the reservations while no record has said it. */
  #memoryChanged(): void {
    const reserved = this.live.reduce((sum, life) => sum + life.reserved, 0);
    for (const policy of this.policies) policy.memoryChanged(this.host.frames > 0 ? this.host.frames : reserved);
  }

  #image(stream: number, id: number): SlowImage {
    const address = `${stream}/${id}`;
    const image = this.#imageOf.get(address) ?? { name: null, readOnly: false };
    this.#imageOf.set(address, image);
    return image;
  }

  /** The same name in two streams is the same image; two ids of one stream are two images; a new name is a new one. */
  #declareImage(stream: number, id: number, name: string, readOnly: boolean): void {
    const address = `${stream}/${id}`;
    const before = this.#imageOf.get(address);
    let image = before?.name === name ? before : this.#imageNamed.get(name);
    if (image !== before && image !== undefined) {
      const ofThisStream = [...this.#imageOf].filter(([other]) => other.startsWith(`${stream}/`));
      if (ofThisStream.some(([, taken]) => taken === image)) image = undefined;
    }
    // What was read and written before the declaration was of this disk.
    image ??= before?.name === null ? before : { name, readOnly };
    image.name = name;
    image.readOnly = readOnly;
    this.#imageOf.set(address, image);
    if (!this.#imageNamed.has(name)) this.#imageNamed.set(name, image);
  }
}

function heldOf(hash: bigint): Held {
  return hash === ZERO_HASH ? { state: 'zero' } : { state: 'known', hash };
}

/** First gfn and count of the frames that a record names; a touch names none but must be inside all the same. */
function namedFrames(record: RecordOfLife): [first: number, count: number] {
  switch (record.kind) {
    case 'fill':
      return [record.gfn, 1];
    case 'fillSpan':
      return [record.gfn, record.hashes.length];
    case 'fillRun':
    case 'dirty':
    case 'free':
    case 'touch':
      return [record.gfn, record.count];
    case 'blockRead':
      return record.gfn === null ? [0, 0] : [record.gfn, 1];
    default:
      return [0, 0];
  }
}
