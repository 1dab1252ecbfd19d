/**
 * What a view draws: lines of styled spans, one line a row of the terminal, no escape sequences. The text of a span
 * went through `printable` if it came from a trace. Plain text output is the same lines without their styles.
 */
export type Colour = 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'white' | 'grey';

/** The terminal's own 16 colours, never a background: light and dark work. State is also told by text or sign. */
export interface Style {
  colour?: Colour;
  bold?: boolean;
  dim?: boolean;
  inverse?: boolean;
}

/** A piece of text in one style. */
export interface Span {
  text: string;
  style?: Style;
}

/** One row of the terminal. */
export type Line = readonly Span[];

/** The room a view has, and how it may draw in it. */
export interface Frame {
  columns: number;
  rows: number;
  /** false: ASCII only. */
  unicode: boolean;
}

/** The text of a line without its styles. */
export function plainText(line: Line): string {
  let text = '';
  for (const span of line) text += span.text;
  return text;
}
