/** One dump of a guest's memory: which frames it holds, and its pages one batch after another. */
import { assert } from '../../base/assert.js';
import { PAGE_BYTES } from '../../base/units.js';
import { NO_GFN } from '../../trace/record.js';
import { TraceError } from '../../trace/trace-error.js';
import { type DumpBytes, openDumpBytes } from './dump-bytes.js';
import { readElfCore } from './elf-core.js';
import { ElfHead } from './elf-head.js';
import { type BatchRoom, PageBatches } from './page-batches.js';
import { PageRuns } from './page-runs.js';
import { isXenCore, readXenCore } from './xen-core.js';

const RAW_BYTES = 64 * 1024;

/** A dump whose head is read. */
export interface DumpHead {
  readonly runs: PageRuns;
  /** Domain kind for the trace: `pv`, `hvm`, or '' if the dump does not say. */
  readonly kind: string;
  /** What holds the pages, for messages. */
  readonly place: string;
  /** What was left out, for the user; '' if nothing was. */
  readonly note: string;
}

type OnPart = (part: { bytesTotal: number; bytesRead: number }) => void;

/** A dump that is open. */
export class Dump {
  #batches: PageBatches | undefined;

  private constructor(
    readonly bytes: DumpBytes,
    readonly head: DumpHead,
  ) {}

  /**
   * Opens a file that `isDump` knows; `onPart` is called while a packed one is looked through. Throws TraceError with
   * file, offset and field if it cannot be read.
   */
  static async open(path: string, onPart: OnPart): Promise<Dump> {
    return await Dump.#open(path, onPart, readHead);
  }

  /** Opens a raw image: memory from physical address 0 on, nothing else. */
  static async openRaw(path: string, onPart: OnPart): Promise<Dump> {
    return await Dump.#open(path, onPart, readRaw);
  }

  static async #open(path: string, onPart: OnPart, read: (bytes: DumpBytes) => Promise<DumpHead>): Promise<Dump> {
    let isHeadRead = false;
    const bytes = await openDumpBytes(path, (bytesTotal, bytesRead) => {
      if (!isHeadRead) onPart({ bytesTotal, bytesRead });
    });
    try {
      const head = await read(bytes);
      isHeadRead = true;
      if (head.runs.pages === 0) throw new TraceError(bytes.path, '', 'holds no page of memory');
      return new Dump(bytes, head);
    } catch (error) {
      await bytes.close();
      throw error;
    }
  }

  /** Pages in it. */
  get pages(): number {
    return this.head.runs.pages;
  }

  /** One above the highest gfn. */
  get frames(): number {
    return this.head.runs.frames;
  }

  /** Its pages, in the order of the file, read into a room that is theirs until the dump is closed; once. */
  batchesIn(room: BatchRoom): PageBatches {
    assert(this.#batches === undefined, 'a dump is read once');
    this.#batches = new PageBatches(this.bytes, this.head.runs, this.head.place, room);
    return this.#batches;
  }

  /** Waits for a reading that is under way and releases the file; safe at any point, once. */
  async close(): Promise<void> {
    await this.#batches?.settle();
    await this.bytes.close();
  }
}

async function readHead(bytes: DumpBytes): Promise<DumpHead> {
  const head = await ElfHead.open(bytes);
  if (head.segmentCount > 0) {
    const { runs, looseBytes } = await readElfCore(head);
    const note = looseBytes === 0 ? '' : `${looseBytes} bytes of segments are no whole pages and were left out`;
    return { runs, kind: '', place: 'PT_LOAD', note };
  }
  const sections = await head.sections();
  if (!isXenCore(sections)) {
    throw bytes.errorAt(0, 'ELF header', 'no memory in it: neither segments nor the sections of xl dump-core');
  }
  const { runs, kind } = await readXenCore(head, sections);
  return { runs, kind, place: '.xen_pages', note: '' };
}

async function readRaw(bytes: DumpBytes): Promise<DumpHead> {
  const size = bytes.size ?? (await unpackedSize(bytes));
  const pages = Math.floor(size / PAGE_BYTES);
  if (pages >= NO_GFN) throw bytes.errorAt(size, 'raw image', `${pages} pages: no machine has so many`);
  const rest = size - pages * PAGE_BYTES;
  const runs = new PageRuns();
  if (pages > 0) runs.add(0, 0, pages);
  const note = rest === 0 ? '' : `${rest} bytes behind the last whole page were left out`;
  return { runs, kind: '', place: 'raw image', note };
}

/** Reads to the end: nothing else tells how much a gzip file holds. */
async function unpackedSize(bytes: DumpBytes): Promise<number> {
  const buffer = new Uint8Array(RAW_BYTES);
  let size = 0;
  for (;;) {
    const got = await bytes.read(size, buffer);
    size += got;
    if (got < buffer.length) return size;
  }
}
