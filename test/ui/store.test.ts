import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/ui/keymap.js';
import { screenLines } from '../../src/ui/screen-lines.js';
import { Store } from '../../src/ui/store.js';
import { pausedOf, screenName, shownSnapshot, type ViewState } from '../../src/ui/view-state.js';
import { textWidth } from '../../src/views/text-width.js';
import { plainText } from '../../src/views/line.js';
import { FakeFeed } from './fake-feed.js';
import { ManualClock } from './manual-clock.js';

const FRAME_MS = 250;

/** A person at the keyboard, and a host that changes under their hands. */
class FakeUser {
  readonly clock = new ManualClock();
  readonly feed: FakeFeed;
  readonly store: Store;

  constructor(domains = 6, columns = 80, rows = 24, latencyMs = 5) {
    this.feed = new FakeFeed(this.clock, { domains, latencyMs });
    const frame = { columns, rows, unicode: true };
    this.store = new Store(this.feed, this.clock, FRAME_MS, { source: 'run-0412' }, frame, () => undefined);
  }

  get state(): ViewState {
    return this.store.state;
  }

  get screen(): string {
    return screenName(this.state);
  }

  /** Keys by name; single letters may be written together. */
  press(...keys: string[]): this {
    for (const key of keys) this.store.press(key);
    return this;
  }

  /** Time passes: so many frames. */
  wait(frames = 2): this {
    this.clock.advance(frames * FRAME_MS);
    return this;
  }

  get lines(): string[] {
    return screenLines(this.state).map(plainText);
  }

  /** The line with the cursor, from the cursor on. */
  get cursorLine(): string {
    return this.lines.find((line) => line.includes('▶'))?.replace(/^.*▶/, '') ?? '';
  }

  get selectedName(): string {
    return shownSnapshot(this.state)?.domains.rows.find((row) => row.key === this.state.selectedKey)?.name ?? '';
  }
}

function started(domains?: number, columns?: number, rows?: number): FakeUser {
  return new FakeUser(domains, columns, rows).wait();
}

describe('before figures', () => {
  test('the waiting screen is there at once, answers help and counts its seconds', () => {
    const user = new FakeUser(6, 80, 24, 10_000);
    expect(user.screen).toBe('waiting');
    user.press('j', 'enter', 's', 'space', 'esc');
    expect(user.screen).toBe('waiting');
    user.press('?');
    expect(user.screen).toBe('help');
    user.press('esc').wait(12);
    expect(user.screen).toBe('waiting');
    expect(user.state.nowMs - user.state.startedMs).toBe(3000);
  });
});

describe('asking', () => {
  test('once a frame, and at once when a key changes what is wanted', () => {
    const user = started();
    const before = user.feed.requests.length;
    user.wait(4);
    expect(user.feed.requests.length).toBe(before + 4);
    user.press('s');
    expect(user.feed.requests.length).toBe(before + 5);
    expect(user.feed.requests.at(-1)?.domains.sort).toBe('mem');
    user.press('j', '?', 'esc');
    expect(user.feed.requests.length).toBe(before + 5);
  });

  test('numbers of requests grow, and what is asked for fits the screen', () => {
    const user = started(300, 80, 24);
    const ids = user.feed.requests.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect(new Set(ids).size).toBe(ids.length);
    const { domains, hot } = user.feed.requests.at(-1)!;
    expect(domains.count).toBeLessThanOrEqual(2 * 24);
    expect(hot.count).toBeLessThanOrEqual(2 * 24);
  });

  test('nothing is asked for after stop', () => {
    const user = started();
    user.store.stop();
    const before = user.feed.requests.length;
    user.wait(10);
    expect(user.feed.requests.length).toBe(before);
  });
});

describe('the cursor', () => {
  test('moves by rows, pages and to both ends, and stops there', () => {
    const user = started(40);
    const names = shownSnapshot(user.state)!.domains.rows.map(({ name }) => name);
    expect(user.selectedName).toBe(names[0]);
    user.press('k');
    expect(user.selectedName).toBe(names[0]);
    user.press('j', 'down');
    expect(user.selectedName).toBe(names[2]);
    user.press('up');
    expect(user.selectedName).toBe(names[1]);
    user.press('G');
    expect(user.selectedName).toBe(names[39]);
    user.press('j', 'pagedown');
    expect(user.selectedName).toBe(names[39]);
    user.press('home');
    expect(user.selectedName).toBe(names[0]);
    user.press('pagedown');
    expect(names.indexOf(user.selectedName)).toBeGreaterThan(1);
    user.press('pageup');
    expect(user.selectedName).toBe(names[0]);
    expect(user.cursorLine).toContain(names[0]);
  });

  test('stays with its domain when another order moves the rows, and on the screen', () => {
    const user = started(40);
    user.press('j', 'j', 'j');
    const name = user.selectedName;
    for (let sort = 0; sort < 10; sort++) {
      user.press('s').wait();
      expect(user.selectedName).toBe(name);
      expect(user.cursorLine).toContain(name);
    }
    user.press('S').wait();
    expect(user.selectedName).toBe(name);
    expect(user.cursorLine).toContain(name);
  });

  test('stays at its place when its domain is gone', () => {
    const user = started(6);
    user.press('j', 'j');
    const names = shownSnapshot(user.state)!.domains.rows.map(({ name }) => name);
    user.feed.gone.add(user.state.selectedKey!);
    user.wait();
    expect(user.selectedName).toBe(names[3]);
    for (const { key } of shownSnapshot(user.state)!.domains.rows) user.feed.gone.add(key);
    user.wait();
    expect(user.selectedName).toBe('');
    user.press('j', 'enter', 'G', 'k');
    expect(user.screen).toBe('main');
  });

  test('reaches the end of a list that is longer than what is asked for', () => {
    const user = started(500);
    user.press('G').wait();
    expect(user.state.domains.index).toBe(499);
    // Long names are cut on the screen; the number is whole.
    const last = shownSnapshot(user.state)!.domains.rows.at(-1)!;
    expect(user.state.selectedKey).toBe(last.key);
    expect(user.cursorLine.trim()).toMatch(new RegExp(`^${last.domid} `));
    user.press('home').wait();
    expect(user.state.domains.index).toBe(0);
  });

  test('moves in two directions in the grid', () => {
    const user = started(6, 160, 45);
    const names = shownSnapshot(user.state)!.domains.rows.map(({ name }) => name);
    user.press('right');
    expect(user.selectedName).toBe(names[1]);
    user.press('down');
    const across = names.indexOf(user.selectedName) - 1;
    expect(across).toBeGreaterThan(1);
    user.press('left', 'up');
    expect(user.selectedName).toBe(names[0]);
    user.press('t').wait();
    user.press('right');
    expect(user.selectedName).toBe(names[0]);
  });

  test('goes to the hot pages and back', () => {
    const user = started();
    user.press('tab', 'j', 'j');
    expect(user.state.hot.index).toBe(2);
    expect(user.selectedName).toBe(shownSnapshot(user.state)!.domains.rows[0]!.name);
    user.press('s').wait();
    expect(user.feed.requests.at(-1)?.hot.sort).toBe('refs');
    expect(user.feed.requests.at(-1)?.domains.sort).toBe('saved');
    user.press('enter');
    expect(user.state.message?.text).toMatch(/Tab/);
    user.press('shift-tab');
    expect(user.state.focus).toBe('domains');
  });

  test('cannot go to a pane that has no room', () => {
    expect(started(6, 40, 10).press('tab').state.focus).toBe('domains');
  });
});

describe('drilling in', () => {
  test('the screen changes when the figures are there, and back to the same row', () => {
    const user = started();
    user.press('j');
    const name = user.selectedName;
    user.press('enter');
    expect(user.screen).toBe('main');
    expect(user.feed.requests.at(-1)?.domainKey).toBe(user.state.selectedKey);
    user.clock.advance(20);
    expect(user.screen).toBe('domain');
    expect(user.lines[0]).toContain(name);
    user.press('esc');
    expect(user.screen).toBe('main');
    expect(user.selectedName).toBe(name);
    user.wait();
    expect(user.feed.requests.at(-1)?.domainKey).toBeNull();
    user.press('esc', 'backspace');
    expect(user.screen).toBe('main');
  });

  test('into a partner from the domain', () => {
    const user = started();
    user.press('enter').wait();
    user.press('j');
    const { partners, row } = shownSnapshot(user.state)!.detail!;
    user.press('enter').wait();
    expect(shownSnapshot(user.state)!.detail!.row.name).toBe(partners.rows[1]!.name);
    expect(shownSnapshot(user.state)!.detail!.row.name).not.toBe(row.name);
  });

  test('a domain that is gone by then is said to be gone', () => {
    const user = started();
    const name = user.selectedName;
    user.feed.gone.add(user.state.selectedKey!);
    user.press('enter').wait(1);
    expect(user.screen).toBe('main');
    expect(user.lines.join('\n')).toContain(`${name} is gone`);
    user.wait(20);
    expect(user.lines.join('\n')).not.toContain('is gone');
  });

  test('Esc takes back an opening that has not come', () => {
    const user = started();
    user.press('enter', 'esc').wait();
    expect(user.screen).toBe('main');
  });
});

describe('pause', () => {
  test('holds the figures while the trace goes on, and says how far it is ahead', () => {
    const user = started();
    user.press('space');
    const frozen = shownSnapshot(user.state)!;
    expect(pausedOf(user.state)).toEqual({
      timeMicros: frozen.position.timeMicros,
      newerRecords: 0,
      newerEpochs: 0,
    });
    const before = user.lines.slice(1);
    user.wait(8);
    expect(shownSnapshot(user.state)).toBe(frozen);
    expect(user.lines.slice(1)).toEqual(before);
    const newest = user.state.latest!;
    expect(newest.position.epoch).toBeGreaterThan(frozen.position.epoch + 4);
    expect(pausedOf(user.state)).toEqual({
      timeMicros: frozen.position.timeMicros,
      newerRecords: newest.position.records - frozen.position.records,
      newerEpochs: newest.position.epoch - frozen.position.epoch,
    });
    user.press('space');
    expect(pausedOf(user.state)).toBeNull();
    expect(shownSnapshot(user.state)).toBe(newest);
  });

  test('every alias pauses and resumes', () => {
    for (const key of COMMANDS.pause.keys) {
      const user = started().press(key);
      expect(user.state.frozen).not.toBeNull();
      expect(user.press(key).state.frozen).toBeNull();
    }
  });

  test('the frozen rows can be sorted, walked through and read about', () => {
    const user = started(6);
    user.press('space');
    const frozen = shownSnapshot(user.state)!;
    user.wait(4).press('s');
    const byMemory = [...frozen.domains.rows].sort((a, b) => b.frames - a.frames);
    expect(shownSnapshot(user.state)!.domains.rows).toEqual(byMemory);
    user.press('S');
    expect(shownSnapshot(user.state)!.domains.rows).toEqual(byMemory.reverse());
    const name = user.selectedName;
    user.press('?', 'j', 'esc');
    expect(user.selectedName).toBe(name);
    user.press('home', 'j');
    expect(user.selectedName).toBe(byMemory[1]!.name);
    expect(shownSnapshot(user.state)!.position).toBe(frozen.position);
    // Then the engine's own order again, of the column chosen meanwhile.
    user.press('space').wait();
    expect(user.feed.requests.at(-1)?.domains).toMatchObject({ sort: 'mem', descending: false });
  });

  test('of a long list only the rows that are held can be sorted, and that is said', () => {
    const user = started(500);
    user.press('space', 's');
    expect(user.state.message?.text).toMatch(/only the \d+ rows held of 500/);
    user.press('G');
    expect(user.state.domains.index).toBe(shownSnapshot(user.state)!.domains.rows.length - 1);
  });

  test('a drill-down opened meanwhile freezes as it comes; the main screen stays what it was', () => {
    const user = started();
    user.press('space');
    const main = shownSnapshot(user.state)!;
    user.wait(4).press('enter').wait(1);
    expect(user.screen).toBe('domain');
    const domain = shownSnapshot(user.state)!;
    expect(domain.position.epoch).toBeGreaterThan(main.position.epoch);
    expect(pausedOf(user.state)?.timeMicros).toBe(domain.position.timeMicros);
    user.wait(4);
    expect(shownSnapshot(user.state)).toBe(domain);
    user.press('esc');
    expect(shownSnapshot(user.state)).toBe(main);
    // It is held: opening it again needs no answer.
    user.press('enter');
    expect(shownSnapshot(user.state)).toBe(domain);
    user.press('space');
    expect(user.screen).toBe('domain');
    expect(shownSnapshot(user.state)).toBe(user.state.latest);
  });

  test('what needs new figures is refused with a reason', () => {
    const user = started();
    user.press('space');
    for (const key of ['P', '0']) {
      user.press(key);
      expect(user.state.message?.text).toMatch(/Space/);
    }
    expect(user.state.withZeros).toBe(false);
    expect(user.state.policy).toBe('');
  });
});

describe('what is shown', () => {
  test('the policies in turn, zeros in and out, the units in turn', () => {
    const user = started();
    const asked = (): unknown[] => {
      const { policy, withZeros } = user.feed.requests.at(-1)!;
      return [policy, withZeros, user.state.units];
    };
    expect(asked()).toEqual(['dlps', false, 'iec']);
    user.press('P', '0', 'u').wait();
    expect(asked()).toEqual(['oracle', true, 'si']);
    user.press('P', '0', 'u').wait();
    expect(asked()).toEqual(['ksm', false, 'pages']);
    user.press('P', 'u').wait();
    expect(asked()).toEqual(['dlps', false, 'iec']);
  });

  test('help scrolls from its first to its last line and goes back to where it was opened', () => {
    const user = started();
    user.press('enter').wait();
    user.press('?');
    const top = user.lines;
    user.press('G');
    const bottom = user.lines;
    expect(bottom).not.toEqual(top);
    user.press('j', 'pagedown');
    expect(user.lines).toEqual(bottom);
    user.press('home', 'k');
    expect(user.lines).toEqual(top);
    user.press('esc');
    expect(user.screen).toBe('domain');
    user.press('?', '?');
    expect(user.screen).toBe('domain');
  });

  test('keys of the program are handed on, other keys do nothing', () => {
    const user = started();
    expect(['q', 'ctrl-c', 'Q', 'ctrl-l', 'ctrl-z'].map((key) => user.store.press(key))).toEqual([
      'quit',
      'quit',
      'quitKeeping',
      'repaint',
      'suspend',
    ]);
    const before = user.state;
    expect(user.store.press('x')).toBeUndefined();
    expect(user.state).toBe(before);
  });
});

test('a monkey at the keyboard finds every screen drawn to its size and the cursors in their lists', () => {
  const keys = Object.values(COMMANDS).flatMap((command) => command.keys);
  const step = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...keys).map((key) => ({ key })) },
    { weight: 4, arbitrary: fc.nat({ max: 3 }).map((frames) => ({ frames })) },
    {
      weight: 1,
      arbitrary: fc.record({ columns: fc.integer({ min: 20, max: 220 }), rows: fc.integer({ min: 3, max: 70 }) }),
    },
    { weight: 1, arbitrary: fc.nat({ max: 60 }).map((gone) => ({ gone })) },
  );
  fc.assert(
    fc.property(
      fc.constantFrom(0, 1, 5, 40, 200),
      fc.array(step, { minLength: 5, maxLength: 60 }),
      (domains, steps) => {
        const user = new FakeUser(domains);
        for (const step of steps) {
          if ('key' in step) user.press(step.key);
          else if ('frames' in step) user.wait(step.frames);
          else if ('gone' in step) user.feed.gone.add(`key-${step.gone}`);
          else user.store.resize(step.columns, step.rows);
          const { state } = user;
          expect(user.lines).toHaveLength(state.frame.rows);
          for (const line of user.lines) expect(textWidth(line)).toBeLessThanOrEqual(state.frame.columns);
          const shown = shownSnapshot(state);
          if (shown === null) continue;
          expect(state.hot.index).toBeLessThan(Math.max(1, shown.hot.total));
          expect(state.domains.index).toBeGreaterThanOrEqual(0);
          expect(state.domains.index).toBeLessThan(Math.max(1, shown.domains.total));
          const { domains: spec, hot, partners } = user.feed.requests.at(-1)!;
          for (const { offset, count } of [spec, hot, partners]) {
            expect(offset).toBeGreaterThanOrEqual(0);
            expect(count).toBeGreaterThanOrEqual(0);
            expect(count).toBeLessThanOrEqual(512);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});
