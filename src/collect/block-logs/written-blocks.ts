/** Which blocks of an image each domain has written, exactly as long as the memory for it lasts. */

/** Blocks a piece: 128 MiB of the image, 4 KiB of memory. */
const PIECE_BLOCKS = 32 * 1024;
const PIECE_BYTES = PIECE_BLOCKS / 8;
/** Pieces of all domains together, 128 MiB. */
const PIECES_MAX = 32 * 1024;

/** Bits by domain and block. What there is no memory for counts as written. */
export class WrittenBlocks {
  /** By domid; null: all of its blocks count as written. */
  readonly #domains = new Map<number, Map<number, Uint8Array> | null>();
  #pieces = 0;

  /** @param blocks blocks from here on do not matter */
  constructor(readonly blocks: number) {}

  /** The domain has written `count` blocks. */
  add(domid: number, block: number, count: number): void {
    const end = Math.min(block + count, this.blocks);
    for (let at = block; at < end;) {
      const piece = Math.floor(at / PIECE_BLOCKS);
      const pieceEnd = Math.min(end, (piece + 1) * PIECE_BLOCKS);
      const bits = this.#piece(domid, piece);
      if (bits === null) return;
      set(bits, at - piece * PIECE_BLOCKS, pieceEnd - piece * PIECE_BLOCKS);
      at = pieceEnd;
    }
  }

  /** Whether the domain has written the block, as far as is known. */
  has(domid: number, block: number): boolean {
    const pieces = this.#domains.get(domid);
    if (pieces === null) return true;
    const bits = pieces?.get(Math.floor(block / PIECE_BLOCKS));
    const at = block % PIECE_BLOCKS;
    return bits !== undefined && (bits[at >> 3] & (1 << (at & 7))) !== 0;
  }

  #piece(domid: number, piece: number): Uint8Array | null {
    let pieces = this.#domains.get(domid);
    if (pieces === null) return null;
    pieces ??= new Map<number, Uint8Array>();
    this.#domains.set(domid, pieces);
    const known = pieces.get(piece);
    if (known !== undefined) return known;
    if (this.#pieces >= PIECES_MAX) {
      this.#pieces -= pieces.size;
      this.#domains.set(domid, null);
      return null;
    }
    this.#pieces++;
    const bits = new Uint8Array(PIECE_BYTES);
    pieces.set(piece, bits);
    return bits;
  }
}

/** Sets bits [from, end). */
function set(bits: Uint8Array, from: number, end: number): void {
  let at = from;
  while (at < end && (at & 7) !== 0) bits[at >> 3] |= 1 << (at++ & 7);
  const wholeEnd = Math.max(at, end & ~7);
  bits.fill(0xff, at >> 3, wholeEnd >> 3);
  for (at = wholeEnd; at < end; at++) bits[at >> 3] |= 1 << (at & 7);
}
