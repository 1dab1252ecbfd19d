import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordMerge, type RecordPull } from '../../src/trace/merge.js';
import { KIND, kindOf, type RecordBlock } from '../../src/trace/record.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';

/** Records of a stream as ⟨time, serial number⟩; a `lost` record carries the serial number as its count. */
type Item = readonly [time: number, serial: number];

/** Blocks of the given sizes; in one memory that each `next` overwrites, as a decoder does. */
function pullOf(items: readonly Item[], perBlock: number): RecordPull {
  let at = 0;
  let time = 0;
  const buffer = new RecordBuffer();
  return {
    next(): RecordBlock | null {
      buffer.words.fill(0xdeadbeef);
      buffer.clear();
      if (at >= items.length) return null;
      const baseTimeMicros = time;
      for (const [itemTime, serial] of items.slice(at, at + perBlock)) {
        if (itemTime !== time) buffer.time(itemTime);
        time = itemTime;
        buffer.lost(serial);
      }
      at += perBlock;
      return { baseTimeMicros, words: buffer.words, start: 0, end: buffer.wordCount, recordCount: buffer.recordCount };
    },
  };
}

/** What comes out: ⟨stream, time, serial⟩, the time followed as a consumer would. */
function mergeAll(streams: readonly RecordPull[], until?: number): [number, number, number][] {
  const merge = new RecordMerge(streams, until);
  const out: [number, number, number][] = [];
  for (let range = merge.next(); range !== null; range = merge.next()) {
    let time = range.baseTimeMicros;
    expect(range.end).toBeGreaterThan(range.start);
    for (let at = range.start; at < range.end; at += 4) {
      if (kindOf(range.words[at]) === KIND.time) {
        time = range.words[at + 1];
        // The base is the time of the first record, also if that is a time record.
        if (at === range.start) expect(range.baseTimeMicros).toBe(time);
      } else {
        out.push([range.streamIndex, time, range.words[at + 1]]);
      }
    }
  }
  expect(merge.next()).toBeNull();
  return out;
}

/** Serial numbers rise through all streams, so that no two records are alike. */
const streamsOf = (time: fc.Arbitrary<number>): fc.Arbitrary<Item[][]> =>
  fc
    .array(fc.array(time, { maxLength: 25 }), { maxLength: 5 })
    .map((streams) => streams.map((times, s) => times.map((t, i): Item => [t, 1 + s * 100 + i])));
const times = fc.nat(12);

describe('merged streams that go forward', () => {
  const sorted = streamsOf(times).map((streams) => streams.map((s) => [...s].sort((a, b) => a[0] - b[0])));

  it('are ordered by time, then stream, then place', () => {
    fc.assert(
      fc.property(sorted, fc.integer({ min: 1, max: 6 }), (streams, perBlock) => {
        // The second source is a stable sort.
        const expected = streams
          .flatMap((items, s) => items.map(([t, serial]): [number, number, number] => [s, t, serial]))
          .sort((a, b) => a[1] - b[1] || a[0] - b[0]);
        expect(mergeAll(streams.map((items) => pullOf(items, perBlock)))).toEqual(expected);
      }),
    );
  });
});

describe('merged streams that step back', () => {
  it('keep the order of each stream and lose nothing', () => {
    fc.assert(
      fc.property(streamsOf(times), fc.integer({ min: 1, max: 6 }), (streams, perBlock) => {
        const merged = mergeAll(streams.map((items) => pullOf(items, perBlock)));
        for (const [s, items] of streams.entries()) {
          expect(merged.filter(([stream]) => stream === s).map(([, t, serial]) => [t, serial])).toEqual(items);
        }
        expect(merged).toEqual(slowMerge(streams));
      }),
    );
  });

  it('are cut at a time by record, not by place', () => {
    fc.assert(
      fc.property(streamsOf(times), times, fc.integer({ min: 1, max: 6 }), (streams, until, perBlock) => {
        const merged = mergeAll(
          streams.map((items) => pullOf(items, perBlock)),
          until,
        );
        const kept = merged.map(([, , serial]) => serial).sort((a, b) => a - b);
        const expected = streams.flat().filter(([t]) => t <= until);
        expect(kept).toEqual(expected.map(([, serial]) => serial));
        expect(merged.every(([, t]) => t <= until)).toBe(true);
      }),
    );
  });
});

describe('ranges', () => {
  it('are as long as the order allows', () => {
    const items = (times: readonly number[], from: number): Item[] => times.map((t, i) => [t, from + i]);
    const merge = new RecordMerge([pullOf(items([1, 2, 3, 9], 1), 9), pullOf(items([3, 4, 8, 9, 10], 11), 9)]);
    const ranges: string[] = [];
    for (let range = merge.next(); range !== null; range = merge.next()) {
      ranges.push(`${range.streamIndex}: ${(range.end - range.start) / 8} from ${range.baseTimeMicros}`);
    }
    expect(ranges).toEqual(['0: 3 from 1', '1: 3 from 3', '0: 1 from 9', '1: 2 from 9']);
  });
});

describe('a single stream', () => {
  it('comes through as its blocks', () => {
    const merge = new RecordMerge([
      pullOf(
        [
          [1, 1],
          [5, 2],
          [3, 3],
          [4, 4],
        ],
        2,
      ),
    ]);
    expect(merge.next()).toMatchObject({ baseTimeMicros: 1, start: 0, end: 16 });
    expect(merge.next()).toMatchObject({ baseTimeMicros: 3, start: 0, end: 16 });
    expect(merge.next()).toBeNull();
  });
});

/** One record after another, always of the stream whose next record is earliest. */
function slowMerge(streams: readonly (readonly Item[])[]): [number, number, number][] {
  const places = streams.map(() => 0);
  const out: [number, number, number][] = [];
  for (;;) {
    let best = -1;
    for (const [s, items] of streams.entries()) {
      const item = items[places[s]];
      if (item === undefined) continue;
      if (best < 0 || item[0] < streams[best]?.[places[best]]?.[0]) best = s;
    }
    if (best < 0) return out;
    const [time, serial] = streams[best]?.[places[best]];
    out.push([best, time, serial]);
    places[best] = places[best] + 1;
  }
}
