/**
 * The price of isolation: what a policy saves with the trust groups as they are and with one. Each second instance is
 * compared with a run of its own in which `--groups` puts all domains together; what the oracle pays is counted a
 * second time, by contents; and saved(one) ≥ saved(groups) ≥ saved(each alone) where that is a law.
 */
import { describe, expect, test } from 'vitest';
import { ClassCensus } from '../../src/engine/class-census.js';
import { isolationPrice } from '../../src/figures/derived.js';
import type { OneGroupFigures } from '../../src/figures/group-figures.js';
import type { PolicyFigures } from '../../src/figures/policy-figures.js';
import type { TimedRecord, TraceRecord } from '../model/plain-records.js';
import { randomWorld, type World } from '../model/random-traces.js';
import { cutIntoBlocks, FastWorld } from '../model/side-by-side.js';
import type { SlowRegion } from '../model/slow-dlps.js';
import { SlowEngine } from '../model/slow-engine.js';
import { slowOracle } from '../model/slow-oracle.js';
import { SeededRandom } from '../seeded-random.js';

const UNLIMITED: SlowRegion = { frames: Number.POSITIVE_INFINITY };
const WORLDS = 120;
const KEYS = Array.from({ length: 6 }, (_, i) => `key-${i}`);

const ONE: ReadonlyMap<string, string> = new Map(KEYS.map((key) => [key, 'all']));
const ALONE: ReadonlyMap<string, string> = new Map(KEYS.map((key) => [key, key]));
/** Some in one group, others in another: groups that never change, for a change ends what was shared. */
function someGroups(seed: number): ReadonlyMap<string, string> {
  const random = new SeededRandom(seed);
  return new Map(KEYS.map((key) => [key, `group-${random.below(3)}`]));
}

interface Run {
  world: FastWorld;
  figures: Record<'dlps' | 'oracle', PolicyFigures>;
}

/** A world under some groups; left out: those of its trace. Sums are settled and audited. */
function run(world: World, region: SlowRegion, given: { groups?: ReadonlyMap<string, string>; price?: boolean }): Run {
  const fast = new FastWorld(region, world.victim, given);
  for (const block of cutIntoBlocks(world.records, new SeededRandom(1), 30)) fast.apply(block);
  fast.settle();
  expect(fast.audit()).toEqual([]);
  const [dlps, oracle] = fast.policies.slots.map(({ policy }) => policy.figures());
  return { world: fast, figures: { dlps, oracle } };
}

/** What a policy's figures say of a run, in the words of its second instance in another run. */
function asOneGroup({ savedFrames, zeroSavedFrames, netSavedFrames, dlps }: PolicyFigures): OneGroupFigures {
  return { savedFrames, zeroSavedFrames, netSavedFrames, readsAvoided: dlps?.readsAvoided ?? 0 };
}

/** The same world, but every read of a block finds the same known content there, whoever reads it. */
function withFirmBlocks(world: World, seed: number): World {
  const known = world.records.flatMap(({ record }) => (record.kind === 'fill' ? [record.hash] : []));
  // Whatever the image: another number may be the same disk.
  const hashOf = (block: number): bigint => known[(block * 7 + seed) % known.length] ?? 7n;
  const records = world.records.map((timed): TimedRecord => {
    const { record } = timed;
    if (record.kind === 'blockRead') return { ...timed, record: { ...record, hash: hashOf(record.block) } };
    if (record.kind !== 'blockReadSpan') return timed;
    const hashes = record.hashes.map((_, i) => hashOf(record.block + i));
    return { ...timed, record: { ...record, hashes } };
  });
  return { ...world, records };
}

function seeds(): number[] {
  return Array.from({ length: WORLDS }, (_, i) => i + 1);
}

describe('the second instance', () => {
  test(`is what the policy does when all domains are in one group, in ${WORLDS} worlds`, () => {
    let priced = 0;
    for (const seed of seeds()) {
      const world = randomWorld(seed, { records: 250 });
      const region = seed % 3 === 0 ? UNLIMITED : world.region;
      const { figures } = run(world, region, { price: true });
      const together = run(world, region, { groups: ONE });
      for (const name of ['dlps', 'oracle'] as const) {
        expect(figures[name].oneGroup, `seed ${seed}`).toEqual(asOneGroup(together.figures[name]));
        if (figures[name].savedFrames !== together.figures[name].savedFrames) priced++;
      }
    }
    expect(priced).toBeGreaterThan(20);
  });

  test('is not there unless it is asked for', () => {
    expect(run(randomWorld(1, { records: 60 }), UNLIMITED, {}).figures.oracle.oneGroup).toBeUndefined();
  });
});

describe('saved(one) ≥ saved(groups) ≥ saved(each alone)', () => {
  test(`for oracle, and its price is what the contents say, in ${WORLDS} worlds`, () => {
    for (const seed of seeds()) {
      const world = randomWorld(seed, { records: 250 });
      const { figures, world: fast } = run(world, UNLIMITED, { price: true });
      const alone = run(world, UNLIMITED, { groups: ALONE }).figures.oracle;
      const oracle = figures.oracle;
      const one = oracle.oneGroup ?? asOneGroup(oracle);
      expect(one.savedFrames, `seed ${seed}`).toBeGreaterThanOrEqual(oracle.savedFrames);
      expect(oracle.savedFrames, `seed ${seed}`).toBeGreaterThanOrEqual(alone.savedFrames);
      const census = new ClassCensus(fast.engine);
      census.walk();
      const refused = census.exposure()?.refusedFrames ?? { zero: 0, fill: 0, disk: 0, memory: 0 };
      expect(one.savedFrames - oracle.savedFrames).toBe(refused.fill + refused.disk + refused.memory);
      expect(one.zeroSavedFrames - oracle.zeroSavedFrames).toBe(refused.zero);
    }
  });

  test(`for dlps without a limit where a block has one content, in ${WORLDS} worlds`, () => {
    let cost = 0;
    let refusedReads = 0;
    for (const seed of seeds()) {
      const world = withFirmBlocks(randomWorld(seed, { records: 250 }), seed);
      const grouped = run(world, UNLIMITED, { groups: someGroups(seed), price: true });
      const { oneGroup, savedFrames, dlps } = grouped.figures.dlps;
      const alone = run(world, UNLIMITED, { groups: ALONE }).figures.dlps;
      expect(oneGroup?.savedFrames, `seed ${seed}`).toBeGreaterThanOrEqual(savedFrames);
      expect(savedFrames, `seed ${seed}`).toBeGreaterThanOrEqual(alone.savedFrames);
      cost += (oneGroup?.savedFrames ?? 0) - savedFrames;
      // Each read that another group's slot could have answered, and no other, is avoided in one group.
      const refused = grouped.world.policies.slots[0].policy.refusedReads();
      expect(refused?.reads, `seed ${seed}`).toBe((oneGroup?.readsAvoided ?? 0) - (dlps?.readsAvoided ?? 0));
      refusedReads += refused?.reads ?? 0;
    }
    expect([cost > 0, refusedReads > 100]).toEqual([true, true]);
  });
});

test(`refused reads of satori without a limit are what one group avoids more, in ${WORLDS} worlds`, () => {
  let refusedReads = 0;
  for (const seed of seeds()) {
    const world = withFirmBlocks(randomWorld(seed, { records: 250 }), seed);
    // No page is taken for a broken share: that would cost blocks, in one group others than apart.
    const names = ['satori'] as const;
    const fast = new FastWorld(UNLIMITED, world.victim, {
      names,
      satori: { fifo: 0 },
      groups: someGroups(seed),
      price: true,
    });
    for (const block of cutIntoBlocks(world.records, new SeededRandom(1), 30)) fast.apply(block);
    fast.settle();
    expect(fast.audit()).toEqual([]);
    const { policy } = fast.policies.slots[0];
    const { satori, oneGroup } = policy.figures();
    const refused = policy.refusedReads();
    expect(refused?.reads, `seed ${seed}`).toBe((oneGroup?.readsAvoided ?? 0) - (satori?.readsAvoided ?? 0));
    // A read that several groups could have answered is in a pair with each.
    const pairs = refused?.pairs.reduce((sum, { reads }) => sum + reads, 0) ?? 0;
    expect(pairs, `seed ${seed}`).toBeGreaterThanOrEqual(refused?.reads ?? 0);
    refusedReads += refused?.reads ?? 0;
  }
  expect(refusedReads).toBeGreaterThan(100);
});

test('with a bounded region isolation may save more than one group: that is reported, not hidden', () => {
  const domain = (domid: number, key: string): TraceRecord => {
    return { kind: 'domain', domid, key, name: '', group: key, type: '', frames: 8 };
  };
  const read = (domid: number, block: number): TraceRecord => {
    return { kind: 'blockRead', domid, image: 1, block, hash: BigInt(100 + block), gfn: null, aligned: true };
  };
  const fill = (gfn: number, block: number): TraceRecord => {
    return { kind: 'fill', domid: 1, gfn, hash: BigInt(100 + block), class: 0 };
  };
  const image: TraceRecord = { kind: 'image', id: 1, name: 'base', readOnly: true, blocks: 99 };
  // Domain 1 shares block 2 with itself. In one group domain 2 makes block 1 the better one to keep, although no frame
  // holds it, and its further blocks find no victim but block 2; apart its own reads are victims.
  const shared = [domain(1, 'a'), domain(2, 'b'), image, read(1, 1), read(1, 2), fill(0, 2), read(1, 2), fill(1, 2)];
  const others = [1, 3, 4, 5].map((block) => read(2, block));
  const records = [...shared, ...others].map((record) => ({ stream: 0, time: 1, record }));
  const { oneGroup, savedFrames } = run(
    { records, region: { frames: 3 }, victim: 'sharers' },
    { frames: 3 },
    {
      price: true,
    },
  ).figures.dlps;
  expect([savedFrames, oneGroup?.savedFrames]).toEqual([1, 0]);
  expect(isolationPrice(oneGroup?.savedFrames ?? 0, savedFrames)).toBe(-1);
});

describe('groups that are given', () => {
  test('override those of the trace, whatever it says later; figures are of the slow model', () => {
    const given = new Map([
      ['key-0', 'web'],
      ['key-1', 'web'],
      ['key-2', 'db'],
    ]);
    for (const seed of seeds().slice(0, 40)) {
      const world = randomWorld(seed, { records: 250 });
      const { figures, world: fast } = run(world, UNLIMITED, { groups: given });
      const slow = new SlowEngine();
      for (const record of world.records) slow.apply(record);
      const groupOf = (life: { key: string; group: string }): string => given.get(life.key) ?? life.group;
      expect(figures.oracle, `seed ${seed}`).toEqual(slowOracle(slow, groupOf).figures);
      for (const { key, group } of fast.engine.domains.live()) if (given.has(key)) expect(group).toBe(given.get(key));
    }
  });

  test('are by key or by name, stay when the name changes, and say who never came', () => {
    const world = new FastWorld(UNLIMITED, 'sharers', {
      groups: new Map([
        ['uuid-1', 'by-key'],
        ['web1', 'by-name'],
        ['never', 'x'],
      ]),
    });
    const domain = (domid: number, key: string, name: string, group: string) => ({
      stream: 0,
      time: domid,
      record: { kind: 'domain', domid, key, name, group, type: '', frames: 8 } as const,
    });
    const groups = (): string[] => world.engine.domains.live().map(({ group }) => group);
    world.apply([domain(1, 'uuid-1', 'web1', 'red'), domain(2, 'uuid-2', 'web1', 'red'), domain(3, 'b', '', 'red')]);
    expect(groups()).toEqual(['by-key', 'by-name', 'red']);
    world.apply([domain(2, 'uuid-2', 'renamed', 'blue'), domain(3, 'b', '', 'blue')]);
    expect(groups()).toEqual(['by-key', 'by-name', 'blue']);
    expect(world.engine.lives.givenGroups.unseen).toEqual(['never']);
  });
});
