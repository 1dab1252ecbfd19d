/**
 * Where the RAM of a guest lies in the process of QEMU that runs it: each RAM block of its command line is one mapping
 * of exactly that size, which flags set on a part of it may have cut in pieces.
 */
import { PAGE_BYTES } from '../../base/units.js';
import type { Mapping } from './memory-map.js';
import type { RamBlock } from './qemu-command-line.js';

/** A piece of the address space: pages of one block that follow one another. */
export interface RamExtent {
  readonly startPage: number;
  readonly pages: number;
  /** First frame. */
  readonly gfn: number;
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
