import { assert } from '../../base/assert.js';
import { codePointCells } from '../../base/cell-width.js';
import { applySgr, styleOfSpace } from './cell-style.js';

/**
 * What is in each cell of a screen: two columns of u32, row after row.
 *
 *   text   code point; 0 = the right half of the wide character before; from CLUSTER_BASE on: a number in `clusters`
 *          (a character with marks on it); UNKNOWN = whatever the terminal shows there
 *   style  packed by cell-style.ts
 *
 * The two halves of a wide character have the same style, so they differ from another screen's cells together.
 */
const CLUSTER_BASE = 0x200000;
const UNKNOWN = 0xffffffff;
const SPACE = 0x20;
/** Marks on one character that are kept; more is a prank ("zalgo"), not text. */
const MARKS_MAX = 4;
/** Distinct marked characters kept at once. */
const CLUSTERS_MAX = 4096;

/** Marked characters by number, shared by all grids so that numbers can be compared. */
const clusterNumbers = new Map<string, number>();
let clusters: string[] = [];

function clusterNumber(text: string): number {
  let number = clusterNumbers.get(text);
  if (number === undefined) {
    // A screen of 4096 different marked characters: show the letters without their marks.
    if (clusters.length >= CLUSTERS_MAX) return text.codePointAt(0) ?? SPACE;
    number = clusters.length;
    clusters.push(text);
    clusterNumbers.set(text, number);
  }
  return CLUSTER_BASE + number;
}

/** Forgets the numbers of marked characters. Every grid that holds some must be filled anew after it. */
export function forgetClusters(): void {
  clusters = [];
  clusterNumbers.clear();
}

/** True when marked characters have used up their numbers, so that they should be forgotten. */
export function clustersAreFull(): boolean {
  return clusters.length >= CLUSTERS_MAX;
}

/** The string that a cell's `text` stands for; empty for the right half of a wide character. */
export function cellText(text: number): string {
  if (text >= CLUSTER_BASE) return clusters[text - CLUSTER_BASE] ?? '?';
  return text === 0 ? '' : String.fromCodePoint(text);
}

/** The cells of a screen, or of one row. */
export class CellGrid {
  readonly text: Uint32Array;
  readonly style: Uint32Array;

  constructor(
    readonly columns: number,
    readonly rows: number,
  ) {
    assert(columns > 0, 'a grid has columns');
    assert(rows > 0, 'a grid has rows');
    this.text = new Uint32Array(columns * rows).fill(SPACE);
    this.style = new Uint32Array(columns * rows);
  }

  /** Marks every cell as not known: it differs from any other cell. */
  forget(): void {
    this.text.fill(UNKNOWN);
    this.style.fill(0);
  }

  /**
   * Fills a row from one line of a frame: text, SGR sequences, nothing else (other sequences and control characters
   * are dropped). A line begins in the default style. What is too long is cut, what is too short is blank.
   */
  setRow(row: number, line: string): void {
    assert(row < this.rows, 'the row is inside the grid');
    const start = row * this.columns;
    const used = this.#fill(start, line);
    this.text.fill(SPACE, start + used, start + this.columns);
    this.style.fill(0, start + used, start + this.columns);
  }

  #fill(start: number, line: string): number {
    const { columns, text, style: styles } = this;
    let column = 0;
    let style = 0;
    let styleBefore = 0;
    for (let i = 0; i < line.length;) {
      const code = line.charCodeAt(i);
      if (code >= 0x20 && code < 0x7f) {
        if (column >= columns) return columns;
        text[start + column] = code;
        styles[start + column] = code === SPACE ? styleOfSpace(style) : style;
        styleBefore = style;
        column += 1;
        i += 1;
      } else if (code === 0x1b) {
        const end = sequenceEnd(line, i);
        if (line[i + 1] === '[' && line[end - 1] === 'm') style = applySgr(style, line.slice(i + 2, end - 1));
        i = end;
      } else if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
        i += 1;
      } else {
        const codePoint = line.codePointAt(i)!;
        i += codePoint > 0xffff ? 2 : 1;
        const cells = codePointCells(codePoint);
        if (cells === 0) {
          this.#addMark(start, column, codePoint, styleBefore);
          continue;
        }
        if (column + cells > columns) return column;
        text[start + column] = codePoint;
        styles[start + column] = style;
        if (cells === 2) {
          text[start + column + 1] = 0;
          styles[start + column + 1] = style;
        }
        column += cells;
        styleBefore = style;
      }
    }
    return column;
  }

  /** Puts a mark on the character before `column`, written in `style`; a mark without one is dropped. */
  #addMark(start: number, column: number, mark: number, style: number): void {
    if (column === 0) return;
    let at = start + column - 1;
    if (this.text[at] === 0) at -= 1;
    const base = cellText(this.text[at]);
    if (base.length > 2 * MARKS_MAX) return;
    // A space with a mark is no longer blank: its colour is seen.
    if (base === ' ') this.style[at] = style;
    this.text[at] = clusterNumber(base + String.fromCodePoint(mark));
  }
}

/** The index after the escape sequence at `start` (CSI, OSC, or ESC and one character). */
function sequenceEnd(line: string, start: number): number {
  const kind = line[start + 1];
  if (kind === '[') {
    let end = start + 2;
    while (end < line.length && !(line.charCodeAt(end) >= 0x40 && line.charCodeAt(end) <= 0x7e)) end += 1;
    return Math.min(line.length, end + 1);
  }
  if (kind === ']') {
    for (let end = start + 2; end < line.length; end++) {
      if (line.charCodeAt(end) === 0x07) return end + 1;
      if (line.charCodeAt(end) === 0x1b && line[end + 1] === '\\') return end + 2;
    }
    return line.length;
  }
  return Math.min(line.length, start + 2);
}

/** The lines of a frame as Ink hands it over. A frame never ends in a line break. */
export function frameLines(frame: string): string[] {
  return frame.split('\n');
}
