import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../seeded-random.js';
import { NdjsonDecoder } from '../../src/trace/ndjson-decoder.js';
import { checkRecords } from '../../src/trace/record-check.js';
import { SegmentDecoder } from '../../src/trace/segment-decoder.js';
import {
  allWords,
  anyRecord,
  bufferOf,
  expectSameWords,
  ndjsonOf,
  readIn,
  segmentOf,
  wordsOf,
  type Append,
} from './record-streams.js';

const anyRecords = fc.array(anyRecord, { maxLength: 40 });
const someRecords = fc.array(anyRecord, { minLength: 1, maxLength: 12 });

describe('records through a segment', () => {
  it('come back word by word, with the times of their blocks', () => {
    fc.assert(
      fc.property(anyRecords, fc.integer({ min: 1, max: 9 }), (appends, perBlock) => {
        const buffer = bufferOf(appends);
        expect(checkRecords(buffer.words, 0, buffer.wordCount)).toBe(appends.length);
        const decoder = new SegmentDecoder('a.pgt');
        const blocks = readIn(decoder, segmentOf(appends, perBlock));
        expectSameWords(allWords(blocks), wordsOf(buffer));
        expect(decoder.damage).toEqual([]);
        expect(decoder.tornTailBytes).toBe(0);
        let time = 0;
        for (const block of blocks) {
          expect(block.baseTimeMicros).toBe(time);
          time = lastTime(block.words) ?? time;
        }
      }),
    );
  });

  it('come back the same however the bytes are cut', () => {
    fc.assert(
      fc.property(someRecords, fc.integer({ min: 1, max: 4 }), (appends, perBlock) => {
        const bytes = segmentOf(appends, perBlock);
        const words = wordsOf(bufferOf(appends));
        for (let cut = 0; cut <= bytes.length; cut++) {
          expectSameWords(allWords(readIn(new SegmentDecoder('a.pgt'), bytes, [cut])), words);
        }
        const everyByte = Array.from(bytes.keys());
        expectSameWords(allWords(readIn(new SegmentDecoder('a.pgt'), bytes, everyByte)), words);
      }),
      { numRuns: 20 },
    );
  });
});

describe('records through NDJSON', () => {
  it('come back word by word', () => {
    fc.assert(
      fc.property(anyRecords, (appends) => {
        const buffer = bufferOf(appends);
        const decoder = new NdjsonDecoder('a.ndjson');
        const blocks = readIn(decoder, ndjsonOf(buffer));
        expect(decoder.damage).toEqual([]);
        expectSameWords(allWords(blocks), wordsOf(buffer));
      }),
    );
  });

  it('are the same lines when read and written again', () => {
    fc.assert(
      fc.property(anyRecords, (appends) => {
        const lines = ndjsonOf(bufferOf(appends));
        const again = bufferOf([]);
        const words = allWords(readIn(new NdjsonDecoder('a.ndjson'), lines));
        again.words = Uint32Array.from(words);
        again.wordCount = words.length;
        expect(Buffer.from(ndjsonOf(again)).toString()).toBe(Buffer.from(lines).toString());
      }),
    );
  });

  it('come back the same however the bytes are cut', () => {
    fc.assert(
      fc.property(someRecords, (appends) => {
        const bytes = ndjsonOf(bufferOf(appends));
        const words = wordsOf(bufferOf(appends));
        for (let cut = 0; cut <= bytes.length; cut += 1 + Math.floor(bytes.length / 200)) {
          expectSameWords(allWords(readIn(new NdjsonDecoder('a'), bytes, [cut])), words);
        }
        expectSameWords(allWords(readIn(new NdjsonDecoder('a'), bytes, Array.from(bytes.keys()))), words);
      }),
      { numRuns: 20 },
    );
  });
});

describe('a large segment', () => {
  const random = new SeededRandom(7);
  const appends: Append[] = [];
  for (let i = 0; i < 20_000; i++) {
    const gfn = random.below(1000);
    const low = random.u32();
    if (i % 10 === 0) appends.push((b) => b.time(i));
    else if (i % 10 === 1) appends.push((b) => b.mark('m'.repeat(gfn)));
    else appends.push((b) => b.fill(1, gfn, low, i, 0));
  }
  const bytes = segmentOf(appends);
  const words = wordsOf(bufferOf(appends));

  it('has blocks of at most 64 KiB and reads back from random pieces', () => {
    expect(bytes.length).toBeGreaterThan(3 * 64 * 1024);
    for (let seed = 0; seed < 10; seed++) {
      const pieces = new SeededRandom(seed);
      const cuts: number[] = [];
      for (let at = 0; at < bytes.length; at += pieces.below(seed % 2 === 0 ? 1000 : 200_000)) cuts.push(at);
      const blocks = readIn(new SegmentDecoder('a.pgt'), bytes, cuts);
      for (const block of blocks) expect(block.words.length * 4 + 32).toBeLessThanOrEqual(64 * 1024);
      expectSameWords(allWords(blocks), words);
    }
  });

  it('reads back from NDJSON in random pieces', () => {
    const lines = ndjsonOf(bufferOf(appends));
    for (let seed = 0; seed < 4; seed++) {
      const pieces = new SeededRandom(seed);
      const cuts: number[] = [];
      for (let at = 0; at < lines.length; at += pieces.below(seed % 2 === 0 ? 5000 : 500_000)) cuts.push(at);
      expectSameWords(allWords(readIn(new NdjsonDecoder('a'), lines, cuts)), words);
    }
  });
});

/** The last time record of these words, found without the code under test. */
function lastTime(words: readonly number[]): number | undefined {
  let time: number | undefined;
  for (let at = 0; at < words.length; at += 4 * (1 + ((words[at] >> 6) & 63))) {
    if ((words[at] & 63) === 1) time = words[at + 1] + words[at + 2] * 2 ** 32;
  }
  return time;
}
