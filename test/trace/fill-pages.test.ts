import { describe, expect, it } from 'vitest';
import xxhash from 'xxhash-wasm';
import { hashHex } from '../../src/base/hash-hex.js';
import { SeededRandom } from '../seeded-random.js';
import { fillByteOf, fillPageHigh, fillPageLow } from '../../src/trace/fill-pages.js';
import { ZERO_HASH_HIGH, ZERO_HASH_LOW } from '../../src/trace/record.js';

describe('the hashes of single-byte pages', () => {
  it('are XXH64 of those pages', async () => {
    const hasher = await xxhash();
    for (let byte = 0; byte < 256; byte++) {
      const hash = hasher.h64Raw(new Uint8Array(4096).fill(byte), 0n).toString(16).padStart(16, '0');
      expect(hashHex(fillPageLow(byte), fillPageHigh(byte))).toBe(hash);
      expect(fillByteOf(fillPageLow(byte), fillPageHigh(byte))).toBe(byte);
    }
  });

  it('agree with what recorders have seen', () => {
    expect(hashHex(fillPageLow(0), fillPageHigh(0))).toBe('ac869b6f32d8bbdb');
    expect(hashHex(ZERO_HASH_LOW, ZERO_HASH_HIGH)).toBe('ac869b6f32d8bbdb');
    expect(hashHex(fillPageLow(0xcc), fillPageHigh(0xcc))).toBe('df1fd9ec6fddee36');
    expect(hashHex(fillPageLow(0xff), fillPageHigh(0xff))).toBe('10af2cb94282321f');
  });

  it('are no other hash, not even one that is half the same', () => {
    const random = new SeededRandom(3);
    for (let i = 0; i < 10_000; i++) expect(fillByteOf(random.u32(), random.u32())).toBe(-1);
    for (let byte = 0; byte < 256; byte++) {
      expect(fillByteOf(fillPageLow(byte), (fillPageHigh(byte) ^ 1) >>> 0)).toBe(-1);
      expect(fillByteOf((fillPageLow(byte) ^ 1) >>> 0, fillPageHigh(byte))).toBe(-1);
    }
    expect(fillByteOf(0, 0)).toBe(-1);
  });
});
