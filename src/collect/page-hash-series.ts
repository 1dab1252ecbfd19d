/**
 * Reads a page-hash series (`.pghd`, `.pghd.gz`): what the memory of one guest held, as hashes, at a row of instants.
 * Little-endian:
 *
 *    0  8  "PGHD1\0\0\0"         for each snapshot:   4  index      counts over all guests of a run: may start above 0
 *    8  4  pages                                      4  t_ms       since the start of the run
 *   12  4  page size (4096)                           4  n          pages that changed since the snapshot before
 *   16  4  snapshots                                  4  0
 *   20  4  0                                         4n  pfn        ascending
 *                                                    8n  hash       XXH64, seed 0
 *
 * The first snapshot is against memory full of zero pages. Snapshots are read one at a time.
 */
import { assert } from '../base/assert.js';
import { PAGE_BYTES } from '../base/units.js';
import type { InputFile } from './input-file.js';

const HEADER_BYTES = 24;
const SNAPSHOT_HEADER_BYTES = 16;
/** 1 TiB: a snapshot in which all of it changed is 3 GiB in memory. */
const PAGES_MAX = 2 ** 28;

/** The first bytes of a series. */
export const PAGE_HASH_MAGIC = 'PGHD1\0\0\0';

/** Whether a file that starts with these bytes is a page-hash series. */
export function isPageHashSeries(start: Uint8Array): boolean {
  return Buffer.from(start.subarray(0, PAGE_HASH_MAGIC.length)).toString('latin1') === PAGE_HASH_MAGIC;
}

/** One snapshot after another, in the fields; times in µs. Throws TraceError with file and offset at damage. */
export class PageHashSeries {
  /** The snapshot's number within the run, as recorded. */
  index = 0;
  /** Time of the snapshot on the file's own clock, µs. */
  timeMicros = -1;
  /** Pages that changed, ascending. */
  gfns: Uint32Array = new Uint32Array(0);
  /** Their hashes now: low and high halves in turn. */
  hashes: Uint32Array = new Uint32Array(0);

  #snapshotsRead = 0;

  private constructor(
    readonly file: InputFile,
    /** Frames of the guest. */
    readonly pages: number,
    readonly snapshotCount: number,
  ) {}

  /** Reads the header. Throws TraceError if it is not one that this program knows. */
  static async open(file: InputFile): Promise<PageHashSeries> {
    const header = await file.take(HEADER_BYTES);
    if (!isPageHashSeries(header)) throw file.errorAt(0, 'not a page-hash series: it does not begin with PGHD1');
    if (header.length < HEADER_BYTES) throw file.errorAt(header.length, 'the file ends inside its header');
    const [pages, pageBytes, snapshotCount, reserved] = new Uint32Array(header.buffer, 8, 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    if (pageBytes !== PAGE_BYTES) throw file.errorAt(12, `page size ${pageBytes} is not supported, only 4096 is`);
    if (pages === 0 || pages > PAGES_MAX) throw file.errorAt(8, `${pages} pages: only 1 to ${PAGES_MAX} are supported`);
    if (reserved !== 0) throw file.errorAt(20, 'the reserved field of the header is not 0: damaged, or a newer format');
    return new PageHashSeries(file, pages, snapshotCount);
  }

  /** Reads the next snapshot into the fields; false after the last. Throws TraceError at damage or a cut. */
  async next(): Promise<boolean> {
    const file = this.file;
    const at = file.offset;
    if (this.#snapshotsRead === this.snapshotCount) {
      if ((await file.take(1)).length > 0) throw file.errorAt(at, 'more data than the header announces');
      return false;
    }
    const header = await file.take(SNAPSHOT_HEADER_BYTES);
    if (header.length < SNAPSHOT_HEADER_BYTES) throw this.#cut();
    const [index, timeMillis, count, reserved] = new Uint32Array(header.buffer, 0, 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    if (reserved !== 0) throw file.errorAt(at + 12, 'damaged: the reserved field of a snapshot is not 0');
    if (count > this.pages) throw file.errorAt(at + 8, `damaged: ${count} changes in a guest of ${this.pages} pages`);
    const timeMicros = timeMillis * 1000;
    if (timeMicros < this.timeMicros) throw file.errorAt(at + 4, 'damaged: a snapshot older than the one before');
    const gfns = await file.take(count * 4);
    if (gfns.length < count * 4) throw this.#cut();
    const hashes = await file.take(count * 8);
    if (hashes.length < count * 8) throw this.#cut();
    this.index = index;
    this.timeMicros = timeMicros;
    this.gfns = new Uint32Array(gfns.buffer, 0, count);
    this.hashes = new Uint32Array(hashes.buffer, 0, count * 2);
    this.#checkGfns(at + SNAPSHOT_HEADER_BYTES);
    this.#snapshotsRead++;
    return true;
  }

  #checkGfns(offset: number): void {
    const gfns = this.gfns;
    let previous = -1;
    for (let i = 0; i < gfns.length; i++) {
      const gfn = gfns[i];
      if (gfn <= previous || gfn >= this.pages) {
        const problem = gfn <= previous ? `pfn ${gfn} after ${previous}` : `pfn ${gfn} of ${this.pages} pages`;
        throw this.file.errorAt(offset + i * 4, `damaged: ${problem}`);
      }
      previous = gfn;
    }
  }

  #cut(): Error {
    assert(this.#snapshotsRead < this.snapshotCount, 'only a snapshot can be cut');
    const where = `snapshot ${this.#snapshotsRead + 1} of ${this.snapshotCount}`;
    return this.file.errorAt(this.file.offset, `the file ends inside ${where}; was it copied whole?`);
  }
}
