/** Segments through a pipe: what a chain reads from them laid end to end is what the files hold, one after another. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KIND, kindOf, slotsOf } from '../../src/trace/record.js';
import { SegmentChain } from '../../src/trace/segment-chain.js';
import { SegmentDecoder } from '../../src/trace/segment-decoder.js';
import { SegmentWriter } from '../../src/trace/segment-writer.js';
import { SeededRandom } from '../seeded-random.js';
import {
  allWords,
  anyRecord,
  bufferOf,
  drain,
  expectSameWords,
  MemorySink,
  readIn,
  segmentOf,
  wordsOf,
  type Append,
} from './record-streams.js';

const touch =
  (gfn: number): Append =>
  (b) =>
    b.touch(1, gfn, 1);
const fills = (from: number, count: number): Append[] =>
  Array.from(
    { length: count },
    (_, i): Append =>
      (b) =>
        b.fill(1, from + i, from + i + 1, 7, 0),
  );

/** The segments of one stream with these records, rotated at 2 KiB. */
function rotated(appends: readonly Append[]): Uint8Array[] {
  const sink = new MemorySink();
  const writer = new SegmentWriter('a', sink, { rotateBytes: 2048 });
  for (const append of appends) {
    writer.append(bufferOf([append]));
  }
  writer.close();
  return sink.files.map((_, i) => sink.bytes(i));
}

/** A stream of several segments, and all its words. */
function stream(): { segments: Uint8Array[]; words: number[] } {
  const appends: Append[] = [(b) => b.time(5), (b) => b.domain(1, 'web1', 'web1', 'default', '', 4096)];
  appends.push(...fills(0, 60), ...Array.from({ length: 600 }, (_, i) => touch(i)));
  const segments = rotated(appends);
  expect(segments.length).toBeGreaterThan(3);
  return { segments, words: wordsOf(bufferOf(appends)) };
}

describe('the segments of one stream', () => {
  test('are its records once, however the bytes are cut', () => {
    const { segments, words } = stream();
    const bytes = Buffer.concat(segments);
    for (let seed = 0; seed < 20; seed++) {
      const random = new SeededRandom(seed);
      const cuts: number[] = [];
      for (let at = 1; at < bytes.length; at += 1 + random.below(seed < 3 ? 8 : 3000)) cuts.push(at);
      const chain = new SegmentChain('stdin');
      expectSameWords(allWords(readIn(chain, bytes, cuts)), words);
      expect([chain.damagedBlocks, chain.gaps, chain.streamIndex, chain.tornTailBytes]).toEqual([0, [], 0, 0]);
    }
  });

  test('any records at all', () => {
    const any = fc.array(anyRecord, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(any, any, fc.nat(3000), (first, second, cut) => {
        const bytes = Buffer.concat([segmentOf(first, 3), segmentOf(second, 3)]);
        const chain = new SegmentChain('stdin');
        const blocks = readIn(chain, bytes, [Math.min(cut, bytes.length)]);
        expectSameWords(allWords(blocks), [...wordsOf(bufferOf(first)), ...wordsOf(bufferOf(second))]);
        // Both are the first segment of their stream.
        expect([chain.damagedBlocks, chain.gaps, chain.streamIndex]).toEqual([0, [], 1]);
      }),
    );
  });

  test('one that is left out is a gap, and the opening behind it is read', () => {
    const { segments } = stream();
    const chain = new SegmentChain('stdin');
    const blocks = readIn(chain, Buffer.concat([segments[0], segments[2]]));
    const alone = [
      ...allWords(readIn(new SegmentDecoder('a'), segments[0])),
      ...allWords(readIn(new SegmentDecoder('a'), segments[2])),
    ];
    expectSameWords(allWords(blocks), alone);
    expect(chain.gaps).toEqual([
      { place: `offset ${segments[0].length}`, problem: 'the segment before it is not there' },
    ]);
    expect([chain.damagedBlocks, chain.streamIndex]).toEqual([0, 0]);
  });
});

describe('a torn end before the next segment', () => {
  test('is a gap at every byte, never damage, and the next opening mends it', () => {
    const { segments } = stream();
    const [first, second] = segments;
    const whole = allWords(readIn(new SegmentDecoder('a'), second));
    for (let cut = first.length - 100; cut < first.length; cut++) {
      const torn = first.subarray(0, cut);
      const file = new SegmentDecoder('a');
      const words = allWords(readIn(file, torn));
      const chain = new SegmentChain('stdin');
      const blocks = readIn(chain, Buffer.concat([torn, second]), [cut - 1, cut + 30, cut + 70]);
      // Where the cut falls between two blocks nothing tells that there was more.
      const isTorn = file.tornTailBytes > 0;
      expect(chain.gaps).toHaveLength(isTorn ? 1 : 0);
      expect(chain.damage).toEqual([]);
      if (!isTorn) continue;
      expect(chain.gaps[0].problem).toContain(`(${file.tornTailBytes} bytes of it)`);
      expectSameWords(allWords(blocks), [...words, ...whole]);
    }
  });

  test('zeros of a crash too', () => {
    const { segments } = stream();
    const chain = new SegmentChain('stdin');
    const blocks = readIn(chain, Buffer.concat([segments[0], new Uint8Array(4099), segments[1]]));
    expect(chain.damage).toEqual([]);
    // The next header says that all whole blocks are there: zeros behind them have taken nothing.
    expect(chain.gaps).toEqual([]);
    expect(allWords(blocks).length).toBeGreaterThan(allWords(readIn(new SegmentDecoder('a'), segments[1])).length);
  });
});

/** Touches among these records. */
function touches(words: readonly number[]): number {
  let count = 0;
  for (let at = 0; at < words.length; at += slotsOf(words[at]) * 4) if (kindOf(words[at]) === KIND.touch) count++;
  return count;
}

describe('damage', () => {
  /** Bytes of each block of a segment, header included. */
  function blocksOf(segment: Uint8Array): number[] {
    const view = new DataView(segment.buffer, segment.byteOffset, segment.length);
    const sizes: number[] = [];
    for (let at = 64; at < segment.length; at += sizes.at(-1) ?? 0) sizes.push(32 + view.getUint32(at + 4, true));
    return sizes;
  }

  test('in the last block of a segment is damage, not a torn end', () => {
    const { segments } = stream();
    const [first, second] = segments;
    const bad = Uint8Array.from(first);
    bad[first.length - (blocksOf(first).at(-1) ?? 0) + 40] ^= 1;
    for (const more of [second, new Uint8Array(0)]) {
      const chain = new SegmentChain('stdin');
      readIn(chain, Buffer.concat([bad, more]));
      expect(chain.gaps).toEqual([]);
      expect(chain.damage.map(({ problem }) => problem)).toEqual(['the block has a wrong checksum']);
    }
  });

  test('is told with its place in the whole input', () => {
    const { segments } = stream();
    const [first, second] = segments;
    const bad = Uint8Array.from(second);
    bad[64 + 33] ^= 1;
    const chain = new SegmentChain('stdin');
    // The opening of a reader in step is not looked at; the block behind it is.
    const opening = blocksOf(second)[0];
    bad[64 + opening + 33] ^= 1;
    readIn(chain, Buffer.concat([first, bad, segments[2]]));
    expect(chain.damage).toEqual([
      { place: `offset ${first.length + 64 + opening}`, problem: 'the block has a wrong checksum' },
    ]);
  });

  test('a flipped byte anywhere loses no more than its surroundings, and is told once', () => {
    const { segments, words } = stream();
    const bytes = Buffer.concat(segments);
    const longest = Math.max(...segments.map(({ length }) => length));
    const random = new SeededRandom(3);
    for (let i = 0; i < 300; i++) {
      const at = random.below(bytes.length);
      const bad = Uint8Array.from(bytes);
      bad[at] ^= 1 + random.below(255);
      const chain = new SegmentChain('stdin');
      const read = allWords(readIn(chain, bad, [random.below(bytes.length)]));
      // A flip in an opening that is skipped is not seen and harms nothing.
      if (chain.damagedBlocks === 0 && chain.gaps.length === 0) expectSameWords(read, words);
      else expect(chain.damagedBlocks + chain.gaps.length).toBeLessThanOrEqual(2);
      // At worst a segment has one block besides its opening, and all of that is missing.
      expect(touches(read)).toBeGreaterThan(600 - longest / 16);
    }
  });
});

test('a text that looks like a segment header ends nothing', () => {
  const header = segmentOf([touch(1)]).subarray(0, 64);
  // The header's bytes as part of a payload: the block around them is whole, so nobody looks inside.
  const hashes = new Uint32Array(new Uint8Array([...header, ...new Uint8Array(8)]).buffer);
  const appends: Append[] = [(b) => b.fillSpan(1, 0, 9, hashes, 0), touch(2)];
  const chain = new SegmentChain('stdin');
  const blocks = readIn(chain, Buffer.concat([segmentOf(appends), segmentOf([touch(3)])]));
  expectSameWords(allWords(blocks), [...wordsOf(bufferOf(appends)), ...wordsOf(bufferOf([touch(3)]))]);
  expect([chain.damagedBlocks, chain.gaps, chain.streamIndex]).toEqual([0, [], 1]);
});

test('recorders that begin anew without end are refused at last', () => {
  const chain = new SegmentChain('stdin');
  const segment = segmentOf([touch(1)]);
  const all = (): void => {
    for (let i = 0; i < 300; i++) {
      chain.push(segment);
      drain(chain);
    }
  };
  expect(all).toThrow('stdin: more than 256 streams');
});
