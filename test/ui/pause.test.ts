import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/ui/keymap.js';
import { pausedOf, shownSnapshot } from '../../src/ui/view-state.js';
import { started } from './fake-user.js';

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
    expect(user.selectedName).toBe(byMemory[1].name);
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
