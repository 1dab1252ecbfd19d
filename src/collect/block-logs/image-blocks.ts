/**
 * What the blocks of a read-only image hold, from the image itself: the content hashes that a trace of reads does not
 * tell. A block that the domain has written before is not the image's any more (it is in the domain's overlay): it
 * stays unknown. So does what lies outside of the file.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync, type Stats } from 'node:fs';
import { systemProblem } from '../../base/system-problem.js';
import { PAGE_BYTES } from '../../base/units.js';
import { TraceError } from '../../trace/trace-error.js';
import type { BlockRequest } from '../block-trace.js';
import { PageHasher } from '../page-hash/page-hasher.js';
import { WrittenBlocks } from './written-blocks.js';

/** An image and where it lies. */
export interface ImageFileOption {
  readonly path: string;
  /** Block 0 of the disk is at this byte of the file; negative: the file begins so far inside the disk. */
  readonly offsetBytes: number;
}

const BATCH_BLOCKS = 64;
/** Hashes are kept by pieces of so many blocks, 4 MiB of the image … */
const PIECE_BLOCKS = 1024;
/** … of which so many are kept, 64 MiB for 28 GiB of image; then all are forgotten, and read again where needed. */
const PIECES_MAX = 7 * 1024;
const BLOCKS_MAX = 2 ** 32 - 1;

/** What a file of a disk begins with that is no raw image. */
const FORMATS: readonly [at: number, magic: string, name: string, mend: string][] = [
  [0, 'QFI\u00fb', 'a qcow2 image', 'qemu-img convert -O raw'],
  [0, 'QED\0', 'a QED image', 'qemu-img convert -O raw'],
  [0, 'KDMV', 'a VMDK image', 'qemu-img convert -O raw'],
  [0, 'vhdxfile', 'a VHDX image', 'qemu-img convert -O raw'],
  [0, 'conectix', 'a VHD image', 'qemu-img convert -O raw'],
  [64, '\u007f\u0010\u00da\u00be', 'a VDI image', 'qemu-img convert -O raw'],
  [0, '\u001f\u008b', 'packed by gzip', 'gunzip'],
  [0, '\u0028\u00b5\u002f\u00fd', 'packed by zstd', 'unzstd'],
  [0, '\u00fd7zXZ\0', 'packed by xz', 'unxz'],
];

interface Piece {
  readonly hashes: Uint32Array;
  readonly known: Uint8Array;
}

/** Hashes of the blocks of one image. Its methods throw TraceError if the file cannot be read. */
export class ImageBlocks {
  /** Blocks of the disk that the file reaches, the last one perhaps in part. */
  readonly blocks: number;
  /** Blocks read by domains that lie outside of the file, or end behind it. */
  outside = 0;

  readonly #written: WrittenBlocks;
  readonly #pieces = new Map<number, Piece>();

  private constructor(
    readonly file: ImageFileOption,
    private readonly descriptor: number,
    private readonly sizeBytes: number,
    private readonly hasher: PageHasher,
  ) {
    this.blocks = Math.min(BLOCKS_MAX, Math.max(0, Math.ceil((sizeBytes - file.offsetBytes) / PAGE_BYTES)));
    this.#written = new WrittenBlocks(this.blocks);
  }

  /** Opens a raw image, a file or a block device. Throws TraceError if it is missing or in another format. */
  static async open(file: ImageFileOption): Promise<ImageBlocks> {
    let descriptor = -1;
    try {
      descriptor = openSync(file.path, 'r');
      const stat = fstatSync(descriptor);
      const isDevice = stat.isBlockDevice();
      if (!isDevice && !stat.isFile()) throw new TraceError(file.path, '', 'is neither a raw image nor a block device');
      const start = Buffer.alloc(96);
      readSync(descriptor, start, 0, start.length, 0);
      const format = FORMATS.find(([at, magic]) => start.toString('latin1', at, at + magic.length) === magic);
      if (format !== undefined) {
        const [, , name, mend] = format;
        throw new TraceError(file.path, '', `is ${name}: a raw image is needed (${mend})`);
      }
      const sizeBytes = isDevice ? deviceBytes(stat) : stat.size;
      return new ImageBlocks(file, descriptor, sizeBytes, new PageHasher(BATCH_BLOCKS));
    } catch (error) {
      if (descriptor >= 0) closeSync(descriptor);
      throw error instanceof TraceError ? error : new TraceError(file.path, '', systemProblem(error));
    }
  }

  /** The domain has written these blocks of its disk. */
  wrote(domid: number, block: number, count: number): void {
    this.#written.add(domid, block, count);
  }

  /** Fills in what is not known of an aligned read of a domain. */
  fill(domid: number, first: number, { hashes, known, blockCount }: BlockRequest): void {
    for (let i = 0; i < blockCount; i++) {
      if (known[i] !== 0 || this.#written.has(domid, first + i)) continue;
      const block = first + i;
      const { hashes: from, known: isKnown } = this.#pieceOf(block);
      const at = block % PIECE_BLOCKS;
      if (isKnown[at] === 0) this.#read(block, Math.min(blockCount - i, BATCH_BLOCKS, PIECE_BLOCKS - at));
      if (isKnown[at] !== 1) {
        this.outside++;
        continue;
      }
      known[i] = 1;
      hashes[2 * i] = from[2 * at];
      hashes[2 * i + 1] = from[2 * at + 1];
    }
  }

  /** Gives up the file; once. */
  close(): void {
    closeSync(this.descriptor);
  }

  #pieceOf(block: number): Piece {
    const number = Math.floor(block / PIECE_BLOCKS);
    let piece = this.#pieces.get(number);
    if (piece === undefined) {
      if (this.#pieces.size >= PIECES_MAX) this.#pieces.clear();
      piece = { hashes: new Uint32Array(2 * PIECE_BLOCKS), known: new Uint8Array(PIECE_BLOCKS) };
      this.#pieces.set(number, piece);
    }
    return piece;
  }

  /** Hashes `count` blocks of one piece: 1 where it is known then, 2 where the file does not hold the whole block. */
  #read(first: number, count: number): void {
    const { hashes, known } = this.#pieceOf(first);
    const at = first % PIECE_BLOCKS;
    const start = this.file.offsetBytes + first * PAGE_BYTES;
    known.fill(2, at, at + count);
    // Before the file, and behind it. A block that is in it in part is not known either.
    const skip = Math.min(count, Math.max(0, Math.ceil(-start / PAGE_BYTES)));
    const whole = Math.min(count, Math.floor((this.sizeBytes - start) / PAGE_BYTES)) - skip;
    if (whole <= 0) return;
    const bytes = this.#pread(whole * PAGE_BYTES, start + skip * PAGE_BYTES);
    const read = Math.floor(bytes / PAGE_BYTES);
    this.hasher.hash(read);
    hashes.set(this.hasher.hashes.subarray(0, 2 * read), 2 * (at + skip));
    known.fill(1, at + skip, at + skip + read);
  }

  #pread(bytes: number, position: number): number {
    let done = 0;
    try {
      while (done < bytes) {
        const read = readSync(this.descriptor, this.hasher.pages, done, bytes - done, position + done);
        if (read === 0) break;
        done += read;
      }
    } catch (error) {
      throw new TraceError(this.file.path, `offset ${position + done}`, systemProblem(error));
    }
    return done;
  }
}

/** Size of a block device: its inode does not say it. */
function deviceBytes({ rdev }: Stats): number {
  const major = (rdev >>> 8) & 0xfff;
  const minor = (rdev & 0xff) | ((rdev >>> 12) & 0xfff00);
  return Number(readFileSync(`/sys/dev/block/${major}:${minor}/size`, 'latin1')) * 512;
}

/** The image files of an import, by the name of the image. */
export class ImageContents {
  private constructor(private readonly images: ReadonlyMap<string, ImageBlocks>) {}

  /** Opens them all. Throws TraceError if one of them cannot be. */
  static async open(files: ReadonlyMap<string, ImageFileOption>): Promise<ImageContents> {
    const images = new Map<string, ImageBlocks>();
    const contents = new ImageContents(images);
    try {
      for (const [name, file] of files) images.set(name, await ImageBlocks.open(file));
    } catch (error) {
      contents.close();
      throw error;
    }
    return contents;
  }

  /** The contents of a read-only image, if its file was named. */
  of({ name, readOnly }: { readonly name: string; readonly readOnly: boolean }): ImageBlocks | undefined {
    return readOnly ? this.images.get(name) : undefined;
  }

  /** What a person must know of the files, a line each. */
  get notes(): string[] {
    return [...this.images.values()]
      .filter(({ outside }) => outside > 0)
      .map(({ file, outside }) => `${file.path}: ${outside} blocks were read that it does not hold: unknown contents`);
  }

  /** Gives up all files; once. */
  close(): void {
    for (const image of this.images.values()) image.close();
  }
}
