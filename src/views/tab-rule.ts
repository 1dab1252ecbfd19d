import { fitItems, lineWidth, span } from './compose.js';
import type { Glyphs } from './glyphs.js';
import type { Line } from './line.js';

/** Tabs of the main screen, in the order of their keys. */
export const MAIN_TABS = ['Overview', 'Hot pages', 'Pairs', 'Compare', 'Files'] as const;

/**
 * The line above a list with tabs: `─ 1 Overview [2 Hot pages] 3 Pairs ── sort HEAT ▼ ── 1–5 of 9 ─`. Where it has no
 * room for all, the others are numbers, or only the tab that is open is there. Exactly `columns` cells if that is at
 * least the width of its name.
 */
export function tabRule(
  tabs: readonly string[],
  open: number,
  items: readonly string[],
  columns: number,
  glyphs: Glyphs,
): Line {
  const rule = { dim: true };
  const named = (index: number): Line =>
    index === open
      ? [span(`[${index + 1} ${tabs[index]}]`, { bold: true, role: 'focus' })]
      : [span(` ${index + 1} ${tabs[index]} `, rule)];
  const all: Line = [span(glyphs.horizontal, rule), ...tabs.flatMap((_, index) => named(index))];
  const fewest: Line = [span(glyphs.horizontal, rule), ...named(open)];
  const numbered: Line = [
    span(glyphs.horizontal, rule),
    ...tabs.flatMap((_, index) => (index === open ? named(index) : [span(` ${index + 1} `, rule)])),
  ];
  const texts = items.filter((item) => item !== '').map((item): Line => [span(` ${item} `)]);
  const itemsWidth = texts.reduce((sum, item) => sum + lineWidth(item) + 1, 0);
  const left = [all, numbered].find((form) => lineWidth(form) + itemsWidth + 1 <= columns) ?? fewest;
  const room = columns - lineWidth(left) - 2;
  const shown = texts.length === 0 || lineWidth(texts[0]) > room ? [] : fitItems(texts, room, glyphs.horizontal);
  const gap = columns - lineWidth(left) - lineWidth(shown) - 1;
  if (gap < 1) return [...left, span(glyphs.horizontal.repeat(Math.max(0, columns - lineWidth(left))), rule)];
  const filled = span(glyphs.horizontal.repeat(gap), rule);
  return [...left, filled, ...shown, span(glyphs.horizontal, rule)];
}
