import { describe, expect, it } from 'vitest';
import { block, head, segmentHeader, u32 } from '../../scripts/make-v1-fixture.mjs';
import { encodeSegmentHeader } from '../../src/trace/binary.js';
import { SegmentDecoder } from '../../src/trace/segment-decoder.js';
import { TraceError } from '../../src/trace/trace-error.js';
import { readIn } from './record-streams.js';

const GONE = [...head(5, 0, 0, 9), ...u32(0, 0, 0)];
const refusalOf = (fields: Parameters<typeof segmentHeader>[0]): string => {
  const decoder = new SegmentDecoder('host.000001.pgt');
  try {
    readIn(decoder, Uint8Array.from([...segmentHeader(fields), ...block([GONE])]));
  } catch (error) {
    expect(error).toBeInstanceOf(TraceError);
    expect(() => decoder.next()).toThrow(TraceError);
    expect(decoder.damagedBlocks).toBe(0);
    return (error as TraceError).message;
  }
  return 'read';
};

describe('a segment header', () => {
  it('is written as the plain reading of the format writes it', () => {
    const ours = encodeSegmentHeader({ segment: 70_000, startTimeMicros: 2 ** 52 + 1, previousBytes: 2 ** 33 + 64 });
    expect([...ours]).toEqual(
      segmentHeader({ version: 2, segment: 70_000, start: 2 ** 52 + 1, previous: 2 ** 33 + 64 }),
    );
  });

  it('of what this program does not know is refused by name', () => {
    expect(refusalOf({})).toBe('read');
    expect(refusalOf({ version: 2 })).toBe('read');
    expect(refusalOf({ version: 3 })).toBe(
      'host.000001.pgt: offset 0: format version 3 is not known, only 1 and 2 are: read it with a newer sharetop',
    );
    expect(refusalOf({ version: 0 })).toContain('format version 0 is not known');
    expect(refusalOf({ pageSize: 16384 })).toContain('page size 16384 is not supported, only 4096 is');
    expect(refusalOf({ algorithm: 2 })).toContain('hash algorithm 2 is not known, only 1 (XXH64) is');
    expect(refusalOf({ seed: 2 ** 40 })).toContain('the hash seed is not 0');
    expect(refusalOf({ headerBytes: 80 })).toContain('a header of 80 bytes is not known, only 64 is');
  });

  it('with a wrong checksum refuses nothing: it is damage, and the blocks are read', () => {
    const bytes = Uint8Array.from([...segmentHeader(), ...block([GONE])]);
    bytes[8] = 2;
    const decoder = new SegmentDecoder('a.pgt');
    expect(readIn(decoder, bytes).length).toBe(1);
    expect(decoder.damage).toEqual([{ place: 'offset 0', problem: 'the segment header has a wrong checksum' }]);
    expect(decoder.header).toBeUndefined();
  });
});

describe('a block', () => {
  const header = segmentHeader();
  const damageOf = (...blocks: number[][]): string => {
    const decoder = new SegmentDecoder('a.pgt');
    readIn(decoder, Uint8Array.from([...header, ...blocks.flat()]));
    return decoder.damage.map(({ place, problem }) => `${place}: ${problem}`).join('; ');
  };

  it('whose records do not hold is damage, and the next one is read', () => {
    expect(damageOf(block([GONE]), block([GONE], { sequence: 1 }))).toBe('');
    expect(damageOf(block([GONE], { count: 2 }))).toBe('offset 64: the block holds 1 records and announces 2');
    const unknown = [...head(20, 0, 0, 0), ...u32(0, 0, 0)];
    expect(damageOf(block([GONE, unknown]))).toBe('offset 64: the record at offset 112 is malformed');
    // Zeros with a right checksum are no torn tail.
    expect(damageOf(block([GONE, Array<number>(16).fill(0)]))).toContain('offset 112 is malformed');
  });

  it('whose payload is no whole slots is no block', () => {
    const half = [...GONE, ...GONE.slice(0, 8)];
    expect(damageOf(block([half], { count: 1 }), block([GONE], { sequence: 1 }))).toBe(
      'offset 64: no block header with a right checksum',
    );
    expect(damageOf(block([], {}))).toBe('offset 64: no block header with a right checksum');
  });

  it('with a base time of 2^53 µs or more is damage', () => {
    expect(damageOf(block([GONE], { base: 2 ** 53 - 1 }))).toBe('');
    expect(damageOf(block([GONE], { base: 2 ** 53 }))).toBe('offset 64: no block header with a right checksum');
  });
});
