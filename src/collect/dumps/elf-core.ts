/**
 * The pages of an ELF core of a machine (`virsh dump --memory-only`, `dump-guest-memory` of QEMU): each PT_LOAD segment
 * is a range of physical memory; gfn = p_paddr / 4096. Memory beyond p_filesz is not in the dump.
 *
 * With paging (-p) a dump names memory by each of its virtual addresses: several segments over the same physical range
 * and the same bytes of the file. They are one. Segments that overlap in any other way are damage; so no byte of the
 * file is ever two pages.
 */
import { PAGE_BYTES } from '../../base/units.js';
import { NO_GFN } from '../../trace/record.js';
import type { DumpBytes } from './dump-bytes.js';
import { checkInside, type ElfHead, type ElfSegment } from './elf-head.js';
import { PageRuns } from './page-runs.js';

const PT_LOAD = 1;

/** A dump of one machine. */
export interface ElfCore {
  readonly runs: PageRuns;
  /** Bytes of segments that do not begin or end with a page. */
  readonly looseBytes: number;
}

interface Range {
  offset: number;
  paddr: number;
  bytes: number;
  readonly entryAt: number;
}

/** Reads the segments. Throws TraceError with file, offset and field at what cannot be. */
export async function readElfCore(head: ElfHead): Promise<ElfCore> {
  const { bytes } = head;
  const ranges: Range[] = [];
  let segments = 0;
  let withAddress = 0;
  let virtual = 0;
  await head.segments((segment) => {
    if (segment.type !== PT_LOAD) return;
    segments++;
    if (segment.paddr > 0) withAddress++;
    if (segment.vaddr > 0) virtual++;
    addRange(bytes, ranges, segment);
  });
  if (segments > 1 && withAddress === 0 && virtual > 0) {
    const problem = 'no segment has a physical address: the core of a process, not of a machine';
    throw bytes.errorAt(head.segmentsAt, 'program headers', problem);
  }
  const joined = joinPhysical(bytes, ranges);
  return runsOf(bytes, joined);
}

function addRange(bytes: DumpBytes, ranges: Range[], segment: ElfSegment): void {
  const { offset, paddr, fileBytes, memoryBytes, entryAt } = segment;
  if (fileBytes > memoryBytes) {
    throw bytes.errorAt(entryAt, 'p_filesz', `${fileBytes} bytes of a segment of ${memoryBytes}: damaged`);
  }
  if (fileBytes === 0) return;
  if (segment.isAbsent) throw bytes.errorAt(entryAt, 'p_offset', `none, but ${fileBytes} bytes are there: damaged`);
  checkInside(bytes, offset, fileBytes, entryAt, 'p_offset + p_filesz');
  if (paddr + fileBytes > NO_GFN * PAGE_BYTES) {
    throw bytes.errorAt(entryAt, 'p_paddr', `the segment ends at frame 2^32 - 1 or above: no machine has so many`);
  }
  const last = ranges.at(-1);
  // Neighbours that go on where the one before ended, as paging makes them by the thousand.
  if (last !== undefined && last.paddr + last.bytes === paddr && last.offset + last.bytes === offset) {
    last.bytes += fileBytes;
  } else {
    ranges.push({ offset, paddr, bytes: fileBytes, entryAt });
  }
}

/** Makes one range of those that say the same of the same memory. */
function joinPhysical(bytes: DumpBytes, ranges: Range[]): Range[] {
  ranges.sort((a, b) => a.paddr - b.paddr || a.offset - b.offset);
  const joined: Range[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last === undefined || range.paddr >= last.paddr + last.bytes) {
      joined.push(range);
    } else if (range.offset - range.paddr === last.offset - last.paddr) {
      last.bytes = Math.max(last.bytes, range.paddr + range.bytes - last.paddr);
    } else {
      const problem = `0x${range.paddr.toString(16)} is also in the segment of offset ${last.entryAt}: damaged`;
      throw bytes.errorAt(range.entryAt, 'p_paddr', problem);
    }
  }
  return joined;
}

/** Whole pages of the ranges, in the order of the file. */
function runsOf(bytes: DumpBytes, ranges: Range[]): ElfCore {
  ranges.sort((a, b) => a.offset - b.offset);
  const runs = new PageRuns();
  let looseBytes = 0;
  let previous: Range | undefined;
  for (const range of ranges) {
    if (previous !== undefined && range.offset < previous.offset + previous.bytes) {
      const problem = `its bytes are also of the segment of offset ${previous.entryAt}: damaged`;
      throw bytes.errorAt(range.entryAt, 'p_offset', problem);
    }
    previous = range;
    const gfn = Math.ceil(range.paddr / PAGE_BYTES);
    const pages = Math.max(0, Math.floor((range.paddr + range.bytes) / PAGE_BYTES) - gfn);
    looseBytes += range.bytes - pages * PAGE_BYTES;
    if (pages > 0) runs.add(range.offset + (gfn * PAGE_BYTES - range.paddr), gfn, pages);
  }
  return { runs, looseBytes };
}
