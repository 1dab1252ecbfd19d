/** Figures for a slow link: nothing is sent of a host that stands still, and no figure is another one than it was. */
import { expect, test } from 'vitest';
import { micros } from '../../src/base/units.js';
import type { Snapshot, ViewRequest } from '../../src/figures/snapshot.js';
import { CalmFeed } from '../../src/ui/calm-feed.js';
import { CellSink } from '../../src/ui/cell-sink.js';
import type { Feed } from '../../src/ui/feed.js';
import { paletteOf } from '../../src/ui/theme.js';
import { viewRequest } from '../../src/ui/view-request.js';
import { initialState } from '../../src/ui/view-state.js';
import { lineText } from '../../src/ui/widgets/line-text.js';
import { plainText } from '../../src/views/line.js';
import { mainScreen } from '../../src/views/main-screen.js';
import { onceState } from '../../src/views/once-state.js';
import { FakeFeed } from './fake-feed.js';
import { FakeTerminal } from './fake-terminal.js';
import { FakeUser } from './fake-user.js';
import { ManualClock } from './manual-clock.js';

const FRAME = { columns: 120, rows: 30, unicode: true };

/** A feed that answers with what the test hands it. */
class HandFeed implements Feed {
  #listener: (snapshot: Snapshot) => void = () => undefined;
  request(): void {
    return;
  }
  subscribe(listener: (snapshot: Snapshot) => void): () => void {
    this.#listener = listener;
    return () => undefined;
  }
  onFailure(): () => void {
    return () => undefined;
  }
  async close(): Promise<void> {
    return;
  }
  answer(snapshot: Snapshot): void {
    this.#listener(snapshot);
  }
}

function calmed(): { clock: ManualClock; feed: CalmFeed; calm: (snapshot: Snapshot) => Snapshot } {
  const clock = new ManualClock();
  const hand = new HandFeed();
  const feed = new CalmFeed(hand, clock);
  let seen: Snapshot | undefined;
  feed.subscribe((snapshot) => (seen = snapshot));
  const calm = (snapshot: Snapshot): Snapshot => {
    hand.answer(snapshot);
    if (seen === undefined) throw new Error('no answer came through');
    return seen;
  };
  return { clock, feed, calm };
}

function requestOf(id: number): ViewRequest {
  return viewRequest(initialState({ source: '' }, FRAME, 0), id);
}

function screen(snapshot: Snapshot): string {
  return mainScreen(snapshot, onceState('dlps'), FRAME).map(plainText).join('\n');
}

/** A base to vary, whole seconds into its trace. */
function snapshotOf(feed: FakeFeed, id: number): Snapshot {
  const snapshot = structuredClone(feed.snapshot(requestOf(id)));
  return { ...snapshot, position: { ...snapshot.position, timeMicros: micros(1_765_000_030_000_000) } };
}

/** The same host a moment later: only what always moves has moved. */
function later(snapshot: Snapshot, microsLater: number): Snapshot {
  const { position, health } = snapshot;
  return {
    ...snapshot,
    position: { ...position, timeMicros: micros(position.timeMicros + microsLater) },
    health: { ...health, selfCpu: 0.31, selfBytes: 2e8, lagMs: 411, skewMicros: health.skewMicros + 70_000 },
    hot: { ...snapshot.hot, rows: snapshot.hot.rows.map((row) => ({ ...row, heatPerSecond: row.heatPerSecond / 2 })) },
    history: [...snapshot.history.slice(1), ...snapshot.history.slice(-1)],
  };
}

test('a host of which nothing happens is drawn as it was', () => {
  const { feed, calm } = calmed();
  feed.request(requestOf(1));
  const first = snapshotOf(new FakeFeed(new ManualClock(), { domains: 6 }), 1);
  const moved = later(first, 900_000);
  expect(screen(moved)).not.toBe(screen(first));
  expect(screen(calm(moved))).toBe(screen(calm(first)));
});

test('no figure is another one than without it', () => {
  const { calm } = calmed();
  const fake = new FakeFeed(new ManualClock(), { domains: 6 });
  for (let id = 1; id < 20; id++) {
    const snapshot = snapshotOf(fake, id);
    const { host, policy, domains, position, history } = calm(snapshot);
    expect([host, policy, position.records]).toEqual([snapshot.host, snapshot.policy, snapshot.position.records]);
    expect(domains.rows.map(({ frames, policy: part }) => [frames, part])).toEqual(
      snapshot.domains.rows.map(({ frames, policy: part }) => [frames, part]),
    );
    expect(history.at(-1)).toEqual(snapshot.history.at(-1));
  }
});

test('histories and hot pages stand still for ten seconds, unless others are asked for', () => {
  const { clock, feed, calm } = calmed();
  const fake = new FakeFeed(new ManualClock(), { domains: 6 });
  feed.request(requestOf(1));
  const first = calm(snapshotOf(fake, 1));
  clock.advance(9_000);
  const held = calm(snapshotOf(fake, 1));
  expect(held.hot.rows.map(({ heatPerSecond }) => heatPerSecond)).toEqual(
    first.hot.rows.map(({ heatPerSecond }) => heatPerSecond),
  );
  expect(held.history.slice(0, -1)).toEqual(first.history.slice(0, -1));
  feed.request({ ...requestOf(2), hot: { ...requestOf(2).hot, sort: 'refs' } });
  const sorted = snapshotOf(fake, 2);
  expect(calm(sorted).hot.rows.map(({ heatPerSecond }) => heatPerSecond)).toEqual(
    sorted.hot.rows.map(({ heatPerSecond }) => heatPerSecond),
  );
  feed.request(requestOf(3));
  clock.advance(1_000);
  const fresh = snapshotOf(fake, 3);
  expect(calm(fresh).hot.rows[0].heatPerSecond).toBe(fresh.hot.rows[0].heatPerSecond);
});

test('ages are told in steps of ten seconds and never grow backwards', () => {
  const { calm } = calmed();
  const base = snapshotOf(new FakeFeed(new ManualClock(), { domains: 2 }), 1);
  const { timeMicros } = base.position;
  const ageAt = (seconds: number): number => {
    const row = { ...base.hot.rows[0], lastEventMicros: timeMicros };
    const position = { ...base.position, timeMicros: micros(timeMicros + seconds * 1_000_000) };
    const snapshot = calmed().calm({ ...base, position, hot: { offset: 0, total: 1, rows: [row] } });
    return (snapshot.position.timeMicros - snapshot.hot.rows[0].lastEventMicros) / 1_000_000;
  };
  expect([0, 5, 9.9, 10, 19, 20, 64].map(ageAt)).toEqual([0, 0, 0, 10, 10, 20, 60]);
  const never = { ...base.hot.rows[0], lastEventMicros: -1 };
  expect(calm({ ...base, hot: { offset: 0, total: 1, rows: [never] } }).hot.rows[0].lastEventMicros).toBe(-1);
});

test('twenty seconds of a busy host are less than a third of the bytes', async () => {
  const bytesOf = async (framesPerSecond: number, change: (clock: ManualClock) => (s: Snapshot) => Snapshot) => {
    const clock = new ManualClock();
    const fake = new FakeFeed(clock, { domains: 6 });
    const terminal = new FakeTerminal(FRAME.columns, FRAME.rows);
    const nothing = (): void => undefined;
    const sink = new CellSink(terminal, { resized: nothing, drained: nothing, gone: nothing });
    const changed = change(clock);
    sink.open();
    for (let frame = 0; frame < 20 * framesPerSecond; frame++) {
      clock.advance(1000 / framesPerSecond);
      const snapshot = changed(structuredClone(fake.snapshot(requestOf(frame))));
      const lines = mainScreen(snapshot, onceState('dlps'), FRAME);
      sink.write(lines.map((line) => lineText(line, paletteOf('dark'))).join('\n'));
      await terminal.settled();
    }
    await sink.close();
    return terminal.bytes;
  };
  const usual = await bytesOf(4, () => (snapshot) => snapshot);
  const slow = await bytesOf(1, (clock) => {
    const hand = new HandFeed();
    const feed = new CalmFeed(hand, clock);
    let seen: Snapshot | undefined;
    feed.subscribe((snapshot) => (seen = snapshot));
    return (snapshot) => {
      hand.answer(snapshot);
      return seen ?? snapshot;
    };
  });
  expect(slow).toBeLessThan(usual / 3);
});

test('+ and - change how often figures are asked for; out of focus it is every ten seconds', () => {
  const user = new FakeUser().wait();
  const asked = (seconds: number): number => {
    const before = user.feed.requests.length;
    user.clock.advance(seconds * 1000);
    return user.feed.requests.length - before;
  };
  expect(asked(10)).toBe(40);
  user.press('-', '-');
  expect(user.state.message?.text).toBe('Figures every 1 s');
  expect(asked(10)).toBe(10);
  user.store.focus(false);
  expect(asked(60)).toBe(6);
  const before = user.feed.requests.length;
  user.store.focus(true);
  expect(user.feed.requests.length).toBe(before + 1);
  expect(asked(10)).toBe(10);
  for (let i = 0; i < 20; i++) user.press('+');
  expect(user.state.frameMs).toBe(200);
  for (let i = 0; i < 20; i++) user.press('-');
  expect(user.state.frameMs).toBe(60_000);
});
