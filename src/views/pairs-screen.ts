/**
 * Who shares with whom: a matrix of domains in order of domid, and more about the pair under the cursor. What goes
 * first where rows are few: the second line of the header, the legend, what would be lost with the column's domain,
 * then with the row's, then the line of the pair; at least one row of the matrix stays.
 */
import type { PairHead, PairsDetail, Stop } from '../figures/pair-figures.js';
import type { Snapshot } from '../figures/snapshot.js';
import { cutLine, fitBlock, fitItems, span, textLine } from './compose.js';
import { formatCount, formatFrames, formatFramesShort, formatTraceTime } from './format.js';
import { glyphsOf } from './glyphs.js';
import { headerLines } from './header.js';
import type { Frame, Line, Span } from './line.js';
import { paneRule, rangeText } from './pane-rule.js';
import type { PairsState, Units } from './screen-state.js';
import { hasStep, PAIRS_STEPS, rowsAroundBody } from './size-steps.js';
import { footerLines } from './status-line.js';
import { MAIN_TABS, tabRule } from './tab-rule.js';
import { cutText, fitLeft, fitRight, nameText } from './text-width.js';

/** How the screen divides its frame: what the ui needs for windows. */
export interface PairsLayout {
  rowsShown: number;
  columnsShown: number;
}

const PAIRS_TAB = 2;
/** A figure of up to 6 cells, the star of the diagonal, and a cell for the cursor before it. */
const CELL_COLUMNS = 8;
const NAME_COLUMNS_MIN = 9;
const NAME_COLUMNS_MAX = 18;
/** Rule and heads of the columns. */
const OVERHEAD = 2;

interface Plan {
  header: number;
  footer: number;
  /** Rule above the pair and its lines. */
  pair: number;
  names: number;
  rowsShown: number;
  columnsShown: number;
}

function planOf(frame: Frame): Plan {
  const { rows, columns } = frame;
  const { header, footer } = rowsAroundBody(frame);
  const lines = Object.values(PAIRS_STEPS).filter((step) => hasStep(frame, step)).length;
  // The first line comes with the rule above it.
  const pair = lines === 0 ? 0 : lines + 1;
  const names = Math.min(NAME_COLUMNS_MAX, Math.max(NAME_COLUMNS_MIN, Math.floor(columns / 8)));
  return {
    ...{ header, footer, pair, names },
    rowsShown: Math.max(0, rows - header - footer - pair - OVERHEAD),
    columnsShown: Math.max(0, Math.floor((columns - names) / CELL_COLUMNS)),
  };
}

/** Rows and columns of the matrix shown at once. */
export function pairsLayout(frame: Frame): PairsLayout {
  const { rowsShown, columnsShown } = planOf(frame);
  return { rowsShown, columnsShown };
}

function nameOf(head: PairHead | undefined, unicode: boolean): string {
  return head === undefined ? '' : nameText(head.name, unicode);
}

/** One figure of the matrix: the cursor before it, a star behind it on the diagonal; `..` while it is counted. */
function cellSpans(count: number, isDiagonal: boolean, isCursor: boolean, units: Units, frame: Frame): Span[] {
  const { cursor } = glyphsOf(frame.unicode);
  const text = count < 0 ? '..' : formatFramesShort(count, units);
  const value = fitRight(text + (isDiagonal ? '*' : ' '), CELL_COLUMNS - 1, frame.unicode);
  if (isCursor) return [span(cursor, { bold: true, role: 'focus' }), span(value, { bold: true, inverse: true })];
  if (count === 0) return [span(` ${value}`, { dim: true })];
  return [span(` ${value}`, isDiagonal ? { role: 'private' } : { role: 'shared' })];
}

function matrixLines(pairs: PairsDetail, state: PairsState, frame: Frame, plan: Plan): Line[] {
  const { unicode } = frame;
  const glyphs = glyphsOf(unicode);
  const first = { row: state.rowOffset - pairs.rowOffset, column: state.columnOffset - pairs.columnOffset };
  const rowStart = Math.max(0, Math.min(first.row, pairs.rows.length - plan.rowsShown));
  const columnStart = Math.max(0, Math.min(first.column, pairs.columns.length - plan.columnsShown));
  const rows = pairs.rows.slice(rowStart, rowStart + plan.rowsShown);
  const columns = pairs.columns.slice(columnStart, columnStart + plan.columnsShown);
  const heads = columns.map((head, index): Span => {
    const isCursor = pairs.columnOffset + columnStart + index === state.column;
    const name = fitRight(cutText(nameOf(head, unicode), CELL_COLUMNS - 1, unicode), CELL_COLUMNS, unicode);
    return span(name, isCursor ? { bold: true } : { dim: true });
  });
  const ranges = [
    `rows ${rangeText(pairs.rowOffset + rowStart, rows.length, pairs.total, glyphs)}`,
    `columns ${rangeText(pairs.columnOffset + columnStart, columns.length, pairs.total, glyphs)}`,
  ];
  const lines: Line[] = [
    tabRule(MAIN_TABS, PAIRS_TAB, ['both have', ...ranges], frame.columns, glyphs),
    [span(' '.repeat(plan.names)), ...heads],
  ];
  rows.forEach((head, rowIndex) => {
    const row = pairs.rowOffset + rowStart + rowIndex;
    const isRow = row === state.row;
    const line: Span[] = [span(fitLeft(nameOf(head, unicode), plan.names, unicode), isRow ? { bold: true } : {})];
    columns.forEach((_, columnIndex) => {
      const column = pairs.columnOffset + columnStart + columnIndex;
      const count = pairs.counts[(rowStart + rowIndex) * pairs.columns.length + columnStart + columnIndex];
      line.push(...cellSpans(count, row === column, isRow && column === state.column, state.units, frame));
    });
    lines.push(line);
  });
  if (pairs.total === 0) lines.push(textLine(' no domain is alive', { dim: true }));
  return lines;
}

/** What would be lost with a domain, gross, under the shown policy and for the upper bound. */
export function stopItems(stop: Stop, policy: string, units: Units): Line[] {
  const items: Line[] = [];
  if (stop.policyFrames !== null) {
    items.push([
      span(`${policy} saves ${formatFrames(stop.policyFrames, units)} less`, { bold: true, role: 'shared' }),
    ]);
  }
  items.push([span(`potential ${formatFrames(stop.potentialFrames, units)} less`)]);
  return items;
}

function stopLine(name: string, stop: Stop, snapshot: Snapshot, units: Units, frame: Frame): Line {
  const head = span(`If ${cutText(name, 16, frame.unicode)} stops: `, { bold: true });
  const policy = nameText(snapshot.policy.name, frame.unicode);
  const items = stopItems(stop, policy, units);
  if (snapshot.withZeros) items.push(textLine('zeros apart', { dim: true }));
  return cutLine([head, ...fitItems(items, frame.columns - head.text.length, ', ')], frame.columns);
}

function pairLines(snapshot: Snapshot, pairs: PairsDetail, state: PairsState, frame: Frame): Line[] {
  const { unicode, columns } = frame;
  const glyphs = glyphsOf(unicode);
  const { units } = state;
  const row = pairs.rows[state.row - pairs.rowOffset];
  const column = pairs.columns[state.column - pairs.columnOffset];
  const isOne = state.row === state.column;
  const [a, b] = [nameOf(row, unicode), nameOf(column, unicode)];
  const isAnswered = pairs.cursor.row === state.row && pairs.cursor.column === state.column;
  const answer = isAnswered ? pairs.answer : null;
  const title = isOne ? a : `${a} and ${b}`;
  const asOf = answer === null ? [] : [`as of ${formatTraceTime(answer.timeMicros)}`];
  const lines: Line[] = [paneRule(cutText(title, Math.max(1, columns - 4), unicode), asOf, columns, false, glyphs)];
  if (answer === null) {
    const text = state.paused === null ? ' computing ..' : ' paused: Space lets this be counted';
    return [...lines, textLine(text, { dim: true })];
  }
  const who = isOne ? 'Nobody else has' : 'Only these two have';
  const frames = formatCount(answer.onlyFrames);
  lines.push(
    cutLine(
      fitItems(
        [
          [
            span(`${who} `, { bold: true }),
            span(formatFrames(answer.onlyContents, units), { bold: true, role: 'shared' }),
          ],
          textLine(`${formatCount(answer.onlyContents)} contents`),
          textLine(`in ${frames} frames`, { dim: true }),
        ],
        columns,
        '  ',
      ),
      columns,
    ),
  );
  lines.push(stopLine(a, answer.row, snapshot, units, frame));
  if (!isOne) lines.push(stopLine(b, answer.column, snapshot, units, frame));
  lines.push(textLine('* several copies inside one domain', { dim: true }));
  return lines;
}

/** The matrix of pairs: exactly `frame.rows` lines, none wider than `frame.columns` cells. */
export function pairsScreen(snapshot: Snapshot, state: PairsState, frame: Frame): Line[] {
  const plan = planOf(frame);
  const { pairs } = snapshot;
  const glyphs = glyphsOf(frame.unicode);
  const matrix =
    pairs === undefined
      ? [tabRule(MAIN_TABS, PAIRS_TAB, [], frame.columns, glyphs), textLine(' computing ..', { dim: true })]
      : matrixLines(pairs, state, frame, plan);
  const hasPair = pairs !== undefined && pairs.total > 0;
  const lines = [
    ...headerLines(snapshot, state, frame, [snapshot.traceName, 'pairs'], plan.header),
    ...fitBlock(matrix, frame.columns, Math.max(0, frame.rows - plan.header - plan.footer - plan.pair)),
    ...fitBlock(hasPair ? pairLines(snapshot, pairs, state, frame) : [], frame.columns, plan.pair),
    ...footerLines(snapshot, state, frame, plan.footer),
  ];
  return fitBlock(lines, frame.columns, frame.rows);
}
