/**
 * Entries of /proc/PID/pagemap: 8 bytes for each virtual page, read in bulk. Whoever lacks CAP_SYS_ADMIN sees all
 * bits but no frame numbers. Bits by Documentation/admin-guide/mm/pagemap.rst.
 */
import { readSync } from 'node:fs';
import { errorCode } from '../../base/system-problem.js';
import { PAGE_RULE } from './page-job.js';

// Bits of the high half.
const PRESENT = 1 << 31;
const FILE_OR_SHARED = 1 << 29;
const EXCLUSIVE = 1 << 24;
const SOFT_DIRTY = 1 << 23;
/** Bits 0–54 are the frame number. */
const PFN_HIGH = 0x7fffff;

const WINDOW_PAGES = 8192;

/** What of the entry's high half must be, under a mask, for a page to be read; index: PAGE_RULE. */
const MASK = [0, PRESENT, PRESENT | FILE_OR_SHARED, PRESENT | EXCLUSIVE];
const WANTED = [1, PRESENT, PRESENT, PRESENT | EXCLUSIVE];

/** A window of entries of one process. */
export class PagemapWindow {
  readonly #words = new Uint32Array(2 * WINDOW_PAGES);
  readonly #bytes = new Uint8Array(this.#words.buffer);
  #fd = -1;

  /** The window is of this pagemap from now on. */
  use(fd: number): void {
    this.#fd = fd;
  }

  /**
   * Loads the entries from `page` on, at most `pages` of them; returns how many it has: 0 where the address space of
   * the process is gone. A failure other than that is thrown.
   */
  load(page: number, pages: number): number {
    const wanted = Math.min(pages, WINDOW_PAGES);
    try {
      return readSync(this.#fd, this.#bytes, 0, 8 * wanted, 8 * page) >> 3;
    } catch (error) {
      if (errorCode(error) === 'ESRCH') return 0;
      throw error;
    }
  }

  /** Whether the entry `at` is of a page that `rule` (PAGE_RULE) lets be read. */
  isWanted(at: number, rule: number): boolean {
    return (this.#words[2 * at + 1] & MASK[rule]) === WANTED[rule];
  }

  /**
   * Whether the page of entry `at`, which is present, surely was not written since its soft-dirty bit was cleared. The
   * bit is that of one mapping: others may write shared memory, and the kernel's page of zeros (mapped by no one
   * alone) comes without it where memory was given back.
   */
  isUnwritten(at: number): boolean {
    return (this.#words[2 * at + 1] & (SOFT_DIRTY | FILE_OR_SHARED | EXCLUSIVE)) === EXCLUSIVE;
  }

  /** The frame number of entry `at`; 0 where it may not be seen. */
  pfn(at: number): number {
    return (this.#words[2 * at + 1] & PFN_HIGH) * 2 ** 32 + this.#words[2 * at];
  }

  /** Whether all of the first `count` entries are present anonymous pages. */
  areAllAnonymous(count: number): boolean {
    for (let at = 0; at < count; at++) if (!this.isWanted(at, PAGE_RULE.anonymous)) return false;
    return true;
  }
}
