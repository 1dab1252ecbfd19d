/** What lies beside a page: in the memory of one of its holders, and on the disk that it was read from. */
import type { Engine } from '../engine/engine.js';
import {
  C_FLAGS,
  C_HASH_HIGH,
  C_HASH_LOW,
  C_REFS,
  CONTENT_WORDS,
  D_ZERO,
  DOMAIN_COUNTERS,
  DOMAINS_MASK,
  FIRST_CONTENT,
  FRAME_WORDS,
  STATE_FREE,
  STATE_UNTOUCHED,
  STATE_ZERO,
} from '../engine/layout.js';
import { newMembers } from '../engine/settle.js';
import type { NeighbourRow } from '../figures/page-figures.js';
import type { BlockNeighbours } from './block-neighbours.js';
import type { HolderList } from './holder-list.js';

/** Other holders whose surroundings are compared. */
const OTHERS_MAX = 64;

/** The slots of the domains that hold a content (or zeros). */
export function domainSlotsOf(engine: Engine, contentId: number): Set<number> {
  const slots = new Set<number>();
  if (contentId === STATE_ZERO) {
    for (const { slot } of engine.domains.live()) {
      if (engine.domains.counters[slot * DOMAIN_COUNTERS + D_ZERO] > 0) slots.add(slot);
    }
    return slots;
  }
  const members = newMembers();
  engine.settling.membersOf(contentId, members);
  for (let i = 0; i < members.count; i++) if (members.counts[i] > 0) slots.add(members.slots[i]);
  return slots;
}

function rowOf(
  engine: Engine,
  page: ReadonlySet<number>,
  content: number,
  distance: number,
  place: number,
): NeighbourRow {
  const row: NeighbourRow = {
    ...{ distance, place, kind: 'content', hashLow: 0, hashHigh: 0 },
    ...{ refs: 0, domains: 0, commonDomains: 0, inStep: 0 },
  };
  if (content === STATE_UNTOUCHED || content === STATE_FREE) return { ...row, kind: 'none' };
  if (content === STATE_ZERO) return { ...row, kind: 'zero' };
  if (content < FIRST_CONTENT) return { ...row, kind: 'unknown' };
  const { words } = engine.contents;
  const at = content * CONTENT_WORDS;
  let commonDomains = 0;
  for (const slot of domainSlotsOf(engine, content)) if (page.has(slot)) commonDomains++;
  return {
    ...row,
    hashLow: words[at + C_HASH_LOW],
    hashHigh: words[at + C_HASH_HIGH],
    refs: words[at + C_REFS],
    domains: words[at + C_FLAGS] & DOMAINS_MASK,
    commonDomains,
  };
}

/** The content or state of a frame; untouched where there is none. */
function contentAt(engine: Engine, slot: number, gfn: number): number {
  if (gfn < 0) return STATE_UNTOUCHED;
  const id = engine.frames.find(slot, gfn);
  return id < 0 ? STATE_UNTOUCHED : engine.frames.words[id * FRAME_WORDS];
}

/** Places of the other holders that `inStep` compares with: the nearest in the list. */
export function otherPlaces(holders: HolderList, selected: number): number[] {
  const places: number[] = [];
  for (let away = 1; places.length < OTHERS_MAX && away < holders.count; away++) {
    for (const place of [selected - away, selected + away]) {
      if (place >= 0 && place < holders.count && places.length < OTHERS_MAX) places.push(place);
    }
  }
  return places.filter((place) => holders.frameOf(place) >= 0);
}

/** The frames around a holder, those outside of its reservation left out. */
export function frameNeighbours(
  engine: Engine,
  holders: HolderList,
  selected: number,
  others: readonly number[],
  around: { centre: number; reach: number },
): NeighbourRow[] {
  const domain = holders.domains[holders.owners[selected]];
  const gfn = holders.gfns[selected];
  const page = domainSlotsOf(engine, holders.contentId);
  const rows: NeighbourRow[] = [];
  for (let distance = around.centre - around.reach; distance <= around.centre + around.reach; distance++) {
    const place = gfn + distance;
    if (place < 0 || place >= domain.reservedFrames) continue;
    const content = contentAt(engine, domain.slot, place);
    const row = rowOf(engine, page, content, distance, place);
    if (row.kind === 'content' || row.kind === 'zero') {
      for (const other of others) {
        const { slot } = holders.domains[holders.owners[other]];
        if (contentAt(engine, slot, holders.gfns[other] + distance) === content) row.inStep++;
      }
    }
    rows.push(row);
  }
  return rows;
}

/** The blocks that were found; `block` is where the page itself was read from. */
export function blockNeighbourRows(
  engine: Engine,
  contentId: number,
  block: number,
  found: BlockNeighbours,
): NeighbourRow[] {
  const page = domainSlotsOf(engine, contentId);
  return Array.from(found.ids, (_, i) => {
    const content = found.contentAt(i);
    const place = found.first + i;
    return rowOf(engine, page, content === 0 ? STATE_UNTOUCHED : content, place - block, place);
  });
}
