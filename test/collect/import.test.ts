import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { importRecordings, type ImportProgress } from '../../src/collect/import.js';
import type { ImportOptions } from '../../src/collect/import-plan.js';
import { checkRecords } from '../../src/trace/record-check.js';
import { TraceError } from '../../src/trace/trace-error.js';
import { writePlainSeries, ZERO_HASH, type PlainSnapshot } from './plain-recordings.js';
import { eachRecord, type PlainRecord } from './plain-records.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';

function optionsOf(files: string[], more: Partial<ImportOptions> = {}): ImportOptions {
  return {
    files,
    images: new Map(),
    domids: new Map(),
    groups: new Map(),
    offsetsMicros: new Map(),
    hostName: 'h',
    hypervisor: '',
    hostMemoryFrames: null,
    ...more,
  };
}

/** All records of an import, each checked for its structure as a reader would. */
async function importAll(options: ImportOptions): Promise<{ records: PlainRecord[]; progress: ImportProgress }> {
  const records: PlainRecord[] = [];
  let time = 0;
  let count = 0;
  const progress = await importRecordings(options, (buffer) => {
    expect(checkRecords(buffer.words, 0, buffer.wordCount)).toBe(buffer.recordCount);
    count += buffer.recordCount;
    time = eachRecord(buffer.words, 0, buffer.wordCount, time, (record) => records.push(record));
  });
  expect(progress.records).toBe(count);
  expect(progress.bytesRead).toBe(progress.bytesTotal);
  return { records, progress };
}

async function problemOf(options: ImportOptions): Promise<string> {
  const error = await importAll(options).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TraceError);
  return (error as TraceError).message;
}

const GUEST = 't_rel_s,op,sector,nsectors,hashes\n';
const HOST = 't_s,domid,sector,nsectors,hashes\n';
const H = '0af39f7166245632';
const HASH = BigInt(`0x${H}`);
const series = (pages: number, ...snapshots: [timeMillis: number, ...changes: [number, bigint][]][]): Buffer =>
  writePlainSeries({
    pages,
    snapshots: snapshots.map(([timeMillis, ...changes], index) => ({ index, timeMillis, changes })),
  });

describe('an import', () => {
  test('of one guest declares host, domain and image when they are first needed', async () => {
    const directory = temporaryDirectory();
    const a = writeInto(directory, 'web1.pghd', series(3, [100, [1, 7n]], [200, [0, 7n], [2, ZERO_HASH]]));
    const b = writeInto(directory, 'web1.blk.csv', `${GUEST}0.05,R,8,16,${H} -\n0.1,W,15,2,\n0.2,R,17,1,\n`);
    const images = new Map([['web1', 'debian12']]);
    const { records, progress } = await importAll(optionsOf([a, b], { images, groups: new Map([['web1', 'g']]) }));
    const domid = 1;
    const block = { domid, image: 1 };
    const fill = { kind: 'fill', domid };
    expect(records).toMatchObject([
      { kind: 'host', time: 50_000, name: 'h', hypervisor: '', frames: 3 },
      { kind: 'domain', time: 50_000, domid, name: 'web1', group: 'g', frames: 3 },
      { kind: 'image', time: 50_000, id: 1, name: 'debian12', readOnly: true },
      { kind: 'read', time: 50_000, ...block, block: 1, hash: HASH, aligned: true },
      { kind: 'read', time: 50_000, ...block, block: 2, hash: null, aligned: true },
      { kind: 'write', time: 100_000, ...block, block: 1, count: 2 },
      { ...fill, time: 100_000, gfn: 0, hash: ZERO_HASH, class: 1 },
      { ...fill, time: 100_000, gfn: 1, hash: ZERO_HASH, class: 1 },
      { ...fill, time: 100_000, gfn: 2, hash: ZERO_HASH, class: 1 },
      { ...fill, time: 100_000, gfn: 1, hash: 7n, class: 0 },
      { kind: 'read', time: 200_000, ...block, block: 2, hash: null, aligned: false },
      { ...fill, time: 200_000, gfn: 0, hash: 7n, class: 0 },
      { ...fill, time: 200_000, gfn: 2, hash: ZERO_HASH, class: 1 },
    ]);
    expect(progress).toMatchObject({ snapshots: 2, requests: 3, domains: 1, timeMicros: 200_000 });
  });

  test('of several guests: order at equal times, own and shared images, domids', async () => {
    const directory = temporaryDirectory();
    const files = [
      writeInto(directory, 'b.pghd', series(1, [0, [0, 1n]])),
      writeInto(directory, 'a.pghd', series(1, [0, [0, 2n]])),
      writeInto(directory, 'a.blk.csv', `${GUEST}0,R,0,8,${H}\n0.001,R,8,8,${H}\n`),
      writeInto(directory, 'b.blk.csv', `${GUEST}0,R,0,8,-\n0.001,R,8,8,${H}\n`),
      writeInto(directory, 'c.csv', `${GUEST}0,W,0,8,\n`),
    ];
    const { records } = await importAll(optionsOf(files, { domids: new Map([['a', 1]]), hostMemoryFrames: 99 }));
    const names = records.map((each) => {
      if (each.kind === 'domain') return `${each.name}=${each.domid}:${each.frames}`;
      if (each.kind === 'image') return `${each.id}=${each.name}:${each.readOnly}`;
      return each.kind === 'host' ? `host ${each.frames}` : `${each.kind}${'domid' in each ? each.domid : ''}`;
    });
    expect(names).toEqual([
      'host 99',
      ...['b=2:1', '1=b-disk:false', 'read2', 'a=1:1', '2=a-disk:false', 'read1', 'c=3:0', '3=c-disk:false', 'write3'],
      ...['fill2', 'fill2', 'fill1', 'fill1', 'read2', 'read1'],
    ]);
  });

  test('rows by domid go to their guests, unknown ones become domains', async () => {
    const directory = temporaryDirectory();
    const files = [
      writeInto(directory, 'web.pghd', series(2, [5000, [0, 1n]])),
      writeInto(directory, 'all.csv', `${HOST}1,7,0,8,${H}\n2,2,0,8,${H}\n3,7,8,8,${H}\n`),
    ];
    const images = new Map([
      ['web', 'disk'],
      ['dom7', 'disk'],
    ]);
    const { records } = await importAll(optionsOf(files, { domids: new Map([['web', 2]]), images }));
    expect(
      records.filter((each) => each.kind === 'domain').map((each) => [each.domid, each.name, each.frames]),
    ).toEqual([
      [7, 'dom7', 0],
      [2, 'web', 2],
    ]);
    expect(records.filter((each) => each.kind === 'image').map((each) => [each.id, each.readOnly])).toEqual([
      [1, true],
    ]);
    expect(records.filter((each) => each.kind === 'read').map((each) => each.domid)).toEqual([7, 2, 7]);
    expect(await problemOf(optionsOf(files))).toBe(
      `${files[1] ?? ''}: its rows name domains by domid; say which one is web, e.g. --domid web=2`,
    );
  });

  test('an offset moves the times of one file; a late row keeps its place and its time', async () => {
    const directory = temporaryDirectory();
    const a = writeInto(directory, 'a.blk.csv', `${GUEST}3,R,0,8,-\n1,R,8,8,-\n4,R,16,8,-\n`);
    const b = writeInto(directory, 'b.blk.csv', `${GUEST}0,R,0,8,-\n0.5,R,8,8,-\n`);
    const { records } = await importAll(optionsOf([a, b], { offsetsMicros: new Map([[b, 3_250_000]]) }));
    const reads = records.filter((each) => each.kind === 'read');
    expect(reads.map((each) => [each.domid, each.time])).toEqual([
      [1, 3_000_000],
      [1, 1_000_000],
      [2, 3_250_000],
      [2, 3_750_000],
      [1, 4_000_000],
    ]);
    expect(await problemOf(optionsOf([a], { offsetsMicros: new Map([[a, -3_000_001]]) }))).toBe(
      `${a}: line 2: a time of 3 s and an offset of -3.000001 s lies before 0; give a larger --offset`,
    );
  });

  test.each<[string, Partial<ImportOptions>, string]>([
    [
      'an unknown guest',
      { images: new Map([['web', 'x']]) },
      '--image web: no guest of this name is imported (known: a, b)',
    ],
    [
      'an unknown domain',
      { groups: new Map([['dom7', 'x']]) },
      '--group dom7: no guest of this name is imported (known: a, b)',
    ],
    [
      'a domid given twice',
      {
        domids: new Map([
          ['a', 2],
          ['b', 2],
        ]),
      },
      '--domid b=2: a has this domid already',
    ],
  ])('options with %s are refused', async (_name, options, expected) => {
    const directory = temporaryDirectory();
    const files = ['a', 'b'].map((name) => writeInto(directory, `${name}.blk.csv`, GUEST));
    expect(await problemOf(optionsOf(files, options))).toBe(expected);
  });

  test('files that do not fit together are refused', async () => {
    const directory = temporaryDirectory();
    const one = writeInto(directory, 'a.pghd', series(1, [0]));
    const two = writeInto(directory, 'a.pghd.gz', series(1, [0]));
    const empty = writeInto(directory, 'e.pghd', '');
    const other = writeInto(directory, 'o.pghd', 'PK\u0003\u0004');
    expect(await problemOf(optionsOf([one, two]))).toBe(
      `${two}: guest a already has a page-hash series, ${one}: rename one file`,
    );
    expect(await problemOf(optionsOf([empty]))).toBe(`${empty}: is empty; a dump that failed leaves such a file`);
    expect(await problemOf(optionsOf([one, other]))).toMatch(/neither a page-hash series \(PGHD1\), a block trace/);
  });

  test('gives the same frames as the snapshots, in fewer records', async () => {
    // Few contents and many neighbours, so that runs, spans and their edges all occur.
    const hash = fc.oneof(fc.constant(ZERO_HASH), fc.bigInt(1n, 3n), fc.bigInt(0n, 2n ** 64n - 1n));
    const stretch = fc.array(fc.tuple(hash, fc.integer({ min: 1, max: 300 })), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(stretch, { minLength: 1, maxLength: 4 }), fc.nat(9), async (drawn, gap) => {
        const pages = 4000;
        const snapshots = drawn.map((stretches, index): PlainSnapshot => {
          const hashes = stretches.flatMap(([content, count]) => new Array<bigint>(count).fill(content));
          const changes = hashes.map((content, i): [number, bigint] => [i + Math.floor(i / (gap + 40)), content]);
          return { index, timeMillis: index, changes };
        });
        const path = writeInto(temporaryDirectory(), 'g.pghd', writePlainSeries({ pages, snapshots }));
        const { records, progress } = await importAll(optionsOf([path]));
        const fills = records.filter((each) => each.kind === 'fill');
        const expected = [
          ...Array.from({ length: pages }, (_, gfn) => [0, gfn, ZERO_HASH, 1]),
          ...snapshots.flatMap(({ timeMillis, changes }) => {
            return changes.map(([gfn, content]) => [timeMillis * 1000, gfn, content, content === ZERO_HASH ? 1 : 0]);
          }),
        ];
        expect(fills.map((each) => [each.time, each.gfn, each.hash, each.class])).toEqual(expected);
        expect(progress.records).toBeLessThanOrEqual(expected.length - pages + 3 + snapshots.length);
      }),
      { numRuns: 40 },
    );
  });
});
