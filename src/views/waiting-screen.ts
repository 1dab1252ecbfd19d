/** No figures yet: says what is missing and how to get it. */
import { fitBlock, span, spread, textLine, wrapText } from './compose.js';
import { formatAge, formatCount } from './format.js';
import type { Frame, Line } from './line.js';
import type { WaitingState } from './screen-state.js';
import { hintLine } from './status-line.js';
import { cutText, nameText } from './text-width.js';

/** What is missing, in one sentence. */
function missing(state: WaitingState, source: string): string {
  if (state.source === '-') return 'Nothing has come from the standard input yet.';
  if (!state.sourceFound) return `There is no ${source} yet.`;
  if (state.streams === 0) return `${source} has no stream: no *.pgt and no *.ndjson file.`;
  if (state.records === 0)
    return `${source} has ${state.streams} stream${state.streams === 1 ? '' : 's'} without a record.`;
  return `${formatCount(state.records)} records were read, the first figures follow.`;
}

const WAYS: readonly [command: string, what: string][] = [
  ['sharetop import FILE -o DIR', 'makes a trace of recordings'],
  ['sharetop replay TRACE -o DIR', 'plays a recording as if it were live'],
  ['sharetop TRACE', 'shows a recording'],
  ['sharetop demo', 'plays the bundled recording'],
];
const COMMAND_COLUMNS = 31;

function wayLines(columns: number): Line[] {
  return WAYS.flatMap(([command, what]): Line[] =>
    columns >= COMMAND_COLUMNS + 40
      ? [[span(`    ${command.padEnd(COMMAND_COLUMNS)}`, { bold: true }), span(what, { dim: true })]]
      : [textLine(`  ${command}`, { bold: true }), textLine(`    ${what}`, { dim: true })],
  );
}

/** The screen: exactly `frame.rows` lines. It goes away by itself when the first record comes. */
export function waitingScreen(state: WaitingState, frame: Frame): Line[] {
  const { columns, rows, unicode } = frame;
  if (rows <= 0) return [];
  const source = cutText(nameText(state.source, unicode), Math.max(8, columns - 30), unicode);
  const waited = textLine(`waiting ${formatAge(state.waitedSeconds)}`, { role: 'warning', bold: true });
  const title: Line = [span('sharetop ', { bold: true, role: 'focus' }), span(source, { bold: true })];
  const sentences = [
    ...wrapText(missing(state, source), columns - 4, unicode),
    ...wrapText('sharetop looks again by itself and goes on when records come.', columns - 4, unicode),
  ];
  const lines: Line[] = [spread(title, waited, columns), []];
  for (const sentence of sentences) lines.push(textLine(`  ${sentence}`));
  lines.push([], textLine('  A trace comes from:'), ...wayLines(columns));
  if (state.notice !== '') {
    const notice = cutText(nameText(state.notice, unicode), Math.max(0, columns - 4), unicode);
    lines.splice(2, 0, [span(`  ! ${notice}`, { role: 'warning', bold: true })], []);
  }
  // The last line is that of the keys, whatever else has to go.
  return [...fitBlock(lines, columns, rows - 1), ...fitBlock([hintLine(state.hints, columns)], columns, 1)];
}
