/** The help: what the keys do, then what every figure means. */
import type { FigureEntry } from '../figures/figure-table.js';
import { cutLine, fitBlock, span, spread, textLine, wrapText } from './compose.js';
import { asciiText } from './ascii-text.js';
import type { Frame, Line } from './line.js';
import { fitLeft } from './text-width.js';

/** One line of the key part of the help; given by the key map. */
export interface HelpKey {
  /** As printed: `q, Ctrl-C`. */
  keys: string;
  help: string;
}

/** The title and the last line are not scrolled. */
const FRAME_ROWS = 2;
const KEY_COLUMNS = 20;
const LABEL_COLUMNS = 14;
/** Longer lines are hard to read. */
const TEXT_COLUMNS_MAX = 100;

const WORDS =
  'A frame is a 4 KiB slot of memory, a content is what it holds, a holder is one frame of one domain with that ' +
  'content. SHARED, SAVED and COULD belong to the policy named in the header. Figures marked ~ are estimates. ' +
  'A dash stands for a figure that there is none of.';

function text(value: string, frame: Frame): string {
  return frame.unicode ? value : asciiText(value);
}

function headline(title: string): Line {
  return textLine(title, { bold: true, role: 'focus' });
}

/** A label and a text beside it, wrapped. */
function entry(label: string, labelColumns: number, lines: readonly Line[], unicode: boolean): Line[] {
  return lines.map((line, index) => [
    span(index === 0 ? `${fitLeft(label, labelColumns - 1, unicode)} ` : ' '.repeat(labelColumns), { bold: true }),
    ...line,
  ]);
}

function keyLines(keys: readonly HelpKey[], columns: number, frame: Frame): Line[] {
  return keys.flatMap((key) => {
    const lines = wrapText(text(key.help, frame), Math.max(8, columns - KEY_COLUMNS), frame.unicode);
    return entry(
      text(key.keys, frame),
      KEY_COLUMNS,
      lines.map((line) => textLine(line)),
      frame.unicode,
    );
  });
}

/** Label, formula and unit, then the explanation. */
function figureLines(figure: FigureEntry, columns: number, frame: Frame): Line[] {
  const room = Math.max(8, columns - LABEL_COLUMNS);
  const unit = figure.unit === '' ? '' : ` [${figure.unit}]`;
  const formula = wrapText(text(figure.formula + unit, frame), room, frame.unicode);
  const help = wrapText(text(figure.help, frame), room, frame.unicode);
  const lines = [...formula.map((line) => textLine(line)), ...help.map((line) => textLine(line, { dim: true }))];
  return entry(text(figure.label, frame), LABEL_COLUMNS, lines, frame.unicode);
}

/** The whole help at this width. */
function allLines(keys: readonly HelpKey[], figures: readonly FigureEntry[], frame: Frame): Line[] {
  const columns = Math.min(frame.columns - 1, TEXT_COLUMNS_MAX);
  const words = wrapText(WORDS, Math.max(8, columns), frame.unicode);
  return [
    headline('Keys'),
    ...keyLines(keys, columns, frame),
    [],
    headline('Figures'),
    ...words.map((line) => textLine(line)),
    [],
    ...figures.flatMap((figure) => figureLines(figure, columns, frame)),
  ];
}

/** Lines of the whole help text at this width: the largest useful scroll is this less `frame.rows - 2`. */
export function helpLength(keys: readonly HelpKey[], figures: readonly FigureEntry[], frame: Frame): number {
  return allLines(keys, figures, frame).length;
}

/** Keys, then figures, from line `scroll` on: exactly `frame.rows` lines. */
export function helpScreen(
  keys: readonly HelpKey[],
  figures: readonly FigureEntry[],
  scroll: number,
  frame: Frame,
): Line[] {
  const all = allLines(keys, figures, frame);
  const shown = Math.max(0, frame.rows - FRAME_ROWS);
  const first = Math.max(0, Math.min(scroll, all.length - shown));
  const last = Math.min(all.length, first + shown);
  const title: Line = [span('sharetop ', { bold: true, role: 'focus' }), span('help', { bold: true })];
  const range = textLine(`lines ${first + 1}-${last} of ${all.length}`, { dim: true });
  const back: Line = [
    span('Esc', { bold: true }),
    span(' Back  ', { dim: true }),
    span('Up Down PgUp PgDn', { bold: true }),
    span(' Scroll', { dim: true }),
  ];
  const body = fitBlock(all.slice(first, last), frame.columns, shown);
  return fitBlock(
    [spread(title, range, frame.columns), ...body, cutLine(back, frame.columns)],
    frame.columns,
    frame.rows,
  );
}
