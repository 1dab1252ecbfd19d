/** The tests' own decoder reads back what the tests' own records were written as: layout and buffer agree. */
import { expect, test } from 'vitest';
import { checkRecords } from '../../src/trace/record-check.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { encode, plainRecords, type TimedRecord } from './plain-records.js';
import { randomWorld } from './random-traces.js';

test('records of random worlds survive the slots', () => {
  const kinds = new Set<string>();
  for (let seed = 1; seed <= 50; seed++) {
    const buffer = new RecordBuffer();
    const written: TimedRecord[] = [];
    for (const timed of randomWorld(seed, { records: 200 }).records) {
      if (timed.record.kind !== 'time') {
        buffer.time(timed.time);
        written.push({ ...timed, record: { kind: 'time' } });
      }
      encode(buffer, timed);
      written.push(timed);
      kinds.add(timed.record.kind);
    }
    expect(checkRecords(buffer.words, 0, buffer.wordCount)).toBe(written.length);
    const read = [...plainRecords(0, 0, buffer.words, 0, buffer.wordCount)];
    expect(read).toEqual(written.map((timed) => ({ ...timed, stream: 0 })));
  }
  // Every kind of record comes up in the worlds.
  expect(kinds.size).toBe(22);
});
