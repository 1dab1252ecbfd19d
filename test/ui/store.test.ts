import { describe, expect, test } from 'vitest';
import { shownSnapshot } from '../../src/ui/view-state.js';
import { FakeUser, started } from './fake-user.js';

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
    expect(user.selectedName).toBe(shownSnapshot(user.state)!.domains.rows[0].name);
    user.press('s').wait();
    expect(user.feed.requests.at(-1)?.hot.sort).toBe('refs');
    expect(user.feed.requests.at(-1)?.domains.sort).toBe('saved');
    user.press('enter');
    expect(user.screen).toBe('page');
    user.press('esc');
    user.press('shift-tab');
    expect(user.state.focus).toBe('domains');
  });

  test('goes to the hot pages where there is no room for both: they stand alone, with their rows, and back', () => {
    const user = started(6, 40, 10).press('j', 'j');
    const { selectedKey, domains } = user.state;
    user.press('tab');
    expect(user.lines.join('\n')).toContain('[Hot pages]');
    expect(user.lines.filter((line) => /[0-9a-f]{4}(…|[0-9a-f]{8})[0-9a-f]{4} /.test(line)).length).toBeGreaterThan(3);
    expect(user.press('tab').state).toMatchObject({ focus: 'domains', selectedKey, domains });
  });

  test('stays where the hot pages have no room at all', () => {
    expect(started(6, 40, 5).press('tab').state.focus).toBe('domains');
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
    expect(shownSnapshot(user.state)!.detail!.row.name).toBe(partners.rows[1].name);
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
