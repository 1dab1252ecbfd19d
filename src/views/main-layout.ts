/**
 * How the main screen divides its frame: the parts of `MAIN_STEPS`, and what they leave to domains and hot pages.
 * Depends on the number of domains, the asked form, the pane with the focus, whether the trace has counters of the
 * machine, and the frame only, so that nothing moves when figures change.
 */
import { PANE_COLUMNS_MAX, PANE_COLUMNS_MIN, PANE_ROWS_MAX, PANE_ROWS_MIN } from './domain-grid.js';
import type { Frame } from './line.js';
import { hasStep, MAIN_STEPS } from './size-steps.js';
import type { SizeStep } from './size-steps.js';

/** Rows and columns of everything on the main screen. Rows from the top: header … hints. */
export interface MainPlan {
  headerRows: number;
  /** 0 = no gauges, but `summaryRows` of their short form. */
  gaugeRows: number;
  gaugeColumns: 1 | 2;
  summaryRows: number;
  /** What the machine itself shares: 0 or 1, below the gauges. */
  realRows: number;
  /** Domains and hot pages. */
  bodyRows: number;
  bodyColumns: number;
  /** The histories at the right of the body; 0 = below it. */
  sideColumns: number;
  /** Below the body: 0, 1, 2 lines of sparklines or more rows of charts. */
  historyRows: number;
  footerRows: number;
  form: 'grid' | 'table';
  gridColumns: number;
  paneRows: number;
  domainsShown: number;
  /** The lines around the domains that have room. */
  domainsHead: boolean;
  domainsRule: boolean;
  domainsTotal: boolean;
  hotShown: number;
}

/** Space and a line between body and side. */
export const SIDE_GAP = 3;
/** The rule above the hot pages and their head. */
const HOT_OVERHEAD = 2;
const HOT_ROWS_MIN = 3;
/** Hot pages come in when so many domains have a row beside them (or all, if there are fewer). */
const DOMAINS_BEFORE_HOT = 8;
const DOMAINS_BEFORE_HOT_MIN = 3;
/** More rows than a list ever keeps. */
const ROWS_MAX = 4096;

type Division = Pick<
  MainPlan,
  'form' | 'gridColumns' | 'paneRows' | 'domainsShown' | 'domainsHead' | 'domainsRule' | 'domainsTotal' | 'hotShown'
>;

/** The lines around the rows of the table, by the rows of the body: head, rule, total. */
const HEAD_FROM = 2;
const RULE_FROM = 6;
const TOTAL_FROM = 8;

/** The table: the domains take what they need up to two thirds, the hot pages the rest. */
function tableDivision(domains: number, rows: number, mayHaveHot: boolean): Division {
  const domainsRule = rows >= RULE_FROM;
  const domainsTotal = rows >= TOTAL_FROM;
  const domainsHead = rows >= HEAD_FROM;
  const room = rows - (domainsRule ? 1 : 0) - (domainsTotal ? 1 : 0) - (domainsHead ? 1 : 0);
  const kept = Math.min(DOMAINS_BEFORE_HOT, Math.max(DOMAINS_BEFORE_HOT_MIN, domains));
  const withHot = mayHaveHot && room >= HOT_OVERHEAD + HOT_ROWS_MIN + kept;
  const most = withHot ? Math.max(kept, Math.floor((room - HOT_OVERHEAD) * (2 / 3))) : room;
  const domainsShown = Math.max(0, Math.min(Math.max(1, domains), most));
  const hotShown = withHot ? Math.min(ROWS_MAX, room - domainsShown - HOT_OVERHEAD) : 0;
  return { form: 'table', gridColumns: 1, paneRows: 1, domainsShown, domainsHead, domainsRule, domainsTotal, hotShown };
}

/** The hot pages alone: what Tab shows where there is no room for both. */
function hotDivision(rows: number): Division {
  const around = { domainsHead: false, domainsRule: false, domainsTotal: false };
  const hotShown = Math.min(ROWS_MAX, rows - HOT_OVERHEAD);
  return { form: 'table', gridColumns: 1, paneRows: 1, domainsShown: 0, ...around, hotShown };
}

/** How many panes stand side by side: no gaps in the last row if possible, then the fewest rows. */
function bestGridColumns(domains: number, columns: number, roomRows: number): number | null {
  const most = Math.min(domains, Math.floor(columns / PANE_COLUMNS_MIN));
  const fewest = Math.min(most, Math.ceil(columns / PANE_COLUMNS_MAX));
  let best: number | null = null;
  let bestGaps = Infinity;
  for (let gridColumns = most; gridColumns >= Math.max(1, fewest); gridColumns--) {
    const gridRows = Math.ceil(domains / gridColumns);
    const gaps = gridRows * gridColumns - domains;
    if (gridRows * PANE_ROWS_MIN > roomRows || gaps >= bestGaps) continue;
    best = gridColumns;
    bestGaps = gaps;
  }
  return best;
}

/** The grid, if all domains fit beside a few hot pages. */
function gridDivision(domains: number, columns: number, rows: number): Division | null {
  if (domains === 0) return null;
  const overhead = 2;
  const hotMin = HOT_OVERHEAD + HOT_ROWS_MIN;
  const gridColumns = bestGridColumns(domains, columns, rows - overhead - hotMin);
  if (gridColumns === null) return null;
  const gridRows = Math.ceil(domains / gridColumns);
  const most = Math.floor(Math.min((rows * 3) / 5, rows - overhead - hotMin) / gridRows);
  const paneRows = Math.max(PANE_ROWS_MIN, Math.min(PANE_ROWS_MAX, most));
  const hotShown = Math.min(ROWS_MAX, rows - overhead - gridRows * paneRows - HOT_OVERHEAD);
  return {
    form: 'grid',
    gridColumns,
    paneRows,
    domainsShown: domains,
    domainsHead: false,
    domainsRule: true,
    domainsTotal: true,
    hotShown,
  };
}

/** The grid when it was asked for and has no room beside the hot pages: as many panes as fit; no totals. */
function windowedGrid(domains: number, columns: number, rows: number): Division | null {
  const gridColumns = Math.min(domains, Math.floor(columns / PANE_COLUMNS_MIN));
  const gridRows = Math.min(Math.floor((rows - 1) / PANE_ROWS_MIN), Math.ceil(domains / Math.max(1, gridColumns)));
  if (gridColumns < 1 || gridRows < 1) return null;
  const paneRows = Math.min(PANE_ROWS_MAX, Math.floor((rows - 1) / gridRows));
  const domainsShown = gridColumns * gridRows;
  const around = { domainsHead: false, domainsRule: true, domainsTotal: false };
  return { form: 'grid', gridColumns, paneRows, domainsShown, ...around, hotShown: 0 };
}

function divideBody(asked: MainAsked, columns: number, rows: number, mayHaveHot: boolean): Division {
  const { domains, form, focus } = asked;
  const grid = form === 'table' || !mayHaveHot ? null : gridDivision(domains, columns, rows);
  if (grid !== null) return grid;
  const windowed = form === 'grid' && domains > 0 ? windowedGrid(domains, columns, rows) : null;
  const division = windowed ?? tableDivision(domains, rows, mayHaveHot);
  if (focus === 'hot' && division.hotShown === 0 && rows > HOT_OVERHEAD) return hotDivision(rows);
  return division;
}

/** What the division depends on besides the frame. */
export interface MainAsked {
  domains: number;
  form: 'auto' | 'grid' | 'table';
  focus: 'domains' | 'hot';
  /** The trace has counters of the kernel or the hypervisor. */
  hasReal: boolean;
}

/** Gauges come in earlier than at their step when every domain has its row and there is room to spare. */
function hasGauges(domains: number, frame: Frame): boolean {
  const { rows } = frame;
  return hasStep(frame, MAIN_STEPS.gauges) || rows >= Math.max(SUMMARY_TWO_LINES_ROWS, GAUGES_SPARE_ROWS + domains);
}

/** Title, gauges, labels and lines around the domains, the last two lines, and what a step at 18 rows takes. */
const GAUGES_SPARE_ROWS = 13;

/** Rows of everything above and below the body. */
function aroundBody(
  domains: number,
  frame: Frame,
): Pick<MainPlan, 'headerRows' | 'summaryRows' | 'gaugeRows' | 'gaugeColumns'> {
  const has = (step: SizeStep): boolean => hasStep(frame, step);
  const headerRows = has(MAIN_STEPS.health) ? 2 : has(MAIN_STEPS.title) ? 1 : 0;
  const gaugeColumns = has(MAIN_STEPS.gaugePairs) ? 2 : 1;
  const gaugeRows = hasGauges(domains, frame) ? 6 / gaugeColumns : 0;
  const narrow = frame.columns < SUMMARY_ONE_LINE_COLUMNS;
  const twoLines = has(MAIN_STEPS.secondLine) && (narrow || frame.rows >= SUMMARY_TWO_LINES_ROWS);
  return { headerRows, gaugeColumns, gaugeRows, summaryRows: gaugeRows > 0 ? 0 : twoLines ? 2 : 1 };
}

/** From this width on one line has the figures that matter most, and a second one waits for more rows. */
const SUMMARY_ONE_LINE_COLUMNS = 60;
const SUMMARY_TWO_LINES_ROWS = 14;
const CHART_ROWS = 10;

function belowRows(frame: Frame): number {
  if (hasStep(frame, MAIN_STEPS.charts)) return CHART_ROWS;
  if (hasStep(frame, MAIN_STEPS.twoSparklines)) return 2;
  return hasStep(frame, MAIN_STEPS.sparklines) ? 1 : 0;
}

/** The plan for a frame. */
export function planMain(asked: MainAsked, frame: Frame): MainPlan {
  const { rows, columns } = frame;
  const around = aroundBody(asked.domains, frame);
  const footerRows = hasStep(frame, MAIN_STEPS.status) ? 2 : hasStep(frame, MAIN_STEPS.keys) ? 1 : 0;
  const side = hasStep(frame, MAIN_STEPS.side);
  const sideColumns = side ? Math.max(36, Math.min(96, Math.floor(columns * 0.31))) : 0;
  const historyRows = side ? 0 : belowRows(frame);
  const realRows = asked.hasReal && hasStep(frame, MAIN_STEPS.real) ? 1 : 0;
  const used = around.headerRows + around.gaugeRows + around.summaryRows + realRows + historyRows + footerRows;
  const bodyRows = Math.max(0, rows - used);
  const bodyColumns = side ? columns - sideColumns - SIDE_GAP : columns;
  const division = divideBody(asked, bodyColumns, bodyRows, around.gaugeRows > 0);
  return { ...around, realRows, bodyRows, bodyColumns, sideColumns, historyRows, footerRows, ...division };
}
