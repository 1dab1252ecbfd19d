/**
 * What a guest's frames held when they were last seen: so that the next dump of the guest writes only what changed, and
 * so that a frame that a dump names twice is noticed. 9 bytes a frame, in chunks of 512 frames: a chunk needs a page of
 * the dump to come into being, and is as large as one.
 */
const CHUNK_SHIFT = 9;
const CHUNK_FRAMES = 1 << CHUNK_SHIFT;
const CHUNK_MASK = CHUNK_FRAMES - 1;
/** A frame that holds nothing. Passes are 1 and 2 in turn: behind one, every frame that holds something is of it. */
const NOTHING = 0;

/** What a page of a pass is to the frames held. */
export const SEEN = { same: 0, changed: 1, twice: 2 } as const;

class Chunk {
  /** The pass that saw a frame last, or NOTHING. */
  readonly pass = new Uint8Array(CHUNK_FRAMES);
  /** Low and high halves in turn. */
  readonly hashes = new Uint32Array(2 * CHUNK_FRAMES);
}

/** The frames of one guest. A pass over them is `begin`, any number of `see`, `end`. */
export class HeldFrames {
  readonly #chunks = new Map<number, Chunk>();
  #pass = 0;
  #chunk = new Chunk();
  #chunkNumber = -1;

  /** Begins a pass: one dump. */
  begin(): void {
    this.#pass = this.#pass === 1 ? 2 : 1;
  }

  /** The pass saw the frame hold this. One of SEEN: whether that is new, or the pass saw the frame before. */
  see(gfn: number, low: number, high: number): number {
    const chunk = this.#chunkOf(gfn);
    const i = gfn & CHUNK_MASK;
    const before = chunk.pass[i];
    if (before === this.#pass) return SEEN.twice;
    chunk.pass[i] = this.#pass;
    const { hashes } = chunk;
    if (before !== NOTHING && hashes[2 * i] === low && hashes[2 * i + 1] === high) return SEEN.same;
    hashes[2 * i] = low;
    hashes[2 * i + 1] = high;
    return SEEN.changed;
  }

  /** Ends the pass: runs of frames that held something and were not seen hold nothing now; in no order of chunks. */
  end(left: (gfn: number, count: number) => void): void {
    for (const [number, { pass }] of this.#chunks) {
      const first = number * CHUNK_FRAMES;
      let from = -1;
      for (let i = 0; i <= CHUNK_FRAMES; i++) {
        const isLeft = i < CHUNK_FRAMES && pass[i] !== NOTHING && pass[i] !== this.#pass;
        if (isLeft && from < 0) from = i;
        if (isLeft) pass[i] = NOTHING;
        if (isLeft || from < 0) continue;
        left(first + from, i - from);
        from = -1;
      }
    }
  }

  #chunkOf(gfn: number): Chunk {
    const number = gfn >>> CHUNK_SHIFT;
    if (number === this.#chunkNumber) return this.#chunk;
    let chunk = this.#chunks.get(number);
    if (chunk === undefined) {
      chunk = new Chunk();
      this.#chunks.set(number, chunk);
    }
    this.#chunkNumber = number;
    this.#chunk = chunk;
    return chunk;
  }
}
