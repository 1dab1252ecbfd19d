/** The main screen: header, gauges, domains, hot pages, histories, status and key hints. */
import type { Snapshot } from '../figures/snapshot.js';
import { beside, fitBlock, fitItems, padLine, span, textLine } from './compose.js';
import { domainGrid } from './domain-grid.js';
import { domainCells, domainColumns, totalCells } from './domain-table.js';
import { factLines, hostFacts } from './facts-pane.js';
import { formatCount, formatFramesShort, formatRate, shortWidth } from './format.js';
import { gaugeLines, summaryLines } from './gauge-pane.js';
import { glyphsOf } from './glyphs.js';
import { headerLines } from './header.js';
import { historyBlocks, historyCharts, historyLines, historySpan } from './history-pane.js';
import { hotColumns } from './hot-pane.js';
import type { Frame, Line, Style } from './line.js';
import { planMain, SIDE_GAP } from './main-layout.js';
import type { MainPlan } from './main-layout.js';
import { paneRule, rangeText } from './pane-rule.js';
import { hasSavings, realLine } from './real-line.js';
import type { MainState, Units } from './screen-state.js';
import { sortText } from './sort-text.js';
import { footerLines } from './status-line.js';
import { placeColumns, tableHead, tableRow, windowStart } from './table.js';
import { cutText, nameText } from './text-width.js';

/** How the main screen divides the frame: what the ui needs for windows and for moving the cursor. */
export interface MainLayout {
  form: 'grid' | 'table';
  /** Domains shown at once: rows of the table or panes of the grid; 0 while the hot pages stand in their place. */
  domainsShown: number;
  /** Panes side by side; 1 for the table. Up/down move by this many domains, left/right by one. */
  gridColumns: number;
  /** Hot pages shown at once; 0 when the pane has no room. */
  hotShown: number;
  /** Points of host history that the sparklines can show: ask for this many. */
  historyPoints: number;
}

function planOf(snapshot: Snapshot, { form, focus }: MainState, frame: Frame): MainPlan {
  return planMain({ domains: snapshot.liveDomains, form, focus, hasReal: hasSavings(snapshot) }, frame);
}

/** The division of `frame`. Depends on the number of domains, form, focus and frame only, so it does not flicker. */
export function mainLayout(snapshot: Snapshot, state: MainState, frame: Frame): MainLayout {
  const plan = planOf(snapshot, state, frame);
  const { form, domainsShown, gridColumns, hotShown } = plan;
  return { form, domainsShown, gridColumns, hotShown, historyPoints: Math.max(30, plan.sideColumns, frame.columns) };
}

/** Cells of the filter that the rule above the domains shows. */
const FILTER_COLUMNS = 16;

function domainRule(
  snapshot: Snapshot,
  state: MainState,
  frame: Frame,
  start: number,
  shown: number,
  columns: number,
): Line {
  const glyphs = glyphsOf(frame.unicode);
  const { offset, total } = snapshot.domains;
  const range = rangeText(offset + start, shown, total, glyphs);
  const filtered = state.domainFilter !== '';
  const filter = cutText(nameText(state.domainFilter, frame.unicode), FILTER_COLUMNS, frame.unicode);
  const items = [
    ...(filtered ? [`/${filter}  ${range}, ${formatCount(snapshot.liveDomains)} in all`] : []),
    sortText(state.domainSort, frame.unicode),
    ...(filtered ? [] : [range]),
  ];
  return paneRule('Domains', items, columns, state.focus === 'domains', glyphs);
}

/** The totals are of all domains, and say so beside a list that is not. */
function totalName({ liveDomains }: Snapshot, { domainFilter }: MainState): string {
  return domainFilter === '' ? 'total' : `all ${formatCount(liveDomains)}`;
}

/** The totals below the grid, where there are no columns to put them in. */
function gridTotal(snapshot: Snapshot, state: MainState, columns: number): Line {
  const total = totalCells(snapshot);
  const width = shortWidth(state.units);
  const size = (frames: number): string => formatFramesShort(frames, state.units);
  const sum = `${size(total.privateFrames)} priv + ${size(total.sharedFrames)} shared + ${size(total.zeroFrames)} zero`;
  const amount = (name: string, frames: number, style?: Style): Line =>
    padLine([span(`${name} `, { dim: true }), span(size(frames), style)], name.length + 1 + width);
  const items: Line[] = [
    padLine(
      [
        span(` ${totalName(snapshot, state)} `, { bold: true }),
        span(`mem ${size(total.frames)}`),
        span(` = ${sum}`, { dim: true }),
      ],
      ' total mem  =  priv +  shared +  zero'.length + 4 * width,
    ),
    amount('saved', total.savedFrames, { role: 'saved' }),
    amount('could', total.couldFrames, { role: 'could' }),
    [span('avoid ', { dim: true }), span(formatRate(total.readsAvoidedPerSecond))],
  ];
  return fitItems(items, columns, '  ');
}

function gridLines(snapshot: Snapshot, state: MainState, frame: Frame, plan: MainPlan): Line[] {
  const { domains } = snapshot;
  const start = windowStart(domains.offset, domains.rows.length, state.domainsOffset, plan.domainsShown);
  const rows = domains.rows.slice(start, start + plan.domainsShown);
  const panes = rows.map((row) => ({
    cells: domainCells(row, snapshot, frame.unicode),
    selected: state.focus === 'domains' && row.key === state.selectedKey,
  }));
  return [
    domainRule(snapshot, state, frame, start, rows.length, plan.bodyColumns),
    ...domainGrid(panes, plan.gridColumns, plan.bodyColumns, plan.paneRows, state.units, frame),
    ...(plan.domainsTotal ? [gridTotal(snapshot, state, plan.bodyColumns)] : []),
  ];
}

function tableLines(snapshot: Snapshot, state: MainState, frame: Frame, plan: MainPlan): Line[] {
  const { domains } = snapshot;
  const { unicode } = frame;
  const glyphs = glyphsOf(unicode);
  const placed = placeColumns(domainColumns(state.units, frame), plan.bodyColumns);
  const start = windowStart(domains.offset, domains.rows.length, state.domainsOffset, plan.domainsShown);
  const rows = domains.rows.slice(start, start + plan.domainsShown);
  const lines: Line[] = [];
  if (plan.domainsRule) lines.push(domainRule(snapshot, state, frame, start, rows.length, plan.bodyColumns));
  if (plan.domainsHead) lines.push(tableHead(placed, state.domainSort.id, unicode));
  for (const row of rows) {
    const selected = state.focus === 'domains' && row.key === state.selectedKey;
    lines.push(tableRow(placed, domainCells(row, snapshot, unicode), selected ? glyphs.cursor : '', unicode));
  }
  if (domains.total === 0 && plan.domainsShown > 0) {
    const none = snapshot.liveDomains === 0 ? ' no domain is alive' : ' no domain matches: Esc shows all again';
    lines.push(textLine(none, { dim: true }));
  }
  if (plan.domainsTotal) {
    const name = totalName(snapshot, state);
    const total = tableRow(placed, { ...totalCells(snapshot), name }, '', unicode);
    lines.push(total.map((part) => ({ text: part.text, style: { ...part.style, bold: true } })));
  }
  return lines;
}

function hotLines(snapshot: Snapshot, state: MainState, frame: Frame, plan: MainPlan, rows: number): Line[] {
  const shown = rows - 2;
  if (shown < 1) return [];
  const { hot } = snapshot;
  const { unicode } = frame;
  const glyphs = glyphsOf(unicode);
  const placed = placeColumns(hotColumns(snapshot.position.timeMicros, frame, snapshot.hasLabels), plan.bodyColumns);
  const start = windowStart(hot.offset, hot.rows.length, state.hotOffset, shown);
  const pages = hot.rows.slice(start, start + shown);
  const range = rangeText(hot.offset + start, pages.length, hot.total, glyphs);
  const items = [sortText(state.hotSort, unicode), range];
  const lines: Line[] = [
    paneRule('Hot pages', items, plan.bodyColumns, state.focus === 'hot', glyphs),
    tableHead(placed, state.hotSort.id, unicode),
  ];
  pages.forEach((page, index) => {
    const place = hot.offset + start + index;
    const selected = state.focus === 'hot' && place === state.hotSelected;
    lines.push(tableRow(placed, { rank: place + 1, page }, selected ? glyphs.cursor : '', unicode));
  });
  if (hot.total === 0) lines.push(textLine(' no page was read or touched yet', { dim: true }));
  return lines;
}

/** Domains and hot pages: exactly `plan.bodyRows` lines. */
function bodyLines(snapshot: Snapshot, state: MainState, frame: Frame, plan: MainPlan): Line[] {
  const form = plan.form === 'grid' ? gridLines : tableLines;
  const domains = plan.domainsShown > 0 ? form(snapshot, state, frame, plan) : [];
  const hot = plan.hotShown > 0 ? hotLines(snapshot, state, frame, plan, plan.bodyRows - domains.length) : [];
  return fitBlock([...domains, ...hot], plan.bodyColumns, plan.bodyRows);
}

/** A chart has this many rows at most, and at least this many facts are worth a pane. */
const CHART_ROWS_MAX = 14;
const FACT_ROWS_MIN = 6;

/** The right side: four charts, and below them the figures without a gauge where there is room. */
function sideLines(snapshot: Snapshot, state: MainState, frame: Frame, plan: MainPlan): Line[] {
  const glyphs = glyphsOf(frame.unicode);
  const columns = plan.sideColumns;
  const facts = factLines(hostFacts(snapshot, state.units), columns);
  const spare = plan.bodyRows - 1 - 4 * 5;
  const factRows = spare - 1 >= FACT_ROWS_MIN ? Math.min(facts.length + 1, spare) : 0;
  const chartRows = Math.min(4 * CHART_ROWS_MAX, plan.bodyRows - 1 - factRows);
  const lines = [paneRule('History', [historySpan(snapshot.history)].filter(Boolean), columns, false, glyphs)];
  lines.push(...historyCharts(snapshot, state.units, frame, columns, chartRows));
  if (factRows > 0) lines.push(paneRule('Figures', [], columns, false, glyphs), ...facts);
  return fitBlock(lines, columns, plan.bodyRows);
}

function belowLines(snapshot: Snapshot, state: MainState, frame: Frame, rows: number): Line[] {
  if (rows <= 2) return historyLines(snapshot, state.units, frame, rows);
  return historyBlocks(snapshot, state.units, frame, Math.floor(rows / 2));
}

function realLines({ real, host, withZeros }: Snapshot, units: Units, { columns }: Frame, rows: number): Line[] {
  return real === undefined || rows === 0 ? [] : [realLine(real, { host, withZeros, units, columns })];
}

/** The main screen: exactly `frame.rows` lines, none wider than `frame.columns` cells. Lines are not padded. */
export function mainScreen(snapshot: Snapshot, state: MainState, frame: Frame): Line[] {
  const plan = planOf(snapshot, state, frame);
  const { units } = state;
  const header = headerLines(snapshot, state, frame, [snapshot.traceName], plan.headerRows);
  const gauges =
    plan.gaugeRows > 0
      ? gaugeLines(snapshot, units, frame, plan.gaugeColumns)
      : fitBlock(summaryLines(snapshot, units, frame, plan.summaryRows), frame.columns, plan.summaryRows);
  let body = bodyLines(snapshot, state, frame, plan);
  if (plan.sideColumns > 0) {
    const line = span(` ${glyphsOf(frame.unicode).vertical} `, { dim: true });
    const side = sideLines(snapshot, state, frame, plan).map((right): Line => [line, ...right]);
    body = beside(body, frame.columns - plan.sideColumns - SIDE_GAP, side);
  }
  const lines = [
    ...header,
    ...gauges,
    ...realLines(snapshot, units, frame, plan.realRows),
    ...body,
    ...belowLines(snapshot, state, frame, plan.historyRows),
    ...footerLines(snapshot, state, frame, plan.footerRows),
  ];
  return fitBlock(lines, frame.columns, frame.rows);
}
