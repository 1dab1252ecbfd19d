/**
 * What the frames of one domain hold, by gfn: for writing keyframes, not for figures (the engine has its own table).
 *
 * A state byte a frame: 0 untouched, 1 free, 2 dirty, 16 + fill class known; and the hash of a known frame. Frames lie
 * in regions of 64 chunks of 1024. A chunk that is all equal is only its value, so that one record that names four
 * thousand million frames costs megabytes, not gigabytes; any other chunk is three typed arrays (9 KiB).
 */
export const UNTOUCHED = 0;
export const FREE = 1;
export const DIRTY = 2;
/** Known: 16 + fill class. */
export const KNOWN = 16;

const CHUNK_SHIFT = 10;
const CHUNK_FRAMES = 1 << CHUNK_SHIFT;
const CHUNK_MASK = CHUNK_FRAMES - 1;
const REGION_SHIFT = 16;
const REGION_CHUNKS = 1 << (REGION_SHIFT - CHUNK_SHIFT);
const CHUNK_BYTES = CHUNK_FRAMES * 9 + 400;
const REGION_BYTES = REGION_CHUNKS * 17 + 500;

class Chunk {
  readonly state = new Uint8Array(CHUNK_FRAMES);
  readonly low = new Uint32Array(CHUNK_FRAMES);
  readonly high = new Uint32Array(CHUNK_FRAMES);

  fill(from: number, to: number, state: number, low: number, high: number): void {
    this.state.fill(state, from, to);
    this.low.fill(low, from, to);
    this.high.fill(high, from, to);
  }
}

/** Chunks that are all equal are their value here; the others are in `chunks`. */
class Region {
  readonly state = new Uint8Array(REGION_CHUNKS);
  readonly low = new Uint32Array(REGION_CHUNKS);
  readonly high = new Uint32Array(REGION_CHUNKS);
  readonly chunks: (Chunk | undefined)[] = new Array<Chunk | undefined>(REGION_CHUNKS).fill(undefined);
}

/** Takes `count` frames from `gfn` on that hold the same. */
export type FrameVisitor = (gfn: number, count: number, state: number, low: number, high: number) => void;

/** Bytes that several FrameStates hold together, about. */
export interface HeldBytes {
  bytes: number;
}

/** Frame states of one domain; gfns are checked by the caller. */
export class FrameStates {
  #regions = new Map<number, Region>();
  #bytes = 0;

  /** @param held counts what this one holds, too. */
  constructor(readonly held: HeldBytes) {}

  /** Bytes that a `set` of `count` frames adds at most. */
  static growthBytes(count: number): number {
    // Whole chunks inside a run are a value of their region; only the two at its ends may be arrays.
    return (Math.floor(count / 2 ** REGION_SHIFT) + 2) * REGION_BYTES + 2 * CHUNK_BYTES;
  }

  /** What this one holds, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /** All frames become untouched and the memory is given up. */
  release(): void {
    this.#regions.clear();
    this.#hold(-this.#bytes);
  }

  #hold(bytes: number): void {
    this.#bytes += bytes;
    this.held.bytes += bytes;
  }

  /** Frames gfn … gfn + count − 1 get this state (a hash of 0 unless KNOWN). */
  set(gfn: number, count: number, state: number, low: number, high: number): void {
    const end = gfn + count;
    let at = gfn;
    while (at < end) {
      const chunkEnd = Math.min(end, (Math.floor(at / CHUNK_FRAMES) + 1) * CHUNK_FRAMES);
      this.#setInChunk(at, chunkEnd - at, state, low, high);
      at = chunkEnd;
    }
  }

  /** Frames from gfn on become untouched. */
  cut(gfn: number): void {
    for (const [number, region] of this.#regions) {
      const first = number * 2 ** REGION_SHIFT;
      if (first >= gfn) {
        this.#drop(number, region);
      } else if (first + 2 ** REGION_SHIFT > gfn) {
        this.set(gfn, first + 2 ** REGION_SHIFT - gfn, UNTOUCHED, 0, 0);
      }
    }
  }

  /** Visits all touched frames in gfn order, equal neighbours of a chunk at once. */
  visit(visitor: FrameVisitor): void {
    const numbers = [...this.#regions.keys()].sort((a, b) => a - b);
    for (const number of numbers) {
      const region = this.#regions.get(number) as Region;
      for (let c = 0; c < REGION_CHUNKS; c++) {
        const gfn = number * 2 ** REGION_SHIFT + c * CHUNK_FRAMES;
        const chunk = region.chunks[c];
        if (chunk !== undefined) {
          visitChunk(chunk, gfn, visitor);
        } else if (region.state[c] !== UNTOUCHED) {
          visitor(gfn, CHUNK_FRAMES, region.state[c], region.low[c], region.high[c]);
        }
      }
    }
  }

  #setInChunk(gfn: number, count: number, state: number, low: number, high: number): void {
    const number = gfn >>> REGION_SHIFT;
    let region = this.#regions.get(number);
    if (region === undefined) {
      region = new Region();
      this.#regions.set(number, region);
      this.#hold(REGION_BYTES);
    }
    const c = (gfn >>> CHUNK_SHIFT) & (REGION_CHUNKS - 1);
    let chunk = region.chunks[c];
    if (count === CHUNK_FRAMES) {
      if (chunk !== undefined) this.#hold(-CHUNK_BYTES);
      region.chunks[c] = undefined;
      region.state[c] = state;
      region.low[c] = low;
      region.high[c] = high;
      return;
    }
    if (chunk === undefined) {
      if (region.state[c] === state && region.low[c] === low && region.high[c] === high) return;
      chunk = new Chunk();
      chunk.fill(0, CHUNK_FRAMES, region.state[c], region.low[c], region.high[c]);
      region.chunks[c] = chunk;
      this.#hold(CHUNK_BYTES);
    }
    const i = gfn & CHUNK_MASK;
    if (count === 1) {
      chunk.state[i] = state;
      chunk.low[i] = low;
      chunk.high[i] = high;
    } else {
      chunk.fill(i, i + count, state, low, high);
    }
  }

  #drop(number: number, region: Region): void {
    this.#hold(-REGION_BYTES);
    for (const chunk of region.chunks) if (chunk !== undefined) this.#hold(-CHUNK_BYTES);
    this.#regions.delete(number);
  }
}

function visitChunk(chunk: Chunk, gfn: number, visitor: FrameVisitor): void {
  const { state, low, high } = chunk;
  let start = 0;
  while (start < CHUNK_FRAMES) {
    let end = start + 1;
    while (end < CHUNK_FRAMES && state[end] === state[start] && low[end] === low[start] && high[end] === high[start]) {
      end++;
    }
    if (state[start] !== UNTOUCHED) {
      visitor(gfn + start, end - start, state[start], low[start], high[start]);
    }
    start = end;
  }
}
