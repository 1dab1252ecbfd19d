/** The scan of one process: passes over its segments, and what they change in the frames (see domain-scan.ts). */
import { assert } from '../../base/assert.js';
import { PAGE_BYTES } from '../../base/units.js';
import { FillPacker } from '../../trace/fill-packer.js';
import { fillPageHigh, fillPageLow } from '../../trace/fill-pages.js';
import type { RecordBuffer } from '../../trace/record-buffer.js';
import { FILL_CLASS, NO_GFN } from '../../trace/record.js';
import {
  guestSegments,
  processPieces,
  processSegments,
  rangesOf,
  type Segment,
  unitsPresent,
} from './address-space.js';
import {
  type DomainScan,
  type PassOutlook,
  ProcessGone,
  ProcessUnfit,
  type ScanOptions,
  type ScanTarget,
  type SliceResult,
} from './domain-scan.js';
import { firstFrame, FrameUnits } from './frame-units.js';
import { KeptHashes } from './kept-hashes.js';
import { parseMaps } from './memory-map.js';
import {
  type CountAnswer,
  HUGE_PAGES,
  HUGE_ZERO_LOW,
  MARK_HIGH,
  NOTHING_LOW,
  type ReadAnswer,
  UNIT_PAGES,
  UNWRITTEN_LOW,
} from './page-job.js';
import { ProcFiles, processError } from './proc-files.js';
import { guestOf } from './qemu-command-line.js';
import { CLEAR_SOFT_DIRTY } from './soft-dirty.js';

/** Pages that one job of counting goes over: 2 GiB of addresses, 20 ms. */
const COUNT_PAGES = 2 ** 19;
/** Pages that one slice goes over at least and at most, however few of them are there. */
const SLICE_PAGES_MIN = 4096;
const SLICE_PAGES_MAX = 65536;
/** 16 TiB of readable mappings take a minute to count; what has more is a reservation of a sanitizer. */
const PIECE_PAGES_MAX = 2 ** 32;

type Piece = Omit<Segment, 'gfn'>;

/** A DomainScan by the files of /proc. */
export class ProcessScan implements DomainScan {
  readonly #files: ProcFiles;
  readonly #kept = new KeptHashes();
  readonly #units = new FrameUnits();
  #frames = 1;
  #segments: Segment[] = [];
  /** Where the pass is: pages of #segments[#at] that are done. */
  #at = 0;
  #done = 0;
  /** Numbers of units of frames that hold nothing any more and have not been freed yet. */
  #released: number[] = [];
  #assumeHuge = false;
  /** The bits do not say what was written: a pass reads everything. */
  #isInDoubt = false;
  #isBusy = false;
  #isClosed = false;

  constructor(
    readonly target: ScanTarget,
    readonly options: ScanOptions,
  ) {
    this.#files = new ProcFiles(options.procRoot ?? '/proc', target);
  }

  begin(): Promise<PassOutlook> {
    return this.#alone(() => this.#begin());
  }

  next(domid: number, bytesMax: number, out: RecordBuffer): Promise<SliceResult | null> {
    return this.#alone(() => this.#next(domid, bytesMax, out));
  }

  clearWritten(): string {
    if (this.options.softDirty !== true) return '';
    try {
      this.#files.assertAlive();
      this.#files.write('clear_refs', CLEAR_SOFT_DIRTY);
      this.#isInDoubt = false;
      return '';
    } catch (error) {
      // The bits are as they were: they name more pages than were written, and none less.
      return error instanceof ProcessGone ? '' : processError(error, this.target.pid, 'clear_refs').message;
    }
  }

  doubtWritten(): void {
    this.#isInDoubt = true;
  }

  forget(): void {
    this.#kept.clear();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    // The descriptors of a job under way are its own until it ends: a number may be another file's at once.
    if (!this.#isBusy) this.#files.close();
    return Promise.resolve();
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    assert(!this.#isBusy, 'one promise of a scan is outstanding at a time');
    assert(!this.#isClosed, 'the scan is open');
    this.#isBusy = true;
    try {
      return await work();
    } catch (error) {
      throw processError(error, this.target.pid, 'memory');
    } finally {
      this.#isBusy = false;
      // As a flow of control the compiler cannot see: close() may have come meanwhile.
      if (this.#isClosed as boolean) this.#files.close();
    }
  }

  async #begin(): Promise<PassOutlook> {
    const files = this.#files;
    this.#segments = [];
    this.#at = 0;
    this.#done = 0;
    files.assertAlive();
    files.reopen();
    const mappings = parseMaps(files.text('maps'));
    if (mappings.length === 0) {
      files.assertAlive();
      throw new ProcessUnfit(`process ${this.target.pid} has no memory of its own: a thread of the kernel`);
    }
    const pages = this.target.layout === 'process' ? await this.#process(mappings) : await this.#guest(mappings);
    if (this.#frames >= NO_GFN) throw new ProcessUnfit(`process ${this.target.pid} has more than 2^32 pages`);
    return { frames: this.#frames, bytesToRead: pages * PAGE_BYTES };
  }

  async #process(mappings: ReturnType<typeof parseMaps>): Promise<number> {
    const pieces = processPieces(mappings);
    const pagesAll = pieces.reduce((sum, piece) => sum + piece.pages, 0);
    if (pagesAll > PIECE_PAGES_MAX) {
      throw new ProcessUnfit(`process ${this.target.pid} reserves more than 16 TiB of readable memory`);
    }
    const present = new Set<number>();
    const pages = await this.#count(pieces, (counted, answer) => {
      for (const unit of unitsPresent(counted, answer.unitPages)) present.add(unit);
    });
    const released = this.#units.assign(present);
    // What was not freed yet, since the pass before was given up, may have been given to a unit now.
    const used = new Set(this.#units.inOrder().map(([, number]) => number));
    this.#released = [...new Set([...this.#released, ...released])].filter((number) => !used.has(number));
    this.#released.sort((a, b) => a - b);
    this.#segments = processSegments(pieces, this.#units);
    this.#frames = Math.max(1, this.#units.count * UNIT_PAGES);
    return pages;
  }

  async #guest(mappings: ReturnType<typeof parseMaps>): Promise<number> {
    const { ram } = guestOf(this.#files.text('cmdline').split('\0'));
    const { segments, missing } = guestSegments(ram, mappings);
    if (missing !== null) {
      this.#files.assertAlive();
      const bytes = `${missing.bytes} bytes (${missing.said})`;
      throw new ProcessUnfit(`process ${this.target.pid}: no mapping is the guest's RAM of ${bytes}`);
    }
    this.#segments = segments;
    const last = segments[segments.length - 1];
    this.#frames = Math.max(this.#frames, last.gfn + last.pages);
    return this.#count(segments, () => undefined);
  }

  /** Counts the pages of the pieces that are there; `take` sees each part of the answer with its pieces. */
  async #count(pieces: readonly Piece[], take: (counted: Piece[], answer: CountAnswer) => void): Promise<number> {
    let pages = 0;
    let fullHugeBlocks = 0;
    let part: Piece[] = [];
    let room = COUNT_PAGES;
    const ask = async (): Promise<void> => {
      const { pagemapFd } = this.#files;
      const answer = await this.options.pool.count({ pagemapFd, ranges: rangesOf(part) });
      if (answer.hasEnded) this.#files.assertAlive();
      pages += answer.pages;
      fullHugeBlocks += answer.fullHugeBlocks;
      take(part, answer);
      part = [];
      room = COUNT_PAGES;
    };
    for (const piece of pieces) {
      for (let done = 0; done < piece.pages;) {
        const count = Math.min(room, piece.pages - done);
        part.push({ startPage: piece.startPage + done, pages: count, rule: piece.rule });
        done += count;
        room -= count;
        if (room === 0) await ask();
      }
    }
    if (part.length > 0) await ask();
    this.#assumeHuge = fullHugeBlocks > 0 && this.#hugePages() >= fullHugeBlocks * HUGE_PAGES;
    return pages;
  }

  /** Pages of the process that lie in transparent huge pages, as its rollup says; 0 if it says nothing. */
  #hugePages(): number {
    if (this.#files.kpageflagsFd >= 0) return 0;
    try {
      // Not smaps: that walks each mapping with its lock held, and threads that fault wait.
      const match = /^AnonHugePages: +(\d+) kB/m.exec(this.#files.text('smaps_rollup'));
      return match === null ? 0 : (Number(match[1]) * 1024) / PAGE_BYTES;
    } catch {
      return 0;
    }
  }

  async #next(domid: number, bytesMax: number, out: RecordBuffer): Promise<SliceResult | null> {
    const freed = this.#free(domid, out);
    if (this.#at === this.#segments.length) {
      return freed === 0 ? null : { bytesRead: 0, pagesHashed: 0, framesChanged: freed, cpuMicros: 0 };
    }
    const { memFd, pagemapFd, kpageflagsFd } = this.#files;
    const pagesMax = Math.max(1, Math.floor(bytesMax / PAGE_BYTES));
    const parts = this.#parts(pagesMax);
    const answer = await this.options.pool.read({
      ...{ memFd, pagemapFd, kpageflagsFd, assumeHuge: this.#assumeHuge },
      ranges: rangesOf(parts),
      bytesMax: pagesMax * PAGE_BYTES,
      known: this.#known(parts),
    });
    const changed = this.#take(parts, answer, domid, out);
    if (answer.hasEnded) {
      this.#files.assertAlive();
      // It runs another program: what is left of this pass is no more, the next pass sees the new address space.
      this.#at = this.#segments.length;
    }
    const { bytesRead, pagesHashed, cpuMicros } = answer;
    return { bytesRead, pagesHashed, framesChanged: freed + changed, cpuMicros };
  }

  /** Which pages of the parts need not be read unless they were written; null: none. */
  #known(parts: readonly Segment[]): Uint8Array | null {
    if (this.options.softDirty !== true || this.#isInDoubt) return null;
    const known = new Uint8Array(parts.reduce((sum, { pages }) => sum + pages, 0));
    let at = 0;
    for (const { gfn, pages } of parts) {
      for (let frame = gfn; frame < gfn + pages; frame++, at++) known[at] = this.#kept.has(frame) ? 1 : 0;
    }
    return known;
  }

  /** The segments, or parts of them, that the next slice goes over. */
  #parts(pagesMax: number): Segment[] {
    const parts: Segment[] = [];
    let room = Math.min(Math.max(8 * pagesMax, SLICE_PAGES_MIN), SLICE_PAGES_MAX);
    let done = this.#done;
    for (let i = this.#at; i < this.#segments.length && room > 0; i++) {
      const segment = this.#segments[i];
      const pages = Math.min(segment.pages - done, room);
      parts.push({ startPage: segment.startPage + done, pages, rule: segment.rule, gfn: segment.gfn + done });
      room -= pages;
      done = 0;
    }
    return parts;
  }

  /** Writes what the answer changes, and moves on; returns the frames changed. */
  #take(parts: readonly Segment[], answer: ReadAnswer, domid: number, out: RecordBuffer): number {
    const { hashes } = answer;
    const packer = new FillPacker(out, domid);
    const free = new FreeRun(out, domid);
    let changed = 0;
    let left = answer.visited;
    let at = 0;
    for (let part = 0; part < parts.length && left > 0; part++) {
      const { gfn, pages } = parts[part];
      const end = gfn + Math.min(pages, left);
      left -= end - gfn;
      for (let frame = gfn; frame < end; frame++, at += 2) {
        const low = hashes[at];
        const high = hashes[at + 1];
        if (low === UNWRITTEN_LOW && high === MARK_HIGH) continue;
        if (!this.#kept.change(frame, low, high)) continue;
        changed++;
        if (high !== MARK_HIGH) packer.add(frame, 1, low, high, FILL_CLASS.plain);
        else if (low === NOTHING_LOW) free.add(frame);
        else if (low === HUGE_ZERO_LOW) packer.add(frame, 1, fillPageLow(0), fillPageHigh(0), FILL_CLASS.thpZero);
        else packer.add(frame, 1, low, high, FILL_CLASS.plain);
      }
    }
    packer.flush();
    free.flush();
    this.#advance(answer.visited);
    return changed;
  }

  #advance(pages: number): void {
    let left = pages;
    while (left > 0) {
      const rest = this.#segments[this.#at].pages - this.#done;
      if (left < rest) {
        this.#done += left;
        return;
      }
      left -= rest;
      this.#at++;
      this.#done = 0;
    }
  }

  /** Frees the frames of released units; returns how many held something. */
  #free(domid: number, out: RecordBuffer): number {
    const free = new FreeRun(out, domid);
    let freed = 0;
    for (const number of this.#released) {
      const first = firstFrame(number);
      for (let gfn = first; gfn < first + UNIT_PAGES; gfn++) {
        if (!this.#kept.change(gfn, NOTHING_LOW, MARK_HIGH)) continue;
        free.add(gfn);
        freed++;
      }
    }
    free.flush();
    this.#released = [];
    return freed;
  }
}

/** Frames that hold nothing any more, neighbours as one record. */
class FreeRun {
  #gfn = 0;
  #count = 0;

  constructor(
    readonly out: RecordBuffer,
    readonly domid: number,
  ) {}

  add(gfn: number): void {
    if (this.#count > 0 && gfn !== this.#gfn + this.#count) this.flush();
    if (this.#count === 0) this.#gfn = gfn;
    this.#count++;
  }

  flush(): void {
    if (this.#count > 0) this.out.free(this.domid, this.#gfn, this.#count);
    this.#count = 0;
  }
}
