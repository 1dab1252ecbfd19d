/** The three lists of a page: its holders, what happened to it, what lies beside it. */
import { hashHex, hashShort } from '../base/hash-hex.js';
import { figure } from '../figures/figure-table.js';
import type { HistoryRow, MappingRow, NeighbourRow, PageEvent, PageEventKind } from '../figures/page-figures.js';
import { formatCount, formatCountShort, formatTraceTime } from './format.js';
import { glyphsOf } from './glyphs.js';
import { labelText } from './label-text.js';
import type { Role } from './line.js';
import type { Column } from './table.js';
import { cutText, nameText } from './text-width.js';

const HASH_DIGITS = 16;
/** Cells of a content that may have a name. */
const NAME_COLUMNS_MAX = 60;

/** A gfn as tools print it: `0x01f2c0`. */
export function gfnText(gfn: number): string {
  return `0x${gfn.toString(16).padStart(6, '0')}`;
}

/** What the shown policy makes of a holder. */
export function mappingState(copyRefs: number): string {
  if (copyRefs < 0) return 'left';
  if (copyRefs === 0) return 'private';
  return copyRefs === 1 ? 'bound alone' : 'shared';
}

/** Columns of the holders. */
export function mappingColumns(unicode: boolean): Column<MappingRow>[] {
  return [
    {
      ...{ id: 'id', label: 'ID', columns: 3, columnsMax: 5, align: 'right', importance: 4 },
      cell: (row) => String(row.domid),
    },
    {
      ...{ id: 'name', label: 'DOMAIN', columns: 8, columnsGood: 16, columnsMax: 32, align: 'left', importance: 1 },
      cell: (row) => nameText(row.name, unicode),
    },
    {
      ...{ id: 'gfn', label: 'GFN', columns: 10, align: 'right', importance: 2 },
      cell: (row) => gfnText(row.gfn),
    },
    {
      ...{ id: 'state', label: 'STATE', columns: 11, align: 'left', importance: 3 },
      cell: (row) => mappingState(row.copyRefs),
      style: (row) => (row.copyRefs >= 2 ? { role: 'shared' } : { dim: true }),
    },
    {
      ...{ id: 'copy', label: 'WITH', columns: 12, align: 'left', importance: 5 },
      cell: (row) =>
        row.copyRefs >= 2 ? `${formatCountShort(row.copyRefs - 1)} other${row.copyRefs === 2 ? '' : 's'}` : '',
      style: () => ({ dim: true }),
    },
  ];
}

const EVENT_TEXTS: Readonly<Record<PageEventKind, { text: string; role: Role }>> = {
  seen: { text: 'seen', role: 'shared' },
  read: { text: 'read', role: 'avoided' },
  overwritten: { text: 'overwritten', role: 'changed' },
  zeroed: { text: 'zeroed', role: 'changed' },
  dirty: { text: 'written to', role: 'changed' },
  freed: { text: 'freed', role: 'unknown' },
  gone: { text: 'domain gone', role: 'unknown' },
  unnamed: { text: 'not in scan', role: 'unknown' },
  shrunk: { text: 'memory cut', role: 'unknown' },
};

function eventCell(cell: (event: PageEvent) => string): (row: HistoryRow) => string {
  return (row) => ('omitted' in row ? '' : cell(row));
}

function framesText(event: PageEvent): string {
  if (event.gfn < 0) return '';
  return event.count > 1 ? `${gfnText(event.gfn)} +${formatCountShort(event.count - 1)}` : gfnText(event.gfn);
}

/** Columns of the history. A row for what is not kept fills the second one. */
export function historyColumns(unicode: boolean): Column<HistoryRow>[] {
  return [
    {
      ...{ id: 'time', label: 'TIME', columns: 13, columnsMax: 16, align: 'right', importance: 3 },
      cell: eventCell((event) => formatTraceTime(event.timeMicros)),
    },
    {
      ...{ id: 'event', label: 'EVENT', columns: 12, columnsMax: 12, align: 'left', importance: 1 },
      cell: (row) => ('omitted' in row ? `${formatCountShort(row.omitted)} more` : EVENT_TEXTS[row.kind].text),
      style: (row) => ('omitted' in row ? { dim: true } : { role: EVENT_TEXTS[row.kind].role }),
    },
    {
      ...{ id: 'name', label: 'DOMAIN', columns: 8, columnsGood: 16, columnsMax: 24, align: 'left', importance: 2 },
      cell: (row) => ('omitted' in row ? 'not kept' : nameText(row.name, unicode)),
    },
    {
      ...{ id: 'refs', label: 'REFS THEN', columns: 9, align: 'right', importance: 5 },
      cell: eventCell((event) => formatCount(event.refs)),
    },
    {
      ...{ id: 'gfn', label: 'GFN', columns: 14, columnsMax: 17, align: 'left', importance: 4 },
      cell: eventCell(framesText),
    },
    {
      ...{ id: 'source', label: 'DISK BLOCK', columns: 12, columnsMax: 40, align: 'left', importance: 6 },
      cell: (row, columns) => ('omitted' in row ? '' : blockText(row, columns, unicode)),
      style: () => ({ dim: true }),
    },
  ];
}

function blockText(event: PageEvent, columns: number, unicode: boolean): string {
  if (event.image === '') return '';
  const block = `:${event.block}${event.count > 1 && event.gfn < 0 ? `+${event.count - 1}` : ''}`;
  return cutText(nameText(event.image, unicode), Math.max(1, columns - block.length), unicode) + block;
}

/** What a neighbour holds: a name, a hash, `zero`, `unknown` or nothing. */
function contentText(row: NeighbourRow, columns: number, unicode: boolean): string {
  const { ellipsis, none } = glyphsOf(unicode);
  if (row.kind === 'none') return none;
  if (row.kind !== 'content') return row.kind;
  if (row.label !== undefined) return labelText(row.label, columns, unicode);
  return columns >= HASH_DIGITS ? hashHex(row.hashLow, row.hashHigh) : hashShort(row.hashLow, row.hashHigh, ellipsis);
}

/**
 * Columns of the neighbours. `others`: holders compared with; -1 for blocks, which have no such column. `hasLabels`:
 * contents may have names.
 */
export function neighbourColumns(
  domains: number,
  others: number,
  unicode: boolean,
  hasLabels = false,
): Column<NeighbourRow>[] {
  const isContent = (row: NeighbourRow): boolean => row.kind === 'content';
  const frames = others >= 0;
  const columns: Column<NeighbourRow>[] = [
    {
      ...{ id: 'distance', label: '+-', columns: 5, align: 'right', importance: 1 },
      cell: ({ distance }) => (distance > 0 ? `+${distance}` : String(distance)),
    },
    {
      ...{ id: 'place', label: frames ? 'GFN' : 'BLOCK', columns: 10, align: 'right', importance: 5 },
      cell: ({ place }) => (frames ? gfnText(place) : String(place)),
    },
    {
      ...{ id: 'content', label: 'CONTENT', columns: 10, align: 'left', importance: 2 },
      columnsMax: hasLabels ? NAME_COLUMNS_MAX : HASH_DIGITS,
      cell: (row, width) => contentText(row, width, unicode),
      style: (row) => (isContent(row) ? undefined : { dim: true }),
    },
    {
      ...{ id: 'refs', label: figure('ref').label, columns: 5, align: 'right', importance: 4 },
      cell: (row) => (isContent(row) ? formatCountShort(row.refs) : ''),
    },
    {
      ...{ id: 'common', label: 'SAME DOMS', columns: 9, align: 'right', importance: 3 },
      cell: (row) => (isContent(row) ? `${row.commonDomains} of ${domains}` : ''),
      style: (row) => (row.commonDomains === domains ? { role: 'shared' } : { dim: true }),
    },
  ];
  if (!frames) return columns;
  return [
    ...columns,
    {
      ...{ id: 'inStep', label: 'IN STEP', columns: 8, align: 'right', importance: 3 },
      cell: (row) => (row.kind === 'content' || row.kind === 'zero' ? `${row.inStep} of ${others}` : ''),
      style: (row) => (row.inStep === others && others > 0 ? { role: 'shared' } : { dim: true }),
    },
  ];
}
