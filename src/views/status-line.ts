/** The last two lines of every screen: what happened, and which keys there are. */
import { cutLine, fitItems, span } from './compose.js';
import type { Snapshot } from '../figures/snapshot.js';
import type { Frame, Line } from './line.js';
import type { KeyHint, ScreenState } from './screen-state.js';
import { cutText, nameText } from './text-width.js';

/** A message of the app, else a failed policy, else the newest notice of the source; empty if there is none. */
export function statusLine(snapshot: Snapshot, state: ScreenState, frame: Frame): Line {
  const { unicode, columns } = frame;
  if (state.message !== '') return [span(cutText(nameText(state.message, unicode), columns, unicode), { bold: true })];
  const { failure, name } = snapshot.policy;
  const notice =
    failure === undefined ? snapshot.health.notice : `policy ${name} failed and was switched off: ${failure}`;
  if (notice === '') return [];
  return [
    span('! ', { role: 'warning', bold: true }),
    span(cutText(nameText(notice, unicode), Math.max(0, columns - 2), unicode), { role: 'warning' }),
  ];
}

/** `q Quit  ? Help  s Sort …`: as many hints as fit, in the order of the key map. */
export function hintLine(hints: readonly KeyHint[], columns: number): Line {
  const items = hints.map((hint): Line => [span(hint.key, { bold: true }), span(` ${hint.label}`, { dim: true })]);
  return items.length === 0 ? [] : cutLine(fitItems(items, columns, '  '), columns);
}

/** Both lines, or with one row the hints unless the app has something to say. */
export function footerLines(snapshot: Snapshot, state: ScreenState, frame: Frame, rows: number): Line[] {
  if (rows <= 0) return [];
  const hints = hintLine(state.hints, frame.columns);
  const status = statusLine(snapshot, state, frame);
  if (rows === 1) return [state.message === '' ? hints : status];
  return [status, hints];
}
