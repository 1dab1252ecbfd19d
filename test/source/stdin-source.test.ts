/** The pipe as a source: nothing is taken from it that nobody asked for, and nothing that comes through it is lost. */
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { StdinSource, type StdinOptions } from '../../src/source/stdin-source.js';
import { KIND, kindOf, slotsOf } from '../../src/trace/record.js';
import { bufferOf, segmentOf, type Append } from '../trace/record-streams.js';
import { range } from './live-reader.js';

const touchLine = (gfn: number, t = 0): string => `{"t":${t},"record":"touch","domid":1,"gfn":${gfn},"count":1}\n`;

/** A producer that makes a chunk whenever it is asked, and counts what it has made. */
class Producer {
  bytesMade = 0;
  readonly input: Readable;

  constructor(chunks: Iterator<Uint8Array>, highWaterMark = 64 * 1024) {
    this.input = new Readable({
      highWaterMark,
      read: () => {
        const { value, done } = chunks.next();
        if (done !== true) this.bytesMade += value.length;
        this.input.push(done === true ? null : value);
      },
    });
  }
}

/** Takes the gfns touched, in order. */
class Reader {
  readonly gfns: number[] = [];
  readonly source: StdinSource;

  constructor(input: Readable, options: Partial<StdinOptions> = {}) {
    this.source = new StdinSource(input, { now: () => 0, ...options });
  }

  /** @returns what `pull` returned */
  pull(ranges = Infinity): boolean {
    let left = ranges;
    return this.source.pull((_stream, { words, start, end }) => {
      for (let at = start; at < end; at += slotsOf(words[at]) * 4) {
        if (kindOf(words[at]) === KIND.touch) this.gfns.push(words[at + 1]);
      }
      return --left > 0;
    });
  }

  async toEnd(): Promise<number[]> {
    for (;;) {
      while (this.pull());
      if (this.source.ended) return this.gfns;
      await this.source.wait();
    }
  }
}

function* endless(chunk: Uint8Array): Generator<Uint8Array> {
  for (;;) yield chunk;
}

function binary(gfns: readonly number[]): Uint8Array {
  return segmentOf(
    gfns.map(
      (gfn): Append =>
        (b) =>
          b.touch(1, gfn, 1),
    ),
  );
}

describe('back pressure', () => {
  const chunk = new TextEncoder().encode(touchLine(5).repeat(1000));

  test('a producer without end is asked for no more than is read ahead, while nobody pulls', async () => {
    const producer = new Producer(endless(chunk));
    const reader = new Reader(producer.input);
    for (let i = 0; i < 50; i++) await turn();
    expect(producer.bytesMade).toBeGreaterThan(0);
    expect(producer.bytesMade).toBeLessThanOrEqual(64 * 1024 + chunk.length);
    expect(reader.source.backlogBytes).toBe(producer.bytesMade);
  });

  test('and for no more than was pulled and is read ahead, while somebody does', async () => {
    const producer = new Producer(endless(chunk));
    const reader = new Reader(producer.input);
    for (let i = 0; i < 200; i++) {
      reader.pull(1);
      await turn();
      const taken = reader.gfns.length * touchLine(5).length;
      // What the decoder holds, and what is read ahead.
      expect(producer.bytesMade - taken).toBeLessThanOrEqual(4 * (64 * 1024 + chunk.length));
    }
    expect(reader.gfns.length).toBeGreaterThan(10_000);
  });

  test('close ends the producer', async () => {
    const producer = new Producer(endless(chunk));
    const reader = new Reader(producer.input);
    reader.pull(1);
    reader.source.close();
    await turn();
    const made = producer.bytesMade;
    for (let i = 0; i < 10; i++) await turn();
    expect([producer.bytesMade, producer.input.destroyed, reader.pull()]).toEqual([made, true, false]);
  });
});

describe('everything that comes is given, in order', () => {
  const gfns = range(0, 5000);
  const forms: [string, Uint8Array][] = [
    ['binary', binary(gfns)],
    ['ndjson', new TextEncoder().encode(gfns.map((gfn) => touchLine(gfn)).join(''))],
  ];
  for (const [form, bytes] of forms) {
    test.each([1, 7, 100, 64 * 1024, 1 << 20])(`${form} in chunks of %i bytes`, async (size) => {
      // By single bytes only the start, which is where the form is found.
      const upTo = size === 1 ? Math.min(bytes.length, 20_000) : bytes.length;
      const chunks = range(0, Math.ceil(upTo / size)).map((i) => bytes.slice(i * size, (i + 1) * size));
      if (upTo < bytes.length) chunks.push(bytes.slice(chunks.length));
      const reader = new Reader(new Producer(chunks[Symbol.iterator]()).input);
      expect(await reader.toEnd()).toEqual(gfns);
      expect([reader.source.form, reader.source.damagedBlocks, reader.source.gaps]).toEqual([form, 0, 0]);
    });
  }

  test('also while it comes slowly', async () => {
    const input = new Readable({ read: () => undefined });
    const reader = new Reader(input);
    let wakes = 0;
    reader.source.start(() => wakes++);
    const line = touchLine(3);
    for (const [part, seen] of [
      [line.slice(0, 9), 0],
      [line.slice(9) + line.slice(0, 20), 1],
      [line.slice(20), 2],
    ] as const) {
      const before = wakes;
      input.push(part);
      await turn();
      expect(wakes).toBeGreaterThan(before);
      expect(reader.pull()).toBe(false);
      expect(reader.gfns.length).toBe(seen);
      expect(reader.source.ended).toBe(false);
    }
    input.push(null);
    for (let i = 0; i < 5 && !reader.source.ended; i++) {
      await turn();
      reader.pull();
    }
    expect(reader.source.ended).toBe(true);
  });
});

describe('the time to stop at', () => {
  const lines = [10, 20, 20, 30, 15].map((t, i) => touchLine(i, t)).join('');

  test.each([
    [9, []],
    [10, [0]],
    [29, [0, 1, 2]],
    [30, [0, 1, 2, 3, 4]],
  ])('%i µs', async (untilMicros, gfns) => {
    const reader = new Reader(Readable.from([Buffer.from(lines)]), { untilMicros });
    expect(await reader.toEnd()).toEqual(gfns);
  });

  test('of binary blocks, of which one begins later', async () => {
    const early = bufferOf([(b) => b.time(5), (b) => b.touch(1, 1, 1)]);
    expect(early.recordCount).toBe(2);
    const bytes = segmentOf([(b) => b.time(5), (b) => b.touch(1, 1, 1), (b) => b.time(9), (b) => b.touch(1, 2, 1)], 1);
    const reader = new Reader(Readable.from([bytes]), { untilMicros: 8 });
    expect(await reader.toEnd()).toEqual([1]);
  });
});

describe('what is wrong', () => {
  const problem = async (input: Readable, options: Partial<StdinOptions> = {}): Promise<string> => {
    const reader = new Reader(input, options);
    return reader.toEnd().then(
      () => 'none',
      (error: unknown) => String(error),
    );
  };

  test('an input that fails', async () => {
    const input = new Readable({ read: () => undefined });
    input.push(touchLine(1));
    setImmediate(() => input.destroy(Object.assign(new Error('read EIO'), { code: 'EIO' })));
    expect(await problem(input)).toMatch(/^TraceError: stdin: offset \d+: input\/output error/);
  });

  test('no trace', async () => {
    expect(await problem(Readable.from([Buffer.from('hello\n')]))).toMatch(/^TraceError: stdin: is no trace/);
    // Told to be NDJSON it is damaged NDJSON.
    const reader = new Reader(Readable.from([Buffer.from(`hello\n${touchLine(4)}`)]), { form: 'ndjson' });
    expect(await reader.toEnd()).toEqual([4]);
    expect(reader.source.damage).toEqual([
      { source: 'stdin', place: 'line 1', problem: expect.stringContaining('JSON') as string },
    ]);
  });

  test('a torn tail is none', async () => {
    const reader = new Reader(Readable.from([Buffer.from(touchLine(4) + touchLine(5).slice(0, 20))]));
    expect(await reader.toEnd()).toEqual([4]);
    expect([reader.source.damagedBlocks, reader.source.gaps]).toEqual([0, 0]);
  });

  test('a segment torn in the middle of the input is a gap', async () => {
    const [first, second] = [binary([1, 2, 3]), binary([4, 5])];
    const reader = new Reader(Readable.from([first.slice(0, -7), second]));
    expect(await reader.toEnd()).toEqual([4, 5]);
    expect(reader.source.gaps).toBe(1);
    expect(reader.source.notices[0].text).toContain('ends inside a block');
    expect(reader.source.streamNames).toEqual(['stdin', 'stdin-2']);
  });
});
