/**
 * A domain's frames in a random order, each once a round, without storing the order: the numbers 0 … 2^k − 1 are
 * scattered by a bijection that a seed chooses, and what lies behind the last frame is passed over. Frames are known by
 * the chunks of the frame table in which they lie; a chunk that comes during a round is in the order from the next one
 * on.
 */
const CHUNK_BITS = 12;
const CHUNK_MASK = (1 << CHUNK_BITS) - 1;

/** All bits of the result depend on all bits of both words (the finalizer of MurmurHash3, public domain). */
export function mix32(a: number, b: number): number {
  let h = Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x27d4eb2f);
  return (h ^ (h >>> 15)) >>> 0;
}

/** See the head of this file. */
export class RandomOrder {
  /** First frame ids of the domain's chunks, in the order in which they came. */
  #bases = new Uint32Array(4);
  #chunks = 0;
  // The round under way.
  #roundChunks = 0;
  #index = 0;
  #end = 0;
  #mask = 0;
  #shift = 0;
  #keyIn = 0;
  #keyMiddle = 0;
  #multiplier = 1;

  /** Chunks of the domain. */
  get chunks(): number {
    return this.#chunks;
  }

  /** First frame id of a chunk, by its place. */
  baseOf(place: number): number {
    return this.#bases[place];
  }

  /** The domain's frames are in one more chunk, which begins at frame id `base`. */
  addChunk(base: number): void {
    if (this.#chunks === this.#bases.length) {
      const grown = new Uint32Array(2 * this.#chunks);
      grown.set(this.#bases);
      this.#bases = grown;
    }
    this.#bases[this.#chunks++] = base;
  }

  /** Begins a round over the chunks that there are. @param seed any u32: the same one and chunks, the same order */
  begin(seed: number): void {
    const bits = CHUNK_BITS + Math.max(0, 32 - Math.clz32(this.#chunks - 1));
    this.#roundChunks = this.#chunks;
    this.#index = 0;
    this.#end = 2 ** bits;
    this.#mask = this.#end - 1;
    this.#shift = bits >>> 1;
    this.#keyIn = mix32(seed, 1) & this.#mask;
    this.#keyMiddle = mix32(seed, 2) & this.#mask;
    this.#multiplier = (mix32(seed, 3) & ~7) | 5;
  }

  /** The next frame of the round, in use or not; -1: it is over. */
  next(): number {
    while (this.#index < this.#end) {
      // Each step can be undone, so no two numbers meet: xor, product with an odd number, xor with own high bits.
      const mask = this.#mask;
      let x = Math.imul(this.#index++ ^ this.#keyIn, this.#multiplier) & mask;
      x = Math.imul(x ^ (x >>> this.#shift) ^ this.#keyMiddle, 0x2c1b3c6d) & mask;
      x ^= x >>> this.#shift;
      const chunk = x >>> CHUNK_BITS;
      if (chunk < this.#roundChunks) return this.#bases[chunk] + (x & CHUNK_MASK);
    }
    return -1;
  }
}
