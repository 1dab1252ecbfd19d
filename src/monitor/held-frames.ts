const CHUNK_SHIFT = 12;
const CHUNK_MASK = (1 << CHUNK_SHIFT) - 1;
const CHUNK_WORDS = 1 << (CHUNK_SHIFT - 5);

/** A set of gfns: bits in chunks of 4,096, so that far apart ones cost little and asking is quick. */
export class HeldFrames {
  #chunks: (Uint32Array | undefined)[] = [];
  /** How many. */
  count = 0;

  /** Whether the frame is among them. */
  has(gfn: number): boolean {
    if (this.count === 0) return false;
    const bits = this.#chunks[gfn >>> CHUNK_SHIFT];
    return bits !== undefined && ((bits[(gfn & CHUNK_MASK) >>> 5] >>> (gfn & 31)) & 1) !== 0;
  }

  /** False if it was there. */
  add(gfn: number): boolean {
    const bits = (this.#chunks[gfn >>> CHUNK_SHIFT] ??= new Uint32Array(CHUNK_WORDS));
    const word = (gfn & CHUNK_MASK) >>> 5;
    const bit = 1 << (gfn & 31);
    if ((bits[word] & bit) !== 0) return false;
    bits[word] |= bit;
    this.count++;
    return true;
  }

  /** False if it was not there. */
  remove(gfn: number): boolean {
    if (!this.has(gfn)) return false;
    const bits = this.#chunks[gfn >>> CHUNK_SHIFT]!;
    bits[(gfn & CHUNK_MASK) >>> 5] &= ~(1 << (gfn & 31));
    this.count--;
    return true;
  }

  /** Another set of the same frames. */
  copy(): HeldFrames {
    const copy = new HeldFrames();
    copy.#chunks = this.#chunks.map((bits) => bits?.slice());
    copy.count = this.count;
    return copy;
  }

  /** Those in [first, end), ascending, as of the call. */
  within(first: number, end: number): number[] {
    if (this.count === 0) return [];
    const found: number[] = [];
    const last = Math.min(this.#chunks.length - 1, Math.floor((end - 1) / (CHUNK_MASK + 1)));
    for (let chunk = first >>> CHUNK_SHIFT; chunk <= last; chunk++) {
      const bits = this.#chunks[chunk];
      if (bits === undefined) continue;
      for (let word = 0; word < CHUNK_WORDS; word++) {
        if (bits[word] === 0) continue;
        for (let bit = 0; bit < 32; bit++) {
          const gfn = chunk * (CHUNK_MASK + 1) + word * 32 + bit;
          if (((bits[word] >>> bit) & 1) !== 0 && gfn >= first && gfn < end) found.push(gfn);
        }
      }
    }
    return found;
  }
}
