// Bundled and run by chart.test.ts: the way in which a screen draws a chart (docs/decisions/0002-charts.md).
import Donut from 'blessed-contrib/lib/widget/donut.js';
import Gauge from 'blessed-contrib/lib/widget/gauge.js';
import Line from 'blessed-contrib/lib/widget/charts/line.js';
import process from 'node:process';

/** What blessed's element asks of its screen; nothing of it is used to draw a canvas. */
const noScreen = { type: 'screen', on: () => undefined, setEffects: () => undefined };

function offscreen(Chart, options) {
  const chart = new Chart({ ...options, screen: noScreen });
  chart.emit('attach');
  return chart;
}

const line = offscreen(Line, { width: 60, height: 12, style: { line: 'yellow', text: 'green', baseline: 'white' } });
line.setData([{ title: 'saved', x: ['1', '2', '3', '4'], y: [5, 1, 7, 5] }]);
const donut = offscreen(Donut, { width: 40, height: 14, radius: 8, arcWidth: 3 });
donut.setData([{ percent: 40, label: 'shared', color: 'green' }]);
const gauge = offscreen(Gauge, { width: 40, height: 4, stroke: 'green', fill: 'white' });
gauge.setPercent(33);

const frames = [line, donut, gauge].map((chart) => chart.ctx._canvas.frame());
process.stdout.write(JSON.stringify({ frames, listeners: process.eventNames() }));
