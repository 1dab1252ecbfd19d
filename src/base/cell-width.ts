/**
 * How many cells of a terminal a text takes. Views pad by it and the cell sink places by it, so it lives where both
 * can see it. It is wcwidth in effect: East Asian Wide and Fullwidth (Unicode 16, UAX #11) take two cells, marks that
 * combine take none, ambiguous characters take one. Terminals disagree about new emoji; the cell sink therefore
 * positions the cursor anew after any character that is not plain.
 */
// First and last code point of each range; sorted, disjoint.
const WIDE = Uint32Array.of(
  ...[0x1100, 0x115f, 0x231a, 0x231b, 0x2329, 0x232a, 0x23e9, 0x23ec, 0x23f0, 0x23f0, 0x23f3, 0x23f3, 0x25fd, 0x25fe],
  ...[0x2614, 0x2615, 0x2648, 0x2653, 0x267f, 0x267f, 0x2693, 0x2693, 0x26a1, 0x26a1, 0x26aa, 0x26ab, 0x26bd, 0x26be],
  ...[0x26c4, 0x26c5, 0x26ce, 0x26ce, 0x26d4, 0x26d4, 0x26ea, 0x26ea, 0x26f2, 0x26f3, 0x26f5, 0x26f5, 0x26fa, 0x26fa],
  ...[0x26fd, 0x26fd, 0x2705, 0x2705, 0x270a, 0x270b, 0x2728, 0x2728, 0x274c, 0x274c, 0x274e, 0x274e, 0x2753, 0x2755],
  ...[0x2757, 0x2757, 0x2795, 0x2797, 0x27b0, 0x27b0, 0x27bf, 0x27bf, 0x2b1b, 0x2b1c, 0x2b50, 0x2b50, 0x2b55, 0x2b55],
  ...[0x2e80, 0x2ef3, 0x2f00, 0x2fd5, 0x2ff0, 0x303e, 0x3041, 0x3247, 0x3250, 0xa4c6, 0xa960, 0xa97c, 0xac00, 0xd7a3],
  ...[0xf900, 0xfaff, 0xfe10, 0xfe19, 0xfe30, 0xfe6b, 0xff01, 0xff60, 0xffe0, 0xffe6, 0x16fe0, 0x18df2, 0x1aff0],
  ...[0x1b2fb, 0x1d300, 0x1d376, 0x1f004, 0x1f004, 0x1f0cf, 0x1f0cf, 0x1f18e, 0x1f18e, 0x1f191, 0x1f19a, 0x1f200],
  ...[0x1f320, 0x1f32d, 0x1f335, 0x1f337, 0x1f37c, 0x1f37e, 0x1f393, 0x1f3a0, 0x1f3ca, 0x1f3cf, 0x1f3d3, 0x1f3e0],
  ...[0x1f3f0, 0x1f3f4, 0x1f3f4, 0x1f3f8, 0x1f43e, 0x1f440, 0x1f440, 0x1f442, 0x1f4fc, 0x1f4ff, 0x1f53d, 0x1f54b],
  ...[0x1f54e, 0x1f550, 0x1f567, 0x1f57a, 0x1f57a, 0x1f595, 0x1f596, 0x1f5a4, 0x1f5a4, 0x1f5fb, 0x1f64f, 0x1f680],
  ...[0x1f6c5, 0x1f6cc, 0x1f6cc, 0x1f6d0, 0x1f6d2, 0x1f6d5, 0x1f6df, 0x1f6eb, 0x1f6ec, 0x1f6f4, 0x1f6fc, 0x1f7e0],
  ...[0x1f7eb, 0x1f7f0, 0x1f7f0, 0x1f90c, 0x1f93a, 0x1f93c, 0x1f945, 0x1f947, 0x1f9ff, 0x1fa70, 0x1fafa, 0x20000],
  ...[0x2fffd, 0x30000, 0x3fffd],
);

const COMBINING = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

function isWide(codePoint: number): boolean {
  let low = 0;
  let high = WIDE.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (codePoint < WIDE[middle * 2]) high = middle - 1;
    else if (codePoint > WIDE[middle * 2 + 1]) low = middle + 1;
    else return true;
  }
  return false;
}

/**
 * Cells of one code point: 0 (combines with the one before), 1 or 2. Control characters are not text: they count as
 * one, because `printable` replaces each of them by one character.
 */
export function codePointCells(codePoint: number): 0 | 1 | 2 {
  if (codePoint < 0x300) return 1;
  // Arrows, mathematical signs, box drawing, blocks, and braille: what bars and charts are made of.
  if (codePoint >= 0x2190 && codePoint < 0x231a) return 1;
  if (codePoint >= 0x2400 && codePoint < 0x25fd) return 1;
  if (codePoint >= 0x2800 && codePoint < 0x2b00) return 1;
  if (isWide(codePoint)) return COMBINING.test(String.fromCodePoint(codePoint)) ? 0 : 2;
  return COMBINING.test(String.fromCodePoint(codePoint)) ? 0 : 1;
}

const PLAIN = /^[ -~]*$/;

/** Cells of a text without escape sequences. */
export function textCells(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let cells = 0;
  for (const character of text) cells += codePointCells(character.codePointAt(0)!);
  return cells;
}

/** The longest beginning of the text that takes at most `cells` cells; marks stay with the character they belong to. */
export function cutToCells(text: string, cells: number): string {
  if (PLAIN.test(text)) return text.slice(0, cells);
  let used = 0;
  let end = 0;
  for (const character of text) {
    used += codePointCells(character.codePointAt(0)!);
    if (used > cells) break;
    end += character.length;
  }
  return text.slice(0, end);
}
