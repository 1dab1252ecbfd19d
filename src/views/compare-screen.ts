/**
 * Policies side by side: a row a policy, and below it, where there is room, all figures of the shown one, a line for
 * each kind. The cursor stands on the policy that SHARED, SAVED and COULD belong to on the other screens.
 */
import {
  COMPARE_SECTIONS,
  type CompareFigure,
  compareFigure,
  type ComparedPolicy,
} from '../figures/compare-figures.js';
import type { HostFigures } from '../figures/host-figures.js';
import type { Snapshot } from '../figures/snapshot.js';
import { cutLine, fitBlock, fitItems, span, textLine } from './compose.js';
import {
  formatBytes,
  formatCount,
  formatCountShort,
  formatDuration,
  formatFraction,
  formatFrames,
  formatFramesShort,
  shortWidth,
} from './format.js';
import { glyphsOf } from './glyphs.js';
import { headerLines } from './header.js';
import type { Frame, Line, Role, Span } from './line.js';
import { paneRule } from './pane-rule.js';
import { hasSavings, realLine } from './real-line.js';
import type { ScreenState, Units } from './screen-state.js';
import { COMPARE_STEPS, hasStep, rowsAroundBody } from './size-steps.js';
import { footerLines } from './status-line.js';
import { MAIN_TABS, tabRule } from './tab-rule.js';
import { type Column, placeColumns, tableHead, tableRow } from './table.js';
import { nameText } from './text-width.js';

const COMPARE_TAB = 3;
/** Rule and head. */
const OVERHEAD = 2;
const NAME_COLUMNS = 8;
const NAME_COLUMNS_MAX = 24;

interface Row {
  policy: ComparedPolicy;
  host: HostFigures;
}

function valueOf(id: string, { policy, host }: Row): number | null {
  return compareFigure(id)?.value(policy, host) ?? null;
}

/** A column of amounts of memory or counts, at most 7 cells; a dash for what the policy does not know. */
function amount(id: string, label: string, importance: number, units: Units, role?: Role): Column<Row> {
  const isFrames = compareFigure(id)?.unit === 'frames';
  return {
    ...{ id, label, columns: isFrames ? Math.max(label.length, shortWidth(units) + 1) : 7, align: 'right', importance },
    cell: (row) => {
      const value = valueOf(id, row);
      if (value === null) return '-';
      return isFrames ? formatFramesShort(value, units) : formatCountShort(value);
    },
    style: () => (role === undefined ? undefined : { role }),
  };
}

function share(id: string, label: string, importance: number): Column<Row> {
  return {
    ...{ id, label, columns: 7, align: 'right', importance },
    cell: (row) => formatFraction(valueOf(id, row) ?? undefined),
  };
}

const LATENCY: Column<Row> = {
  ...{ id: 'latency', label: 'LATENCY', columns: 7, align: 'right', importance: 8 },
  cell: ({ policy: { latencySeconds } }) => (latencySeconds === null ? '-' : formatDuration(latencySeconds)),
};

/** @param withLatency some policy's is known: the live view does not follow what it takes */
function columnsOf(units: Units, unicode: boolean, withLatency: boolean): Column<Row>[] {
  return [
    {
      ...{ id: 'name', label: 'POLICY', columns: NAME_COLUMNS, columnsMax: NAME_COLUMNS_MAX, align: 'left' },
      importance: 0,
      cell: ({ policy: { figures } }) =>
        `${nameText(figures.name, unicode)}${figures.failure === undefined ? '' : '!'}`,
      style: ({ policy: { figures } }) => (figures.failure === undefined ? { bold: true } : { role: 'bad' }),
    },
    amount('savedFrames', 'SAVED', 1, units, 'saved'),
    share('effectiveness', 'OF POSS', 2),
    amount('netSavedFrames', 'NET', 3, units, 'saved'),
    amount('savedPageSeconds', 'PAGE-S', 5, units),
    share('pageSecondsEffectiveness', 'OF POSS', 6),
    amount('readsAvoided', 'AVOIDED', 4, units, 'avoided'),
    ...(withLatency ? [LATENCY] : []),
    amount('contentChanged', 'CHANGED', 9, units, 'changed'),
    {
      ...{ id: 'metadataBytes', label: 'METADATA', columns: 8, align: 'right', importance: 7 },
      cell: ({ policy }) => formatBytes(policy.figures.metadataBytes, units),
    },
    amount('evictions', 'EVICTED', 10, units),
    amount('zeroSavedFrames', 'ZEROS', 11, units, 'zero'),
  ];
}

function figureText(figure: CompareFigure, value: number, units: Units): string {
  if (figure.unit === 'fraction') return formatFraction(value);
  if (figure.unit === 'seconds') return formatDuration(value);
  if (figure.unit === 'bytes') return formatBytes(value, units);
  return figure.unit === 'frames' ? formatFrames(value, units) : formatCount(value);
}

/** A line for each kind of figures that the policy knows. */
function sectionLines(row: Row, units: Units, columns: number): Line[] {
  return COMPARE_SECTIONS.flatMap(({ title, figures }): Line[] => {
    const items: Line[] = figures.flatMap((figure) => {
      const value = figure.value(row.policy, row.host);
      if (value === null) return [];
      const text: Span[] = [span(`${figure.label.trim()} `), span(figureText(figure, value, units), { bold: true })];
      return [text];
    });
    if (items.length === 0) return [];
    return [cutLine(fitItems([[span(`${title}:`, { dim: true })], ...items], columns, '  '), columns)];
  });
}

interface Plan {
  header: number;
  footer: number;
  /** The rule above the shown policy's figures and its lines. */
  details: number;
  /** Policies. */
  shown: number;
}

function planOf(frame: Frame): Plan {
  const { header, footer } = rowsAroundBody(frame);
  const details = hasStep(frame, COMPARE_STEPS.figures) ? 1 + COMPARE_SECTIONS.length : 0;
  return { header, footer, details, shown: Math.max(0, frame.rows - header - footer - details - OVERHEAD) };
}

/** The first policy shown: so that the one under the cursor is. */
function firstShown(selected: number, count: number, shown: number): number {
  return Math.max(0, Math.min(selected - Math.floor(shown / 2), count - shown));
}

/** The policies side by side: exactly `frame.rows` lines, none wider than `frame.columns` cells. */
export function compareScreen(snapshot: Snapshot, state: ScreenState, frame: Frame): Line[] {
  const plan = planOf(frame);
  const { columns, unicode } = frame;
  const { units } = state;
  const glyphs = glyphsOf(unicode);
  const { compare = [], host, real } = snapshot;
  const selected = Math.max(
    0,
    compare.findIndex(({ figures }) => figures.name === snapshot.policy.name),
  );
  const withLatency = compare.some(({ latencySeconds }) => latencySeconds !== null);
  const placed = placeColumns(columnsOf(units, unicode, withLatency), columns);
  const from = firstShown(selected, compare.length, plan.shown);
  const body: Line[] = [
    tabRule(MAIN_TABS, COMPARE_TAB, ['zeros apart', `${compare.length} policies`], columns, glyphs),
    tableHead(placed, '', unicode),
    ...compare.slice(from, from + plan.shown).map((policy, index) => {
      return tableRow(placed, { policy, host }, from + index === selected ? glyphs.cursor : '', unicode);
    }),
  ];
  if (real !== undefined && hasSavings(snapshot)) body.push(realLine(real, { host, withZeros: false, units, columns }));
  if (compare.length === 0) {
    const text = state.paused === null ? ' computing ..' : ' paused: Space lets the figures go on';
    body.push(textLine(text, { dim: true }));
  }
  const policy = compare[selected] as ComparedPolicy | undefined;
  const details: Line[] =
    policy === undefined
      ? []
      : [
          paneRule(nameText(policy.figures.name, unicode), ['P shows the next one'], columns, false, glyphs),
          ...sectionLines({ policy, host }, units, columns),
        ];
  return fitBlock(
    [
      ...headerLines(snapshot, state, frame, [snapshot.traceName, 'compare'], plan.header),
      ...fitBlock(body, columns, Math.max(0, frame.rows - plan.header - plan.footer - plan.details)),
      ...fitBlock(details, columns, plan.details),
      ...footerLines(snapshot, state, frame, plan.footer),
    ],
    columns,
    frame.rows,
  );
}
