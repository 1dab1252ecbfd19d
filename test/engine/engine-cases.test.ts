/** The engine's figures on worlds small enough to count by hand. `Case` holds the slow model to the same numbers. */
import { describe, expect, test } from 'vitest';
import { A, B, C, Case, D } from '../model/case.js';
import { ZERO_HASH } from '../model/slow-engine.js';

describe('frames', () => {
  test('are zero, known, unknown, free or untouched, and together they are the reservation', () => {
    // 12 frames: 0 A, 1 A, 2 zero, 3 B then dirty, 4 C then free, 5 dirty, 6 free, 7–11 never named.
    const world = new Case().domain(1, 'a', { frames: 12 }).fill(1, 0, A, A, ZERO_HASH, B, C);
    world.dirty(1, 3).free(1, 4).dirty(1, 5).free(1, 6);
    const { figures } = world.figures.domains[0];
    expect(figures).toMatchObject({ reservedFrames: 12, frames: 5, knownFrames: 2, zeroFrames: 1, unknownFrames: 2 });
    expect(figures).toMatchObject({ freeFrames: 2, distinctContents: 1, selfSavedFrames: 1, fairSavedFrames: 1 });
  });

  test('of a run and of a span are those of the single fills', () => {
    const run = new Case(['a']).say({ kind: 'fillRun', domid: 1, gfn: 4, count: 3, hash: A, class: 0 });
    const span = new Case(['a']).fill(1, 4, A, A, A);
    const single = new Case(['a']).fill(1, 4, A).fill(1, 5, A).fill(1, 6, A);
    expect(run.host).toMatchObject({ knownFrames: 3, distinctContents: 1, potentialSavedFrames: 2 });
    expect(run.host).toEqual(single.host);
    expect(span.host).toEqual(single.host);
  });

  test('of fill pages are known, counted, and shown apart', () => {
    const world = new Case(['a']).fill(1, 0, 0xdf1fd9ec6fddee36n, 0xdf1fd9ec6fddee36n, 0x10af2cb94282321fn, A);
    expect(world.host).toMatchObject({ knownFrames: 4, distinctContents: 3, fillPageFrames: 3, sharedContents: 1 });
  });

  test('above a smaller reservation become untouched', () => {
    const world = new Case(['a', 'b']).fill(1, 8, A, A, B, C).fill(2, 0, A, C).domain(1, 'a', { frames: 10 });
    // a keeps gfn 8 and 9 (A, A); b has A, C.
    expect(world.host).toMatchObject({ reservedFrames: 110, knownFrames: 4, distinctContents: 2 });
    expect(world.host).toMatchObject({ selfSavedFrames: 1, interSavedFrames: 1 });
    expect(world.domain(1, 'a', { frames: 100 }).host.knownFrames).toBe(4);
  });
});

describe('sharing', () => {
  test('of {A,B,C} and {A,D,B} is none within a domain, two between them (facts V29)', () => {
    const world = new Case(['a', 'b']).fill(1, 0, A, B, C).fill(2, 0, A, D, B);
    expect(world.host).toMatchObject({ knownFrames: 6, distinctContents: 4, potentialSavedFrames: 2 });
    expect(world.host).toMatchObject({ selfSavedFrames: 0, interSavedFrames: 2, sharedContents: 2 });
    expect(world.figures.pairs).toEqual({ 'a|b': 2 });
  });

  test('within and between domains add up to the potential (facts V5)', () => {
    // A: 2 in a, 2 in b, 1 in c: 4 saved, 2 of them between domains. B: 3 in c: 2 saved within.
    const world = new Case(['a', 'b', 'c']).fill(1, 0, A, A).fill(2, 0, A, A).fill(3, 0, A, B, B, B);
    expect(world.host).toMatchObject({ potentialSavedFrames: 6, selfSavedFrames: 4, interSavedFrames: 2 });
    // Fair: each frame of A 4/5, each of B 2/3; 5 · 4/5 + 3 · 2/3 = 6.
    const fair = world.figures.domains.map(({ figures }) => figures.fairSavedFrames);
    expect(fair[0]).toBeCloseTo(2 * 0.8, 12);
    expect(fair[1]).toBeCloseTo(2 * 0.8, 12);
    expect(fair[2]).toBeCloseTo(0.8 + 2, 12);
    // A content in three domains is in three pairs: pairs must not be added up.
    expect(world.figures.pairs).toEqual({ 'a|b': 1, 'a|c': 1, 'b|c': 1 });
  });

  test('leaves zeros out of everything but the zero frames', () => {
    const world = new Case(['a', 'b']).fill(1, 0, ZERO_HASH, ZERO_HASH, A).fill(2, 0, ZERO_HASH);
    expect(world.host).toMatchObject({ frames: 4, zeroFrames: 3, knownFrames: 1, distinctContents: 1 });
    expect(world.host).toMatchObject({ potentialSavedFrames: 0, sharedContents: 0 });
    expect(world.figures.pairs).toEqual({ 'a|b': 0 });
  });
});

describe('domains', () => {
  test('take their frames with them', () => {
    const world = new Case(['a', 'b']).fill(1, 0, A, B).fill(2, 0, A).gone(1);
    expect(world.host).toMatchObject({ reservedFrames: 100, knownFrames: 1, distinctContents: 1, sharedContents: 0 });
  });

  test('that are unknown or gone have orphans, not frames', () => {
    const world = new Case(['a']).fill(9, 0, A).gone(1).fill(1, 0, A).read(1, 0, A).gone(1);
    expect(world.figures.gaps.orphans).toBe(4);
    expect(world.host.frames).toBe(0);
  });

  test('with one key in two streams are one domain', () => {
    const world = new Case(['a']).fill(1, 0, A).from(1).domain(5, 'a').fill(5, 1, A).fill(5, 0, B);
    expect(world.figures.domains).toHaveLength(1);
    expect(world.host).toMatchObject({ reservedFrames: 100, knownFrames: 2, distinctContents: 2 });
    // Gone in one stream is gone.
    expect(world.from(0).gone(1).from(1).fill(5, 2, C).figures.gaps.orphans).toBe(1);
  });

  test('end when their domid is given to another key', () => {
    const world = new Case(['a']).fill(1, 0, A, B).domain(1, 'b').fill(1, 0, C);
    expect(world.figures.domains.map(({ figures }) => figures.key)).toEqual(['b']);
    expect(world.host).toMatchObject({ knownFrames: 1, distinctContents: 1 });
  });

  test('may use frames of somebody who is gone, under the same number', () => {
    const world = new Case(['a']).fill(1, 0, A, B).gone(1).domain(1, 'a').fill(1, 1, C);
    expect(world.host).toMatchObject({ knownFrames: 1, distinctContents: 1, frames: 1 });
  });
});

describe('a keyframe', () => {
  test('is the whole state: frames that it does not name become untouched', () => {
    const world = new Case(['a']).fill(1, 0, A, B, C).free(1, 9);
    world.say({ kind: 'keyframeBegin', domid: 1 }).fill(1, 1, B).dirty(1, 2).read(1, 7, D, { gfn: 5 });
    expect(world.host).toMatchObject({ knownFrames: 3, unknownFrames: 1 });
    world.say({ kind: 'keyframeEnd', domid: 1 });
    // 1 is B, 2 unknown, 5 D (read while it was open); 0 (A) and 9 (free) were not named.
    expect(world.host).toMatchObject({ knownFrames: 2, unknownFrames: 1, distinctContents: 2 });
    expect(world.figures.domains[0].figures.freeFrames).toBe(0);
  });

  test('that is never ended changes nothing, one that begins again starts anew, an end alone is nothing', () => {
    const begin = { kind: 'keyframeBegin', domid: 1 } as const;
    const end = { kind: 'keyframeEnd', domid: 1 } as const;
    const world = new Case(['a']).fill(1, 0, A, B).say(end);
    expect(world.host.knownFrames).toBe(2);
    expect(world.say(begin).fill(1, 0, A).host.knownFrames).toBe(2);
    expect(world.say(begin).fill(1, 1, B).say(end).host.knownFrames).toBe(1);
    expect(world.say(end).host.knownFrames).toBe(1);
  });
});

describe('gaps', () => {
  test('count what cannot be true once a record, and apply none of it', () => {
    const world = new Case().domain(1, 'a', { frames: 4 }).fill(1, 2, A, B, C).fill(1, 4, A).dirty(1, 0, 5);
    world.read(1, 0, A, { gfn: 4 });
    expect(world.figures.gaps.damagedRecords).toBe(4);
    expect(world.host.frames).toBe(0);
    expect(world.dlps.readsSeen).toBe(0);
  });

  test('count records that are older than the newest, which are applied at once', () => {
    const world = new Case(['a']).at(10).fill(1, 0, A).at(9).fill(1, 0, B).fill(1, 1, B).at(10).fill(1, 2, C);
    expect(world.figures.gaps.late).toBe(2);
    expect(world.figures.position).toEqual({ now: 10_000_000, since: 10_000_000, records: 6 });
    expect(world.host).toMatchObject({ knownFrames: 3, distinctContents: 2 });
  });

  test('count what recorders dropped', () => {
    const world = new Case().say({ kind: 'lost', count: 5 }).say({ kind: 'lost', count: 2 ** 40 });
    expect(world.figures.gaps.lost).toBe(2 ** 40 + 5);
  });
});
