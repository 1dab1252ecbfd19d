/**
 * Finished rows pass through Ink as a mark of one character, and the cell sink puts their text in its place.
 *
 * Ink takes every character of a frame apart and puts it together again (tokens, styles, widths): measured, 50 ms for
 * 200×60 cells, nine tenths of the whole frame, and 5 ms with marks. It also remembers the width of every text that
 * it ever measured, which on a live screen is new text in every frame for days. Ink still lays the rows out.
 *
 * Marks are characters of a private plane. Text of traces never reaches Ink but behind a mark, and what a mark stands
 * for is not looked through for marks again, so a hostile name cannot name a row.
 */
const HIGH_SURROGATE = '\udb80';
const LOW_SURROGATES = 0xdc00;
/** Marks that there are: the most rows of a screen. */
export const ROWS_MAX = 1024;

/** The character that stands for a row of the screen. */
export function rowMark(row: number): string {
  return HIGH_SURROGATE + String.fromCharCode(LOW_SURROGATES + row);
}

/** The texts behind the marks of one screen. */
export class RowTexts {
  readonly #texts: string[] = [];

  /** What the mark of a row stands for from now on. */
  set(row: number, text: string): void {
    this.#texts[row] = text;
  }

  /** A line of a frame of Ink's: the row's text if it is a mark, else the line itself. */
  expand(line: string): string {
    if (!line.startsWith(HIGH_SURROGATE)) return line;
    return this.#texts[line.charCodeAt(1) - LOW_SURROGATES] ?? '';
  }
}
