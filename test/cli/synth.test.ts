/** The command `synth`: into a directory, into a pipe, and what it refuses. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../temporary-directory.js';
import { run, sharetop, SHARETOP } from './run-tool.js';

const SIZE = ['--domains', '4', '--frames', '4M', '--seconds', '30', '--seed', '5'];

test('the directory holds a trace of the figures of its arithmetic; the pipe carries the same', async () => {
  const directory = path.join(temporaryDirectory(), 'trace');
  const made = await sharetop(['synth', 'shared-image', ...SIZE, '-o', directory]);
  expect(made).toMatchObject({ code: 0, stdout: '' });
  expect(made.stderr).toContain('shared-image, 4 domains of 1024 frames, 30 s, seed 5');
  expect(readdirSync(directory)).toEqual(['synth.000001.pgt']);
  const report = await sharetop(['report', directory, '--json', '--audit']);
  const piped = await run('sh', [
    '-c',
    `"$0" "$1" synth shared-image ${SIZE.join(' ')} -o - | "$0" "$1" report - --json`,
    process.execPath,
    SHARETOP,
  ]);
  expect([report.code, piped.code]).toEqual([0, 0]);
  const { totals } = JSON.parse(report.stdout) as { totals: Record<string, number> };
  // A quarter is the image's, a half their own, a quarter zeros.
  expect(totals).toMatchObject({ frames: 4096, knownFrames: 4 * 768, potentialSavedFrames: 3 * 256, zeroFrames: 1024 });
  expect((JSON.parse(piped.stdout) as { totals: unknown }).totals).toEqual(totals);
});

test('the same seed writes the same bytes', async () => {
  const bytes: Buffer[] = [];
  for (let i = 0; i < 2; i++) {
    const directory = path.join(temporaryDirectory(), 'trace');
    await sharetop(['synth', 'churn', ...SIZE, '-o', directory]);
    bytes.push(readFileSync(path.join(directory, 'synth.000001.pgt')));
  }
  expect(bytes[0].length).toBeGreaterThan(10_000);
  expect(bytes[0].equals(bytes[1])).toBe(true);
});

test('--list names what can be made; what cannot be is one line', async () => {
  const list = await sharetop(['synth', '--list']);
  expect(list.code).toBe(0);
  for (const name of ['boot-storm', 'churn', 'clone-farm', 'random-pages']) expect(list.stdout).toContain(`${name} `);
  for (const [args, problem] of [
    [[], 'name a preset'],
    [['boot'], "no preset is called 'boot'"],
    [['churn'], 'name the directory'],
    [['churn', '--frames', '1', '-o', 'x'], '--frames 1: churn has 70'],
    [['churn', '--seed', '-1', '-o', 'x'], "--seed '-1'"],
    [['churn', '--domains', '70000', '-o', 'x'], "--domains '70000'"],
  ] as const) {
    const outcome = await sharetop(['synth', ...args]);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toContain(problem);
  }
});
