import { describe, expect, test } from 'vitest';
import {
  commandFor,
  COMMANDS,
  HELP_KEYS,
  HINTS,
  keysMarkdown,
  printedKey,
  type ScreenName,
} from '../../src/ui/keymap.js';

const SCREENS = Object.keys(HINTS) as ScreenName[];

describe('the key map', () => {
  test('a key means one thing on a screen', () => {
    for (const screen of SCREENS) {
      const keys = Object.values(COMMANDS).flatMap((command) => (command.screens.includes(screen) ? command.keys : []));
      expect(keys.length).toBe(new Set(keys).size);
    }
  });

  test('quitting and help work on every screen, Esc never quits', () => {
    for (const screen of SCREENS) {
      expect(commandFor(screen, 'q')).toBe('quit');
      expect(commandFor(screen, 'ctrl-c')).toBe('quit');
      expect(commandFor(screen, '?')).toBe('help');
      expect(commandFor(screen, 'esc')).not.toBe('quit');
    }
  });

  test('what the last line offers can be pressed there', () => {
    for (const screen of SCREENS) {
      expect(HINTS[screen].length).toBeGreaterThan(0);
      // `1-3` stands for three keys.
      for (const key of HINTS[screen].flatMap((hint) => hint.key.split('-'))) {
        const names = Object.values(COMMANDS)
          .flatMap(({ keys }) => keys)
          .filter((name) => printedKey(name) === key);
        expect(names.some((name) => commandFor(screen, name) !== undefined)).toBe(true);
      }
    }
  });

  test('every command is in the help and in docs/KEYS.md', () => {
    const markdown = keysMarkdown();
    expect(HELP_KEYS).toHaveLength(Object.keys(COMMANDS).length);
    for (const { help } of Object.values(COMMANDS)) expect(markdown).toContain(help);
  });
});
