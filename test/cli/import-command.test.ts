import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { CommandIo } from '../../src/cli/command-io.js';
import { importCommand, type ImportCommandOptions } from '../../src/cli/import-command.js';
import { parseFrames, parsePairs, parseSpeed } from '../../src/cli/option-values.js';
import { UsageError } from '../../src/cli/usage-error.js';
import { TraceError } from '../../src/trace/trace-error.js';
import { plainTrace } from '../source/plain-trace.js';
import { writePlainSeries } from '../collect/plain-recordings.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';

const GUEST = 't_rel_s,op,sector,nsectors,hashes\n';

/** A terminal or a file as stderr, and a clock that moves by `stepMs` at every look. */
function fakeIo(isTTY: boolean, stepMs = 0): CommandIo & { readonly written: string[] } {
  const written: string[] = [];
  const output = { isTTY, write: (text: string) => written.push(text) };
  let now = 0;
  return { stdout: output, stderr: output, now: () => (now += stepMs), written };
}

function given(files: string[], output: string, more: Partial<ImportCommandOptions> = {}): ImportCommandOptions {
  return { files, output, image: [], domid: [], group: [], offset: [], ...more };
}

function twoFiles(directory: string): string[] {
  const snapshots = [1000, 2000, 3000].map((timeMillis, index) => ({
    index,
    timeMillis,
    changes: [[index, BigInt(index + 5)] as [number, bigint]],
  }));
  return [
    writeInto(directory, 'web1.pghd', writePlainSeries({ pages: 4, snapshots })),
    writeInto(directory, 'web1.blk.csv', `${GUEST}1.5,R,0,16,0000000000000005 -\n2.5,W,8,8,\n`),
  ];
}

describe('import', () => {
  test('makes a trace that holds what the options said', async () => {
    const directory = temporaryDirectory();
    const [series, blocks] = twoFiles(directory);
    const output = `${directory}/out/host7`;
    const io = fakeIo(false);
    const more = { image: ['web1=base'], offset: [`${blocks}=-0.25`], hostMemory: '1M', hypervisor: 'xen' };
    await importCommand(given([series, blocks], output, more), io);
    const { frames, lines } = plainTrace(output);
    expect([...(frames.get('web1') ?? [])].sort()).toEqual([
      [0, 5n],
      [1, 6n],
      [2, 7n],
      [3, 0xac869b6f32d8bbdbn],
    ]);
    expect(lines).toEqual([
      '1000000 host host7',
      '1250000 web1 read base 0 5 true',
      '1250000 web1 read base 1 null true',
      '2250000 web1 write base 1 1',
    ]);
    expect(io.written).toEqual([expect.stringContaining('1 domains, 3 snapshots, 2 requests')]);
  });

  test('shows progress: painted over on a terminal, lines elsewhere, gone before the last message', async () => {
    const directory = temporaryDirectory();
    const files = twoFiles(directory);
    const terminal = fakeIo(true, 150);
    await importCommand(given(files, `${directory}/a`), terminal);
    expect(terminal.written.slice(0, -2).every((text) => /^\r\u001b\[Kimport \[#* *\] \d+ %/.test(text))).toBe(true);
    expect(terminal.written.at(-2)).toBe('\r\u001b[K');
    expect(terminal.written.length).toBeGreaterThan(3);
    const file = fakeIo(false, 9000);
    await importCommand(given(files, `${directory}/b`), file);
    expect(file.written.length).toBeGreaterThan(1);
    expect(file.written.join('')).not.toContain('\u001b');
    expect(file.written.every((text) => text.endsWith('\n'))).toBe(true);
  });

  test('that fails on the way leaves a readable trace of what was before', async () => {
    const directory = temporaryDirectory();
    const blocks = writeInto(directory, 'a.blk.csv', `${GUEST}1,R,0,8,-\n2,R,0,8,-\nrubbish\n`);
    const output = `${directory}/out`;
    await expect(importCommand(given([blocks], output), fakeIo(false))).rejects.toThrow(
      new TraceError(blocks, 'line 4', '1 fields where the header names 5'),
    );
    expect(plainTrace(output).lines[0]).toBe('1000000 host out');
  });

  test('never writes beside another trace', async () => {
    const directory = temporaryDirectory();
    const files = twoFiles(directory);
    await importCommand(given(files, `${directory}/out`), fakeIo(false));
    const before = readdirSync(`${directory}/out`);
    await expect(importCommand(given(files, `${directory}/out`), fakeIo(false))).rejects.toThrow(
      /holds a trace already/,
    );
    expect(readdirSync(`${directory}/out`)).toEqual(before);
  });

  test.each<[string, Partial<ImportCommandOptions>, string]>([
    ['no files', { files: [] }, 'import: name at least one file to import'],
    ['a file twice', { files: ['a', 'a'] }, 'import: a is named twice'],
    ['a pair without value', { image: ['web1'] }, "--image 'web1': write NAME=VALUE, e.g. web1=debian12"],
    ['a pair twice', { group: ['a=1,b=2', 'a=3'] }, '--group: a is given twice'],
    ['a domid out of range', { domid: ['a=65536'] }, "--domid '65536': a domid is an integer in 0 … 65535"],
    [
      'a size',
      { hostMemory: '2X' },
      "--host-memory '2X': write a size such as 2G or 512M, or a number of 4 KiB frames",
    ],
    ['an offset', { offset: ['f=x'] }, "--offset 'f=x': write FILE=SECONDS, e.g. a.blk.csv=-0.5"],
    ['an offset of another file', { offset: ['g=1'] }, "--offset 'g=1': g is not among the files to import"],
  ])('refuses %s', async (_name, options, message) => {
    const output = `${temporaryDirectory()}/out`;
    const failing = importCommand(given(['f'], output, options), fakeIo(false));
    await expect(failing).rejects.toThrow(new UsageError(message));
    await expect(failing).rejects.toBeInstanceOf(UsageError);
  });
});

describe('option values', () => {
  test('sizes are bytes with a unit, frames without', () => {
    expect(parseFrames('-m', '2G')).toBe(524_288);
    expect(parseFrames('-m', '512MiB')).toBe(131_072);
    expect(parseFrames('-m', '4k')).toBe(1);
    expect(parseFrames('-m', '65536')).toBe(65_536);
    for (const text of ['', '0', '1K', '-1', '1.5G', 'G', '1GG', '999999999999999T']) {
      expect(() => parseFrames('-m', text)).toThrow(UsageError);
    }
  });

  test('speeds are above 0, or max', () => {
    expect(['1', '0.5', '10x', 'max'].map((text) => parseSpeed('-s', text))).toEqual([1, 0.5, 10, Infinity]);
    for (const text of ['', '0', '0.0', '-1', 'fast', '1e9', 'Infinity', 'NaN']) {
      expect(() => parseSpeed('-s', text)).toThrow(UsageError);
    }
  });

  test('pairs may be in one option or in several', () => {
    expect([...parsePairs('-i', ['a=1,b=x=y', 'c=3'])]).toEqual([
      ['a', '1'],
      ['b', 'x=y'],
      ['c', '3'],
    ]);
  });
});
