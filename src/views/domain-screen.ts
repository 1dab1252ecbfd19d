/** The drill-down into one domain: its memory, what it saves, with whom it shares, and its history. */
import type { DomainDetail, Snapshot } from '../figures/snapshot.js';
import { beside, fitBlock, textLine } from './compose.js';
import { compareLines, domainFacts, identityLine, memoryGauges } from './domain-facts.js';
import { planDomain } from './domain-layout.js';
import type { DomainPlan, Rectangle } from './domain-layout.js';
import { factLines, hostFacts } from './facts-pane.js';
import { formatFrames } from './format.js';
import { glyphsOf } from './glyphs.js';
import { headerLines } from './header.js';
import { chartLines, historySpan } from './history-pane.js';
import type { Frame, Line } from './line.js';
import { paneRule, rangeText } from './pane-rule.js';
import { partnerColumns } from './partners-pane.js';
import type { DomainState } from './screen-state.js';
import { sortText } from './sort-text.js';
import { footerLines } from './status-line.js';
import { placeColumns, tableHead, tableRow, windowStart } from './table.js';

/** How the drill-down divides the frame: what the ui needs for its own parts and for windows. */
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

/** What the ui draws itself. Left out: the plain variants of the views (an area chart, plain rows) are drawn. */
export interface DomainParts {
  /** At most `chart.rows` lines of at most `chart.columns` cells; put into the rectangle. */
  chartLines?: readonly Line[];
  /** True: the lines of the table's rectangle stay empty, the ui replaces them. */
  tableReserved?: boolean;
}

function planOf(snapshot: Snapshot, frame: Frame): DomainPlan {
  return planDomain(snapshot.detail?.partners.total ?? 0, snapshot.detail?.told !== undefined, frame);
}

/** The division of `frame`. */
export function domainLayout(snapshot: Snapshot, _state: DomainState, frame: Frame): DomainLayout {
  const { chart, table, partnersRows } = planOf(snapshot, frame);
  return { chart, table, partnersShown: Math.max(0, partnersRows - 2), historyPoints: Math.max(30, frame.columns) };
}

function partnerLines(
  snapshot: Snapshot,
  detail: DomainDetail,
  state: DomainState,
  frame: Frame,
  plan: DomainPlan,
): Line[] {
  const { partners } = detail;
  const { unicode } = frame;
  const glyphs = glyphsOf(unicode);
  const shown = Math.max(0, plan.partnersRows - 2);
  const columns = plan.partnersColumns;
  const placed = placeColumns(partnerColumns(detail, snapshot.liveDomains, state.units, frame), columns);
  const start = windowStart(partners.offset, partners.rows.length, state.partnersOffset, shown);
  const rows = partners.rows.slice(start, start + shown);
  const range = rangeText(partners.offset + start, rows.length, partners.total, glyphs);
  const lines: Line[] = [
    paneRule('Partners', [sortText(state.partnerSort, unicode), range], columns, true, glyphs),
    tableHead(placed, state.partnerSort.id, unicode),
  ];
  rows.forEach((row, index) => {
    const selected = partners.offset + start + index === state.partnerSelected;
    lines.push(tableRow(placed, row, selected ? glyphs.cursor : '', unicode));
  });
  if (partners.total === 0) lines.push(textLine(' no other domain holds any of its contents', { dim: true }));
  return fitBlock(lines, columns, plan.partnersRows);
}

/** The chart's line above and the chart: the lines handed in, or the plain chart. */
function chartBlock(
  detail: DomainDetail,
  state: DomainState,
  frame: Frame,
  chart: Rectangle,
  given: readonly Line[] | undefined,
): Line[] {
  const { history } = detail;
  const saved = history.map((point) => point.fairSavedFrames);
  const now = formatFrames(saved[saved.length - 1] ?? 0, state.units);
  const top = formatFrames(
    saved.reduce((most, value) => Math.max(most, value), 0),
    state.units,
  );
  const items = [`now ${now}`, `max ${top}`, historySpan(history)].filter((item) => item !== '');
  const lines = given ?? chartLines(saved, 'saved', chart.columns, chart.rows, state.units, frame);
  return [
    paneRule('Saved, its fair part', items, chart.columns, false, glyphsOf(frame.unicode)),
    ...fitBlock(lines, chart.columns, chart.rows),
  ];
}

/** The plain table and a gap. */
const COMPARE_COLUMNS = 56;

/** The rectangle of the table: left empty for the ui, or the plain table with the figures of all domains. */
function tableBlock(snapshot: Snapshot, state: DomainState, table: Rectangle, reserved: boolean): Line[] {
  if (reserved) return fitBlock([], table.columns, table.rows);
  const plain = compareLines(snapshot, state.units);
  const left = table.columns >= 2 * COMPARE_COLUMNS ? COMPARE_COLUMNS : 0;
  const facts = factLines(hostFacts(snapshot, state.units), table.columns - left);
  return fitBlock(left > 0 ? beside(plain, left, facts) : [...plain, ...facts], table.columns, table.rows);
}

function bodyLines(
  snapshot: Snapshot,
  detail: DomainDetail,
  state: DomainState,
  frame: Frame,
  plan: DomainPlan,
  parts: DomainParts,
): Line[] {
  const partners = partnerLines(snapshot, detail, state, frame, plan);
  if (plan.chart.rows === 0) return partners;
  const chart = chartBlock(detail, state, frame, plan.chart, parts.chartLines);
  return plan.chart.left > 0 ? beside(partners, plan.chart.left, chart) : [...partners, ...chart];
}

function goneLines(frame: Frame): Line[] {
  const text = [
    '',
    '  This domain is gone.',
    '',
    '  It was destroyed, or the trace has not named it yet.',
    '  Esc goes back.',
  ];
  return text.slice(0, Math.max(0, frame.rows)).map((line) => textLine(line));
}

/**
 * The drill-down: exactly `frame.rows` lines, none wider than `frame.columns` cells. A snapshot without detail
 * (the domain is gone) gives a screen that says so.
 */
export function domainScreen(snapshot: Snapshot, state: DomainState, frame: Frame, parts: DomainParts = {}): Line[] {
  const { detail, traceName } = snapshot;
  const plan = planOf(snapshot, frame);
  const footer = footerLines(snapshot, state, frame, plan.footerRows);
  const path = detail === null ? [traceName] : [traceName, `${detail.row.name} (id ${detail.row.domid})`];
  const header = headerLines(snapshot, state, frame, path, plan.headerRows);
  const room = frame.rows - footer.length;
  if (detail === null)
    return [
      ...fitBlock([...header, ...goneLines(frame)], frame.columns, room),
      ...fitBlock(footer, frame.columns, footer.length),
    ];
  const lines: Line[] = [...header];
  if (plan.identityRows > 0) lines.push(identityLine(snapshot, detail.row, state.units, frame));
  if (plan.gaugeRows > 0) lines.push(...memoryGauges(detail.row, state.units, frame));
  lines.push(...domainFacts(snapshot, detail, state.paused !== null, state.units, frame).slice(0, plan.factRows));
  lines.push(...tableBlock(snapshot, state, plan.table, parts.tableReserved === true));
  lines.push(...bodyLines(snapshot, detail, state, frame, plan, parts));
  return [...fitBlock(lines, frame.columns, room), ...fitBlock(footer, frame.columns, footer.length)];
}
