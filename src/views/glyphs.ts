/** The characters that the views draw with, in the two forms of `Frame.unicode`. */
export interface Glyphs {
  /** A filled cell of a gauge, its unfilled cells, and the parts of a cell from empty to full. */
  full: string;
  empty: string;
  parts: readonly string[];
  /** Stacked bar: told apart without colour. */
  shared: string;
  private: string;
  zero: string;
  unused: string;
  /** Levels of a sparkline; the first stands for exactly 0. */
  levels: readonly string[];
  /** Heights within one cell of an area chart, from empty to full. */
  heights: readonly string[];
  horizontal: string;
  vertical: string;
  topLeft: string;
  topRight: string;
  bottomLeft: string;
  bottomRight: string;
  tee: string;
  cursor: string;
  dot: string;
  down: string;
  up: string;
  ellipsis: string;
  /** Between the parts of a path, between two numbers of a range, and in place of a figure that there is none of. */
  into: string;
  range: string;
  none: string;
}

const UNICODE: Glyphs = {
  full: '█',
  empty: '·',
  parts: ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'],
  shared: '█',
  private: '▒',
  zero: '░',
  unused: '·',
  levels: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  heights: [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  horizontal: '─',
  vertical: '│',
  topLeft: '╭',
  topRight: '╮',
  bottomLeft: '╰',
  bottomRight: '╯',
  tee: '┤',
  cursor: '▶',
  dot: '●',
  down: '▼',
  up: '▲',
  ellipsis: '…',
  into: '›',
  range: '–',
  none: '–',
};

const ASCII: Glyphs = {
  full: '#',
  empty: '.',
  parts: ['', '#'],
  shared: '#',
  private: '=',
  zero: ':',
  unused: '.',
  levels: ['_', '.', '-', ':', '=', '+', '*', '#'],
  heights: [' ', '.', ':', '#'],
  horizontal: '-',
  vertical: '|',
  topLeft: '+',
  topRight: '+',
  bottomLeft: '+',
  bottomRight: '+',
  tee: '|',
  cursor: '>',
  dot: '*',
  down: 'v',
  up: '^',
  ellipsis: '..',
  into: '>',
  range: '-',
  none: '-',
};

/** The glyphs of a frame. */
export function glyphsOf(unicode: boolean): Glyphs {
  return unicode ? UNICODE : ASCII;
}
