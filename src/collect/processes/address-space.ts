/**
 * What a pass goes over: the address space of a process as segments, each a piece of virtual memory and the frames
 * that its pages are. Made anew for each pass, because mappings grow, shrink, come and go.
 */
import { firstFrame, type FrameUnits } from './frame-units.js';
import { ramExtents } from './guest-ram.js';
import { type Mapping, processRule } from './memory-map.js';
import { PAGE_RULE, RANGE_WORDS, UNIT_PAGES } from './page-job.js';
import type { RamBlock } from './qemu-command-line.js';

/** `pages` virtual pages from `startPage` on are the frames from `gfn` on; `rule` is a PAGE_RULE. */
export interface Segment {
  readonly startPage: number;
  readonly pages: number;
  readonly rule: number;
  readonly gfn: number;
}

/** Ranges of a job, of pieces of memory. */
export function rangesOf(pieces: readonly Omit<Segment, 'gfn'>[]): Float64Array {
  const ranges = new Float64Array(pieces.length * RANGE_WORDS);
  pieces.forEach(({ startPage, pages, rule }, i) => ranges.set([startPage, pages, rule], i * RANGE_WORDS));
  return ranges;
}

/** Appends a segment, or makes the last one longer where this one goes on with it. */
function append(segments: Segment[], segment: Segment): void {
  if (segment.pages === 0) return;
  const last = segments.at(-1);
  const isNext =
    last?.rule === segment.rule &&
    last.startPage + last.pages === segment.startPage &&
    last.gfn + last.pages === segment.gfn;
  if (isNext) segments[segments.length - 1] = { ...last, pages: last.pages + segment.pages };
  else segments.push(segment);
}

/** The segments of a guest's RAM; pages of a block that are not mapped now hold nothing. */
export function guestSegments(
  blocks: readonly RamBlock[],
  mappings: readonly Mapping[],
): { readonly segments: Segment[]; readonly missing: RamBlock | null } {
  const { extents, missing } = ramExtents(blocks, mappings);
  return { segments: extents.map((extent) => ({ ...extent, rule: PAGE_RULE.present })), missing };
}

/** The memory of a process that is its own, before it is known what of it is there. */
export function processPieces(mappings: readonly Mapping[]): Omit<Segment, 'gfn'>[] {
  return mappings
    .map((mapping) => ({
      startPage: mapping.startPage,
      pages: mapping.endPage - mapping.startPage,
      rule: processRule(mapping),
    }))
    .filter(({ rule }) => rule !== PAGE_RULE.none);
}

/** The virtual units in which something is: `unitPages` is the answer to a count of these pieces. */
export function unitsPresent(pieces: readonly Omit<Segment, 'gfn'>[], unitPages: Uint8Array): Set<number> {
  const units = new Set<number>();
  let at = 0;
  for (const { startPage, pages } of pieces) {
    const last = Math.floor((startPage + pages - 1) / UNIT_PAGES);
    for (let unit = Math.floor(startPage / UNIT_PAGES); unit <= last; unit++, at++) {
      if (unitPages[at] > 0) units.add(unit);
    }
  }
  return units;
}

/** The segments of the units, by rising gfn; what of a unit belongs to no piece has the rule none. */
export function processSegments(pieces: readonly Omit<Segment, 'gfn'>[], units: FrameUnits): Segment[] {
  const segments: Segment[] = [];
  for (const [unit, number] of units.inOrder()) {
    const first = unit * UNIT_PAGES;
    const shift = firstFrame(number) - first;
    let page = first;
    for (let i = pieceAt(pieces, first); i < pieces.length && pieces[i].startPage < first + UNIT_PAGES; i++) {
      const { startPage, pages, rule } = pieces[i];
      const from = Math.max(startPage, first);
      const end = Math.min(startPage + pages, first + UNIT_PAGES);
      append(segments, { startPage: page, pages: from - page, rule: PAGE_RULE.none, gfn: page + shift });
      append(segments, { startPage: from, pages: end - from, rule, gfn: from + shift });
      page = end;
    }
    append(segments, { startPage: page, pages: first + UNIT_PAGES - page, rule: PAGE_RULE.none, gfn: page + shift });
  }
  return segments;
}

/** Index of the first piece that ends behind `page`; pieces are in the order of their addresses. */
function pieceAt(pieces: readonly Omit<Segment, 'gfn'>[], page: number): number {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pieces[middle].startPage + pieces[middle].pages <= page) low = middle + 1;
    else high = middle;
  }
  return low;
}
