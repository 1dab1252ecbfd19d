/**
 * The line chart of blessed-contrib, drawn on a canvas in memory: no blessed screen, no terminal, no signal handlers.
 * Import it lazily: loading takes a tenth of a second and 24 MB, and only the drill-down needs it.
 */
import LineChart from 'blessed-contrib/lib/widget/charts/line.js';
import type { Line, Role } from '../../views/line.js';
import { ansiLines } from './ansi-lines.js';
import type { ChartSeries, DrawChart } from './history-chart.js';

/** What blessed's element asks of its screen; none of it is used to draw a canvas. */
const NO_SCREEN = { type: 'screen', on: () => undefined, setEffects: () => undefined };
/** contrib leaves a margin for a border around its canvas. */
const MARGIN_COLUMNS = 6;
const MARGIN_ROWS = 2;
/** Colours that curves are drawn in on the canvas, and their palette numbers: to find out which curve a cell is of. */
const CURVES = [
  { colour: 'cyan', palette: 6 },
  { colour: 'green', palette: 2 },
  { colour: 'yellow', palette: 3 },
  { colour: 'magenta', palette: 5 },
] as const;
/** Room above the highest value. */
const HEADROOM = 1.1;

function chartOf(columns: number, rows: number, maxY: number): LineChart {
  const chart = new LineChart({
    width: columns + MARGIN_COLUMNS,
    height: rows + MARGIN_ROWS,
    screen: NO_SCREEN,
    style: { line: 'green', text: 'white', baseline: 'white' },
    maxY,
    numYLabels: Math.max(1, Math.min(5, Math.floor(rows / 3))),
    wholeNumbersOnly: maxY >= 10,
  });
  chart.emit('attach');
  return chart;
}

/** Draws the series over one another, the last on top. */
export const drawLineChart: DrawChart = (labels, series, columns, rows): Line[] => {
  let top = 0;
  for (const { values } of series) for (const value of values) top = Math.max(top, value);
  const chart = chartOf(columns, rows, top === 0 ? 1 : top * HEADROOM);
  const data = (
    one: ChartSeries,
    index: number,
  ): { title: string; x: string[]; y: number[]; style: { line: string } } => ({
    title: one.title,
    x: [...labels],
    y: [...one.values],
    style: { line: CURVES[index % CURVES.length].colour },
  });
  chart.setData(series.map(data));
  const roles = new Map<number, Role>();
  series.forEach((one, index) => roles.set(CURVES[index % CURVES.length].palette, one.role));
  return ansiLines(chart.ctx._canvas.frame(), columns, rows, roles);
};
