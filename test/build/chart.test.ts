import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { bundleOptions } from '../../scripts/build.mjs';

/** What chart-entry.mjs prints. */
interface Drawn {
  frames: [line: string, donut: string, gauge: string];
  listeners: string[];
}

let folder: string;
let drawn: Drawn;
let errorOutput: string;

beforeAll(async () => {
  // Away from node_modules: whatever the bundle does not contain is not there to be found.
  folder = await mkdtemp(path.join(tmpdir(), 'sharetop-chart-'));
  const options = await bundleOptions({ chart: 'test/build/chart-entry.mjs' });
  const { outputFiles } = await build({ ...options, write: false });
  await writeFile(path.join(folder, 'package.json'), '{"type":"module"}');
  for (const file of outputFiles) await writeFile(path.join(folder, path.basename(file.path)), file.contents);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [path.join(folder, 'chart.js')]);
  drawn = JSON.parse(stdout) as Drawn;
  errorOutput = stderr;
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The frame without colours, as lines. */
function plainLines(frame: string): string[] {
  return frame.replaceAll(/\x1b\[[0-9;]*m/g, '').split('\n');
}

/** Mean row of the braille characters in columns `from` to `to`: where the curve is. Rows grow downwards. */
function curveRow(lines: string[], from: number, to: number): number {
  const rows: number[] = [];
  for (const [row, text] of lines.entries()) {
    for (let column = from; column < to; column += 1) {
      const code = text.charCodeAt(column);
      if (code > 0x2800 && code <= 0x28ff) rows.push(row);
    }
  }
  return rows.reduce((sum, row) => sum + row, 0) / rows.length;
}

test('a line chart from the bundle follows its values', () => {
  const lines = plainLines(drawn.frames[0]);
  const curve = lines.slice(0, 8);
  // Values 5, 1, 7, 5 over four equal steps: a valley at a third of the width, a peak at two thirds.
  const width = Math.max(...lines.map((text) => text.length));
  const axis = lines[2].search(/[⠀-⣿]/) + 2;
  const step = (width - axis) / 4;
  const valley = curveRow(curve, Math.round(axis + step * 0.8), Math.round(axis + step * 1.2));
  const peak = curveRow(curve, Math.round(axis + step * 1.8), Math.round(axis + step * 2.2));
  expect(peak).toBeLessThan(valley - 2);
});

test('a donut and a gauge from the bundle print their labels', () => {
  expect(drawn.frames[1]).toContain('40%');
  expect(drawn.frames[1]).toContain('shared');
  expect(drawn.frames[2]).toContain('33%');
  // The gauge is filled in proportion: 33 % of its 35 columns.
  const filled = drawn.frames[2].split('\n')[2].split('\x1b[42m').length - 1;
  expect(filled).toBeGreaterThanOrEqual(10);
  expect(filled).toBeLessThanOrEqual(14);
});

test('drawing leaves no signal handlers behind and prints no warning', () => {
  expect(drawn.listeners.filter((name) => /^SIG|uncaught/.test(name))).toEqual([]);
  expect(errorOutput).toBe('');
});
