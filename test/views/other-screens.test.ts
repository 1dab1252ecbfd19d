import { describe, expect, test } from 'vitest';
import { FIGURES } from '../../src/figures/figure-table.js';
import { helpLength, helpScreen } from '../../src/views/help-screen.js';
import { plainText } from '../../src/views/line.js';
import { hintLine } from '../../src/views/status-line.js';
import { waitingScreen } from '../../src/views/waiting-screen.js';
import { KEYS, WAITING } from './other-screens-fixture.js';
import { expectFits, screenText, sweepFrames } from './screen-file.js';

const FRAME = { columns: 80, rows: 24, unicode: true };

describe('the help', () => {
  test('scrolled from end to end it shows every key and every figure, in Unicode and in ASCII', () => {
    for (const unicode of [true, false]) {
      const frame = { ...FRAME, unicode };
      const length = helpLength(KEYS, FIGURES, frame);
      let text = '';
      for (let scroll = 0; scroll < length; scroll += frame.rows - 2) {
        const lines = helpScreen(KEYS, FIGURES, scroll, frame);
        expectFits(lines, frame);
        text += screenText(lines);
      }
      for (const entry of FIGURES) expect(text).toContain(entry.label);
      for (const key of ['q, Ctrl-C', 'Space']) expect(text).toContain(key);
      expect(text.replace(/\s+/g, ' ')).toContain('sharing lowers demand, not commitment: no overcommit.');
    }
  });

  test('a scroll beyond the end shows the end', () => {
    const length = helpLength(KEYS, FIGURES, FRAME);
    expect(screenText(helpScreen(KEYS, FIGURES, 1e9, FRAME))).toBe(
      screenText(helpScreen(KEYS, FIGURES, length - 22, FRAME)),
    );
    expect(screenText(helpScreen(KEYS, FIGURES, 1e9, FRAME))).toContain(`of ${length}`);
  });

  test('fits at every size', () => {
    for (const frame of sweepFrames()) {
      if (frame.rows % 3 === 0) expectFits(helpScreen(KEYS, FIGURES, frame.rows, frame), frame);
    }
  });
});

describe('waiting', () => {
  test.each([
    [{}, 'There is no ./trace yet.'],
    [{ sourceFound: true }, './trace has no stream'],
    [{ sourceFound: true, streams: 1 }, './trace has 1 stream without a record.'],
    [{ sourceFound: true, streams: 2 }, './trace has 2 streams without a record.'],
    [{ sourceFound: true, streams: 2, records: 1_234 }, '1,234 records were read'],
    [{ source: '-' }, 'Nothing has come from the standard input yet.'],
    [{ notice: 'a.pgt: no permission' }, '! a.pgt: no permission'],
  ])('%j says %s', (change, sentence) => {
    expect(screenText(waitingScreen({ ...WAITING, ...change }, FRAME))).toContain(sentence);
  });

  test('the way out is the last line at every size', () => {
    for (const frame of sweepFrames()) {
      const lines = waitingScreen({ ...WAITING, source: '\u001b[2J'.repeat(1_000), notice: 'n'.repeat(5_000) }, frame);
      expectFits(lines, frame);
      if (frame.columns >= 6) expect(plainText(lines.at(-1)!)).toBe('q Quit');
    }
  });
});

test('hints: as many as fit, in their order, none cut in the middle', () => {
  const hints = ['Quit', 'Help', 'Sort'].map((label) => ({ key: label[0], label }));
  expect(plainText(hintLine(hints, 80))).toBe('Q Quit  H Help  S Sort');
  expect(plainText(hintLine(hints, 21))).toBe('Q Quit  H Help');
  expect(plainText(hintLine([], 80))).toBe('');
});
