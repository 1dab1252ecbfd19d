import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';

import stringWidthFast, { simpleWidth } from '../../scripts/bundle/string-width-fast.mjs';

test('every UTF-16 unit has the width that the original gives it, or is left to the original', () => {
  let simple = 0;
  for (let code = 0; code <= 0xffff; code += 1) {
    const text = String.fromCharCode(code);
    const width = simpleWidth(text);
    if (width === -1) continue;
    simple += 1;
    if (width !== stringWidth(text)) expect.fail(`U+${code.toString(16)}: ${width}, not ${stringWidth(text)}`);
  }
  // ASCII 95, box and blocks 160, braille 256, Latin-1 94.
  expect(simple).toBe(605);
});

test('mixed texts have the width that the original gives them', () => {
  const piece = fc.oneof(
    fc.constantFrom('a', '─', '█', '⣿', 'é', '\u0301', '\u200d', '\ufe0f', '\u20e3', '1', '#', '©', '漢', '👩', '\t'),
    fc.string({ unit: 'grapheme', maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      expect(stringWidthFast(text)).toBe(stringWidth(text));
    }),
  );
});

test('options go to the original', () => {
  const coloured = '\x1b[31mred\x1b[0m';
  const options = { countAnsiEscapeCodes: true };
  expect(stringWidthFast(coloured, options)).toBe(stringWidth(coloured, options));
});
