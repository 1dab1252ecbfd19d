/** The gauges of the main screen: frames, sharing ratio, region, saved, could, I/O; and their short form. */
import {
  committedFrames,
  contentChangedTotal,
  couldFrames,
  demandFrames,
  effectiveness,
  hitRatio,
  neededFrames,
  netSavedFrames,
  potentialFrames,
  privateFrames,
  regionUse,
  savedFrames,
  sharedHoldings,
  sharingRatio,
} from '../figures/derived.js';
import { regionOf } from '../figures/policy-figures.js';
import type { Snapshot } from '../figures/snapshot.js';
import { beside, fitItems, flowItems, padLine, span, textLine } from './compose.js';
import {
  formatCount,
  formatFrames,
  formatFramesShort,
  formatPercent,
  formatRate,
  formatRatio,
  longWidth,
  RATE_COLUMNS,
  shortWidth,
} from './format.js';
import { gauge, stackedBar } from './gauge.js';
import { glyphsOf } from './glyphs.js';
import type { Frame, Line } from './line.js';
import type { Units } from './screen-state.js';
import { nameText } from './text-width.js';

/** One gauge: a label, a bar, a value of at most 5 cells, and texts of falling importance. */
export interface GaugeRow {
  label: string;
  bar: (columns: number) => Line;
  value: string;
  texts: Line[];
}

/** What all gauges need, computed once a frame. */
interface Figures {
  snapshot: Snapshot;
  units: Units;
  frame: Frame;
  saved: number;
  could: number;
  potential: number;
}

const LABEL_COLUMNS = 7;
const VALUE_COLUMNS = 6;
/** `100%`. */
const PERCENT_COLUMNS = 4;

function framesRow({ snapshot, units, frame }: Figures): GaugeRow {
  const { host, policy } = snapshot;
  const glyphs = glyphsOf(frame.unicode);
  const parts = [
    { name: 'shared', value: sharedHoldings(policy), glyph: glyphs.shared, style: { role: 'shared' as const } },
    { name: 'private', value: privateFrames(host, policy), glyph: glyphs.private, style: { role: 'private' as const } },
    { name: 'zero', value: host.zeroFrames, glyph: glyphs.zero, style: { role: 'zero' as const } },
  ];
  const unused = { value: host.reservedFrames - host.frames, glyph: glyphs.unused, style: { dim: true } };
  return {
    label: 'Frames',
    bar: (columns) => stackedBar([...parts, unused], columns),
    value: formatPercent(host.frames, host.reservedFrames),
    texts: [
      padLine(
        textLine(`${formatFrames(host.frames, units)} of ${formatFrames(host.reservedFrames, units)} reserved`),
        2 * longWidth(units) + ' of  reserved'.length,
      ),
      ...parts.map((part): Line => [span(part.glyph, part.style), ...shortItem(` ${part.name}`, part.value, units)]),
      shortItem('unknown', host.unknownFrames, units),
    ],
  };
}

function ratioRow({ snapshot, units, frame }: Figures): GaugeRow {
  const { host, policy, withZeros } = snapshot;
  const needed = neededFrames(host, policy, withZeros);
  return {
    label: 'Ratio',
    bar: (columns) => gauge(needed / host.frames, columns, glyphsOf(frame.unicode), { role: 'needed' }),
    value: formatRatio(sharingRatio(host.frames, needed)),
    texts: [
      padLine(
        textLine(`${formatFrames(needed, units)} needed for ${formatFrames(host.frames, units)}`),
        2 * longWidth(units) + ' needed for '.length,
      ),
      longItem('demand', demandFrames(host, policy, withZeros), units),
      longItem('committed', committedFrames(host, policy), units),
    ],
  };
}

function regionRow({ snapshot, units, frame }: Figures): GaugeRow {
  const { name } = snapshot.policy;
  const region = regionOf(snapshot.policy);
  if (region === undefined) {
    return absentRow('Region', `${nameText(name, frame.unicode)} keeps no region`);
  }
  const use = regionUse(region);
  const held = formatFrames(region.residentSlots, units);
  const limit = region.regionFrames === null ? ', no limit' : ` of ${formatFrames(region.regionFrames, units)}`;
  return {
    label: 'Region',
    bar: (columns) => (use === undefined ? [] : gauge(use, columns, glyphsOf(frame.unicode), { role: 'region' })),
    value: use === undefined ? '-' : formatPercent(region.residentSlots, region.regionFrames ?? 0),
    texts: [
      padLine(textLine(`${held}${limit}`), longWidth(units) + limit.length),
      ...neededItems(snapshot, units),
      shortItem('idle', region.idleSlots, units),
      dimText(`evicted ${formatCount(region.evictions)}`),
      longItem('bound', region.boundFrames, units),
      shortItem('duplicate', region.duplicateSlots, units),
    ],
  };
}

/** Of dlps: the size for nine tenths of the reads that it avoids without limit, estimated between the sizes tried. */
function neededItems({ regionCurve, policy }: Snapshot, units: Units): Line[] {
  const size = regionCurve?.dlps?.sizes.find(({ share }) => share === 0.9)?.avoidedFrames ?? null;
  if (size === null || policy.dlps === undefined) return [];
  const text = `90% of hits at ~${formatFrames(size, units)}`;
  return [padLine(textLine(text), text.length - formatFrames(size, units).length + longWidth(units))];
}

function savedRow({ snapshot, units, frame, saved, potential }: Figures): GaugeRow {
  const { policy, withZeros } = snapshot;
  const part = effectiveness(saved, potential);
  return {
    label: 'Saved',
    bar: (columns) => gauge(part ?? 0, columns, glyphsOf(frame.unicode), { role: 'saved' }),
    value: formatPercent(saved, potential),
    texts: [
      padLine(
        [span(formatFrames(saved, units), { bold: true }), span(` of ${formatFrames(potential, units)} possible`)],
        2 * longWidth(units) + ' of  possible'.length,
      ),
      longItem('net', netSavedFrames(policy, withZeros), units),
      dimText(`${formatCount(policy.sharedFrames)} copies for ${formatCount(sharedHoldings(policy))} frames`),
    ],
  };
}

function couldRow({ snapshot, units, frame, could, potential }: Figures): GaugeRow {
  const { host } = snapshot;
  return {
    label: 'Could',
    bar: (columns) => gauge(could / potential, columns, glyphsOf(frame.unicode), { role: 'could' }),
    value: formatPercent(could, potential),
    texts: [
      padLine(
        [span(formatFrames(could, units), { bold: true }), span(' identical but private')],
        longWidth(units) + ' identical but private'.length,
      ),
      dimText(`possible: ${formatFramesShort(host.interSavedFrames, units)} between domains`),
      dimText(`${formatFramesShort(host.selfSavedFrames, units)} within one`),
    ],
  };
}

function ioRow({ snapshot, units, frame }: Figures): GaugeRow {
  const { name } = snapshot.policy;
  const region = regionOf(snapshot.policy);
  if (region === undefined) return absentRow('I/O', `${nameText(name, frame.unicode)} answers no reads`);
  const hit = hitRatio(region.readsAvoided, region.readsSeen);
  return {
    label: 'I/O',
    bar: (columns) => gauge(hit ?? 0, columns, glyphsOf(frame.unicode), { role: 'avoided' }),
    value: formatPercent(region.readsAvoided, region.readsSeen),
    texts: [
      padLine(
        [
          span('avoided '),
          // A read is of one 4 KiB block.
          span(formatFrames(region.readsAvoided, units), { bold: true }),
          span(` ${formatRate(snapshot.readsAvoidedPerSecond)}`),
        ],
        'avoided  '.length + longWidth(units) + RATE_COLUMNS,
      ),
      rateItem('changed', snapshot.contentChangedPerSecond),
      dimText(`${formatCount(region.readsAvoided)} of ${formatCount(region.readsSeen)} reads`),
      dimText(`cross ${formatCount(region.readsAvoidedCross)} own ${formatCount(region.readsAvoidedOwn)}`),
      dimText(`changed ${formatCount(contentChangedTotal(region))} in all`),
    ],
  };
}

function dimText(text: string): Line {
  return textLine(text, { dim: true });
}

/** A figure behind its name; it keeps its width when it changes, so that what is behind it stays in its place. */
function shortItem(name: string, frames: number, units: Units): Line {
  return padLine(dimText(`${name} ${formatFramesShort(frames, units)}`), name.length + 1 + shortWidth(units));
}

function longItem(name: string, frames: number, units: Units): Line {
  return padLine(dimText(`${name} ${formatFrames(frames, units)}`), name.length + 1 + longWidth(units));
}

function rateItem(name: string, perSecond: number): Line {
  return padLine(dimText(`${name} ${formatRate(perSecond)}`), name.length + 1 + RATE_COLUMNS);
}

/** A gauge for something that the policy does not have: no bar, and the reason. */
function absentRow(label: string, reason: string): GaugeRow {
  return { label, bar: () => [], value: '-', texts: [dimText(reason)] };
}

function figuresOf(snapshot: Snapshot, units: Units, frame: Frame): Figures {
  const { host, policy, withZeros } = snapshot;
  return {
    snapshot,
    units,
    frame,
    saved: savedFrames(policy, withZeros),
    could: couldFrames(host, policy, withZeros),
    potential: potentialFrames(host, withZeros),
  };
}

/** A gauge as a line of at most `columns` cells: label, bar, value, texts as far as they fit. */
export function gaugeLine(row: GaugeRow, columns: number, barColumns: number, labelColumns = LABEL_COLUMNS): Line {
  const bar = row.bar(barColumns);
  const drawn = bar.reduce((width, part) => width + part.text.length, 0);
  const textColumns = columns - labelColumns - barColumns - VALUE_COLUMNS - 2;
  return [
    span(row.label.padEnd(labelColumns), { bold: true }),
    ...bar,
    span(' '.repeat(Math.max(0, barColumns - drawn)) + row.value.padStart(VALUE_COLUMNS) + '  '),
    ...fitItems(row.texts, textColumns, '  '),
  ];
}

/** Cells of the bar of a gauge on a line of `columns`: less than a third, the texts keep the larger part. */
export function barColumnsOf(columns: number): number {
  return Math.max(4, Math.min(60, Math.floor(columns * 0.285)));
}

/** The six gauges, on six lines or (`gaugeColumns` 2) on three. */
export function gaugeLines(snapshot: Snapshot, units: Units, frame: Frame, gaugeColumns: 1 | 2): Line[] {
  const figures = figuresOf(snapshot, units, frame);
  const rows = [framesRow, ratioRow, regionRow, savedRow, couldRow, ioRow].map((make) => make(figures));
  const columns = gaugeColumns === 1 ? frame.columns : Math.floor((frame.columns - 2) / 2);
  const lines = rows.map((row) => gaugeLine(row, columns, barColumnsOf(columns)));
  return gaugeColumns === 1 ? lines : beside(lines.slice(0, 3), columns + 2, lines.slice(3));
}

/** The same figures without bars, for windows with few rows: what fits on `rows` lines, the most telling first. */
export function summaryLines(snapshot: Snapshot, units: Units, frame: Frame, rows: number): Line[] {
  const { host, policy, withZeros } = snapshot;
  const { saved, could, potential } = figuresOf(snapshot, units, frame);
  const item = (label: string, value: string, valueColumns: number, note = ''): Line =>
    padLine(
      [
        span(`${label} `, { dim: true }),
        span(value, { bold: true }),
        span(note === '' ? '' : ` ${note}`, { dim: true }),
      ],
      label.length + 1 + valueColumns,
    );
  const amount = (label: string, frames: number): Line => item(label, formatFrames(frames, units), longWidth(units));
  const percent = formatPercent(saved, potential);
  const items: Line[] = [
    item('saved', formatFrames(saved, units), longWidth(units) + PERCENT_COLUMNS + 1, percent),
    amount('could', could),
    item('ratio', formatRatio(sharingRatio(host.frames, neededFrames(host, policy, withZeros))), 5),
  ];
  const region = regionOf(policy);
  if (region !== undefined) {
    const { residentSlots, regionFrames } = region;
    items.push(item('avoided', formatRate(snapshot.readsAvoidedPerSecond), RATE_COLUMNS));
    if (regionFrames !== null && regionFrames > 0)
      items.push(item('region', formatPercent(residentSlots, regionFrames), PERCENT_COLUMNS));
  }
  items.push(item('changed', formatRate(snapshot.contentChangedPerSecond), RATE_COLUMNS));
  items.push(amount('frames', host.frames));
  return flowItems(items, frame.columns, rows, '  ');
}
