import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { StreamState } from '../../src/trace/stream-state.js';
import { FrameModel, streamOps } from './frame-model.js';
import { bufferOf, wordsOf, type Append } from './record-streams.js';

function stateOf(appends: readonly Append[], bytesMax?: number): StreamState {
  const state = new StreamState(bytesMax);
  const buffer = bufferOf(appends);
  state.follow(buffer.words, 0, buffer.wordCount);
  return state;
}

describe('the state of a stream', () => {
  it('counts orphans and damaged records as a model does', () => {
    fc.assert(
      fc.property(streamOps, (appends) => {
        const state = stateOf(appends);
        const model = new FrameModel();
        model.apply(wordsOf(bufferOf(appends)));
        expect(state.damagedRecords).toBe(model.damaged);
        expect(state.orphanRecords).toBe(model.orphans);
        expect(state.timeMicros).toBe(model.time);
      }),
    );
  });

  it('writes an opening that is its own opening again', () => {
    fc.assert(
      fc.property(streamOps, (appends) => {
        const state = stateOf([
          ...appends,
          ...[0, 1, 2].map(
            (d): Append =>
              (b) =>
                b.keyframeEnd(d),
          ),
        ]);
        const once = new RecordBuffer();
        state.writeOpening(once);
        const again = new StreamState();
        again.follow(once.words, 0, once.wordCount);
        const twice = new RecordBuffer();
        again.writeOpening(twice);
        expect(wordsOf(twice)).toEqual(wordsOf(once));
      }),
    );
  });

  it('is compact: runs for equal neighbours across chunks, spans for different ones', () => {
    const state = stateOf([
      (b) => b.domain(1, 'a', 'a', 'g', 'k', 100_000),
      ...Array.from(
        { length: 5000 },
        (_, i): Append =>
          (b) =>
            b.fill(1, i, 5, 5, 0),
      ),
      ...Array.from(
        { length: 126 },
        (_, i): Append =>
          (b) =>
            b.fill(1, 5000 + i, i, 6, 0),
      ),
      ...Array.from(
        { length: 3000 },
        (_, i): Append =>
          (b) =>
            b.dirty(1, 6000 + i, 1),
      ),
      (b) => b.free(1, 9000, 91_000),
    ]);
    const opening = new RecordBuffer();
    state.writeOpening(opening);
    const expected = bufferOf([
      (b) => b.time(0),
      (b) => b.domain(1, 'a', 'a', 'g', 'k', 100_000),
      (b) => b.keyframeBegin(1),
      (b) => b.fillRun(1, 0, 5000, 5, 5, 0),
      (b) =>
        b.fillSpan(
          1,
          5000,
          126,
          Uint32Array.from({ length: 252 }, (_, i) => (i % 2 === 0 ? i / 2 : 6)),
          0,
        ),
      (b) => b.dirty(1, 6000, 3000),
      (b) => b.free(1, 9000, 91_000),
      (b) => b.keyframeEnd(1),
    ]);
    expect(wordsOf(opening)).toEqual(wordsOf(expected));
  });

  it('writes one keyframe for each domain of which it knows frames, however many domids it has', () => {
    const state = stateOf([
      (b) => b.domain(7, 'known', 'a', 'g', 'k', 10),
      (b) => b.domain(2, 'disk only', 'a', 'g', 'k', 10),
      (b) => b.blockRead(2, 1, 1, 0, 0, 0xffffffff, 0),
      (b) => b.fill(7, 1, 5, 5, 0),
      (b) => b.domain(3, 'known', 'a', 'g', 'k', 10),
    ]);
    const opening = new RecordBuffer();
    state.writeOpening(opening);
    const expected = bufferOf([
      (b) => b.time(0),
      (b) => b.domain(2, 'disk only', 'a', 'g', 'k', 10),
      (b) => b.domain(3, 'known', 'a', 'g', 'k', 10),
      (b) => b.domain(7, 'known', 'a', 'g', 'k', 10),
      (b) => b.keyframeBegin(3),
      (b) => b.fill(3, 1, 5, 5, 0),
      (b) => b.keyframeEnd(3),
    ]);
    expect(wordsOf(opening)).toEqual(wordsOf(expected));
  });

  it('copes with a reservation of all gfns, of which one record names 2^28', () => {
    const frames = 0xffffffff;
    const state = stateOf([
      (b) => b.domain(1, 'a', 'a', 'g', 'k', frames),
      (b) => b.free(1, 0, 2 ** 28),
      (b) => b.fill(1, frames - 1, 1, 2, 0),
    ]);
    expect(state.domainsNotKept).toBe(0);
    const opening = new RecordBuffer();
    state.writeOpening(opening);
    const expected = bufferOf([
      (b) => b.time(0),
      (b) => b.domain(1, 'a', 'a', 'g', 'k', frames),
      (b) => b.keyframeBegin(1),
      (b) => b.free(1, 0, 2 ** 28),
      (b) => b.fill(1, frames - 1, 1, 2, 0),
      (b) => b.keyframeEnd(1),
    ]);
    expect(wordsOf(opening)).toEqual(wordsOf(expected));
  });

  it('leaves out the keyframe of the largest domain, and says so, when the frames need more than it may take', () => {
    const scattered = (domid: number, frames: number): Append[] =>
      Array.from(
        { length: frames },
        (_, i): Append =>
          (b) =>
            b.fill(domid, i * 2048, 1, 2, 0),
      );
    const state = stateOf(
      [
        (b) => b.domain(1, 'large', 'a', 'g', 'k', 1e6),
        (b) => b.domain(2, 'small', 'a', 'g', 'k', 1e6),
        ...scattered(2, 2),
        ...scattered(1, 200),
        (b) => b.keyframeBegin(1),
        (b) => b.fill(1, 1, 1, 2, 0),
        (b) => b.keyframeEnd(1),
      ],
      1e6,
    );
    expect(state.domainsNotKept).toBe(1);
    const opening = new RecordBuffer();
    state.writeOpening(opening);
    const expected = bufferOf([
      (b) => b.time(0),
      (b) => b.domain(1, 'large', 'a', 'g', 'k', 1e6),
      (b) => b.domain(2, 'small', 'a', 'g', 'k', 1e6),
      (b) => b.keyframeBegin(2),
      ...scattered(2, 2),
      (b) => b.keyframeEnd(2),
    ]);
    expect(wordsOf(opening)).toEqual(wordsOf(expected));
  });

  it('gives memory back with the domain that held it', () => {
    const appends: Append[] = [];
    for (let round = 0; round < 50; round++) {
      appends.push((b) => b.domain(1, `key ${round}`, 'a', 'g', 'k', 1e6));
      for (let i = 0; i < 20; i++) appends.push((b) => b.fill(1, i * 2048, 1, 2, 0));
      if (round % 2 === 0) appends.push((b) => b.gone(1));
      else
        appends.push(
          (b) => b.keyframeBegin(1),
          (b) => b.keyframeEnd(1),
        );
    }
    expect(stateOf(appends, 1e6).domainsNotKept).toBe(0);
  });
});
