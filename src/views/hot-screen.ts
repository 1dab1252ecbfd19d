/** The hot pages with the whole screen to themselves. */
import type { Snapshot } from '../figures/snapshot.js';
import { fitBlock, textLine } from './compose.js';
import { glyphsOf } from './glyphs.js';
import { headerLines } from './header.js';
import { hotColumns } from './hot-pane.js';
import type { Frame, Line } from './line.js';
import { rangeText } from './pane-rule.js';
import type { HotState } from './screen-state.js';
import { rowsAroundBody } from './size-steps.js';
import { sortText } from './sort-text.js';
import { footerLines } from './status-line.js';
import { MAIN_TABS, tabRule } from './tab-rule.js';
import { placeColumns, tableHead, tableRow, windowStart } from './table.js';

const HOT_TAB = 1;
/** Rule and head. */
const OVERHEAD = 2;

function rowsOf(frame: Frame): { header: number; footer: number; shown: number } {
  const { header, footer } = rowsAroundBody(frame);
  return { header, footer, shown: Math.max(0, frame.rows - header - footer - OVERHEAD) };
}

/** Pages shown at once. */
export function hotShown(frame: Frame): number {
  return rowsOf(frame).shown;
}

/** The list of hot pages: exactly `frame.rows` lines, none wider than `frame.columns` cells. */
export function hotScreen(snapshot: Snapshot, state: HotState, frame: Frame): Line[] {
  const { header, footer, shown } = rowsOf(frame);
  const { hot } = snapshot;
  const { unicode, columns } = frame;
  const glyphs = glyphsOf(unicode);
  const placed = placeColumns(hotColumns(snapshot.position.timeMicros, frame, snapshot.hasLabels), columns);
  const start = windowStart(hot.offset, hot.rows.length, state.hotOffset, shown);
  const pages = hot.rows.slice(start, start + shown);
  const items = [sortText(state.hotSort, unicode), rangeText(hot.offset + start, pages.length, hot.total, glyphs)];
  const body: Line[] = [
    tabRule(MAIN_TABS, HOT_TAB, items, columns, glyphs),
    tableHead(placed, state.hotSort.id, unicode),
    ...pages.map((page, index) => {
      const place = hot.offset + start + index;
      return tableRow(placed, { rank: place + 1, page }, place === state.hotSelected ? glyphs.cursor : '', unicode);
    }),
  ];
  if (hot.total === 0) body.push(textLine(' no page was read or touched yet', { dim: true }));
  const lines = [
    ...headerLines(snapshot, state, frame, [snapshot.traceName, 'hot pages'], header),
    ...fitBlock(body, columns, frame.rows - header - footer),
    ...footerLines(snapshot, state, frame, footer),
  ];
  return fitBlock(lines, columns, frame.rows);
}
