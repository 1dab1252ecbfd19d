import { afterEach, describe, expect, test, vi } from 'vitest';
import { WALL_CLOCK } from '../../src/ui/clock.js';
import { type AppOptions, type RunningApp, runApp } from '../../src/ui/run-app.js';
import { FakeFeed } from './fake-feed.js';
import { FakeTerminal } from './fake-terminal.js';

interface Session {
  terminal: FakeTerminal;
  feed: FakeFeed;
  app: RunningApp;
  /** Waits until the screen shows it. */
  sees: (pattern: RegExp) => Promise<void>;
}

const sessions: Session[] = [];

function start(options: Partial<AppOptions> & { columns?: number; rows?: number; latencyMs?: number } = {}): Session {
  const terminal = new FakeTerminal(options.columns ?? 80, options.rows ?? 24);
  const feed = new FakeFeed(WALL_CLOCK, { domains: 6, latencyMs: options.latencyMs ?? 1 });
  const app = runApp({
    feed,
    terminal: terminal.terminal,
    unicode: true,
    initial: { source: 'run-0412', frameMs: 20 },
    ...options,
  });
  const sees = (pattern: RegExp): Promise<void> => expect.poll(() => terminal.lines().join('\n')).toMatch(pattern);
  const session = { terminal, feed, app, sees };
  sessions.push(session);
  return session;
}

afterEach(async () => {
  for (const { app } of sessions.splice(0)) {
    app.stop();
    await app.finished.catch(() => undefined);
  }
});

describe('the live screen', () => {
  test('comes up, follows keys, and gives the terminal back on q', async () => {
    const { terminal, app, sees } = start();
    expect(terminal.input.isRaw).toBe(true);
    await sees(/LIVE/);
    expect(terminal.screen.buffer.active.type).toBe('alternate');
    terminal.input.type('s');
    await sees(/sort MEM/);
    terminal.input.type('\r');
    await sees(/Partners/);
    terminal.input.type('\x1b');
    await sees(/\[Domains\]/);
    terminal.input.type('?');
    await sees(/sharetop help/);
    terminal.input.type('q');
    const { reason } = await app.finished;
    await terminal.settled();
    expect(reason).toBe('quit');
    expect(terminal.everything()).toEqual([]);
    expect(terminal.screen.buffer.active.type).toBe('normal');
    expect(terminal.input.isRaw).toBe(false);
    expect(terminal.input.isFlowing).toBe(false);
    expect(terminal.log.endsWith('\x1b[?1049l')).toBe(true);
    expect(terminal.log).not.toMatch(/\x1b\[[23]J/);
  });

  test('shows what the views draw, row for row', async () => {
    const { terminal, app, sees } = start();
    await sees(/LIVE/);
    terminal.input.type(' ');
    await sees(/PAUSED/);
    terminal.input.type('Q');
    const shown = terminal.lines();
    await app.finished;
    await terminal.settled();
    expect(terminal.screen.buffer.active.type).toBe('normal');
    // What was on the screen is printed whole. The count of newer records goes on in the first line.
    const printed = terminal.everything();
    expect(printed.slice(1, shown.length)).toEqual(shown.slice(1));
  });

  test('several keys in one read, and an arrow in pieces', async () => {
    const { terminal, sees } = start();
    await sees(/LIVE/);
    const cursor = (): number => terminal.lines().findIndex((line) => line.startsWith('▶'));
    const first = cursor();
    terminal.input.type('jj\x1b');
    terminal.input.type('[');
    terminal.input.type('B');
    await expect.poll(cursor).toBe(first + 3);
  });

  test('follows the size of the window through every layout', async () => {
    const { terminal, sees } = start();
    await sees(/LIVE/);
    for (const [columns, rows] of [
      [160, 45],
      [40, 10],
      [30, 8],
      [200, 60],
      [80, 24],
    ] as const) {
      terminal.resize(columns, rows);
      // The hints are on the last line; while the old frame is there they are not.
      await expect.poll(() => terminal.lines().at(-1)).toMatch(/^q Quit/);
      await expect.poll(() => terminal.lines()[0]).toMatch(/LIVE/);
      for (const row of terminal.cells()) expect(row).toHaveLength(columns);
    }
  });

  test('without colours only attributes are sent, with ASCII only ASCII', async () => {
    const { terminal, app, sees } = start({
      initial: { source: 'run-0412', frameMs: 20, theme: null },
      unicode: false,
    });
    await sees(/LIVE/);
    terminal.input.type('\r');
    await sees(/Partners/);
    terminal.input.type('q');
    await app.finished;
    expect(terminal.log).not.toMatch(/\x1b\[[\d;]*\b(3[0-7]|9[0-7]|38|4[0-7]|48)\b[\d;]*m/);
    // One of the made-up domains has a name in kanji: even that is written in ASCII.
    expect(terminal.log).toMatch(/^[\x00-\x7e]*$/);
  });

  test('draws the history of a domain as a chart where there is room, with a table beside the host', async () => {
    const { terminal, sees } = start({ columns: 160, rows: 45 });
    await sees(/LIVE/);
    terminal.input.type('\r');
    await sees(/[⠁-⣿]{20}/);
    await sees(/━ shared \(the upper\) {2}━ saved/);
    await sees(/│ figure +│ +domain │ +host │ part │/);
    // Below 80×24 there is no room for either; the screen is drawn all the same.
    terminal.resize(60, 16);
    await expect.poll(() => terminal.lines().join('\n')).not.toMatch(/[⠁-⣿]{5}/);
    await sees(/Partners/);
  });

  test('keeps the plain chart where blessed cannot be loaded', async () => {
    vi.resetModules();
    vi.doMock('../../src/ui/widgets/contrib-line.js', () => {
      throw new Error('no such module');
    });
    const fresh = await import('../../src/ui/widgets/history-chart.js');
    await expect(fresh.loadChart()).resolves.toBeNull();
    const broken = (): never => {
      throw new Error('a value that the library does not like');
    };
    const point = { timeMicros: 0, frames: 1, zeroFrames: 0, sharedFrames: 1, fairSavedFrames: 1 };
    const history = [1, 2, 3].map(() => ({ ...point, readsAvoidedPerSecond: 0, contentChangedPerSecond: 0 }));
    expect(fresh.historyChart(broken, history, 'iec', 80, 12)).toBeUndefined();
    vi.doUnmock('../../src/ui/widgets/contrib-line.js');
  });
});

describe('the end', () => {
  test('a signal: stop() restores and says so', async () => {
    const { terminal, app, sees } = start();
    await sees(/LIVE/);
    app.stop();
    expect((await app.finished).reason).toBe('stopped');
    await terminal.settled();
    expect(terminal.screen.buffer.active.type).toBe('normal');
    expect(terminal.input.isRaw).toBe(false);
  });

  test('a hang-up: abandon() writes nothing', async () => {
    const { terminal, app, sees } = start();
    await sees(/LIVE/);
    await terminal.settled();
    const before = terminal.log.length;
    app.abandon();
    expect((await app.finished).reason).toBe('gone');
    expect(terminal.log.length).toBe(before);
    expect(terminal.input.isRaw).toBe(true);
  });

  for (const event of ['end', 'close', 'error'] as const) {
    test(`the keyboard is gone (${event})`, async () => {
      const { terminal, app, sees } = start();
      await sees(/LIVE/);
      terminal.input.emit(event, Object.assign(new Error('read EIO'), { code: 'EIO' }));
      expect((await app.finished).reason).toBe('gone');
      // A second error, late, does not end the process.
      terminal.input.emit('error', new Error('read EIO'));
    });
  }

  test('the screen is gone: an error of writing', async () => {
    const { terminal, app, sees } = start();
    await sees(/LIVE/);
    terminal.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect((await app.finished).reason).toBe('gone');
  });

  test('the feed fails: the reason is handed on, the terminal given back', async () => {
    const { terminal, feed, app, sees } = start();
    await sees(/LIVE/);
    feed.fail('the engine stopped: out of memory');
    expect(await app.finished).toMatchObject({ reason: 'failed', line: 'the engine stopped: out of memory' });
    await terminal.settled();
    expect(terminal.screen.buffer.active.type).toBe('normal');
  });

  test('a feed that has failed before the screen was there', async () => {
    const feed = new FakeFeed(WALL_CLOCK, { domains: 1 });
    feed.fail('run-0412: no such directory');
    const { terminal, app } = start({ feed });
    expect(await app.finished).toMatchObject({ reason: 'failed', line: 'run-0412: no such directory' });
    await terminal.settled();
    expect(terminal.screen.buffer.active.type).toBe('normal');
    expect(terminal.input.isRaw).toBe(false);
  });

  test('an error of our own: the terminal is given back first', async () => {
    const { terminal, app, sees } = start();
    await sees(/LIVE/);
    const error = new Error('a row below zero');
    app.crash(error);
    await expect(app.finished).rejects.toBe(error);
    await terminal.settled();
    expect(terminal.screen.buffer.active.type).toBe('normal');
    expect(terminal.input.isRaw).toBe(false);
  });

  test('nothing is asked for after the end', async () => {
    const { feed, app, sees } = start();
    await sees(/LIVE/);
    app.stop();
    await app.finished;
    const before = feed.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(feed.requests.length).toBe(before);
  });
});

describe('a terminal that is slow or shared', () => {
  test('while it takes nothing, keys are answered and frames are not even rendered', async () => {
    const { terminal, feed, app, sees } = start();
    await sees(/LIVE/);
    terminal.isStalled = true;
    await expect.poll(() => feed.requests.length).toBeGreaterThan(20);
    const drawn = app.counters.drawn;
    terminal.input.type('s');
    await expect.poll(() => feed.requests.at(-1)?.domains.sort).toBe('mem');
    const asked = feed.requests.length;
    await expect.poll(() => feed.requests.length).toBeGreaterThan(asked + 10);
    expect(app.counters.drawn).toBeLessThanOrEqual(drawn + 1);
    expect(app.counters.dropped).toBeLessThanOrEqual(1);
    terminal.release();
    await sees(/sort MEM/);
  });

  test('Ctrl-L mends what another program wrote', async () => {
    const { terminal, sees } = start();
    await sees(/LIVE/);
    terminal.input.type(' ');
    await sees(/PAUSED/);
    await terminal.settled();
    const before = terminal.lines().slice(1);
    await new Promise<void>((done) => terminal.screen.write('\x1b[10;5HBroadcast message from root', done));
    expect(terminal.lines().slice(1)).not.toEqual(before);
    terminal.input.type('\x0c');
    await expect.poll(() => terminal.lines().slice(1)).toEqual(before);
  });

  test('Ctrl-Z gives the terminal back and takes it again', async () => {
    const terminal = new FakeTerminal(80, 24);
    let resume: (() => void) | undefined;
    const session = start({ terminal: { ...terminal.terminal, suspend: (_whom, whenBack) => (resume = whenBack) } });
    const sees = (pattern: RegExp): Promise<void> => expect.poll(() => terminal.lines().join('\n')).toMatch(pattern);
    await sees(/LIVE/);
    terminal.input.type('\x1a');
    await expect.poll(() => resume).toBeDefined();
    expect(terminal.screen.buffer.active.type).toBe('normal');
    expect(terminal.input.isRaw).toBe(false);
    terminal.resize(100, 30);
    resume?.();
    expect(terminal.input.isRaw).toBe(true);
    await expect.poll(() => terminal.screen.buffer.active.type).toBe('alternate');
    await expect.poll(() => terminal.lines().at(-1)).toMatch(/^q Quit/);
    expect(session.app.counters.drawn).toBeGreaterThan(1);
  });
});
