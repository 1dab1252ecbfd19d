/**
 * The history of a page against the slow engine, by seed: what the follower says of every content is what happened,
 * and a page that is opened in the middle of a trace comes to the same history as one that was there from the start.
 */
import { expect, test } from 'vitest';
import type { PageEvent, PageRequest } from '../../src/figures/page-figures.js';
import { EventLog } from '../../src/monitor/event-log.js';
import { PageFollower } from '../../src/monitor/page-follower.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { MonitorWorld } from '../model/monitor-world.js';
import { encode, type TimedRecord } from '../model/plain-records.js';
import { randomWorld } from '../model/random-traces.js';
import { cutIntoBlocks } from '../model/side-by-side.js';
import { SlowEngine, ZERO_HASH } from '../model/slow-engine.js';
import { SlowPage } from '../model/slow-page.js';
import { SeededRandom } from '../seeded-random.js';
import { ask, request } from './ask.js';

const WORLDS = Number(process.env['SHARETOP_WORLDS'] ?? 60);
const CONTENTS_A_WORLD = 6;

const low = (hash: bigint): number => Number(hash & 0xffffffffn);
const high = (hash: bigint): number => Number(hash >> 32n);

/** The contents that the records name, the most frequent first, and zeros. */
function contentsOf(records: readonly TimedRecord[]): bigint[] {
  const counts = new Map<bigint, number>();
  for (const { record } of records) {
    const hashes = 'hashes' in record ? record.hashes : 'hash' in record && record.hash !== null ? [record.hash] : [];
    for (const hash of hashes) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  }
  const frequent = [...counts].sort((a, b) => b[1] - a[1]).map(([hash]) => hash);
  return [...new Set([ZERO_HASH, ...frequent])].slice(0, CONTENTS_A_WORLD);
}

function feed(follower: PageFollower, blocks: readonly TimedRecord[][]): void {
  const times: number[] = [];
  for (const records of blocks) {
    const [{ stream, time }] = records;
    const base = times[stream] ?? time;
    const buffer = new RecordBuffer();
    let now = base;
    for (const record of records) {
      if (record.time !== now && record.record.kind !== 'time') buffer.time(record.time);
      encode(buffer, record);
      now = record.time;
    }
    times[stream] = now;
    follower.follow(stream, base, buffer.words, 0, buffer.wordCount);
  }
}

test(`the follower sees what the slow engine does, in ${WORLDS} worlds`, { timeout: WORLDS * 4000 }, () => {
  let losses = 0;
  for (let seed = 1; seed <= WORLDS; seed++) {
    const { records } = randomWorld(seed, { records: 300 });
    const blocks = cutIntoBlocks(records, new SeededRandom(seed), 20);
    for (const hash of contentsOf(records)) {
      const slow = new SlowPage(hash);
      const engine = new SlowEngine([slow]);
      for (const record of records) engine.apply(record);
      const events: PageEvent[] = [];
      const follower = new PageFollower(low(hash), high(hash), (event) => events.push(event));
      feed(follower, blocks);
      const seen = events.map(({ timeMicros: time, kind, name, gfn, block, refs }) => {
        return { time, kind, name, gfn: kind === 'read' ? -1 : gfn, block, refs };
      });
      expect(seen, `seed ${seed}, content ${hash.toString(16)}`).toEqual(slow.events);
      expect(follower.refs).toBe(slow.refs);
      losses += slow.events.filter(({ kind }) => kind !== 'seen' && kind !== 'read').length;
    }
  }
  // Not a test of nothing.
  expect(losses).toBeGreaterThan(WORLDS);
});

function pageOf(hash: bigint): PageRequest {
  return {
    ...{ hashLow: low(hash), hashHigh: high(hash), selected: 0, mappings: { offset: 0, count: 1000 } },
    ...{ history: { offset: 0, count: 5000 }, neighbours: { centre: 0, reach: 2 } },
  };
}

/** Opens the page of `hash`, and works until what takes no second reading is answered. */
function openPage(world: MonitorWorld, hash: bigint) {
  const page = pageOf(hash);
  world.monitor.settle(Number.POSITIVE_INFINITY);
  world.monitor.want(request({ page }), 0);
  expect(world.monitor.work(() => 0, Infinity)).toBe(false);
  return ask(world.monitor, { page }).page!;
}

/** A clock that is late as soon as it was asked: every slice is as short as can be. */
const HURRY = (): number => 1;

test('a page opened in the middle has the whole history once the trace was read again', { timeout: 240_000 }, () => {
  for (let seed = 1; seed <= WORLDS; seed++) {
    const world = randomWorld(seed, { records: 300 });
    const random = new SeededRandom(seed);
    const blocks = cutIntoBlocks(world.records, random, 20);
    const hash = contentsOf(world.records)[seed % CONTENTS_A_WORLD] ?? ZERO_HASH;
    const monitored = new MonitorWorld(world);
    const opened = random.below(blocks.length);
    let isOpen = false;
    let more = true;
    for (const [i, block] of blocks.entries()) {
      monitored.apply(block);
      if (i === opened) {
        const { history } = openPage(monitored, hash);
        expect(history?.reach).toEqual({ kind: 'reading', done: 0 });
        isOpen = true;
      }
      // Reading goes on while more is applied.
      if (isOpen && more && random.chance(0.3)) more = monitored.monitor.read(HURRY, 0);
    }
    while (more) more = monitored.monitor.read(HURRY, 0);
    const whole = new EventLog();
    feed(new PageFollower(low(hash), high(hash), (event) => whole.add(event)), blocks);
    const { history } = openPage(monitored, hash);
    expect(history, `seed ${seed}`).toEqual({
      rows: { offset: 0, total: whole.rows().length, rows: whole.rows() },
      events: whole.total,
      reach: { kind: 'whole' },
    });
    expect(monitored.readings).toMatchObject([{ isClosed: true }]);
  }
});

test('where the trace cannot be read again, or is not what it was, the history says since when', () => {
  const world = randomWorld(3, { records: 300 });
  const blocks = cutIntoBlocks(world.records, new SeededRandom(3), 20);
  const [, hash] = contentsOf(world.records);
  const once = new MonitorWorld(world, false);
  const cut = new MonitorWorld(world);
  cut.lost = Math.floor(blocks.length / 2);
  for (const block of blocks) {
    once.apply(block);
    cut.apply(block);
  }
  const since = once.monitor.position.timeMicros;
  expect(openPage(once, hash).history).toMatchObject({ events: 0, reach: { kind: 'since', sinceMicros: since } });
  openPage(cut, hash);
  while (cut.monitor.read(HURRY, 0));
  expect(openPage(cut, hash).history?.reach).toMatchObject({ kind: 'since', sinceMicros: since, reason: /files hold/ });
});

test('a log keeps its beginning and its end, and how many events are between', () => {
  const log = new EventLog();
  const event = (n: number): PageEvent => ({
    ...{ timeMicros: n, kind: 'seen', name: 'a', gfn: n * 2, count: 1, image: '', block: -1, refs: n },
  });
  for (let n = 0; n < 1500; n++) log.add(event(n));
  const rows = log.rows();
  expect(rows).toHaveLength(1001);
  expect(rows[199]).toMatchObject({ gfn: 398 });
  expect(rows[200]).toEqual({ omitted: 500 });
  expect(rows[201]).toMatchObject({ gfn: 1400 });
  expect(rows[1000]).toMatchObject({ gfn: 2998 });
  // What goes on with the newest joins it.
  log.add({ ...event(1499), gfn: 2999, refs: 7 });
  expect(log.rows()[1000]).toMatchObject({ gfn: 2998, count: 2, refs: 7 });
  expect(log.total).toBe(1500);
  const early = new EventLog();
  for (let n = 0; n < 150; n++) early.add({ ...event(n), timeMicros: -n });
  early.append(log);
  expect(early.total).toBe(1650);
  expect(early.rows().at(-1)).toMatchObject({ gfn: 2998 });
});
