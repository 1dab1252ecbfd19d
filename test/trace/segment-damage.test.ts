import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../seeded-random.js';
import { DAMAGE_LISTED_MAX } from '../../src/trace/decoder.js';
import { SegmentDecoder } from '../../src/trace/segment-decoder.js';
import {
  allWords,
  anyRecord,
  blockPieces,
  bufferOf,
  drain,
  expectSameWords,
  readIn,
  segmentPieces,
  wordsOf,
  type Append,
  type ReadBlock,
} from './record-streams.js';

function fills(count: number, from: number): Append[] {
  return Array.from(
    { length: count },
    (_, i): Append =>
      (b) =>
        b.fill(1, from + i, (from + i) * 77, 7, 0),
  );
}

/** A header and four blocks; `starts[i]` is the offset of block i, `words[i]` its records. */
function fourBlocks(): { bytes: Uint8Array; starts: number[]; words: number[][] } {
  const groups: Append[][] = [fills(3, 0), fills(2, 10), [(b) => b.mark('here'), ...fills(2, 20)], fills(4, 30)];
  const pieces = blockPieces(groups);
  expect(pieces.length).toBe(5);
  const starts: number[] = [];
  let at = 0;
  for (const piece of pieces) {
    starts.push(at);
    at += piece.length;
  }
  return { bytes: Buffer.concat(pieces), starts: starts.slice(1), words: groups.map((g) => wordsOf(bufferOf(g))) };
}

/** Which of the whole blocks were read, in order; anything else that was read fails. */
function blocksRead(blocks: readonly ReadBlock[], words: readonly (readonly number[])[]): number[] {
  const indexes = new Map(words.map((expected, index) => [expected.join(), index]));
  return blocks.map((block) => {
    const index = indexes.get(block.words.join());
    expect(index, 'a block that was never written').toBeDefined();
    return index as number;
  });
}

describe('a flipped bit', () => {
  const { bytes, starts, words } = fourBlocks();

  it('anywhere in a small segment loses its own block at most, and is counted', () => {
    for (let at = 0; at < bytes.length; at++) {
      for (const mask of [1, 0x80, 0xff]) {
        const bad = Uint8Array.from(bytes);
        bad[at] = bad[at] ^ mask;
        const hit = starts.findLastIndex((start) => start <= at);
        const decoder = new SegmentDecoder('a.pgt');
        const read = blocksRead(readIn(decoder, bad), words);
        expect(read, `byte ${at}`).toEqual([0, 1, 2, 3].filter((block) => block !== hit));
        expect(decoder.damagedBlocks).toBe(1);
        expect(decoder.damage[0]?.place).toBe(`offset ${hit < 0 ? 0 : starts[hit]}`);
      }
    }
  });

  it('is treated the same byte by byte', () => {
    for (let at = 0; at < bytes.length; at += 5) {
      const bad = Uint8Array.from(bytes);
      bad[at] = bad[at] ^ 0x10;
      const whole = new SegmentDecoder('a.pgt');
      const byByte = new SegmentDecoder('a.pgt');
      const expected = allWords(readIn(whole, bad));
      expectSameWords(allWords(readIn(byByte, bad, Array.from(bad.keys()))), expected);
      expect(byByte.damage).toEqual(whole.damage);
    }
  });

  it('in a large segment changes no other block', () => {
    const groups = Array.from({ length: 40 }, (_, i) => fills(500, i * 1000));
    const pieces = blockPieces(groups);
    const large = Buffer.concat(pieces);
    const expected = groups.map((group) => wordsOf(bufferOf(group)));
    const random = new SeededRandom(11);
    for (let round = 0; round < 12; round++) {
      const bad = Uint8Array.from(large);
      const at = 64 + random.below(large.length - 64);
      bad[at] = bad[at] ^ (1 << random.below(8));
      const hit = Math.floor((at - 64) / pieces[1].length);
      const read = blocksRead(readIn(new SegmentDecoder('a.pgt'), bad, [random.below(large.length)].sort()), expected);
      expect(read).toEqual(groups.map((_, i) => i).filter((i) => i !== hit));
    }
  });
});

describe('bytes lost or foreign', () => {
  const { bytes, starts, words } = fourBlocks();
  const [, second = 0, third = 0, fourth = 0] = starts;

  it('a missing block is told by the sequence', () => {
    const decoder = new SegmentDecoder('a.pgt');
    const cut = Buffer.concat([bytes.subarray(0, second), bytes.subarray(third)]);
    expect(blocksRead(readIn(decoder, cut), words)).toEqual([0, 2, 3]);
    expect(decoder.damage).toEqual([{ place: `offset ${second}`, problem: 'block 2 where 1 should be' }]);
  });

  it('a recorder that goes on behind a torn block loses that block only', () => {
    const decoder = new SegmentDecoder('a.pgt');
    const torn = Buffer.concat([bytes.subarray(0, second + 48), bytes.subarray(third)]);
    expect(blocksRead(readIn(decoder, torn), words)).toEqual([0, 2, 3]);
    expect(decoder.damagedBlocks).toBe(1);
  });

  it('a hole of zeros is damage once something follows it', () => {
    for (const [from, to] of [
      [second, third],
      [second + 16, third],
      [second + 32, fourth],
      [0, 64],
    ] as const) {
      const hole = Uint8Array.from(bytes).fill(0, from, to);
      const decoder = new SegmentDecoder('a.pgt');
      const read = blocksRead(readIn(decoder, hole, [from, to]), words);
      const ends = [...starts.slice(1), bytes.length];
      const hit = [0, 1, 2, 3].filter((i) => starts[i] < to && ends[i] > from);
      expect(read).toEqual([0, 1, 2, 3].filter((i) => !hit.includes(i)));
      expect(decoder.damagedBlocks).toBe(1);
      expect(decoder.tornTailBytes).toBe(0);
    }
  });

  it('random bytes are one damage and never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 5000 }), (noise) => {
        const decoder = new SegmentDecoder('a.pgt');
        expect(readIn(decoder, noise)).toEqual([]);
        expect(decoder.damagedBlocks + (decoder.tornTailBytes > 0 ? 1 : 0)).toBeGreaterThan(0);
      }),
    );
  });

  it('arbitrary edits of arbitrary segments give only blocks that were written', () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(40), fc.uint8Array({ maxLength: 40 })), { maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(anyRecord, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        edits,
        (appends, perBlock, changes) => {
          let all: Uint8Array = Buffer.concat(segmentPieces(appends, perBlock));
          const written = new Set(drainAll(all).map((block) => block.words.join()));
          for (const [place, remove, insert] of changes) {
            const at = place % all.length;
            all = Buffer.concat([all.subarray(0, at), insert, all.subarray(at + remove)]);
          }
          for (const block of drainAll(all)) expect(written.has(block.words.join())).toBe(true);
        },
      ),
    );
  });

  it('far into a file is named by its offset in the file', () => {
    const pieces = blockPieces(Array.from({ length: 40 }, (_, i) => fills(3000, i)));
    const bad = pieces[35];
    bad[100] ^= 1;
    const expected = pieces.slice(0, 35).reduce((sum, piece) => sum + piece.length, 0);
    expect(expected).toBeGreaterThan(1024 * 1024);
    const all = Buffer.concat(pieces);
    const cuts = Array.from({ length: Math.floor(all.length / 10_000) }, (_, i) => i * 10_000);
    const decoder = new SegmentDecoder('a.pgt');
    expect(readIn(decoder, all, cuts).length).toBe(39);
    expect(decoder.damage).toEqual([{ place: `offset ${expected}`, problem: 'the block has a wrong checksum' }]);
  });

  it('lists the first damages and counts all', () => {
    const pieces = blockPieces(Array.from({ length: 200 }, (_, i) => fills(1, i)));
    for (const [i, piece] of pieces.entries()) if (i % 2 === 1) piece[40] = piece[40] ^ 1;
    const decoder = new SegmentDecoder('a.pgt');
    expect(readIn(decoder, Buffer.concat(pieces)).length).toBe(100);
    expect(decoder.damagedBlocks).toBe(100);
    expect(decoder.damage.length).toBe(DAMAGE_LISTED_MAX);
  });
});

describe('a torn tail', () => {
  const { bytes, starts, words } = fourBlocks();
  const ends = [...starts.slice(1), bytes.length];

  it('cut at any byte gives the whole blocks before it, is no damage, and is completed by the rest', () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      const decoder = new SegmentDecoder('a.pgt');
      decoder.push(bytes.subarray(0, cut));
      const whole = [0, 1, 2, 3].filter((i) => ends[i] <= cut);
      expect(blocksRead(drain(decoder), words)).toEqual(whole);
      expect(decoder.damagedBlocks).toBe(0);
      const consumed = cut < 64 ? 0 : (ends[whole.length - 1] ?? 64);
      expect(decoder.tornTailBytes).toBe(cut - consumed);
      decoder.push(bytes.subarray(cut));
      decoder.end();
      expect(blocksRead(drain(decoder), words)).toEqual([0, 1, 2, 3].slice(whole.length));
      expect(decoder.damagedBlocks).toBe(0);
      expect(decoder.tornTailBytes).toBe(0);
    }
  });

  it('of zeros, from any slot on and of any length, is no damage', () => {
    for (let from = 0; from <= bytes.length; from += 16) {
      for (const more of [16, 40, 5000]) {
        const zeros = Buffer.concat([bytes.subarray(0, from), Buffer.alloc(bytes.length - from + more)]);
        const decoder = new SegmentDecoder('a.pgt');
        const whole = [0, 1, 2, 3].filter((i) => ends[i] <= from);
        expect(blocksRead(readIn(decoder, zeros, [from]), words)).toEqual(whole);
        expect(decoder.damagedBlocks, `zeros from ${from}`).toBe(0);
        expect(decoder.tornTailBytes).toBe(zeros.length - (from < 64 ? 0 : (ends[whole.length - 1] ?? 64)));
      }
    }
  });
});

function drainAll(bytes: Uint8Array): ReadBlock[] {
  return readIn(new SegmentDecoder('a.pgt'), bytes);
}
