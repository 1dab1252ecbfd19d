/**
 * The pages of a core that `xl dump-core` wrote. Its sections are found by name: `.note.Xen` says what it is,
 * `.xen_pages` holds n pages, and `.xen_p2m` (PV: n × {u64 pfn, u64 gmfn}) or `.xen_pfn` (PVH, HVM: n × u64 pfn) says
 * which frame each one is. Entries with pfn ~0 are padding, and their pages are zeros that nobody has.
 *
 * Source: Xen's docs/misc/dump-core-format.txt, and dumps of Xen 4.17.
 */
import { PAGE_BYTES } from '../../base/units.js';
import { NO_GFN } from '../../trace/record.js';
import type { DumpBytes } from './dump-bytes.js';
import { checkInside, type ElfHead, type ElfSection } from './elf-head.js';
import { PageRuns } from './page-runs.js';

const NOTE_SECTION = '.note.Xen';
const PAGES_SECTION = '.xen_pages';
/** A dump has 1.4 kB of notes. */
const NOTES_BYTES_MAX = 1024 * 1024;
const NOTE_NAME = 'Xen\0';
const NOTE_HEADER = 0x2000001;
const NOTE_FORMAT = 0x2000003;
const FORMAT_VERSION = 1n;
const MAGIC_PV = 0xf00febedn;
const MAGIC_HVM = 0xf00febeen;
/** 64 KiB of the table of frames at a time: a whole number of entries of either kind. */
const TABLE_BYTES = 64 * 1024;

/** A dump of one Xen domain. */
export interface XenCore {
  readonly kind: 'pv' | 'hvm';
  readonly runs: PageRuns;
  /** Entries of the table that are padding. */
  readonly paddingEntries: number;
}

interface XenHeader {
  readonly kind: 'pv' | 'hvm';
  readonly pages: number;
  /** Offset of the field with the number of pages. */
  readonly pagesAt: number;
}

/** Whether these sections are those of `xl dump-core`. */
export function isXenCore(sections: readonly ElfSection[]): boolean {
  return sections.some(({ name }) => name === NOTE_SECTION || name.startsWith('.xen_'));
}

/** Reads notes and table of frames. Throws TraceError with file, offset and field at what does not fit together. */
export async function readXenCore(head: ElfHead, sections: readonly ElfSection[]): Promise<XenCore> {
  const { bytes } = head;
  const header = await readHeader(bytes, sectionOf(bytes, sections, NOTE_SECTION));
  const pages = sectionOf(bytes, sections, PAGES_SECTION);
  const table = sectionOf(bytes, sections, header.kind === 'pv' ? '.xen_p2m' : '.xen_pfn');
  const entryBytes = header.kind === 'pv' ? 16 : 8;
  checkCount(bytes, pages, PAGE_BYTES, header);
  checkCount(bytes, table, entryBytes, header);
  if (pages.offset < table.offset + table.bytes && table.offset < pages.offset + pages.bytes) {
    throw bytes.errorAt(table.entryAt, `section ${table.name}`, `overlaps ${PAGES_SECTION}: damaged`);
  }
  return await readTable(bytes, header, pages, table, entryBytes);
}

function sectionOf(bytes: DumpBytes, sections: readonly ElfSection[], name: string): ElfSection {
  const found = sections.filter((section) => section.name === name);
  if (found.length === 0) throw bytes.errorAt(0, 'section headers', `no section ${name}; was the dump written whole?`);
  if (found.length > 1) throw bytes.errorAt(found[1].entryAt, `section ${name}`, 'is there twice: damaged');
  checkInside(bytes, found[0].offset, found[0].bytes, found[0].entryAt, `section ${name}`);
  return found[0];
}

/** The size of a section and the number of pages in the note agree: otherwise one of both is wrong. */
function checkCount(bytes: DumpBytes, section: ElfSection, entryBytes: number, header: XenHeader): void {
  if (section.bytes === header.pages * entryBytes) return;
  const has = `${section.bytes} bytes of ${section.name} are not ${header.pages} × ${entryBytes}`;
  throw bytes.errorAt(header.pagesAt, 'nr_pages', `${has}: damaged, or the dump was not written whole`);
}

async function readHeader(bytes: DumpBytes, section: ElfSection): Promise<XenHeader> {
  if (section.bytes > NOTES_BYTES_MAX) {
    throw bytes.errorAt(section.entryAt, `section ${NOTE_SECTION}`, `${section.bytes} bytes of notes: damaged`);
  }
  const buffer = Buffer.alloc(section.bytes);
  const got = await bytes.read(section.offset, buffer);
  if (got < buffer.length) throw bytes.errorAt(section.offset + got, NOTE_SECTION, 'the file ends inside the notes');
  let header: XenHeader | undefined;
  let hasFormat = false;
  for (let at = 0; at + 12 <= buffer.length;) {
    const [nameBytes, descBytes, type] = [0, 4, 8].map((i) => buffer.readUInt32LE(at + i)) as [number, number, number];
    const descAt = at + 12 + Math.ceil(nameBytes / 4) * 4;
    const end = descAt + Math.ceil(descBytes / 4) * 4;
    if (end > buffer.length) throw bytes.errorAt(section.offset + at, 'note', 'ends past the notes: damaged');
    const isXen = nameBytes === 4 && buffer.toString('latin1', at + 12, at + 16) === NOTE_NAME;
    const desc = buffer.subarray(descAt, descAt + descBytes);
    if (isXen && type === NOTE_HEADER) header = headerOf(bytes, desc, section.offset + descAt);
    if (isXen && type === NOTE_FORMAT) checkFormat(bytes, desc, section.offset + descAt);
    hasFormat ||= isXen && type === NOTE_FORMAT;
    at = end;
  }
  if (header === undefined) throw bytes.errorAt(section.offset, NOTE_SECTION, 'has no note that says what was dumped');
  if (!hasFormat) throw bytes.errorAt(section.offset, NOTE_SECTION, 'has no note of its format version');
  return header;
}

function headerOf(bytes: DumpBytes, desc: Buffer, at: number): XenHeader {
  if (desc.length !== 32) throw bytes.errorAt(at, 'note', `${desc.length} bytes where 32 are right`);
  const [magic, , pages, pageBytes] = [0, 8, 16, 24].map((i) => desc.readBigUInt64LE(i)) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  if (magic !== MAGIC_PV && magic !== MAGIC_HVM) {
    throw bytes.errorAt(at, 'xch_magic', `0x${magic.toString(16)} is neither of a PV domain nor of a PVH or HVM one`);
  }
  if (pageBytes !== BigInt(PAGE_BYTES)) {
    throw bytes.errorAt(at + 24, 'xch_page_size', `pages of ${pageBytes} bytes are not supported, only 4096 are`);
  }
  if (pages >= BigInt(NO_GFN)) throw bytes.errorAt(at + 16, 'nr_pages', `${pages} pages: no file has so many`);
  return { kind: magic === MAGIC_PV ? 'pv' : 'hvm', pages: Number(pages), pagesAt: at + 16 };
}

function checkFormat(bytes: DumpBytes, desc: Buffer, at: number): void {
  const version = desc.length === 8 ? desc.readBigUInt64LE(0) : -1n;
  if (version === FORMAT_VERSION) return;
  throw bytes.errorAt(at, 'format version', `${version} is not known, only ${FORMAT_VERSION} is`);
}

async function readTable(
  bytes: DumpBytes,
  header: XenHeader,
  pages: ElfSection,
  table: ElfSection,
  entryBytes: number,
): Promise<XenCore> {
  const runs = new PageRuns();
  const buffer = new Uint8Array(TABLE_BYTES);
  const view = new DataView(buffer.buffer);
  let paddingEntries = 0;
  for (let from = 0; from < table.bytes; from += TABLE_BYTES) {
    const wanted = Math.min(TABLE_BYTES, table.bytes - from);
    const got = await bytes.read(table.offset + from, buffer.subarray(0, wanted));
    if (got < wanted) {
      throw bytes.errorAt(table.offset + from + got, table.name, 'the file ends inside it; was it copied whole?');
    }
    for (let at = 0; at < wanted; at += entryBytes) {
      const low = view.getUint32(at, true);
      const high = view.getUint32(at + 4, true);
      const index = (from + at) / entryBytes;
      if (low === NO_GFN && high === NO_GFN) {
        paddingEntries++;
      } else if (high !== 0 || low === NO_GFN) {
        const pfn = view.getBigUint64(at, true).toString(16);
        throw bytes.errorAt(
          table.offset + from + at,
          `${table.name}: entry ${index}`,
          `pfn 0x${pfn} is above 2^32 - 2`,
        );
      } else {
        runs.add(pages.offset + index * PAGE_BYTES, low, 1);
      }
    }
  }
  return { kind: header.kind, runs, paddingEntries };
}
