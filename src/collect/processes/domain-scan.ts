/**
 * Reading the memory of one running process of Linux, pass after pass: what changed since the last pass comes out as
 * records. Nobody is stopped, nothing is written into the process, pages that it never touched or that are swapped out
 * are not read. How fast it reads is the caller's business: one `next` reads at most what it is told to.
 *
 * A pass is `begin`, then `next` until it gives null. The first pass of a scan names every frame that holds something;
 * later ones only frames whose content changed, and frames that hold nothing any more (`free`).
 */
import type { RecordBuffer } from '../../trace/record-buffer.js';
import type { HashPool } from './hash-pool.js';
import { ProcessScan } from './process-scan.js';

/**
 * What part of a process is recorded. `guest-ram`: the RAM of the guest that a QEMU process runs, a gfn is a page of
 * its RAM blocks. `process`: the private memory of any process, a gfn is a page of it in the order in which pages were
 * found.
 */
export type MemoryLayout = 'guest-ram' | 'process';

/** One process. */
export interface ScanTarget {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat, clock ticks since boot: tells a pid that another process got. */
  readonly startTicks: number;
  readonly layout: MemoryLayout;
}

/** What a pass will look at. */
export interface PassOutlook {
  /** The reservation that the domain needs, frames of 4 KiB, at least 1: declare it before the pass's records. */
  readonly frames: number;
  /** Bytes that the pass will read, as far as is known when it begins: the pages present then. */
  readonly bytesToRead: number;
}

/** What one slice cost and found. */
export interface SliceResult {
  readonly bytesRead: number;
  /** Pages hashed or found to be zero. */
  readonly pagesHashed: number;
  /** Frames of which `out` got a record: filled anew, or freed. */
  readonly framesChanged: number;
  /** CPU of the thread that read and hashed, user and system, µs. */
  readonly cpuMicros: number;
}

/** How a process is scanned. */
export interface ScanOptions {
  /** Where the proc file system is mounted; `/proc` if it is not given. */
  readonly procRoot?: string;
  /** Reads and hashes; stays open when the scan is closed. */
  readonly pool: HashPool;
  /** Pages that were not written since `clearWritten` are not read: see there. Takes a kernel with soft-dirty bits. */
  readonly softDirty?: boolean;
}

/** The scan of one process. At most one of its promises is outstanding at a time (asserted). */
export interface DomainScan {
  /**
   * Looks at the address space anew and begins a pass. The reservation never shrinks. May be called when the pass
   * before did not end; frames which that one did not reach keep what they had.
   *
   * Throws ProcessGone where the process has ended (or its pid is another's), ProcessForbidden where its memory may
   * not be read, ProcessUnfit where it has no memory of the layout asked for.
   */
  begin(): Promise<PassOutlook>;
  /**
   * Goes on with the pass for at most about `bytesMax` bytes (at least one page is read if there is one) and appends
   * records of what changed for `domid` to `out`: fills and free, gfns below `frames` of the outlook, never a time.
   * null: the pass is over, `out` got nothing. Throws as `begin`; `out` may then hold records, which are right.
   */
  next(domid: number, bytesMax: number, out: RecordBuffer): Promise<SliceResult | null>;
  /**
   * Says at the end of a pass that later ones need only read what was written from here on: clears the soft-dirty
   * bits. The process must have stood still since the pass began: what it wrote between the reading of a page and this
   * would never be seen. Returns '', or one line why it cannot be done: then passes go on to read what they did.
   * Nothing without `softDirty`.
   */
  clearWritten(): string;
  /** It did not stand still after all: until the next `clearWritten` everything is read. */
  doubtWritten(): void;
  /** Forgets what earlier passes found: the next one names every frame again, as the first did. */
  forget(): void;
  /** Closes the files of the process. Idempotent. The pool stays. */
  close(): Promise<void>;
}

/** The process has ended, or its pid belongs to another one now. One line, without a place. */
export class ProcessGone extends Error {
  override readonly name = 'ProcessGone';
}

/** The memory of the process may not be read. One line that names the capability that is missing. */
export class ProcessForbidden extends Error {
  override readonly name = 'ProcessForbidden';
}

/** The process has no memory of the layout asked for, or more than can be recorded. One line. */
export class ProcessUnfit extends Error {
  override readonly name = 'ProcessUnfit';
}

/** Opens the scan of a process; no file is opened before `begin`. */
export function openDomainScan(target: ScanTarget, options: ScanOptions): DomainScan {
  return new ProcessScan(target, options);
}
