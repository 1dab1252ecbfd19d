/** Arbitrary record streams and the ways to write and read them back; shared by the tests of the trace layer. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { TraceDecoder } from '../../src/trace/decoder.js';
import { encodeNdjson } from '../../src/trace/ndjson.js';
import { NO_GFN, READ_ALIGNED, READ_HASH_KNOWN, SPAN_FRAMES_MAX, type RecordBlock } from '../../src/trace/record.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { SegmentWriter } from '../../src/trace/segment-writer.js';

/** Appends one record. */
export type Append = (buffer: RecordBuffer) => void;

const u32 = fc.oneof(fc.nat(50), fc.integer({ min: 0, max: 0xffffffff }), fc.constantFrom(0, 0xffffffff));
const u53 = fc.oneof(fc.nat(50), fc.maxSafeNat(), fc.constant(Number.MAX_SAFE_INTEGER));
const domid = fc.oneof(fc.nat(3), fc.integer({ min: 0, max: 0xffff }), fc.constant(0xffff));
const fillClass = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.nat(15));
const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom('', '\ufeffBOM', '"\\\u0000\n\u2028', 'x'.repeat(252)),
);
const gfnAndCount = fc
  .tuple(fc.oneof(fc.nat(50), fc.integer({ min: 0, max: NO_GFN - 1 })), fc.oneof(fc.nat(20), u32))
  .map(([gfn, count]) => ({ gfn, count: Math.max(1, Math.min(count, NO_GFN - gfn)) }));
const hashes = fc.uint32Array({ minLength: 2, maxLength: 2 * SPAN_FRAMES_MAX });

/** One record of any kind with any values that a producer may write. */
export const anyRecord: fc.Arbitrary<Append> = fc.oneof(
  u53.map(
    (t): Append =>
      (b) =>
        b.time(t),
  ),
  fc.tuple(text, text, u53).map(
    ([name, hypervisor, n]): Append =>
      (b) =>
        b.host(name, hypervisor, n),
  ),
  fc.tuple(u32, text, fc.boolean(), u32).map(
    ([id, name, ro, n]): Append =>
      (b) =>
        b.image(id, name, ro, n),
  ),
  fc.tuple(domid, text, text, text, text, u32).map(
    ([d, key, name, group, kind, n]): Append =>
      (b) =>
        b.domain(d, `k${key}`, name, group, kind, n),
  ),
  domid.map(
    (d): Append =>
      (b) =>
        b.gone(d),
  ),
  {
    weight: 4,
    arbitrary: fc.tuple(domid, gfnAndCount, u32, u32, fillClass).map(
      ([d, { gfn }, low, high, c]): Append =>
        (b) =>
          b.fill(d, gfn, low, high, c),
    ),
  },
  fc.tuple(domid, gfnAndCount, u32, u32, fillClass).map(
    ([d, { gfn, count }, low, high, c]): Append =>
      (b) =>
        b.fillRun(d, gfn, count, low, high, c),
  ),
  fc.tuple(domid, gfnAndCount, hashes).map(([d, { gfn }, h]): Append => {
    const count = Math.min(h.length >> 1, NO_GFN - gfn);
    return (b) => b.fillSpan(d, gfn, count, h, h.length - 2 * count);
  }),
  fc.tuple(domid, gfnAndCount, fc.constantFrom('dirty' as const, 'free' as const, 'touch' as const)).map(
    ([d, { gfn, count }, kind]): Append =>
      (b) =>
        b[kind](d, gfn, count),
  ),
  fc.tuple(domid, u32, u32, u32, u32, u32, fc.nat(3)).map(([d, image, block, low, high, gfn, flags]): Append => {
    const known = (flags & READ_HASH_KNOWN) !== 0;
    return (b) =>
      b.blockRead(d, image, block, known ? low : 0, known ? high : 0, gfn, flags & (READ_HASH_KNOWN | READ_ALIGNED));
  }),
  fc.tuple(domid, u32, u32, hashes).map(([d, image, block, h]): Append => {
    const count = Math.min(h.length >> 1, 2 ** 32 - block);
    return (b) => b.blockReadSpan(d, image, block, count, h, h.length - 2 * count);
  }),
  fc.tuple(domid, u32, u32, u32).map(
    ([d, image, block, n]): Append =>
      (b) =>
        b.blockWrite(d, image, block, Math.max(1, Math.min(n, 0xffffffff, 2 ** 32 - block))),
  ),
  fc.tuple(u32, u32, u53, text).map(
    ([low, high, offset, t]): Append =>
      (b) =>
        b.label(low, high, offset, t),
  ),
  text.map(
    (t): Append =>
      (b) =>
        b.mark(t),
  ),
  u53.map(
    (n): Append =>
      (b) =>
        b.lost(Math.max(1, n)),
  ),
  fc.tuple(domid, fc.boolean()).map(
    ([d, begin]): Append =>
      (b) =>
        begin ? b.keyframeBegin(d) : b.keyframeEnd(d),
  ),
  fc.tuple(domid, fc.oneof(fc.nat(50), fc.nat(65535)), fc.oneof(fc.nat(20), fc.nat(65535)), u32, u32, fillClass).map(
    ([d, index, n, low, high, c]): Append =>
      (b) =>
        b.extra(d, index, Math.max(1, Math.min(n, 65536 - index)), low, high, c),
  ),
  fc.tuple(fc.option(domid), text, fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -9, max: 9 }))).map(
    ([d, t, n]): Append =>
      (b) =>
        b.counter(d, `c${t}`, n),
  ),
  text.map(
    (t): Append =>
      (b) =>
        b.labelFile(`/${t}`),
  ),
  fc.tuple(domid, fc.boolean()).map(
    ([d, begin]): Append =>
      (b) =>
        begin ? b.scanBegin(d) : b.scanEnd(d),
  ),
);

export function bufferOf(appends: readonly Append[]): RecordBuffer {
  const buffer = new RecordBuffer();
  for (const append of appends) append(buffer);
  return buffer;
}

/** The records of a buffer as a block at time 0. */
export function blockOf(buffer: RecordBuffer): RecordBlock {
  return {
    baseTimeMicros: 0,
    words: buffer.words,
    start: 0,
    end: buffer.wordCount,
    recordCount: buffer.recordCount,
  };
}

/** The words of a buffer, copied. */
export function wordsOf(buffer: RecordBuffer): number[] {
  return [...buffer.words.subarray(0, buffer.wordCount)];
}

/** A decoded block, copied. */
export interface ReadBlock {
  readonly baseTimeMicros: number;
  readonly recordCount: number;
  readonly words: readonly number[];
}

/** Everything that a decoder still gives. */
export function drain(decoder: TraceDecoder): ReadBlock[] {
  const blocks: ReadBlock[] = [];
  for (let block = decoder.next(); block !== null; block = decoder.next()) {
    const { baseTimeMicros, recordCount, words, start, end } = block;
    blocks.push({ baseTimeMicros, recordCount, words: [...words.subarray(start, end)] });
  }
  return blocks;
}

/** Pushes the bytes in pieces that end at the given places, draining after each. */
export function readIn(decoder: TraceDecoder, bytes: Uint8Array, cuts: readonly number[] = []): ReadBlock[] {
  const blocks: ReadBlock[] = [];
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    // A copy that is overwritten at once: the decoder must not keep what it was handed.
    const piece = Uint8Array.from(bytes.subarray(from, cut));
    decoder.push(piece);
    piece.fill(0xaa);
    blocks.push(...drain(decoder));
    from = cut;
  }
  decoder.end();
  blocks.push(...drain(decoder));
  return blocks;
}

export function allWords(blocks: readonly ReadBlock[]): number[] {
  return blocks.flatMap((block) => block.words);
}

/** The files that a writer leaves, by name, in order. */
export class MemorySink {
  readonly files: { name: string; pieces: Uint8Array[]; closed: boolean }[] = [];

  open(name: string): void {
    this.files.push({ name, pieces: [], closed: false });
  }
  write(bytes: Uint8Array): void {
    this.files.at(-1)?.pieces.push(bytes.slice());
  }
  close(): void {
    const file = this.files.at(-1);
    if (file !== undefined) file.closed = true;
  }
  /** The bytes of one file. */
  bytes(index: number): Uint8Array {
    return Buffer.concat(this.files[index]?.pieces ?? []);
  }
}

/** One segment of these records, flushed after each `recordsPerBlock`: its header, then its blocks. */
export function segmentPieces(appends: readonly Append[], recordsPerBlock = 1e9): Uint8Array[] {
  const groups: Append[][] = [];
  for (let i = 0; i < appends.length; i += recordsPerBlock) groups.push(appends.slice(i, i + recordsPerBlock));
  return blockPieces(groups);
}

/** One segment with these blocks: its header, then the blocks (as many pieces as groups if each fits a block). */
export function blockPieces(groups: readonly (readonly Append[])[]): Uint8Array[] {
  const sink = new MemorySink();
  const writer = new SegmentWriter('test', sink, { rotateBytes: Infinity });
  for (const group of groups) {
    writer.append(bufferOf(group));
    writer.flush();
  }
  writer.close();
  return sink.files[0]?.pieces ?? [];
}

/** As `segmentPieces`, in one. */
export function segmentOf(appends: readonly Append[], recordsPerBlock = 1e9): Uint8Array {
  return Buffer.concat(segmentPieces(appends, recordsPerBlock));
}

/** NDJSON of a buffer's records, in bytes. */
export function ndjsonOf(buffer: RecordBuffer): Uint8Array {
  let text = '';
  encodeNdjson(blockOf(buffer), (line) => (text += line), 0);
  return new TextEncoder().encode(text);
}

/** Fails with the first difference only: a difference of long lists is not readable (and slow to draw). */
export function expectSameWords(actual: readonly number[], expected: readonly number[]): void {
  let i = 0;
  while (i < expected.length && actual[i] === expected[i]) i++;
  const shown = (words: readonly number[]): string => `from word ${i}: ${words.slice(i, i + 8).join(' ')}`;
  expect(shown(actual)).toBe(shown(expected));
  expect(actual.length).toBe(expected.length);
}
