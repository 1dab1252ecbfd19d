/** Keys that a sample follows at most (SHARDS_max). */
export const SAMPLE_KEYS_MAX = 16_384;

/**
 * A hash of a key ⟨group, image, block⟩, evenly spread over u32: the keys with a hash below a threshold T are a sample
 * of rate T / 2^32. It must not be the hash of BlockIndex, or a sample would crowd in a part of its table.
 * The finalizer is that of MurmurHash3 (Appleby, public domain).
 */
export function sampleHash(groupImage: number, block: number): number {
  let h = Math.imul(block + 0x7f4a7c15, 0xcc9e2d51) ^ Math.imul(groupImage + 0x3c6ef372, 0x1b873593);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
