/**
 * The style of a cell in one number, and the shortest SGR sequence from one style to another (ECMA-48 §8.3.117).
 *
 *   bits 0–8   foreground: 0 = the terminal's own, else 1 + palette number 0–255
 *   bits 9–17  background, the same way
 *   bits 18–23 bold, dim, italic, underline, inverse, struck
 */
const COLOUR_MASK = 0x1ff;
const BACKGROUND_SHIFT = 9;
export const BACKGROUND_MASK = COLOUR_MASK << BACKGROUND_SHIFT;
export const BOLD = 1 << 18;
export const DIM = 1 << 19;
const ITALIC = 1 << 20;
export const UNDERLINE = 1 << 21;
export const INVERSE = 1 << 22;
const STRUCK = 1 << 23;
/** What is seen of a style on an empty cell: without these a space shows its background only. */
const SEEN_ON_SPACE = UNDERLINE | INVERSE | STRUCK;

/** A style with only a foreground. @param palette 0–255 */
export function foreground(palette: number): number {
  return palette + 1;
}

/** The palette number of a style's foreground; undefined for the terminal's own. */
export function foregroundOf(style: number): number | undefined {
  const colour = style & COLOUR_MASK;
  return colour === 0 ? undefined : colour - 1;
}

/** The style as it is seen on a space, so that two spaces that look the same are the same cell. */
export function styleOfSpace(style: number): number {
  return (style & SEEN_ON_SPACE) === 0 ? style & BACKGROUND_MASK : style;
}

/**
 * The style after the parameters of one SGR sequence (`1;32` of `CSI 1;32m`). Direct colours (38;2;r;g;b) are not
 * shown: the screen keeps to the terminal's own palette. Unknown parameters change nothing.
 */
export function applySgr(style: number, parameters: string): number {
  if (parameters === '' || parameters === '0') return 0;
  const codes = parameters.split(/[;:]/);
  let next = style;
  for (let i = 0; i < codes.length; i++) {
    const code = Number(codes[i]);
    if (code === 38 || code === 48) {
      const isIndexed = codes[i + 1] === '5';
      const palette = Number(codes[i + 2]);
      if (isIndexed && palette >= 0 && palette < 256) next = withColour(next, palette + 1, code === 38);
      i += isIndexed ? 2 : 4;
    } else {
      next = applyCode(next, code);
    }
  }
  return next;
}

function withColour(style: number, colour: number, isForeground: boolean): number {
  return isForeground ? (style & ~COLOUR_MASK) | colour : (style & ~BACKGROUND_MASK) | (colour << BACKGROUND_SHIFT);
}

function applyCode(style: number, code: number): number {
  if (code >= 30 && code <= 37) return withColour(style, code - 29, true);
  if (code >= 90 && code <= 97) return withColour(style, code - 81, true);
  if (code >= 40 && code <= 47) return withColour(style, code - 39, false);
  if (code >= 100 && code <= 107) return withColour(style, code - 91, false);
  switch (code) {
    case 0:
      return 0;
    case 1:
      return style | BOLD;
    case 2:
      return style | DIM;
    case 3:
      return style | ITALIC;
    case 4:
      return style | UNDERLINE;
    case 7:
      return style | INVERSE;
    case 9:
      return style | STRUCK;
    case 22:
      return style & ~(BOLD | DIM);
    case 23:
      return style & ~ITALIC;
    case 24:
      return style & ~UNDERLINE;
    case 27:
      return style & ~INVERSE;
    case 29:
      return style & ~STRUCK;
    case 39:
      return withColour(style, 0, true);
    case 49:
      return withColour(style, 0, false);
    default:
      return style;
  }
}

const ON: readonly (readonly [number, string])[] = [
  [BOLD, '1'],
  [DIM, '2'],
  [ITALIC, '3'],
  [UNDERLINE, '4'],
  [INVERSE, '7'],
  [STRUCK, '9'],
];
const OFF: readonly (readonly [number, string])[] = [
  [BOLD | DIM, '22'],
  [ITALIC, '23'],
  [UNDERLINE, '24'],
  [INVERSE, '27'],
  [STRUCK, '29'],
];

function colourCode(colour: number, isForeground: boolean): string {
  const base = isForeground ? 30 : 40;
  if (colour === 0) return String(base + 9);
  const palette = colour - 1;
  if (palette < 8) return String(base + palette);
  if (palette < 16) return String(base + 52 + palette);
  return `${base + 8};5;${palette}`;
}

function codesFrom(from: number, to: number): string[] {
  const codes: string[] = [];
  let attributes = from;
  for (const [mask, code] of OFF) {
    if ((attributes & mask & ~to) === 0) continue;
    codes.push(code);
    attributes &= ~mask;
  }
  for (const [mask, code] of ON) {
    if ((to & mask & ~attributes) !== 0) codes.push(code);
  }
  const toFore = to & COLOUR_MASK;
  if (toFore !== (from & COLOUR_MASK)) codes.push(colourCode(toFore, true));
  const toBack = (to & BACKGROUND_MASK) >>> BACKGROUND_SHIFT;
  if (toBack !== (from & BACKGROUND_MASK) >>> BACKGROUND_SHIFT) codes.push(colourCode(toBack, false));
  return codes;
}

/** Few distinct styles are on a screen, so their pairs are few as well; the limit only guards against hostile input. */
const DELTAS_MAX = 4096;
const deltas = new Map<number, string>();

/** The shortest sequence that changes the terminal's style; empty if nothing changes. */
export function sgrDelta(from: number, to: number): string {
  if (from === to) return '';
  if (to === 0) return '\x1b[m';
  const key = from * 2 ** 24 + to;
  const known = deltas.get(key);
  if (known !== undefined) return known;
  const step = codesFrom(from, to).join(';');
  const anew = `0;${codesFrom(0, to).join(';')}`;
  const sequence = `\x1b[${step.length <= anew.length ? step : anew}m`;
  if (deltas.size >= DELTAS_MAX) deltas.clear();
  deltas.set(key, sequence);
  return sequence;
}
