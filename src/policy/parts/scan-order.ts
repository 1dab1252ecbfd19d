import { CHUNK_FRAMES, CHUNK_SHIFT, EXTRA_CHUNK } from '../../engine/layout.js';

/** What `next` gives where the pass has no candidate left. */
export const PASS_OVER = -1;

/** Chunk row, by frame id >>> CHUNK_SHIFT: candidates in it, and who owns it (0: nobody that is known here). */
const WORDS = 2;
const CANDIDATES = 0;
const OWNER = 1;
/** Bits 0–15 of OWNER: domain slot + 1. */
const OWNER_MASK = 0xffff;
const EXTRA = 0x10000;

/** The chunks of one domain in the order of a pass: by gfn; the numbers of extra chunks come after them. */
interface DomainChunks {
  readonly numbers: number[];
  readonly bases: number[];
}

/**
 * The order in which a scanner goes over memory: domains as they appeared, of each its frames by gfn, then its extra
 * frames. Frame ids are no order: chunks of them are given out when they are first named. The cursor stays where it is
 * when domains and chunks come and go around it.
 *
 * What is a candidate is the scanner's to say (`count`); chunks without any are passed over at once, so that a guest
 * full of zero pages in huge pages costs a pass nothing.
 */
export class ScanOrder {
  /** Frames that a pass visits. */
  candidates = 0;
  readonly #order: number[] = [];
  readonly #domains: DomainChunks[] = [];
  #chunks = new Int32Array(64 * WORDS);
  // The cursor: domain, its chunk (-1: before the first), next frame of it and the end of the chunk.
  #turn = 0;
  #chunk = -1;
  #at = 0;
  #end = 0;

  /** Bytes held. */
  get bytes(): number {
    let entries = 0;
    for (const slot of this.#order) entries += this.#domains[slot].numbers.length;
    return this.#chunks.byteLength + entries * 16;
  }

  /** A domain appears: it joins at the end, also of the pass under way. */
  addDomain(slot: number): void {
    this.#order.push(slot);
    this.#domains[slot] = { numbers: [], bases: [] };
  }

  /** A domain is gone; none of its frames is a candidate any more. */
  removeDomain(slot: number): void {
    const turn = this.#order.indexOf(slot);
    if (turn < 0) return;
    for (const base of this.#domains[slot].bases) {
      const row = (base >>> CHUNK_SHIFT) * WORDS;
      this.#chunks.fill(0, row, row + WORDS);
    }
    this.#order.splice(turn, 1);
    this.#domains[slot] = { numbers: [], bases: [] };
    if (turn < this.#turn) this.#turn--;
    else if (turn === this.#turn) this.#leaveDomain();
  }

  /**
   * A frame of a domain becomes a candidate (delta 1) or is none any more (-1).
   * @param chunkNumber of its chunk within the domain
   */
  count(frameId: number, slot: number, chunkNumber: number, delta: number): void {
    const row = (frameId >>> CHUNK_SHIFT) * WORDS;
    if (row >= this.#chunks.length || this.#chunks[row + OWNER] === 0) this.#addChunk(row, slot, chunkNumber);
    this.#chunks[row + CANDIDATES] += delta;
    this.candidates += delta;
  }

  #addChunk(row: number, slot: number, chunkNumber: number): void {
    if (row >= this.#chunks.length) {
      const grown = new Int32Array(Math.max(row + WORDS, this.#chunks.length * 2));
      grown.set(this.#chunks);
      this.#chunks = grown;
    }
    const isExtra = chunkNumber >= EXTRA_CHUNK;
    this.#chunks[row + OWNER] = (slot + 1) | (isExtra ? EXTRA : 0);
    const { numbers, bases } = this.#domains[slot];
    let at = numbers.length;
    while (at > 0 && numbers[at - 1] > chunkNumber) at--;
    numbers.splice(at, 0, chunkNumber);
    bases.splice(at, 0, (row / WORDS) * CHUNK_FRAMES);
    if (this.#order[this.#turn] === slot && at <= this.#chunk) this.#chunk++;
  }

  /** The domain of a frame that is or was a candidate. */
  domainOf(frameId: number): number {
    return (this.#chunks[(frameId >>> CHUNK_SHIFT) * WORDS + OWNER] & OWNER_MASK) - 1;
  }

  /** Whether a frame that is or was a candidate lies outside the RAM of its domain. */
  isExtra(frameId: number): boolean {
    return (this.#chunks[(frameId >>> CHUNK_SHIFT) * WORDS + OWNER] & EXTRA) !== 0;
  }

  /** The domain slots in the order of a pass. */
  get domains(): readonly number[] {
    return this.#order;
  }

  /** Calls `visit` with the first frame id of each chunk of a domain. */
  eachChunk(slot: number, visit: (base: number) => void): void {
    for (const base of this.#domains[slot]?.bases ?? []) visit(base);
  }

  /**
   * The next candidate of the pass: the next frame whose row's first word is not 0; PASS_OVER if there is none.
   * @param rows rows of `rowWords` words by frame id
   */
  next(rows: Uint32Array, rowWords: number): number {
    do {
      const end = this.#end;
      for (let at = this.#at; at < end; at++) {
        if (rows[Math.imul(at, rowWords)] === 0) continue;
        this.#at = at + 1;
        return at;
      }
      this.#at = end;
    } while (this.#nextChunk());
    return PASS_OVER;
  }

  /** Moves to the next chunk that has a candidate; false at the end of the pass. */
  #nextChunk(): boolean {
    for (; this.#turn < this.#order.length; this.#turn++) {
      const { bases } = this.#domains[this.#order[this.#turn]];
      while (++this.#chunk < bases.length) {
        const base = bases[this.#chunk];
        if (this.#chunks[(base >>> CHUNK_SHIFT) * WORDS + CANDIDATES] === 0) continue;
        this.#at = base;
        this.#end = base + CHUNK_FRAMES;
        return true;
      }
      this.#leaveDomain();
    }
    return false;
  }

  #leaveDomain(): void {
    this.#chunk = -1;
    this.#at = 0;
    this.#end = 0;
  }

  /** A pass begins and nothing of it was visited. */
  get isAtStart(): boolean {
    return this.#turn === 0 && this.#chunk === -1;
  }

  /** A new pass. */
  restart(): void {
    this.#turn = 0;
    this.#leaveDomain();
  }
}
