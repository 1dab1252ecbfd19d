/** Bars one line high: the gauge of one part, and the stacked bar of several that add up. */
import { span } from './compose.js';
import type { Glyphs } from './glyphs.js';
import type { Line, Span, Style } from './line.js';

/**
 * A gauge of `columns` cells, filled to `fraction` (cut to 0…1; not a number is 0). A part that is not 0 shows at
 * least its smallest glyph, and one that is not full never fills the last cell.
 */
export function gauge(fraction: number, columns: number, glyphs: Glyphs, style: Style): Line {
  if (columns <= 0) return [];
  const steps = glyphs.parts.length - 1;
  const part = Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
  let units = Math.round(part * columns * steps);
  if (part > 0 && units === 0) units = 1;
  if (part < 1 && units === columns * steps) units--;
  const full = Math.floor(units / steps);
  const filled = glyphs.full.repeat(full) + glyphs.parts[units % steps];
  const spans: Span[] = [];
  if (filled !== '') spans.push(span(filled, style));
  if (filled.length < columns) spans.push(span(glyphs.empty.repeat(columns - filled.length), { dim: true }));
  return spans;
}

/** One part of a stacked bar. */
export interface BarPart {
  value: number;
  glyph: string;
  style: Style;
}

/**
 * Cells for values that share `columns` cells: they add up to `columns` (to 0 if all values are 0). Largest remainder
 * first; a value that is not 0 gets a cell at the cost of the largest as long as there are cells.
 */
export function barCells(values: readonly number[], columns: number): number[] {
  const sound = values.map((value) => (value > 0 && Number.isFinite(value) ? value : 0));
  const sum = sound.reduce((total, value) => total + value, 0);
  if (!(sum > 0) || columns <= 0) return sound.map(() => 0);
  const exact = sound.map((value) => (value / sum) * columns);
  const cells = exact.map(Math.floor);
  const order = exact.map((_, index) => index).sort((a, b) => exact[b] - cells[b] - (exact[a] - cells[a]) || a - b);
  let rest = columns - cells.reduce((total, count) => total + count, 0);
  for (const index of order) {
    if (rest <= 0) break;
    cells[index]++;
    rest--;
  }
  for (let index = 0; index < cells.length; index++) {
    if (sound[index] === 0 || cells[index] > 0) continue;
    const largest = cells.indexOf(Math.max(...cells));
    if (cells[largest] < 2) break;
    cells[largest]--;
    cells[index] = 1;
  }
  return cells;
}

/** A bar of `columns` cells divided among its parts; each part has its own glyph. */
export function stackedBar(parts: readonly BarPart[], columns: number): Line {
  const cells = barCells(
    parts.map((part) => part.value),
    columns,
  );
  const spans: Span[] = [];
  parts.forEach((part, index) => {
    if (cells[index] > 0) spans.push(span(part.glyph.repeat(cells[index]), part.style));
  });
  return spans;
}
