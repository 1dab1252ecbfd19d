/** The hash kept of each frame, 8 bytes, in chunks that are made when a frame in them holds something. */
import { NOTHING_LOW, MARK_HIGH } from './page-job.js';

const CHUNK_FRAMES = 512;

/** What each frame held when it was looked at last; frames never named hold nothing. */
export class KeptHashes {
  readonly #chunks: (Uint32Array | undefined)[] = [];

  /** Keeps the halves for `gfn`; whether they differ from those kept before. */
  change(gfn: number, low: number, high: number): boolean {
    const index = Math.floor(gfn / CHUNK_FRAMES);
    let chunk = this.#chunks[index];
    if (chunk === undefined) {
      if (low === NOTHING_LOW && high === MARK_HIGH) return false;
      while (this.#chunks.length < index) this.#chunks.push(undefined);
      chunk = new Uint32Array(2 * CHUNK_FRAMES);
      this.#chunks[index] = chunk;
    }
    const at = 2 * (gfn % CHUNK_FRAMES);
    if (chunk[at] === low && chunk[at + 1] === high) return false;
    chunk[at] = low;
    chunk[at + 1] = high;
    return true;
  }

  /** Whether a hash is kept of `gfn`, and no mark: whether a zero page is part of a huge one has to be asked anew. */
  has(gfn: number): boolean {
    const chunk = this.#chunks[Math.floor(gfn / CHUNK_FRAMES)];
    return chunk !== undefined && chunk[2 * (gfn % CHUNK_FRAMES) + 1] !== MARK_HIGH;
  }

  /** Nothing is kept any more. */
  clear(): void {
    this.#chunks.length = 0;
  }
}
