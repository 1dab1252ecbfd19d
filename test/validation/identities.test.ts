/** Identities of any memory (docs/VALIDATION.md). `SHARETOP_SEED=N` replays a seed, `SHARETOP_WORLDS=N` makes N. */
import { describe, expect, test } from 'vitest';
import { fastFigures, FastWorld } from '../model/side-by-side.js';
import { SeededRandom } from '../seeded-random.js';
import { hashOf, type Measured, measure } from './measured-host.js';

const SEED = process.env['SHARETOP_SEED'];
const WORLDS = Number(process.env['SHARETOP_WORLDS'] ?? 300);
const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

function seeds(count: number): number[] {
  return SEED === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [Number(SEED)];
}

/** Memories of a few contents each, in which everything meets everything. */
function randomMemories(seed: number): bigint[][] {
  const random = new SeededRandom(seed);
  const contents = 1 + random.below(30);
  return Array.from({ length: 1 + random.below(6) }, () =>
    Array.from({ length: random.below(60) }, () => hashOf(random.below(contents))),
  );
}

/** Frames that hold each content. */
function holders(memories: readonly (readonly bigint[])[]): Map<bigint, number> {
  const counts = new Map<bigint, number>();
  for (const hash of memories.flat()) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  return counts;
}

function forEachMemory(check: (memories: bigint[][], measured: Measured, replay: string) => void): void {
  for (const seed of seeds(WORLDS)) {
    const memories = randomMemories(seed);
    check(memories, measure(memories), `SHARETOP_SEED=${seed}`);
  }
}

describe('the identities of any memory', () => {
  test('V5 self + inter = P − D, inter = Σ D_d − D, and neither is negative', () => {
    forEachMemory((memories, { host }, replay) => {
      const distinct = memories.map((memory) => new Set(memory).size);
      const all = new Set(memories.flat()).size;
      expect(host.interSavedFrames, replay).toBe(sum(distinct) - all);
      expect(host.selfSavedFrames + host.interSavedFrames, replay).toBe(memories.flat().length - all);
      expect(host.potentialSavedFrames, replay).toBe(memories.flat().length - all);
      expect(Math.min(host.selfSavedFrames, host.interSavedFrames), replay).toBeGreaterThanOrEqual(0);
    });
  });

  test('V6 Σ (1 − 1/refs) over frames = saved and Σ 1/refs = D; four references save three frames', () => {
    const four = measure([[hashOf(1), hashOf(1)], [hashOf(1)], [hashOf(1)]]);
    expect(four.oracle.savedFrames).toBe(3);
    expect(four.domains.map(({ fairSavedFrames }) => fairSavedFrames)).toEqual([1.5, 0.75, 0.75]);
    forEachMemory((memories, { host, domains, oracle }, replay) => {
      const counts = holders(memories);
      const fair = memories.map((memory) => sum(memory.map((hash) => 1 - 1 / (counts.get(hash) ?? 0))));
      for (const [i, { fairSavedFrames }] of domains.entries()) {
        expect(fairSavedFrames, replay).toBeCloseTo(fair[i], 6);
      }
      const saved = sum(domains.map((domain) => domain.oracle.fairSavedFrames));
      expect(saved, replay).toBeCloseTo(oracle.savedFrames, 6);
      expect(host.knownFrames - saved, replay).toBeCloseTo(counts.size, 6);
    });
  });

  test('V7 20,000 events one after another give the figures of the memory they end in, filled in any order', () => {
    const random = new SeededRandom(SEED === undefined ? 7 : Number(SEED));
    const [domains, frames, contents] = [5, 400, 300];
    const memories = Array.from({ length: domains }, () => new Map<number, bigint>());
    const world = new FastWorld({ frames: 0 }, 'sharers');
    const say = (record: Parameters<FastWorld['apply']>[0][0]['record']): void =>
      world.apply([{ stream: 0, time: 0, record }]);
    const declare = (domid: number): void =>
      say({ kind: 'domain', domid, key: `domain-${domid}`, name: '', group: '', type: '', frames });
    for (let domid = 0; domid < domains; domid++) declare(domid);
    for (let event = 0; event < 20_000; event++) {
      const [domid, gfn] = [random.below(domains), random.below(frames)];
      if (random.chance(0.3)) {
        memories[domid].delete(gfn);
        say({ kind: 'free', domid, gfn, count: 1 });
      } else {
        const hash = hashOf(random.below(contents));
        memories[domid].set(gfn, hash);
        say({ kind: 'fill', domid, gfn, hash, class: 0 });
      }
      if (random.chance(0.01)) world.settle();
    }
    world.settle();
    const kept = fastFigures(world);
    const ordered = measure(memories.map((memory) => [...memory.values()]));
    const reversed = measure(memories.map((memory) => [...memory.values()].reverse()).reverse());
    for (const { host, oracle } of [ordered, reversed]) {
      expect({ ...host, reservedFrames: 0 }).toEqual({ ...kept.host, reservedFrames: 0 });
      expect(oracle).toEqual(kept.oracle);
    }
    for (const [i, { figures }] of kept.domains.entries()) {
      const { distinctContents, fairSavedFrames, knownFrames } = ordered.domains[i];
      expect(figures).toMatchObject({ distinctContents, knownFrames });
      expect(figures.fairSavedFrames).toBeCloseTo(fairSavedFrames, 6);
    }
    expect(world.audit()).toEqual([]);
  });
});

describe('trust groups', () => {
  test('V21 D(one) ≤ D(groups) ≤ Σ D_d: finer groups need no less, domains alone the sum of their own', () => {
    let between = 0;
    for (const seed of seeds(WORLDS)) {
      const memories = randomMemories(seed);
      const random = new SeededRandom(seed + 21);
      const groups = memories.map(() => `group-${random.below(3)}`);
      const needed = (groupOf?: (domain: number) => string): number => {
        const { host, oracle } = measure(memories, groupOf);
        return host.knownFrames - oracle.savedFrames;
      };
      const [one, several, alone] = [needed(), needed((i) => groups[i]), needed((i) => `alone-${i}`)];
      expect(one, `SHARETOP_SEED=${seed}`).toBe(new Set(memories.flat()).size);
      const salted = memories.flatMap((memory, i) => memory.map((hash) => `${groups[i]} ${hash}`));
      expect(several, `SHARETOP_SEED=${seed}`).toBe(new Set(salted).size);
      expect(alone, `SHARETOP_SEED=${seed}`).toBe(sum(memories.map((memory) => new Set(memory).size)));
      expect(several, `SHARETOP_SEED=${seed}`).toBeGreaterThanOrEqual(one);
      expect(several, `SHARETOP_SEED=${seed}`).toBeLessThanOrEqual(alone);
      if (one < several && several < alone) between++;
    }
    if (SEED === undefined) expect(between).toBeGreaterThan(0);
  });
});

describe('the width of a hash', () => {
  /** Expected pairs of different pages with equal hashes of so many bits (the birthday bound). */
  const falsePairs = (pages: number, bits: number): number => (pages * (pages - 1)) / 2 / 2 ** bits;

  test('V22 64 bits over 2^24 pages: 7.6e-6 false pairs; 32 bits over 2^18 pages: 8', () => {
    expect(falsePairs(2 ** 24, 64)).toBeCloseTo(7.6e-6, 7);
    expect(falsePairs(2 ** 24, 64)).toBeLessThan(1e-4);
    expect(Math.round(falsePairs(2 ** 18, 32))).toBe(8);
  });

  test('V22 contents that are equal in either half are not merged; 2^18 random ones would be with 32 bits', () => {
    const low = Array.from({ length: 1000 }, (_, i) => (BigInt(i + 1) << 32n) | 5n);
    const high = Array.from({ length: 1000 }, (_, i) => (7n << 32n) | BigInt(i + 100_000));
    expect(measure([low, high]).host).toMatchObject({ distinctContents: 2000, potentialSavedFrames: 0 });
    const random = new SeededRandom(22);
    const pages = Array.from({ length: 2 ** 18 }, () => (BigInt(random.u32()) << 32n) | BigInt(random.u32()));
    const first = new Map<bigint, bigint>();
    const alike: bigint[] = [];
    for (const hash of pages) {
      const other = first.get(hash & 0xffffffffn);
      if (other === undefined) first.set(hash & 0xffffffffn, hash);
      else alike.push(other, hash);
    }
    const narrow = pages.length - first.size;
    // 8 are expected; of a Poisson of 8, fewer than 1 or more than 20 come once in two thousand times. The seed is set.
    expect(narrow).toBeGreaterThan(0);
    expect(narrow).toBeLessThan(21);
    expect(measure([alike]).host).toMatchObject({ distinctContents: new Set(alike).size, potentialSavedFrames: 0 });
  });
});
