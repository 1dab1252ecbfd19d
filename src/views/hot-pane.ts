/** The hot pages: contents ranked by heat. */
import { hashHex, hashShort } from '../base/hash-hex.js';
import { figure } from '../figures/figure-table.js';
import type { HotPageRow } from '../figures/window.js';
import { formatAge, formatCount, formatCountShort, formatRateShort } from './format.js';
import { glyphsOf } from './glyphs.js';
import type { Frame } from './line.js';
import type { Column } from './table.js';
import { cutText, nameText } from './text-width.js';

/** A hot page with its place in the list. */
export interface RankedPage {
  rank: number;
  page: HotPageRow;
}

/** What a content is, as far as the trace knows: `zero`, `0xCC`, `disk`, `memory`. */
export function kindText(page: HotPageRow): string {
  if (page.kind !== 'fill') return page.kind;
  return page.fillByte < 0 ? 'fill' : `0x${page.fillByte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** Image and block that the content was read from; empty if it never was. Of a long name the end is cut, not the block. */
export function sourceText(page: HotPageRow, columns: number, unicode: boolean): string {
  if (page.image === '') return '';
  const block = `:${page.block}`;
  return cutText(nameText(page.image, unicode), Math.max(1, columns - block.length), unicode) + block;
}

/** All columns of the hot pages. The ids are those of `HOT_SORTS` where the list can be sorted. */
export function hotColumns(timeMicros: number, frame: Frame): Column<RankedPage>[] {
  const { ellipsis } = glyphsOf(frame.unicode);
  const right = { align: 'right' as const };
  const age = (micros: number): string => formatAge((timeMicros - micros) / 1e6);
  const hashColumns = 8 + ellipsis.length;
  return [
    {
      ...right,
      id: 'rank',
      label: '#',
      columns: 3,
      columnsMax: 5,
      importance: 9,
      cell: ({ rank }) => formatCount(rank),
    },
    {
      id: 'hash',
      label: 'CONTENT',
      columns: hashColumns,
      columnsMax: 16,
      align: 'left',
      importance: 1,
      cell: ({ page: { hashLow, hashHigh } }, columns) =>
        columns >= 16 ? hashHex(hashLow, hashHigh) : hashShort(hashLow, hashHigh, ellipsis),
    },
    {
      id: 'kind',
      label: figure('kind').label,
      columns: 6,
      align: 'left',
      importance: 4,
      cell: ({ page }) => kindText(page),
    },
    {
      ...right,
      id: 'refs',
      label: figure('ref').label,
      columns: 5,
      importance: 3,
      cell: ({ page }) => formatCountShort(page.refs),
    },
    {
      ...right,
      id: 'domains',
      label: figure('holderDomains').label,
      columns: 4,
      importance: 5,
      cell: ({ page }) => formatCountShort(page.domains),
    },
    {
      ...right,
      id: 'shared',
      label: figure('shared').label,
      columns: 6,
      importance: 6,
      cell: ({ page }) => formatCountShort(page.sharedRefs),
      style: ({ page }) => (page.sharedRefs > 0 ? { colour: 'green' } : { dim: true }),
    },
    {
      ...right,
      id: 'heat',
      label: figure('heat').label,
      columns: 6,
      importance: 2,
      cell: ({ page }) => formatRateShort(page.heatPerSecond),
      style: () => ({ colour: 'red' }),
    },
    {
      ...right,
      id: 'churn',
      label: figure('churn').label,
      columns: 5,
      importance: 7,
      cell: ({ page }) => formatRateShort(page.churnPerSecond),
      style: ({ page }) => (page.churnPerSecond > 0 ? { colour: 'magenta' } : { dim: true }),
    },
    { ...right, id: 'age', label: 'AGE', columns: 5, importance: 10, cell: ({ page }) => age(page.firstSeenMicros) },
    { ...right, id: 'last', label: 'LAST', columns: 5, importance: 11, cell: ({ page }) => age(page.lastEventMicros) },
    {
      id: 'source',
      label: 'DISK BLOCK',
      columns: 12,
      columnsMax: 40,
      align: 'left',
      importance: 8,
      cell: ({ page }, columns) => sourceText(page, columns, frame.unicode),
      style: () => ({ dim: true }),
    },
  ];
}
