import type { Line, Role, Span, Style } from '../../views/line.js';
import { CellGrid, cellText } from '../cells/cell-grid.js';
import { BOLD, foregroundOf } from '../cells/cell-style.js';

/** Palette numbers to what a text of that colour stands for; other colours are left out. */
export type RoleOfColour = ReadonlyMap<number, Role>;

function spanStyle(packed: number, roles: RoleOfColour): Style | undefined {
  const style: Style = {};
  const colour = foregroundOf(packed);
  const role = colour === undefined ? undefined : roles.get(colour);
  if (role !== undefined) style.role = role;
  if ((packed & BOLD) !== 0) style.bold = true;
  return Object.keys(style).length === 0 ? undefined : style;
}

/** Text with SGR sequences as lines of spans, cut to `columns` × `rows` cells. Backgrounds are left out. */
export function ansiLines(text: string, columns: number, rows: number, roles: RoleOfColour): Line[] {
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
        const known = spanStyle(packed, roles);
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
