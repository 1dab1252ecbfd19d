/** Histories in cells: sparklines one line high and area charts of several, newest at the right edge. */
import type { Glyphs } from './glyphs.js';

/**
 * `values` brought to at most `columns` values: where there are more, each is the largest of an equal run of them, so
 * that a burst is seen at every width. No value is invented where there are fewer. What is not a finite number is 0.
 */
export function resample(values: readonly number[], columns: number): number[] {
  if (columns <= 0) return [];
  const sound = (value: number): number => (Number.isFinite(value) ? value : 0);
  if (values.length <= columns) return values.map(sound);
  const largest: number[] = [];
  for (let column = 0; column < columns; column++) {
    const start = Math.floor((column * values.length) / columns);
    const end = Math.floor(((column + 1) * values.length) / columns);
    let most = sound(values[start]);
    for (let index = start + 1; index < end; index++) most = Math.max(most, sound(values[index]));
    largest.push(most);
  }
  return largest;
}

/** The largest value, at least 0. */
export function peak(values: readonly number[]): number {
  let largest = 0;
  for (const value of values) if (value > largest && value < Infinity) largest = value;
  return largest;
}

/**
 * A sparkline of exactly `columns` cells, scaled from 0 to `top` (the peak if left out). The lowest glyph stands for 0
 * and less only; a short history leaves the left side blank.
 */
export function sparkline(values: readonly number[], columns: number, glyphs: Glyphs, top?: number): string {
  const shown = resample(values, columns);
  const scale = top ?? peak(shown);
  const last = glyphs.levels.length - 1;
  let text = ' '.repeat(Math.max(0, columns - shown.length));
  for (const value of shown) {
    const level = value > 0 && scale > 0 ? Math.min(last, Math.max(1, Math.ceil((value / scale) * last))) : 0;
    text += glyphs.levels[level];
  }
  return text;
}

/** An area chart: `rows` texts of exactly `columns` cells, top row first, scaled from 0 to `top` (or the peak). */
export function areaChart(
  values: readonly number[],
  columns: number,
  rows: number,
  glyphs: Glyphs,
  top?: number,
): string[] {
  const shown = resample(values, columns);
  const scale = top ?? peak(shown);
  const steps = glyphs.heights.length - 1;
  // A value that is not 0 shows at least one step.
  const heights = shown.map((value) =>
    value > 0 && scale > 0 ? Math.min(rows * steps, Math.max(1, Math.round((value / scale) * rows * steps))) : 0,
  );
  const lines: string[] = [];
  for (let row = rows - 1; row >= 0; row--) {
    let text = ' '.repeat(Math.max(0, columns - shown.length));
    for (const height of heights) text += glyphs.heights[Math.min(steps, Math.max(0, height - row * steps))];
    lines.push(text);
  }
  return lines;
}
