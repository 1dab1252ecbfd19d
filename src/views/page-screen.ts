/** One page: what it is, who holds it, what happened to it, and what lies beside it. */
import { hashShort } from '../base/hash-hex.js';
import type { HistoryReach, Neighbours, PageDetail } from '../figures/page-figures.js';
import type { Snapshot } from '../figures/snapshot.js';
import { beside, fitBlock, textLine } from './compose.js';
import { formatCount, formatTraceTime } from './format.js';
import { glyphsOf } from './glyphs.js';
import { headerLines } from './header.js';
import type { Frame, Line } from './line.js';
import { pageFacts } from './page-facts.js';
import { type PagePlan, planPage } from './page-layout.js';
import { gfnText, historyColumns, mappingColumns, neighbourColumns } from './page-tabs.js';
import { paneRule, rangeText } from './pane-rule.js';
import { PAGE_TABS, type PageState } from './screen-state.js';
import { footerLines } from './status-line.js';
import { tabRule } from './tab-rule.js';
import { type Column, placeColumns, tableHead, tableRow, windowStart } from './table.js';
import { nameText } from './text-width.js';

/** What the ui needs for windows: rows of the lists, and neighbours on either side. */
export interface PageLayout {
  listShown: number;
  reach: number;
}

/** The division of `frame`. */
export function pageLayout(frame: Frame): PageLayout {
  const { listRows, reach } = planPage(frame);
  return { listShown: listRows, reach };
}

const TAB_NAMES = ['Mappings', 'History', 'Neighbours'] as const;
const BESIDE_GAP = 2;

/** The answer, if it is about the page that is shown. */
function detailOf(snapshot: Snapshot, { opened }: PageState): PageDetail | null {
  const { page } = snapshot;
  return page?.hashLow === opened.hashLow && page.hashHigh === opened.hashHigh ? page : null;
}

function ruleOf(state: PageState, items: readonly string[], frame: Frame, columns: number): Line {
  return tabRule(TAB_NAMES, PAGE_TABS.indexOf(state.tab), items, columns, glyphsOf(frame.unicode));
}

/** A windowed list: rule, head and rows. */
function listLines<Row>(
  window: { offset: number; total: number; rows: readonly Row[] } | null,
  columns: readonly Column<Row>[],
  place: { offset: number; selected: number; shown: number },
  rule: (range: string) => Line,
  empty: string,
  frame: Frame,
): Line[] {
  if (window === null) return [rule(''), textLine(' computing ..', { dim: true })];
  const { unicode } = frame;
  const glyphs = glyphsOf(unicode);
  const placed = placeColumns(columns, frame.columns);
  const start = windowStart(window.offset, window.rows.length, place.offset, place.shown);
  const rows = window.rows.slice(start, start + place.shown);
  const lines = [rule(rangeText(window.offset + start, rows.length, window.total, glyphs))];
  if (window.total === 0) return [...lines, textLine(` ${empty}`, { dim: true })];
  lines.push(tableHead(placed, '', unicode));
  rows.forEach((row, index) => {
    const selected = window.offset + start + index === place.selected;
    lines.push(tableRow(placed, row, selected ? glyphs.cursor : '', unicode));
  });
  return lines;
}

function mappingLines(detail: PageDetail | null, state: PageState, frame: Frame, plan: PagePlan): Line[] {
  return listLines(
    detail?.mappings ?? null,
    mappingColumns(frame.unicode),
    { offset: state.mappingsOffset, selected: state.mappingSelected, shown: plan.listRows },
    (range) => ruleOf(state, [range], frame, frame.columns),
    'no frame holds it any more',
    frame,
  );
}

/** How much of the past there is, in a few words. */
export function reachText(reach: HistoryReach): string {
  if (reach.kind === 'whole') return 'from the first record on';
  if (reach.kind === 'reading') return `reading the trace: ${Math.floor(reach.done * 100)}%`;
  return `since ${formatTraceTime(reach.sinceMicros)}: ${reach.reason}`;
}

function historyLines(detail: PageDetail | null, state: PageState, frame: Frame, plan: PagePlan): Line[] {
  const history = detail?.history ?? null;
  const lines = listLines(
    history?.rows ?? null,
    historyColumns(frame.unicode),
    { offset: state.historyOffset, selected: state.historySelected, shown: plan.listRows },
    (range) => {
      const items = history === null ? [] : [reachText(history.reach), `${formatCount(history.events)} events`, range];
      return ruleOf(state, items, frame, frame.columns);
    },
    'nothing has happened to it',
    frame,
  );
  if (history === null || history.reach.kind === 'whole') return lines;
  // Where the rule had no room to say it, the first line does.
  const isSaid = lines[0].some((part) => part.text.includes(reachText(history.reach)));
  return isSaid ? lines : [lines[0], textLine(` ${reachText(history.reach)}`, { dim: true }), ...lines.slice(1)];
}

/** How far from the page everything is the same in all other holders: `in step -3..+12`. */
function stepText(neighbours: Neighbours, glyphs: ReturnType<typeof glyphsOf>): string {
  const { frames, others } = neighbours;
  const middle = frames.findIndex(({ distance }) => distance === 0);
  if (others === 0 || middle < 0) return '';
  let [first, last] = [middle, middle];
  while (first > 0 && frames[first - 1].inStep === others) first--;
  while (last < frames.length - 1 && frames[last + 1].inStep === others) last++;
  if (first === last) return 'no neighbour in step with all holders';
  return `in step ${frames[first].distance}${glyphs.ellipsis}+${frames[last].distance}`;
}

function neighbourLines(
  rows: Neighbours['frames'],
  columns: Column<Neighbours['frames'][0]>[],
  rule: Line,
  width: number,
  unicode: boolean,
): Line[] {
  const placed = placeColumns(columns, width);
  const { cursor } = glyphsOf(unicode);
  const lines = rows.map((row) => tableRow(placed, row, row.distance === 0 ? cursor : '', unicode));
  return [rule, tableHead(placed, '', unicode), ...lines];
}

function neighboursLines(detail: PageDetail | null, state: PageState, frame: Frame, plan: PagePlan): Line[] {
  const neighbours = detail?.neighbours ?? null;
  const why = state.paused === null ? ' computing ..' : ' paused: Space lets this be looked up';
  const computing = [textLine(why, { dim: true })];
  if (detail === null || neighbours === null) return [ruleOf(state, [], frame, frame.columns), ...computing];
  const { unicode } = frame;
  const glyphs = glyphsOf(unicode);
  const { holder, frames, others, blocks } = neighbours;
  const domains = detail.page?.domains ?? 0;
  const hasLabels = [...frames, ...(blocks ?? [])].some(({ label }) => label !== undefined);
  const isBeside = plan.neighbours === 'beside';
  const width = isBeside ? Math.floor((frame.columns - BESIDE_GAP) / 2) : frame.columns;
  const where = holder === null ? '' : `${nameText(holder.name, unicode)} ${gfnText(holder.gfn)}`;
  const rule = ruleOf(state, [where, stepText(neighbours, glyphs)], frame, width);
  const left =
    holder === null
      ? [rule, textLine(' no frame holds it any more', { dim: true })]
      : neighbourLines(frames, neighbourColumns(domains, others, unicode, hasLabels), rule, width, unicode);
  if (plan.neighbours === 'frames') return left;
  const rightWidth = isBeside ? frame.columns - width - BESIDE_GAP : width;
  const source = detail.page?.image ?? '';
  const items = source === '' ? [] : [`first read from ${nameText(source, unicode)}`];
  const blockRule = paneRule('Blocks', items, rightWidth, false, glyphs);
  let right = [blockRule, ...computing];
  if (blocks !== null && blocks.length === 0) right = [blockRule, textLine(' never read from an image', { dim: true })];
  else if (blocks !== null) {
    right = neighbourLines(blocks, neighbourColumns(domains, -1, unicode, hasLabels), blockRule, rightWidth, unicode);
  }
  return isBeside ? beside(left, width + BESIDE_GAP, right) : [...left, ...right];
}

/** The page screen: exactly `frame.rows` lines, none wider than `frame.columns` cells. */
export function pageScreen(snapshot: Snapshot, state: PageState, frame: Frame): Line[] {
  const plan = planPage(frame);
  const detail = detailOf(snapshot, state);
  const { hashLow, hashHigh } = state.opened;
  const page = `page ${hashShort(hashLow, hashHigh, glyphsOf(frame.unicode).ellipsis)}`;
  const tabs = { mappings: mappingLines, history: historyLines, neighbours: neighboursLines };
  const lines = [
    ...headerLines(snapshot, state, frame, [snapshot.traceName, page], plan.headerRows),
    ...pageFacts(snapshot, state, frame).slice(0, plan.factRows),
    ...fitBlock(tabs[state.tab](detail, state, frame, plan), frame.columns, plan.bodyRows),
    ...footerLines(snapshot, state, frame, plan.footerRows),
  ];
  return fitBlock(lines, frame.columns, frame.rows);
}
