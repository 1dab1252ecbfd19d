/**
 * The LRU curve against a plain LRU list: a list of keys in which the place of a key is its stack distance. The sizes
 * 12,425, 21,010 and 43,765 are the project's known figures of kvm-five, found before this code was there.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import {
  EFFECT_READ,
  EFFECT_WORDS,
  EFFECT_WRITE,
  READ_FLAG_ALIGNED,
  READ_FLAG_READ_ONLY_IMAGE,
} from '../../src/engine/effects.js';
import { LruCurve } from '../../src/policy/lru-curve.js';
import { sampleHash } from '../../src/policy/parts/key-sample.js';
import { LruStack } from '../../src/policy/parts/lru-stack.js';
import { RegionCurve } from '../../src/policy/region-curve.js';
import { SeededRandom } from '../seeded-random.js';
import { playRecording } from './recording-blocks.js';

interface Read {
  image: number;
  block: number;
}

/**
 * The eligible reads of a recording, by the rules as they are written, with a Set of written blocks; and the curve of
 * the same effects.
 */
function eligibleReads(trace: string): { reads: Read[]; curve: RegionCurve } {
  const reads: Read[] = [];
  const written = new Set<string>();
  const collect = (words: Uint32Array, used: number): void => {
    for (let at = 0; at < used; at += EFFECT_WORDS) {
      const [head, , , fourth, fifth] = words.subarray(at, at + EFFECT_WORDS);
      const domain = head >>> 16;
      if ((head & 0xff) === EFFECT_WRITE) {
        for (let i = 0; i < fourth; i++) written.add(`${domain} ${words[at + 1]} ${words[at + 2] + i}`);
      }
      if ((head & 0xff) !== EFFECT_READ) continue;
      const flags = (head >>> 8) & 0xff;
      if ((flags & READ_FLAG_ALIGNED) === 0 || (flags & READ_FLAG_READ_ONLY_IMAGE) === 0) continue;
      if (!written.has(`${domain} ${fourth} ${fifth}`)) reads.push({ image: fourth, block: fifth });
    }
  };
  const curves: RegionCurve[] = [];
  playRecording(trace, (engine) => {
    curves.push(new RegionCurve(engine, { victim: 'sharers', trials: false }));
    return [{ apply: collect }, ...curves];
  });
  return { reads, curve: curves[0] };
}

/**
 * Stack distances without a tree: the distance of a read is the number of different keys read since the last read of
 * its key, itself included. Bits of the reads that are the last of their key so far, counted 32 at a time.
 */
function plainDistances(reads: readonly Read[]): number[] {
  const last = new Map<string, number>();
  const isLast = new Uint8Array(reads.length);
  // Sums of 512 bits each, so that counting takes seconds and not minutes.
  const sums = new Uint32Array(Math.ceil(reads.length / 512));
  return reads.map(({ image, block }, now) => {
    const key = `${image} ${block}`;
    const before = last.get(key);
    let distance = 0;
    if (before !== undefined) {
      let at = before;
      for (; at < now && at % 512 !== 0; at++) distance += isLast[at];
      for (; at + 512 <= now; at += 512) distance += sums[at / 512];
      for (; at < now; at++) distance += isLast[at];
      isLast[before] = 0;
      sums[Math.floor(before / 512)]--;
    }
    isLast[now] = 1;
    sums[Math.floor(now / 512)]++;
    last.set(key, now);
    return distance;
  });
}

/** Sizes at which the curve is compared: from 100 blocks on, a tenth more each. */
const SIZES = Array.from({ length: 68 }, (_, i) => Math.round(100 * 1.1 ** i));

function curveOf(reads: readonly Read[], keysMax?: number): LruCurve {
  const curve = new LruCurve(keysMax);
  for (const { image, block } of reads) curve.read(image, block, sampleHash(image, block));
  return curve;
}

describe('kvm-five', () => {
  let reads: Read[] = [];
  let curve: RegionCurve;
  let distances: number[] = [];
  /** The distances of the hits, from small to large. */
  let hits: number[] = [];
  beforeAll(() => {
    ({ reads, curve } = eligibleReads('kvm-five'));
    distances = plainDistances(reads);
    hits = distances.filter((distance) => distance > 0).sort((a, b) => a - b);
  });
  const plainAvoided = (size: number): number => hits.filter((distance) => distance <= size).length;

  test('has the known sizes by the plain count; blocks of zeros take a slot there', () => {
    expect(reads).toHaveLength(97_576);
    const sizeFor = (share: number): number => hits[Math.ceil(share * hits.length) - 1];
    expect([hits.length, sizeFor(0.5), sizeFor(0.9), sizeFor(0.99)]).toEqual([37_482, 12_425, 21_010, 43_765]);
  });

  test('has the distance of the plain count for every single read', () => {
    const stack = new LruStack();
    const ours = reads.map(({ image, block }) => stack.read(image, block, sampleHash(image, block)));
    expect(ours).toEqual(distances);
  });

  test('has the exact curve without sampling, to a thousandth of the size', () => {
    const { readsAvoided, sampleRate, sizes } = curveOf(reads, Number.POSITIVE_INFINITY).figures([]);
    expect([readsAvoided, sampleRate]).toEqual([37_482, 1]);
    for (const [i, exact] of [12_425, 21_010, 43_765].entries()) {
      expect(Math.abs((sizes[i].avoidedFrames ?? 0) / exact - 1)).toBeLessThan(0.001);
    }
  });

  test.each([16_384, 8192])('is off by less than a point on average with at most %i keys', (keysMax) => {
    const sampled = curveOf(reads, keysMax);
    const { sampledKeys, sampleRate } = sampled.figures([]);
    expect(sampledKeys).toBeLessThanOrEqual(keysMax);
    expect(sampleRate).toBeLessThan(0.5);
    const errors = SIZES.map((size) => Math.abs(sampled.readsAvoided(size) - plainAvoided(size)) / reads.length);
    expect((100 * errors.reduce((sum, error) => sum + error, 0)) / SIZES.length).toBeLessThan(1);
    expect(100 * Math.max(...errors)).toBeLessThan(3);
  });

  test('is what a region curve has found in the effects', () => {
    const { memoryFrames, readsSeen, lru, dlps } = curve.figures();
    expect([memoryFrames, readsSeen, dlps]).toEqual([327_680, 97_576, null]);
    expect(lru).toEqual(curveOf(reads).figures(lru.points.map(({ regionFrames }) => regionFrames)));
  });
});

test('distances of random reads with keys that leave are those of a list', () => {
  const seed = 20_261_123;
  const random = new SeededRandom(seed);
  const stack = new LruStack();
  let list: number[] = [];
  let threshold = 2 ** 32;
  for (let i = 0; i < 30_000; i++) {
    // Now and then the oldest keys come back, and new ones all the time.
    const key = random.below(10) === 0 ? random.below(2 ** 31) : random.below(1 + (i >> 4));
    const hash = sampleHash(3, key);
    if (hash >= threshold) continue;
    const place = list.indexOf(key);
    expect(stack.read(3, key, hash), `seed ${seed}, read ${i}`).toBe(place + 1);
    if (place >= 0) list.splice(place, 1);
    list.unshift(key);
    if (list.length <= 400) continue;
    threshold *= 3 / 4;
    stack.removeFrom(threshold);
    list = list.filter((other) => sampleHash(3, other) < threshold);
    expect(stack.size).toBe(list.length);
  }
  expect(threshold).toBeLessThan(2 ** 30);
});

test('sizes without hits, and a curve without reads, are no numbers made up', () => {
  const curve = new LruCurve();
  expect(curve.figures([1, 100])).toMatchObject({
    readsAvoided: 0,
    points: [{ readsAvoided: 0 }, { readsAvoided: 0 }],
  });
  curve.read(1, 1, sampleHash(1, 1));
  expect(curve.figures([1]).sizes.map(({ avoidedFrames }) => avoidedFrames)).toEqual([null, null, null]);
  curve.read(1, 1, sampleHash(1, 1));
  expect(curve.figures([1])).toMatchObject({ readsAvoided: 1, points: [{ regionFrames: 1, readsAvoided: 1 }] });
  expect(curve.figures([1]).sizes.map(({ avoidedFrames }) => avoidedFrames)).toEqual([1, 1, 1]);
});
