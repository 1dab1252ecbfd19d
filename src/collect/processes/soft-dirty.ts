/**
 * Soft-dirty bits: the kernel (CONFIG_MEM_SOFT_DIRTY) sets bit 55 of a page's entry in pagemap when it is written, and
 * clears those of a whole process when 4 is written to its clear_refs (Documentation/admin-guide/mm/soft-dirty.rst).
 */
import { openSync, closeSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PAGE_BYTES } from '../../base/units.js';
import { parseMaps } from './memory-map.js';
import { PAGE_RULE } from './page-job.js';
import { PagemapWindow } from './pagemap.js';

/** What is written into clear_refs for it. */
export const CLEAR_SOFT_DIRTY = '4';
/** 8 MiB: huge pages have one bit for 512 pages. */
const PROBE_PAGES = 2048;

/**
 * Whether this kernel has the bits, tried on the caller's own memory: of 2,048 pages each, those written after a
 * clearing must show it and those left alone must not. Half of them do: the kernel may have swapped some out. False
 * where the files cannot be had.
 */
export function hasSoftDirty(procRoot = '/proc'): boolean {
  const self = path.join(procRoot, 'self');
  const written = new Uint8Array(PROBE_PAGES * PAGE_BYTES).fill(1);
  const left = new Uint8Array(PROBE_PAGES * PAGE_BYTES).fill(2);
  let fd = -1;
  try {
    writeFileSync(path.join(self, 'clear_refs'), CLEAR_SOFT_DIRTY);
    for (let at = 0; at < written.length; at += PAGE_BYTES) written[at] = 3;
    fd = openSync(path.join(self, 'pagemap'), 'r');
    const { dirty, clean } = countBits(fd, readFileSync(path.join(self, 'maps'), 'utf8'));
    // Read here, so that both are there until the bits have been counted.
    return written[0] + left[0] === 5 && dirty >= PROBE_PAGES / 2 && clean >= PROBE_PAGES / 2;
  } catch {
    return false;
  } finally {
    if (fd >= 0) closeSync(fd);
  }
}

/** Pages of writable private mappings that are there, by their bit. */
function countBits(pagemapFd: number, maps: string): { dirty: number; clean: number } {
  const entries = new PagemapWindow();
  entries.use(pagemapFd);
  let dirty = 0;
  let clean = 0;
  for (const mapping of parseMaps(maps)) {
    if (!mapping.isWritable || mapping.isShared) continue;
    for (let page = mapping.startPage; page < mapping.endPage;) {
      const loaded = entries.load(page, mapping.endPage - page);
      if (loaded === 0) break;
      for (let at = 0; at < loaded; at++) {
        if (!entries.isWanted(at, PAGE_RULE.anonymous)) continue;
        if (entries.isUnwritten(at)) clean++;
        else dirty++;
      }
      page += loaded;
    }
  }
  return { dirty, clean };
}
