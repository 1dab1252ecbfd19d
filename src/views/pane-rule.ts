import { formatCount } from './format.js';
import { fitItems, lineWidth, span } from './compose.js';
import type { Glyphs } from './glyphs.js';
import type { Line } from './line.js';

/**
 * The line above a pane: `─ Domains ─────── sort SAVED ▼ ── 1–5 of 5 ─`. The pane that has the focus is in brackets,
 * so that it can be told without colour. Exactly `columns` cells if that is at least the width of the title.
 */
export function paneRule(
  title: string,
  items: readonly string[],
  columns: number,
  focused: boolean,
  glyphs: Glyphs,
): Line {
  const rule = { dim: true };
  const left = [
    span(glyphs.horizontal, rule),
    span(focused ? `[${title}]` : ` ${title} `, { bold: true, ...(focused ? { role: 'focus' as const } : {}) }),
  ];
  const shown = fitItems(
    items.map((item) => [span(` ${item} `)]),
    Math.max(0, columns - lineWidth(left) - 2),
    glyphs.horizontal,
  );
  const room = columns - lineWidth(left) - lineWidth(shown) - 1;
  if (room < 1) return [...left, span(glyphs.horizontal.repeat(Math.max(0, columns - lineWidth(left))), rule)];
  return [
    ...left,
    span(glyphs.horizontal.repeat(room), rule),
    ...shown.map((part) => (part.text === glyphs.horizontal ? span(part.text, rule) : part)),
    span(glyphs.horizontal, rule),
  ];
}

/** `1–5 of 5`: which part of a list is shown. */
export function rangeText(offset: number, shown: number, total: number, glyphs: Glyphs): string {
  if (total === 0) return 'none';
  const all = formatCount(total);
  return shown === 0
    ? `of ${all}`
    : `${formatCount(offset + 1)}${glyphs.range}${formatCount(offset + shown)} of ${all}`;
}
