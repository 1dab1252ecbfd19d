/** Reads the pages of a dump in batches, in the order of the file; the next batch is on its way while one is hashed. */
import { PAGE_BYTES } from '../../base/units.js';
import { PageHasher } from '../page-hash/page-hasher.js';
import type { DumpBytes } from './dump-bytes.js';
import type { PageRuns } from './page-runs.js';

/** 1 MiB: large enough that the disk and the unpacker work in parallel with the hash. */
export const BATCH_PAGES = 256;

/** Some pages that follow one another in the file. */
export interface PageBatch {
  /** Pages in it. */
  count: number;
  /** Offset of the first in the data. */
  offset: number;
  /** Holds the pages; their hashes once it has hashed them. */
  readonly hasher: PageHasher;
  /** The frame of each. */
  readonly gfns: Uint32Array;
}

/** Gives one batch after another. */
export class PageBatches {
  #run = 0;
  /** Pages of the run that are asked for already. */
  #runPages = 0;
  #now: PageBatch;
  #next: PageBatch;
  #coming: Promise<void> | null = null;

  /**
   * @param place name of what holds the pages, for messages: `.xen_pages`
   * @param room where the pages are read to; nobody else's until `settle` has come back
   */
  constructor(
    readonly bytes: DumpBytes,
    readonly runs: PageRuns,
    readonly place: string,
    room: BatchRoom,
  ) {
    [this.#now, this.#next] = room;
  }

  /** The next pages, valid until the next call; null after the last. Throws TraceError if they are not there. */
  async next(): Promise<PageBatch | null> {
    this.#coming ??= this.#read(this.#next);
    await this.#coming;
    const batch = this.#next;
    if (batch.count === 0) return null;
    this.#next = this.#now;
    this.#now = batch;
    this.#coming = this.#read(this.#next);
    // Whoever stops half-way does not wait for it: the error is then nobody's.
    this.#coming.catch(() => undefined);
    return batch;
  }

  /** Waits for the reading that is under way: the file may be closed then. */
  async settle(): Promise<void> {
    await this.#coming?.catch(() => undefined);
  }

  async #read(batch: PageBatch): Promise<void> {
    this.#plan(batch);
    const bytes = batch.count * PAGE_BYTES;
    if (bytes === 0) return;
    const got = await this.bytes.read(batch.offset, batch.hasher.pages.subarray(0, bytes));
    if (got === bytes) return;
    throw this.bytes.errorAt(batch.offset + got, this.place, 'the file ends inside the pages; was it copied whole?');
  }

  /** Chooses the pages of a batch: runs as long as they follow one another in the file. */
  #plan(batch: PageBatch): void {
    const { offsets, gfns, counts, count } = this.runs;
    batch.count = 0;
    while (this.#run < count && batch.count < BATCH_PAGES) {
      const offset = offsets[this.#run] + this.#runPages * PAGE_BYTES;
      if (batch.count === 0) batch.offset = offset;
      else if (offset !== batch.offset + batch.count * PAGE_BYTES) return;
      const pages = Math.min(counts[this.#run] - this.#runPages, BATCH_PAGES - batch.count);
      const gfn = gfns[this.#run] + this.#runPages;
      for (let i = 0; i < pages; i++) batch.gfns[batch.count + i] = gfn + i;
      batch.count += pages;
      this.#runPages += pages;
      if (this.#runPages < counts[this.#run]) return;
      this.#run++;
      this.#runPages = 0;
    }
  }
}

/** Room for the pages of dumps that are read one after another. */
export type BatchRoom = readonly [PageBatch, PageBatch];

/** Makes room, 2 MiB of it. */
export function batchRoom(): BatchRoom {
  const one = (): PageBatch => {
    return { count: 0, offset: 0, hasher: new PageHasher(BATCH_PAGES), gfns: new Uint32Array(BATCH_PAGES) };
  };
  return [one(), one()];
}
