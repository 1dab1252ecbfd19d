/** What the made-up host answers about a page and about pairs: as wide as asked, and no more than that. */
import type { PageDetail, PageEvent, PageRequest, Rows } from '../../src/figures/page-figures.js';
import type { PairsDetail, PairsRequest } from '../../src/figures/pair-figures.js';
import type { DomainRow } from '../../src/figures/snapshot.js';
import type { HotPageRow } from '../../src/figures/window.js';

const EVENTS = 40;

function windowOf<Row>(all: readonly Row[], { offset, count }: Rows): { offset: number; total: number; rows: Row[] } {
  const start = Math.max(0, Math.min(offset, all.length - Math.min(count, all.length)));
  return { offset: start, total: all.length, rows: all.slice(start, start + count) };
}

export function fakePage(request: PageRequest, hot: readonly HotPageRow[], epoch: number): PageDetail {
  const { hashLow, hashHigh } = request;
  const page = hot.find((row) => row.hashLow === hashLow && row.hashHigh === hashHigh) ?? null;
  const holders = Array.from({ length: page?.refs ?? 0 }, (_, index) => ({
    ...{ slot: index % 3, domid: 1 + (index % 3), name: `guest-${index % 3}`, gfn: 4096 + index },
    copyRefs: index % 4 === 0 ? 0 : 3,
  }));
  const events = Array.from({ length: EVENTS }, (_, index): PageEvent => ({
    ...{ timeMicros: index * 1e6, kind: 'seen', name: 'guest-0', gfn: 4096 + index, count: 1 },
    ...{ image: '', block: -1, refs: index + 1 },
  }));
  const { centre, reach } = request.neighbours;
  const neighbours = Array.from({ length: 2 * reach + 1 }, (_, index) => {
    const distance = centre - reach + index;
    const row = { distance, place: Math.max(0, 4096 + distance), kind: 'content', hashLow: index, hashHigh } as const;
    return { ...row, refs: 2, domains: 2, commonDomains: 1, inStep: index % 3 };
  });
  const holder = holders[Math.min(request.selected, holders.length - 1)] ?? null;
  return {
    ...{ hashLow, hashHigh, page, epoch },
    mappings: windowOf(holders, request.mappings),
    copies: { sharedCopies: 1, sharedRefs: 2, copies: 1 },
    neighbours: { holder, frames: holder === null ? [] : neighbours, others: 2, blocks: neighbours },
    history: { rows: windowOf(events, request.history), events: EVENTS, reach: { kind: 'whole' } },
  };
}

export function fakePairs(request: PairsRequest, domains: readonly DomainRow[], epoch: number): PairsDetail {
  const rows = windowOf(domains, request.rows);
  const columns = windowOf(domains, request.columns);
  const last = domains.length - 1;
  const stop = { potentialFrames: 500, policyFrames: 300 };
  return {
    total: domains.length,
    ...{ rowOffset: rows.offset, rows: rows.rows, columnOffset: columns.offset, columns: columns.rows },
    counts: rows.rows.flatMap((a) => columns.rows.map((b) => a.slot * 100 + b.slot)),
    countsEpoch: epoch,
    cursor: { row: Math.min(request.cursor.row, last), column: Math.min(request.cursor.column, last) },
    answer: last < 0 ? null : { epoch, timeMicros: 0, onlyContents: 7, onlyFrames: 14, row: stop, column: stop },
  };
}
