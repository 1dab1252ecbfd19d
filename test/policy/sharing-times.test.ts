/**
 * Lifetimes of opportunities and shares, and merge latency, against a slow way that shares no code with the fast one:
 * at the end of every instant it lists all frames, and keeps for each since when it is in a span.
 */
import { describe, expect, test } from 'vitest';
import { DurationHistogram } from '../../src/base/duration-histogram.js';
import { SPAN_EDGES } from '../../src/figures/time-figures.js';
import { SharingTimes } from '../../src/monitor/sharing-times.js';
import type { TimedRecord } from '../model/plain-records.js';
import { randomWorld, type World } from '../model/random-traces.js';
import { cutIntoBlocks, FastWorld } from '../model/side-by-side.js';
import { SlowDlps } from '../model/slow-dlps.js';
import { type Life, SlowEngine, type SlowPolicy } from '../model/slow-engine.js';
import { SeededRandom } from '../seeded-random.js';

const WORLDS = Number(process.env['SHARETOP_WORLDS'] ?? 36);

interface Durations {
  ended: number[];
  open: number[];
}

/** Stands before the policies in the order of those who hear of time: they have not moved on when it looks. */
class SlowTimes implements SlowPolicy {
  readonly opportunities: Durations = { ended: [], open: [] };
  readonly shares: Durations = { ended: [], open: [] };
  readonly latencies: Durations = { ended: [], open: [] };
  /** Frame → start of the span it is in, ms. */
  #inOpportunity = new Map<string, number>();
  #inShare = new Map<string, number>();
  readonly #merged = new Set<string>();
  /** Frames that left their content, or were bound, at this instant. */
  readonly #changed = new Set<string>();
  readonly #bound = new Set<string>();
  #now = -1;

  constructor(
    readonly dlps: SlowDlps,
    readonly engine: () => SlowEngine,
  ) {
    dlps.onBind = (life, gfn) => this.#bound.add(`${life.id}/${gfn}`);
  }

  timeMoved(now: number): void {
    if (this.#now >= 0) this.endInstant();
    this.#now = now;
  }

  frameChanged(life: Life, gfn: number): void {
    this.#changed.add(`${life.id}/${gfn}`);
  }
  groupChanged(life: Life): void {
    for (const gfn of life.frames.keys()) this.#changed.add(`${life.id}/${gfn}`);
  }

  endInstant(): void {
    const now = this.#now / 1000;
    this.#inOpportunity = this.#follow(this.#inOpportunity, this.#couldShare(), this.#changed, (frame, start) => {
      this.opportunities.ended.push(now - start);
      if (!this.#merged.has(frame)) this.latencies.open.push(now - start);
    });
    for (const [frame, start] of this.#inOpportunity) if (start === now) this.#merged.delete(frame);
    this.#inShare = this.#follow(this.#inShare, this.#doShare(), this.#bound, (_, start) => {
      this.shares.ended.push(now - start);
    });
    for (const frame of this.#inShare.keys()) {
      const start = this.#inOpportunity.get(frame);
      if (start === undefined || this.#merged.has(frame)) continue;
      this.#merged.add(frame);
      this.latencies.ended.push(now - start);
    }
    this.#changed.clear();
    this.#bound.clear();
  }

  /** The spans after this instant; tells those that ended. */
  #follow(
    before: Map<string, number>,
    frames: Set<string>,
    anew: Set<string>,
    ended: (frame: string, start: number) => void,
  ): Map<string, number> {
    for (const [frame, start] of before) if (!frames.has(frame) || anew.has(frame)) ended(frame, start);
    const start = (frame: string): number => (anew.has(frame) ? undefined : before.get(frame)) ?? this.#now / 1000;
    return new Map([...frames].map((frame) => [frame, start(frame)]));
  }

  #couldShare(): Set<string> {
    const holders = new Map<string, string[]>();
    for (const life of this.engine().live) {
      for (const [gfn, held] of life.frames) {
        if (held.state !== 'known') continue;
        const key = `${life.group} ${held.hash}`;
        holders.set(key, [...(holders.get(key) ?? []), `${life.id}/${gfn}`]);
      }
    }
    return new Set([...holders.values()].filter((frames) => frames.length >= 2).flat());
  }

  #doShare(): Set<string> {
    const slots = [...this.dlps.slots.values()].map(({ bound }) =>
      [...bound].flatMap(([life, gfns]) => [...gfns].map((gfn) => `${life.id}/${gfn}`)),
    );
    return new Set(slots.filter((frames) => frames.length >= 2).flat());
  }

  /** What runs is open. */
  finish(): void {
    this.endInstant();
    const now = this.#now / 1000;
    for (const [frame, start] of this.#inOpportunity) {
      this.opportunities.open.push(now - start);
      if (!this.#merged.has(frame)) this.latencies.open.push(now - start);
    }
    for (const start of this.#inShare.values()) this.shares.open.push(now - start);
  }

  memoryChanged(): void {}
  written(): void {}
  read(): void {}
  gone(): void {}
}

/** Times of a world in whole milliseconds, in which spans are measured. */
function inMillis({ records, ...rest }: World): World {
  return { ...rest, records: records.map((each) => ({ ...each, time: Math.floor(each.time / 1000) * 1000 })) };
}

function slowTimes({ region, victim, records }: World): SlowTimes {
  const dlps = new SlowDlps(region, victim);
  const times: SlowTimes = new SlowTimes(dlps, () => engine);
  const engine: SlowEngine = new SlowEngine([times, dlps]);
  for (const record of records) engine.apply(record);
  times.finish();
  return times;
}

function fastTimes(world: World, blocks: readonly TimedRecord[][], random: SeededRandom) {
  const fast = new FastWorld(world.region, world.victim);
  const times = new SharingTimes(fast.engine, fast.policies);
  const { policies } = fast;
  const apply = policies.apply.bind(policies);
  policies.apply = (words, used) => {
    times.apply(words, used);
    apply(words, used);
  };
  for (const block of blocks) {
    fast.apply(block);
    if (random.chance(0.3)) fast.settle();
  }
  times.finish();
  return { opportunities: times.spans()?.opportunities, ...times.ofPolicy('dlps') };
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

describe('lifetimes and merge latency', () => {
  test(`are those of the slow way in ${WORLDS} random worlds, however they are cut and settled`, () => {
    const seen = { shares: 0, latencies: 0, waited: 0 };
    for (let seed = 1; seed <= WORLDS; seed++) {
      const world = inMillis(randomWorld(seed, { records: 60 + (seed % 5) * 60 }));
      const slow = slowTimes(world);
      for (const recordsMax of [1, 1 + (seed % 17), 1000]) {
        const random = new SeededRandom(seed);
        const fast = fastTimes(world, cutIntoBlocks(world.records, random, recordsMax), random);
        expect(fast, `seed ${seed}, blocks of ${recordsMax}`).toMatchObject({
          opportunities: summary(slow.opportunities),
          shares: summary(slow.shares),
          latency: summary(slow.latencies),
        });
      }
      seen.shares += slow.shares.ended.length;
      seen.latencies += slow.latencies.ended.length;
      seen.waited += slow.latencies.ended.filter((latency) => latency > 0).length;
    }
    // A test of worlds without any would prove nothing.
    expect(Math.min(seen.shares, seen.latencies, seen.waited)).toBeGreaterThan(2);
  });
});
