/** The worker's loop, with a source and a clock of the test: nothing here waits for time to pass. */
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/figures/snapshot.js';
import { LiveMonitor, type LiveSource } from '../../src/monitor/live-monitor.js';
import type { RangeTaker, RecordRange } from '../../src/source/record-source.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { newMonitor, request } from './ask.js';

/** A range takes this long, by the clock of the test. */
const RANGE_MS = 4;
/** The loop's promise: a turn is at most 10 ms, and begins no range after that. */
const TURN_RANGES_MAX = Math.ceil(10 / RANGE_MS);

function rangeAt(seconds: number): RecordRange {
  const records = new RecordBuffer();
  records.time(seconds * 1e6);
  records.domain(1, 'd', 'd', 'default', '', 1000);
  for (let gfn = 0; gfn < 10; gfn++) records.fill(1, gfn, 100 * seconds + gfn, 1, 0);
  return { baseTimeMicros: seconds * 1e6, words: records.words, start: 0, end: records.wordCount };
}

/** A source that holds `left` ranges; what happens is noted in order. */
class Rig {
  readonly events: string[] = [];
  readonly answers: Snapshot[] = [];
  left = 0;
  nowMs = 1000;
  cpuMs = 0;
  #taken = 0;
  readonly live: LiveMonitor;
  readonly source = {
    found: true,
    backlogBytes: 5,
    gaps: 0,
    notices: [],
    streamNames: ['s'],
    damagedBlocks: 2,
    damage: [],
    behindSinceWallMs: null as number | null,
    pull: (take: RangeTaker): boolean => this.#pull(take),
  } satisfies LiveSource;

  constructor(isFinished = false) {
    const cost = { now: () => this.nowMs, cpuMs: () => this.cpuMs, residentBytes: () => 77 };
    this.live = new LiveMonitor(newMonitor(), this.source, cost, { name: 'trace', isFinished }, (snapshot) => {
      this.answers.push(snapshot);
      this.events.push(`answer ${snapshot.requestId} at ${snapshot.position.timeMicros / 1e6}`);
    });
  }

  #pull(take: RangeTaker): boolean {
    let ranges = 0;
    while (this.left > 0) {
      this.left--;
      this.nowMs += RANGE_MS;
      ranges++;
      if (!take(0, rangeAt(++this.#taken))) break;
    }
    if (ranges > 0) this.events.push(`ranges ${ranges}`);
    return this.left > 0;
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve));
  }

  /** A few turns of the event loop, in which nothing must happen. */
  async turns(): Promise<void> {
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('the loop of the worker', () => {
  test('reads until there is nothing more, in turns that leave room for requests', async () => {
    const rig = new Rig();
    rig.left = 20;
    rig.live.wake();
    rig.live.wake();
    expect(rig.events).toEqual([]);
    await rig.until(() => rig.left === 0);
    await rig.turns();
    const ranges = rig.events.map((event) => Number(event.split(' ')[1]));
    expect(ranges.reduce((sum, each) => sum + each, 0)).toBe(20);
    expect(Math.max(...ranges)).toBe(TURN_RANGES_MAX);
    // Asleep: what comes later is read when it is woken, and not before.
    rig.left = 1;
    await rig.turns();
    expect(rig.left).toBe(1);
    rig.live.wake();
    await rig.until(() => rig.left === 0);
  });

  test('answers a request before it reads on, with all that was read until then', async () => {
    const rig = new Rig();
    rig.left = 1000;
    rig.live.wake();
    await rig.until(() => rig.left < 990);
    const taken = 1000 - rig.left;
    rig.events.length = 0;
    rig.live.request(request({ id: 7 }));
    await rig.until(() => rig.answers.length > 0);
    expect(rig.events[0]).toBe(`answer 7 at ${taken}`);
    expect(rig.answers[0].host.frames).toBe(10);
    // It goes on by itself, with one answer only.
    await rig.until(() => rig.left === 0);
    expect(rig.answers).toHaveLength(1);
  });

  test('the newest request wins', async () => {
    const rig = new Rig();
    for (const id of [1, 2, 3]) rig.live.request(request({ id }));
    await rig.until(() => rig.answers.length > 0);
    await rig.turns();
    expect(rig.answers.map(({ requestId }) => requestId)).toEqual([3]);
  });

  test('requests without an end do not stop the reading', async () => {
    const rig = new Rig();
    rig.left = 30;
    let id = 0;
    rig.live.request(request({ id }));
    while (rig.left > 0) {
      rig.live.request(request({ id: ++id }));
      await new Promise((resolve) => setImmediate(resolve));
      expect(id).toBeLessThan(1000);
    }
    expect(rig.answers.length).toBeGreaterThan(5);
  });

  test('nothing happens any more when it is closed', async () => {
    const rig = new Rig();
    rig.left = 1000;
    rig.live.wake();
    await rig.until(() => rig.left < 1000);
    rig.live.request(request());
    rig.live.close();
    const { left } = rig;
    rig.live.wake();
    rig.live.request(request());
    await rig.turns();
    expect([rig.left, rig.answers]).toEqual([left, []]);
  });
});

describe('what it tells of itself', () => {
  async function answer(rig: Rig): Promise<Snapshot> {
    const before = rig.answers.length;
    rig.live.request(request());
    await rig.until(() => rig.answers.length > before);
    return rig.answers[before];
  }

  test('lag is the age of the oldest thing that was not read; none when all was', async () => {
    const rig = new Rig();
    rig.source.behindSinceWallMs = rig.nowMs - 250;
    expect((await answer(rig)).health.lagMs).toBe(250);
    rig.source.behindSinceWallMs = null;
    expect((await answer(rig)).health).toMatchObject({ lagMs: 0, backlogBytes: 5, streams: 1, selfBytes: 77 });
  });

  test('its own cost is since the answer before', async () => {
    const rig = new Rig();
    rig.nowMs += 1000;
    rig.cpuMs += 250;
    expect((await answer(rig)).health.selfCpu).toBe(0.25);
    rig.nowMs += 100;
    rig.cpuMs += 100;
    expect((await answer(rig)).health.selfCpu).toBe(1);
  });

  test.each([
    ['a live trace never ends', false],
    ['a finished one has ended when all was read', true],
  ])('%s', async (_name, isFinished) => {
    const rig = new Rig(isFinished);
    rig.left = 10;
    expect((await answer(rig)).ended).toBe(false);
    await rig.until(() => rig.left === 0);
    await rig.turns();
    expect((await answer(rig)).ended).toBe(isFinished);
    expect((await answer(rig)).health.gaps.damagedBlocks).toBe(2);
  });
});
