/** The audit finds what is wrong: each table of a sound world is damaged in one place and then mended. */
import { beforeEach, describe, expect, test } from 'vitest';
import { auditEngine } from '../../src/engine/audit.js';
import {
  C_FLAGS,
  C_HASH_HIGH,
  C_HEAD,
  C_INLINE_COUNT,
  C_REFS,
  CD_SETTLED_REFS,
  CONTENT_WORDS,
  DETAIL_WORDS,
  D_DISTINCT,
  D_FILL_PAGE,
  D_FREE,
  D_KNOWN,
  D_SHARED,
  D_UNKNOWN,
  D_ZERO,
  DOMAIN_COUNTERS,
  F_NEXT,
  F_PREV,
  FRAME_WORDS,
} from '../../src/engine/layout.js';
import { A, B, C, Case, D } from '../model/case.js';
import { ZERO_HASH } from '../model/slow-engine.js';

describe('the audit', () => {
  let world: Case;
  beforeEach(() => {
    // A: 2 in a, 1 in b, 1 in c; B: a, b; C: a; D: c. Chunk of the gone domain is free.
    world = new Case(['a', 'b', 'c', 'd']).fill(1, 0, A, A, B, C).fill(2, 0, A, B).fill(3, 0, A, D, ZERO_HASH);
    world.fill(4, 0, B).gone(4).dirty(2, 5).free(2, 6);
    expect(auditEngine(world.fast.engine)).toEqual([]);
  });

  /** What the audit says after `damage`, as one text. */
  function said(damage: () => void): string {
    damage();
    return auditEngine(world.fast.engine).join('\n');
  }
  const frame = (domain: number, gfn: number): number => world.fast.engine.frames.find(domain, gfn) * FRAME_WORDS;
  const rowOf = (hash: bigint): number =>
    world.fast.engine.contents.find(Number(hash & 0xffffffffn), Number(hash >> 32n)) * CONTENT_WORDS;

  test.each([
    ['free', D_FREE],
    ['zero', D_ZERO],
    ['unknown', D_UNKNOWN],
    ['known', D_KNOWN],
    ['distinct', D_DISTINCT],
    ['shared', D_SHARED],
    ['fill page', D_FILL_PAGE],
  ])('counts the %s frames or contents of a domain', (name, counter) => {
    const counters = world.fast.engine.domains.counters;
    const text = said(() => counters[DOMAIN_COUNTERS + counter]++);
    expect(text).toMatch(new RegExp(`^engine: ${name} .* of b: recounted \\d+, kept \\d+$`));
  });

  test('counts holders, domains and fair shares of a content', () => {
    const { words: rows, details } = world.fast.engine.contents;
    expect(said(() => rows[rowOf(A) + C_REFS]++)).toContain('refs of content');
    rows[rowOf(A) + C_REFS]--;
    const settledRefs = (rowOf(A) / CONTENT_WORDS) * DETAIL_WORDS + CD_SETTLED_REFS;
    expect(said(() => details[settledRefs]++)).toContain('settled refs of content');
    details[settledRefs]--;
    expect(said(() => rows[rowOf(A) + C_FLAGS]++)).toContain('domains of content');
    rows[rowOf(A) + C_FLAGS]--;
    expect(said(() => rows[rowOf(A) + C_INLINE_COUNT]++)).toContain('frames of a that hold content');
    rows[rowOf(A) + C_INLINE_COUNT]--;
    expect(said(() => world.fast.engine.domains.fairSaved.add(0, 1, 100))).toContain('fair of a');
  });

  test('counts ⟨content, domain⟩ entries one by one', () => {
    const { holders } = world.fast.engine;
    const found = holders.find(rowOf(A) / CONTENT_WORDS, 2);
    expect(said(() => holders.words[found]++)).toContain('frames of c that hold content');
    holders.words[found]--;
    expect(said(() => holders.add(rowOf(C) / CONTENT_WORDS, 1))).toContain('further ⟨content, domain⟩ entries');
  });

  test('looks every content up by its hash', () => {
    const rows = world.fast.engine.contents.words;
    const row = rowOf(D);
    expect(said(() => (rows[row + C_HASH_HIGH] ^= 1))).toContain('row found by the hash of content');
  });

  test('follows the holders of a content both ways', () => {
    const { words } = world.fast.engine.frames;
    const rows = world.fast.engine.contents.words;
    const head = rows[rowOf(A) + C_HEAD] * FRAME_WORDS;
    const next = words[head + F_NEXT];
    expect(said(() => (words[head + F_NEXT] = words[next * FRAME_WORDS + F_NEXT]))).toContain('holders of content');
    words[head + F_NEXT] = next;
    expect(said(() => (words[next * FRAME_WORDS + F_PREV] = 0xffffffff))).toContain('holder before');
    expect(said(() => (words[head + F_NEXT] = 0x7fffffff))).toContain('below the end');
  });

  test('sees a frame that changed behind the counts', () => {
    const { words } = world.fast.engine.frames;
    const [first, second] = [frame(0, 2), frame(0, 3)];
    const text = said(() => (words[first] = words[second]));
    expect(text).toContain('refs of content');
    expect(text).toContain('content of holder');
    expect(said(() => (words[first] = 0x3fffffff))).toContain('holds a content that is there');
  });

  test('sees a frame above the reservation, and reservations that do not add up', () => {
    expect(said(() => (world.fast.engine.domains.live()[0].reservedFrames = 3))).toMatch(/gfn 3 above the reservation/);
    expect(said(() => undefined)).toMatch(/reserved frames: recounted 203, kept 300/);
  });

  test('counts totals and pairs', () => {
    const { changes, pairs, settling } = world.fast.engine;
    for (const name of ['knownFrames', 'distinctContents', 'sharedContents'] as const) {
      expect(said(() => changes[name]++)).toContain(name.replace(/[A-Z]/, (letter) => ` ${letter.toLowerCase()}`));
      changes[name]--;
    }
    expect(said(() => pairs.addAll(Uint32Array.of(0, 2), 2, 1))).toContain('contents of a and c: recounted 1, kept 2');
    expect(said(() => settling.aloneContents[2]++)).toContain('contents of c alone: recounted 1, kept 2');
  });

  test('knows which chunks of the frame table are in use, and which are free', () => {
    const { frames } = world.fast.engine;
    expect(frames.freeChunks).toHaveLength(1);
    expect(said(() => (frames.chunkOwner[0] = 1))).toContain('owner of chunk 0');
    frames.chunkOwner[0] = 0;
    expect(said(() => (frames.chunkNumber[1] = 7))).toContain('place of chunk 1');
    frames.chunkNumber[1] = 0;
    expect(said(() => (frames.chunkOwner[3] = 2))).toContain('chunk 3 has an owner');
    frames.chunkOwner[3] = -1;
    expect(said(() => (frames.freeChunks as number[]).pop())).toContain('chunk 3 is in use or free');
  });

  test('sees counters that a dead domain left behind', () => {
    const counters = world.fast.engine.domains.counters;
    expect(said(() => counters[3 * DOMAIN_COUNTERS + D_KNOWN]++)).toContain('free slot 3');
  });

  test('says no more than a hundred lines', () => {
    world.say({ kind: 'fillRun', domid: 1, gfn: 0, count: 100, hash: A, class: 0 });
    world.fill(1, 0, ...Array.from({ length: 100 }, (_, i) => BigInt(1000 + i)));
    const rows = world.fast.engine.contents.words;
    const lines = said(() => {
      for (let i = 0; i < 100; i++) rows[rowOf(BigInt(1000 + i)) + C_REFS] += 5;
    });
    expect(lines.split('\n')).toHaveLength(100);
  });
});
