/**
 * The records of a trace as plain objects: what the slow model reads. The decoder follows the layout drawn in
 * `src/trace/record.ts` with Buffer and BigInt and shares no code with the readers of `src/`.
 */
import type { RecordBuffer } from '../../src/trace/record-buffer.js';

export type TraceRecord =
  | { kind: 'time' }
  | { kind: 'host'; name: string; hypervisor: string; frames: number }
  | { kind: 'image'; id: number; name: string; readOnly: boolean; blocks: number }
  | { kind: 'domain'; domid: number; key: string; name: string; group: string; type: string; frames: number }
  | { kind: 'gone'; domid: number }
  | { kind: 'fill'; domid: number; gfn: number; hash: bigint; class: number }
  | { kind: 'fillRun'; domid: number; gfn: number; count: number; hash: bigint; class: number }
  | { kind: 'fillSpan'; domid: number; gfn: number; hashes: bigint[] }
  | { kind: 'dirty' | 'free' | 'touch'; domid: number; gfn: number; count: number }
  | {
      kind: 'blockRead';
      domid: number;
      image: number;
      block: number;
      hash: bigint | null;
      gfn: number | null;
      aligned: boolean;
    }
  | { kind: 'blockReadSpan'; domid: number; image: number; block: number; hashes: bigint[] }
  | { kind: 'blockWrite'; domid: number; image: number; block: number; count: number }
  | { kind: 'label'; hash: bigint; offset: number; text: string }
  | { kind: 'mark'; text: string }
  | { kind: 'lost'; count: number }
  | { kind: 'keyframeBegin' | 'keyframeEnd'; domid: number }
  | { kind: 'extra'; domid: number; index: number; count: number; hash: bigint; class: number }
  | { kind: 'counter'; domid: number | null; name: string; value: number }
  | { kind: 'labelFile'; path: string }
  | { kind: 'scanBegin' | 'scanEnd'; domid: number };

/** A record and when and where it was recorded. A `time` record is of the instant that it announces. */
export interface TimedRecord {
  readonly stream: number;
  readonly time: number;
  readonly record: TraceRecord;
}

const NO_GFN = 0xffffffff;

class Slots {
  readonly #bytes: Buffer;

  constructor(words: Uint32Array, at: number, end: number) {
    this.#bytes = Buffer.from(words.buffer, words.byteOffset + at * 4, (end - at) * 4);
  }
  u32(word: number): number {
    return this.#bytes.readUInt32LE(word * 4);
  }
  u16(word: number, half: number): number {
    return this.#bytes.readUInt16LE(word * 4 + half * 2);
  }
  hash(word: number): bigint {
    return this.#bytes.readBigUInt64LE(word * 4);
  }
  u53(word: number): number {
    return Number(this.hash(word));
  }
  /** Texts of the given byte lengths, one behind the other from a slot on. */
  texts(slot: number, lengths: number[]): string[] {
    let at = slot * 16;
    return lengths.map((length) => this.#bytes.toString('utf8', at, (at += length)));
  }
}

/** Decodes one record; its head is the first word of `slots`. */
function decode(slots: Slots): TraceRecord {
  const head = slots.u32(0);
  const flags = (head >>> 12) & 15;
  const domid = head >>> 16;
  const range = { domid, gfn: slots.u32(1), count: slots.u32(2) };
  switch (head & 63) {
    case 1:
      return { kind: 'time' };
    case 2: {
      const [name, hypervisor] = slots.texts(1, [slots.u16(3, 0), slots.u16(3, 1)]);
      return { kind: 'host', name, hypervisor, frames: slots.u53(1) };
    }
    case 3: {
      const [name] = slots.texts(1, [slots.u32(3)]);
      return { kind: 'image', id: slots.u32(1), name, readOnly: flags === 1, blocks: slots.u32(2) };
    }
    case 4: {
      const lengths = [slots.u16(2, 0), slots.u16(2, 1), slots.u16(3, 0), slots.u16(3, 1)];
      const [key, name, group, type] = slots.texts(1, lengths);
      return { kind: 'domain', domid, key, name, group, type, frames: slots.u32(1) };
    }
    case 5:
      return { kind: 'gone', domid };
    case 6:
      return { kind: 'fill', domid, gfn: slots.u32(1), hash: slots.hash(2), class: flags };
    case 7:
      return { kind: 'fillRun', ...range, hash: slots.hash(4), class: flags };
    case 8: {
      const hashes = Array.from({ length: slots.u32(2) }, (_, i) => slots.hash(4 + 2 * i));
      return { kind: 'fillSpan', domid, gfn: slots.u32(1), hashes };
    }
    case 9:
      return { kind: 'dirty', ...range };
    case 10:
      return { kind: 'free', ...range };
    case 11:
      return { kind: 'touch', ...range };
    case 12: {
      const hash = (flags & 1) !== 0 ? slots.hash(4) : null;
      const gfn = slots.u32(6) === NO_GFN ? null : slots.u32(6);
      const aligned = (flags & 2) !== 0;
      return { kind: 'blockRead', domid, image: slots.u32(1), block: slots.u32(2), hash, gfn, aligned };
    }
    case 13:
      return { kind: 'blockWrite', domid, image: slots.u32(1), block: slots.u32(2), count: slots.u32(3) };
    case 14: {
      const [text] = slots.texts(2, [slots.u32(3)]);
      return { kind: 'label', hash: slots.hash(1), offset: slots.u53(4), text };
    }
    case 15: {
      const [text] = slots.texts(1, [slots.u32(1)]);
      return { kind: 'mark', text };
    }
    case 16:
      return { kind: 'lost', count: slots.u53(1) };
    case 17:
      return { kind: 'keyframeBegin', domid };
    case 18:
      return { kind: 'keyframeEnd', domid };
    case 19: {
      const hashes = Array.from({ length: slots.u32(3) }, (_, i) => slots.hash(4 + 2 * i));
      return { kind: 'blockReadSpan', domid, image: slots.u32(1), block: slots.u32(2), hashes };
    }
    case 20:
      return { kind: 'extra', domid, index: slots.u32(1), count: slots.u32(2), hash: slots.hash(4), class: flags };
    case 21: {
      const [name] = slots.texts(1, [slots.u32(3)]);
      const value = Number(BigInt.asIntN(64, slots.hash(1)));
      return { kind: 'counter', domid: flags === 1 ? domid : null, name, value };
    }
    case 22: {
      const [path] = slots.texts(1, [slots.u32(1)]);
      return { kind: 'labelFile', path };
    }
    case 23:
      return { kind: 'scanBegin', domid };
    case 24:
      return { kind: 'scanEnd', domid };
    default:
      throw new Error(`kind ${head & 63} is not in the layout`);
  }
}

/** Every record in words[start, end), with its time. */
export function* plainRecords(
  stream: number,
  baseTime: number,
  words: Uint32Array,
  start: number,
  end: number,
): Generator<TimedRecord> {
  let time = baseTime;
  let at = start;
  while (at < end) {
    const next = at + 4 * (1 + ((words[at] >>> 6) & 63));
    const slots = new Slots(words, at, next);
    const record = decode(slots);
    if (record.kind === 'time') time = slots.u53(1);
    yield { stream, time, record };
    at = next;
  }
}

const low = (hash: bigint): number => Number(hash & 0xffffffffn);
const high = (hash: bigint): number => Number(hash >> 32n);
const halves = (hashes: bigint[]): Uint32Array => Uint32Array.from(hashes.flatMap((hash) => [low(hash), high(hash)]));

type Encoders = {
  [Kind in TraceRecord['kind']]: (b: RecordBuffer, r: TraceRecord & { kind: Kind }, time: number) => void;
};

const ENCODERS: Encoders = {
  time: (b, _, time) => b.time(time),
  host: (b, r) => b.host(r.name, r.hypervisor, r.frames),
  image: (b, r) => b.image(r.id, r.name, r.readOnly, r.blocks),
  domain: (b, r) => b.domain(r.domid, r.key, r.name, r.group, r.type, r.frames),
  gone: (b, r) => b.gone(r.domid),
  fill: (b, r) => b.fill(r.domid, r.gfn, low(r.hash), high(r.hash), r.class),
  fillRun: (b, r) => b.fillRun(r.domid, r.gfn, r.count, low(r.hash), high(r.hash), r.class),
  fillSpan: (b, r) => b.fillSpan(r.domid, r.gfn, r.hashes.length, halves(r.hashes), 0),
  dirty: (b, r) => b.dirty(r.domid, r.gfn, r.count),
  free: (b, r) => b.free(r.domid, r.gfn, r.count),
  touch: (b, r) => b.touch(r.domid, r.gfn, r.count),
  blockRead: (b, { domid, image, block, hash, gfn, aligned }) => {
    const flags = (hash === null ? 0 : 1) | (aligned ? 2 : 0);
    b.blockRead(domid, image, block, low(hash ?? 0n), high(hash ?? 0n), gfn ?? NO_GFN, flags);
  },
  blockReadSpan: (b, r) => b.blockReadSpan(r.domid, r.image, r.block, r.hashes.length, halves(r.hashes), 0),
  blockWrite: (b, r) => b.blockWrite(r.domid, r.image, r.block, r.count),
  label: (b, r) => b.label(low(r.hash), high(r.hash), r.offset, r.text),
  mark: (b, r) => b.mark(r.text),
  lost: (b, r) => b.lost(r.count),
  keyframeBegin: (b, r) => b.keyframeBegin(r.domid),
  keyframeEnd: (b, r) => b.keyframeEnd(r.domid),
  extra: (b, r) => b.extra(r.domid, r.index, r.count, low(r.hash), high(r.hash), r.class),
  counter: (b, r) => b.counter(r.domid, r.name, r.value),
  labelFile: (b, r) => b.labelFile(r.path),
  scanBegin: (b, r) => b.scanBegin(r.domid),
  scanEnd: (b, r) => b.scanEnd(r.domid),
};

/** Appends a record, without its time: the caller says `time` before it where that changes. */
export function encode(buffer: RecordBuffer, { time, record }: TimedRecord): void {
  const encoder = ENCODERS[record.kind] as (b: RecordBuffer, r: TraceRecord, time: number) => void;
  encoder(buffer, record, time);
}
