/** Windowed tables: columns of fixed widths that are left out, least important first, where there is no room. */
import { span } from './compose.js';
import type { Line, Span, Style } from './line.js';
import { fitLeft, fitRight } from './text-width.js';

/** One column of a table over rows of one kind. */
export interface Column<Row> {
  /** Sort id if the list can be sorted by it, else a name of its own. */
  id: string;
  label: string;
  /** Cells at least; cells that it should have before extra columns come in; cells at most. */
  columns: number;
  columnsGood?: number;
  columnsMax?: number;
  align: 'left' | 'right';
  /** Columns with the lowest number are the last to be left out. */
  importance: number;
  /** Comes in only where all others have their good width. */
  extra?: boolean;
  /** The text of a cell, cut and filled here; or its spans, of exactly `columns` cells. */
  cell: (row: Row, columns: number) => string | Line;
  style?: (row: Row) => Style | undefined;
}

/** A column that has its place. */
export interface PlacedColumn<Row> {
  column: Column<Row>;
  columns: number;
}

/** The cursor takes this many cells at the left of a row. */
const CURSOR_COLUMNS = 1;

/**
 * The columns that fit into `columns` cells, in their order, with one cell between them. What is left widens those
 * that can use it, the most important first. Depends on no row, so that a table does not jump when rows change.
 */
export function placeColumns<Row>(all: readonly Column<Row>[], columns: number): PlacedColumn<Row>[] {
  const byImportance = [...all].sort((a, b) => a.importance - b.importance);
  const placed: PlacedColumn<Row>[] = [];
  let left = columns - CURSOR_COLUMNS;
  const place = (candidates: readonly Column<Row>[]): boolean => {
    for (const column of candidates) {
      const need = column.columns + (placed.length === 0 ? 0 : 1);
      // A less important column must not take the place of one that did not fit, or columns would come and go.
      if (need > left) return false;
      left -= need;
      placed.push({ column, columns: column.columns });
    }
    return true;
  };
  const widen = (most: (column: Column<Row>) => number): void => {
    for (const entry of placed) {
      const more = Math.max(0, Math.min(left, most(entry.column) - entry.columns));
      entry.columns += more;
      left -= more;
    }
  };
  const complete = place(byImportance.filter((column) => column.extra !== true));
  widen((column) => column.columnsGood ?? 0);
  if (complete) place(byImportance.filter((column) => column.extra === true));
  widen((column) => column.columnsMax ?? 0);
  return placed.sort((a, b) => all.indexOf(a.column) - all.indexOf(b.column));
}

/** The line of column labels; the column that the list is sorted by is bold. */
export function tableHead<Row>(placed: readonly PlacedColumn<Row>[], sortId: string, unicode: boolean): Line {
  const spans: Span[] = [span(' '.repeat(CURSOR_COLUMNS))];
  placed.forEach(({ column, columns }, index) => {
    const fit = column.align === 'left' ? fitLeft : fitRight;
    if (index > 0) spans.push(span(' '));
    spans.push(span(fit(column.label, columns, unicode), column.id === sortId ? { bold: true } : { dim: true }));
  });
  return spans;
}

/** A row of the table; `cursor` is the glyph at its left edge, empty for none. */
export function tableRow<Row>(placed: readonly PlacedColumn<Row>[], row: Row, cursor: string, unicode: boolean): Line {
  const spans: Span[] = [cursor === '' ? span(' ') : span(cursor, { bold: true, role: 'focus' })];
  placed.forEach(({ column, columns }, index) => {
    if (index > 0) spans.push(span(' '));
    const cell = column.cell(row, columns);
    if (typeof cell !== 'string') {
      spans.push(...cell);
      return;
    }
    const text = column.align === 'left' ? fitLeft(cell, columns, unicode) : fitRight(cell, columns, unicode);
    const style = column.style?.(row);
    spans.push(span(text, cursor === '' ? style : { ...style, bold: true }));
  });
  return spans;
}

/** Which rows of a window are shown when `shown` fit and the ui wants to begin at `offset` of the whole list. */
export function windowStart(windowOffset: number, windowRows: number, offset: number, shown: number): number {
  return Math.max(0, Math.min(offset - windowOffset, windowRows - shown));
}
