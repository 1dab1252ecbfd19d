/**
 * Text in cells: cutting, filling, and names made safe. Widths are those of `base/cell-width`, which the cell sink
 * places by: wide (CJK, emoji) characters take two cells, combining marks none, ambiguous characters one.
 */
import { cutToCells, textCells } from '../base/cell-width.js';
import { printable } from '../base/printable.js';

// Printable ASCII and the glyphs that the views draw (arrows, box, block, geometric, dashes): one cell each. Nearly
// every text of a screen is one of these, and a test of it is cheaper than a sum over code points.
const NARROW =
  /^[\x20-\x7e\u00b7\u00d7\u2013\u2026\u203a\u2190-\u2193\u2212\u2264\u2265\u2500-\u259f\u25b2\u25b6\u25bc\u25cf]*$/;
const ASCII = /^[\x20-\x7e]*$/;

/** Cells that the text takes. The text has no control characters (it went through `nameText` or is our own). */
export function textWidth(text: string): number {
  return NARROW.test(text) ? text.length : textCells(text);
}

/** The longest start of `text` that takes at most `columns` cells. */
export function takeCells(text: string, columns: number): string {
  if (columns <= 0) return '';
  return NARROW.test(text) ? text.slice(0, columns) : cutToCells(text, columns);
}

/** The longest end of `text` that takes at most `columns` cells and does not begin with a mark. */
export function takeLastCells(text: string, columns: number): string {
  if (columns <= 0) return '';
  if (NARROW.test(text)) return text.slice(-columns);
  let left = columns;
  let start = text.length;
  let at = text.length;
  for (const character of Array.from(text).reverse()) {
    const cells = textCells(character);
    left -= cells;
    if (left < 0) break;
    at -= character.length;
    if (cells > 0) start = at;
  }
  return text.slice(start);
}

/** The text, or its start and an ellipsis when it takes more than `columns` cells. Never wider than `columns`. */
export function cutText(text: string, columns: number, unicode: boolean): string {
  if (textWidth(text) <= columns) return text;
  if (columns <= 0) return '';
  const ellipsis = unicode ? '…' : columns >= 3 ? '..' : '.';
  return takeCells(text, columns - ellipsis.length) + ellipsis;
}

/** The text cut to `columns` cells and filled with spaces on the right. */
export function fitLeft(text: string, columns: number, unicode: boolean): string {
  const cut = cutText(text, columns, unicode);
  return cut + ' '.repeat(Math.max(0, columns - textWidth(cut)));
}

/** The text cut to `columns` cells and filled with spaces on the left: for figures. */
export function fitRight(text: string, columns: number, unicode: boolean): string {
  const cut = cutText(text, columns, unicode);
  return ' '.repeat(Math.max(0, columns - textWidth(cut))) + cut;
}

/** No screen shows more of a name than this many characters; longer ones are cut before any work is done on them. */
const NAME_CHARACTERS_MAX = 512;
/** Marks kept after one character: enough for every script in use, too few to grow a tower over other lines. */
const MARKS_MAX = 2;
const MARK = /\p{M}/u;
// Terminals disagree about the width of flags (regional indicators), skin tones, private and unassigned characters.
const UNSURE = /[\p{Co}\p{Cn}\u{1f1e6}-\u{1f1ff}\u{1f3fb}-\u{1f3ff}]/u;

/**
 * A text from a trace made safe to draw: `printable`, and in place of characters whose width terminals disagree about,
 * of marks without a character to stand on and of marks beyond two, `?` or nothing. With `unicode` false, ASCII only.
 */
export function nameText(raw: string, unicode: boolean): string {
  const text = printable(raw.slice(0, NAME_CHARACTERS_MAX), NAME_CHARACTERS_MAX);
  if (ASCII.test(text)) return text;
  let safe = '';
  let marks = MARKS_MAX;
  for (const character of text.normalize('NFC')) {
    if (MARK.test(character)) {
      if (marks < MARKS_MAX && unicode) safe += character;
      marks++;
      continue;
    }
    marks = 0;
    safe += ASCII.test(character) || (unicode && !UNSURE.test(character)) ? character : '?';
  }
  return safe;
}
