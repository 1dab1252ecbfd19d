import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { textCells } from '../../src/base/cell-width.js';
import { cutText, fitLeft, fitRight, nameText, textWidth } from '../../src/views/text-width.js';

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;
const anyText = fc.string({ unit: 'binary', maxLength: 60 });

describe('cutting by cells', () => {
  test.each([
    ['web-a', 5, 'web-a'],
    ['web-a', 4, 'web…'],
    ['web-a', 1, '…'],
    ['web-a', 0, ''],
    ['日本語', 6, '日本語'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['日本語', 2, '…'],
  ])('%s to %d cells is %s', (text, columns, cut) => expect(cutText(text, columns, true)).toBe(cut));

  test('ASCII has dots', () => {
    expect(cutText('Domain-0', 6, false)).toBe('Doma..');
    expect(cutText('Domain-0', 2, false)).toBe('D.');
  });

  test('filling counts cells, not characters', () => {
    expect(fitLeft('日本', 6, true)).toBe('日本  ');
    expect(fitRight('日本', 6, true)).toBe('  日本');
    expect(fitRight('日本', 3, true)).toBe('日…');
  });

  test('a fitted text has exactly its width', () => {
    fc.assert(
      fc.property(anyText, fc.nat(30), fc.boolean(), (raw, columns, unicode) => {
        const text = nameText(raw, true);
        expect(textCells(fitLeft(text, columns, unicode))).toBe(columns);
        expect(textCells(fitRight(text, columns, unicode))).toBe(columns);
      }),
    );
  });

  test('the quick width is the width', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(textWidth(nameText(text, true))).toBe(textCells(nameText(text, true)));
      }),
    );
    for (const text of ['▏▎▍▌▋▊▉█', '▁▂▃▄▅▆▇█', '░▒▓·', '╭─╮│╰╯┤', '▶●▼▲…›–−×']) {
      expect(textWidth(text)).toBe(textCells(text));
      expect(textWidth(text)).toBe(text.length);
    }
  });
});

describe('names from a trace', () => {
  test.each([
    ['web-a', 'web-a'],
    ['\u001b[31mred\u001b[0m', '?[31mred?[0m'],
    ['a\u202eb', 'a?b'],
    ['line\nfeed', 'line?feed'],
    ['e\u0301', 'é'],
    ['x\u0300\u0301\u0302\u0303', 'x\u0300\u0301'],
    ['\u0301x', 'x'],
    ['🇩🇪', '??'],
    ['\ue0b0', '?'],
  ])('%j is drawn as %s', (raw, drawn) => expect(nameText(raw, true)).toBe(drawn));

  test('without Unicode a name is ASCII', () => {
    expect(nameText('日本e\u0301', false)).toBe('???');
    fc.assert(
      fc.property(anyText, (raw) => {
        expect(nameText(raw, false)).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });

  test('no name keeps a control character, and no megabyte is worked on', () => {
    fc.assert(
      fc.property(anyText, (raw) => {
        expect(nameText(raw, true)).not.toMatch(CONTROL);
      }),
    );
    expect(nameText('\u001b]0;'.repeat(250_000), true).length).toBeLessThanOrEqual(512);
  });
});
