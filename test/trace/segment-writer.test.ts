import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordBuffer } from '../../src/trace/record-buffer.js';
import { SegmentDecoder } from '../../src/trace/segment-decoder.js';
import { parseSegmentFileName, segmentFileName } from '../../src/trace/segment-name.js';
import { SegmentWriter } from '../../src/trace/segment-writer.js';
import { StreamState } from '../../src/trace/stream-state.js';
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

  it('rotates inside a keyframe, and begins it again in the opening with what it has named so far', () => {
    const sink = new MemorySink();
    const writer = new SegmentWriter('host', sink, { rotateBytes: 100 });
    const before: Append[] = [(b) => b.domain(1, 'a', 'a', 'g', 'k', 1000), fill(7)];
    const inside: Append[] = [(b) => b.keyframeBegin(1), fill(3), fill(4), fill(5)];
    const behind: Append[] = [fill(6), (b) => b.keyframeEnd(1)];
    writer.append(bufferOf([...before, ...inside]));
    writer.append(bufferOf(behind));
    writer.close();
    expect(sink.files.length).toBeGreaterThan(1);
    const whole = new FrameModel();
    whole.apply(wordsOf(bufferOf([...before, ...inside, ...behind])));
    const late = new FrameModel();
    for (const [i] of sink.files.entries()) {
      if (i === 0) continue;
      for (const block of readIn(new SegmentDecoder('a'), sink.bytes(i))) late.apply(block.words, block.baseTimeMicros);
    }
    expect(late.picture()).toEqual(whole.picture());
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

/** A sink that fails at chosen calls, after it took a part of the bytes, as a disk that is full for a while. */
class FailingSink extends MemorySink {
  /** Calls from now on until one fails; Infinity: none. */
  callsLeft = Infinity;
  failures = 0;

  override open(name: string): void {
    this.#count();
    super.open(name);
  }
  override write(bytes: Uint8Array): void {
    const [file] = this.files.slice(-1);
    try {
      this.#count();
    } catch (error) {
      this.#torn = { file, bytes: bytes.slice(0, bytes.length >> 1) };
      throw error;
    }
    // What a reader may have seen of it already stays as it was.
    if (this.#torn?.file === file) expect(bytes.subarray(0, this.#torn.bytes.length)).toEqual(this.#torn.bytes);
    this.#torn = undefined;
    super.write(bytes);
  }
  override close(): void {
    super.close();
    this.#torn = undefined;
    this.#count();
  }

  #torn: { file: MemorySink['files'][number] | undefined; bytes: Uint8Array } | undefined;
  #count(): void {
    if (--this.callsLeft >= 0) return;
    this.callsLeft = Infinity;
    this.failures++;
    throw new Error('no room');
  }
}

describe('a writer whose sink fails', () => {
  const failures = fc.array(fc.nat(12), { minLength: 1, maxLength: 12 });

  it('has lost nothing and repeated nothing once there is room again, at whatever call it failed', () => {
    let failed = 0;
    fc.assert(
      fc.property(streamOps, fc.integer({ min: 1, max: 8 }), failures, (appends, perAppend, calls) => {
        const sink = new FailingSink();
        const writer = new SegmentWriter('test', sink, { rotateBytes: 200 });
        const next = [...calls];
        const attempt = (action: () => void): void => {
          if (sink.callsLeft === Infinity) sink.callsLeft = next.shift() ?? Infinity;
          for (let run = action; ; run = () => writer.flush()) {
            try {
              run();
              return;
            } catch {
              expect(writer.stalled).toBe(true);
            }
          }
        };
        for (let i = 0; i < appends.length; i += perAppend) {
          attempt(() => writer.append(bufferOf(appends.slice(i, i + perAppend))));
          attempt(() => writer.flush());
        }
        sink.callsLeft = Infinity;
        writer.close();
        failed += sink.failures;
        expectInStepAndWhole(sink, appends);
      }),
      { numRuns: 100 },
    );
    expect(failed).toBeGreaterThan(100);
  });
});

describe('a writer that goes on behind another', () => {
  it('leaves a stream that reads as if one had written it, from any segment on', () => {
    fc.assert(
      fc.property(streamOps, fc.nat(), fc.boolean(), (appends, at, torn) => {
        const cut = at % (appends.length + 1);
        const sink = new MemorySink();
        const first = new SegmentWriter('test', sink, { rotateBytes: 400 });
        first.append(bufferOf(appends.slice(0, cut)));
        first.flush();
        // Killed: its segment ends inside a block.
        if (torn && sink.files.length > 0) sink.write(new Uint8Array(20).fill(7));
        const state = new StreamState();
        const { words, wordCount } = bufferOf(appends.slice(0, cut));
        state.follow(words, 0, wordCount);
        const second = new SegmentWriter('test', sink, { rotateBytes: 400, state, firstSegment: first.segment + 1 });
        second.append(bufferOf(appends.slice(cut)));
        second.close();
        expectInStepAndWhole(sink, appends);
      }),
      { numRuns: 100 },
    );
  });
});

/** Read in step it is the original records once; read from each of its last segments on it is the same state. */
function expectInStepAndWhole(sink: MemorySink, appends: readonly Append[]): void {
  const words: number[] = [];
  const whole = new FrameModel();
  whole.apply(wordsOf(bufferOf(appends)));
  for (const [i] of sink.files.entries()) {
    const decoder = new SegmentDecoder(`${i}`);
    decoder.skipOpening = true;
    words.push(...allWords(readIn(decoder, sink.bytes(i))));
    expect(decoder.damage).toEqual([]);
  }
  expectSameWords(words, wordsOf(bufferOf(appends)));
  for (let from = Math.max(0, sink.files.length - 3); from < sink.files.length; from++) {
    const model = new FrameModel();
    // An opening that failed half-way is not skipped behind: its reader has not seen the whole state.
    for (let i = from; i < sink.files.length; i++) {
      for (const block of readIn(new SegmentDecoder(`${i}`), sink.bytes(i))) {
        model.apply(block.words, block.baseTimeMicros);
      }
    }
    expect(model.picture()).toEqual(whole.picture());
  }
}

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
