/** The menu of views: drawn over the lower part of the screen that it was opened on. */
import { fitBlock, span } from './compose.js';
import { glyphsOf } from './glyphs.js';
import type { Frame, Line } from './line.js';
import { paneRule } from './pane-rule.js';
import { cutText } from './text-width.js';

/** One view of the menu. */
export interface MenuItem {
  /** The key that opens it without the menu. */
  key: string;
  title: string;
  help: string;
}

/** The screen with the menu over its last lines but one (the hints stay): exactly as many lines as the screen. */
export function withMenu(lines: readonly Line[], items: readonly MenuItem[], selected: number, frame: Frame): Line[] {
  const { columns, unicode, rows } = frame;
  const glyphs = glyphsOf(unicode);
  const room = Math.max(0, Math.min(items.length + 1, rows - 1));
  const top = rows - 1 - room;
  const first = Math.max(0, Math.min(selected - room + 2, items.length - room + 1));
  const menu: Line[] = [paneRule('Views', ['Enter opens', 'Esc closes'], columns, true, glyphs)];
  items.slice(first, first + room - 1).forEach((item, index) => {
    const isSelected = first + index === selected;
    const text = `${item.key}  ${item.title.padEnd(12)} `;
    menu.push([
      span(isSelected ? glyphs.cursor : ' ', { bold: true, role: 'focus' }),
      span(cutText(text, columns - 1, unicode), isSelected ? { bold: true, inverse: true } : { bold: true }),
      span(cutText(item.help, Math.max(0, columns - 1 - text.length), unicode), { dim: true }),
    ]);
  });
  const block = fitBlock(menu, columns, room);
  return fitBlock([...lines.slice(0, top), ...block, ...lines.slice(top + room)], columns, rows);
}
