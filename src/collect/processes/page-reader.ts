/**
 * Reads pages of other processes and hashes them, synchronously: what a thread of the pool does. For each range it
 * asks pagemap which pages are there, just before it reads them: a page that is not would be made by the reading (or
 * swapped in). Pages are gathered in the hasher's own memory and hashed a chunk at a time, while they are in the cache.
 */
import { readSync } from 'node:fs';
import { errorCode } from '../../base/system-problem.js';
import { PAGE_BYTES } from '../../base/units.js';
import { fillPageHigh, fillPageLow } from '../../trace/fill-pages.js';
import { PageHasher } from '../page-hash/page-hasher.js';
import {
  type CountAnswer,
  type CountJob,
  HUGE_PAGES,
  HUGE_ZERO_LOW,
  MARK_HIGH,
  PAGE_RULE,
  RANGE_WORDS,
  type ReadAnswer,
  type ReadJob,
  UNIT_PAGES,
  UNWRITTEN_LOW,
} from './page-job.js';
import { PagemapWindow } from './pagemap.js';
import { ThreadCpu } from './thread-cpu.js';

/** 256 KiB: half the second cache of a small core, and large enough that a call costs nothing beside the copying. */
const CHUNK_PAGES = 64;
const ZERO_LOW = fillPageLow(0);
const ZERO_HIGH = fillPageHigh(0);

// Bits of /proc/kpageflags (Documentation/admin-guide/mm/pagemap.rst): 17 HUGE, 22 THP, 24 ZERO_PAGE.
const FLAG_HUGE = (1 << 17) | (1 << 22);
const FLAG_ZERO_PAGE = 1 << 24;

/** One reader a thread. */
export class PageReader {
  readonly #hasher = new PageHasher(CHUNK_PAGES);
  readonly #entries = new PagemapWindow();
  readonly #cpu = new ThreadCpu();
  readonly #huge = new HugeBlocks();
  /** Of each page in the hasher: its place in the answer, its virtual page and its frame. */
  readonly #places = new Uint32Array(CHUNK_PAGES);
  readonly #virtualPages = new Float64Array(CHUNK_PAGES);
  readonly #pfns = new Float64Array(CHUNK_PAGES);
  #gathered = 0;
  #hashes = new Uint32Array(0);
  #bytesRead = 0;
  #pagesHashed = 0;
  #pagesUnreadable = 0;

  /** Reads and hashes. Throws what the system says, except that pages which cannot be read hold nothing. */
  read(job: ReadJob): ReadAnswer {
    const { ranges, bytesMax } = job;
    this.#bytesRead = 0;
    this.#pagesHashed = 0;
    this.#pagesUnreadable = 0;
    this.#gathered = 0;
    this.#entries.use(job.pagemapFd);
    this.#huge.use(job);
    let pagesAll = 0;
    for (let i = 0; i < ranges.length; i += RANGE_WORDS) pagesAll += ranges[i + 1];
    this.#hashes = new Uint32Array(2 * pagesAll);
    let visited = 0;
    let hasEnded = false;
    for (let i = 0; i < ranges.length && !hasEnded && this.#bytesRead < bytesMax; i += RANGE_WORDS) {
      const reached = this.#range(job, ranges[i], ranges[i + 1], ranges[i + 2], visited);
      hasEnded = reached < 0;
      if (!hasEnded) visited += reached;
      // A range that was left before its end has used up the bytes.
      if (reached < ranges[i + 1]) break;
    }
    this.#hashGathered();
    return {
      visited,
      bytesRead: this.#bytesRead,
      pagesHashed: this.#pagesHashed,
      pagesUnreadable: this.#pagesUnreadable,
      cpuMicros: this.#cpu.taken(),
      hashes: this.#hashes.slice(0, 2 * visited),
      hasEnded,
    };
  }

  /** Counts the pages that a pass over the ranges would read now. */
  count(job: CountJob): CountAnswer {
    const { ranges } = job;
    this.#entries.use(job.pagemapFd);
    let units = 0;
    for (let i = 0; i < ranges.length; i += RANGE_WORDS) units += unitsOf(ranges[i], ranges[i + 1]);
    const unitPages = new Uint8Array(units);
    let pages = 0;
    let fullHugeBlocks = 0;
    let unitBase = 0;
    for (let i = 0; i < ranges.length; i += RANGE_WORDS) {
      const start = ranges[i];
      const end = start + ranges[i + 1];
      const rule = ranges[i + 2];
      let inBlock = 0;
      for (let page = start; page < end;) {
        const loaded = this.#entries.load(page, end - page);
        if (loaded === 0) return { pages, fullHugeBlocks, unitPages, cpuMicros: this.#cpu.taken(), hasEnded: true };
        for (let at = 0; at < loaded; at++, page++) {
          if (page % HUGE_PAGES === 0) inBlock = 0;
          if (!this.#entries.isWanted(at, rule)) continue;
          pages++;
          inBlock++;
          if (inBlock === HUGE_PAGES) fullHugeBlocks++;
          unitPages[unitBase + Math.floor(page / UNIT_PAGES) - Math.floor(start / UNIT_PAGES)]++;
        }
      }
      unitBase += unitsOf(start, ranges[i + 1]);
    }
    return { pages, fullHugeBlocks, unitPages, cpuMicros: this.#cpu.taken(), hasEnded: false };
  }

  /** Returns the pages that were dealt with, fewer than all where the bytes are used up; −1: the process is gone. */
  #range(job: ReadJob, start: number, pages: number, rule: number, place: number): number {
    if (rule === PAGE_RULE.none) return pages;
    let done = 0;
    while (done < pages) {
      const room = Math.ceil((job.bytesMax - this.#bytesRead) / PAGE_BYTES);
      if (room <= 0) break;
      // A window is never longer ahead of its reading than a few ms, and what is not read of it is cheap.
      const loaded = this.#entries.load(start + done, Math.min(pages - done, Math.max(room, HUGE_PAGES)));
      if (loaded === 0) return -1;
      let at = 0;
      while (at < loaded && this.#bytesRead < job.bytesMax) {
        if (!this.#entries.isWanted(at, rule)) {
          at++;
          continue;
        }
        if (this.#isUnwritten(job, at, place + done)) {
          this.#hashes[2 * (place + done + at)] = UNWRITTEN_LOW;
          at++;
          continue;
        }
        const bytesLeft = Math.ceil((job.bytesMax - this.#bytesRead) / PAGE_BYTES);
        const most = Math.min(loaded - at, bytesLeft, CHUNK_PAGES - this.#gathered);
        let run = 1;
        while (run < most && this.#isDue(job, at + run, rule, place + done)) run++;
        at += this.#readRun(job.memFd, start + done, at, run, place + done);
      }
      done += at;
    }
    return done;
  }

  #isDue(job: ReadJob, at: number, rule: number, base: number): boolean {
    return this.#entries.isWanted(at, rule) && !this.#isUnwritten(job, at, base);
  }

  #isUnwritten(job: ReadJob, at: number, base: number): boolean {
    return job.known !== null && job.known[base + at] === 1 && this.#entries.isUnwritten(at);
  }

  /** Reads up to `run` pages from entry `at` of the window at `base`; returns the pages dealt with, at least 1. */
  #readRun(memFd: number, base: number, at: number, run: number, place: number): number {
    const page = base + at;
    let bytes = 0;
    try {
      bytes = readSync(memFd, this.#hasher.pages, this.#gathered * PAGE_BYTES, run * PAGE_BYTES, page * PAGE_BYTES);
    } catch (error) {
      // EIO: a page of a device, or one that a guard took away since; EFAULT, ENXIO as said by other kernels.
      if (!['EIO', 'EFAULT', 'ENXIO', 'ESRCH'].includes(errorCode(error))) throw error;
    }
    const whole = Math.floor(bytes / PAGE_BYTES);
    if (whole === 0) {
      this.#pagesUnreadable++;
      return 1;
    }
    for (let i = 0; i < whole; i++) {
      this.#places[this.#gathered] = place + at + i;
      this.#virtualPages[this.#gathered] = page + i;
      this.#pfns[this.#gathered] = this.#entries.pfn(at + i);
      this.#gathered++;
    }
    this.#bytesRead += whole * PAGE_BYTES;
    if (this.#gathered === CHUNK_PAGES) this.#hashGathered();
    return whole;
  }

  #hashGathered(): void {
    const count = this.#gathered;
    if (count === 0) return;
    this.#gathered = 0;
    this.#pagesHashed += count;
    this.#hasher.hash(count);
    const from = this.#hasher.hashes;
    const to = this.#hashes;
    for (let i = 0; i < count; i++) {
      const low = from[2 * i];
      const high = from[2 * i + 1];
      const place = this.#places[i];
      const isZero = low === ZERO_LOW && high === ZERO_HIGH;
      if (isZero && this.#huge.has(this.#virtualPages[i], this.#pfns[i])) {
        to[2 * place] = HUGE_ZERO_LOW;
        to[2 * place + 1] = MARK_HIGH;
      } else {
        to[2 * place] = low;
        to[2 * place + 1] = high;
      }
    }
  }
}

/** Units that a range touches. */
function unitsOf(start: number, pages: number): number {
  if (pages === 0) return 0;
  return Math.floor((start + pages - 1) / UNIT_PAGES) - Math.floor(start / UNIT_PAGES) + 1;
}

/**
 * Which 2 MiB of virtual memory are one huge page. pagemap does not say it: kpageflags does, by the frame (which only
 * CAP_SYS_ADMIN sees); without it, whole blocks are taken for huge ones if the caller's count lets them be. Asked once
 * for each block that has a zero page.
 */
class HugeBlocks {
  readonly #entries = new PagemapWindow();
  readonly #flags = new Uint32Array(2);
  readonly #flagBytes = new Uint8Array(this.#flags.buffer);
  #job: ReadJob | null = null;
  #block = -1;
  #isHuge = false;

  use(job: ReadJob): void {
    this.#job = job;
    this.#entries.use(job.pagemapFd);
    this.#block = -1;
  }

  /** Whether the page is part of a huge one. */
  has(page: number, pfn: number): boolean {
    const block = Math.floor(page / HUGE_PAGES);
    if (block === this.#block || this.#job === null) return this.#isHuge;
    this.#block = block;
    if (this.#job.kpageflagsFd >= 0 && pfn > 0) {
      const bytes = readSync(this.#job.kpageflagsFd, this.#flagBytes, 0, 8, 8 * pfn);
      const flags = bytes === 8 ? this.#flags[0] : 0;
      // The kernel's own huge page of zeros is nobody's memory.
      this.#isHuge = (flags & FLAG_HUGE) !== 0 && (flags & FLAG_ZERO_PAGE) === 0;
    } else if (this.#job.assumeHuge) {
      const loaded = this.#entries.load(block * HUGE_PAGES, HUGE_PAGES);
      this.#isHuge = loaded === HUGE_PAGES && this.#entries.areAllAnonymous(HUGE_PAGES);
    } else {
      this.#isHuge = false;
    }
    return this.#isHuge;
  }
}
