import { Terminal } from '@xterm/headless';
import { describe, expect, test } from 'vitest';
import { codePointCells, cutToCells, textCells } from '../../src/base/cell-width.js';

/** Where xterm's cursor stands after the text: an independent opinion. */
async function xtermCells(text: string): Promise<number> {
  const terminal = new Terminal({ cols: 200, rows: 2, allowProposedApi: true });
  await new Promise<void>((done) => terminal.write(text, done));
  const cells = terminal.buffer.active.cursorX;
  terminal.dispose();
  return cells;
}

describe('the width of text', () => {
  const texts = [
    'web-a',
    'é',
    'e\u0301',
    '日本語',
    '한글',
    'ｗｅｂ',
    '▁▂▃█░▒▓',
    '│─┼┤',
    '⠁⣿',
    '▶●○◆',
    '→↓',
    'Ωяא',
    '︵〈〉',
    'क्',
  ];
  for (const text of texts) {
    test(`is what a terminal makes of ${text}`, async () => {
      expect(textCells(text)).toBe(await xtermCells(text));
    });
  }

  test('emoji with two cells by Unicode take two', () => {
    for (const emoji of ['😀', '🚀', '⌚', '✅']) expect(textCells(emoji)).toBe(2);
  });

  test('agrees with the length of plain ASCII', () => {
    for (let code = 32; code < 127; code++) expect(codePointCells(code)).toBe(1);
  });

  test('a cut never splits a wide character or takes a mark from its letter', () => {
    expect(cutToCells('日本', 3)).toBe('日');
    expect(cutToCells('e\u0301f', 1)).toBe('e\u0301');
    expect(cutToCells('abc', 2)).toBe('ab');
    expect(cutToCells('日', 1)).toBe('');
  });
});
