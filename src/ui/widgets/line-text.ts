/** Lines of spans to text with SGR sequences: what Ink is given, ready made, so that no library guesses the colours. */
import type { Line } from '../../views/line.js';
import { sgrDelta } from '../cells/cell-style.js';
import { cellStyle, type Palette } from '../theme.js';

/** The line as text that begins and ends in the default style. */
export function lineText(line: Line, palette: Palette): string {
  let text = '';
  let pen = 0;
  for (const span of line) {
    if (span.text === '') continue;
    const style = cellStyle(span.style, palette);
    text += sgrDelta(pen, style) + span.text;
    pen = style;
  }
  return text + sgrDelta(pen, 0);
}
