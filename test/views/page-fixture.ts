/** A page and a matrix of pairs, made by hand over the five guests of the snapshot fixture. */
import type { PageDetail, PageEvent, NeighbourRow } from '../../src/figures/page-figures.js';
import type { PairsDetail } from '../../src/figures/pair-figures.js';
import type { Snapshot } from '../../src/figures/snapshot.js';
import type { HotPageRow } from '../../src/figures/window.js';
import type { PageState, PairsState } from '../../src/views/screen-state.js';
import {
  bothHave,
  domainState,
  fiveGuests,
  hotPages,
  manyGuests,
  onlyTheseTwo,
  snapshotOf,
  stopOf,
} from './snapshot-fixture.js';

/** Held 14 times by five domains. */
export const PAGE: HotPageRow = { ...hotPages(1)[0], refs: 14, domains: 5, sharedRefs: 12 };

const HOLDERS = [3, 3, 4, 2, 2];
const NAMES = ['web1', 'web2', 'build1', 'idle1', 'trix1'];

function event(seconds: number, more: Partial<PageEvent>): PageEvent {
  return {
    ...{ timeMicros: seconds * 1e6, kind: 'seen', name: 'web1', gfn: 0x1f2c0, count: 1, image: '', block: -1, refs: 1 },
    ...more,
  };
}

const READ = { kind: 'read', gfn: -1, image: 'debian12-base', block: 88_120 } as const;

/** What happened to it: the whole story of the mock-up. */
export const EVENTS: readonly PageEvent[] = [
  event(4, { ...READ, refs: 0 }),
  event(4.2, {}),
  event(4.9, { ...READ, name: 'web2', refs: 1 }),
  event(5.1, { name: 'web2', refs: 2 }),
  event(72.3, { name: 'build1', gfn: 0xc811, count: 4, refs: 6 }),
  event(118.6, { name: 'web2', kind: 'dirty', refs: 5 }),
  event(119, { name: 'web2', kind: 'overwritten', gfn: 0x1f2c1, refs: 4 }),
  event(200, { name: 'idle1', gfn: 0x44a02, refs: 14 }),
];

function neighbour(distance: number, place: number, more: Partial<NeighbourRow> = {}): NeighbourRow {
  const hash = { hashLow: Math.imul(distance + 99, 0x9e3779b1) >>> 0, hashHigh: 0x51a8e100 };
  return {
    ...{ distance, place, kind: 'content', ...hash, refs: 5, domains: 5, commonDomains: 5, inStep: 13 },
    ...more,
  };
}

/** Neighbours on either side: a run of eight that all holders have, then other things. */
function neighbours(place: number, reach: number, around: number): NeighbourRow[] {
  return Array.from({ length: 2 * reach + 1 }, (_, i) => {
    const distance = around - reach + i;
    if (distance === 6) return neighbour(distance, place + distance, { kind: 'zero', inStep: 2 });
    if (distance < -3 || distance > 4) {
      return neighbour(distance, place + distance, { domains: 2, commonDomains: 1, inStep: 0, refs: 2 });
    }
    return neighbour(distance, place + distance);
  });
}

/** The answer about PAGE. */
export function pageDetail(more: Partial<PageDetail> = {}): PageDetail {
  const rows = HOLDERS.flatMap((count, index) =>
    Array.from({ length: count }, (_, i) => ({
      ...{ slot: index, domid: index + 1, name: NAMES[index], gfn: 0x1f2c0 + 77 * index + i },
      copyRefs: i === 3 ? 0 : index === 4 && i === 1 ? 1 : 12,
    })),
  );
  const { hashLow, hashHigh } = PAGE;
  return {
    ...{ hashLow, hashHigh, page: PAGE, epoch: 512 },
    mappings: { offset: 0, total: rows.length, rows },
    copies: { sharedCopies: 1, sharedRefs: 12, copies: 2 },
    neighbours: { holder: rows[0], frames: neighbours(0x1f2c0, 20, 0), others: 13, blocks: neighbours(88_120, 20, 0) },
    history: {
      rows: { offset: 0, total: EVENTS.length, rows: [...EVENTS] },
      events: EVENTS.length,
      reach: { kind: 'whole' },
    },
    ...more,
  };
}

/** The five guests with the page open; neighbours as many as a screen of `reach` asks for. */
export function pageSnapshot(reach: number, more: Partial<PageDetail> = {}): Snapshot {
  const detail = pageDetail(more);
  const holder = detail.neighbours?.holder ?? null;
  const around = { holder, others: 13, frames: neighbours(0x1f2c0, reach, 0), blocks: neighbours(88_120, reach, 0) };
  const given = 'neighbours' in more ? detail.neighbours : around;
  return { ...snapshotOf(fiveGuests()), page: { ...detail, neighbours: given } };
}

/** The state of a page screen just opened. */
export function pageState(changes: Partial<PageState> = {}): PageState {
  const { units, withZeros, policy, paused, message, hints } = domainState();
  return {
    ...{ units, withZeros, policy, paused, message, hints, opened: PAGE, tab: 'mappings' },
    ...{ mappingSelected: 0, mappingsOffset: 0, historySelected: 0, historyOffset: 0, neighboursCentre: 0 },
    ...changes,
  };
}

/** The matrix of the five guests, or of so many guests that have one thing in common. */
export function pairsSnapshot(guests?: number, more: Partial<PairsDetail> = {}): Snapshot {
  const model = guests === undefined ? fiveGuests() : manyGuests(guests);
  const snapshot = snapshotOf(model);
  const heads = model.domains.map((made, slot) => {
    const row = snapshot.domains.rows.find((each) => each.slot === slot)!;
    return { slot, domid: made.domid, key: row.key, name: made.name, distinctContents: row.distinctContents };
  });
  const self = (slot: number): number => snapshot.domains.rows.find((row) => row.slot === slot)!.selfSavedFrames;
  const answer = {
    ...{ epoch: 512, timeMicros: snapshot.position.timeMicros, onlyContents: onlyTheseTwo(model, 0, 1) },
    ...{ onlyFrames: 2 * onlyTheseTwo(model, 0, 1), row: stopOf(model, 0), column: stopOf(model, 1) },
  };
  const pairs: PairsDetail = {
    ...{ total: heads.length, rowOffset: 0, rows: heads, columnOffset: 0, columns: heads, countsEpoch: 512 },
    counts: heads.flatMap((a) => heads.map((b) => (a === b ? self(a.slot) : bothHave(model, a.slot, b.slot)))),
    ...{ cursor: { row: 0, column: 1 }, answer },
    ...more,
  };
  return { ...snapshot, pairs };
}

/** The state of the matrix with the cursor on its first pair. */
export function pairsState(changes: Partial<PairsState> = {}): PairsState {
  const { units, withZeros, policy, paused, message, hints } = domainState();
  const place = { row: 0, rowOffset: 0, column: 1, columnOffset: 0 };
  return { units, withZeros, policy, paused, message, hints, ...place, ...changes };
}
