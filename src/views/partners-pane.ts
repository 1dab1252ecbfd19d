/** With whom a domain has contents in common. */
import { figure } from '../figures/figure-table.js';
import type { DomainDetail } from '../figures/snapshot.js';
import type { PartnerRow } from '../figures/window.js';
import { formatCountShort, formatFrames, formatPercent } from './format.js';
import { gauge } from './gauge.js';
import { glyphsOf } from './glyphs.js';
import type { Frame } from './line.js';
import type { Units } from './screen-state.js';
import type { Column } from './table.js';
import { nameText } from './text-width.js';

/** Pairs are exact up to this many domains; above that they come from a sample (design, engine). */
export const PAIRS_EXACT_DOMAINS = 128;

/** All columns of the partners. The ids are those of `PARTNER_SORTS` where the list can be sorted. */
export function partnerColumns(
  detail: DomainDetail,
  domains: number,
  units: Units,
  frame: Frame,
): Column<PartnerRow>[] {
  const glyphs = glyphsOf(frame.unicode);
  const own = detail.row.distinctContents;
  const sign = domains > PAIRS_EXACT_DOMAINS ? '~' : '';
  const { unicode } = frame;
  return [
    {
      id: 'id',
      label: 'ID',
      columns: 3,
      columnsMax: 5,
      align: 'right',
      importance: 2,
      cell: (row) => String(row.domid),
    },
    {
      ...{ id: 'name', label: 'PARTNER', columns: 8, columnsGood: 16, columnsMax: 24, align: 'left', importance: 1 },
      cell: (row) => nameText(row.name, unicode),
    },
    {
      ...{ id: 'both', label: figure('bothHave').label, columns: units === 'pages' ? 16 : 10, align: 'right' },
      importance: 3,
      cell: (row) => sign + formatFrames(row.contents, units),
      style: () => ({ role: 'shared' }),
    },
    {
      ...{ id: 'part', label: 'OF OURS', columns: 7, align: 'right', importance: 4 },
      cell: (row) => sign + formatPercent(row.contents, own),
    },
    {
      ...{ id: 'only', label: 'ONLY THESE 2', columns: 12, align: 'right', importance: 5.5 },
      cell: ({ onlyContents }) => (onlyContents === undefined ? '..' : formatFrames(onlyContents, units)),
    },
    {
      ...{ id: 'bar', label: '', columns: 6, columnsGood: 12, columnsMax: 24, align: 'left', importance: 5 },
      cell: (row, columns) => gauge(row.contents / own, columns, glyphs, { role: 'shared' }),
    },
    {
      ...{ id: 'contents', label: 'CONTENTS', columns: 8, align: 'right', importance: 6 },
      cell: (row) => sign + formatCountShort(row.contents),
    },
    {
      ...{ id: 'group', label: 'GROUP', columns: 8, columnsMax: 16, align: 'left', importance: 7 },
      cell: (row) => nameText(row.group, unicode),
      style: () => ({ dim: true }),
    },
  ];
}
