/** Names of contents as text: what is cut, in which order, and that nothing a terminal obeys comes through. */
import { expect, test } from 'vitest';
import { textCells } from '../../src/base/cell-width.js';
import type { PageLabel } from '../../src/figures/name-figures.js';
import { fitPath, labelText, moreFilesText, wholeLabelText } from '../../src/views/label-text.js';

const LIBC = '/usr/lib/x86_64-linux-gnu/libc.so.6';
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e0fff}]/u;

function label(changes: Partial<PageLabel> = {}): PageLabel {
  return { file: LIBC, offset: 0x1a000, package: 'libc6', image: '', more: 0, ...changes };
}

test('a path is cut at its left, between folders; a name alone at its right', () => {
  const widths = [35, 34, 30, 27, 26, 12, 9, 8, 4, 1, 0];
  expect(widths.map((columns) => fitPath(LIBC, columns, true))).toEqual([
    LIBC,
    '…/lib/x86_64-linux-gnu/libc.so.6',
    '…/x86_64-linux-gnu/libc.so.6',
    'libc.so.6',
    'libc.so.6',
    'libc.so.6',
    'libc.so.6',
    'libc.so…',
    'lib…',
    '…',
    '',
  ]);
  expect(fitPath(LIBC, 29, false)).toBe('../x86_64-linux-gnu/libc.so.6');
  expect(fitPath('no-folder', 20, true)).toBe('no-folder');
  expect(fitPath('/usr/lib/', 8, true)).toBe('/usr/li…');
});

test('a label: first the path goes, then how many more, then the end of the name, then the offset', () => {
  const several = label({ more: 1234 });
  expect(labelText(several, 60, true)).toBe(`${LIBC} +0x1a000 (+1234)`);
  expect(labelText(several, 40, true)).toBe('libc.so.6 +0x1a000 (+1234)');
  expect(labelText(several, 20, true)).toBe('libc.so.6 +0x1a000');
  expect(labelText(several, 17, true)).toBe('libc.so… +0x1a000');
  expect(labelText(several, 12, true)).toBe('libc.so.6');
  expect(labelText(several, 5, true)).toBe('libc…');
  expect(wholeLabelText(label({ image: 'debian12' }), 90, true)).toBe(`${LIBC} +0x1a000 (libc6, image debian12)`);
  expect(wholeLabelText(label(), 30, true)).toBe('libc.so.6 +0x1a000 (libc6)');
  expect(wholeLabelText(label(), 25, true)).toBe('libc.so.6 +0x1a000');
  expect([0, 1, 2].map((more) => moreFilesText(label({ more })))).toEqual(['', 'and 1 more file', 'and 2 more files']);
});

test('whatever the label says, it fits and obeys nothing', () => {
  const names = [
    '\u001b[2J\u001b]0;owned\u0007/\u202egnp.exe',
    '/' + '日本'.repeat(500_000),
    'e' + '\u0301'.repeat(1000) + '/👨‍👩‍👧‍👦',
    'x'.repeat(1_000_000),
    '/a\u0000b/\u009b31m\nc',
    '\udc00\ud800/\u{e0041}',
    '',
  ];
  for (const file of names) {
    for (const unicode of [true, false]) {
      const hostile = label({ file, package: file, image: file, more: 2 ** 32 - 1 });
      for (let columns = 0; columns < 80; columns++) {
        const texts = [fitPath(file, columns, unicode), labelText(hostile, columns, unicode)];
        for (const text of texts) {
          expect(textCells(text)).toBeLessThanOrEqual(columns);
          expect(text).not.toMatch(UNSAFE);
          if (!unicode) expect(text).toMatch(/^[\x20-\x7e]*$/);
        }
      }
      const whole = wholeLabelText(hostile, 80, unicode);
      expect(whole).not.toMatch(UNSAFE);
      expect(textCells(whole)).toBeLessThanOrEqual(80);
    }
  }
});
