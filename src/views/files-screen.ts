/**
 * Saved memory by file or by package: a row a name, below it what no label covers, what is never labelled, and the
 * total, so that the lines add up to the figures of the host. What goes first where rows are few: the lines below from
 * the least to the total; at least one name stays.
 */
import { figure } from '../figures/figure-table.js';
import type { NameAmount, NameKind, NameRow, NamesDetail, NameSums, RestKind } from '../figures/name-figures.js';
import { couldOfName, nameTotal } from '../figures/name-total.js';
import type { Snapshot } from '../figures/snapshot.js';
import { fitBlock, textLine, wrapText } from './compose.js';
import { formatCountShort, formatFramesShort, formatTraceTime, shortWidth } from './format.js';
import { glyphsOf } from './glyphs.js';
import { headerLines } from './header.js';
import { fitPath } from './label-text.js';
import type { Frame, Line, Role } from './line.js';
import { paneRule, rangeText } from './pane-rule.js';
import type { FilesState, Units } from './screen-state.js';
import { FILES_STEPS, hasStep, rowsAroundBody } from './size-steps.js';
import { sortText } from './sort-text.js';
import { footerLines } from './status-line.js';
import { MAIN_TABS, tabRule } from './tab-rule.js';
import { type Column, placeColumns, type PlacedColumn, tableHead, tableRow, windowStart } from './table.js';
import { nameText } from './text-width.js';

const FILES_TAB = 4;
/** Rule and head. */
const OVERHEAD = 2;

const REST_NAMES: Readonly<Record<RestKind, string>> = {
  unlabelled: '(no label)',
  fill: '(single-byte)',
  zero: '(zero)',
  unknown: '(unknown)',
  beside: '(beside the RAM)',
};

/** Why there is nothing to sum up by. */
const NO_LABELS =
  'No labels: nothing says which file a page is of. Write them with `sharetop label`, once for each image, and name ' +
  'the label file with --labels, or in the trace.';

/** A line of the table: a name, or one of those below the names. */
interface FilesRow {
  amount: NameAmount;
  row: NameRow | null;
  text: string;
  /** Saved and could are not among the sums. */
  isApart: boolean;
}

interface Plan {
  header: number;
  footer: number;
  shown: number;
  /** The rule with the name under the cursor. */
  rule: boolean;
  rest: readonly RestKind[];
  total: boolean;
  /** Rows below the names. */
  below: number;
}

function planOf(frame: Frame): Plan {
  const { header, footer } = rowsAroundBody(frame);
  const rest = (['unlabelled', 'fill', 'zero', 'unknown', 'beside'] as const).filter((kind) =>
    hasStep(frame, FILES_STEPS[kind]),
  );
  const total = hasStep(frame, FILES_STEPS.total);
  const rule = hasStep(frame, FILES_STEPS.name);
  const below = rest.length + Number(total) + Number(rule);
  return {
    header,
    footer,
    rest,
    total,
    rule,
    below,
    shown: Math.max(0, frame.rows - header - footer - below - OVERHEAD),
  };
}

/** Names shown at once. */
export function filesShown(frame: Frame): number {
  return planOf(frame).shown;
}

type FilesColumn = Column<FilesRow>;

function amountColumn(
  id: string,
  label: string,
  importance: number,
  units: Units,
  value: (row: FilesRow) => number | null,
  none: string,
  role?: Role,
): FilesColumn {
  return {
    ...{ id, label, columns: Math.max(label.length, shortWidth(units) + 1), align: 'right', importance },
    cell: (row) => {
      const frames = value(row);
      return frames === null ? none : formatFramesShort(frames, units);
    },
    style: () => (role === undefined ? undefined : { role }),
  };
}

/** @param withImages rows say which image they are of */
function filesColumns(by: NameKind, units: Units, unicode: boolean, withImages: boolean): FilesColumn[] {
  const { none } = glyphsOf(unicode);
  const summed = (value: (amount: NameAmount) => number | null) => (row: FilesRow) =>
    row.isApart ? null : value(row.amount);
  const columns: FilesColumn[] = [
    {
      ...{ id: 'name', label: by === 'file' ? 'FILE' : 'PACKAGE', columns: 12, columnsGood: 32, columnsMax: 120 },
      ...{ align: 'left', importance: 0 },
      cell: ({ row, text }, cells) => (row === null || row.name === '' ? text : fitPath(row.name, cells, unicode)),
      style: ({ row }) => (row === null ? { dim: true } : undefined),
    },
    amountColumn(
      'saved',
      figure('saved').label,
      1,
      units,
      summed(({ savedFrames }) => savedFrames),
      none,
      'saved',
    ),
    amountColumn('could', figure('could').label, 2, units, summed(couldOfName), none, 'could'),
    amountColumn('mem', figure('mem').label, 3, units, ({ amount }) => amount.frames, none),
    {
      ...{ id: 'domains', label: figure('holderDomains').label, columns: 5, align: 'right', importance: 4 },
      cell: ({ amount: { domains } }) => (domains === null ? none : formatCountShort(domains)),
    },
    {
      ...{ id: 'contents', label: 'CONTENTS', columns: 8, align: 'right', importance: 5 },
      cell: ({ amount: { contents } }) => formatCountShort(contents),
    },
  ];
  if (by === 'file') columns.push(textColumn('package', 'PACKAGE', 6, ({ row }) => row?.package ?? '', unicode));
  if (withImages) columns.push(textColumn('image', 'IMAGE', 7, ({ row }) => row?.image ?? '', unicode));
  return columns;
}

function textColumn(
  id: string,
  label: string,
  importance: number,
  value: (row: FilesRow) => string,
  unicode: boolean,
): FilesColumn {
  return {
    ...{ id, label, columns: 16, columnsMax: 30, align: 'left', importance, extra: true },
    cell: (row) => nameText(value(row), unicode),
    style: () => ({ dim: true }),
  };
}

function namedRow(row: NameRow, by: NameKind): FilesRow {
  return { amount: row, row, text: by === 'file' ? '(no name)' : '(no package)', isApart: false };
}

/** The lines below the names. */
function belowRows(sums: NameSums, withZeros: boolean, { rest, total }: Plan): FilesRow[] {
  const lines = rest
    .filter((kind) => kind !== 'beside' || sums.rest.beside.savedFrames !== 0)
    .map((kind): FilesRow => {
      return { amount: sums.rest[kind], row: null, text: REST_NAMES[kind], isApart: kind === 'zero' && !withZeros };
    });
  if (!total) return lines;
  return [...lines, { amount: nameTotal(sums, withZeros), row: null, text: 'total', isApart: false }];
}

/** The name under the cursor in full, and what it is of. */
function nameRule(row: NameRow | undefined, by: NameKind, frame: Frame): Line {
  const { columns, unicode } = frame;
  const glyphs = glyphsOf(unicode);
  if (row === undefined) return paneRule('', [], columns, false, glyphs);
  const items = [row.package, row.image].filter((text) => text !== '').map((text) => nameText(text, unicode));
  const name = row.name === '' ? namedRow(row, by).text : row.name;
  return paneRule(fitPath(name, Math.max(1, columns - 4), unicode), items, columns, false, glyphs);
}

function tableLines(
  names: NamesDetail & { sums: NonNullable<NamesDetail['sums']> },
  snapshot: Snapshot,
  state: FilesState,
  frame: Frame,
  plan: Plan,
): { body: Line[]; below: Line[] } {
  const { sums } = names;
  const { columns, unicode } = frame;
  const glyphs = glyphsOf(unicode);
  const withImages = sums.rows.some(({ image }) => image !== '');
  const placed: PlacedColumn<FilesRow>[] = placeColumns(
    filesColumns(sums.by, state.units, unicode, withImages),
    columns,
  );
  const start = windowStart(sums.offset, sums.rows.length, state.namesOffset, plan.shown);
  const rows = sums.rows.slice(start, start + plan.shown);
  const items = [
    `by ${sums.by}`,
    sortText(state.namesSort, unicode),
    rangeText(sums.offset + start, rows.length, sums.total, glyphs),
    `as of ${formatTraceTime(sums.timeMicros)}`,
  ];
  const body = [
    tabRule(MAIN_TABS, FILES_TAB, items, columns, glyphs),
    tableHead(placed, state.namesSort.id, unicode),
    ...rows.map((row, index) => {
      const isSelected = sums.offset + start + index === state.namesSelected;
      return tableRow(placed, namedRow(row, sums.by), isSelected ? glyphs.cursor : '', unicode);
    }),
  ];
  if (sums.total === 0) body.push(textLine(' no frame holds what a label names', { dim: true }));
  const below = belowRows(sums, snapshot.withZeros, plan).map((row) => tableRow(placed, row, '', unicode));
  const selected = sums.rows[state.namesSelected - sums.offset] as NameRow | undefined;
  return { body, below: plan.rule ? [nameRule(selected, sums.by, frame), ...below] : below };
}

/** What stands in place of the table. */
function emptyLines(names: NamesDetail | undefined, state: FilesState, frame: Frame): Line[] {
  const rule = tabRule(MAIN_TABS, FILES_TAB, [`by ${state.namesBy}`], frame.columns, glyphsOf(frame.unicode));
  let text = state.paused === null ? 'computing ..' : 'paused: Space lets the figures go on';
  if (names?.labels === 0) text = NO_LABELS;
  const lines = wrapText(text, Math.max(1, frame.columns - 2), frame.unicode);
  return [rule, ...lines.map((line) => textLine(` ${line}`, { dim: true }))];
}

/** The sums by name: exactly `frame.rows` lines, none wider than `frame.columns` cells. */
export function filesScreen(snapshot: Snapshot, state: FilesState, frame: Frame): Line[] {
  const plan = planOf(frame);
  const { columns } = frame;
  const { names } = snapshot;
  const sums = names?.sums ?? null;
  const hasSums = names !== undefined && sums !== null && sums.by === state.namesBy;
  const { body, below } = hasSums
    ? tableLines({ ...names, sums }, snapshot, state, frame, plan)
    : { body: emptyLines(names, state, frame), below: [] };
  const lines = [
    ...headerLines(snapshot, state, frame, [snapshot.traceName, 'files'], plan.header),
    ...fitBlock(body, columns, Math.max(0, frame.rows - plan.header - plan.footer - plan.below)),
    ...fitBlock(below, columns, plan.below),
    ...footerLines(snapshot, state, frame, plan.footer),
  ];
  return fitBlock(lines, columns, frame.rows);
}
