/** How the drill-down divides its frame. Depends on the number of partners and the frame only. */
import type { Frame } from './line.js';

/** A part of the frame, in cells; rows or columns are 0 when it has no room. */
export interface Rectangle {
  top: number;
  left: number;
  columns: number;
  rows: number;
}

/** Rows and columns of everything on the drill-down. Rows from the top: header … hints. */
export interface DomainPlan {
  headerRows: number;
  /** Kind, reservation, age of the scan. */
  identityRows: number;
  /** Private, shared, zero, unknown; 0 or 4. */
  gaugeRows: number;
  /** Saved, could, I/O, contents, left; as many as fit. */
  factRows: number;
  table: Rectangle;
  /** Rule, head and rows of the partners. */
  partnersTop: number;
  partnersRows: number;
  partnersColumns: number;
  /** The line above the chart; the chart is below it. */
  chart: Rectangle;
  footerRows: number;
}

/** From this width on the chart stands beside the partners. */
const BESIDE_COLUMNS_FROM = 110;
const BESIDE_GAP = 3;
/** Rows of the small table as a component draws it: a rule above every row, the head, a rule below. */
export const COMPARE_ROWS = 6;
const TABLE_ROWS = 2 * COMPARE_ROWS + 3;
const PARTNER_OVERHEAD = 2;
const CHART_ROWS_MIN = 3;

type Body = Pick<DomainPlan, 'partnersTop' | 'partnersRows' | 'partnersColumns' | 'chart'>;

/** Chart below the partners: the partners take half at most. */
function stacked(partners: number, top: number, rows: number, columns: number): Body {
  const room = rows - PARTNER_OVERHEAD - 1;
  if (room < 3 + CHART_ROWS_MIN) {
    return { partnersTop: top, partnersRows: rows, partnersColumns: columns, chart: none(columns) };
  }
  const shown = Math.min(Math.max(1, partners), Math.max(3, Math.floor(room / 2)));
  const partnersRows = PARTNER_OVERHEAD + shown;
  return {
    partnersTop: top,
    partnersRows,
    partnersColumns: columns,
    chart: { top: top + partnersRows + 1, left: 0, columns, rows: rows - partnersRows - 1 },
  };
}

function none(columns: number): Rectangle {
  return { top: 0, left: 0, columns, rows: 0 };
}

/** The plan for a frame. */
export function planDomain(partners: number, frame: Frame): DomainPlan {
  const { rows, columns } = frame;
  const footerRows = rows >= 16 ? 2 : rows >= 4 ? 1 : 0;
  const headerRows = rows >= 18 ? 2 : rows >= 2 ? 1 : 0;
  const identityRows = rows >= 12 ? 1 : 0;
  const gaugeRows = rows >= 20 ? 4 : 0;
  const factRows = rows >= 22 ? 5 : rows >= 14 ? 3 : rows >= 8 ? 2 : 0;
  const wide = columns >= BESIDE_COLUMNS_FROM;
  const tableRows = rows >= (wide ? 38 : 46) && columns >= 60 ? TABLE_ROWS : 0;
  const tableTop = headerRows + identityRows + gaugeRows + factRows;
  const top = tableTop + tableRows;
  const left = Math.max(0, rows - top - footerRows);
  const partnersColumns = Math.floor((columns - BESIDE_GAP) / 2);
  const body: Body =
    wide && left >= 1 + CHART_ROWS_MIN
      ? {
          ...{ partnersTop: top, partnersRows: left, partnersColumns },
          chart: {
            ...{ top: top + 1, left: partnersColumns + BESIDE_GAP },
            ...{ columns: columns - partnersColumns - BESIDE_GAP, rows: left - 1 },
          },
        }
      : stacked(partners, top, left, columns);
  return {
    ...{ headerRows, identityRows, gaugeRows, factRows, footerRows },
    table: { top: tableTop, left: 0, columns, rows: tableRows },
    ...body,
  };
}
