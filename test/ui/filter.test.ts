import { expect, test } from 'vitest';
import { started } from './fake-user.js';

const listed = (lines: readonly string[]): number =>
  lines.filter((line) => / (web|ci|db|build|mail)-?\w? /.test(line)).length;

test('/ lists the domains that match while it is typed; Enter keeps them, Esc shows all again', () => {
  const user = started(10, 80, 24);
  user.press('/', 'w', 'e', 'x').wait();
  expect(user.lines.at(-2)).toBe('/wex_');
  expect(user.lines.join('\n')).toContain('no domain matches');
  user.press('backspace', 'b').wait();
  expect(listed(user.lines)).toBe(2);
  const text = user.lines.join('\n');
  expect(text).toContain('/web  1–2 of 2, 10 in all');
  // The totals stay those of all domains, and are called so.
  expect(text).toMatch(/^ +all 10 /m);
  user.press('enter').wait();
  expect(user.lines.at(-2)).toBe('');
  expect(listed(user.lines)).toBe(2);
  // Keys are commands again; Esc first closes the filter.
  user.press('j').wait();
  expect(user.selectedName).toMatch(/^web/);
  const name = user.selectedName;
  user.press('esc').wait();
  expect(user.lines.join('\n')).toContain('of 10');
  expect(user.selectedName).toBe(name);
});

test('Esc while typing goes back to the filter before; q is a letter there, Ctrl-C quits', () => {
  const user = started(10, 80, 24);
  user.press('/', 'w', 'e', 'b', 'enter').wait();
  user.press('/', 'ctrl-u', 'q').wait();
  expect(user.state.domainFilter).toBe('q');
  user.press('esc').wait();
  expect(user.state).toMatchObject({ domainFilter: 'web', filterBefore: null });
  user.press('/');
  expect(user.store.press('ctrl-c')).toBe('quit');
  user.press('esc', '\\').wait();
  expect(user.state.domainFilter).toBe('');
});

test('paused, the list that is held is not filtered, and that is said', () => {
  const user = started(10, 80, 24);
  user.press('space', '/').wait();
  expect(user.lines.at(-2)).toContain('Paused');
  expect(user.state.filterBefore).toBeNull();
});
