/** The upper part of the drill-down: who the domain is, what its memory is, what it saves and reads. */
import {
  domainCouldFrames,
  domainSavedFrames,
  couldFrames,
  proportionalFrames,
  savedFrames,
  sharedHoldings,
  untouchedFrames,
  contentChangedTotal,
  zeroSavableLost,
} from '../figures/derived.js';
import { regionOf } from '../figures/policy-figures.js';
import { figure } from '../figures/figure-table.js';
import type { DomainDetail, DomainRow, Snapshot } from '../figures/snapshot.js';
import { cutLine, fitItems, lineWidth, padLine, span, textLine } from './compose.js';
import {
  formatCount,
  formatDuration,
  formatFrames,
  formatFramesShort,
  formatPercent,
  formatRate,
  longWidth,
  RATE_COLUMNS,
} from './format.js';
import { barColumnsOf, gaugeLine } from './gauge-pane.js';
import { gauge } from './gauge.js';
import { glyphsOf } from './glyphs.js';
import type { Frame, Line, Role } from './line.js';
import { realDomainLine } from './real-line.js';
import type { Units } from './screen-state.js';
import { sparkline } from './sparkline.js';
import { cutText, nameText } from './text-width.js';

const LABEL_COLUMNS = 8;

/** One row of the small table: the domain beside the whole host. Cells are ready to print. */
export interface CompareRow {
  figure: string;
  domain: string;
  host: string;
  part: string;
}

/** The domain's saving and what is left, zeros in or out as the snapshot says. */
function savedAndCould(snapshot: Snapshot, row: DomainRow): { saved: number; could: number } {
  const { host, policy, withZeros } = snapshot;
  return {
    saved: domainSavedFrames(row, row.policy, host, policy, withZeros),
    could: domainCouldFrames(row, row.policy, host, policy, withZeros),
  };
}

/** The rows of the small table, always the same six; empty when the snapshot has no detail. */
export function compareRows(snapshot: Snapshot, units: Units): CompareRow[] {
  const row = snapshot.detail?.row;
  if (row === undefined) return [];
  const { host, policy, withZeros } = snapshot;
  const { saved, could } = savedAndCould(snapshot, row);
  const region = regionOf(policy);
  const memory = (label: string, domain: number, whole: number): CompareRow => ({
    figure: label,
    domain: formatFrames(domain, units),
    host: formatFrames(whole, units),
    part: formatPercent(domain, whole),
  });
  const count = (label: string, domain: number, whole: number | undefined): CompareRow => ({
    figure: label,
    domain: formatCount(domain),
    host: whole === undefined ? '-' : formatCount(whole),
    part: whole === undefined ? '-' : formatPercent(domain, whole),
  });
  const changed = region === undefined ? undefined : contentChangedTotal(region);
  return [
    memory(figure('mem').label, row.frames, host.frames),
    memory(figure('shared').label, row.policy.sharedFrames, sharedHoldings(policy)),
    memory(figure('saved').label, saved, savedFrames(policy, withZeros)),
    memory(figure('could').label, could, couldFrames(host, policy, withZeros)),
    count('reads avoided', row.policy.readsAvoided, region?.readsAvoided),
    count('left sharing', row.policy.contentChanged, changed),
  ];
}

/** The small table without a component: a head and one line a row. */
export function compareLines(snapshot: Snapshot, units: Units): Line[] {
  const cells = (row: CompareRow): string =>
    row.figure.padEnd(15) + row.domain.padStart(14) + row.host.padStart(16) + row.part.padStart(8);
  const head = { figure: '', domain: 'THIS DOMAIN', host: 'ALL DOMAINS', part: 'PART' };
  const lines = compareRows(snapshot, units).map((row) => textLine(cells(row)));
  return [textLine(cells(head), { dim: true }), ...lines];
}

/** Kind, group, reservation, state, age of the scan. */
export function identityLine(snapshot: Snapshot, row: DomainRow, units: Units, frame: Frame): Line {
  const { unicode, columns } = frame;
  const text = (raw: string): string => cutText(nameText(raw, unicode), 24, unicode);
  const age = (snapshot.position.timeMicros - row.scannedMicros) / 1e6;
  const items = [
    row.kind === '' ? '' : text(row.kind),
    row.state,
    `mem ${formatFrames(row.frames, units)} of ${formatFrames(row.reservedFrames, units)}`,
    `scanned ${formatDuration(age)} ago`,
    `group ${text(row.group)}`,
    `free ${formatFramesShort(row.freeFrames, units)}`,
    `untouched ${formatFramesShort(untouchedFrames(row), units)}`,
    `${formatCount(row.reservedFrames)} frames reserved`,
    row.key === row.name ? '' : `key ${text(row.key)}`,
  ];
  const shown = items.filter((item) => item !== '').map((item) => textLine(item, { dim: true }));
  return cutLine(fitItems(shown, columns, '  '), columns);
}

/** What the domain's memory is: four gauges of its MEM; unknown is a part of private. */
export function memoryGauges(row: DomainRow, units: Units, frame: Frame): Line[] {
  const glyphs = glyphsOf(frame.unicode);
  const parts: readonly [label: string, frames: number, role: Role, note: string][] = [
    ['Private', row.privateFrames, 'private', ''],
    ['Shared', row.policy.sharedFrames, 'shared', ''],
    ['Zero', row.zeroFrames, 'zero', ''],
    ['Unknown', row.unknownFrames, 'unknown', 'part of private'],
  ];
  return parts.map(([label, frames, role, note]) =>
    gaugeLine(
      {
        label,
        bar: (columns) => gauge(frames / row.frames, columns, glyphs, { role }),
        value: formatPercent(frames, row.frames),
        texts: [
          textLine(formatFrames(frames, units).padStart(longWidth(units))),
          ...(units === 'pages' ? [] : [textLine(`${formatCount(frames)} frames`, { dim: true })]),
          ...(note === '' ? [] : [textLine(note, { dim: true })]),
        ],
      },
      frame.columns,
      barColumnsOf(frame.columns),
      LABEL_COLUMNS,
    ),
  );
}

function labelled(label: string, items: readonly Line[], columns: number): Line {
  const head = span(label.padEnd(LABEL_COLUMNS), { bold: true });
  return cutLine([head, ...fitItems(items, columns - LABEL_COLUMNS, '  ')], columns);
}

function dimText(text: string): Line {
  return textLine(text, { dim: true });
}

/** `if it stops: potential falls by` and a figure; no item beside it moves when the figure comes. */
const STOP_COLUMNS = 'if it stops: potential falls by '.length;

/** What would be lost with the domain, under the shown policy where it can tell; says so while it is counted. */
function stopText({ detail, host, policy, withZeros }: Snapshot, isPaused: boolean, units: Units): string {
  const stop = detail?.stop;
  if (detail === null || stop === undefined) return `if it stops: ${isPaused ? 'Space counts it' : 'computing ..'}`;
  const { policyFrames, potentialFrames } = stop;
  const zeros = withZeros ? zeroSavableLost(host.zeroFrames, detail.row.zeroFrames) : 0;
  if (policyFrames === null) return `if it stops: potential falls by ${formatFrames(potentialFrames + zeros, units)}`;
  const lost = policyFrames + (policy.zeroSavedFrames > 0 ? zeros : 0);
  return `if it stops: ${policy.name} saves ${formatFrames(lost, units)} less`;
}

function savedLine(snapshot: Snapshot, row: DomainRow, isPaused: boolean, units: Units, columns: number): Line {
  const { policy, withZeros } = snapshot;
  const { saved, could } = savedAndCould(snapshot, row);
  const all = savedFrames(policy, withZeros);
  const items: Line[] = [
    padLine(
      [span(formatFrames(saved, units), { bold: true, role: 'saved' }), span(' its fair part')],
      longWidth(units) + ' its fair part'.length,
    ),
    padLine(textLine(stopText(snapshot, isPaused, units)), STOP_COLUMNS + longWidth(units)),
    dimText(`${formatPercent(saved, all)} of ${formatFrames(all, units)} in all`),
    dimText(`${formatPercent(saved, saved + could)} of what is possible`),
    dimText(`footprint ${formatFrames(proportionalFrames(row.frames, saved), units)}`),
  ];
  return labelled('Saved', items, columns);
}

function couldLine(snapshot: Snapshot, row: DomainRow, units: Units, columns: number): Line {
  const { could } = savedAndCould(snapshot, row);
  const items: Line[] = [
    padLine(
      [span(formatFrames(could, units), { bold: true, role: 'could' }), span(' identical but private')],
      longWidth(units) + ' identical but private'.length,
    ),
    dimText(`within itself ${formatFrames(row.selfSavedFrames, units)}`),
    dimText(`fill pages ${formatFrames(row.fillPageFrames, units)}`),
  ];
  return labelled('Could', items, columns);
}

const SPARK_COLUMNS = 20;

/** A sparkline where the line has room for it. */
function withSpark(line: Line, values: readonly number[], role: Role, frame: Frame): Line {
  if (lineWidth(line) + 2 + SPARK_COLUMNS > frame.columns) return line;
  return [...line, span(`  ${sparkline(values, SPARK_COLUMNS, glyphsOf(frame.unicode))}`, { role })];
}

function readsLine(detail: DomainDetail, units: Units, frame: Frame): Line {
  const { policy, readsAvoidedPerSecond } = detail.row;
  const items: Line[] = [
    padLine(
      [span('avoided '), span(formatFrames(policy.readsAvoided, units), { bold: true, role: 'avoided' })],
      'avoided '.length + longWidth(units),
    ),
    padLine(textLine(formatRate(readsAvoidedPerSecond)), RATE_COLUMNS),
    dimText(`${formatCount(policy.readsAvoided)} of ${formatCount(policy.readsSeen)} reads`),
    dimText(formatPercent(policy.readsAvoided, policy.readsSeen)),
  ];
  const line =
    policy.readsSeen === 0
      ? labelled('I/O', [dimText('no reads')], frame.columns)
      : labelled('I/O', items, frame.columns);
  return withSpark(
    line,
    detail.history.map((point) => point.readsAvoidedPerSecond),
    'avoided',
    frame,
  );
}

function contentsLine(detail: DomainDetail, columns: number): Line {
  const { row, aloneContents, commonContents } = detail;
  const items: Line[] = [
    [span(`${formatCount(row.distinctContents)} contents`)],
    dimText(`${formatCount(aloneContents)} alone`),
    dimText(`${formatCount(commonContents)} in common with others`),
    dimText(`${formatCount(row.knownFrames)} known frames`),
  ];
  return labelled('Holds', items, columns);
}

/** Why shared pages left. The causes are known for all domains together only. */
function leftLine(snapshot: Snapshot, detail: DomainDetail, frame: Frame): Line {
  const region = regionOf(snapshot.policy);
  const items: Line[] = [
    textLine(`${formatCount(detail.row.policy.contentChanged)} frames`),
    padLine(textLine(formatRate(detail.row.contentChangedPerSecond)), RATE_COLUMNS),
  ];
  if (region !== undefined) {
    const { overwritten, zeroed, unknown, freed } = region.contentChanged;
    const causes = [`overwritten ${formatCount(overwritten)}`, `unknown ${formatCount(unknown)}`];
    const rest = [`zeroed ${formatCount(zeroed)}`, `freed ${formatCount(freed)}`];
    items.push(dimText(`all domains: ${causes.join(' ')}`), ...rest.map(dimText));
  }
  const line = labelled('Left', items, frame.columns);
  return withSpark(
    line,
    detail.history.map((point) => point.contentChangedPerSecond),
    'changed',
    frame,
  );
}

/** Saved, could, I/O, contents, left, and what kernel or hypervisor told of it. */
export function domainFacts(
  snapshot: Snapshot,
  detail: DomainDetail,
  isPaused: boolean,
  units: Units,
  frame: Frame,
): Line[] {
  return [
    savedLine(snapshot, detail.row, isPaused, units, frame.columns),
    couldLine(snapshot, detail.row, units, frame.columns),
    readsLine(detail, units, frame),
    contentsLine(detail, frame.columns),
    leftLine(snapshot, detail, frame),
    ...(detail.told === undefined ? [] : [realDomainLine(detail.told, units, frame.columns)]),
  ];
}
