import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputFile } from '../../src/collect/input-file.js';
import { PageHashSeries } from '../../src/collect/page-hash-series.js';
import { TraceError } from '../../src/trace/trace-error.js';
import {
  readPlainSeries,
  recordingsDirectory,
  WITHOUT_RECORDINGS,
  writePlainSeries,
  type PlainSeries,
} from './plain-recordings.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';

async function readSeries(path: string): Promise<PlainSeries> {
  const file = await InputFile.open(path);
  try {
    const series = await PageHashSeries.open(file);
    const result: PlainSeries = { pages: series.pages, snapshots: [] };
    while (await series.next()) {
      const changes: [number, bigint][] = [...series.gfns].map((gfn, i) => {
        return [gfn, (BigInt(series.hashes[2 * i + 1]) << 32n) | BigInt(series.hashes[2 * i])];
      });
      result.snapshots.push({ index: series.index, timeMillis: series.timeMicros / 1000, changes });
    }
    expect(series.snapshotCount).toBe(result.snapshots.length);
    return result;
  } finally {
    await file.close();
  }
}

/** The one line that reading gives. */
async function problemOf(path: string): Promise<string> {
  const error = await readSeries(path).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TraceError);
  const { message } = error as TraceError;
  expect(message).toContain(path);
  expect(message).not.toContain('\n');
  return message.slice(path.length);
}

const SMALL: PlainSeries = {
  pages: 10,
  snapshots: [
    { index: 3, timeMillis: 100, changes: [[0, 1n], [9, 2n ** 64n - 1n]] }, // prettier-ignore
    { index: 4, timeMillis: 100, changes: [] },
    { index: 6, timeMillis: 4_000_000_000, changes: [[5, 0xac869b6f32d8bbdbn]] },
  ],
};

const series = fc
  .record({
    pages: fc.integer({ min: 1, max: 50_000 }),
    snapshots: fc.array(fc.array(fc.tuple(fc.nat(), fc.bigInt(0n, 2n ** 64n - 1n)), { maxLength: 60 }), {
      maxLength: 8,
    }),
  })
  .map(({ pages, snapshots }): PlainSeries => {
    return {
      pages,
      snapshots: snapshots.map((changes, i) => ({
        index: i,
        timeMillis: i * 7,
        changes: [...new Map(changes.map(([gfn, hash]) => [gfn % pages, hash]))].sort(([a], [b]) => a - b),
      })),
    };
  });

describe('a page-hash series', () => {
  test('is read as it was written, plain and gzip alike, whatever its name', async () => {
    const directory = temporaryDirectory();
    await fc.assert(
      fc.asyncProperty(series, fc.boolean(), async (written, packed) => {
        const bytes = writePlainSeries(written);
        expect(await readSeries(writeInto(directory, 'g', packed ? gzipSync(bytes) : bytes))).toEqual(written);
      }),
    );
  });

  test('cut anywhere gives one line with the offset, never a snapshot too few', async () => {
    const directory = temporaryDirectory();
    const bytes = writePlainSeries(SMALL);
    for (let length = 1; length < bytes.length; length++) {
      const problem = await problemOf(writeInto(directory, 'cut.pghd', bytes.subarray(0, length)));
      if (length >= 24) expect(problem).toBe(`: offset ${length}: ${problem.split(': ')[2]}`);
    }
    const packed = gzipSync(bytes);
    for (const length of [3, 12, packed.length - 9, packed.length - 1]) {
      const problem = await problemOf(writeInto(directory, 'cut.pghd.gz', packed.subarray(0, length)));
      expect(problem).toMatch(/the gzip data ends too early/);
    }
  });

  test.each([
    ['another magic', (b: Buffer) => b.write('PGHD2'), /: offset 0: not a page-hash series/],
    ['no pages', (b: Buffer) => b.writeUInt32LE(0, 8), /: offset 8: 0 pages/],
    ['too many pages', (b: Buffer) => b.writeUInt32LE(2 ** 31, 8), /: offset 8: 2147483648 pages/],
    ['another page size', (b: Buffer) => b.writeUInt32LE(16384, 12), /: offset 12: page size 16384/],
    ['fewer snapshots announced', (b: Buffer) => b.writeUInt32LE(2, 16), /: offset 80: more data/],
    [
      'more snapshots announced',
      (b: Buffer) => b.writeUInt32LE(2 ** 32 - 1, 16),
      /: offset 108: .*snapshot 4 of 4294967295/,
    ],
    [
      'more changes than pages',
      (b: Buffer) => b.writeUInt32LE(11, 32),
      /: offset 32: damaged: 11 changes in a guest of 10/,
    ],
    ['a pfn out of range', (b: Buffer) => b.writeUInt32LE(10, 44), /: offset 44: damaged: pfn 10 of 10 pages/],
    ['pfns not ascending', (b: Buffer) => b.writeUInt32LE(0, 44), /: offset 44: damaged: pfn 0 after 0/],
    ['time going back', (b: Buffer) => b.writeUInt32LE(99, 68), /: offset 68: damaged: a snapshot older/],
    ['a reserved field', (b: Buffer) => b.writeUInt32LE(1, 36), /: offset 36: damaged/],
  ])('with %s is refused by place', async (_name, damage, expected) => {
    const bytes = writePlainSeries(SMALL);
    damage(bytes);
    const directory = temporaryDirectory();
    expect(await problemOf(writeInto(directory, 'x.pghd', bytes))).toMatch(expected);
  });

  test('of random damage is either read or refused with one line', async () => {
    const directory = temporaryDirectory();
    const bytes = writePlainSeries(SMALL);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1 }), async (changes) => {
        const damaged = Buffer.from(bytes);
        for (const [at, value] of changes) damaged[at] = value;
        const path = writeInto(directory, 'r.pghd', damaged);
        const error = await readSeries(path).catch((reason: unknown) => reason);
        if (error instanceof Error) expect(error).toBeInstanceOf(TraceError);
      }),
    );
  });

  test('that is missing, a directory or unreadable is named', async () => {
    const directory = temporaryDirectory();
    expect(await problemOf(`${directory}/none.pghd`)).toBe(': does not exist');
    expect(await problemOf(directory)).toBe(': is a directory; name the files in it');
  });

  const recordings = recordingsDirectory();
  test('of a real guest is read as the plain reader reads it', async ({ skip }) => {
    skip(recordings === null, WITHOUT_RECORDINGS);
    const path = `${recordings ?? ''}/kvm/idle1.pghd.gz`;
    expect(await readSeries(path)).toEqual(readPlainSeries(path));
  });
});
