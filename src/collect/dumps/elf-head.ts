/**
 * The headers of an ELF core file, of 32 or 64 bits, little-endian: what the table of sections and of segments says,
 * checked against the bytes that are there. Layout: System V ABI, "ELF header", "Sections", "Program header".
 *
 * Every number of a header is hostile. Offsets and sizes are u64; one above 2^53 − 1 lies beyond any file and is
 * refused where it stands, so that all sums below are exact.
 */
import { printable } from '../../base/printable.js';
import type { DumpBytes } from './dump-bytes.js';

const CLASS_64 = 2;
const CLASS_AT = 4;
const DATA_LITTLE = 1;
const DATA_BIG = 2;
const DATA_AT = 5;
const TYPE_CORE = 4;
/** e_phnum when there are more: their number is then sh_info of section 0. */
const PN_XNUM = 0xffff;
/** e_shstrndx when it does not fit: it is then sh_link of section 0. */
const SHN_XINDEX = 0xffff;
/** A dump has 7 sections or none; QEMU writes one for PN_XNUM. */
const SECTIONS_MAX = 4096;
/** Entries are read in slices of this many. */
const SLICE_ENTRIES = 1024;

/** Where the fields of headers are, by class: their offsets differ, and the width of addresses. */
interface Layout {
  readonly headerBytes: number;
  readonly sectionBytes: number;
  readonly segmentBytes: number;
}

const LAYOUT_32: Layout = { headerBytes: 52, sectionBytes: 40, segmentBytes: 32 };
const LAYOUT_64: Layout = { headerBytes: 64, sectionBytes: 64, segmentBytes: 56 };

/** A part of the file. `entryAt` is the offset of what says so, for messages. */
export interface ElfSection {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
  readonly entryAt: number;
}

/** A program header; the object is used again for the next one. */
export interface ElfSegment {
  type: number;
  offset: number;
  /** The offset is all ones: its memory is not in the file. */
  isAbsent: boolean;
  vaddr: number;
  paddr: number;
  fileBytes: number;
  memoryBytes: number;
  entryAt: number;
}

/** Whether a file that starts with these bytes is an ELF file. */
export function isElf(start: Uint8Array): boolean {
  return start.length >= 4 && start[0] === 0x7f && start[1] === 0x45 && start[2] === 0x4c && start[3] === 0x46;
}

/** Reads numbers out of header bytes. Throws TraceError at one that no file can reach. */
class Fields {
  readonly view: DataView;

  constructor(
    readonly bytes: DumpBytes,
    readonly is64: boolean,
    readonly buffer: Uint8Array,
    /** Offset of the buffer in the data. */
    public base: number,
  ) {
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }

  u16(at: number): number {
    return this.view.getUint16(at, true);
  }

  u32(at: number): number {
    return this.view.getUint32(at, true);
  }

  /** All 32 or 64 bits are set. */
  isOnes(at: number): boolean {
    return this.u32(at) === 0xffffffff && (!this.is64 || this.u32(at + 4) === 0xffffffff);
  }

  /** An address, offset or size: u64, or u32 in a file of 32 bits. */
  word(at: number, field: string): number {
    return this.is64 ? this.u64(at, field) : this.u32(at);
  }

  u64(at: number, field: string): number {
    const value = this.u32(at) + this.u32(at + 4) * 2 ** 32;
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    const exact = this.view.getBigUint64(at, true).toString(16);
    throw this.bytes.errorAt(this.base + at, field, `0x${exact} is more than any file or machine has: damaged`);
  }
}

/** The head of one file. All methods throw TraceError with file, offset and field at what cannot be. */
export class ElfHead {
  private constructor(
    readonly bytes: DumpBytes,
    readonly is64: boolean,
    readonly layout: Layout,
    readonly sectionsAt: number,
    readonly sectionCount: number,
    readonly namesIndex: number,
    readonly segmentsAt: number,
    readonly segmentCount: number,
  ) {}

  /** Reads the ELF header and, where it points there, section 0. */
  static async open(bytes: DumpBytes): Promise<ElfHead> {
    const start = new Uint8Array(LAYOUT_64.headerBytes);
    const got = await bytes.read(0, start);
    const is64 = start[CLASS_AT] === CLASS_64;
    const layout = is64 ? LAYOUT_64 : LAYOUT_32;
    if (got < layout.headerBytes) throw bytes.errorAt(got, 'ELF header', 'the file ends inside it');
    if (!is64 && start[CLASS_AT] !== 1) throw bytes.errorAt(CLASS_AT, 'EI_CLASS', 'neither 32 nor 64 bits');
    if (start[DATA_AT] === DATA_BIG) {
      throw bytes.errorAt(DATA_AT, 'EI_DATA', 'a big-endian ELF file; only dumps of little-endian machines are read');
    }
    if (start[DATA_AT] !== DATA_LITTLE) throw bytes.errorAt(DATA_AT, 'EI_DATA', 'is no byte order');
    const fields = new Fields(bytes, is64, start, 0);
    const type = fields.u16(16);
    if (type !== TYPE_CORE) {
      throw bytes.errorAt(16, 'e_type', `${type} is a program or library, not a core file (4)`);
    }
    return await ElfHead.#tables(bytes, fields, layout);
  }

  static async #tables(bytes: DumpBytes, fields: Fields, layout: Layout): Promise<ElfHead> {
    const { is64 } = fields;
    const segmentsAt = fields.word(is64 ? 32 : 28, 'e_phoff');
    const sectionsAt = fields.word(is64 ? 40 : 32, 'e_shoff');
    const sizesAt = is64 ? 54 : 42;
    const [segmentBytes, segmentWord, sectionBytes, sectionWord, namesWord] = [0, 2, 4, 6, 8].map((i) =>
      fields.u16(sizesAt + i),
    ) as [number, number, number, number, number];
    let segmentCount = segmentWord;
    let sectionCount = sectionsAt === 0 ? 0 : sectionWord;
    let namesIndex = namesWord;
    if (segmentCount > 0 && segmentBytes !== layout.segmentBytes) {
      throw bytes.errorAt(sizesAt, 'e_phentsize', `${segmentBytes} where ${layout.segmentBytes} is right`);
    }
    if (sectionsAt !== 0 && (sectionCount > 0 || segmentWord === PN_XNUM) && sectionBytes !== layout.sectionBytes) {
      throw bytes.errorAt(sizesAt + 4, 'e_shentsize', `${sectionBytes} where ${layout.sectionBytes} is right`);
    }
    const needsFirst = segmentWord === PN_XNUM || sectionWord === 0 || namesWord === SHN_XINDEX;
    if (sectionsAt !== 0 && needsFirst) {
      const first = await readEntry(bytes, is64, sectionsAt, layout.sectionBytes, 'section header 0');
      if (segmentWord === PN_XNUM) segmentCount = first.u32(is64 ? 44 : 28);
      if (sectionWord === 0) sectionCount = first.word(is64 ? 32 : 20, 'section header 0: sh_size');
      if (namesWord === SHN_XINDEX) namesIndex = first.u32(is64 ? 40 : 24);
    } else if (segmentWord === PN_XNUM) {
      throw bytes.errorAt(sizesAt + 2, 'e_phnum', 'PN_XNUM, but there is no section 0 that says how many there are');
    }
    if (sectionCount > SECTIONS_MAX) {
      throw bytes.errorAt(sizesAt + 6, 'e_shnum', `${sectionCount} sections: no dump has more than ${SECTIONS_MAX}`);
    }
    checkInside(bytes, sectionsAt, sectionCount * layout.sectionBytes, is64 ? 40 : 32, 'e_shoff');
    checkInside(bytes, segmentsAt, segmentCount * layout.segmentBytes, is64 ? 32 : 28, 'e_phoff');
    return new ElfHead(bytes, is64, layout, sectionsAt, sectionCount, namesIndex, segmentsAt, segmentCount);
  }

  /** All sections with a name, in the order of their table. */
  async sections(): Promise<ElfSection[]> {
    if (this.sectionCount === 0) return [];
    const { is64, bytes, layout } = this;
    const buffer = new Uint8Array(this.sectionCount * layout.sectionBytes);
    const got = await bytes.read(this.sectionsAt, buffer);
    if (got < buffer.length) throw bytes.errorAt(this.sectionsAt + got, 'section headers', 'the file ends inside them');
    const fields = new Fields(bytes, is64, buffer, this.sectionsAt);
    if (this.namesIndex === 0 || this.namesIndex >= this.sectionCount) {
      const at = is64 ? 62 : 50;
      throw bytes.errorAt(at, 'e_shstrndx', `${this.namesIndex}: no section has the names of the others`);
    }
    const names = await this.#names(fields);
    const found: ElfSection[] = [];
    for (let i = 1; i < this.sectionCount; i++) {
      const at = i * layout.sectionBytes;
      const nameAt = fields.u32(at);
      const nameEnd = names.indexOf(0, nameAt);
      if (nameAt >= names.length || nameEnd < 0) {
        throw bytes.errorAt(this.sectionsAt + at, `section header ${i}: sh_name`, `${nameAt} lies past the names`);
      }
      const name = printable(names.toString('latin1', nameAt, nameEnd), 64);
      const offset = fields.word(at + (is64 ? 24 : 16), `section ${name}: sh_offset`);
      const size = fields.word(at + (is64 ? 32 : 20), `section ${name}: sh_size`);
      found.push({ name, offset, bytes: size, entryAt: this.sectionsAt + at });
    }
    return found;
  }

  /** Gives one program header after another to `visit`. */
  async segments(visit: (segment: ElfSegment) => void): Promise<void> {
    const { is64, bytes, layout } = this;
    const buffer = new Uint8Array(Math.min(this.segmentCount, SLICE_ENTRIES) * layout.segmentBytes);
    const fields = new Fields(bytes, is64, buffer, 0);
    const fieldsAt = is64 ? { offset: 8, vaddr: 16, paddr: 24, file: 32, memory: 40 } : SEGMENT_FIELDS_32;
    const segment = makeSegment();
    for (let i = 0; i < this.segmentCount; i += SLICE_ENTRIES) {
      const count = Math.min(this.segmentCount - i, SLICE_ENTRIES);
      fields.base = this.segmentsAt + i * layout.segmentBytes;
      const got = await bytes.read(fields.base, buffer.subarray(0, count * layout.segmentBytes));
      if (got < count * layout.segmentBytes) {
        throw bytes.errorAt(fields.base + got, 'program headers', 'the file ends inside them');
      }
      for (let j = 0; j < count; j++) {
        const at = j * layout.segmentBytes;
        const name = `program header ${i + j}`;
        segment.entryAt = fields.base + at;
        segment.type = fields.u32(at);
        segment.isAbsent = fields.isOnes(at + fieldsAt.offset);
        segment.offset = segment.isAbsent ? 0 : fields.word(at + fieldsAt.offset, `${name}: p_offset`);
        // A kernel's virtual addresses are far above 2^53: only whether there is one counts.
        segment.vaddr = fields.u32(at + fieldsAt.vaddr) === 0 && (!is64 || fields.u32(at + 20) === 0) ? 0 : 1;
        segment.paddr = fields.word(at + fieldsAt.paddr, `${name}: p_paddr`);
        segment.fileBytes = fields.word(at + fieldsAt.file, `${name}: p_filesz`);
        segment.memoryBytes = fields.word(at + fieldsAt.memory, `${name}: p_memsz`);
        visit(segment);
      }
    }
  }

  async #names(fields: Fields): Promise<Buffer> {
    const { is64, bytes, layout } = this;
    const at = this.namesIndex * layout.sectionBytes;
    const offset = fields.word(at + (is64 ? 24 : 16), 'section of the names: sh_offset');
    const size = fields.word(at + (is64 ? 32 : 20), 'section of the names: sh_size');
    checkInside(bytes, offset, size, this.sectionsAt + at + (is64 ? 24 : 16), 'section of the names: sh_offset');
    const buffer = Buffer.alloc(Math.min(size, NAMES_BYTES_MAX));
    const got = await bytes.read(offset, buffer);
    if (got < buffer.length) throw bytes.errorAt(offset + got, 'names of the sections', 'the file ends inside them');
    return buffer;
  }
}

const NAMES_BYTES_MAX = 64 * 1024;
const SEGMENT_FIELDS_32 = { offset: 4, vaddr: 8, paddr: 12, file: 16, memory: 20 };

function makeSegment(): ElfSegment {
  return { type: 0, offset: 0, isAbsent: false, vaddr: 0, paddr: 0, fileBytes: 0, memoryBytes: 0, entryAt: 0 };
}

async function readEntry(
  bytes: DumpBytes,
  is64: boolean,
  at: number,
  entryBytes: number,
  field: string,
): Promise<Fields> {
  const buffer = new Uint8Array(entryBytes);
  if ((await bytes.read(at, buffer)) < entryBytes) throw bytes.errorAt(at, field, 'lies past the end of the file');
  return new Fields(bytes, is64, buffer, at);
}

/** Throws TraceError if a part of the file lies past its end, as far as that is known before it is read. */
export function checkInside(bytes: DumpBytes, offset: number, size: number, at: number, field: string): void {
  const end = offset + size;
  if (end > Number.MAX_SAFE_INTEGER) throw bytes.errorAt(at, field, `${offset} + ${size} bytes wraps around: damaged`);
  if (bytes.size !== null && size > 0 && end > bytes.size) {
    throw bytes.errorAt(at, field, `${offset} + ${size} bytes end past the file's ${bytes.size}; was it copied whole?`);
  }
}
