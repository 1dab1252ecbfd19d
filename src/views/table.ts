/** Windowed tables: columns of fixed widths that are left out, least important first, where there is no room. */
import { span } from './compose.js';
import type { Line, Span, Style } from './line.js';
import { fitLeft, fitRight } from './text-width.js';

/** One column of a table over rows of one kind. */
export interface Column<Row> {
  /** Sort id if the list can be sorted by it, else a name of its own. */
  id: string;
  label: string;
  /** Cells at least and, for columns that can use more, at most. */
  columns: number;
  columnsMax?: number;
  align: 'left' | 'right';
  /** Columns with the lowest number are the last to be left out. */
  importance: number;
  /** The spans of a cell, given its width: at most that many cells; filled here. */
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
 * The columns that fit into `columns` cells, in their order, with one cell between them. Columns that can grow share
 * what is left, the most important first. Depends on no row, so that a table does not jump when rows change.
 */
export function placeColumns<Row>(all: readonly Column<Row>[], columns: number): PlacedColumn<Row>[] {
  let left = columns - CURSOR_COLUMNS;
  const chosen = new Set<Column<Row>>();
  for (const column of [...all].sort((a, b) => a.importance - b.importance)) {
    const need = column.columns + (chosen.size === 0 ? 0 : 1);
    // A less important column must not take the place of one that did not fit, or the order would depend on widths.
    if (need > left) break;
    left -= need;
    chosen.add(column);
  }
  const placed = all.filter((column) => chosen.has(column)).map((column) => ({ column, columns: column.columns }));
  for (const place of [...placed].sort((a, b) => a.column.importance - b.column.importance)) {
    const more = Math.min(left, (place.column.columnsMax ?? 0) - place.columns);
    if (more <= 0) continue;
    place.columns += more;
    left -= more;
  }
  return placed;
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
  const spans: Span[] = [cursor === '' ? span(' ') : span(cursor, { bold: true, colour: 'cyan' })];
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
