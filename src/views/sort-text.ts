import { figure } from '../figures/figure-table.js';
import type { FigureId } from '../figures/figure-table.js';
import { glyphsOf } from './glyphs.js';
import type { Sort } from './screen-state.js';

/** The figure that a sort column shows; columns that show no figure are written as they are called. */
const SORT_FIGURES: Partial<Record<string, FigureId>> = {
  saved: 'saved',
  mem: 'mem',
  private: 'private',
  shared: 'shared',
  zero: 'zero',
  could: 'could',
  avoided: 'avoidedReads',
  changed: 'changed',
  heat: 'heat',
  churn: 'churn',
  refs: 'ref',
  both: 'bothHave',
};

/** `sort SAVED ▼`. */
export function sortText(sort: Sort, unicode: boolean): string {
  const glyphs = glyphsOf(unicode);
  const id = SORT_FIGURES[sort.id];
  const label = id === undefined ? sort.id.toUpperCase() : figure(id).label;
  return `sort ${label} ${sort.descending ? glyphs.down : glyphs.up}`;
}
