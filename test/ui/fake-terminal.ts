import { EventEmitter } from 'node:events';
import { Terminal as Xterm } from '@xterm/headless';
import type { Terminal, TerminalInput, TerminalOutput } from '../../src/ui/terminal.js';

/** One cell as a person sees it. */
export interface SeenCell {
  text: string;
  cells: number;
  /** Colours and attributes as xterm keeps them; empty for a blank. */
  look: string;
}

/** A terminal for tests: what is written goes through xterm.js, keys are given by `type`. */
export class FakeTerminal extends EventEmitter implements TerminalOutput {
  columns: number;
  rows: number;
  bytes = 0;
  /** Everything written, in order. */
  log = '';
  /** While true, written bytes are kept back and their callbacks wait: a line that takes nothing. */
  isStalled = false;
  readonly input = new FakeInput();
  readonly screen: Xterm;
  #stalled: (() => void)[] = [];
  #underWay = 0;

  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
    this.screen = new Xterm({ cols: columns, rows, allowProposedApi: true, scrollback: 100 });
  }

  get terminal(): Terminal {
    return { output: this, input: this.input };
  }

  write(data: string, callback: (error?: Error | null) => void): boolean {
    this.log += data;
    this.bytes += Buffer.byteLength(data);
    this.#underWay += 1;
    const send = (): void =>
      this.screen.write(data, () => {
        this.#underWay -= 1;
        callback(null);
      });
    if (this.isStalled) this.#stalled.push(send);
    else send();
    return !this.isStalled;
  }

  /** The line takes bytes again. */
  release(): void {
    this.isStalled = false;
    for (const send of this.#stalled.splice(0)) send();
  }

  resize(columns: number, rows: number): void {
    this.screen.resize(columns, rows);
    this.columns = columns;
    this.rows = rows;
    this.emit('resize');
  }

  /** Resolves when everything written has been taken. */
  async settled(): Promise<void> {
    do await new Promise((resolve) => setTimeout(resolve, 1));
    while (this.#underWay > 0 && !this.isStalled);
  }

  /** The rows of the screen as text, right-trimmed. */
  lines(): string[] {
    const { active } = this.screen.buffer;
    const line = (row: number): string =>
      active
        .getLine(active.baseY + row)
        ?.translateToString(true, 0, this.columns)
        .trimEnd() ?? '';
    return Array.from({ length: this.rows }, (_, row) => line(row));
  }

  /** What was printed since the beginning, scrolled away or not, without blank lines at the end. */
  everything(): string[] {
    const { active } = this.screen.buffer;
    const lines = Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? '');
    return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1).map((line) => line.trimEnd());
  }

  cells(): SeenCell[][] {
    return seenCells(this.screen);
  }
}

/** Every cell of the visible screen; blanks that look the same are the same. */
export function seenCells(screen: Xterm): SeenCell[][] {
  const { active } = screen.buffer;
  return Array.from({ length: screen.rows }, (_, row) => {
    const line = active.getLine(active.baseY + row);
    return Array.from({ length: screen.cols }, (_, column) => {
      const cell = line?.getCell(column);
      if (cell === undefined) return { text: '', cells: 1, look: '' };
      const text = cell.getChars() === '' && cell.getWidth() === 1 ? ' ' : cell.getChars();
      const background = cell.isBgDefault() ? '' : `bg${cell.getBgColor()}`;
      const marks = [
        cell.isInverse() && 'inverse',
        cell.isUnderline() && 'underline',
        cell.isStrikethrough() && 'struck',
      ];
      const seen = marks.filter((mark) => typeof mark === 'string').join();
      const isBlank = text === ' ' && seen === '';
      const letters = [cell.isBold() && 'bold', cell.isDim() && 'dim', cell.isItalic() && 'italic'].join();
      const ink = `fg${cell.isFgDefault() ? '' : cell.getFgColor()} ${letters} ${seen}`;
      return { text, cells: cell.getWidth(), look: isBlank ? background : background + ink };
    });
  });
}

/** The keyboard of a FakeTerminal. */
export class FakeInput extends EventEmitter implements TerminalInput {
  isRaw = false;
  isFlowing = false;

  setRawMode(raw: boolean): this {
    this.isRaw = raw;
    return this;
  }

  resume(): this {
    this.isFlowing = true;
    return this;
  }

  pause(): this {
    this.isFlowing = false;
    return this;
  }

  type(text: string): void {
    this.emit('data', Buffer.from(text));
  }
}
