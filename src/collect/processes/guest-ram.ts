/**
 * Where the RAM of a guest lies in the process of QEMU that runs it. QEMU says how much RAM there is on its command
 * line, as the size of the machine (`-m`) or as memory backends (`-object memory-backend-…`, as libvirt writes it);
 * each RAM block is one mapping of exactly that size, which flags set on a part of it may have cut in pieces.
 */
import { PAGE_BYTES } from '../../base/units.js';
import type { Mapping } from './memory-map.js';

/** One RAM block as the command line has it. */
export interface RamBlock {
  readonly bytes: number;
  /** Path of its file, or of the directory that its file is made in; '' without one. */
  readonly path: string;
  /** Where it was said, for messages. */
  readonly said: string;
}

/** A piece of the address space: pages of one block that follow one another. */
export interface RamExtent {
  readonly startPage: number;
  readonly pages: number;
  /** First frame. */
  readonly gfn: number;
}

/** QEMU's default of -m. */
const DEFAULT_BYTES = 128 * 2 ** 20;
const UNITS: Readonly<Record<string, number>> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40, p: 2 ** 50 };

/** A size as QEMU reads it: a number with a unit, `unit` without one. NaN if it is none. */
export function qemuBytes(text: string, unit: 'm' | 'b'): number {
  const match = /^(\d+(?:\.\d+)?)([bkmgtp]?)$/i.exec(text);
  if (match !== null) return Math.round(Number(match[1]) * UNITS[match[2].toLowerCase() || unit]);
  return /^0x[0-9a-f]+$/i.test(text) ? Number(text) * UNITS[unit] : Number.NaN;
}

/** `a=1,b=2` → its fields; a doubled comma stands for one; a first part without `=` is the field ''. */
function fieldsOf(option: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const part of option.replaceAll(',,', '\0').split(',')) {
    const at = part.indexOf('=');
    const value = part.slice(at + 1).replaceAll('\0', ',');
    fields.set(at < 0 ? '' : part.slice(0, at), value);
  }
  return fields;
}

function backendOf(option: string): RamBlock | null {
  let type = '';
  let size = '';
  let path = '';
  if (option.startsWith('{')) {
    try {
      const json = JSON.parse(option) as Record<string, unknown>;
      const text = (key: string): string =>
        typeof json[key] === 'string' || typeof json[key] === 'number' ? String(json[key]) : '';
      [type, size, path] = [text('qom-type'), text('size'), text('mem-path')];
    } catch {
      return null;
    }
  } else {
    const fields = fieldsOf(option);
    [type, size, path] = [
      fields.get('') ?? fields.get('qom-type') ?? '',
      fields.get('size') ?? '',
      fields.get('mem-path') ?? '',
    ];
  }
  if (!/^memory-backend-(?:ram|memfd|file|shm)$/.test(type)) return null;
  const bytes = qemuBytes(size, 'b');
  return Number.isSafeInteger(bytes) && bytes > 0 ? { bytes, path, said: `-object ${type}` } : null;
}

/** The RAM blocks of a guest by the command line of its QEMU (/proc/PID/cmdline, split at its NULs). */
export function ramBlocks(commandLine: readonly string[]): RamBlock[] {
  const backends: RamBlock[] = [];
  let bytes = DEFAULT_BYTES;
  let path = '';
  for (let i = 1; i + 1 < commandLine.length; i++) {
    const value = commandLine[i + 1];
    // QEMU takes one dash or two.
    switch (commandLine[i].replace(/^--/, '-')) {
      case '-m': {
        const fields = fieldsOf(value);
        const said = qemuBytes(fields.get('size') ?? fields.get('') ?? '', 'm');
        if (Number.isSafeInteger(said) && said > 0) bytes = said;
        break;
      }
      case '-mem-path':
        path = value;
        break;
      case '-object': {
        const backend = backendOf(value);
        if (backend !== null) backends.push(backend);
        break;
      }
    }
  }
  return backends.length > 0 ? backends : [{ bytes, path, said: '-m' }];
}

/** Whether `next` goes on where `mapping` ends, in memory and in its file. */
function goesOn(mapping: Mapping, next: Mapping): boolean {
  if (mapping.endPage !== next.startPage || mapping.isShared !== next.isShared || mapping.file !== next.file)
    return false;
  return mapping.name !== next.name || mapping.name === '' || isNamed(mapping)
    ? mapping.name === next.name
    : next.filePage === mapping.filePage + (mapping.endPage - mapping.startPage);
}

/** `[anon:…]`: named by the program, and anonymous. */
function isNamed(mapping: Mapping): boolean {
  return mapping.name.startsWith('[');
}

function mayBeRam(mapping: Mapping): boolean {
  if (!mapping.isReadable || !mapping.isWritable) return false;
  return !/^\[(?:heap|stack)/.test(mapping.name);
}

/** The mappings from index `from` on that together are exactly `pages`, as many as that takes; 0 if none are. */
function exactFrom(mappings: readonly Mapping[], from: number, pages: number): number {
  let sum = 0;
  for (let i = from; i < mappings.length && mayBeRam(mappings[i]); i++) {
    if (i > from && !goesOn(mappings[i - 1], mappings[i])) return 0;
    sum += mappings[i].endPage - mappings[i].startPage;
    if (sum >= pages) return sum === pages ? i - from + 1 : 0;
  }
  return 0;
}

/**
 * The extents of the blocks, in the order of the command line, gfns from 0 on; null, and the block, where there is no
 * mapping of its size. Blocks of one size are taken in the order of their addresses, and keep them while the process
 * lives. `mappings` are all of the process.
 */
export function ramExtents(
  blocks: readonly RamBlock[],
  mappings: readonly Mapping[],
): { readonly extents: RamExtent[]; readonly missing: RamBlock | null } {
  const extents: RamExtent[] = [];
  const taken = new Set<number>();
  let gfn = 0;
  for (const block of blocks) {
    const pages = Math.ceil(block.bytes / PAGE_BYTES);
    let from = -1;
    for (let i = 0; i < mappings.length && from < 0; i++) {
      if (taken.has(i) || !mappings[i].name.startsWith(block.path)) continue;
      if (exactFrom(mappings, i, pages) > 0) from = i;
    }
    if (from < 0) return { extents, missing: block };
    const count = exactFrom(mappings, from, pages);
    for (let i = from; i < from + count; i++) taken.add(i);
    extents.push({ startPage: mappings[from].startPage, pages, gfn });
    gfn += pages;
  }
  return { extents, missing: null };
}
