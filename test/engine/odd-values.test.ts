import { describe, expect, test } from 'vitest';
import { auditEngine } from '../../src/engine/audit.js';
import { Engine } from '../../src/engine/engine.js';
import { DOMAIN_SLOTS_MAX } from '../../src/engine/layout.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';

function apply(fill: (buffer: RecordBuffer) => void): Engine {
  const engine = new Engine();
  const buffer = new RecordBuffer();
  fill(buffer);
  engine.apply(0, 0, buffer.words, 0, buffer.wordCount);
  engine.settle();
  return engine;
}

describe('hashes that are not uniform', () => {
  // A script may number its contents, or fill one half only. A quadratic index would not come back from this.
  const FILLS = 100_000;
  test.each([
    ['a counter in the low half', (i: number): [number, number] => [i + 1, 0]],
    ['a counter in the high half', (i: number): [number, number] => [0, i + 1]],
    ['multiples of 2^16', (i: number): [number, number] => [(i * 65536) >>> 0, i >>> 16]],
  ])('%s: every content is found again', (_, hashOf) => {
    const engine = apply((buffer) => {
      buffer.domain(1, 'a', 'a', '', '', FILLS * 2);
      for (let copy = 0; copy < 2; copy++) {
        for (let i = 0; i < FILLS; i++) buffer.fill(1, copy * FILLS + i, ...hashOf(i), 0);
      }
    });
    expect(engine.changes.knownFrames).toBe(2 * FILLS);
    expect(engine.changes.distinctContents).toBe(FILLS);
    expect(auditEngine(engine)).toEqual([]);
  });
});

describe('records of a hostile size', () => {
  test('a touch of every gfn reaches the frames there are, and no memory is taken for the others', () => {
    const engine = apply((buffer) => {
      buffer.domain(1, 'a', 'a', '', '', 0xffffffff);
      buffer.fill(1, 4_000_000_000, 5, 5, 0);
      buffer.touch(1, 0, 0xfffffffe);
    });
    expect(engine.frames.end).toBe(4096);
    expect(engine.gaps.damagedRecords).toBe(0);
  });

  test('more frames than the tables can hold are a damaged record, and the rest is read', () => {
    const engine = apply((buffer) => {
      buffer.domain(1, 'a', 'a', '', '', 0xffffffff);
      buffer.dirty(1, 0, 0xfffffffe);
      buffer.fill(1, 3, 5, 5, 0);
    });
    expect(engine.gaps.damagedRecords).toBe(1);
    expect(engine.changes.knownFrames).toBe(1);
  });

  test('more trust groups than fit a key: the record is refused, no domain lands in the group of another', () => {
    const engine = apply((buffer) => {
      for (let i = 0; i < 65_540; i++) {
        buffer.domain(1, 'd', 'd', `g${i}`, '', 1);
      }
    });
    // `default` and 65,535 others fit.
    expect(engine.gaps.unmodelled).toBe(5);
    expect(engine.domains.live().map(({ group }) => group)).toEqual(['g65534']);
  });

  test('more domains than there are slots are left out and counted', () => {
    const engine = apply((buffer) => {
      for (let i = 0; i < DOMAIN_SLOTS_MAX + 3; i++) buffer.domain(i, `d${i}`, 'd', '', '', 1);
    });
    expect(engine.gaps.unmodelled).toBe(3);
    expect(engine.reservedFrames).toBe(DOMAIN_SLOTS_MAX);
  });
});

test('who does not know a reservation leaves what is known: memory, group and name', () => {
  const engine = new Engine();
  const buffer = new RecordBuffer();
  const say = (stream: number, frames: number): void => {
    buffer.clear();
    if (frames > 0) buffer.domain(1, 'a', 'web', 'red', 'pv', frames);
    else buffer.domain(1, 'a', '', '', '', 0);
    if (frames > 0) buffer.fill(1, 9, 5, 5, 0);
    engine.apply(stream, 0, buffer.words, 0, buffer.wordCount);
    engine.settle();
  };
  say(1, 0);
  expect(engine.reservedFrames).toBe(0);
  say(0, 10);
  say(1, 0);
  expect(engine.reservedFrames).toBe(10);
  expect(engine.changes.knownFrames).toBe(1);
  expect(engine.gaps.damagedRecords).toBe(0);
  expect(auditEngine(engine)).toEqual([]);
  expect(engine.domains.byKey.get('a')).toMatchObject({ name: 'web', group: 'red', kind: 'pv' });
  // One after another in one stream it is the same: streams may be merged into one.
  const alone = apply((records) => {
    records.domain(1, 'a', '', '', '', 10);
    records.fill(1, 9, 5, 5, 0);
    records.domain(2, 'a', '', '', '', 0);
    records.fill(2, 8, 5, 5, 0);
  });
  expect([alone.reservedFrames, alone.changes.knownFrames]).toEqual([10, 2]);
});

test('contents that come and go while the clock stands still leave no growing list behind', () => {
  const engine = new Engine();
  const buffer = new RecordBuffer();
  buffer.domain(1, 'a', 'a', '', '', 64);
  for (let round = 0; round < 40; round++) {
    for (let i = 0; i < 10_000; i++) buffer.fill(1, i % 64, round * 10_000 + i + 1, 7, 0);
    engine.apply(0, 0, buffer.words, 0, buffer.wordCount);
    engine.settle();
    buffer.clear();
  }
  expect(engine.contents.size).toBe(64);
  expect(engine.marks.touched.count).toBeLessThan(100_000);
});

test('history begins with the first record that is no declaration', () => {
  const engine = apply((buffer) => {
    buffer.domain(1, 'a', 'a', '', '', 4);
    buffer.time(1_700_000_000_000_000);
    buffer.fill(1, 0, 5, 5, 0);
    buffer.time(1_700_000_002_000_000);
    buffer.fill(1, 1, 5, 5, 0);
  });
  expect(engine.sinceMicros).toBe(1_700_000_000_000_000);
});

test('the base time of a block that begins with a time is the time of no record', () => {
  const engine = new Engine();
  const records = new RecordBuffer();
  records.time(5_000_000);
  records.domain(1, 'a', 'a', '', '', 4);
  records.fill(1, 0, 5, 5, 0);
  // As a spoiled header of a block says; `report`, which merges streams, never looks at it either.
  engine.apply(0, 2 ** 44, records.words, 0, records.wordCount);
  expect(engine.timeMicros).toBe(5_000_000);
  expect(engine.gaps.late).toBe(0);
});
