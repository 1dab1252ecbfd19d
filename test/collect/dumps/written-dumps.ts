/**
 * Dumps written byte by byte from a plain model of memory, by the formats' documents and not by the reader's code:
 * sections and segments in any order, both classes, padding, holes, everything that is allowed. Each numeric field that
 * was written is on a list, for whoever wants to spoil one.
 */
import { SeededRandom } from '../../seeded-random.js';
import type { PlainMemory } from './imported-memory.js';
import { pageHash } from './plain-cores.js';

/** A number in the file. */
export interface WrittenField {
  readonly at: number;
  readonly bytes: 2 | 4 | 8;
}

/** A dump and what it holds. */
export interface WrittenDump {
  readonly bytes: Buffer;
  readonly memory: PlainMemory;
  readonly fields: readonly WrittenField[];
  readonly what: string;
}

/** Contents from which pages are made: zeros, one byte all over, random words. */
const PAGES: readonly Buffer[] = Array.from({ length: 24 }, (_, i) => {
  if (i < 4) return Buffer.alloc(4096, [0, 0xcc, 0xff, 1][i]);
  const random = new SeededRandom(1000 + i);
  const words = Uint32Array.from({ length: 1024 }, () => random.u32());
  if (i < 10) words.fill(0, 0, 1000);
  return Buffer.from(words.buffer);
});
const HASHES = PAGES.map((page) => pageHash(page));
const PADDING = 2n ** 64n - 1n;

/** The content of one random frame. */
export function somePage(random: SeededRandom): number {
  return random.chance(0.3) ? 0 : random.below(PAGES.length);
}

/** gfn → number of its content: a few ranges with holes between them. */
export function someMemory(random: SeededRandom): Map<number, number> {
  const memory = new Map<number, number>();
  let gfn = random.chance(0.1) ? random.below(2 ** 31) : random.below(8);
  for (let ranges = 1 + random.below(4); ranges > 0; ranges--) {
    for (let i = 1 + random.below(random.chance(0.03) ? 600 : 12); i > 0; i--) memory.set(gfn++, somePage(random));
    gfn += 1 + random.below(random.chance(0.1) ? 2 ** 20 : 40);
  }
  return memory;
}

function hashed(memory: ReadonlyMap<number, number>): PlainMemory {
  return new Map([...memory].map(([gfn, content]) => [gfn, HASHES[content]]));
}

/** Grows by what is put into it. */
class Writer {
  readonly fields: WrittenField[] = [];
  #memory = Buffer.alloc(64 * 1024);
  #length = 0;

  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#length);
  }

  put(at: number, part: Uint8Array): void {
    this.#length = Math.max(this.#length, at + part.length);
    if (this.#length > this.#memory.length) {
      const grown = Buffer.alloc(this.#length * 2);
      this.#memory.copy(grown);
      this.#memory = grown;
    }
    this.#memory.set(part, at);
  }

  number(at: number, bytes: 2 | 4 | 8, value: bigint | number): void {
    const part = Buffer.alloc(8);
    part.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
    this.put(at, part.subarray(0, bytes));
    this.fields.push({ at, bytes });
  }
}

function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  const rest = [...items];
  return items.map(() => rest.splice(random.below(rest.length), 1)[0]);
}

interface Tables {
  readonly is64: boolean;
  readonly phoff: number;
  readonly phnum: number;
  readonly shoff: number;
  readonly shnum: number;
  readonly shstrndx: number;
}

function putHeader(out: Writer, tables: Tables): void {
  const { is64 } = tables;
  out.put(0, Buffer.from([0x7f, 0x45, 0x4c, 0x46, is64 ? 2 : 1, 1, 1]));
  const word = is64 ? 8 : 4;
  out.number(16, 2, 4);
  out.number(18, 2, is64 ? 62 : 3);
  out.number(20, 4, 1);
  const at = 24 + word;
  out.number(at, word, tables.phoff);
  out.number(at + word, word, tables.shoff);
  const sizes = at + 2 * word + 4;
  const values = [is64 ? 64 : 52, is64 ? 56 : 32, tables.phnum, is64 ? 64 : 40, tables.shnum, tables.shstrndx];
  values.forEach((value, i) => out.number(sizes + 2 * i, 2, value));
}

interface Section {
  readonly name: string;
  readonly nameAt: number;
  offset: number;
  readonly data: Buffer;
  readonly info: number;
}

function putSection(out: Writer, at: number, is64: boolean, section: Section, sizeInstead?: number): void {
  const word = is64 ? 8 : 4;
  out.number(at, 4, section.nameAt);
  out.number(at + 4, 4, 1);
  out.number(at + 8 + 2 * word, word, section.offset);
  out.number(at + 8 + 3 * word, word, sizeInstead ?? section.data.length);
  out.number(at + 12 + 4 * word, 4, section.info);
}

function note(name: string, type: number, desc: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(name.length + 1, 0);
  head.writeUInt32LE(desc.length, 4);
  head.writeUInt32LE(type, 8);
  const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  return Buffer.concat([head, padded(Buffer.from(`${name}\0`, 'latin1')), padded(desc)]);
}

function u64s(...values: (bigint | number)[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  values.forEach((value, i) => bytes.writeBigUInt64LE(BigInt(value), 8 * i));
  return bytes;
}

/** A core of `xl dump-core` that holds this memory. */
export function writeXenCore(memory: ReadonlyMap<number, number>, random: SeededRandom): WrittenDump {
  const isPv = random.chance(0.5);
  const is64 = random.chance(0.85);
  const frames = random.chance(0.2) ? shuffled([...memory], random) : [...memory];
  const entries: [pfn: bigint, content: number][] = frames.map(([gfn, content]) => [BigInt(gfn), content]);
  const padding = random.chance(0.5) ? random.below(20) : 0;
  for (let i = 0; i < padding; i++) {
    entries.splice(random.chance(0.7) ? entries.length : random.below(entries.length), 0, [PADDING, 0]);
  }
  const table = entries.map(([pfn]) => (isPv ? u64s(pfn, pfn === PADDING ? PADDING : random.u32()) : u64s(pfn)));
  const header = u64s(isPv ? 0xf00febed : 0xf00febee, 1 + random.below(4), entries.length, 4096);
  const notes = [
    note('Xen', 0x2000000, Buffer.alloc(0)),
    note('Xen', 0x2000001, header),
    note('Xen', 0x2000002, Buffer.alloc(random.below(99))),
    note('Xen', 0x2000003, u64s(1)),
    note('Other', 0x2000001, Buffer.alloc(random.below(40))),
  ];
  const contents: [name: string, data: Buffer][] = [
    ['.note.Xen', Buffer.concat(shuffled(notes, random))],
    ['.xen_prstatus', Buffer.alloc(5168)],
    ['.xen_shared_info', Buffer.alloc(4096)],
    ['.xen_pages', Buffer.concat(entries.map(([, content]) => PAGES[content]))],
    [isPv ? '.xen_p2m' : '.xen_pfn', Buffer.concat(table)],
    ['.shstrtab', Buffer.alloc(0)],
  ];
  const out = new Writer();
  putSections(out, is64, shuffled(contents, random), random);
  return { bytes: out.bytes, memory: hashed(memory), fields: out.fields, what: isPv ? 'pv' : 'hvm' };
}

function putSections(out: Writer, is64: boolean, contents: [string, Buffer][], random: SeededRandom): void {
  let names = '\0';
  const sections: Section[] = [{ name: '', nameAt: 0, offset: 0, data: Buffer.alloc(0), info: 0 }];
  for (const [name, data] of contents) {
    sections.push({ name, nameAt: names.length, offset: 0, data, info: 0 });
    names += `${name}\0`;
  }
  const table = sections.map((section) => {
    return section.name === '.shstrtab' ? { ...section, data: Buffer.from(names, 'latin1') } : section;
  });
  const shoff = random.chance(0.8) ? 64 : 64 + 8 * random.below(500);
  let at = shoff + table.length * (is64 ? 64 : 40);
  for (const section of shuffled(table.slice(1), random)) {
    if (random.chance(0.5)) at = Math.ceil(at / 4096) * 4096;
    at += random.below(3) * 4;
    section.offset = at;
    out.put(at, section.data);
    at += section.data.length;
  }
  for (const section of table) {
    if (section.name !== '.xen_p2m' && section.name !== '.xen_pfn' && section.name !== '.note.Xen') continue;
    for (let i = 0; i < Math.min(section.data.length, 400); i += 4) {
      out.fields.push({ at: section.offset + i, bytes: i % 8 === 0 && section.name !== '.note.Xen' ? 8 : 4 });
    }
  }
  const shstrndx = table.findIndex(({ name }) => name === '.shstrtab');
  putHeader(out, { is64, phoff: 0, phnum: 0, shoff, shnum: table.length, shstrndx });
  table.forEach((section, i) => putSection(out, shoff + i * (is64 ? 64 : 40), is64, section));
}

interface Segment {
  readonly type: number;
  readonly offset: bigint;
  readonly paddr: number;
  readonly fileBytes: number;
  readonly memoryBytes: number;
}

/** An ELF core of a machine that holds this memory. */
export function writeElfCore(memory: ReadonlyMap<number, number>, random: SeededRandom): WrittenDump {
  const highest = Math.max(...memory.keys());
  const is64 = highest >= 2 ** 19 || random.chance(0.7);
  const isMany = random.chance(0.1);
  const ranges = rangesOf(memory, random);
  const out = new Writer();
  const extra = random.below(4);
  const count = ranges.length + extra + 1;
  const [entry, sectionBytes] = is64 ? [56, 64] : [32, 40];
  const phoff = random.chance(0.8) ? 64 : 4 * (20 + random.below(500));
  const shoff = isMany ? Math.ceil((phoff + count * entry) / 8) * 8 : 0;
  let at = Math.max(phoff + count * entry, shoff === 0 ? 0 : shoff + sectionBytes);
  const notes = note('CORE', 1, Buffer.alloc(336));
  out.put(at, notes);
  const segments: Segment[] = [{ type: 4, offset: BigInt(at), paddr: 0, fileBytes: notes.length, memoryBytes: 0 }];
  at += notes.length;
  const placed = new Map<(typeof ranges)[number], number>();
  for (const range of shuffled(ranges, random)) {
    if (random.chance(0.3)) at = Math.ceil(at / 4096) * 4096;
    placed.set(range, at);
    out.put(at, range.data);
    at += range.data.length;
  }
  for (const range of shuffled(ranges, random)) {
    const [offset, fileBytes] = [BigInt(placed.get(range) ?? 0), range.data.length];
    const memoryBytes = fileBytes + (random.chance(0.1) ? 4096 * random.below(3) : 0);
    segments.push({ type: 1, offset, paddr: range.paddr, fileBytes, memoryBytes });
  }
  for (let i = 0; i < extra; i++) segments.push(extraSegment(segments, random));
  putHeader(out, { is64, phoff, phnum: isMany ? 0xffff : count, shoff, shnum: isMany ? 1 : 0, shstrndx: 0 });
  if (isMany) putSection(out, shoff, is64, { name: '', nameAt: 0, offset: 0, data: Buffer.alloc(0), info: count });
  segments.forEach((segment, i) => putSegment(out, phoff + i * entry, is64, segment));
  return { bytes: out.bytes, memory: hashed(memory), fields: out.fields, what: is64 ? 'elf64' : 'elf32' };
}

/** Memory that another virtual address names, too, or that is not in the file. */
function extraSegment(segments: readonly Segment[], random: SeededRandom): Segment {
  const loads = segments.filter(({ type, fileBytes }) => type === 1 && fileBytes > 0);
  if (loads.length === 0 || random.chance(0.3)) {
    return { type: 1, offset: 2n ** 64n - 1n, paddr: 0xfd000000, fileBytes: 0, memoryBytes: 65536 };
  }
  const { offset, paddr, fileBytes } = loads[random.below(loads.length)];
  const from = random.below(fileBytes);
  const bytes = 1 + random.below(fileBytes - from);
  return { type: 1, offset: offset + BigInt(from), paddr: paddr + from, fileBytes: bytes, memoryBytes: bytes };
}

function putSegment(out: Writer, at: number, is64: boolean, segment: Segment): void {
  const { type, offset, paddr, fileBytes, memoryBytes } = segment;
  out.number(at, 4, type);
  const word = is64 ? 8 : 4;
  const first = is64 ? at + 8 : at + 4;
  [offset, 0, paddr, fileBytes, memoryBytes].forEach((value, i) => out.number(first + i * word, word, value));
}

/** The memory as ranges of physical addresses; some begin and end inside a page that is then not whole. */
function rangesOf(memory: ReadonlyMap<number, number>, random: SeededRandom): { paddr: number; data: Buffer }[] {
  const ranges: { paddr: number; data: Buffer }[] = [];
  const gfns = [...memory.keys()];
  for (let i = 0; i < gfns.length;) {
    let end = i + 1;
    while (end < gfns.length && gfns[end] === gfns[end - 1] + 1 && !random.chance(0.05)) end++;
    const data = Buffer.concat(gfns.slice(i, end).map((gfn) => PAGES[memory.get(gfn) ?? 0]));
    const isLoose = random.chance(0.1) && gfns[i] > 0 && !memory.has(gfns[i] - 1) && !memory.has(gfns[end - 1] + 1);
    const [before, after] = isLoose ? [random.below(2048), random.below(2048)] : [0, 0];
    const loose = Buffer.concat([Buffer.alloc(before, 7), data, Buffer.alloc(after, 9)]);
    ranges.push({ paddr: gfns[i] * 4096 - before, data: loose });
    i = end;
  }
  return ranges;
}

/** A raw image: memory from 0 on; where the model has a hole it has zeros. */
export function writeRawImage(memory: ReadonlyMap<number, number>, random: SeededRandom): WrittenDump {
  const frames = Math.min(600, Math.max(...memory.keys()) + 1);
  const whole = new Map(Array.from({ length: frames }, (_, gfn) => [gfn, memory.get(gfn) ?? 0]));
  const rest = random.chance(0.3) ? Buffer.alloc(1 + random.below(4095), 5) : Buffer.alloc(0);
  const bytes = Buffer.concat([...[...whole.values()].map((content) => PAGES[content]), rest]);
  return { bytes, memory: hashed(whole), fields: [], what: 'raw' };
}
