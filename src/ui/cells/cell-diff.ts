import { type CellGrid, cellText } from './cell-grid.js';
import { BACKGROUND_MASK, sgrDelta, styleOfSpace } from './cell-style.js';

const SPACE = 0x20;
const UNKNOWN = -1;
const ERASE_TO_END = '\x1b[K';

/** Arrows and mathematical signs, lines and blocks, braille: what bars, frames and charts are made of. */
function isDrawing(text: number): boolean {
  if (text < 0x2190 || text >= 0x2b00) return false;
  return text < 0x231a || (text >= 0x2400 && text < 0x25fd) || text >= 0x2800;
}

/** The old East Asian scripts: kana, han, hangul, fullwidth forms. Always two cells. */
function isEastAsian(text: number): boolean {
  if (text < 0x3041 || text > 0xff60) return false;
  if (text < 0x4e00) return text <= 0x3096 || (text >= 0x30a1 && text <= 0x30ff);
  return text <= 0x9fff || (text >= 0xac00 && text <= 0xd7a3) || text >= 0xff01;
}

/**
 * Whether all terminals agree how far this character moves the cursor: the above and Latin, Greek, Cyrillic and
 * punctuation. After any other the position is set anew.
 */
function isCertain(text: number): boolean {
  if (text < 0x530) return text < 0x300 || text >= 0x370;
  if (text >= 0x2010 && text < 0x2028) return true;
  return isDrawing(text) || isEastAsian(text);
}

function utf8Bytes(text: number): number {
  if (text < 0x80) return 1;
  if (text < 0x800) return 2;
  return text < 0x10000 ? 3 : 4;
}

function forward(cells: number): string {
  if (cells === 0) return '';
  return cells === 1 ? '\x1b[C' : `\x1b[${cells}C`;
}

function absolute(column: number, row: number): string {
  if (column === 0) return row === 0 ? '\x1b[H' : `\x1b[${row + 1}H`;
  return `\x1b[${row + 1};${column + 1}H`;
}

/**
 * Turns the difference of two screens into the fewest bytes that we know how to: the cheapest of the cursor moves,
 * short unchanged gaps written again instead of jumped over, style changes as deltas, blank ends erased.
 * A frame begins with nothing taken for granted (position and style), so text that another program wrote to the
 * terminal spoils at most the cells that it covered. It relies on the terminal not wrapping (`CSI ?7l`).
 */
export class DiffWriter {
  #out = '';
  /** Where the cursor is; UNKNOWN after the last column and after characters whose width is disputed. */
  #column = UNKNOWN;
  #row = UNKNOWN;
  #pen = UNKNOWN;

  /** Starts a frame. */
  begin(): void {
    this.#out = '';
    this.#column = UNKNOWN;
    this.#row = UNKNOWN;
    this.#pen = UNKNOWN;
  }

  /** The bytes since `begin`; empty when nothing differed. */
  end(): string {
    return this.#out;
  }

  /** Writes what turns row `row` of `shown` into the only row of `wanted`, and copies it there. */
  writeRow(row: number, shown: CellGrid, wanted: CellGrid): void {
    const { columns } = shown;
    const start = row * columns;
    const text = wanted.text;
    const style = wanted.style;
    let blankFrom = columns;
    while (blankFrom > 0 && text[blankFrom - 1] === SPACE && style[blankFrom - 1] === 0) blankFrom -= 1;

    for (let column = 0; column < columns;) {
      if (shown.text[start + column] === text[column] && shown.style[start + column] === style[column]) {
        column += 1;
        continue;
      }
      if (column >= blankFrom) {
        this.#writeBlankEnd(row, column, blankFrom, shown, wanted);
        break;
      }
      this.#approach(row, column, wanted);
      this.#writeCell(text[column], style[column], columns);
      column += 1;
      while (column < columns && text[column] === 0) column += 1;
    }
    shown.text.set(text, start);
    shown.style.set(style, start);
  }

  /** The rest of the row from `column` on is to be blank: erase it, or write a few spaces if that is shorter. */
  #writeBlankEnd(row: number, column: number, blankFrom: number, shown: CellGrid, wanted: CellGrid): void {
    const start = row * shown.columns;
    let last = shown.columns - 1;
    while (shown.text[start + last] === SPACE && shown.style[start + last] === 0) last -= 1;
    const isHere = this.#row === row && this.#column >= blankFrom && this.#column <= column;
    const from = isHere ? this.#column : column;
    this.#approach(row, from, wanted);
    // Erasing fills with the pen's background.
    if (this.#pen === UNKNOWN || (this.#pen & BACKGROUND_MASK) !== 0) this.#setPen(0);
    const spaces = last + 1 - from;
    if (spaces < ERASE_TO_END.length && styleOfSpace(this.#pen) === 0) {
      for (let i = 0; i < spaces; i++) this.#writeCell(SPACE, 0, shown.columns);
    } else {
      this.#out += ERASE_TO_END;
    }
  }

  /** Brings the cursor to a cell, over a gap of unchanged cells by writing them again if that is not longer. */
  #approach(row: number, column: number, wanted: CellGrid): void {
    if (this.#row === row && this.#column === column) return;
    const move = this.#moveTo(row, column);
    if (this.#row === row && this.#column !== UNKNOWN && this.#column < column) {
      const gap = this.#gapBytes(this.#column, column, wanted, move.length);
      if (gap <= move.length) {
        for (let at = this.#column; at < column; at++) {
          if (wanted.text[at] !== 0) this.#writeCell(wanted.text[at], wanted.style[at], wanted.columns);
        }
        return;
      }
    }
    this.#out += move;
    this.#row = row;
    this.#column = column;
  }

  /** Bytes that writing [from, to) again costs; stops counting when they are more than `limit`. */
  #gapBytes(from: number, to: number, wanted: CellGrid, limit: number): number {
    let bytes = 0;
    let pen = this.#pen;
    for (let at = from; at < to && bytes <= limit; at++) {
      const text = wanted.text[at];
      const style = wanted.style[at];
      if (text === 0) continue;
      if (!isCertain(text)) return limit + 1;
      const keepsPen = text === SPACE && styleOfSpace(pen) === style;
      if (!keepsPen && pen !== style) {
        bytes += sgrDelta(pen, style).length;
        pen = style;
      }
      bytes += utf8Bytes(text);
    }
    const target = wanted.style[to];
    return bytes + sgrDelta(pen, target).length - sgrDelta(this.#pen, target).length;
  }

  /** The shortest move to a cell. */
  #moveTo(row: number, column: number): string {
    if (this.#row === UNKNOWN) return absolute(column, row);
    const down = row - this.#row;
    if (down === 0) return this.#inRow(column);
    let best = absolute(column, row);
    if (down < 0) return best;
    // Not `\n` alone: whether it also returns depends on the terminal's line discipline.
    const lines = `\r${'\n'.repeat(Math.min(down, 16))}${forward(column)}`;
    if (down <= 16 && lines.length < best.length) best = lines;
    const below = (down === 1 ? '\x1b[B' : `\x1b[${down}B`) + this.#inRow(column);
    return below.length < best.length ? below : best;
  }

  #inRow(column: number): string {
    if (column === 0) return '\r';
    const toColumn = `\x1b[${column + 1}G`;
    if (this.#column === UNKNOWN || this.#column > column) return toColumn;
    const onward = forward(column - this.#column);
    return onward.length <= toColumn.length ? onward : toColumn;
  }

  #setPen(style: number): void {
    if (this.#pen === UNKNOWN) this.#out += `\x1b[m${sgrDelta(0, style)}`;
    else this.#out += sgrDelta(this.#pen, style);
    this.#pen = style;
  }

  #writeCell(text: number, style: number, columns: number): void {
    const keepsPen = text === SPACE && this.#pen !== UNKNOWN && styleOfSpace(this.#pen) === style;
    if (!keepsPen && this.#pen !== style) this.#setPen(style);
    this.#out += cellText(text);
    if (!isCertain(text)) this.#column = UNKNOWN;
    else if (this.#column !== UNKNOWN) this.#column += isEastAsian(text) ? 2 : 1;
    if (this.#column >= columns) this.#column = UNKNOWN;
  }
}
