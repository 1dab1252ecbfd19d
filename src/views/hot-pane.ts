/** The hot pages: contents ranked by heat. */
import { hashHex, hashShort } from '../base/hash-hex.js';
import { figure } from '../figures/figure-table.js';
import type { HotPageRow } from '../figures/window.js';
import { formatAge, formatCountShort, formatRateShort } from './format.js';
import { glyphsOf } from './glyphs.js';
import { labelText } from './label-text.js';
import type { Frame } from './line.js';
import type { Column } from './table.js';
import { cutText, nameText } from './text-width.js';

/** A hash in full; where there is less room, its first and last four digits. */
const HASH_DIGITS = 16;

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

/** Image and block that the content was read from; empty if it never was. Of a long name the end is cut. */
export function sourceText(page: HotPageRow, columns: number, unicode: boolean): string {
  if (page.image === '') return '';
  const block = `:${page.block}`;
  return cutText(nameText(page.image, unicode), Math.max(1, columns - block.length), unicode) + block;
}

type PageColumn = Column<RankedPage>;

/** Cells of a content that may have a name: at least, as it should be, at most. */
const NAME_COLUMNS = 12;
const NAME_COLUMNS_GOOD = 26;
const NAME_COLUMNS_MAX = 80;

/** The content by its name; by its hash where no label covers it. */
function hashColumn(unicode: boolean, hasLabels: boolean): PageColumn {
  const { ellipsis } = glyphsOf(unicode);
  const columns = hasLabels
    ? { columns: NAME_COLUMNS, columnsGood: NAME_COLUMNS_GOOD, columnsMax: NAME_COLUMNS_MAX }
    : { columns: 8 + ellipsis.length, columnsMax: HASH_DIGITS };
  return {
    ...{ id: 'hash', label: 'CONTENT', ...columns, align: 'left', importance: 1 },
    cell: ({ page: { hashLow, hashHigh, label } }, cells) => {
      if (label !== undefined) return labelText(label, cells, unicode);
      return cells >= HASH_DIGITS ? hashHex(hashLow, hashHigh) : hashShort(hashLow, hashHigh, ellipsis);
    },
    style: ({ page: { label } }) => (hasLabels && label === undefined ? { dim: true } : undefined),
  };
}

/** What the content is, and how often it is held. */
function contentColumns(unicode: boolean, hasLabels: boolean): PageColumn[] {
  return [
    {
      ...{ id: 'rank', label: '#', columns: 4, align: 'right', importance: 9 },
      cell: ({ rank }) => String(rank),
    },
    hashColumn(unicode, hasLabels),
    {
      ...{ id: 'kind', label: figure('kind').label, columns: 6, align: 'left', importance: 4 },
      cell: ({ page }) => kindText(page),
    },
    {
      ...{ id: 'refs', label: figure('ref').label, columns: 5, align: 'right', importance: 3 },
      cell: ({ page }) => formatCountShort(page.refs),
    },
    {
      ...{ id: 'domains', label: figure('holderDomains').label, columns: 4, align: 'right', importance: 5 },
      cell: ({ page }) => formatCountShort(page.domains),
    },
    {
      ...{ id: 'shared', label: figure('shared').label, columns: 6, align: 'right', importance: 6 },
      cell: ({ page }) => formatCountShort(page.sharedRefs),
      style: ({ page }) => (page.sharedRefs > 0 ? { role: 'shared' } : { dim: true }),
    },
  ];
}

/** What happens to it, since when, and where it came from. */
function eventColumns(timeMicros: number, unicode: boolean): PageColumn[] {
  const age = (micros: number): string => formatAge((timeMicros - micros) / 1e6);
  return [
    {
      ...{ id: 'heat', label: figure('heat').label, columns: 6, align: 'right', importance: 2 },
      cell: ({ page }) => formatRateShort(page.heatPerSecond),
      style: () => ({ role: 'heat' }),
    },
    {
      ...{ id: 'churn', label: figure('churn').label, columns: 5, align: 'right', importance: 7 },
      cell: ({ page }) => formatRateShort(page.churnPerSecond),
      style: ({ page }) => (page.churnPerSecond > 0 ? { role: 'changed' } : { dim: true }),
    },
    {
      ...{ id: 'age', label: 'AGE', columns: 5, align: 'right', importance: 10 },
      cell: ({ page }) => age(page.firstSeenMicros),
    },
    {
      ...{ id: 'last', label: 'LAST', columns: 5, align: 'right', importance: 11 },
      cell: ({ page }) => (page.lastEventMicros < 0 ? glyphsOf(unicode).none : age(page.lastEventMicros)),
    },
    {
      ...{ id: 'source', label: 'DISK BLOCK', columns: 12, columnsMax: 40, align: 'left', importance: 8 },
      cell: ({ page }, columns) => sourceText(page, columns, unicode),
      style: () => ({ dim: true }),
    },
  ];
}

/**
 * All columns of the hot pages. The ids are those of `HOT_SORTS` where the list can be sorted.
 * @param hasLabels contents may have names
 */
export function hotColumns(timeMicros: number, frame: Frame, hasLabels = false): PageColumn[] {
  return [...contentColumns(frame.unicode, hasLabels), ...eventColumns(timeMicros, frame.unicode)];
}
