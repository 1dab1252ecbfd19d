/**
 * How the page screen divides its frame. What goes first where rows are few: the second line of the header, then the
 * facts from the last to the first, then the status line; the tabs, at least one row of their list and the hints stay
 * to the last. In the neighbours the blocks stand beside the frames, below them, or (few rows) are left out.
 */
import type { Frame } from './line.js';
import { hasStep, PAGE_STEPS, rowsAroundBody, type SizeStep } from './size-steps.js';

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

const { content, refs, saves, heat, policy, blocksBelow, blocksBeside } = PAGE_STEPS;
const FACTS: readonly SizeStep[] = [content, refs, saves, heat, policy];
/** Rule and head. */
const LIST_OVERHEAD = 2;
const REACH_MAX = 64;

/** The plan for a frame. */
export function planPage(frame: Frame): PagePlan {
  const { header: headerRows, footer: footerRows } = rowsAroundBody(frame);
  const factRows = FACTS.filter((step) => hasStep(frame, step)).length;
  const bodyRows = Math.max(0, frame.rows - headerRows - factRows - footerRows);
  const listRows = Math.max(0, bodyRows - LIST_OVERHEAD);
  const neighbours = hasStep(frame, blocksBeside) ? 'beside' : hasStep(frame, blocksBelow) ? 'below' : 'frames';
  const eachRows = neighbours === 'below' ? Math.floor(bodyRows / 2) - LIST_OVERHEAD : listRows;
  const reach = Math.max(0, Math.min(REACH_MAX, Math.floor((eachRows - 1) / 2)));
  return { headerRows, factRows, bodyRows, footerRows, listRows, reach, neighbours };
}
