/**
 * Lifetimes of opportunities and shares, merge latency and page-seconds, against a slow way that shares no code with
 * the fast one: at the end of every instant it lists all frames, and keeps for each since when it is in a span. Who
 * shares what is known from the slow models; of `esx`, whose order is random, from the copies of a run that is stopped
 * at the end of each sleep.
 */
import { describe, expect, test } from 'vitest';
import { DurationHistogram } from '../../src/base/duration-histogram.js';
import { SPAN_EDGES } from '../../src/figures/time-figures.js';
import type { PolicyName } from '../../src/monitor/policy-registry.js';
import { SharingTimes } from '../../src/monitor/sharing-times.js';
import { type WorldKnobs, randomKnobs } from '../model/policy-worlds.js';
import type { TimedRecord } from '../model/plain-records.js';
import { randomWorld, type World } from '../model/random-traces.js';
import { cutIntoBlocks, FastWorld } from '../model/side-by-side.js';
import { SlowDlps } from '../model/slow-dlps.js';
import { SlowEngine, type SlowPolicy, ZERO_HASH } from '../model/slow-engine.js';
import { SlowEsx } from '../model/slow-esx.js';
import { SlowKsm } from '../model/slow-ksm.js';
import { SlowSatori } from '../model/slow-satori.js';
import { type Durations, frameName, type Sharer, SlowTimes } from '../model/slow-times.js';
import { SlowXlh } from '../model/slow-xlh.js';
import { SeededRandom } from '../seeded-random.js';

const WORLDS = Number(process.env['SHARETOP_WORLDS'] ?? 36);
type Name = Exclude<PolicyName, 'oracle'>;

/** The sleep of `esx`, ms (docs/POLICIES.md). */
const ESX_MILLIS = 20;

/** A scheme of the slow world, and who shares in it. */
interface Scheme {
  readonly model: SlowPolicy;
  readonly sharers: () => Sharer[];
  /** What the world does beside: of `esx`, the run that is watched. */
  readonly also?: (record: TimedRecord) => void;
  /** Of a scanner: how long it sleeps. */
  readonly sleepMillis?: number;
}

function dlpsScheme({ region, victim }: World): Scheme {
  const model = new SlowDlps(region, victim);
  const binds = new Map<string, number>();
  model.onBind = (life, gfn) => {
    binds.set(frameName(life, gfn), (binds.get(frameName(life, gfn)) ?? 0) + 1);
  };
  const sharers = (): Sharer[] =>
    [...model.slots.values()].flatMap((copy) =>
      [...copy.bound].flatMap(([life, gfns]) =>
        [...gfns].map((gfn) => ({
          frame: frameName(life, gfn),
          copy,
          stay: binds.get(frameName(life, gfn)),
        })),
      ),
    );
  return { model, sharers };
}

function satoriScheme({ region, victim }: World, { satori }: WorldKnobs): Scheme {
  const model = new SlowSatori(region, victim, satori.fifo);
  const sharers = (): Sharer[] =>
    [...model.slots].flatMap((copy) =>
      [...copy.bound].map((stay) => ({ frame: frameName(stay.life, stay.gfn), copy, stay })),
    );
  return { model, sharers };
}

/** Frames join copies at the ends of sleeps and leave them between, so none leaves and comes back in one instant. */
function mergerScheme(model: SlowKsm, sleepMillis: number): Scheme {
  const sharers = (): Sharer[] =>
    [...model.copies]
      .filter(({ content }) => content !== ZERO_HASH)
      .flatMap((copy) =>
        [...copy.frames].map(({ life, place }) => ({ frame: frameName(life, place), copy, stay: null })),
      );
  return { model, sharers, sleepMillis };
}

function esxScheme({ region, victim }: World, { esx }: WorldKnobs, engine: () => SlowEngine): Scheme {
  const watched = new FastWorld(region, victim, { names: ['esx'], esx });
  const { copies } = watched.policies.slots[0].policy.running ?? {};
  if (copies === undefined) throw new Error('esx keeps no copies');
  const sharers = (): Sharer[] => {
    const found: Sharer[] = [];
    for (const life of engine().live) {
      const slot = watched.engine.domains.byKey.get(life.key)?.slot ?? -1;
      for (const gfn of life.frames.keys()) {
        const copy = copies.ofFrame(watched.engine.frames.find(slot, gfn));
        if (copy !== 0) found.push({ frame: frameName(life, gfn), copy, stay: null });
      }
    }
    return found;
  };
  const also = (record: TimedRecord): void => {
    watched.apply([record]);
    watched.settle();
  };
  return { model: new SlowEsx(esx), sharers, also, sleepMillis: ESX_MILLIS };
}

function schemeOf(name: Name, world: World, knobs: WorldKnobs, engine: () => SlowEngine): Scheme {
  if (name === 'dlps') return dlpsScheme(world);
  if (name === 'satori') return satoriScheme(world, knobs);
  if (name === 'esx') return esxScheme(world, knobs, engine);
  const { ksm } = knobs;
  return mergerScheme(name === 'ksm' ? new SlowKsm(ksm) : new SlowXlh(ksm), ksm.sleep_millisecs);
}

/** Times of a world in whole milliseconds, in which spans are measured. */
function inMillis({ records, ...rest }: World): World {
  return { ...rest, records: records.map((each) => ({ ...each, time: Math.floor(each.time / 1000) * 1000 })) };
}

/** When the scans of a world begin, µs: at the first record that changes a frame, reads or writes. */
function scanStart(records: readonly TimedRecord[]): number {
  let start = Number.POSITIVE_INFINITY;
  const note = (): void => {
    start = Math.min(start, engine.now);
  };
  const nothing = (): void => undefined;
  const listener = { timeMoved: nothing, memoryChanged: nothing, groupChanged: nothing, gone: nothing };
  const engine = new SlowEngine([{ ...listener, written: note, read: note, frameChanged: note }]);
  for (const record of records) engine.apply(record);
  return start;
}

/** The records, and between them the ends of a scanner's sleeps. */
function* withSleeps(records: readonly TimedRecord[], sleepMillis: number | undefined): Generator<TimedRecord> {
  if (sleepMillis === undefined) {
    yield* records;
    return;
  }
  let next = scanStart(records) + sleepMillis * 1000;
  for (const record of records) {
    for (; next < record.time; next += sleepMillis * 1000) {
      yield { stream: record.stream, time: next, record: { kind: 'time' } };
    }
    yield record;
  }
}

function slowTimes(name: Name, world: World, knobs: WorldKnobs): SlowTimes {
  const scheme = schemeOf(name, world, knobs, () => engine);
  const times = new SlowTimes(() => engine, scheme.sharers);
  const engine: SlowEngine = new SlowEngine([times, scheme.model]);
  for (const record of withSleeps(world.records, scheme.sleepMillis)) {
    engine.apply(record);
    scheme.also?.(record);
  }
  times.finish();
  return times;
}

/** A policy over blocks cut anywhere, settled now and then. */
function fastTimes(
  name: Name,
  { region, victim }: World,
  knobs: WorldKnobs,
  blocks: readonly TimedRecord[][],
  random: SeededRandom,
) {
  const fast = new FastWorld(region, victim, { names: [name], ...knobs, xlh: knobs.ksm });
  const times = new SharingTimes(fast.engine, fast.policies);
  const { policies } = fast;
  const apply = policies.apply.bind(policies);
  policies.apply = (words, used) => {
    times.apply(words, used);
    apply(words, used);
  };
  for (const block of blocks) {
    fast.apply(block);
    if (random.chance(0.3)) policies.settle(random.below(20));
    if (random.chance(0.3)) fast.settle();
  }
  fast.settle();
  times.finish();
  return {
    opportunities: times.spans()?.opportunities,
    fromFirstScan: times.spans()?.fromFirstScan,
    ...times.ofPolicy(name),
    savedPageSeconds: policies.find(name).policy.pageSeconds()?.saved,
  };
}

/** What a list of durations comes to, in the form of the figures. */
function summary({ ended, open }: Durations) {
  const histogram = new DurationHistogram(SPAN_EDGES);
  for (const duration of ended) histogram.end(duration);
  for (const duration of open) histogram.censor(duration);
  const edges = [0, ...SPAN_EDGES, 2 ** 32];
  const median = histogram.median();
  return {
    ended: ended.length,
    open: open.length,
    totalSeconds: [...ended, ...open].reduce((sum, duration) => sum + duration, 0) / 1000,
    medianSeconds: median === null ? null : median / 1000,
    buckets: edges.slice(1).map((to, i) => ({
      fromSeconds: edges[i] / 1000,
      ended: ended.filter((duration) => duration >= edges[i] && duration < to).length,
      open: open.filter((duration) => duration >= edges[i] && duration < to).length,
    })),
  };
}

/** The same of those whose beginning nobody saw. */
function undated(durations: Durations) {
  const { ended, open, totalSeconds } = summary(durations);
  return { ended, open, totalSeconds };
}

/** Knobs with which a scanner finds something in so short a world. */
function livelyKnobs(seed: number): WorldKnobs {
  const { ksm, esx, satori } = randomKnobs(seed);
  return {
    satori,
    ksm: { ...ksm, pages_to_scan: Math.max(ksm.pages_to_scan, 1), sleep_millisecs: 333 + (seed % 4) * 100 },
    esx: { ...esx, rate_per_domain: Math.max(esx.rate_per_domain, 1) },
  };
}

describe('lifetimes, merge latency and page-seconds', () => {
  test.each([
    { name: 'dlps', worlds: WORLDS, most: 300 },
    { name: 'satori', worlds: WORLDS, most: 300 },
    { name: 'ksm', worlds: Math.ceil(WORLDS / 2), most: 200 },
    { name: 'xlh', worlds: Math.ceil(WORLDS / 2), most: 200 },
    { name: 'esx', worlds: Math.ceil(WORLDS / 3), most: 120 },
  ] as const)('of $name are those of the slow way in $worlds random worlds', ({ name, worlds, most }) => {
    const seen = { dated: 0, undated: 0, shares: 0, latencies: 0, waited: 0, saved: 0 };
    for (let seed = 1; seed <= worlds; seed++) {
      const world = inMillis(randomWorld(seed, { records: 60 + ((seed % 5) * (most - 60)) / 4 }));
      const knobs = livelyKnobs(seed);
      const slow = slowTimes(name, world, knobs);
      for (const recordsMax of [1, 1 + (seed % 17), 1000]) {
        const random = new SeededRandom(seed);
        const fast = fastTimes(name, world, knobs, cutIntoBlocks(world.records, random, recordsMax), random);
        expect(fast, `seed ${seed}, blocks of ${recordsMax}`).toMatchObject({
          opportunities: summary(slow.opportunities),
          fromFirstScan: undated(slow.undated),
          shares: { ...summary(slow.shares), totalSeconds: slow.sharedMillis / 1000 },
          latency: summary(slow.latencies),
          savedPageSeconds: slow.savedMillis / 1000,
        });
      }
      seen.dated += slow.opportunities.ended.length;
      seen.undated += slow.undated.ended.length;
      seen.shares += slow.shares.ended.length;
      seen.latencies += slow.latencies.ended.length;
      seen.waited += slow.latencies.ended.filter((latency) => latency > 0).length;
      seen.saved += slow.savedMillis;
    }
    // A test of worlds without any would prove nothing.
    expect(Math.min(seen.dated, seen.undated, seen.shares, seen.latencies, seen.saved)).toBeGreaterThan(2);
    expect(seen.waited).toBeGreaterThan(0);
  });
});
