/**
 * The fast engine and the slow model over random worlds: every figure equal after every few records, and every audit
 * silent. `SHARETOP_SEED=N npx vitest run test/engine/slow-model.test.ts` replays one seed; `SHARETOP_WORLDS=N` makes
 * N small worlds and as many long ones in proportion.
 */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../seeded-random.js';
import type { TimedRecord } from '../model/plain-records.js';
import { randomWorld, type World } from '../model/random-traces.js';
import {
  agreeOnFairShares,
  cutIntoBlocks,
  fastFigures,
  FastWorld,
  slowFigures,
  SlowWorld,
} from '../model/side-by-side.js';

const WORLDS_DEFAULT = 300;
const WORLDS = Number(process.env['SHARETOP_WORLDS'] ?? WORLDS_DEFAULT);
const LONG_WORLDS = Math.ceil((6 * WORLDS) / WORLDS_DEFAULT);
const SEED = process.env['SHARETOP_SEED'];
const RECORDS_LONG = 20_000;
/** Milliseconds that a world may take on a slow machine. */
const PATIENCE = 2000;

type Figures = ReturnType<typeof fastFigures>;

function seeds(count: number): number[] {
  return SEED === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [Number(SEED)];
}

/** What holds of any figures, whatever the world. */
function checkConservation({ host, domains, dlps, oracle }: Figures, replay: string): void {
  const sum = (of: (domain: Figures['domains'][0]) => number): number => domains.reduce((all, d) => all + of(d), 0);
  // Facts V5: within and between domains are the whole potential, and neither is negative.
  expect(host.selfSavedFrames + host.interSavedFrames, replay).toBe(host.potentialSavedFrames);
  expect(Math.min(host.selfSavedFrames, host.interSavedFrames), replay).toBeGreaterThanOrEqual(0);
  // Facts V3: frames that map to a shared copy = frames freed + copies kept.
  expect(
    sum((d) => d.dlps.sharedFrames),
    replay,
  ).toBe(dlps.savedFrames + dlps.sharedFrames);
  expect(
    sum((d) => d.oracle.sharedFrames),
    replay,
  ).toBe(oracle.savedFrames + oracle.sharedFrames);
  // Facts V6: the fair shares add up to what is saved.
  expect(
    sum((d) => d.dlps.fairSavedFrames),
    replay,
  ).toBeCloseTo(dlps.savedFrames, 6);
  expect(
    sum((d) => d.figures.fairSavedFrames),
    replay,
  ).toBeCloseTo(host.potentialSavedFrames, 6);
  const reads = dlps.dlps;
  expect(reads?.readsSeen, replay).toBe((reads?.readsIssued ?? 0) + (reads?.readsAvoided ?? 0));
}

/** Runs a world through both; compares after every `checkEvery` blocks and at the end. */
function compare(seed: number, world: World, recordsMax: number, checkEvery: number): void {
  const random = new SeededRandom(seed + 1);
  const fast = new FastWorld(world.region, world.victim);
  const slow = new SlowWorld(world.region, world.victim);
  const blocks = cutIntoBlocks(world.records, random, recordsMax);
  let done = 0;
  for (const [i, block] of blocks.entries()) {
    fast.apply(block);
    slow.apply(block);
    done += block.length;
    if (random.chance(0.3)) fast.engine.settle(random.below(4));
    if (i % checkEvery !== 0 && i + 1 < blocks.length) continue;
    const replay = `SHARETOP_SEED=${seed}, after ${done} records`;
    fast.settle();
    const kept = fastFigures(fast);
    const counted = slowFigures(slow, fast.engine.changes.pairsExact);
    agreeOnFairShares(kept, counted);
    expect(kept, replay).toEqual(counted);
    expect(fast.audit(), replay).toEqual([]);
    checkConservation(kept, replay);
  }
}

describe('the engine and the slow model agree', () => {
  test(`in ${seeds(WORLDS).length} small worlds`, { timeout: WORLDS * PATIENCE }, () => {
    for (const seed of seeds(WORLDS)) {
      compare(seed, randomWorld(seed, { records: 60 + (seed % 5) * 60 }), 1 + (seed % 13), 3);
    }
  });

  test(`in ${seeds(LONG_WORLDS).length} long worlds`, { timeout: LONG_WORLDS * 20 * PATIENCE }, () => {
    for (const seed of seeds(LONG_WORLDS)) {
      const size = seed % 2 === 0 ? {} : { wide: true, domains: 6 * seed };
      compare(seed, randomWorld(seed, { records: RECORDS_LONG, ...size }), 300, 40);
    }
  });

  test('with more domains than pairs are kept for', () => {
    const world = randomWorld(7, { records: 4000, domains: 150 });
    const fast = new FastWorld(world.region, world.victim);
    for (const block of cutIntoBlocks(world.records, new SeededRandom(1), 300)) fast.apply(block);
    expect(fast.engine.changes.pairsExact).toBe(false);
    compare(7, world, 300, 10);
  });

  test('when one record changes more frames than an effects batch holds', () => {
    const range = { domid: 1, gfn: 10, count: 9000 };
    const domain = { kind: 'domain', domid: 1, key: 'a', name: '', group: '', type: '', frames: 20_000 } as const;
    const read = { kind: 'blockRead', domid: 1, image: 1, block: 1, hash: 5n, gfn: null, aligned: true } as const;
    const records: TimedRecord['record'][] = [
      domain,
      { kind: 'image', id: 1, name: 'i', readOnly: true, blocks: 9 },
      read,
      { kind: 'fillRun', ...range, hash: 5n, class: 0 },
      { kind: 'dirty', ...range },
      { kind: 'fillRun', ...range, hash: 6n, class: 0 },
      { kind: 'free', ...range },
      { kind: 'fillRun', ...range, hash: 5n, class: 0 },
      { ...domain, frames: 30 },
      { kind: 'gone', domid: 1 },
    ];
    const timed = records.map((record) => ({ stream: 0, time: 0, record }));
    compare(1, { region: { frames: 1 }, victim: 'sharers', records: timed }, 1, 1);
    compare(1, { region: { frames: 1 }, victim: 'sharers', records: timed }, 100, 1);
  });
});

describe('many domains', () => {
  const domain = (domid: number): TimedRecord['record'] => {
    return { kind: 'domain', domid, key: `k${domid}`, name: '', group: '', type: '', frames: 9 };
  };
  const timed = (records: TimedRecord['record'][]): TimedRecord[] => {
    return records.map((record) => ({ stream: 0, time: 0, record }));
  };

  test('that live one after another are few: pairs stay exact though nobody settles', () => {
    const fast = new FastWorld({ frames: 0 }, 'sharers');
    const fill = { kind: 'fill', gfn: 1, hash: 5n, class: 0 } as const;
    fast.apply(timed([domain(1000), { ...fill, domid: 1000 }]));
    for (let domid = 1; domid < 300; domid++) {
      fast.apply(timed([domain(domid), { ...fill, domid }, { kind: 'gone', domid }]));
    }
    fast.apply(timed([domain(1), { ...fill, domid: 1 }]));
    fast.settle();
    expect(fastFigures(fast).pairs).toEqual({ 'k1000|k1': 1 });
    expect(fast.audit()).toEqual([]);
  });

  test('end exact pairs in the middle of a block, and a content that was just read is still itself', () => {
    const read = { kind: 'blockRead', image: 1, block: 1, hash: 5n, gfn: null, aligned: true } as const;
    const first = Array.from({ length: 128 }, (_, i) => domain(i));
    const records: TimedRecord['record'][] = [
      { kind: 'image', id: 1, name: 'i', readOnly: true, blocks: 9 },
      ...first,
      { ...read, domid: 1 },
      domain(128),
      { kind: 'fill', domid: 128, gfn: 0, hash: 6n, class: 0 },
      { ...read, domid: 2 },
    ];
    const world: World = { region: { frames: 9 }, victim: 'sharers', records: timed(records) };
    compare(1, world, 1000, 1);
    const fast = new FastWorld(world.region, world.victim);
    fast.apply(world.records);
    expect(fast.dlps.figures().dlps).toMatchObject({ identityConflicts: 0, readsAvoidedCross: 1 });
  });
});

describe('the figures', () => {
  test('depend neither on how records are cut into blocks nor on when settle is called', () => {
    for (const seed of seeds(60)) {
      const world = randomWorld(seed, { records: 250 });
      const run = (cuts: number, recordsMax: number, settles: boolean): Figures => {
        const fast = new FastWorld(world.region, world.victim);
        for (const block of cutIntoBlocks(world.records, new SeededRandom(cuts), recordsMax)) {
          fast.apply(block);
          if (settles) fast.settle();
        }
        fast.settle();
        return fastFigures(fast);
      };
      const whole = run(1, 1_000_000, false);
      for (const other of [run(2, 1, true), run(3, 20, false), run(4, 20, true)]) {
        agreeOnFairShares(other, whole);
        expect(other, `SHARETOP_SEED=${seed}`).toEqual(whole);
      }
    }
  });
});

describe('a block that is applied in steps', () => {
  test('gives the figures that it gives at once, and every invariant holds between two steps', () => {
    for (const seed of seeds(12)) {
      const world = randomWorld(seed, { records: 250 });
      const run = (stepFrames: number, audits: boolean): [Figures, number] => {
        const fast = new FastWorld(world.region, world.victim);
        let steps = 0;
        for (const block of cutIntoBlocks(world.records, new SeededRandom(seed), 100)) {
          fast.apply(block, stepFrames, () => {
            steps++;
            if (audits && steps % 64 === 0) expect(fast.audit(), `SHARETOP_SEED=${seed}`).toEqual([]);
          });
        }
        fast.settle();
        return [fastFigures(fast), steps];
      };
      const [whole] = run(0, false);
      for (const stepFrames of [3, 50]) {
        const [inSteps, steps] = run(stepFrames, stepFrames < 10);
        expect(steps).toBeGreaterThan(0);
        agreeOnFairShares(inSteps, whole);
        expect(inSteps, `SHARETOP_SEED=${seed}, steps of ${stepFrames}`).toEqual(whole);
      }
    }
  });
});

describe('trust groups of one domain each', () => {
  /** The world with every domain in a group of its own (or all in one), and nobody ever gone: a life is a domain. */
  function inGroups(world: World, groupOf: (key: string) => string): World {
    const keyOf = new Map<string, string>();
    const records = world.records.filter(({ stream, record }) => {
      if (record.kind === 'gone') return false;
      if (record.kind !== 'domain') return true;
      // A domid that is given to another key would end a life.
      const address = `${stream}/${record.domid}`;
      if (!keyOf.has(address)) keyOf.set(address, record.key);
      return keyOf.get(address) === record.key;
    });
    const regrouped = records.map(({ stream, time, record }) => ({
      stream,
      time,
      record: record.kind === 'domain' ? { ...record, group: groupOf(record.key) } : record,
    }));
    return { ...world, records: regrouped };
  }

  test('share nothing between domains, and the memory is as identical as before (facts V21)', () => {
    let crossTogether = 0;
    for (const seed of seeds(60)) {
      const world = randomWorld(seed, { records: 250 });
      const figures = (groupOf: (key: string) => string): [Figures, SlowWorld] => {
        const { records, region, victim } = inGroups(world, groupOf);
        const fast = new FastWorld(region, victim);
        const slow = new SlowWorld(region, victim);
        for (const block of cutIntoBlocks(records, new SeededRandom(seed), 20)) {
          fast.apply(block);
          slow.apply(block);
        }
        fast.settle();
        const kept = fastFigures(fast);
        const counted = slowFigures(slow, true);
        agreeOnFairShares(kept, counted);
        expect(kept, `SHARETOP_SEED=${seed}`).toEqual(counted);
        return [kept, slow];
      };
      const [alone, slow] = figures((key) => key);
      const [together] = figures(() => 'default');
      expect(alone.dlps.dlps?.readsAvoidedCross, `SHARETOP_SEED=${seed}`).toBe(0);
      for (const slot of slow.dlps.slots.values()) expect(slot.bound.size).toBeLessThanOrEqual(1);
      expect(alone.host).toEqual(together.host);
      crossTogether += together.dlps.dlps?.readsAvoidedCross ?? 0;
    }
    // The worlds would have shared between domains.
    expect(crossTogether).toBeGreaterThan(SEED === undefined ? 100 : -1);
  });
});
