/** The host over time: saved, could, avoided reads, content changes; as sparklines or as charts with an axis. */
import { couldFrames, savedFrames } from '../figures/derived.js';
import type { HostHistoryPoint, Snapshot } from '../figures/snapshot.js';
import { beside, span } from './compose.js';
import {
  formatDuration,
  formatFrames,
  formatFramesShort,
  formatRate,
  formatRateShort,
  longWidth,
  RATE_COLUMNS,
} from './format.js';
import { glyphsOf } from './glyphs.js';
import type { Frame, Line, Role } from './line.js';
import type { Units } from './screen-state.js';
import { areaChart, peak, sparkline } from './sparkline.js';

/** One figure over time. */
interface Series {
  label: string;
  short: string;
  role: Role;
  value: (point: HostHistoryPoint) => number;
  /** The figure as of now, the one that the gauges show: the newest point is of the last whole step. */
  now: (snapshot: Snapshot) => number;
  /** A mean over each step, so that its maximum depends on the step. */
  isRate: boolean;
  format: (value: number) => string;
  formatShort: (value: number) => string;
}

function seriesOf(units: Units): Series[] {
  const memory = {
    format: (value: number): string => formatFrames(value, units).padEnd(longWidth(units)),
    formatShort: (value: number): string => formatFramesShort(value, units),
  };
  const rate = { format: (value: number) => formatRate(value).padEnd(RATE_COLUMNS), formatShort: formatRateShort };
  return [
    {
      ...{ label: 'Saved', short: 'saved', role: 'saved', isRate: false },
      value: (point) => point.savedFrames,
      now: ({ policy, withZeros }) => savedFrames(policy, withZeros),
      ...memory,
    },
    {
      ...{ label: 'Could', short: 'could', role: 'could', isRate: false },
      value: (point) => point.couldFrames,
      now: ({ host, policy, withZeros }) => couldFrames(host, policy, withZeros),
      ...memory,
    },
    {
      ...{ label: 'Avoided reads', short: 'avoided', role: 'avoided', isRate: true },
      now: (snapshot) => snapshot.readsAvoidedPerSecond,
      value: (point) => point.readsAvoidedPerSecond,
      ...rate,
    },
    {
      ...{ label: 'Content changes', short: 'changed', role: 'changed', isRate: true },
      now: (snapshot) => snapshot.contentChangedPerSecond,
      value: (point) => point.contentChangedPerSecond,
      ...rate,
    },
  ];
}

/** The trace time that a history spans: `4m 40s`. */
export function historySpan(points: readonly { timeMicros: number }[]): string {
  if (points.length < 2) return '';
  return formatDuration((points[points.length - 1].timeMicros - points[0].timeMicros) / 1e6);
}

/** The four histories as sparklines on one or two lines. */
export function historyLines(snapshot: Snapshot, units: Units, frame: Frame, rows: number): Line[] {
  if (rows <= 0) return [];
  const glyphs = glyphsOf(frame.unicode);
  const all = seriesOf(units);
  const perLine = Math.ceil(all.length / rows);
  const room = Math.floor((frame.columns + 2) / perLine) - 2;
  const lines: Line[] = [];
  for (let first = 0; first < all.length; first += perLine) {
    const line: Line[] = all.slice(first, first + perLine).map((series, index) => {
      const values = snapshot.history.map(series.value);
      const columns = Math.max(0, room - series.short.length - 1);
      return [
        span(`${index > 0 ? '  ' : ''}${series.short} `, { dim: true }),
        span(sparkline(values, columns, glyphs), { role: series.role }),
      ];
    });
    lines.push(line.flat());
  }
  return lines;
}

const AXIS_COLUMNS = 6;

/** An area chart of `rows` lines with an axis from 0 to `top`, which is written by `format`. */
function axisChart(
  values: readonly number[],
  role: Role,
  columns: number,
  rows: number,
  frame: Frame,
  format: (value: number) => string,
): Line[] {
  const glyphs = glyphsOf(frame.unicode);
  const top = peak(values);
  const texts = areaChart(values, Math.max(0, columns - AXIS_COLUMNS - 1), rows, glyphs, top);
  return texts.map((text, row): Line => {
    const label = row === 0 ? format(top) : row === texts.length - 1 ? '0' : '';
    const axis = label === '' ? glyphs.vertical : glyphs.tee;
    return [span(label.padStart(AXIS_COLUMNS) + axis, { dim: true }), span(text, { role })];
  });
}

/** The plain chart of an amount of memory over time: `rows` lines of at most `columns` cells. */
export function chartLines(
  frames: readonly number[],
  role: Role,
  columns: number,
  rows: number,
  units: Units,
  frame: Frame,
): Line[] {
  return axisChart(frames, role, columns, rows, frame, (value) => formatFramesShort(value, units));
}

/** Seconds of trace time between two points of a history. */
function stepSeconds(points: readonly HostHistoryPoint[]): number {
  return points.length < 2 ? 1 : Math.round((points[1].timeMicros - points[0].timeMicros) / 1e6);
}

/** A chart of `rows` lines: a title with the newest and the largest value, then the area with its axis. */
function chart(series: Series, snapshot: Snapshot, columns: number, rows: number, frame: Frame): Line[] {
  const values = snapshot.history.map(series.value);
  const now = series.now(snapshot);
  const step = series.isRate ? stepSeconds(snapshot.history) : 1;
  const largest = series.format(Math.max(peak(values), series.isRate ? 0 : now));
  const title: Line = [
    span(series.label, { bold: true }),
    span(` ${series.format(now)}`, { role: series.role }),
    // The largest mean of so many seconds: on a wider window the steps are shorter, and it is larger.
    span(`  ${step > 1 ? `${step}s ` : ''}max ${largest}`, { dim: true }),
  ];
  return [title, ...axisChart(values, series.role, columns, rows - 1, frame, series.formatShort)];
}

/** The four charts one above the other on `rows` lines, titles included; the upper ones take what is left over. */
export function historyCharts(snapshot: Snapshot, units: Units, frame: Frame, columns: number, rows: number): Line[] {
  const all = seriesOf(units);
  const even = Math.floor(rows / all.length);
  const taller = rows - even * all.length;
  return all.flatMap((series, place) => chart(series, snapshot, columns, even + (place < taller ? 1 : 0), frame));
}

/** The four charts two by two: `2 × chartRows` lines. */
export function historyBlocks(snapshot: Snapshot, units: Units, frame: Frame, chartRows: number): Line[] {
  const columns = Math.floor((frame.columns - 2) / 2);
  const charts = seriesOf(units).map((series) => chart(series, snapshot, columns, chartRows, frame));
  return [...beside(charts[0], columns + 2, charts[1]), ...beside(charts[2], columns + 2, charts[3])];
}
