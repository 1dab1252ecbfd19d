/**
 * What the bundle puts in the place of `string-width`. Nearly all text on our screens is ASCII, box drawing, blocks
 * and braille, one column each; for these the Unicode segmenter and the emoji expressions of the original cost a
 * quarter of all drawing time. Everything else goes to the original.
 */
import stringWidth from 'string-width';

/** The width of `text` if every character is of a kind known to take one column, else -1. */
export function simpleWidth(text) {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 0x20 && code <= 0x7e) continue;
    // Box drawing and blocks, then braille. No character here joins with a neighbour.
    if ((code >= 0x2500 && code <= 0x259f) || (code >= 0x2800 && code <= 0x28ff)) continue;
    // Latin-1 letters and signs without the soft hyphen, which has no width.
    if (code >= 0xa1 && code <= 0xff && code !== 0xad) continue;
    return -1;
  }
  return text.length;
}

/** As `string-width`: columns that `text` takes in a terminal. */
export default function stringWidthFast(text, options) {
  if (options === undefined && typeof text === 'string') {
    const width = simpleWidth(text);
    if (width >= 0) return width;
  }
  return stringWidth(text, options);
}
