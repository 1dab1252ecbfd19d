/** Lines of spans to text with SGR sequences: what Ink is given, ready made, so that no library guesses the colours. */
import type { Colour, Line, Style } from '../../views/line.js';
import { BOLD, DIM, foreground, INVERSE, sgrDelta } from '../cells/cell-style.js';

/** 0: no colours (attributes stay); 16: the terminal's own palette. */
export type ColourLevel = 0 | 16;

const PALETTE: Readonly<Record<Colour, number>> = {
  red: 1,
  green: 2,
  yellow: 3,
  blue: 4,
  magenta: 5,
  cyan: 6,
  white: 7,
  grey: 8,
};

/** The packed style of a span. */
export function cellStyle(style: Style | undefined, level: ColourLevel): number {
  if (style === undefined) return 0;
  let packed = style.colour === undefined || level === 0 ? 0 : foreground(PALETTE[style.colour]);
  if (style.bold === true) packed |= BOLD;
  if (style.dim === true) packed |= DIM;
  if (style.inverse === true) packed |= INVERSE;
  return packed;
}

/** The line as text that begins and ends in the default style. */
export function lineText(line: Line, level: ColourLevel): string {
  let text = '';
  let pen = 0;
  for (const span of line) {
    if (span.text === '') continue;
    const style = cellStyle(span.style, level);
    text += sgrDelta(pen, style) + span.text;
    pen = style;
  }
  return text + sgrDelta(pen, 0);
}
