/**
 * How the page screen divides its frame. What goes first where rows are few: the second line of the header, then the
 * facts from the last to the first, then the status line; the tabs, at least one row of their list and the hints stay
 * to the last. In the neighbours the blocks stand beside the frames, below them, or (few rows) are left out.
 */
import type { Frame } from './line.js';

/** Rows of everything on the page screen, from the top. */
export interface PagePlan {
  headerRows: number;
  factRows: number;
  /** Rule, head and rows of the open tab. */
  bodyRows: number;
  footerRows: number;
  /** Rows of the lists of mappings and events. */
  listRows: number;
  /** Neighbours on either side, and where their two lists are. */
  reach: number;
  neighbours: 'beside' | 'below' | 'frames';
}

/** Facts that there are at most. */
export const PAGE_FACTS = 5;
/** From this width on frames and blocks stand side by side. */
const BESIDE_COLUMNS_FROM = 116;
const BELOW_ROWS_FROM = 16;
/** Rule and head. */
const LIST_OVERHEAD = 2;
const REACH_MAX = 64;

/** The plan for a frame. */
export function planPage({ rows, columns }: Frame): PagePlan {
  const footerRows = rows >= 16 ? 2 : rows >= 4 ? 1 : 0;
  const headerRows = rows >= 18 ? 2 : rows >= 2 ? 1 : 0;
  const factRows = Math.max(0, Math.min(PAGE_FACTS, Math.floor((rows - 4) / 3)));
  const bodyRows = Math.max(0, rows - headerRows - factRows - footerRows);
  const listRows = Math.max(0, bodyRows - LIST_OVERHEAD);
  const neighbours = columns >= BESIDE_COLUMNS_FROM ? 'beside' : bodyRows >= BELOW_ROWS_FROM ? 'below' : 'frames';
  const eachRows = neighbours === 'below' ? Math.floor(bodyRows / 2) - LIST_OVERHEAD : listRows;
  const reach = Math.max(0, Math.min(REACH_MAX, Math.floor((eachRows - 1) / 2)));
  return { headerRows, factRows, bodyRows, footerRows, listRows, reach, neighbours };
}
