/** Commands that read a trace to its end (or to a time) and print once: `report`, `--once`, and no terminal at all. */
import { printableJson } from '../base/printable.js';
import { reportJson } from '../export/report-json.js';
import { namesText, reportText, settledText } from '../export/report-text.js';
import type { Health, Snapshot, ViewRequest } from '../figures/snapshot.js';
import { auditEngine } from '../engine/audit.js';
import { skewMicros } from '../monitor/figures-of.js';
import type { Monitor } from '../monitor/monitor.js';
import type { NamesWanted } from '../monitor/names-report.js';
import { reportFigures } from '../monitor/report-figures.js';
import type { Palette } from '../ui/theme.js';
import { lineText } from '../ui/widgets/line-text.js';
import { type Line, plainText } from '../views/line.js';
import { mainLayout, mainScreen } from '../views/main-screen.js';
import { cutLine } from '../views/compose.js';
import { textWidth } from '../views/text-width.js';
import { onceState } from '../views/once-state.js';
import type { MainState, Units } from '../views/screen-state.js';
import type { CommandIo } from './command-io.js';
import { EXIT } from './exit-codes.js';
import { UsageError } from './usage-error.js';
import { exitCodeOf, type ReadOptions, readTrace } from './read-trace.js';

/** The room and glyphs of a view that is printed. */
export interface PrintedView {
  columns: number;
  rows: number;
  unicode: boolean;
  units: Units;
  /** Null: plain text, no escapes. */
  palette: Palette | null;
}

/** What to print, and whether to recount it first. */
export interface ReportOptions extends ReadOptions {
  json: boolean;
  audit: boolean;
  /** Sums by file or package instead of everything (in JSON: beside it); null: a few files, where they have labels. */
  names: NamesWanted | null;
}

const NO_LABELS =
  '--by: no label is known; write some with `sharetop label` and name the file with --labels, or in the trace';

/** A printed view ends here, whatever the trace claims. */
const PRINTED_ROWS_MAX = 40_000;

/** Recounts everything the slow way; tells each figure that does not agree. */
function audit(monitor: Monitor, io: CommandIo): boolean {
  const problems = auditEngine(monitor.engine);
  for (const { policy } of monitor.policies.slots) problems.push(...policy.audit());
  problems.push(...(monitor.regionCurve?.audit() ?? []));
  for (const problem of problems) io.stderr.write(`sharetop: audit: ${problem}\n`);
  if (problems.length === 0) io.stderr.write('sharetop: audit: every figure was recounted and agrees\n');
  return problems.length === 0;
}

/** `sharetop report TRACE [--json] [--audit]`. Returns the exit code. */
export async function reportCommand(options: ReportOptions, io: CommandIo): Promise<number> {
  const { monitor, settled } = await readTrace({ ...options, policies: { ...options.policies, times: true } }, io);
  if (options.audit && !audit(monitor, io)) return EXIT.failure;
  const { names } = options;
  if (names !== null && monitor.labels.labels === 0) throw new UsageError(NO_LABELS);
  const report = reportFigures(monitor, settled, names ?? undefined);
  if (options.json) io.stdout.write(`${printableJson(JSON.stringify(reportJson(report)))}\n`);
  else io.stdout.write(`${(names === null ? reportText : namesText)(report).join('\n').trimEnd()}\n`);
  return exitCodeOf(monitor);
}

/** Paper has no bottom: as many rows as it takes to show every domain. */
function rowsForAll(snapshot: Snapshot, state: MainState, view: PrintedView): number {
  let { rows } = view;
  for (let missing = 1; missing > 0 && rows < PRINTED_ROWS_MAX; rows += missing) {
    const { domainsShown } = mainLayout(snapshot, state, { ...view, rows });
    missing = snapshot.domains.total - domainsShown;
  }
  return rows;
}

/** The lines without blanks at their ends and without blank lines at the end. */
function printedText(lines: readonly Line[], palette: Palette | null): string {
  const texts = lines.map((line) => plainText(line).trimEnd());
  const used = texts.findLastIndex((text) => text !== '') + 1;
  if (palette === null) return texts.slice(0, used).join('\n');
  return lines
    .slice(0, used)
    .map((line, row) => lineText(cutLine(line, textWidth(texts[row])), palette))
    .join('\n');
}

/** `--once`: the main screen as plain text, without escapes. Returns the exit code. */
export async function onceCommand(
  options: ReadOptions & { traceName: string },
  view: PrintedView,
  io: CommandIo,
): Promise<number> {
  const { monitor, streams, settled } = await readTrace(options, io);
  const health: Health = {
    gaps: { ...monitor.engine.gaps },
    skewMicros: skewMicros(monitor.engine),
    lagMs: 0,
    backlogBytes: 0,
    selfCpu: 0,
    selfBytes: 0,
    streams,
    sourceFound: true,
    notice: '',
  };
  const { columns, rows, unicode } = view;
  const request: ViewRequest = {
    id: 0,
    policy: options.policies.names[0],
    withZeros: false,
    domains: { pane: 'domains', sort: 'saved', descending: true, offset: 0, count: 4096 },
    hot: { pane: 'hot', sort: 'heat', descending: true, offset: 0, count: rows },
    domainKey: null,
    partners: { pane: 'partners', sort: 'both', descending: true, offset: 0, count: 0 },
    historyPoints: columns,
  };
  const snapshot = monitor.snapshot(request, health, { name: options.traceName, ended: true });
  const state = {
    ...onceState(snapshot.policy.name),
    units: view.units,
    message: settled === null ? '' : `settled: ${settledText(settled)}`,
  };
  const frame = { columns, rows: rowsForAll(snapshot, state, view), unicode };
  const lines = mainScreen(snapshot, state, frame);
  io.stdout.write(`${printedText(lines, view.palette)}\n`);
  return exitCodeOf(monitor);
}
