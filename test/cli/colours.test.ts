/** Every combination of what decides about colour, against the rules written as a list. */
import { describe, expect, test } from 'vitest';
import { colourUse, type ColourUse, type Environment, firstTheme, isUtf8 } from '../../src/cli/colours.js';

const VALUES: Readonly<Record<string, readonly (string | undefined)[]>> = {
  NO_COLOR: [undefined, '', '1', '0'],
  FORCE_COLOR: [undefined, '', '0', 'false', '1', '3', 'true'],
  CLICOLOR_FORCE: [undefined, '', '0', '1'],
  CLICOLOR: [undefined, '', '0', '1'],
  TERM: [undefined, '', 'dumb', 'xterm', 'dumber'],
};

/** The rules in their order, as peers.md and the pages of NO_COLOR, FORCE_COLOR and CLICOLOR state them. */
const RULES: readonly [use: ColourUse, holds: (flag: boolean, env: Environment) => boolean][] = [
  ['off', (flag) => !flag],
  ['off', (_, { NO_COLOR }) => NO_COLOR === '1' || NO_COLOR === '0'],
  ['off', (_, { FORCE_COLOR }) => FORCE_COLOR === '0' || FORCE_COLOR === 'false'],
  ['forced', (_, { FORCE_COLOR }) => ['1', '3', 'true'].includes(FORCE_COLOR ?? '')],
  ['forced', (_, { CLICOLOR_FORCE }) => CLICOLOR_FORCE === '1'],
  ['off', (_, { CLICOLOR }) => CLICOLOR === '0'],
  ['off', (_, { TERM }) => TERM === 'dumb'],
  ['terminal', () => true],
];

function environments(names: readonly string[]): Record<string, string | undefined>[] {
  if (names.length === 0) return [{}];
  const [name, ...rest] = names;
  return environments(rest).flatMap((env) => VALUES[name].map((value) => ({ ...env, [name]: value })));
}

test('colour, in every combination', () => {
  const seen = { off: 0, terminal: 0, forced: 0 };
  for (const env of environments(Object.keys(VALUES))) {
    for (const flag of [true, false]) {
      const expected = RULES.find(([, holds]) => holds(flag, env))![0];
      expect({ env, flag, use: colourUse(flag, env) }).toEqual({ env, flag, use: expected });
      seen[expected] += 1;
    }
  }
  expect(seen.off + seen.terminal + seen.forced).toBe(2 * 4 * 7 * 4 * 4 * 5);
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(50);
});

describe('the theme', () => {
  test.each([
    [undefined, 'dark'],
    ['', 'dark'],
    ['15;0', 'dark'],
    ['0;15', 'light'],
    ['0;default;15', 'light'],
    ['0;7', 'light'],
    ['7;8', 'dark'],
    ['12;11', 'light'],
    ['0', 'dark'],
    ['0;default', 'dark'],
  ])('auto with COLORFGBG=%s is %s', (COLORFGBG, theme) => {
    expect(firstTheme(undefined, { COLORFGBG })).toBe(theme);
    expect(firstTheme('auto', { COLORFGBG, SHARETOP_THEME: 'mono' })).toBe(theme);
  });

  test('the flag goes before the variable', () => {
    expect(firstTheme(undefined, { SHARETOP_THEME: 'cb' })).toBe('cb');
    expect(firstTheme('light', { SHARETOP_THEME: 'cb' })).toBe('light');
    expect(() => firstTheme(undefined, { SHARETOP_THEME: 'pink' })).toThrow(/SHARETOP_THEME='pink'.*auto.*mono/);
  });
});

test.each<[boolean, Environment]>([
  [true, { LANG: 'C.UTF-8' }],
  [true, { LANG: 'de_DE.utf8' }],
  [true, { LANG: 'C', LC_CTYPE: 'en_US.UTF-8' }],
  [true, { LANG: 'C', LC_ALL: '', LC_CTYPE: 'UTF-8' }],
  [false, { LANG: 'en_US.UTF-8', LC_CTYPE: 'C' }],
  [false, { LANG: 'en_US.UTF-8', LC_CTYPE: 'en_US.UTF-8', LC_ALL: 'POSIX' }],
  [false, { LANG: 'ja_JP.eucJP' }],
  [false, {}],
])('UTF-8 is %s with %j', (isIt, env) => {
  expect(isUtf8(env)).toBe(isIt);
});
