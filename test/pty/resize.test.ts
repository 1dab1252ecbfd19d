/** The built tool in a window that somebody drags: no ghosts, no flicker, nothing of the user's wiped. */
import { afterEach, describe, expect, test } from 'vitest';
import { SeededRandom } from '../seeded-random.js';
import { temporaryDirectory } from '../temporary-directory.js';
import { steadyText } from './live-screen-file.js';
import { readScreenBytes } from './screen-bytes.js';
import { startTerminal, stopAllTerminals, type TestTerminal } from './terminal.js';

afterEach(stopAllTerminals);

const KVM_FIVE = 'fixtures/traces/kvm-five';
const STATED: readonly (readonly [number, number])[] = [
  ...([
    [300, 100],
    [1, 1],
    [40, 10],
    [160, 45],
    [80, 24],
    [2, 60],
    [299, 3],
    [120, 30],
  ] as const),
  ...([
    [118, 28],
    [117, 28],
    [118, 27],
    [180, 22],
    [179, 21],
    [60, 15],
    [220, 50],
  ] as const),
];

/** Sizes as a person drags a window: jumps, then small steps. */
function sizes(seed: number, count: number): [number, number][] {
  const random = new SeededRandom(seed);
  let [columns, rows] = [80, 24];
  return Array.from({ length: count }, (_, index) => {
    if (index % 10 === 0) [columns, rows] = [1 + random.below(300), 1 + random.below(100)];
    else [columns, rows] = [columns + random.below(9) - 4, rows + random.below(5) - 2];
    [columns, rows] = [Math.max(1, Math.min(300, columns)), Math.max(1, Math.min(100, rows))];
    return [columns, rows];
  });
}

/** The last line has the keys and the first the clock: the screen of this size was drawn. */
const isDrawn = (terminal: TestTerminal): boolean => {
  const lines = terminal.screen();
  return lines.at(-1)!.startsWith('q Quit') && /LIVE|ENDED/.test(lines[0]);
};

function expectKindBytes(terminal: TestTerminal, updatesMin: number): void {
  const report = readScreenBytes(terminal.rawOutput);
  expect(report).toMatchObject({ twice: [], unknown: [], erases: 0 });
  expect(report.updates).toBeGreaterThan(updatesMin);
}

describe('a window that is dragged', () => {
  test('while figures move: every update writes a cell once, and erases nothing that it fills again', async () => {
    const env = { TMPDIR: temporaryDirectory() };
    const terminal = startTerminal({ args: ['demo', '--speed', '30'], env, cols: 100, rows: 30 });
    await terminal.waitFor(isDrawn);
    for (const [index, [columns, rows]] of [...STATED, ...sizes(7, 60)].entries()) {
      terminal.resize(columns, rows);
      // Now and then it rests until a frame has come; else the next size comes while one is under way.
      const before = terminal.bytesReceived;
      if (index % 4 === 0) await terminal.waitFor(() => terminal.bytesReceived > before);
      expect(terminal.cursorVisible).toBe(false);
    }
    for (const [columns, rows] of [
      [40, 10],
      [160, 45],
    ] as const) {
      terminal.resize(columns, rows);
      await terminal.waitFor(isDrawn);
    }
    expectKindBytes(terminal, 20);
    terminal.keys('q');
    expect(await terminal.exit).toEqual({ exitCode: 0, signal: null });
    expect(terminal.cursorVisible).toBe(true);
    expect(terminal.inAlternateScreen).toBe(false);
  });

  test.each([
    ['main', ''],
    ['domain', '\r'],
  ])('at rest the %s screen is that of a fresh start: no ghosts', async (_name, key) => {
    const args = [KVM_FIVE, '--at', '281', '--ascii'];
    const dragged = startTerminal({ args, cols: 130, rows: 40 });
    const open = async (terminal: TestTerminal): Promise<void> => {
      await terminal.waitFor(/ENDED[^]*Domains/);
      terminal.keys(`g${key}`);
      await terminal.waitFor(key === '' ? /ENDED[^]*Domains/ : /id \d/);
    };
    await open(dragged);
    for (const [round, [columns, rows]] of (
      [
        [80, 24],
        [40, 10],
        [161, 46],
      ] as const
    ).entries()) {
      for (const [dragColumns, dragRows] of sizes(round + 1, 25)) dragged.resize(dragColumns, dragRows);
      dragged.resize(columns, rows);
      const fresh = startTerminal({ args, cols: columns, rows });
      await open(fresh);
      await dragged.waitFor(() => steadyText(dragged) === steadyText(fresh)).catch(() => undefined);
      expect(steadyText(dragged)).toBe(steadyText(fresh));
      fresh.keys('q');
      await fresh.exit;
    }
    expectKindBytes(dragged, 4);
  });
});

test('the reader of bytes finds what it looks for', () => {
  const update = (text: string): string => `\x1b[?2026h${text}\x1b[?2026l`;
  expect(readScreenBytes(update('\x1b[Hab\x1b[2;1Hc\x1b[K\x1b[1;3Hd')).twice).toEqual([]);
  expect(readScreenBytes(update('\x1b[Hab\x1b[1;2Hc')).twice).toEqual(['1: 0,1']);
  expect(readScreenBytes(update('\x1b[H\x1b[K\x1b[1;2Hc')).twice).toEqual(['1: 0,1']);
  expect(readScreenBytes(update('\x1b[2L')).unknown).toHaveLength(1);
  expect(readScreenBytes('\x1b[2Ja\x1b[3J').erases).toBe(2);
});
