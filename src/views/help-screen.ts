import type { FigureEntry } from '../figures/figure-table.js';
import type { Frame, Line } from './line.js';

/** One line of the key part of the help; given by the key map. */
export interface HelpKey {
  /** As printed: `q, Ctrl-C`. */
  keys: string;
  help: string;
}

/** Lines of the whole help text at this width: the largest useful scroll is this less `frame.rows - 2`. */
export function helpLength(_keys: readonly HelpKey[], _figures: readonly FigureEntry[], _frame: Frame): number {
  return 0;
}

/** Keys, then figures, from line `scroll` on: exactly `frame.rows` lines. */
export function helpScreen(
  _keys: readonly HelpKey[],
  _figures: readonly FigureEntry[],
  _scroll: number,
  frame: Frame,
): Line[] {
  return Array.from({ length: frame.rows }, () => []);
}
