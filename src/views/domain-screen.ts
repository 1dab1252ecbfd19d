import type { Snapshot } from '../figures/snapshot.js';
import type { Frame, Line } from './line.js';
import type { DomainState, Units } from './screen-state.js';

/** A part of the frame, in cells; rows or columns are 0 when it has no room. */
export interface Rectangle {
  top: number;
  left: number;
  columns: number;
  rows: number;
}

export interface DomainLayout {
  /** For the history chart: the ui draws it (a line chart of `detail.history`) and hands in its lines. */
  chart: Rectangle;
  /** For the table of `compareRows`: spans the whole width, so that the ui can put a component there. */
  table: Rectangle;
  /** Partners shown at once. */
  partnersShown: number;
  /** Points of history to ask for. */
  historyPoints: number;
}

/** What the ui draws itself. Left out: the plain variants of the views (a sparkline, plain rows) are drawn. */
export interface DomainParts {
  /** At most `chart.rows` lines of at most `chart.columns` cells; put into the rectangle. */
  chartLines?: readonly Line[];
  /** True: the lines of the table's rectangle stay empty, the ui replaces them. */
  tableReserved?: boolean;
}

/** One row of the small table: the domain beside the whole host. Cells are ready to print. */
export interface CompareRow {
  figure: string;
  domain: string;
  host: string;
  part: string;
}

/** The rows of the small table; empty when the snapshot has no detail. */
export function compareRows(_snapshot: Snapshot, _units: Units): CompareRow[] {
  return [];
}

/** The division of `frame`. */
export function domainLayout(_snapshot: Snapshot, _state: DomainState, frame: Frame): DomainLayout {
  return {
    chart: { top: 14, left: 0, columns: frame.columns, rows: Math.max(0, frame.rows - 18) },
    table: { top: 0, left: 0, columns: frame.columns, rows: 0 },
    partnersShown: 4,
    historyPoints: frame.columns,
  };
}

/**
 * The drill-down: exactly `frame.rows` lines, none wider than `frame.columns` cells. A snapshot without detail
 * (the domain is gone) gives a screen that says so.
 */
export function domainScreen(_snapshot: Snapshot, _state: DomainState, frame: Frame, _parts: DomainParts = {}): Line[] {
  return Array.from({ length: frame.rows }, () => []);
}
