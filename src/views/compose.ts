/** Lines from spans: joining, cutting and filling by cells. */
import type { Line, Span, Style } from './line.js';
import { fitLeft, takeCells, textWidth } from './text-width.js';

/** A span. */
export function span(text: string, style?: Style): Span {
  return style === undefined ? { text } : { text, style };
}

/** A line of one span. */
export function textLine(text: string, style?: Style): Line {
  return [span(text, style)];
}

/** Cells that the line takes. */
export function lineWidth(line: Line): number {
  let width = 0;
  for (const part of line) width += textWidth(part.text);
  return width;
}

/** The line cut to at most `columns` cells. */
export function cutLine(line: Line, columns: number): Line {
  let width = 0;
  for (let index = 0; index < line.length; index++) {
    const part = line[index];
    const next = width + textWidth(part.text);
    if (next > columns) {
      return [...line.slice(0, index), { ...part, text: takeCells(part.text, columns - width) }];
    }
    width = next;
  }
  return line;
}

/** The line cut or filled with spaces to exactly `columns` cells. */
export function fillLine(line: Line, columns: number): Line {
  const cut = cutLine(line, columns);
  const width = lineWidth(cut);
  return width < columns ? [...cut, { text: ' '.repeat(columns - width) }] : cut;
}

/** The line filled with spaces to at least `columns` cells: an item that keeps its width when its figures change. */
export function padLine(line: Line, columns: number): Line {
  const width = lineWidth(line);
  return width < columns ? [...line, { text: ' '.repeat(columns - width) }] : line;
}

/** `left` at the left edge and `right` at the right edge; where both do not fit, the end of `left` goes. */
export function spread(left: Line, right: Line, columns: number): Line {
  const rightWidth = lineWidth(right);
  if (rightWidth === 0) return cutLine(left, columns);
  if (rightWidth >= columns) return cutLine(right, columns);
  return [...fillLine(left, columns - rightWidth), ...right];
}

/** Two blocks side by side; the left one is filled to `leftColumns`, the longer one decides the number of lines. */
export function beside(left: readonly Line[], leftColumns: number, right: readonly Line[]): Line[] {
  const lines: Line[] = [];
  for (let row = 0; row < Math.max(left.length, right.length); row++) {
    const rightLine = right[row] ?? [];
    const leftLine = left[row] ?? [];
    lines.push(
      rightLine.length === 0 ? cutLine(leftLine, leftColumns) : [...fillLine(leftLine, leftColumns), ...rightLine],
    );
  }
  return lines;
}

/** Exactly `rows` lines of at most `columns` cells: what a screen hands out. */
export function fitBlock(lines: readonly Line[], columns: number, rows: number): Line[] {
  const block: Line[] = [];
  for (let row = 0; row < rows; row++) block.push(cutLine(lines[row] ?? [], columns));
  return block;
}

/** The same text in every span, in another style: for the row under the cursor. */
export function restyle(line: Line, style: Style): Line {
  return line.map((part) => ({ text: part.text, style: { ...part.style, ...style } }));
}

/**
 * As many items as fit, in order, with `gap` between them; the first one is always there (the caller cuts the line).
 * An item that does not fit ends the line: a later, less important one must not take its place.
 */
export function fitItems(items: readonly Line[], columns: number, gap: string): Line {
  const line: Span[] = [];
  let width = 0;
  for (const item of items) {
    const need = lineWidth(item) + (line.length === 0 ? 0 : gap.length);
    if (line.length > 0 && width + need > columns) break;
    if (line.length > 0) line.push({ text: gap });
    line.push(...item);
    width += need;
  }
  return line;
}

/** Items over several lines of `columns` cells, at most `rows` of them; items that do not fit are left out. */
export function flowItems(items: readonly Line[], columns: number, rows: number, gap: string): Line[] {
  const lines: Line[] = [];
  let rest = items;
  while (rest.length > 0 && lines.length < rows) {
    let count = 1;
    let width = lineWidth(rest[0]);
    while (count < rest.length && width + gap.length + lineWidth(rest[count]) <= columns) {
      width += gap.length + lineWidth(rest[count]);
      count++;
    }
    lines.push(cutLine(fitItems(rest.slice(0, count), columns, gap), columns));
    rest = rest.slice(count);
  }
  return lines;
}

/** Text wrapped at spaces to lines of at most `columns` cells; longer words are cut. */
export function wrapText(text: string, columns: number, unicode: boolean): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (textWidth(longer) <= columns) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = textWidth(word) <= columns ? word : fitLeft(word, columns, unicode);
  }
  if (line !== '') lines.push(line);
  return lines;
}
