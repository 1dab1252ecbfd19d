import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { V1 } from '../../scripts/make-v1-fixture.mjs';
import { V2 } from '../../scripts/make-v2-fixture.mjs';
import { NdjsonDecoder } from '../../src/trace/ndjson-decoder.js';
import { encodeNdjson } from '../../src/trace/ndjson.js';
import { SegmentDecoder } from '../../src/trace/segment-decoder.js';
import { allWords, bufferOf, expectSameWords, readIn, wordsOf, type Append } from './record-streams.js';

const T0 = 1_700_000_000_000_000;
const ALIGNED_AND_KNOWN = 3;
const NO_GFN = 0xffffffff;

/** What the fixtures say, by hand. Hashes are their low and high halves. */
const OPENING: Append[] = [
  (b) => b.time(T0),
  (b) => b.host('xen1', 'xen-4.17', 8589934592),
  (b) => b.image(7, 'debian.qcow2', true, 524288),
  (b) => b.image(8, '', false, 0xffffffff),
  (b) => b.domain(3, 'uuid-3', 'wéb1', 'default', 'pv', 65536),
  (b) => b.keyframeBegin(3),
  (b) => b.fillSpan(3, 16, 3, Uint32Array.of(0x89abcdef, 0x01234567, 0x76543210, 0xfedcba98, 0xffffffff, 0), 0),
  (b) => b.fillRun(3, 19, 100, 0x32d8bbdb, 0xac869b6f, 0),
  (b) => b.fill(3, 200, 0x32d8bbdb, 0xac869b6f, 1),
  (b) => b.dirty(3, 300, 2),
  (b) => b.free(3, 400, 65136),
  (b) => b.keyframeEnd(3),
];
const LATER: Append[] = [
  (b) => b.time(T0 + 1),
  (b) => b.fill(3, 0, 0x6fddee36, 0xdf1fd9ec, 0),
  (b) => b.touch(3, 1, 5),
  (b) => b.blockRead(3, 7, 99, 0x4282321f, 0x10af2cb9, 17, ALIGNED_AND_KNOWN),
  (b) => b.blockRead(3, 7, 100, 0, 0, NO_GFN, 0),
  (b) => b.blockWrite(3, 8, 0xffffffff, 1),
  (b) => b.blockReadSpan(3, 7, 200, 3, Uint32Array.of(0xa0, 0, 0xa1, 0, 0xa2, 0), 0),
  (b) => b.label(0x4282321f, 0x10af2cb9, 2 ** 40, '/usr/bin/python3.11'),
  (b) => b.mark('exactly 16 bytes'),
  (b) => b.lost(2 ** 52),
  (b) => b.gone(3),
];

const binary = readFileSync(new URL('../../fixtures/versions/v1.pgt', import.meta.url));
const ndjson = readFileSync(new URL('../../fixtures/versions/v1.ndjson', import.meta.url));

describe('version 1', () => {
  it('is what the plain reading of the format writes', () => {
    expect(Buffer.compare(binary, V1)).toBe(0);
  });

  it('of a segment is read', () => {
    const decoder = new SegmentDecoder('v1.pgt');
    const blocks = readIn(decoder, binary);
    expect(decoder.header).toEqual({ segment: 2, startTimeMicros: T0, previousBytes: 0 });
    expect(decoder.damage).toEqual([]);
    expect(blocks.map((block) => [block.baseTimeMicros, block.recordCount])).toEqual([
      [T0, 12],
      [T0, 11],
    ]);
    expectSameWords(blocks[0]?.words ?? [], wordsOf(bufferOf(OPENING)));
    expectSameWords(blocks[1]?.words ?? [], wordsOf(bufferOf(LATER)));
  });

  it('of a segment is read without its opening by a reader in step', () => {
    const decoder = new SegmentDecoder('v1.pgt');
    decoder.skipOpening = true;
    expectSameWords(allWords(readIn(decoder, binary)), wordsOf(bufferOf(LATER)));
    expect(decoder.damage).toEqual([]);
  });

  it('of NDJSON is read', () => {
    const decoder = new NdjsonDecoder('v1.ndjson');
    expectSameWords(allWords(readIn(decoder, ndjson)), wordsOf(bufferOf([...OPENING, ...LATER])));
    expect(decoder.damage).toEqual([]);
  });

  it('of a segment becomes that NDJSON', () => {
    const decoder = new SegmentDecoder('v1.pgt');
    decoder.push(binary);
    let text = '';
    let time = T0;
    for (let block = decoder.next(); block !== null; block = decoder.next()) {
      time = encodeNdjson(block, (line) => (text += line), time);
    }
    expect(text).toBe(ndjson.toString());
    expect(time).toBe(T0 + 1);
  });
});

/** What version 2 adds. */
const ADDED: Append[] = [
  (b) => b.time(1000),
  (b) => b.domain(3, 'web1', 'web1', 'default', '', 16),
  (b) => b.labelFile('debian12.labels'),
  (b) => b.extra(3, 0, 1, 0xfcedd5a4, 0x2d9af608, 0),
  (b) => b.extra(3, 1, 15, 0x32d8bbdb, 0xac869b6f, 0),
  (b) => b.extra(3, 65535, 1, 0x32d8bbdb, 0xac869b6f, 1),
  (b) => b.extra(3, 7, 2, 0x0ec2382c, 0x344b4cd1, 0),
  (b) => b.scanBegin(3),
  (b) => b.fill(3, 0, 0x0ec2382c, 0x344b4cd1, 0),
  (b) => b.scanEnd(3),
  (b) => b.counter(null, 'ksm.pages_sharing', 73475),
  (b) => b.counter(3, 'ksm.ksm_process_profit', -201384320),
];

describe('version 2', () => {
  const pgt = readFileSync(new URL('../../fixtures/versions/v2.pgt', import.meta.url));
  const lines = readFileSync(new URL('../../fixtures/versions/v2.ndjson', import.meta.url));

  it('is what the plain reading of the format writes', () => {
    expect(Buffer.compare(pgt, V2)).toBe(0);
  });

  it('of both forms is read', () => {
    for (const [decoder, bytes] of [
      [new SegmentDecoder('v2.pgt'), pgt],
      [new NdjsonDecoder('v2.ndjson'), lines],
    ] as const) {
      expectSameWords(allWords(readIn(decoder, bytes)), wordsOf(bufferOf(ADDED)));
      expect(decoder.damage).toEqual([]);
    }
  });

  it('of a segment becomes that NDJSON', () => {
    const decoder = new SegmentDecoder('v2.pgt');
    decoder.push(pgt);
    let text = '';
    let time = 1000;
    for (let block = decoder.next(); block !== null; block = decoder.next()) {
      time = encodeNdjson(block, (line) => (text += line), time);
    }
    expect(text).toBe(lines.toString());
  });
});
