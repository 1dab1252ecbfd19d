/** Hashes of pages, many at a call: XXH64, seed 0, of each 4 KiB. */
import xxhash from 'xxhash-wasm';
import { PAGE_BYTES } from '../../base/units.js';

/** Hashes what is put into `input`. */
export interface PageHashes {
  /** Pages to hash; whole pages, `pagesMax` of them at most. */
  readonly input: Uint8Array;
  readonly pagesMax: number;
  /** Two words a page, the low half first; valid after `hash`. */
  readonly hashes: Uint32Array;
  /** Hashes the first `pages` pages of `input`. */
  hash(pages: number): void;
}

/** Loads the hash and makes room for `pagesMax` pages. */
export async function loadPageHashes(pagesMax: number): Promise<PageHashes> {
  const hasher = await xxhash();
  const input = new Uint8Array(pagesMax * PAGE_BYTES);
  const pages = Array.from({ length: pagesMax }, (_, i) => input.subarray(i * PAGE_BYTES, (i + 1) * PAGE_BYTES));
  const wide = new BigUint64Array(pagesMax);
  return {
    input,
    pagesMax,
    hashes: new Uint32Array(wide.buffer),
    hash: (count) => {
      for (let i = 0; i < count; i++) wide[i] = hasher.h64Raw(pages[i], 0n);
    },
  };
}
