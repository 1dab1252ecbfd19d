import type * as fileSystem from 'node:fs';
import { chmodSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { lastSegmentNumber, makeTraceDirectory, SegmentFiles } from '../../src/source/segment-files.js';
import { OutputError, OutputTaken } from '../../src/source/output-error.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';

/** A device that takes few bytes at a time, and no more than are free. */
const device = vi.hoisted(() => ({ bytesPerWrite: Infinity, bytesFree: Infinity }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof fileSystem>();
  const writeSync = (
    descriptor: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): number => {
    const taken = Math.min(length, device.bytesPerWrite, device.bytesFree);
    if (taken === 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    device.bytesFree -= taken;
    return fs.writeSync(descriptor, bytes, offset, taken, position);
  };
  return { ...fs, writeSync };
});

afterEach(() => {
  device.bytesPerWrite = Infinity;
  device.bytesFree = Infinity;
});

/** What is in the way is told apart from what cannot be written. */
function problemOf(action: () => void, isTaken = false): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(OutputError);
    expect(error instanceof OutputTaken).toBe(isTaken);
    return (error as OutputError).message;
  }
  throw new Error('nothing was thrown');
}

describe('segment files', () => {
  test('hold what was written, in order, one file after another', () => {
    const directory = temporaryDirectory();
    const files = new SegmentFiles(directory);
    for (const name of ['a', 'b']) {
      files.open(name);
      files.write(Buffer.from(`${name}1`));
      expect(readFileSync(`${directory}/${name}`, 'utf8')).toBe(`${name}1`);
      files.write(Buffer.from(`${name}2`));
      files.close();
    }
    expect(readFileSync(`${directory}/a`, 'utf8')).toBe('a1a2');
    expect(readFileSync(`${directory}/b`, 'utf8')).toBe('b1b2');
  });

  test('are never overwritten', () => {
    const directory = temporaryDirectory();
    const path = writeInto(directory, 'a', 'old');
    expect(problemOf(() => new SegmentFiles(directory).open('a'), true)).toBe(`${path}: exists already`);
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  test('are whole although the system takes the bytes in pieces', () => {
    const directory = temporaryDirectory();
    const files = new SegmentFiles(directory);
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i);
    files.open('a');
    device.bytesPerWrite = 7;
    files.write(bytes);
    files.write(bytes);
    files.close();
    expect(readFileSync(`${directory}/a`)).toEqual(Buffer.concat([bytes, bytes]));
  });

  test('on a full device give one line and keep what was whole', () => {
    const directory = temporaryDirectory();
    const files = new SegmentFiles(directory);
    files.open('a');
    files.write(Buffer.from('whole'));
    device.bytesPerWrite = 3;
    device.bytesFree = 5;
    expect(problemOf(() => files.write(Buffer.from('does not fit')))).toBe(
      `${directory}/a: offset 5: cannot be written: no space left on the device; free some or write elsewhere`,
    );
    expect(readFileSync(`${directory}/a`, 'utf8')).toBe('whole');
    files.close();
  });

  test('in a directory that is missing or not ours give one line', () => {
    const directory = temporaryDirectory();
    expect(problemOf(() => new SegmentFiles(`${directory}/none`).open('a'))).toBe(
      `${directory}/none/a: does not exist`,
    );
  });

  test('refuse a directory that holds a trace, make one that does not exist', () => {
    const directory = temporaryDirectory();
    makeTraceDirectory(`${directory}/a/b`);
    expect(statSync(`${directory}/a/b`).isDirectory()).toBe(true);
    makeTraceDirectory(`${directory}/a/b`);
    const held = writeInto(`${directory}/a/b`, 's.000001.pgt', '');
    expect(problemOf(() => makeTraceDirectory(`${directory}/a/b`), true)).toMatch(
      /holds a trace already \(s\.0+1\.pgt\)/,
    );
    expect(problemOf(() => makeTraceDirectory(held), true)).toBe(`${held}: is a file, not a directory`);
    expect(problemOf(() => makeTraceDirectory(`${held}/x`))).toBe(`${held}/x: a part of the path is not a directory`);
  });

  test.skipIf(process.platform !== 'linux')('below /proc give one line, at once (needs Linux)', () => {
    for (const path of ['/proc/none', '/proc/none/deeper/still']) {
      expect(problemOf(() => makeTraceDirectory(path))).toBe('/proc/none: a directory cannot be made here');
    }
  });

  test.skipIf(process.getuid?.() === 0)(
    'refuse a directory without write permission (needs a user other than root)',
    () => {
      const directory = `${temporaryDirectory()}/locked`;
      mkdirSync(directory);
      chmodSync(directory, 0o500);
      expect(problemOf(() => new SegmentFiles(directory).open('a'))).toMatch(/permission denied/);
    },
  );

  test('are numbered on behind the last', () => {
    const directory = temporaryDirectory();
    expect(lastSegmentNumber(directory, 's')).toBe(0);
    for (const name of ['s.000002.pgt', 's.000010.pgt', 't.000099.pgt', 's.000011.pgt.tmp', 's.txt']) {
      writeInto(directory, name, '');
    }
    expect(lastSegmentNumber(directory, 's')).toBe(10);
  });
});
