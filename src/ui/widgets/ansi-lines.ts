import type { Colour, Line, Span, Style } from '../../views/line.js';
import { CellGrid, cellText } from '../cells/cell-grid.js';
import { BOLD, foregroundOf } from '../cells/cell-style.js';

/** Palette numbers to the colours of a span; black is left to the terminal, on which it may not be seen. */
const COLOURS: readonly (Colour | undefined)[] = [
  undefined,
  ...(['red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white', 'grey'] as const),
];

function spanStyle(packed: number): Style | undefined {
  const style: Style = {};
  const palette = foregroundOf(packed);
  const colour = palette === undefined ? undefined : COLOURS[palette];
  if (colour !== undefined) style.colour = colour;
  if ((packed & BOLD) !== 0) style.bold = true;
  return Object.keys(style).length === 0 ? undefined : style;
}

/** Text with SGR sequences as lines of spans, cut to `columns` × `rows` cells. Backgrounds are left out. */
export function ansiLines(text: string, columns: number, rows: number): Line[] {
  const grid = new CellGrid(columns, 1);
  const lines: Line[] = [];
  for (const row of text.split('\n').slice(0, rows)) {
    grid.setRow(0, row);
    const spans: Span[] = [];
    let run = '';
    let packed = 0;
    for (let column = 0; column <= columns; column++) {
      const style = column < columns ? grid.style[column] : -1;
      if (style !== packed && run !== '') {
        const known = spanStyle(packed);
        spans.push(known === undefined ? { text: run } : { text: run, style: known });
        run = '';
      }
      packed = style;
      if (column < columns) run += cellText(grid.text[column]);
    }
    lines.push(spans);
  }
  return lines;
}
