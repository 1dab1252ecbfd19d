/**
 * How the main screen divides its frame. Steps at 40×10, 80×24, 120×30 and 160×45; every size between and beyond is
 * one of these with more or fewer rows. Depends on the number of domains, the asked form and the frame only, so that
 * nothing moves when figures change.
 */
import { PANE_COLUMNS_MAX, PANE_COLUMNS_MIN, PANE_ROWS_MAX, PANE_ROWS_MIN } from './domain-grid.js';
import type { Frame } from './line.js';

/** Rows and columns of everything on the main screen. Rows from the top: header … hints. */
export interface MainPlan {
  headerRows: number;
  /** 0 = no gauges, but `summaryRows` of their short form. */
  gaugeRows: number;
  gaugeColumns: 1 | 2;
  summaryRows: number;
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
  domainsRule: boolean;
  domainsTotal: boolean;
  hotShown: number;
}

/** Above this width and height the histories stand at the right. */
const SIDE_COLUMNS_FROM = 118;
const SIDE_ROWS_FROM = 28;
/** Space and a line between body and side. */
export const SIDE_GAP = 3;
/** The rule above the hot pages and their head. */
const HOT_OVERHEAD = 2;
const HOT_ROWS_MIN = 3;
/** More rows than a list ever keeps. */
const ROWS_MAX = 4096;

type Division = Pick<
  MainPlan,
  'form' | 'gridColumns' | 'paneRows' | 'domainsShown' | 'domainsRule' | 'domainsTotal' | 'hotShown'
>;

/** The table: the domains take what they need up to three fifths, the hot pages the rest. */
function tableDivision(domains: number, rows: number): Division {
  const domainsRule = rows >= 6;
  const domainsTotal = rows >= 8;
  const room = rows - (domainsRule ? 1 : 0) - (domainsTotal ? 1 : 0) - 1;
  const withHot = room >= HOT_OVERHEAD + HOT_ROWS_MIN + 3;
  const most = withHot ? Math.max(3, Math.floor((room - HOT_OVERHEAD) * 0.625)) : room;
  const domainsShown = Math.max(0, Math.min(Math.max(1, domains), most));
  const hotShown = withHot ? Math.min(ROWS_MAX, room - domainsShown - HOT_OVERHEAD) : 0;
  return { form: 'table', gridColumns: 1, paneRows: 1, domainsShown, domainsRule, domainsTotal, hotShown };
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
    domainsRule: true,
    domainsTotal: true,
    hotShown,
  };
}

/**
 * The grid when it was asked for and has no room beside the hot pages: as many panes as fit, in place of the totals
 * too if that gives another row of panes.
 */
function windowedGrid(domains: number, columns: number, rows: number): Division | null {
  const gridColumns = Math.min(domains, Math.floor(columns / PANE_COLUMNS_MIN));
  const gridRows = Math.min(Math.floor((rows - 1) / PANE_ROWS_MIN), Math.ceil(domains / Math.max(1, gridColumns)));
  if (gridColumns < 1 || gridRows < 1) return null;
  const domainsTotal = gridRows * PANE_ROWS_MIN + 2 <= rows;
  const paneRows = Math.min(PANE_ROWS_MAX, Math.floor((rows - (domainsTotal ? 2 : 1)) / gridRows));
  const domainsShown = gridColumns * gridRows;
  return { form: 'grid', gridColumns, paneRows, domainsShown, domainsRule: true, domainsTotal, hotShown: 0 };
}

function divideBody(domains: number, form: 'auto' | 'grid' | 'table', columns: number, rows: number): Division {
  const grid = form === 'table' ? null : gridDivision(domains, columns, rows);
  if (grid !== null) return grid;
  const windowed = form === 'grid' && domains > 0 ? windowedGrid(domains, columns, rows) : null;
  return windowed ?? tableDivision(domains, rows);
}

function belowRows(rows: number): number {
  if (rows >= 44) return 10;
  if (rows >= 28) return 2;
  return rows >= 24 ? 1 : 0;
}

/** The plan for a frame. */
export function planMain(domains: number, form: 'auto' | 'grid' | 'table', frame: Frame): MainPlan {
  const { rows, columns } = frame;
  const footerRows = rows >= 16 ? 2 : rows >= 4 ? 1 : 0;
  const headerRows = rows >= 18 ? 2 : rows >= 2 ? 1 : 0;
  const gaugeColumns = columns >= 180 ? 2 : 1;
  const gaugeRows = rows >= 22 ? 6 / gaugeColumns : 0;
  const summaryRows = gaugeRows > 0 || rows < 8 ? 0 : rows >= 14 ? 2 : columns < 60 ? 2 : 1;
  const side = columns >= SIDE_COLUMNS_FROM && rows >= SIDE_ROWS_FROM;
  const sideColumns = side ? Math.max(36, Math.min(96, Math.floor(columns * 0.31))) : 0;
  const historyRows = side ? 0 : belowRows(rows);
  const bodyRows = Math.max(0, rows - headerRows - gaugeRows - summaryRows - historyRows - footerRows);
  const bodyColumns = side ? columns - sideColumns - SIDE_GAP : columns;
  const division = divideBody(domains, form, bodyColumns, bodyRows);
  return {
    ...{
      headerRows,
      gaugeRows,
      gaugeColumns,
      summaryRows,
      bodyRows,
      bodyColumns,
      sideColumns,
      historyRows,
      footerRows,
    },
    ...division,
  };
}
