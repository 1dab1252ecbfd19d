import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Monitor } from '../../src/monitor/monitor.js';
import { reportFigures } from '../../src/monitor/report-figures.js';
import type { RangeTaker } from '../../src/source/record-source.js';
import { ThinnedScans } from '../../src/source/thinned-scans.js';
import { openTrace } from '../../src/source/trace-files.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { plainRecords, type TimedRecord } from '../model/plain-records.js';

const UNLIMITED = { names: ['dlps', 'oracle'] as const, dlps: { region: 'unlimited', victim: 'sharers' } as const };

/** What comes out of thinned scans, as plain records without the clock. */
function thinned(every: number, write: (buffer: RecordBuffer) => void): TimedRecord[] {
  const records: TimedRecord[] = [];
  const scans = new ThinnedScans(every, (stream, { baseTimeMicros, words, start, end }) => {
    records.push(...plainRecords(stream, baseTimeMicros, words, start, end));
    return true;
  });
  const buffer = new RecordBuffer();
  write(buffer);
  scans.take(0, { baseTimeMicros: 0, words: buffer.words, start: 0, end: buffer.wordCount });
  scans.finish();
  return records.filter(({ record }) => record.kind !== 'time');
}

/** What four scans leave in two frames when room is given as `hasRoom` says, and how many fills were left out. */
function memoryOf(every: number, hasRoom: (bytes: number) => boolean): { frames: Map<number, bigint>; left: number } {
  const frames = new Map<number, bigint>();
  let left = 0;
  const take: RangeTaker = (stream, { baseTimeMicros, words, start, end }) => {
    for (const [, gfn, hash] of fills([...plainRecords(stream, baseTimeMicros, words, start, end)])) {
      frames.set(gfn, hash);
    }
    return true;
  };
  const scans = new ThinnedScans(every, take, { hasRoom, countUnmodelled: () => left++ });
  const buffer = new RecordBuffer();
  buffer.domain(1, 'a', '', '', '', 10);
  for (const [time, gfn, content] of [
    [1, 0, 10],
    [2, 0, 20],
    [3, 0, 30],
    [4, 1, 40],
  ]) {
    buffer.time(time);
    buffer.fill(1, gfn, content, 0, 0);
  }
  scans.take(0, { baseTimeMicros: 0, words: buffer.words, start: 0, end: buffer.wordCount });
  scans.finish();
  return { frames, left };
}

/** Time, gfn and hash of the fills, in the order in which they came; spans and runs taken apart. */
function fills(records: readonly TimedRecord[]): [time: number, gfn: number, hash: bigint][] {
  return records.flatMap(({ time, record }): [number, number, bigint][] => {
    if (record.kind === 'fill') return [[time, record.gfn, record.hash]];
    if (record.kind === 'fillSpan') return record.hashes.map((hash, i) => [time, record.gfn + i, hash]);
    return [];
  });
}

describe('thinned scans', () => {
  test('keep the first and every second one; what the other saw last comes with the next', () => {
    const records = thinned(2, (buffer) => {
      buffer.domain(1, 'a', '', '', '', 10);
      const scan = (time: number, ...contents: [gfn: number, content: number][]): void => {
        buffer.time(time);
        for (const [gfn, content] of contents) buffer.fill(1, gfn, content, 0, 0);
      };
      scan(1, [0, 10], [1, 11]);
      scan(2, [0, 20], [2, 22]);
      scan(3, [2, 32]);
      scan(4, [1, 41]);
    });
    expect(fills(records)).toEqual([
      [1, 0, 10n],
      [1, 1, 11n],
      // Frame 2 never held 22 for who scans every second time; the last scan comes at the end.
      [3, 0, 20n],
      [3, 2, 32n],
      [4, 1, 41n],
    ]);
  });

  test('pass what there is no room to hold, counted, and end in the same state', () => {
    const unlimited = memoryOf(2, () => true);
    const full = memoryOf(2, (_bytes) => false);
    expect(full.frames).toEqual(unlimited.frames);
    // The last scan of `gfn 1` passed when it was seen; with room it waits for the end.
    expect([unlimited.left, full.left]).toEqual([0, 4]);
    // Room for a while: what is held then still comes, and nothing older comes after what passed.
    let asked = 0;
    const partly = memoryOf(2, () => asked++ < 1);
    expect(partly.frames).toEqual(unlimited.frames);
  });

  test('count the scans of each domain for itself, and leave reads where they are', () => {
    const records = thinned(2, (buffer) => {
      for (const domid of [1, 2]) buffer.domain(domid, `d${domid}`, '', '', '', 10);
      buffer.time(5);
      buffer.fill(1, 0, 1, 0, 0);
      buffer.time(6);
      buffer.fill(2, 0, 2, 0, 0);
      buffer.fill(1, 0, 3, 0, 0);
      buffer.blockRead(1, 1, 7, 3, 0, 0xffffffff, 3);
      buffer.time(9);
    });
    expect(records.map(({ time, record }) => [time, record.kind])).toEqual([
      [0, 'domain'],
      [0, 'domain'],
      [5, 'fill'],
      [6, 'blockRead'],
      [6, 'fill'],
      [9, 'fill'],
    ]);
  });

  test('forget what a frame held that was written, freed, read into, or is not there any more', () => {
    const records = thinned(100, (buffer) => {
      buffer.domain(1, 'a', '', '', '', 10);
      buffer.time(1);
      buffer.fill(1, 9, 1, 0, 0);
      buffer.time(2);
      for (let gfn = 0; gfn < 6; gfn++) buffer.fill(1, gfn, 50 + gfn, 0, 0);
      buffer.time(3);
      buffer.dirty(1, 0, 1);
      buffer.free(1, 1, 1);
      buffer.blockRead(1, 1, 7, 3, 0, 2, 3);
      buffer.domain(1, 'a', '', '', '', 5);
    });
    expect(fills(records)).toEqual([
      [1, 9, 1n],
      [3, 3, 53n],
      [3, 4, 54n],
    ]);
  });

  test('let a keyframe pass whole: it is all that the domain holds', () => {
    const records = thinned(100, (buffer) => {
      buffer.domain(1, 'a', '', '', '', 10);
      buffer.time(1);
      buffer.fill(1, 0, 1, 0, 0);
      buffer.time(2);
      buffer.fill(1, 1, 2, 0, 0);
      buffer.time(3);
      buffer.keyframeBegin(1);
      buffer.fill(1, 0, 3, 0, 0);
      buffer.keyframeEnd(1);
    });
    expect(records.map(({ record }) => record.kind)).toEqual([
      'domain',
      'fill',
      'keyframeBegin',
      'fill',
      'keyframeEnd',
    ]);
    expect(fills(records).at(-1)).toEqual([3, 0, 3n]);
  });

  test('stop where the reader refuses', () => {
    let calls = 0;
    const scans = new ThinnedScans(2, () => {
      calls++;
      return false;
    });
    const buffer = new RecordBuffer();
    buffer.domain(1, 'a', '', '', '', 10);
    for (let time = 1; time < 9; time++) {
      buffer.time(time);
      buffer.fill(1, 0, time, 0, 0);
    }
    expect(scans.take(0, { baseTimeMicros: 0, words: buffer.words, start: 0, end: buffer.wordCount })).toBe(false);
    scans.finish();
    expect(calls).toBe(1);
  });
});

/** All figures of a fixture, every k-th scan of it. */
function figures(trace: string, every: number | null) {
  const monitor = new Monitor({ ...UNLIMITED, times: true });
  const source = openTrace(fileURLToPath(new URL(`../../fixtures/traces/${trace}`, import.meta.url)));
  const apply: RangeTaker = (stream, range) => {
    monitor.apply(stream, range);
    return true;
  };
  const scans = new ThinnedScans(every ?? 1, apply);
  while (source.pull(every === null ? apply : scans.take));
  scans.finish();
  monitor.settle(Number.POSITIVE_INFINITY);
  monitor.times?.finish();
  return reportFigures(monitor);
}

describe.each(['kvm-five', 'xen-four'])('every k-th scan of %s', (trace) => {
  test('is the trace itself for 1, and ends with the same memory for 2 and 4', () => {
    const whole = figures(trace, null);
    expect(figures(trace, 1)).toEqual(whole);
    for (const every of [2, 4]) {
      const { host, pairs, domains, times } = figures(trace, every);
      expect({ host, pairs }).toEqual({ host: whole.host, pairs: whole.pairs });
      const counts = (of: typeof domains) => of.map((each) => ({ ...each, scannedMicros: 0 }));
      expect(counts(domains)).toEqual(counts(whole.domains));
      // Scans further apart: on kvm-five about 5 s become about 10 s and 20 s.
      if (trace === 'kvm-five') {
        const gap = (times.spans?.scanGap.medianSeconds ?? 0) / (whole.times.spans?.scanGap.medianSeconds ?? 1);
        expect(gap / every).toBeGreaterThan(0.8);
        expect(gap / every).toBeLessThan(1.25);
      }
    }
  });
});
