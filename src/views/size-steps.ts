/**
 * What each screen shows at which size: the one place where it is decided. A part comes in when the window has the rows
 * (and columns) of its step, and goes at the same size when the window shrinks; the part of the highest step goes
 * first. `docs/SCREENS.md` is written from here, and a test looks at printed screens of every size.
 */

/** The size from which on a part is there. */
export interface SizeStep {
  rows: number;
  /** Cells across at least; 1 if left out. */
  columns?: number;
  part: string;
  why: string;
}

/** The main screen. Figures first: even one row says what is saved and what could be. */
export const MAIN_STEPS = {
  summary: { rows: 1, part: 'Saved and could, in one line', why: 'what the tool is for' },
  title: { rows: 2, part: 'The trace, its clock, LIVE or PAUSED', why: 'figures without a time mislead' },
  domain: { rows: 3, part: 'The domain under the cursor; more with every further row', why: 'who saves it' },
  head: { rows: 4, part: 'Labels of the columns', why: 'one row of figures can be read without' },
  keys: { rows: 5, part: 'The keys', why: '`q` and `?` work at every size, shown or not' },
  secondLine: {
    rows: 8,
    part: 'A second line of figures (from 60 columns on: at 14 rows)',
    why: 'ratio, reads, region',
  },
  rule: {
    rows: 10,
    part: 'The line above the domains: order, filter, which rows of how many',
    why: 'the list scrolls',
  },
  total: { rows: 13, part: 'The total below the domains', why: 'the line of figures says nearly the same' },
  status: { rows: 16, part: 'The line for messages and notices', why: 'before, they take the place of the keys' },
  health: { rows: 18, part: 'Policy, zeros, lag, skew, gaps, own cost', why: 'before, gaps are in the title' },
  gauges: {
    rows: 22,
    part: 'Gauges in place of the lines of figures; earlier where all domains fit',
    why: 'four rows more',
  },
  hot: { rows: 23, part: 'Hot pages, once 8 domains or all have a row; before, Tab shows them alone', why: 'detail' },
  sparklines: { rows: 24, part: 'Histories as sparklines', why: 'detail' },
  real: {
    rows: 25,
    part: 'What kernel or hypervisor itself shares, where the trace has its counters',
    why: 'the report has it too',
  },
  twoSparklines: { rows: 28, part: 'Histories on two lines', why: 'wider ones' },
  side: { rows: 28, columns: 118, part: 'Histories as charts at the right, in place of the lines', why: 'detail' },
  charts: { rows: 44, part: 'Histories as charts below, in place of the lines', why: 'detail' },
  gaugePairs: { rows: 22, columns: 180, part: 'Gauges two by two', why: 'wide lines would be half empty' },
} as const satisfies Record<string, SizeStep>;

/** The drill-down into a domain. */
export const DOMAIN_STEPS = {
  facts: { rows: 1, part: 'Saved, its fair part', why: 'what the screen is for' },
  title: { rows: 2, part: 'The domain, the clock', why: 'whose figures, and of when' },
  could: { rows: 3, part: 'Could', why: 'what is left' },
  partners: { rows: 4, part: 'Partners: their line, then labels and rows', why: 'with whom it shares' },
  keys: { rows: 5, part: 'The keys', why: '`q` and `?` work at every size, shown or not' },
  identity: { rows: 12, part: 'Kind, state, reservation, age of the scan', why: 'the title names it' },
  reads: { rows: 14, part: 'Reads', why: 'detail' },
  status: { rows: 16, part: 'The line for messages and notices', why: 'before, they take the place of the keys' },
  health: { rows: 18, part: 'Policy, zeros, lag, skew, gaps, own cost', why: 'before, gaps are in the title' },
  gauges: { rows: 20, part: 'Private, shared, zero, unknown as gauges', why: 'the main screen has the same figures' },
  contents: { rows: 22, part: 'Contents held, frames that left sharing', why: 'detail' },
  chart: { rows: 23, part: 'History of the saving below the partners', why: 'detail' },
  real: {
    rows: 24,
    part: 'What kernel or hypervisor say of it, where the trace has its counters',
    why: 'the report has it too',
  },
  chartBeside: { rows: 22, columns: 110, part: 'History beside the partners', why: 'both keep their rows' },
  compare: { rows: 46, columns: 60, part: 'The domain beside the host, as a table', why: 'the lines above say it too' },
  compareWide: { rows: 38, columns: 110, part: 'The same, where the chart is beside', why: 'there is room earlier' },
} as const satisfies Record<string, SizeStep>;

/** What hot pages, pairs and page have in common: the lines around their body, which itself is there at any size. */
export const BODY_STEPS = {
  body: { rows: 1, part: 'The rule that names the screen or tab', why: 'where one is' },
  title: { rows: 2, part: 'The trace, its clock, LIVE or PAUSED', why: 'figures without a time mislead' },
  head: { rows: 3, part: 'Labels of the columns', why: 'says what the rows are' },
  keys: { rows: 4, part: 'The keys', why: '`q` and `?` work at every size, shown or not' },
  row: { rows: 5, part: 'A row of the list; more with every further row', why: 'what the screen is for' },
  status: { rows: 16, part: 'The line for messages and notices', why: 'before, they take the place of the keys' },
  health: { rows: 18, part: 'Policy, zeros, lag, skew, gaps, own cost', why: 'before, gaps are in the title' },
} as const satisfies Record<string, SizeStep>;

/** What the matrix of pairs has besides. */
export const PAIRS_STEPS = {
  pair: { rows: 8, part: 'The pair under the cursor: its rule, and what only these two have', why: 'detail' },
  rowStops: { rows: 10, part: "What is lost if the row's domain stops", why: 'detail' },
  columnStops: { rows: 14, part: "What is lost if the column's domain stops", why: 'detail' },
  legend: { rows: 20, part: 'What the star means', why: 'an explanation' },
} as const satisfies Record<string, SizeStep>;

/** What the policies side by side have besides. */
export const COMPARE_STEPS = {
  figures: { rows: 20, part: 'All figures of the shown policy, a line for each kind', why: 'detail' },
} as const satisfies Record<string, SizeStep>;

/** What the sums by file and package have besides. */
export const FILES_STEPS = {
  total: { rows: 8, part: 'The total', why: 'the overview has the same figures' },
  unlabelled: { rows: 9, part: 'What no label covers', why: 'how much is not known' },
  name: { rows: 12, part: 'The name under the cursor in full, its package and image', why: 'the row has its end' },
  fill: { rows: 14, part: 'Pages of one byte', why: 'they have no name' },
  zero: { rows: 15, part: 'Zeros', why: 'they have no name' },
  unknown: { rows: 20, part: 'Frames of unknown content', why: 'they save nothing' },
  beside: { rows: 24, part: 'What a scheme saves beside the RAM of the guests, if anything', why: 'rare' },
} as const satisfies Record<string, SizeStep>;

/** What a page has besides. */
export const PAGE_STEPS = {
  content: { rows: 7, part: 'Content: hash, kind, disk block, first seen', why: 'the title has the hash' },
  refs: { rows: 10, part: 'Refs: frames and domains that hold it', why: 'the mappings show them' },
  saves: { rows: 13, part: 'What it saves, and could', why: 'detail' },
  heat: { rows: 16, part: 'Heat and changes', why: 'the list of hot pages has them' },
  policy: { rows: 19, part: 'What the policy makes of it', why: 'detail' },
  blocksBelow: { rows: 25, part: 'Neighbours: the disk blocks below the frames', why: 'both need rows' },
  blocksBeside: { rows: 1, columns: 116, part: 'Neighbours: the disk blocks beside the frames', why: 'both keep rows' },
} as const satisfies Record<string, SizeStep>;

/** Rows above and below the body of such a screen. */
export function rowsAroundBody(frame: { columns: number; rows: number }): { header: number; footer: number } {
  const has = (step: SizeStep): boolean => hasStep(frame, step);
  return {
    header: has(BODY_STEPS.health) ? 2 : has(BODY_STEPS.title) ? 1 : 0,
    footer: has(BODY_STEPS.status) ? 2 : has(BODY_STEPS.keys) ? 1 : 0,
  };
}

/** Whether a window has the size of a step. */
export function hasStep(frame: { columns: number; rows: number }, step: SizeStep): boolean {
  return frame.rows >= step.rows && frame.columns >= (step.columns ?? 1);
}
