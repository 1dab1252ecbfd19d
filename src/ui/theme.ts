/**
 * What each role of a view looks like, for each theme: the terminal's own 16 colours and attributes, never a
 * background. Which colours can be read on which ground is tested against the palettes of usual terminals
 * (test/ui/theme.test.ts): on a dark ground red, blue, magenta and bright black vanish in some of them, on a light one
 * green, yellow, cyan and everything bright.
 */
import type { Role, Style } from '../views/line.js';
import { BOLD, DIM, foreground, INVERSE, UNDERLINE } from './cells/cell-style.js';

/** The themes that there are, in the order in which the key `c` goes through them. */
export const THEMES = ['dark', 'light', 'cb', 'mono'] as const;

/** One of them. */
export type ThemeName = (typeof THEMES)[number];

/** Roles to packed styles (cells/cell-style.ts). */
export interface Palette {
  /** Added to text without a role that steps back: labels, rules, hints. */
  dim: number;
  roles: Readonly<Record<Role, number>>;
}

const RED = foreground(1);
const GREEN = foreground(2);
const YELLOW = foreground(3);
const BLUE = foreground(4);
const MAGENTA = foreground(5);
const CYAN = foreground(6);
const BRIGHT_BLACK = foreground(8);
const BRIGHT_RED = foreground(9);
const BRIGHT_BLUE = foreground(12);
const BRIGHT_MAGENTA = foreground(13);

/** Only attributes: also what is left of every theme where colours are off. */
const MONO: Palette = {
  dim: DIM,
  roles: {
    ...{ shared: 0, private: 0, zero: DIM, unknown: 0 },
    ...{ saved: 0, could: 0, needed: 0, region: 0, avoided: 0, changed: 0, heat: 0 },
    ...{ focus: BOLD, live: BOLD, warning: BOLD, bad: BOLD | UNDERLINE },
  },
};

const PALETTES: Readonly<Record<ThemeName, Palette>> = {
  dark: {
    dim: DIM,
    roles: {
      ...{ shared: GREEN, private: BRIGHT_BLUE, zero: DIM, unknown: BRIGHT_MAGENTA },
      ...{ saved: GREEN, could: YELLOW, needed: BRIGHT_BLUE, region: BRIGHT_MAGENTA },
      ...{ avoided: CYAN, changed: BRIGHT_MAGENTA, heat: BRIGHT_RED },
      ...{ focus: CYAN, live: GREEN, warning: YELLOW, bad: BRIGHT_RED },
    },
  },
  light: {
    dim: BRIGHT_BLACK,
    roles: {
      ...{ shared: BLUE, private: 0, zero: BRIGHT_BLACK, unknown: MAGENTA },
      ...{ saved: BLUE, could: MAGENTA, needed: 0, region: MAGENTA },
      ...{ avoided: BLUE, changed: RED, heat: RED },
      ...{ focus: MAGENTA, live: BLUE, warning: RED, bad: RED | UNDERLINE },
    },
  },
  // Blue and yellow are told apart with every kind of colour blindness; red and green are not used at all.
  cb: {
    dim: DIM,
    roles: {
      ...{ shared: BRIGHT_BLUE, private: 0, zero: DIM, unknown: YELLOW },
      ...{ saved: BRIGHT_BLUE, could: YELLOW, needed: 0, region: 0 },
      ...{ avoided: BRIGHT_BLUE, changed: YELLOW, heat: YELLOW },
      ...{ focus: BOLD | UNDERLINE, live: BRIGHT_BLUE, warning: YELLOW | BOLD, bad: YELLOW | BOLD | UNDERLINE },
    },
  },
  mono: MONO,
};

/** The palette of a theme; null: colours are off. */
export function paletteOf(theme: ThemeName | null): Palette {
  return theme === null ? MONO : PALETTES[theme];
}

/** The theme that the key `c` changes to. */
export function nextTheme(theme: ThemeName): ThemeName {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
}

/** The packed style of a span. */
export function cellStyle(style: Style | undefined, palette: Palette): number {
  if (style === undefined) return 0;
  let packed = 0;
  if (style.role !== undefined) packed |= palette.roles[style.role];
  else if (style.dim === true) packed |= palette.dim;
  if (style.bold === true) packed |= BOLD;
  if (style.inverse === true) packed |= INVERSE;
  return packed;
}
