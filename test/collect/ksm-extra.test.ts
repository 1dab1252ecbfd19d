import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readKsmExtra } from '../../src/collect/ksm-extra.js';

const folder = mkdtempSync(path.join(tmpdir(), 'sharetop-extra-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of this text, read. */
function read(text: string): ReturnType<typeof readKsmExtra> {
  const file = path.join(folder, 'extra.json');
  writeFileSync(file, text);
  return readKsmExtra(file);
}

const ZERO = { low: 0x32d8bbdb, high: 0xac869b6f };

describe('a list of extra frames', () => {
  it('gives the frames of each guest in order; zeros of 512-page blocks are left out', () => {
    const block = (pages: number, zero_present: number, ...nonzero_hashes: string[]): object => {
      return { pages, present: nonzero_hashes.length + zero_present, nonzero_hashes, zero_present };
    };
    const guests = {
      a: [block(1, 0, '2d9af608fcedd5a4'), block(16, 15, '344b4cd10ec2382c'), block(512, 511, '0000000000000001')],
      b: [block(32, 0), block(64, 2)],
    };
    const runs = read(JSON.stringify(guests));
    expect(runs.get('a')).toEqual([
      { low: 0xfcedd5a4, high: 0x2d9af608, count: 1 },
      { low: 0x0ec2382c, high: 0x344b4cd1, count: 1 },
      { ...ZERO, count: 15 },
      { low: 1, high: 0, count: 1 },
    ]);
    expect(runs.get('b')).toEqual([{ ...ZERO, count: 2 }]);
  });

  it.each([
    ['{', 'is no JSON'],
    ['[]', 'not an object of guests'],
    ['{"a":{}}', 'guest a: is not a list of blocks'],
    ['{"a\\u001b[1m":1}', 'is not a list of blocks'],
    ['{"a":[5]}', 'guest a, block 1: is not an object'],
    ['{"a":[{"pages":-1,"nonzero_hashes":[],"zero_present":0}]}', 'needs "pages" and "zero_present"'],
    ['{"a":[{"pages":1,"nonzero_hashes":["xyz"],"zero_present":0}]}', 'needs "nonzero_hashes"'],
    ['{"a":[{"pages":4,"nonzero_hashes":[],"zero_present":5}]}', '0 hashes and 5 zero pages are more than 4 pages'],
    ['{"a":[{"pages":70000,"nonzero_hashes":[],"zero_present":70000}]}', 'more than 65536 frames'],
  ])('that is none is refused by name: %s', (text, problem) => {
    let message = '';
    try {
      read(text);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain('extra.json');
    expect(message).toContain(problem);

    expect(message).not.toMatch(/[\u0000-\u001f]/);
  });

  it('that is not there is refused by name', () => {
    expect(() => readKsmExtra(path.join(folder, 'none.json'))).toThrow(/none\.json/);
    expect(() => readKsmExtra(folder)).toThrow(/is a directory/);
  });
});
