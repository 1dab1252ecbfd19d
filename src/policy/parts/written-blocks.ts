const CHUNK_BLOCKS = 32768;
const CHUNK_SHIFT = 15;
/** Stands for a chunk whose every block was written, so that huge writes cost no memory. */
const FULL = new Uint32Array(0);

/**
 * The blocks that each domain has written in its life, one bit a block in chunks of 32,768 blocks (128 MiB of disk).
 * A block of which any part was written is not eligible for sharing with that domain again (design §4, rule 2).
 */
export class WrittenBlocks {
  /** By domain slot: image index × 2^17 + chunk number → bits. */
  readonly #domains: Map<number, Uint32Array>[] = [];

  /** Marks blocks [block, block + count) as written. */
  add(domain: number, image: number, block: number, count: number): void {
    const chunks = (this.#domains[domain] ??= new Map<number, Uint32Array>());
    const end = Math.min(block + count, 2 ** 32);
    for (let at = block; at < end;) {
      const number = Math.floor(at / CHUNK_BLOCKS);
      const stop = Math.min(end, (number + 1) * CHUNK_BLOCKS);
      this.#markChunk(chunks, image * 2 ** 17 + number, at % CHUNK_BLOCKS, stop - at);
      at = stop;
    }
  }

  #markChunk(chunks: Map<number, Uint32Array>, key: number, first: number, count: number): void {
    if (count === CHUNK_BLOCKS) {
      chunks.set(key, FULL);
      return;
    }
    let bits = chunks.get(key);
    if (bits === FULL) return;
    if (bits === undefined) chunks.set(key, (bits = new Uint32Array(CHUNK_BLOCKS / 32)));
    for (let i = first; i < first + count; i++) bits[i >>> 5] |= 1 << (i & 31);
  }

  has(domain: number, image: number, block: number): boolean {
    const bits = this.#domains[domain]?.get(image * 2 ** 17 + (block >>> CHUNK_SHIFT));
    if (bits === undefined) return false;
    if (bits === FULL) return true;
    const at = block & (CHUNK_BLOCKS - 1);
    return ((bits[at >>> 5] >>> (at & 31)) & 1) !== 0;
  }

  /** The domain is gone: the next one in its slot has written nothing. */
  clear(domain: number): void {
    this.#domains[domain]?.clear();
  }

  get bytes(): number {
    let bytes = 0;
    for (const chunks of this.#domains) for (const bits of chunks?.values() ?? []) bytes += bits.byteLength + 64;
    return bytes;
  }
}
