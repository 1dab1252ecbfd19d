/** What a program writes to a terminal, followed cell by cell without any of our code. */

/** Sequences that move, colour or set modes. Anything else is not written by sharetop, and fails the test. */
const SEQUENCE = /^\x1b\[(\??)([\d;]*)([A-Za-z])/;
const ERASES_SCREEN = /\x1b\[[0-3]?J/;

/** What was found in the bytes of a program. */
export interface ByteReport {
  /** Synchronized updates. */
  updates: number;
  /** Cells that one update wrote or erased twice: `update: row,column`. At most a few are listed. */
  twice: string[];
  /** Sequences that are not known here. */
  unknown: string[];
  /** Erases of the screen or of the scroll-back, anywhere. */
  erases: number;
}

/** Reads everything that a program wrote, as ASCII and characters of one cell. */
export function readScreenBytes(output: string): ByteReport {
  const report: ByteReport = { updates: 0, twice: [], unknown: [], erases: 0 };
  report.erases = output.match(new RegExp(ERASES_SCREEN, 'g'))?.length ?? 0;
  const parts = output.split('\x1b[?2026h').slice(1);
  for (const part of parts) {
    const end = part.indexOf('\x1b[?2026l');
    // The last update may be cut by the end of the program.
    if (end < 0) continue;
    report.updates += 1;
    readUpdate(part.slice(0, end), report);
  }
  return report;
}

/** More than any window of the tests has. */
const COLUMNS_MAX = 1000;

function readUpdate(text: string, report: ByteReport): void {
  const touched = new Set<number>();
  let row = 0;
  let column = 0;
  const touch = (at: number): void => {
    const cell = row * COLUMNS_MAX + at;
    if (touched.has(cell) && report.twice.length < 10) report.twice.push(`${report.updates}: ${row},${at}`);
    touched.add(cell);
  };
  for (let at = 0; at < text.length;) {
    if (text[at] === '\r') {
      column = 0;
      at += 1;
      continue;
    }
    if (text[at] === '\n') {
      row += 1;
      at += 1;
      continue;
    }
    if (text[at] !== '\x1b') {
      touch(column);
      column += 1;
      at += 1;
      continue;
    }
    const found = SEQUENCE.exec(text.slice(at, at + 40));
    if (found === null) {
      report.unknown.push(JSON.stringify(text.slice(at, at + 10)));
      return;
    }
    const [sequence, , digits, final] = found;
    const [first = 1, second = 1] = digits.split(';').map((value) => (value === '' ? 1 : Number(value)));
    if (final === 'H') [row, column] = [first - 1, second - 1];
    else if (final === 'G') column = first - 1;
    else if (final === 'C') column += first;
    else if (final === 'B') row += first;
    else if (final === 'K') for (let cell = column; cell < COLUMNS_MAX; cell++) touch(cell);
    else if (final !== 'm') report.unknown.push(JSON.stringify(sequence));
    at += sequence.length;
  }
}
