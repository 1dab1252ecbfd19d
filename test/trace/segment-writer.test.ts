import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordBuffer } from '../../src/trace/record-buffer.js';
import { SegmentDecoder } from '../../src/trace/segment-decoder.js';
import { parseSegmentFileName, segmentFileName } from '../../src/trace/segment-name.js';
import { SegmentWriter } from '../../src/trace/segment-writer.js';
import { FrameModel, streamOps } from './frame-model.js';
import {
  allWords,
  blockOf,
  bufferOf,
  expectSameWords,
  MemorySink,
  readIn,
  wordsOf,
  type Append,
} from './record-streams.js';

/** Writes the operations, a few to an append, with segments as small as they get. */
function writeRotated(appends: readonly Append[], perAppend: number, rotateBytes = 200): MemorySink {
  const sink = new MemorySink();
  const writer = new SegmentWriter('test', sink, { rotateBytes });
  for (let i = 0; i < appends.length; i += perAppend) writer.append(bufferOf(appends.slice(i, i + perAppend)));
  writer.close();
  return sink;
}

describe('a rotated stream', () => {
  it('read in step gives exactly the original records once', () => {
    fc.assert(
      fc.property(streamOps, fc.integer({ min: 1, max: 8 }), (appends, perAppend) => {
        const sink = writeRotated(appends, perAppend);
        const words: number[] = [];
        for (const [i] of sink.files.entries()) {
          const decoder = new SegmentDecoder(`${i}`);
          decoder.skipOpening = true;
          words.push(...allWords(readIn(decoder, sink.bytes(i))));
          expect(decoder.damage).toEqual([]);
        }
        expectSameWords(words, wordsOf(bufferOf(appends)));
      }),
    );
  });

  it('gives the same frames, domains and time from any segment on as from the first', () => {
    let rotations = 0;
    fc.assert(
      fc.property(streamOps, fc.integer({ min: 1, max: 8 }), (appends, perAppend) => {
        const sink = writeRotated(appends, perAppend);
        rotations += sink.files.length - 1;
        const whole = new FrameModel();
        whole.apply(wordsOf(bufferOf(appends)));
        for (let from = 0; from < sink.files.length; from++) {
          const model = new FrameModel();
          for (let i = from; i < sink.files.length; i++) {
            const decoder = new SegmentDecoder(`${i}`);
            decoder.skipOpening = i > from;
            for (const block of readIn(decoder, sink.bytes(i))) model.apply(block.words, block.baseTimeMicros);
          }
          expect(model.picture()).toEqual(whole.picture());
        }
      }),
      { numRuns: 300 },
    );
    expect(rotations).toBeGreaterThan(300);
  });

  it('gives the same when a reader in step does not skip the openings', () => {
    fc.assert(
      fc.property(streamOps, (appends) => {
        const sink = writeRotated(appends, 5);
        const whole = new FrameModel();
        whole.apply(wordsOf(bufferOf(appends)));
        const model = new FrameModel();
        for (const [i] of sink.files.entries()) {
          for (const block of readIn(new SegmentDecoder(`${i}`), sink.bytes(i))) {
            model.apply(block.words, block.baseTimeMicros);
          }
        }
        expect(model.picture()).toEqual(whole.picture());
      }),
    );
  });
});

describe('the writer', () => {
  const fill =
    (gfn: number): Append =>
    (b) =>
      b.fill(1, gfn, gfn, 1, 0);

  it('names segments by number, opens, closes and writes whole blocks', () => {
    const sink = new MemorySink();
    const writer = new SegmentWriter('host', sink, { rotateBytes: 300, firstSegment: 41 });
    for (let gfn = 0; gfn < 60; gfn++) {
      writer.append(bufferOf([fill(gfn)]));
      writer.flush();
    }
    writer.close();
    expect(sink.files.slice(0, 2).map((file) => file.name)).toEqual(['host.000041.pgt', 'host.000042.pgt']);
    expect(sink.files.every((file) => file.closed)).toBe(true);
    expect(sink.files.flatMap((file) => file.pieces.slice(1)).every((piece) => piece.length >= 48)).toBe(true);
  });

  it('opens no file before there is a record', () => {
    const sink = new MemorySink();
    const writer = new SegmentWriter('host', sink);
    writer.flush();
    writer.close();
    expect(sink.files).toEqual([]);
  });

  it('rotates at 8 times the opening if that is more', () => {
    const sink = new MemorySink();
    const writer = new SegmentWriter('host', sink, { rotateBytes: 1000 });
    writer.append(bufferOf([(b) => b.domain(1, 'a', 'a', 'g', 'k', 100_000)]));
    for (let gfn = 0; gfn < 8000; gfn++) writer.append(bufferOf([fill(2 * gfn), fill(3 * gfn)]));
    writer.close();
    for (const [i] of sink.files.entries()) {
      if (i === 0 || i === sink.files.length - 1) continue;
      const opening = new SegmentDecoder('a');
      const all = allWords(readIn(opening, sink.bytes(i))).length;
      const later = new SegmentDecoder('a');
      later.skipOpening = true;
      const rest = allWords(readIn(later, sink.bytes(i))).length;
      expect(rest).toBeGreaterThan(6 * (all - rest));
    }
    expect(sink.files.length).toBeGreaterThan(3);
  });

  it('does not rotate inside a keyframe', () => {
    const sink = new MemorySink();
    const writer = new SegmentWriter('host', sink, { rotateBytes: 100 });
    writer.append(bufferOf([(b) => b.domain(1, 'a', 'a', 'g', 'k', 1000), (b) => b.keyframeBegin(1)]));
    for (let gfn = 0; gfn < 100; gfn++) writer.append(bufferOf([fill(gfn)]));
    expect(sink.files.length).toBeLessThanOrEqual(1);
    writer.append(bufferOf([(b) => b.keyframeEnd(1)]));
    writer.append(bufferOf([fill(0)]));
    writer.close();
    expect(sink.files.length).toBe(2);
  });

  it('lets the caller write the opening, in as many blocks as it takes, without changing the time', () => {
    const sink = new MemorySink();
    const writer = new SegmentWriter('host', sink, {
      rotateBytes: 100,
      opening: (buffer: RecordBuffer, drain: () => void) => {
        buffer.time(5);
        for (let i = 0; i < 20_000; i++) {
          buffer.fill(2, i, i, i, 0);
          if (i % 7000 === 0) drain();
        }
      },
    });
    writer.append(bufferOf([(b) => b.time(9), ...Array.from({ length: 10 }, (_, i) => fill(i))]));
    writer.append(bufferOf([fill(11)]));
    writer.close();
    expect(sink.files.length).toBe(2);
    const blocks = readIn(new SegmentDecoder('a'), sink.bytes(1));
    expect(blocks.reduce((sum, block) => sum + block.recordCount, 0)).toBe(20_002);
    expect(blocks.at(-1)?.baseTimeMicros).toBe(9);
    expectSameWords(blocks.at(-1)?.words ?? [], wordsOf(bufferOf([fill(11)])));
  });

  it('puts a time before a block that begins at another time', () => {
    const sink = new MemorySink();
    const writer = new SegmentWriter('host', sink);
    writer.appendBlock({ ...blockOf(bufferOf([fill(1)])), baseTimeMicros: 7 });
    writer.appendBlock({ ...blockOf(bufferOf([fill(2)])), baseTimeMicros: 7 });
    writer.appendBlock({ ...blockOf(bufferOf([(b) => b.time(8), fill(3)])), baseTimeMicros: 8 });
    writer.close();
    const expected = bufferOf([(b) => b.time(7), fill(1), fill(2), (b) => b.time(8), fill(3)]);
    expectSameWords(allWords(readIn(new SegmentDecoder('a'), sink.bytes(0))), wordsOf(expected));
  });
});

describe('the names of segments', () => {
  it('are read as they are written', () => {
    for (const [stream, segment] of [
      ['host', 1],
      ['a.000001', 999_999],
      ['x.pgt', 1_000_000],
    ] as const) {
      expect(parseSegmentFileName(segmentFileName(stream, segment))).toEqual({ stream, segment });
    }
  });
  it('are nothing else', () => {
    for (const name of ['host.pgt', 'host.1.pgt', '.000001.pgt', 'host.000000.pgt', 'host.000001.pgt~', 'a.ndjson']) {
      expect(parseSegmentFileName(name)).toBeNull();
    }
  });
});
