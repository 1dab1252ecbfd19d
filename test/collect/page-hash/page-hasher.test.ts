/** PageHasher against xxhash-wasm: pages of every kind, at every place of a chunk. */
import { describe, expect, test } from 'vitest';
import xxhash from 'xxhash-wasm';
import { PAGE_BYTES } from '../../../src/base/units.js';
import { PageHasher } from '../../../src/collect/page-hash/page-hasher.js';
import { SeededRandom } from '../../seeded-random.js';

const reference = await xxhash();

function hashesOf(hasher: PageHasher, count: number): bigint[] {
  return Array.from(
    { length: count },
    (_, i) => (BigInt(hasher.hashes[2 * i + 1]) << 32n) | BigInt(hasher.hashes[2 * i]),
  );
}

function expected(hasher: PageHasher, count: number): bigint[] {
  return Array.from({ length: count }, (_, i) =>
    reference.h64Raw(hasher.pages.subarray(i * PAGE_BYTES, (i + 1) * PAGE_BYTES), 0n),
  );
}

describe('page hashes', () => {
  test('random pages, zero pages, and pages with one byte that is not zero at any place', () => {
    const hasher = new PageHasher(64);
    const random = new SeededRandom(22);
    for (let turn = 0; turn < 20; turn++) {
      const count = 1 + (random.u32() % 64);
      for (let page = 0; page < count; page++) {
        const bytes = hasher.pages.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
        const kind = random.u32() % 4;
        bytes.fill(kind === 1 ? random.u32() % 256 : 0);
        if (kind === 2) bytes[random.u32() % PAGE_BYTES] = 1 + (random.u32() % 255);
        if (kind === 3) for (let i = 0; i < PAGE_BYTES; i++) bytes[i] = random.u32() % 256;
      }
      hasher.hash(count);
      expect(hashesOf(hasher, count)).toEqual(expected(hasher, count));
    }
  });

  test('each byte of a page counts, the first and the last too', () => {
    const hasher = new PageHasher(2);
    for (const at of [0, 1, 7, 8, 127, 128, 2047, 4088, 4095, 4096, 8191]) {
      hasher.pages.fill(0);
      hasher.pages[at] = 0x80;
      hasher.hash(2);
      expect(hashesOf(hasher, 2)).toEqual(expected(hasher, 2));
    }
  });
});
