/**
 * What a view draws: lines of styled spans, one line a row of the terminal, no escape sequences. The text of a span
 * went through `printable` if it came from a trace. Plain text output is the same lines without their styles.
 */

/** What a piece of text stands for. The theme (`ui/theme.ts`) knows its colour; views name none. */
export type Role =
  | 'shared'
  | 'private'
  | 'zero'
  | 'unknown'
  | 'saved'
  | 'could'
  | 'needed'
  | 'region'
  | 'avoided'
  | 'changed'
  | 'heat'
  /** Titles, the cursor, the pane that has the keys. */
  | 'focus'
  | 'live'
  | 'warning'
  | 'bad';

/** How a piece of text looks. A state is always told by text or a sign as well: colours may be off. */
export interface Style {
  role?: Role;
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
