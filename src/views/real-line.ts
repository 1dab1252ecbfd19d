/** What the machine itself shares, on the screens: a line of the host, a line of a domain. */
import type { HostFigures } from '../figures/host-figures.js';
import { potentialFrames } from '../figures/derived.js';
import { type RealFigures, type RealSaving, realSaved, type ToldSources, toldValue } from '../figures/real-figures.js';
import type { Snapshot } from '../figures/snapshot.js';
import { cutLine, fitItems, padLine, span, textLine } from './compose.js';
import { formatBytes, formatCount, formatFrames, formatPercent, longWidth } from './format.js';
import type { Line } from './line.js';
import type { Units } from './screen-state.js';

/** As the gauges of the main screen and the facts of a domain have it. */
const HOST_LABEL_COLUMNS = 7;
const DOMAIN_LABEL_COLUMNS = 8;

interface Around {
  host: HostFigures;
  withZeros: boolean;
  units: Units;
  columns: number;
}

/** Whether a mechanism of the host told what it saves: it does so from its first pass on, or never. */
export function hasSavings({ real }: Snapshot): boolean {
  return real !== undefined && real.savings.length > 0;
}

/** `Real   KSM 287 MiB saved  98% of possible  73,475 frames in 27,656 copies …`. */
export function realLine(real: RealFigures, around: Around): Line {
  const items = real.savings.flatMap((saving) => savingItems(saving, real.host, around));
  items.push(textLine('of all mergeable memory of the host', { dim: true }));
  return labelled(HOST_LABEL_COLUMNS, items, around.columns);
}

function savingItems(saving: RealSaving, told: ToldSources, { host, withZeros, units }: Around): Line[] {
  const { source, isOn, sharedFrames, isRounded } = saving;
  const saved = realSaved(saving, withZeros);
  const state = isOn ? source : `${source} ${source === 'KSM' ? 'off' : 'shares nothing'}`;
  if (!isOn && saved === 0) return [[span(state, { role: 'warning' })]];
  const about = isRounded ? '~' : '';
  const items: Line[] = [
    padLine(
      [span(`${state} `), span(`${about}${formatFrames(saved, units)}`, { bold: true, role: 'saved' }), span(' saved')],
      state.length + 1 + about.length + longWidth(units) + ' saved'.length,
    ),
    padLine(
      textLine(`${formatPercent(saved, potentialFrames(host, withZeros))} of possible`),
      '100% of possible'.length,
    ),
    textLine(`${about}${formatCount(saved)} frames in ${about}${formatCount(sharedFrames)} copies`, { dim: true }),
  ];
  const profit = toldValue(told, 'ksm', 'general_profit');
  if (source === 'KSM' && profit !== undefined) items.push(textLine(profitText(profit, units), { dim: true }));
  return items;
}

function profitText(bytes: number, units: Units): string {
  return `profit ${bytes < 0 ? '-' : ''}${formatBytes(Math.abs(bytes), units)}`;
}

/** What kernel or hypervisor say of one domain. */
export function realDomainLine(told: ToldSources, units: Units, columns: number): Line {
  const items: Line[] = [];
  const merging = toldValue(told, 'ksm', 'ksm_merging_pages');
  const profit = toldValue(told, 'ksm', 'ksm_process_profit');
  const tracked = toldValue(told, 'ksm', 'ksm_rmap_items');
  const zeros = toldValue(told, 'ksm', 'ksm_zero_pages');
  if (merging !== undefined) items.push([span('KSM merging '), span(`${formatCount(merging)} frames`, { bold: true })]);
  if (profit !== undefined) items.push(textLine(profitText(profit, units)));
  if (isMergeable(told) === false) items.push([span('nothing mergeable', { role: 'warning' })]);
  if (tracked !== undefined) items.push(textLine(`${formatCount(tracked)} frames tracked`, { dim: true }));
  if (zeros !== undefined && zeros > 0) items.push(textLine(`${formatCount(zeros)} zeros`, { dim: true }));
  const shared = toldValue(told, 'xen', 'shared');
  if (shared !== undefined) items.push(textLine(`Xen shares ${formatCount(shared)} MiB`));
  if (items.length === 0) items.push(textLine('-', { dim: true }));
  return labelled(DOMAIN_LABEL_COLUMNS, items, columns);
}

/** Whether any memory of the process may be merged; undefined: its kernel does not say it. */
function isMergeable(told: ToldSources): boolean | undefined {
  const [some, any] = [toldValue(told, 'ksm', 'ksm_mergeable'), toldValue(told, 'ksm', 'ksm_merge_any')];
  return some === undefined && any === undefined ? undefined : (some ?? 0) + (any ?? 0) > 0;
}

function labelled(labelColumns: number, items: readonly Line[], columns: number): Line {
  const head = span('Real'.padEnd(labelColumns), { bold: true });
  return cutLine([head, ...fitItems(items, columns - labelColumns, '  ')], columns);
}
