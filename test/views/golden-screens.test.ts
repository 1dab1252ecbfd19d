/**
 * Golden screens of single views: every screen at four sizes, in Unicode and in ASCII, on one hand-made host of five
 * guests. What is printed is also added up, from the printed text alone, so that a golden screen cannot be wrong twice.
 */
import { describe, expect, test } from 'vitest';
import { FIGURES } from '../../src/figures/figure-table.js';
import { domainScreen } from '../../src/views/domain-screen.js';
import { helpScreen } from '../../src/views/help-screen.js';
import type { Frame, Line } from '../../src/views/line.js';
import { mainScreen } from '../../src/views/main-screen.js';
import { waitingScreen } from '../../src/views/waiting-screen.js';
import { KEYS, WAITING } from './other-screens-fixture.js';
import { expectFits, expectScreen, screenText } from './screen-file.js';
import { domainState, fiveGuests, mainState, snapshotOf } from './snapshot-fixture.js';

const SIZES = [
  [40, 10],
  [80, 24],
  [120, 30],
  [160, 45],
] as const;

const SCREENS: Readonly<Record<string, (frame: Frame) => Line[]>> = {
  'main-table': (frame) => mainScreen(snapshotOf(fiveGuests()), mainState({ form: 'table' }), frame),
  'main-grid': (frame) => mainScreen(snapshotOf(fiveGuests()), mainState({ form: 'grid' }), frame),
  domain: (frame) => domainScreen(snapshotOf(fiveGuests(), 0), domainState(), frame),
  help: (frame) => helpScreen(KEYS, FIGURES, 0, frame),
  waiting: (frame) => waitingScreen(WAITING, frame),
};

const FRAMES: Frame[] = SIZES.flatMap(([columns, rows]) =>
  [true, false].map((unicode) => ({ columns, rows, unicode })),
);
const title = ({ columns, rows, unicode }: Frame): string => `${columns}x${rows} ${unicode ? 'Unicode' : 'ASCII'}`;

describe.each(Object.keys(SCREENS))('%s', (name) => {
  test.each(FRAMES.map((frame) => [title(frame), frame] as const))('%s', (_title, frame) => {
    const lines = SCREENS[name](frame);
    expectFits(lines, frame);
    expectScreen(name, lines, frame);
  });
});

/** `1081M`, `4.90M`, `216 MiB` in frames of 4 KiB. */
function framesOf(text: string): number {
  const [, digits, unit = ''] = /^([\d.]+) ?([KMG]?)(?:iB)?$/.exec(text) ?? [];
  if (digits === undefined) throw new Error(`not an amount: ${text}`);
  return Number(digits) * ({ K: 1 / 4, M: 256, G: 262_144 }[unit] ?? 1);
}
/** Half of the last digit written, in frames. */
function rounding(text: string): number {
  const decimals = /\.(\d+)/.exec(text)?.[1].length ?? 0;
  return 0.51 * framesOf(text.replace(/[\d.]+/, '1')) * 10 ** -decimals;
}
const sum = (values: readonly number[]): number => values.reduce((left, value) => left + value, 0);
/** The written total is the sum of the written parts, as far as rounding allows. */
function expectSum(total: string, parts: readonly string[], where: string): void {
  const slack = rounding(total) + sum(parts.map(rounding));
  expect(Math.abs(framesOf(total) - sum(parts.map(framesOf))), where).toBeLessThanOrEqual(slack);
}

describe.each(FRAMES.map((frame) => [title(frame), frame] as const))(
  'what is printed adds up at %s',
  (_title, frame) => {
    test('the table: MEM = PRIV + SHARED + ZERO in every row, and every column to its total', () => {
      const lines = screenText(SCREENS['main-table'](frame)).split('\n');
      const head = lines.findIndex((line) => / NAME /.test(line));
      // Columns are found by where their labels end, as a person finds them.
      const end = (label: string): number => lines[head].search(new RegExp(` ${label}( |$)`)) + 1 + label.length;
      const cell = (line: string, label: string): string => /\S+$/.exec(line.slice(0, end(label)))![0];
      const rows = lines.slice(head + 1).filter((line) => /^[ ▶>] +\d (web|idle|build|trix)/.test(line));
      expect(rows).toHaveLength(frame.rows === 10 ? 4 : 5);
      const total = lines.find((line) => /^ +total /.test(line));
      if (frame.columns === 40) {
        expect(total).toBeUndefined();
        return;
      }
      for (const row of [...rows, total!]) {
        expectSum(cell(row, 'MEM'), [cell(row, 'PRIV'), cell(row, 'SHARED'), cell(row, 'ZERO')], row);
      }
      for (const label of ['MEM', 'PRIV', 'SHARED', 'ZERO', 'SAVED', 'COULD']) {
        expectSum(
          cell(total!, label),
          rows.map((row) => cell(row, label)),
          label,
        );
      }
    });

    test('the gauges: possible = saved + could, and the frames are their three parts', () => {
      const text = screenText(SCREENS['main-table'](frame));
      if (frame.rows < 22) return;
      const [, saved, possible] = /^Saved .*% +([\d.]+ \w+) of ([\d.]+ \w+) possible/m.exec(text)!;
      const [, could] = /^Could .*% +([\d.]+ \w+) identical/m.exec(text)!;
      expectSum(possible, [saved, could], 'possible');
      const parts = /shared ([\d.]+\w) .* private ([\d.]+\w) .* zero ([\d.]+\w)/.exec(text);
      const [, frames] = /^Frames .*% +([\d.]+ \w+) of/m.exec(text)!;
      if (parts !== null) expectSum(frames, parts.slice(1), 'frames');
      if (frame.columns === 160) expect(parts).not.toBeNull();
    });

    test('the grid: the memory of all panes is the total, which is its three parts', () => {
      const text = screenText(SCREENS['main-grid'](frame));
      const total = /total mem ([\d.]+\w) += ([\d.]+\w) +priv \+ ([\d.]+\w) +shared \+ ([\d.]+\w) +zero/.exec(text);
      if (frame.columns < 160) {
        expect(total).toBeNull();
        return;
      }
      expectSum(total![1], total!.slice(2), 'parts');
      const mems = [...text.matchAll(/[│|] mem +\S+ +([\d.]+\w)(?= )/g)].map(([, mem]) => mem);
      expect(mems).toHaveLength(5);
      expectSum(total![1], mems, 'panes');
    });

    test('the drill-down: private, shared and zero are the memory', () => {
      const text = screenText(SCREENS['domain'](frame));
      if (frame.rows < 20) return;
      const amount = (label: string): string => new RegExp(`^${label} .*% +([\\d.]+ \\w+)`, 'm').exec(text)![1];
      const memory = / mem ([\d.]+ \w+) of/.exec(text)![1];
      expectSum(memory, [amount('Private'), amount('Shared'), amount('Zero')], 'memory');
    });
  },
);
