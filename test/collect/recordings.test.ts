/**
 * The traces in fixtures/ against the recordings they were made from and against the brute force that came with those
 * (truth.json). What needs the recordings is skipped where they are not: they are not part of the repository.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { SegmentDecoder } from '../../src/trace/segment-decoder.js';
import { PlainCount, type PlainFigures } from './plain-count.js';
import {
  plainMicros,
  readPlainRequests,
  readPlainSeries,
  recordingsDirectory,
  WITHOUT_RECORDINGS,
  ZERO_HASH,
} from './plain-recordings.js';
import { eachRecord, type PlainRecord } from './plain-records.js';

const recordings = recordingsDirectory();

function recordsOf(trace: string): PlainRecord[] {
  const directory = fileURLToPath(new URL(`../../fixtures/traces/${trace}`, import.meta.url));
  const names = readdirSync(directory);
  expect(names).toEqual(['import.000001.pgt']);
  const decoder = new SegmentDecoder(names[0] ?? '');
  const records: PlainRecord[] = [];
  decoder.push(readFileSync(`${directory}/${names[0] ?? ''}`));
  for (let block = decoder.next(); block !== null; block = decoder.next()) {
    eachRecord(block.words, block.start, block.end, block.baseTimeMicros, (record) => records.push(record));
  }
  expect([decoder.damagedBlocks, decoder.tornTailBytes]).toEqual([0, 0]);
  return records;
}

/** Figures after the last fill of each instant, by time in µs. */
function figuresByTime(records: readonly PlainRecord[]): Map<number, PlainFigures> {
  const figures = new Map<number, PlainFigures>();
  const count = new PlainCount();
  let time = -1;
  for (const record of records) {
    if (record.time !== time && count.domains.size > 0) figures.set(time, count.figures);
    if (record.kind === 'fill') time = record.time;
    count.apply(record);
  }
  return figures.set(time, count.figures);
}

/** The reads and writes that a block trace means, one line each: by domid in file order. */
function requestLines(path: string, domid?: number): string[] {
  return readPlainRequests(path).flatMap((request) => {
    const head = `${plainMicros(request.time)} dom${domid ?? request.domid}`;
    const first = Math.floor(request.sector / 8);
    const end = Math.ceil((request.sector + request.sectors) / 8);
    if (request.op === 'W') return [`${head} write ${first}+${end - first}`];
    if (request.sector % 8 !== 0 || request.sectors % 8 !== 0) return [`${head} read ${first} unaligned`];
    return request.hashes.split(' ').map((hash, i) => `${head} read ${first + i} ${hash}`);
  });
}

function recordLines(records: readonly PlainRecord[]): string[] {
  return records.flatMap((record) => {
    if (record.kind !== 'read' && record.kind !== 'write') return [];
    const head = `${record.time} dom${record.domid} ${record.kind} ${record.block}`;
    if (record.kind === 'write') return [`${head}+${record.count}`];
    const hash = record.hash === null ? '-' : record.hash.toString(16).padStart(16, '0');
    return [record.aligned ? `${head} ${hash}` : `${head} unaligned`];
  });
}

interface Truth {
  total: number;
  zero: number;
  distinct: number;
  duplicated: number;
  potential: number;
}

describe('kvm-five', () => {
  let records: PlainRecord[] = [];
  const guests = ['web1', 'web2', 'build1', 'idle1', 'trix1'];

  beforeAll(() => {
    records = recordsOf('kvm-five');
  });

  test('declares five guests on two base images', () => {
    const domains = records.filter((record) => record.kind === 'domain');
    expect(domains.map(({ domid, name, group, frames }) => [domid, name, group, frames])).toEqual(
      guests.map((name, i) => [i + 1, name, 'default', 65536]),
    );
    const images = records.filter((record) => record.kind === 'image');
    expect(images.map(({ name, readOnly }) => [name, readOnly])).toEqual([
      ['debian12', true],
      ['debian13', true],
    ]);
  });

  // The counts of the recordings' own brute force at the last snapshot; frames = 5 × 65,536.
  test('ends with the figures of the recordings', () => {
    const figures = [...figuresByTime(records).values()].at(-1);
    expect(figures).toEqual({
      frames: 327_680,
      zero: 102_937,
      distinct: 151_618,
      duplicated: 27_591,
      potential: 73_125,
    });
    expect(records.filter((record) => record.kind === 'read' && record.aligned).length).toBe(97_576);
    expect(records.filter((record) => record.kind === 'read' && !record.aligned).length).toBe(10);
    expect(records.filter((record) => record.kind === 'read' && record.hash === ZERO_HASH).length).toBe(4 * 130 + 67);
  });

  test('agrees with the brute force at every snapshot', ({ skip }) => {
    skip(recordings === null, WITHOUT_RECORDINGS);
    const truth = JSON.parse(readFileSync(`${recordings ?? ''}/kvm/truth.json`, 'utf8')) as Record<string, number>[];
    const expected = truth.map((each): [number, Truth] => [
      Math.round(each['t_rel'] * 1e6),
      {
        total: each['total'],
        zero: each['zero'],
        distinct: each['distinct_nonzero'],
        duplicated: each['dup_contents'],
        potential: each['redundant_pages'],
      },
    ]);
    const found = [...figuresByTime(records)].map(([time, { frames: total, ...more }]) => [time, { total, ...more }]);
    expect(expected.length).toBe(57);
    expect(found).toEqual(expected);
  });

  test('holds every frame of every series, and every request', ({ skip }) => {
    skip(recordings === null, WITHOUT_RECORDINGS);
    const count = new PlainCount();
    for (const record of records) count.apply(record);
    for (const [i, guest] of guests.entries()) {
      const series = readPlainSeries(`${recordings ?? ''}/kvm/${guest}.pghd.gz`);
      const frames = new Map(Array.from({ length: series.pages }, (_, gfn) => [gfn, ZERO_HASH]));
      for (const { changes } of series.snapshots) for (const [gfn, hash] of changes) frames.set(gfn, hash);
      expect(count.domains.get(i + 1)).toEqual(frames);
      const own = records.filter((record) => 'domid' in record && record.domid === i + 1);
      expect(recordLines(own)).toEqual(requestLines(`${recordings ?? ''}/kvm/${guest}.blk.csv.gz`, i + 1));
    }
  });
});

describe('xen-four', () => {
  let records: PlainRecord[] = [];
  const guests = ['web1', 'web2', 'build1', 'idle1'];

  beforeAll(() => {
    records = recordsOf('xen-four');
  });

  test('declares four domains on one read-only disk', () => {
    const domains = records.filter((record) => record.kind === 'domain');
    expect(domains.map(({ domid, name, frames }) => [domid, name, frames]).sort()).toEqual(
      guests.map((name, i) => [i + 2, name, 24576]),
    );
    const images = records.filter((record) => record.kind === 'image');
    expect(images.map(({ name, readOnly }) => [name, readOnly])).toEqual([['disk', true]]);
    const reads = records.filter((record) => record.kind === 'read');
    expect([reads.filter((each) => each.aligned).length, reads.filter((each) => !each.aligned).length]).toEqual([
      31_885, 4,
    ]);
  });

  test('agrees with the brute force in both rounds', ({ skip }) => {
    skip(recordings === null, WITHOUT_RECORDINGS);
    const truth = JSON.parse(readFileSync(`${recordings ?? ''}/xen/truth.json`, 'utf8')) as Record<string, number>[];
    const found = [...figuresByTime(records).values()];
    expect(found).toEqual(
      truth.map((each) => ({
        frames: each['total'],
        zero: each['zero'],
        distinct: each['distinct_nonzero'],
        duplicated: each['dup_contents'],
        potential: each['redundant'],
      })),
    );
    expect(found.length).toBe(2);
  });

  test('holds every frame of every series, and every request in order', ({ skip }) => {
    skip(recordings === null, WITHOUT_RECORDINGS);
    const count = new PlainCount();
    for (const record of records) count.apply(record);
    for (const [i, guest] of guests.entries()) {
      const series = readPlainSeries(`${recordings ?? ''}/xen/${guest}.pghd.gz`);
      const frames = new Map(Array.from({ length: series.pages }, (_, gfn) => [gfn, ZERO_HASH]));
      for (const { changes } of series.snapshots) for (const [gfn, hash] of changes) frames.set(gfn, hash);
      expect(count.domains.get(i + 2)).toEqual(frames);
    }
    expect(recordLines(records)).toEqual(requestLines(`${recordings ?? ''}/xen/xen.blk.csv.gz`));
  });
});
