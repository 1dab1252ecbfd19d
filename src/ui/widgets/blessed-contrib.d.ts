/** blessed-contrib has types for use with a blessed screen only; this is the one chart that we draw without one. */
declare module 'blessed-contrib/lib/widget/charts/line.js' {
  interface LineChartOptions {
    /** In cells; the canvas is 6 columns and 2 rows smaller. */
    width: number;
    height: number;
    /** Stand-in for the blessed screen. */
    screen: object;
    style: { line: string; text: string; baseline: string };
    /** Highest value of the scale, in the unit of the values. */
    maxY: number;
    numYLabels: number;
    wholeNumbersOnly: boolean;
    xLabelPadding?: number;
    xPadding?: number;
  }

  interface LineChartSeries {
    title: string;
    x: string[];
    y: number[];
    style?: { line: string };
  }

  export default class LineChart {
    constructor(options: LineChartOptions);
    options: LineChartOptions;
    /** Exists from the `attach` event on. `frame` answers the canvas as text with SGR sequences. */
    ctx: { _canvas: { frame(): string } };
    emit(event: 'attach'): void;
    setData(series: LineChartSeries[]): void;
  }
}
