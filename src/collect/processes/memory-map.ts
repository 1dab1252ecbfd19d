/** Lines of /proc/PID/maps, and which of the mappings of a process are its own memory. */
import { PAGE_BYTES } from '../../base/units.js';
import { PAGE_RULE } from './page-job.js';

/** One mapping: virtual pages [startPage, endPage). */
export interface Mapping {
  readonly startPage: number;
  readonly endPage: number;
  readonly isReadable: boolean;
  readonly isWritable: boolean;
  readonly isShared: boolean;
  /** Where in its file it begins, pages. */
  readonly filePage: number;
  /** `major:minor inode` of its file; `00:00 0` without one. */
  readonly file: string;
  /** Path or `[name]` with the kernel's escapes (`\012` is a newline) and its ` (deleted)`; '' if anonymous. */
  readonly name: string;
}

const LINE = /^([0-9a-f]+)-([0-9a-f]+) ([r-])([w-])[x-]([ps]) ([0-9a-f]+) ([0-9a-f]+:[0-9a-f]+) (\d+) *(.*)$/;

/** A file without a name: mapped by whoever it was handed to. */
export const NO_FILE = '00:00 0';

/** The mappings of a maps file, in the order of their addresses; lines of another form are left out. */
export function parseMaps(text: string): Mapping[] {
  const mappings: Mapping[] = [];
  for (const line of text.split('\n')) {
    const match = LINE.exec(line);
    if (match === null) continue;
    const [, start, end, read, write, sharing, offset, device, inode, name] = match;
    const endByte = Number.parseInt(end, 16);
    // Above that only [vsyscall] lies, which is the kernel's.
    if (!Number.isSafeInteger(endByte)) continue;
    mappings.push({
      startPage: Number.parseInt(start, 16) / PAGE_BYTES,
      endPage: endByte / PAGE_BYTES,
      isReadable: read === 'r',
      isWritable: write === 'w',
      isShared: sharing === 's',
      filePage: Number.parseInt(offset, 16) / PAGE_BYTES,
      file: `${device} ${inode}`,
      name,
    });
  }
  return mappings;
}

/** The kernel's own pages, and those of devices: not memory of the process. */
const NOT_MEMORY = /^\[(?:vvar|vdso|vsyscall|uprobes|sigpage|vectors)|^\/dev\/(?!zero|shm\/|hugepages|ashmem)/;
/** Shared memory that lies in no file of a disk. */
const SHARED_MEMORY = /^\/dev\/zero \(deleted\)$|^\/memfd:|^\/SYSV|^\/dev\/shm\/|^\/anon_hugepage|^\[anon_shmem:/;

/**
 * The PAGE_RULE for a mapping in the layout of a process. Mappings without leave to read are reservations and guards:
 * terabytes of them in some processes, and nothing in them.
 */
export function processRule(mapping: Mapping): number {
  if (!mapping.isReadable || NOT_MEMORY.test(mapping.name)) return PAGE_RULE.none;
  if (!mapping.isShared) return PAGE_RULE.anonymous;
  return SHARED_MEMORY.test(mapping.name) ? PAGE_RULE.exclusive : PAGE_RULE.none;
}
