import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openTrace, type FinishedTrace } from '../../src/source/trace-files.js';
import { KIND, kindOf, slotsOf } from '../../src/trace/record.js';
import { TraceError } from '../../src/trace/trace-error.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';
import { append, range, recordedTouches, touchLines } from './live-reader.js';

/** Frames touched, in order, by stream; kinds of the other records. */
function readAll(source: FinishedTrace, rangesPerPull = Infinity): { touches: [string, number][]; kinds: number[] } {
  const touches: [string, number][] = [];
  const kinds: number[] = [];
  let ranges = 0;
  const pull = (): boolean =>
    source.pull((stream, { words, start, end }) => {
      for (let at = start; at < end; at += slotsOf(words[at]) * 4) {
        const kind = kindOf(words[at]);
        if (kind === KIND.touch) touches.push([source.streamNames[stream], words[at + 1]]);
        else kinds.push(kind);
      }
      return ++ranges % rangesPerPull !== 0;
    });
  while (pull());
  return { touches, kinds };
}

function problemOf(action: () => void): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(TraceError);
    return (error as TraceError).message;
  }
  throw new Error('nothing was thrown');
}

function writeSegments(directory: string, name: string, count: number, rotateBytes: number): string[] {
  const writes = recordedTouches(name, count, { rotateBytes });
  for (const { fileName, bytes } of writes) append(`${directory}/${fileName}`, bytes);
  return [...new Set(writes.map(({ fileName }) => fileName))];
}

const timed = (time: number, gfn: number): string =>
  `{"record":"touch","t":${time},"domid":1,"gfn":${gfn},"count":1}\n`;

describe('a finished trace', () => {
  test.each([Infinity, 1])(
    'gives all segments of a stream as one, openings once (%d ranges a pull)',
    (rangesPerPull) => {
      const directory = temporaryDirectory();
      expect(writeSegments(directory, 'a', 2000, 4096).length).toBeGreaterThan(5);
      const { touches, kinds } = readAll(openTrace(directory), rangesPerPull);
      expect(touches.map(([, gfn]) => gfn)).toEqual(range(0, 2000));
      expect(kinds.filter((kind) => kind === KIND.fill).length).toBe(64);
      expect(kinds).not.toContain(KIND.keyframeBegin);
    },
  );

  test('merges its streams by time, at equal times by name', () => {
    const directory = temporaryDirectory();
    writeInto(directory, 'b.ndjson', timed(10, 0) + timed(20, 2) + timed(50, 5));
    writeInto(directory, 'a.ndjson', timed(20, 1) + timed(30, 3) + timed(40, 4));
    writeInto(directory, 'notes.txt', 'not a stream');
    const source = openTrace(directory);
    expect(source.streamNames).toEqual(['a.ndjson', 'b.ndjson']);
    expect(readAll(source).touches.map(([, gfn]) => gfn)).toEqual(range(0, 6));
    expect(readAll(openTrace(directory, 30)).touches.map(([, gfn]) => gfn)).toEqual(range(0, 4));
    expect(readAll(openTrace(directory, 5)).touches).toEqual([]);
  });

  test('may be one file: a segment in the middle, an NDJSON file', () => {
    const directory = temporaryDirectory();
    const names = writeSegments(directory, 'a', 800, 4096);
    writeInto(directory, 'b.ndjson', touchLines(0, 3));
    const { touches, kinds } = readAll(openTrace(`${directory}/${names[2]}`));
    expect(kinds).toContain(KIND.keyframeBegin);
    expect(touches.map(([, gfn]) => gfn)).toEqual(range(touches[0][1], touches.length));
    expect(touches[0][1]).toBeGreaterThan(0);
    expect(readAll(openTrace(`${directory}/b.ndjson`)).touches).toEqual(range(0, 3).map((gfn) => ['b.ndjson', gfn]));
  });

  test('with a segment missing or cut notes the gap and reads the opening behind it', () => {
    const directory = temporaryDirectory();
    const names = writeSegments(directory, 'a', 1500, 4096);
    rmSync(`${directory}/${names[1]}`);
    const oneMissing = openTrace(directory);
    const { kinds } = readAll(oneMissing);
    expect(oneMissing.notices).toMatchObject([
      { source: `${directory}/${names[2]}`, text: 'the segment before it is not there', gap: true },
    ]);
    expect(kinds.filter((kind) => kind === KIND.keyframeBegin).length).toBe(1);
    truncateSync(`${directory}/${names[3]}`, 2000);
    const alsoCut = openTrace(directory);
    expect(readAll(alsoCut).kinds.filter((kind) => kind === KIND.keyframeBegin).length).toBe(2);
    expect([alsoCut.gaps, alsoCut.damagedBlocks]).toEqual([2, 0]);
  });

  test('with a torn end is whole up to there and says nothing', () => {
    const directory = temporaryDirectory();
    const names = writeSegments(directory, 'a', 100, 2 ** 26);
    append(`${directory}/${names[0]}`, Buffer.from('PGTb and the machine stopped'));
    writeInto(directory, 'b.ndjson', `${touchLines(0, 2)}{"record":"tou`);
    const source = openTrace(directory);
    expect(readAll(source).touches.length).toBe(102);
    expect([source.gaps, source.damagedBlocks]).toEqual([0, 0]);
  });

  test('with damage counts it and names file and place', () => {
    const directory = temporaryDirectory();
    const path = writeInto(directory, 'b.ndjson', `${touchLines(0, 2)}{"record":"touhc"}\n${touchLines(2, 2)}`);
    const source = openTrace(directory);
    expect(readAll(source).touches.map(([, gfn]) => gfn)).toEqual(range(0, 4));
    expect(source.damagedBlocks).toBe(1);
    expect(source.damage).toMatchObject([{ source: path, place: 'line 3' }]);
  });

  test('that is not there, holds no stream or is something else is refused in one line', () => {
    const directory = temporaryDirectory();
    expect(problemOf(() => openTrace(`${directory}/none`))).toBe(`${directory}/none: does not exist`);
    expect(problemOf(() => openTrace(directory))).toBe(
      `${directory}: holds no trace: no file in it is called NAME.000001.pgt or NAME.ndjson`,
    );
    const text = writeInto(directory, 'x.txt', '');
    expect(problemOf(() => openTrace(text))).toBe(`${text}: is neither a trace directory nor a .pgt or .ndjson file`);
    mkdirSync(`${directory}/d.ndjson`);
    expect(problemOf(() => openTrace(directory))).toBe(`${directory}/d.ndjson: is not a regular file`);
  });

  test('of a newer format is refused by name and version', () => {
    const directory = temporaryDirectory();
    // Version 3, written by hand: magic, version, page size, algorithm, header bytes, zeros, CRC32.
    const header = Buffer.alloc(64);
    header.set([0x89, 0x50, 0x47, 0x54, 0x0d, 0x0a, 0x1a, 0x0a, 3, 0, 0, 0, 0, 16, 0, 0, 1, 0, 0, 0, 64]);
    header.writeUInt32LE(0xafa018ea, 60);
    writeFileSync(`${directory}/a.000001.pgt`, header);
    expect(problemOf(() => readAll(openTrace(directory)))).toMatch(/a\.000001\.pgt: offset 0: .*version 3/);
  });
});
