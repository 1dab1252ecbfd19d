const CHUNK_BLOCKS = 32768;
const CHUNK_SHIFT = 15;
/** Blocks that are marked at once if a range covers them all: 512 chunks, 64 GiB of disk. */
const WIDE_SHIFT = 24;
const WIDE_BLOCKS = 2 ** WIDE_SHIFT;
/** Numbers below this are of chunks, those above of wide spans; images are 16 bits. */
const WIDE_KEYS = 2 ** 33;
/** Stands for a chunk whose every block is marked, so that huge ranges cost no memory. */
const FULL = new Uint32Array(0);
/** An entry of a Map with its typed array. */
const ENTRY_BYTES = 64;

/**
 * Blocks of disk for each domain and its life, one bit a block in chunks of 32,768 blocks (128 MiB of disk): those that
 * it has written (a block of which any part was written is not eligible for sharing with that domain again: design §4,
 * rule 2), or those that it has read.
 */
export class DomainBlocks {
  /** By domain slot: image index × 2^17 + chunk number, or WIDE_KEYS + image index × 2^8 + wide number → bits. */
  readonly #domains: Map<number, Uint32Array>[] = [];
  #bytes = 0;

  /** @param hasRoom whether so many bytes more may be held */
  constructor(private readonly hasRoom: (bytes: number) => boolean = () => true) {}

  /**
   * Marks blocks [block, block + count). False if room was short: then more blocks than these are marked, or none.
   */
  add(domain: number, image: number, block: number, count: number): boolean {
    const chunks = (this.#domains[domain] ??= new Map<number, Uint32Array>());
    const end = Math.min(block + count, 2 ** 32);
    let isWhole = true;
    for (let at = block; at < end;) {
      let stop: number;
      if (at % WIDE_BLOCKS === 0 && end - at >= WIDE_BLOCKS) {
        stop = at + WIDE_BLOCKS;
        if (!this.#enter(chunks, WIDE_KEYS + image * 2 ** 8 + at / WIDE_BLOCKS, FULL)) isWhole = false;
      } else {
        const number = Math.floor(at / CHUNK_BLOCKS);
        stop = Math.min(end, (number + 1) * CHUNK_BLOCKS);
        if (!this.#markChunk(chunks, image * 2 ** 17 + number, at % CHUNK_BLOCKS, stop - at)) isWhole = false;
      }
      at = stop;
    }
    return isWhole;
  }

  #markChunk(chunks: Map<number, Uint32Array>, key: number, first: number, count: number): boolean {
    if (count === CHUNK_BLOCKS) return this.#enter(chunks, key, FULL);
    let bits = chunks.get(key);
    if (bits === FULL) return true;
    if (bits === undefined) {
      bits = new Uint32Array(CHUNK_BLOCKS / 32);
      // Without room for the bits the whole chunk counts as marked: less is shared, never more.
      if (!this.#enter(chunks, key, bits)) return this.#enter(chunks, key, FULL) && false;
    }
    for (let i = first; i < first + count; i++) bits[i >>> 5] |= 1 << (i & 31);
    return true;
  }

  #enter(chunks: Map<number, Uint32Array>, key: number, bits: Uint32Array): boolean {
    const before = chunks.get(key);
    const more = bits.byteLength - (before === undefined ? -ENTRY_BYTES : before.byteLength);
    if (more > 0 && !this.hasRoom(more)) return false;
    chunks.set(key, bits);
    this.#bytes += more;
    return true;
  }

  /** Whether the block is marked. */
  has(domain: number, image: number, block: number): boolean {
    const chunks = this.#domains[domain];
    if (chunks === undefined || chunks.size === 0) return false;
    const bits = chunks.get(image * 2 ** 17 + (block >>> CHUNK_SHIFT));
    if (bits === undefined) return chunks.has(WIDE_KEYS + image * 2 ** 8 + (block >>> WIDE_SHIFT));
    if (bits === FULL) return true;
    const at = block & (CHUNK_BLOCKS - 1);
    if (((bits[at >>> 5] >>> (at & 31)) & 1) !== 0) return true;
    return chunks.has(WIDE_KEYS + image * 2 ** 8 + (block >>> WIDE_SHIFT));
  }

  /** The domain is gone: the next one in its slot has none. */
  clear(domain: number): void {
    const chunks = this.#domains[domain];
    if (chunks === undefined) return;
    for (const bits of chunks.values()) this.#bytes -= ENTRY_BYTES + bits.byteLength;
    chunks.clear();
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes;
  }
}
