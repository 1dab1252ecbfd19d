/** The domains as a grid of panes: a gauge of the sharing ratio, what the memory is, savings, reads and a history. */
import type { DomainCells } from './domain-table.js';
import { memoryBar } from './domain-table.js';
import { cutLine, fillLine, lineWidth, span } from './compose.js';
import { formatFramesShort, formatPercent, formatRate, shortWidth } from './format.js';
import { gauge } from './gauge.js';
import { glyphsOf } from './glyphs.js';
import type { Glyphs } from './glyphs.js';
import type { Frame, Line, Style } from './line.js';
import type { Units } from './screen-state.js';
import { areaChart, sparkline } from './sparkline.js';
import { cutText } from './text-width.js';

/** Rows of a pane, border included, and its cells across. */
export const PANE_ROWS_MIN = 6;
export const PANE_ROWS_MAX = 12;
export const PANE_COLUMNS_MIN = 27;
export const PANE_COLUMNS_MAX = 64;

const LABEL_COLUMNS = 6;

function borderStyle(selected: boolean): Style {
  return selected ? { role: 'focus', bold: true } : { dim: true };
}

/** `╭ 3 web-a ─────── run ╮`; the pane under the cursor has the cursor's glyph and a bright border. */
function topBorder(cells: DomainCells, columns: number, selected: boolean, frame: Frame, glyphs: Glyphs): Line {
  const border = borderStyle(selected);
  const state = ` ${cells.state} `;
  const left: Line = [
    span(glyphs.topLeft + (selected ? glyphs.cursor : ' '), border),
    span(`${cells.id} `, { dim: true }),
  ];
  const nameRoom = columns - lineWidth(left) - state.length - 2;
  const name = span(`${cutText(cells.name, Math.max(0, nameRoom), frame.unicode)} `, { bold: true });
  const rule = columns - lineWidth([...left, name]) - state.length - 1;
  return [
    ...left,
    name,
    span(glyphs.horizontal.repeat(Math.max(0, rule)), border),
    span(state, cells.state === 'still' ? { dim: true } : { role: 'live' }),
    span(glyphs.topRight, border),
  ];
}

function labelled(label: string, rest: Line): Line {
  return [span(label.padEnd(LABEL_COLUMNS), { dim: true }), ...rest];
}

/** The two bars: how much is shared, and what all of it is. */
function barLines(cells: DomainCells, columns: number, units: Units, glyphs: Glyphs): Line[] {
  const size = shortWidth(units);
  const bar = Math.max(1, columns - LABEL_COLUMNS - 1 - size);
  const part = cells.frames > 0 ? cells.sharedFrames / cells.frames : 0;
  const percent = formatPercent(cells.sharedFrames, cells.frames);
  return [
    labelled('share', [...gauge(part, bar, glyphs, { role: 'shared' }), span(percent.padStart(size + 1))]),
    labelled('mem', [
      ...memoryBar(cells, bar, glyphs),
      span(formatFramesShort(cells.frames, units).padStart(size + 1)),
    ]),
  ];
}

/** The saving and what is left, or where that is too long the saving and what is possible. */
function savedLine(cells: DomainCells, columns: number, units: Units): Line {
  const size = shortWidth(units);
  const amount = (frames: number): string => formatFramesShort(frames, units);
  const saved = labelled('saved', [span(amount(cells.savedFrames).padEnd(size), { role: 'saved', bold: true })]);
  if (columns < LABEL_COLUMNS + size * 2 + 7) {
    return [...saved, span(` of ${amount(cells.savedFrames + cells.couldFrames)}`, { dim: true })];
  }
  const gap = columns > LABEL_COLUMNS + size * 2 + 7 ? '  ' : ' ';
  return [...saved, span(`${gap}could `, { dim: true }), span(amount(cells.couldFrames), { role: 'could' })];
}

/** `shared 588M priv 412M zero 24.0M`; nothing where not all of it fits: parts of a sum mislead. */
function partsLine(cells: DomainCells, units: Units): Line {
  const items = [
    ['shared', cells.sharedFrames],
    ['priv', cells.privateFrames],
    ['zero', cells.zeroFrames],
  ] as const;
  return items.flatMap(([label, frames], index): Line => [
    span(`${index > 0 ? ' ' : ''}${label} `, { dim: true }),
    span(formatFramesShort(frames, units).padEnd(shortWidth(units))),
  ]);
}

/** The rates, with a sparkline of the saving in what is left of the line. */
function ratesLine(cells: DomainCells, columns: number, withSpark: boolean, glyphs: Glyphs): Line {
  const avoided: Line = labelled('avoid', [
    span(formatRate(cells.readsAvoidedPerSecond).padEnd(6), cells.readsAvoidedPerSecond > 0 ? { role: 'avoided' } : {}),
  ]);
  if (withSpark) {
    // Named, because it stands behind another figure.
    const label = ' saved ';
    const room = Math.max(0, columns - lineWidth(avoided) - label.length);
    return [...avoided, span(label, { dim: true }), span(sparkline(cells.history, room, glyphs), { role: 'saved' })];
  }
  return [...avoided, span(' chg ', { dim: true }), span(formatRate(cells.contentChangedPerSecond))];
}

/**
 * The inside of a pane: four lines at least; taller panes show the parts of the memory and a chart of the saving.
 * `common` cells are what all panes of the grid have: they all show the same lines.
 */
function paneBody(
  cells: DomainCells,
  columns: number,
  common: number,
  rows: number,
  units: Units,
  glyphs: Glyphs,
): Line[] {
  const [share, memory] = barLines(cells, columns, units, glyphs);
  const lines = [share, memory];
  const parts = partsLine(cells, units);
  if (rows >= 6 && lineWidth(parts) <= common) lines.push(parts);
  lines.push(savedLine(cells, common, units), ratesLine(cells, columns, rows < 5, glyphs));
  const chartRows = rows - lines.length;
  if (chartRows > 0) {
    for (const text of areaChart(cells.history, columns, chartRows, glyphs))
      lines.push([span(text, { role: 'saved' })]);
  }
  return lines.slice(0, Math.max(0, rows));
}

/** One pane: exactly `rows` lines of exactly `columns` cells; the narrowest of its grid has `commonColumns`. */
export function domainPane(
  cells: DomainCells,
  columns: number,
  commonColumns: number,
  rows: number,
  selected: boolean,
  units: Units,
  frame: Frame,
): Line[] {
  const glyphs = glyphsOf(frame.unicode);
  const border = borderStyle(selected);
  const inner = Math.max(0, columns - 4);
  const side = span(glyphs.vertical, border);
  const common = Math.max(0, Math.min(columns, commonColumns) - 4);
  const body = paneBody(cells, inner, common, rows - 2, units, glyphs).map((line) => [
    side,
    span(' '),
    ...fillLine(cutLine(line, inner), inner),
    span(' '),
    side,
  ]);
  const bottom = glyphs.bottomLeft + glyphs.horizontal.repeat(Math.max(0, columns - 2)) + glyphs.bottomRight;
  return [topBorder(cells, columns, selected, frame, glyphs), ...body, [span(bottom, border)]];
}

/** Panes in rows of `gridColumns`, `columns` cells in all; what a division leaves over widens the first panes. */
export function domainGrid(
  panes: readonly { cells: DomainCells; selected: boolean }[],
  gridColumns: number,
  columns: number,
  paneRows: number,
  units: Units,
  frame: Frame,
): Line[] {
  const even = Math.floor(columns / gridColumns);
  const wider = columns - even * gridColumns;
  const lines: Line[] = [];
  for (let first = 0; first < panes.length; first += gridColumns) {
    const row = panes.slice(first, first + gridColumns).map((pane, place) => {
      const paneColumns = Math.min(PANE_COLUMNS_MAX, even + (place < wider ? 1 : 0));
      return domainPane(pane.cells, paneColumns, even, paneRows, pane.selected, units, frame);
    });
    for (let line = 0; line < paneRows; line++) lines.push(row.flatMap((pane) => pane[line]));
  }
  return lines;
}
