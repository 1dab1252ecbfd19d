/** Golden screens: `fixtures/screens/<screen>-<columns>x<rows>[.ascii].txt`; `UPDATE_SCREENS=1` writes them anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { textCells } from '../../src/base/cell-width.js';
import type { Frame, Line } from '../../src/views/line.js';
import { plainText } from '../../src/views/line.js';

const FOLDER = new URL('../../fixtures/screens/', import.meta.url);

/** The screen as a person sees it: spaces at the ends of lines are not seen. */
export function screenText(lines: readonly Line[]): string {
  return lines.map((line) => plainText(line).trimEnd()).join('\n') + '\n';
}

/** Compares with the golden screen of that name. */
export function expectScreen(name: string, lines: readonly Line[], frame: Frame): void {
  const file = new URL(`${name}-${frame.columns}x${frame.rows}${frame.unicode ? '' : '.ascii'}.txt`, FOLDER);
  const text = screenText(lines);
  if (process.env['UPDATE_SCREENS'] === '1') writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, 'utf8'));
}

const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e0fff}]/u;

/** What every screen promises: exactly its rows, no line wider than its columns, nothing that a terminal obeys. */
export function expectFits(lines: readonly Line[], frame: Frame): void {
  const where = `${frame.columns}x${frame.rows} unicode ${frame.unicode}`;
  if (lines.length !== frame.rows) expect(lines.length, where).toBe(frame.rows);
  for (const line of lines) {
    const text = plainText(line);
    if (textCells(text) > frame.columns)
      expect(textCells(text), `${where}: ${text}`).toBeLessThanOrEqual(frame.columns);
    if (UNSAFE.test(text)) expect(text, where).not.toMatch(UNSAFE);
    if (!frame.unicode && !/^[\x20-\x7e]*$/.test(text)) expect(text, where).toMatch(/^[\x20-\x7e]*$/);
  }
}

/** Frames from 1×1 to 300×100: all small ones, and steps that hit no round number beyond. */
export function* sweepFrames(): Generator<Frame> {
  for (const unicode of [true, false]) {
    for (let columns = 1; columns <= 300; columns += columns < 44 ? 3 : 29) {
      for (let rows = 1; rows <= 100; rows += rows < 26 ? 1 : 7) yield { columns, rows, unicode };
    }
    yield { columns: 300, rows: 100, unicode };
  }
}
