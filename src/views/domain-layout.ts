/** How the drill-down divides its frame (`DOMAIN_STEPS`). Depends on the number of partners and the frame only. */
import type { Frame } from './line.js';
import { DOMAIN_STEPS, hasStep } from './size-steps.js';
import type { SizeStep } from './size-steps.js';

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
  /** Saved, could, I/O, contents, left, and what kernel or hypervisor say of it; as many as fit. */
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

const BESIDE_GAP = 3;
/** Rows of the small table as a component draws it: a rule above every row, the head, a rule below. */
export const COMPARE_ROWS = 6;
const TABLE_ROWS = 2 * COMPARE_ROWS + 3;
const PARTNER_OVERHEAD = 2;

type Body = Pick<DomainPlan, 'partnersTop' | 'partnersRows' | 'partnersColumns' | 'chart'>;

/** Chart below the partners: the partners take half at most. */
function stacked(partners: number, top: number, rows: number, columns: number, withChart: boolean): Body {
  const room = rows - PARTNER_OVERHEAD - 1;
  if (!withChart) {
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

/** The plan for a frame. @param hasTold kernel or hypervisor told something of the domain */
export function planDomain(partners: number, hasTold: boolean, frame: Frame): DomainPlan {
  const { rows, columns } = frame;
  const has = (step: SizeStep): boolean => hasStep(frame, step);
  const footerRows = has(DOMAIN_STEPS.status) ? 2 : has(DOMAIN_STEPS.keys) ? 1 : 0;
  const headerRows = has(DOMAIN_STEPS.health) ? 2 : has(DOMAIN_STEPS.title) ? 1 : 0;
  const identityRows = has(DOMAIN_STEPS.identity) ? 1 : 0;
  const gaugeRows = has(DOMAIN_STEPS.gauges) ? 4 : 0;
  const toldRows = hasTold && has(DOMAIN_STEPS.real) ? 1 : 0;
  const factRows = has(DOMAIN_STEPS.contents)
    ? 5 + toldRows
    : has(DOMAIN_STEPS.reads)
      ? 3
      : has(DOMAIN_STEPS.could)
        ? 2
        : 1;
  const tableRows = has(DOMAIN_STEPS.compare) || has(DOMAIN_STEPS.compareWide) ? TABLE_ROWS : 0;
  const tableTop = headerRows + identityRows + gaugeRows + factRows;
  const top = tableTop + tableRows;
  const left = Math.max(0, rows - top - footerRows);
  const partnersColumns = Math.floor((columns - BESIDE_GAP) / 2);
  const body: Body = has(DOMAIN_STEPS.chartBeside)
    ? {
        ...{ partnersTop: top, partnersRows: left, partnersColumns },
        chart: {
          ...{ top: top + 1, left: partnersColumns + BESIDE_GAP },
          ...{ columns: columns - partnersColumns - BESIDE_GAP, rows: left - 1 },
        },
      }
    : stacked(partners, top, left, columns, has(DOMAIN_STEPS.chart));
  return {
    ...{ headerRows, identityRows, gaugeRows, factRows, footerRows },
    table: { top: tableTop, left: 0, columns, rows: tableRows },
    ...body,
  };
}
