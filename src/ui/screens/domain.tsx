import { Box } from 'ink';
import { type ReactNode, useMemo } from 'react';
import type { Snapshot } from '../../figures/snapshot.js';
import { compareRows } from '../../views/domain-facts.js';
import type { Rectangle } from '../../views/domain-layout.js';
import { type DomainParts, domainLayout } from '../../views/domain-screen.js';
import type { Line } from '../../views/line.js';
import { domainLines } from '../screen-lines.js';
import { domainState, shownSnapshot, type ViewState } from '../view-state.js';
import { CompareTable, compareRowsThatFit } from '../widgets/compare-table.js';
import { type DrawChart, historyChart } from '../widgets/history-chart.js';
import { Lines } from '../widgets/lines.js';
import type { ScreenProps } from '../widgets/screen-props.js';

/** One domain: its figures beside the host's, its partners, its history as a chart. */
export function DomainScreen(props: ScreenProps): ReactNode {
  const snapshot = shownSnapshot(props.state);
  return snapshot === null ? null : <Detail {...props} snapshot={snapshot} />;
}

function useChartLines(
  snapshot: Snapshot,
  state: ViewState,
  chart: DrawChart | null,
  place: Rectangle,
): readonly Line[] | undefined {
  const history = snapshot.detail?.history;
  const { columns, rows } = place;
  const { units } = state;
  const { unicode } = state.frame;
  return useMemo(() => {
    // The curves are made of braille.
    if (chart === null || history === undefined || !unicode) return undefined;
    return historyChart(chart, history, units, columns, rows);
  }, [chart, history, units, columns, rows, unicode]);
}

function Detail({ state, palette, chart, texts, snapshot }: ScreenProps & { snapshot: Snapshot }): ReactNode {
  const layout = domainLayout(snapshot, domainState(state), state.frame);
  const chartLines = useChartLines(snapshot, state, chart, layout.chart);
  const compared = compareRows(snapshot, state.units);
  const { table } = layout;
  const fit = state.frame.unicode ? compareRowsThatFit(compared, table) : 0;
  const parts: DomainParts = fit > 0 ? { tableReserved: true } : {};
  if (chartLines !== undefined) parts.chartLines = chartLines;
  const lines = domainLines(state, snapshot, parts);
  if (fit === 0) return <Lines lines={lines} palette={palette} texts={texts} />;
  const below = table.top + table.rows;
  return (
    <>
      <Lines lines={lines.slice(0, table.top)} palette={palette} texts={texts} />
      <Box height={table.rows} flexShrink={0} paddingLeft={table.left}>
        <CompareTable rows={compared.slice(0, fit)} palette={palette} />
      </Box>
      <Lines top={below} lines={lines.slice(below)} palette={palette} texts={texts} />
    </>
  );
}
