/** Themes against the colours that terminals really have: contrast by WCAG 2, colour blindness by Machado (2009). */
import { describe, expect, test } from 'vitest';
import { foregroundOf } from '../../src/ui/cells/cell-style.js';
import { cellStyle, nextTheme, paletteOf, type ThemeName, THEMES } from '../../src/ui/theme.js';
import type { Role } from '../../src/views/line.js';
import { TERMINAL_PALETTES } from './terminal-palettes.js';

/** Relative luminance contrast that WCAG asks of signs and large text; less vanishes. */
const CONTRAST_MIN = 3;
const COLOUR_BITS = 0x1ff;

type Rgb = readonly [number, number, number];

function linear(hex: string): Rgb {
  const part = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [part(0), part(2), part(4)];
}

function contrast(one: string, other: string): number {
  const luminance = (hex: string): number => {
    const [red, green, blue] = linear(hex);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}

/** Palette numbers of all colours of a theme. */
function coloursOf(theme: ThemeName): number[] {
  const { roles, dim } = paletteOf(theme);
  const all = [dim, ...Object.values(roles)].map(foregroundOf).filter((colour) => colour !== undefined);
  return [...new Set(all)].sort((a, b) => a - b);
}

function unreadable(theme: ThemeName, ground: 'dark' | 'light'): string[] {
  const found: string[] = [];
  for (const { name, colours, grounds } of TERMINAL_PALETTES) {
    for (const back of grounds[ground]) {
      for (const colour of coloursOf(theme)) {
        const ratio = contrast(colours[colour], back);
        if (ratio < CONTRAST_MIN) found.push(`${name}: colour ${colour} on #${back}: ${ratio.toFixed(1)}`);
      }
    }
  }
  return found;
}

describe('every colour can be read on its ground', () => {
  test('light', () => {
    expect(unreadable('light', 'light')).toEqual([]);
    expect(coloursOf('light').length).toBeGreaterThan(3);
  });

  test.each(['dark', 'cb'] as const)('%s', (theme) => {
    // The one that is known: what it colours are bars with a glyph of their own, and figures in bold.
    expect(unreadable(theme, 'dark')).toEqual(['macOS: colour 12 on #000000: 2.4']);
  });

  test('which the colours of the one are not on the ground of the other', () => {
    expect(unreadable('dark', 'light').length).toBeGreaterThan(10);
    expect(unreadable('light', 'dark').length).toBeGreaterThan(5);
  });
});

/** What a person without the cones for red, or for green, sees: matrices of full severity, on linear light. */
const BLINDNESS: Readonly<Record<string, readonly Rgb[]>> = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

/** CIELAB under D65: distances of 10 are seen at a glance. */
function lab([red, green, blue]: Rgb): Rgb {
  const f = (value: number): number => (value > 216 / 24389 ? Math.cbrt(value) : (841 / 108) * value + 4 / 29);
  const x = f((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505);
  const y = f(0.2126 * red + 0.7152 * green + 0.0722 * blue);
  const z = f((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** Distance of hue and saturation as such a person sees it; brightness differs from thing to thing. */
function hueDistance(one: string, other: string, blindness: string): number {
  const seen = (hex: string): Rgb => {
    const light = linear(hex);
    const [red, green, blue] = BLINDNESS[blindness].map((row) =>
      Math.min(1, Math.max(0, row[0] * light[0] + row[1] * light[1] + row[2] * light[2])),
    );
    return lab([red, green, blue]);
  };
  const [, a1, b1] = seen(one);
  const [, a2, b2] = seen(other);
  return Math.hypot(a1 - a2, b1 - b2);
}

describe.each(Object.keys(BLINDNESS))('with %s', (blindness) => {
  test('the colours of cb are told apart, which red and green are not', () => {
    const [one, other, ...more] = coloursOf('cb');
    expect(more).toEqual([]);
    for (const { name, colours, grounds } of TERMINAL_PALETTES) {
      if (grounds.dark.length === 0) continue;
      const redAndGreen = hueDistance(colours[1], colours[2], blindness);
      const distance = hueDistance(colours[one], colours[other], blindness);
      expect({ name, distance: distance > 40 }).toEqual({ name, distance: true });
      expect({ name, isWorse: redAndGreen < distance }).toEqual({ name, isWorse: true });
    }
  });
});

test('no theme has a background, bright white or black', () => {
  for (const theme of THEMES) {
    const { dim, roles } = paletteOf(theme);
    for (const style of [dim, ...Object.values(roles)]) {
      expect((style >>> 9) & COLOUR_BITS).toBe(0);
      expect([0, 7, 15]).not.toContain(foregroundOf(style));
    }
  }
});

test('mono, and every theme with colours off, is attributes only', () => {
  expect(coloursOf('mono')).toEqual([]);
  expect(paletteOf(null)).toEqual(paletteOf('mono'));
});

test('a warning and what is bad look different from plain text in every theme', () => {
  for (const theme of THEMES) {
    for (const role of ['warning', 'bad', 'live', 'focus'] as const satisfies Role[]) {
      expect(cellStyle({ role }, paletteOf(theme))).not.toBe(0);
    }
  }
});

test('the key goes through all of them', () => {
  const seen: ThemeName[] = ['dark'];
  while (seen.length < THEMES.length) seen.push(nextTheme(seen[seen.length - 1]));
  expect(new Set(seen).size).toBe(THEMES.length);
  expect(nextTheme(seen[seen.length - 1])).toBe('dark');
});
