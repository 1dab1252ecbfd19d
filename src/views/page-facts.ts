/** What a content is, who holds it, and what that saves: the lines at the top of the page screen. */
import { hashHex } from '../base/hash-hex.js';
import { figure } from '../figures/figure-table.js';
import type { PageCopies } from '../figures/page-figures.js';
import type { Snapshot } from '../figures/snapshot.js';
import type { HotPageRow } from '../figures/window.js';
import { cutLine, fitItems, span, textLine } from './compose.js';
import { formatCount, formatDuration, formatFrames, formatRate, formatRatio, formatTraceTime } from './format.js';
import { kindText, sourceText } from './hot-pane.js';
import { moreFilesText, wholeLabelText } from './label-text.js';
import type { Frame, Line } from './line.js';
import type { PageState } from './screen-state.js';
import { nameText } from './text-width.js';

const LABEL_COLUMNS = 8;
const SOURCE_COLUMNS_MAX = 60;
/** A name has so many cells before the hash has any. */
const NAME_COLUMNS_MIN = 40;

function labelled(label: string, items: readonly Line[], columns: number): Line {
  const head = span(label.padEnd(LABEL_COLUMNS), { bold: true });
  return cutLine([head, ...fitItems(items, columns - LABEL_COLUMNS, '  ')], columns);
}

function dimText(text: string): Line {
  return textLine(text, { dim: true });
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Cells that are left for the hash beside the name. */
const BESIDE_NAME_COLUMNS = 20;

function contentLine(page: HotPageRow, timeMicros: number, frame: Frame): Line {
  const { unicode, columns } = frame;
  const { label } = page;
  const source = sourceText(page, SOURCE_COLUMNS_MAX, unicode);
  const age = formatDuration((timeMicros - page.firstSeenMicros) / 1e6);
  const hash = hashHex(page.hashLow, page.hashHigh);
  const items: Line[] = [
    [span(hash, { bold: label === undefined })],
    textLine(kindText(page)),
    source === '' ? dimText('never seen on a disk') : [span('from ', { dim: true }), span(source)],
    dimText(`first seen ${formatTraceTime(page.firstSeenMicros)} (${age} ago)`),
  ];
  if (label !== undefined) {
    const room = columns - LABEL_COLUMNS;
    const name = wholeLabelText(label, Math.max(room - BESIDE_NAME_COLUMNS, Math.min(room, NAME_COLUMNS_MIN)), unicode);
    const more = moreFilesText(label);
    items.unshift([span(name, { bold: true })], ...(more === '' ? [] : [dimText(more)]));
  }
  return labelled('Content', items, columns);
}

function refsLine(page: HotPageRow, columns: number): Line {
  const items: Line[] = [
    [span(plural(page.refs, 'frame'), { bold: true })],
    textLine(`in ${plural(page.domains, 'domain')}`),
    dimText(`${formatCount(Math.max(0, page.refs - page.domains))} further copies inside a domain`),
  ];
  return labelled(figure('ref').label, items, columns);
}

/** What a scheme that shares all of them, and the shown one, would need less. */
function savedLine(
  page: HotPageRow,
  copies: PageCopies | null,
  snapshot: Snapshot,
  state: PageState,
  frame: Frame,
): Line {
  const { units } = state;
  const { unicode, columns } = frame;
  const name = nameText(snapshot.policy.name, unicode);
  const size = (frames: number): string => formatFrames(Math.max(0, frames), units);
  const possible = Math.max(0, page.refs - 1);
  if (page.kind === 'zero') {
    if (!snapshot.withZeros) {
      return labelled('Saves', [dimText('zero frames are counted apart; `0` takes them into the sums')], columns);
    }
    const saved = snapshot.policy.zeroSavedFrames;
    const saves: Line = [span(`${name} ${size(saved)}`, { bold: true, role: 'saved' })];
    return labelled('Saves', [saves, [span(`could ${size(possible - saved)}`, { role: 'could' })]], columns);
  }
  if (copies === null)
    return labelled('Saves', [dimText(`of at most ${size(possible)}; ${name} cannot tell`)], columns);
  const { sharedCopies, sharedRefs } = copies;
  const saved = sharedRefs - sharedCopies;
  const arrow = unicode ? '→' : '->';
  const items: Line[] = [
    [span(`${name} ${size(saved)}`, { bold: true, role: 'saved' })],
    textLine(`${plural(sharedRefs, 'frame')} ${arrow} ${plural(sharedCopies, 'shared copy', 'shared copies')}`),
    [span(`could ${size(possible - saved)}`, { role: 'could' })],
    dimText(`ratio ${formatRatio(page.refs / Math.max(1, page.refs - saved))}`),
  ];
  return labelled('Saves', items, columns);
}

function heatLine(page: HotPageRow, timeMicros: number, columns: number): Line {
  const last = (timeMicros - page.lastEventMicros) / 1e6;
  const items: Line[] = [
    [span(formatRate(page.heatPerSecond), { bold: true, role: 'heat' }), span(' read, hit or touched')],
    [span(formatRate(page.churnPerSecond), { role: 'changed' }), span(' changes')],
    dimText(page.lastEventMicros < 0 ? 'last event not known' : `last event ${formatDuration(last)} ago`),
  ];
  return labelled(figure('heat').label, items, columns);
}

/** What the shown policy makes of it. */
function policyLine(page: HotPageRow, copies: PageCopies | null, snapshot: Snapshot, frame: Frame): Line {
  const name = nameText(snapshot.policy.name, frame.unicode);
  const label = name.slice(0, LABEL_COLUMNS - 1);
  if (page.kind === 'zero') {
    const keeps = snapshot.policy.zeroSavedFrames > 0 ? 'keeps one zero page for all' : 'keeps no copy of zeros';
    return labelled(label, [dimText(keeps)], frame.columns);
  }
  if (copies === null) return labelled(label, [dimText('not known')], frame.columns);
  const items: Line[] = [
    textLine(copies.copies === 0 ? 'keeps no copy of it' : `keeps ${plural(copies.copies, 'copy', 'copies')} of it`),
    dimText(`${plural(page.refs - copies.sharedRefs, 'holder')} private or alone with a copy`),
  ];
  return labelled(label, items, frame.columns);
}

/** The facts, most important first; for what the snapshot does not have yet the row that the page was opened from. */
export function pageFacts(snapshot: Snapshot, state: PageState, frame: Frame): Line[] {
  const { opened } = state;
  const answer = snapshot.page;
  const isAnswer = answer?.hashLow === opened.hashLow && answer.hashHigh === opened.hashHigh;
  const page = (isAnswer ? answer.page : null) ?? opened;
  const copies = isAnswer ? answer.copies : null;
  const { timeMicros } = snapshot.position;
  const { columns } = frame;
  const lines = [
    contentLine(page, timeMicros, frame),
    isAnswer && answer.page === null
      ? labelled(figure('ref').label, [[span('no frame holds it any more', { bold: true })]], columns)
      : refsLine(page, columns),
    isAnswer && answer.mappings === null
      ? labelled('Saves', [dimText('computing ..')], columns)
      : savedLine(page, copies, snapshot, state, frame),
    heatLine(page, timeMicros, columns),
    policyLine(page, copies, snapshot, frame),
  ];
  return lines;
}
