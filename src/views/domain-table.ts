/** The domains as a table, with a row of totals that adds up. */
import {
  couldFrames,
  domainCouldFrames,
  domainSavedFrames,
  privateFrames,
  proportionalFrames,
  savedFrames,
  sharedHoldings,
} from '../figures/derived.js';
import { figure } from '../figures/figure-table.js';
import type { FigureId } from '../figures/figure-table.js';
import type { DomainRow, Snapshot } from '../figures/snapshot.js';
import { fillLine, span } from './compose.js';
import { formatAge, formatFramesShort, formatPercent, formatRateShort, shortWidth } from './format.js';
import { stackedBar } from './gauge.js';
import type { Glyphs } from './glyphs.js';
import { glyphsOf } from './glyphs.js';
import type { Frame, Line, Style } from './line.js';
import type { Units } from './screen-state.js';
import { sparkline } from './sparkline.js';
import type { Column } from './table.js';
import { nameText } from './text-width.js';

/** What a row of the table shows: a domain, or the total of all. */
export interface DomainCells {
  id: string;
  name: string;
  state: string;
  group: string;
  kind: string;
  frames: number;
  privateFrames: number;
  sharedFrames: number;
  zeroFrames: number;
  unknownFrames: number;
  savedFrames: number;
  couldFrames: number;
  footprintFrames: number;
  readsAvoidedPerSecond: number;
  contentChangedPerSecond: number;
  scanAge: string;
  history: readonly number[];
}

/** The figures of one domain as the table and the grid show them, zeros in or out as the snapshot says. */
export function domainCells(row: DomainRow, snapshot: Snapshot, unicode: boolean): DomainCells {
  const { host, policy, withZeros, position } = snapshot;
  const saved = domainSavedFrames(row, row.policy, host, policy, withZeros);
  return {
    id: String(row.domid),
    name: nameText(row.name === '' ? row.key : row.name, unicode),
    state: row.state,
    group: nameText(row.group, unicode),
    kind: nameText(row.kind, unicode),
    frames: row.frames,
    privateFrames: row.privateFrames,
    sharedFrames: row.policy.sharedFrames,
    zeroFrames: row.zeroFrames,
    unknownFrames: row.unknownFrames,
    savedFrames: saved,
    couldFrames: domainCouldFrames(row, row.policy, host, policy, withZeros),
    footprintFrames: proportionalFrames(row.frames, saved),
    readsAvoidedPerSecond: row.readsAvoidedPerSecond,
    contentChangedPerSecond: row.contentChangedPerSecond,
    scanAge: formatAge((position.timeMicros - row.scannedMicros) / 1e6),
    history: row.savedHistory,
  };
}

/** The totals over all domains, also over those that are not shown. */
export function totalCells(snapshot: Snapshot): DomainCells {
  const { host, policy, withZeros, history } = snapshot;
  const saved = savedFrames(policy, withZeros);
  return {
    id: '',
    name: 'total',
    state: '',
    group: '',
    kind: '',
    frames: host.frames,
    privateFrames: privateFrames(host, policy),
    sharedFrames: sharedHoldings(policy),
    zeroFrames: host.zeroFrames,
    unknownFrames: host.unknownFrames,
    savedFrames: saved,
    couldFrames: couldFrames(host, policy, withZeros),
    footprintFrames: proportionalFrames(host.frames, saved),
    readsAvoidedPerSecond: snapshot.readsAvoidedPerSecond,
    contentChangedPerSecond: snapshot.contentChangedPerSecond,
    scanAge: '',
    history: history.map((point) => point.savedFrames),
  };
}

/** The bar of what a domain's memory is: shared, private, zero; each with its own glyph. */
export function memoryBar(cells: DomainCells, columns: number, glyphs: Glyphs): Line {
  const bar = stackedBar(
    [
      { value: cells.sharedFrames, glyph: glyphs.shared, style: { role: 'shared' } },
      { value: cells.privateFrames, glyph: glyphs.private, style: { role: 'private' } },
      { value: cells.zeroFrames, glyph: glyphs.zero, style: { role: 'zero' } },
    ],
    columns,
  );
  return fillLine(bar, columns);
}

type CellColumn = Column<DomainCells>;

/** A column of memory; a 0 is dim, so that what there is stands out. */
function memoryColumn(
  id: string,
  label: string,
  importance: number,
  units: Units,
  value: (row: DomainCells) => number,
  role?: 'saved' | 'could',
): CellColumn {
  return {
    id,
    label,
    columns: Math.max(label.length, shortWidth(units)),
    align: 'right',
    importance,
    cell: (row) => formatFramesShort(value(row), units),
    style: (row) => (value(row) === 0 ? { dim: true } : role === undefined ? undefined : { role }),
  };
}

function rateColumn(
  id: string,
  label: string,
  importance: number,
  value: (row: DomainCells) => number,
  role: 'avoided' | 'changed',
): CellColumn {
  return {
    id,
    label,
    columns: Math.max(label.length, 5),
    align: 'right',
    importance,
    cell: (row) => formatRateShort(value(row)),
    style: (row) => (value(row) === 0 ? { dim: true } : { role }),
  };
}

const dim = (): Style => ({ dim: true });

function nameColumns(): CellColumn[] {
  return [
    { id: 'id', label: 'ID', columns: 3, columnsGood: 5, align: 'right', importance: 5, cell: (row) => row.id },
    {
      ...{ id: 'name', label: 'NAME', columns: 12, columnsMax: 24, align: 'left', importance: 1 },
      cell: (row) => row.name,
    },
    {
      ...{ id: 'state', label: figure('state').label, columns: 5, align: 'left', importance: 12 },
      cell: (row) => row.state,
      style: (row) => (row.state === 'still' ? { dim: true } : { role: 'live' }),
    },
  ];
}

function shareColumns(glyphs: Glyphs): CellColumn[] {
  return [
    {
      ...{ id: 'share', label: figure('share').label, columns: 4, align: 'right', importance: 6 },
      cell: (row) => formatPercent(row.sharedFrames, row.frames),
    },
    {
      ...{ id: 'bar', label: '', columns: 4, columnsGood: 10, columnsMax: 16, align: 'left', importance: 13 },
      cell: (row, columns) => memoryBar(row, columns, glyphs),
    },
  ];
}

/** What wide tables show besides. */
function extraColumns(units: Units, glyphs: Glyphs): CellColumn[] {
  const { label: footprint } = figure('proportional');
  const { label: unknown } = figure('unknown');
  const columns: CellColumn[] = [
    {
      ...{ id: 'history', label: 'SAVED over time', columns: 15, columnsMax: 30, align: 'left', importance: 14 },
      cell: (row, width) => [span(sparkline(row.history, width, glyphs), { role: 'saved' })],
    },
    memoryColumn('footprint', footprint, 15, units, (row) => row.footprintFrames),
    memoryColumn('unknown', unknown, 16, units, (row) => row.unknownFrames),
    {
      ...{ id: 'scan', label: figure('scan').label, columns: 5, align: 'right', importance: 17, style: dim },
      cell: (row) => row.scanAge,
    },
    {
      ...{ id: 'group', label: 'GROUP', columns: 10, align: 'left', importance: 18, style: dim },
      cell: (row) => row.group,
    },
    {
      ...{ id: 'kind', label: 'KIND', columns: 7, align: 'left', importance: 19, style: dim },
      cell: (row) => row.kind,
    },
  ];
  return columns.map((column) => ({ ...column, extra: true }));
}

/** All columns of the table, in their order. The ids are those of `DOMAIN_SORTS` where the list can be sorted. */
export function domainColumns(units: Units, frame: Frame): CellColumn[] {
  const glyphs = glyphsOf(frame.unicode);
  const memory = (
    id: FigureId,
    importance: number,
    value: (row: DomainCells) => number,
    role?: 'saved' | 'could',
  ): CellColumn => memoryColumn(id, figure(id).label, importance, units, value, role);
  return [
    ...nameColumns(),
    memory('mem', 4, (row) => row.frames),
    memory('private', 8, (row) => row.privateFrames),
    memory('shared', 7, (row) => row.sharedFrames),
    memory('zero', 9, (row) => row.zeroFrames),
    ...shareColumns(glyphs),
    memory('saved', 2, (row) => row.savedFrames, 'saved'),
    memory('could', 3, (row) => row.couldFrames, 'could'),
    rateColumn('avoided', figure('avoidedReads').label, 10, (row) => row.readsAvoidedPerSecond, 'avoided'),
    rateColumn('changed', figure('changed').label, 11, (row) => row.contentChangedPerSecond, 'changed'),
    ...extraColumns(units, glyphs),
  ];
}
