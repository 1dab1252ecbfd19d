/** The chart of a domain's history: what is drawn, and the lazy load of what draws it. */
import type { DomainHistoryPoint } from '../../figures/domain-figures.js';
import { formatTraceTime } from '../../views/format.js';
import type { Line, Role } from '../../views/line.js';
import type { Units } from '../../views/screen-state.js';

/** One curve. */
export interface ChartSeries {
  title: string;
  role: Role;
  values: readonly number[];
}

/** Draws curves over a common row of labels into so many cells. */
export type DrawChart = (
  labels: readonly string[],
  series: readonly ChartSeries[],
  columns: number,
  rows: number,
) => Line[];

let loading: Promise<DrawChart | null> | undefined;

/** Loads the drawing code once; null when it cannot be loaded, and the screen keeps its plain sparkline. */
export function loadChart(): Promise<DrawChart | null> {
  loading ??= import('./contrib-line.js').then(
    (module) => module.drawLineChart,
    () => null,
  );
  return loading;
}

/** Below this a curve says less than a sparkline. */
const COLUMNS_MIN = 24;
const ROWS_MIN = 6;
/** The chart writes plain numbers: what they count is in the legend. */
const SCALES: Readonly<Record<Units, { name: string; bytes: number }>> = {
  iec: { name: 'MiB', bytes: 2 ** 20 },
  si: { name: 'MB', bytes: 1e6 },
  pages: { name: 'pages', bytes: 4096 },
};

function legend(series: readonly ChartSeries[], unit: string): Line {
  const curves = series.flatMap(({ title, role }) => [{ text: '  ━ ', style: { role } }, { text: title }]);
  return [{ text: unit, style: { dim: true } }, ...curves];
}

/**
 * The domain's shared frames and its fair saving over time, in MiB, MB or pages. Undefined when there is no room, too
 * little history, or the drawing fails: the view then draws its own.
 */
export function historyChart(
  draw: DrawChart,
  history: readonly DomainHistoryPoint[],
  units: Units,
  columns: number,
  rows: number,
): Line[] | undefined {
  if (columns < COLUMNS_MIN || rows < ROWS_MIN || history.length < 2) return undefined;
  const { name, bytes } = SCALES[units];
  const amount = (frames: number): number => (frames * 4096) / bytes;
  const labels = history.map((point) => formatTraceTime(point.timeMicros).replace(/ UTC$/, ''));
  const series: ChartSeries[] = [
    { title: 'shared (the upper)', role: 'region', values: history.map((point) => amount(point.sharedFrames)) },
    { title: 'saved, its fair part', role: 'saved', values: history.map((point) => amount(point.fairSavedFrames)) },
  ];
  try {
    return [legend(series, name), ...draw(labels, series, columns, rows - 1)];
  } catch {
    // A library of 2015 that nobody maintains may fail on values we did not think of; a sparkline does not.
    return undefined;
  }
}
