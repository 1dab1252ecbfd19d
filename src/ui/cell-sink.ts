import { clustersAreFull, CellGrid, forgetClusters, frameLines } from './cells/cell-grid.js';
import { DiffWriter } from './cells/cell-diff.js';
import { ROWS_MAX } from './row-marks.js';
import type { TerminalOutput } from './terminal.js';

/** Alternate screen. */
const ENTER = '\x1b[?1049h';
/**
 * What another program may have left behind: line-drawing characters, margins, origin and insert mode. Then no cursor,
 * and no wrapping at the right edge.
 */
const MODES = '\x1b(B\x0f\x1b[r\x1b[?6l\x1b[4l\x1b[?25l\x1b[?7l';
const FOCUS_REPORTS = '\x1b[?1004h';
/** Everything back: focus reports, a synchronised update, style, wrapping, cursor, the screen as it was before. */
export const RESTORE = '\x1b[?1004l\x1b[?2026l\x1b[m\x1b[?7h\x1b[?25h\x1b[?1049l';
const SYNC_BEGIN = '\x1b[?2026h';
const SYNC_END = '\x1b[?2026l';

/** A window that is dragged sends a size many times a second; the frame waits until it rests. */
const RESIZE_REST_MS = 40;
/** `close` waits for a slow line as long as something moves, but no longer than this while nothing does. */
const CLOSE_WAIT_MS = 400;
const CLOSE_LOOKS = 4;
const COLUMNS_DEFAULT = 80;
const ROWS_DEFAULT = 24;
/** Larger claims are taken for a mistake of the terminal (a grid costs 8 bytes a cell). */
const COLUMNS_MAX = 2000;

/** What the sink tells its owner. */
export interface SinkEvents {
  /** The terminal has another size, or asked for everything anew: draw a frame for it. */
  resized(): void;
  /** The last frame has left; the next one will be drawn at once. */
  drained(): void;
  /** The terminal is no more. Nothing is written from here on. */
  gone(): void;
}

/** What may be left out. */
export interface SinkOptions {
  /** What a line of a frame stands for; left out: itself. */
  expand?: (line: string) => string;
  resizeRestMs?: number;
  /** The terminal is to tell when it gets and loses the focus (`CSI I`, `CSI O` among the keys). */
  reportsFocus?: boolean;
}

/** What became of the frames, since the sink was made. */
export interface SinkCounters {
  /** Frames of which at least one byte was written. */
  drawn: number;
  /** Frames equal to what is on the screen. */
  unchanged: number;
  /** Frames replaced by a newer one before they could be drawn. */
  dropped: number;
  /** Bytes of drawn frames, with the marks around them. */
  bytes: number;
}

function sizeOf(claimed: number | undefined, otherwise: number, max: number): number {
  return claimed === undefined || claimed < 1 ? otherwise : Math.min(max, Math.floor(claimed));
}

/** Called `process.stdout._handle` in Node; setBlocking is not part of its public interface, so it may be missing. */
interface WithHandle {
  _handle?: { setBlocking?: (blocking: boolean) => void; writeQueueSize?: number } | null;
  writableLength?: number;
}

/**
 * Stands between Ink and the terminal. Ink takes it for its `stdout` and, with `debug: true`, hands over whole frames;
 * the sink keeps the cells that the terminal shows and writes only what differs, in one synchronised update.
 * One frame is under way at a time; while it is, only the newest of the frames that arrive is kept.
 * It owns the alternate screen, the cursor and the size, and gives everything back in `close`.
 */
export class CellSink {
  /** Ink asks for this before it draws on anything; a sink is always a screen. */
  readonly isTTY = true;
  readonly counters: SinkCounters = { drawn: 0, unchanged: 0, dropped: 0, bytes: 0 };
  #state: 'new' | 'open' | 'suspended' | 'closed' = 'new';
  #columns = 0;
  #rows = 0;
  #shown: CellGrid;
  #line: CellGrid;
  /** The line of the frame that each row shows: an equal line needs no look at its cells. */
  #shownLines: (string | null)[] = [];
  /** Lines of the newest frame, expanded when it came: what their marks stand for changes with the next. */
  #newest: string[] | null = null;
  #isWaiting = false;
  #isInFlight = false;
  #isResizing = false;
  #prologue = '';
  #resizeTimer: NodeJS.Timeout | undefined;
  readonly #writer = new DiffWriter();
  readonly #onResize = (): void => this.#resizeSeen();
  readonly #onGone = (): void => this.#lose();

  constructor(
    private readonly output: TerminalOutput,
    private readonly events: SinkEvents,
    private readonly options: SinkOptions = {},
  ) {
    this.#measure();
    this.#shown = new CellGrid(this.#columns, this.#rows);
    this.#line = new CellGrid(this.#columns, 1);
  }

  /** Width of the terminal in cells. */
  get columns(): number {
    return this.#columns;
  }

  /** Height of the terminal in cells. */
  get rows(): number {
    return this.#rows;
  }

  /** True while a frame cannot be drawn at once: rendering one now would be for nothing. */
  get busy(): boolean {
    return this.#isInFlight || this.#isResizing || this.#state === 'suspended';
  }

  /** Takes the terminal. */
  open(): void {
    if (this.#state !== 'new') return;
    this.#state = 'open';
    this.#setBlocking(false);
    this.output.on('resize', this.#onResize);
    this.output.on('error', this.#onGone);
    this.output.on('close', this.#onGone);
    this.#enter();
  }

  /** A whole frame from Ink: lines of text and SGR sequences. Cursor controls of Ink's own are not frames. */
  write(frame: string): boolean {
    if (frame.startsWith('\x1b[?25')) return true;
    if (this.#state === 'closed') return true;
    if (this.#isWaiting) this.counters.dropped += 1;
    const { expand } = this.options;
    const lines = frameLines(frame);
    this.#newest = expand === undefined ? lines : lines.map(expand);
    this.#isWaiting = true;
    this.#drawIfFree();
    return true;
  }

  /** Draws every cell again (Ctrl-L): for when another program wrote to the terminal. */
  repaint(): void {
    if (this.#state !== 'open') return;
    this.#forget();
    this.#prologue = this.#modes();
    this.#isWaiting = this.#newest !== null;
    this.#drawIfFree();
  }

  /** Gives the screen back for a while; `taken` is called when the terminal has it. */
  suspend(taken: () => void): void {
    if (this.#state !== 'open') return;
    this.#state = 'suspended';
    this.output.write(RESTORE, taken);
  }

  /** Takes the screen again, at the size that it has now. */
  resume(): void {
    if (this.#state !== 'suspended') return;
    this.#state = 'open';
    this.#enter();
    this.#resized();
  }

  /** Takes the terminal once more, whatever others did to it meanwhile, at the size that it has now. */
  retake(): void {
    if (this.#state !== 'open') return;
    this.#enter();
    this.#resized();
  }

  /**
   * Gives everything back; resolves when the terminal took it, or does not move any more. Further calls do nothing.
   * With `keepsFrame` what was last on the screen is printed behind it.
   */
  async close({ keepsFrame = false } = {}): Promise<void> {
    if (this.#state === 'closed') return;
    const mustRestore = this.#state === 'open';
    this.#detach();
    if (mustRestore) await this.#writeLast(keepsFrame ? RESTORE + this.#printedFrame() : RESTORE);
    this.#setBlocking(true);
  }

  /** What the terminal shows, as lines for a normal screen; blank ones at the end are left out. */
  #printedFrame(): string {
    const lines = this.#shownLines.map((line) => line ?? '');
    const used = lines.findLastIndex((line) => line.trim() !== '') + 1;
    return lines
      .slice(0, used)
      .map((line) => (line.includes('\x1b') ? `${line}\x1b[m\r\n` : `${line.trimEnd()}\r\n`))
      .join('');
  }

  #writeLast(text: string): Promise<void> {
    return new Promise((resolve) => {
      let before = this.#queued();
      let still = 0;
      const timer = setInterval(() => {
        const now = this.#queued();
        still = now === before ? still + 1 : 0;
        before = now;
        if (still < CLOSE_LOOKS) return;
        clearInterval(timer);
        resolve();
      }, CLOSE_WAIT_MS / CLOSE_LOOKS);
      this.output.write(text, () => {
        clearInterval(timer);
        resolve();
      });
    });
  }

  /** Bytes that the terminal has not taken, as far as Node tells. */
  #queued(): number {
    const { _handle, writableLength = 0 } = this.output as WithHandle;
    return writableLength + (_handle?.writeQueueSize ?? 0);
  }

  /** Never touches the terminal again, not even to restore it: it hung up (SIGHUP). */
  abandon(): void {
    this.#detach();
  }

  /** Ink listens for `resize`; the app redraws by itself when the sink says so, so there is nothing to tell. */
  on(_event: string, _listener: unknown): this {
    return this;
  }

  /** As `on`: there is nothing to tell. */
  off(_event: string, _listener: unknown): this {
    return this;
  }

  /** As `on`: there is nothing to tell. */
  removeListener(_event: string, _listener: unknown): this {
    return this;
  }

  #measure(): void {
    this.#columns = sizeOf(this.output.columns, COLUMNS_DEFAULT, COLUMNS_MAX);
    this.#rows = sizeOf(this.output.rows, ROWS_DEFAULT, ROWS_MAX);
  }

  #enter(): void {
    this.#prologue = ENTER + this.#modes();
    this.#forget();
  }

  #modes(): string {
    return this.options.reportsFocus === true ? MODES + FOCUS_REPORTS : MODES;
  }

  #forget(): void {
    this.#shown.forget();
    this.#shownLines = new Array<string | null>(this.#rows).fill(null);
  }

  #resizeSeen(): void {
    this.#isResizing = true;
    clearTimeout(this.#resizeTimer);
    this.#resizeTimer = setTimeout(() => this.#resized(), this.options.resizeRestMs ?? RESIZE_REST_MS);
  }

  #resized(): void {
    this.#isResizing = false;
    clearTimeout(this.#resizeTimer);
    this.#measure();
    if (this.#shown.columns !== this.#columns || this.#shown.rows !== this.#rows) {
      this.#shown = new CellGrid(this.#columns, this.#rows);
      this.#line = new CellGrid(this.#columns, 1);
    }
    this.#forget();
    // A frame for the old size is of no use.
    if (this.#isWaiting) this.counters.dropped += 1;
    this.#newest = null;
    this.#isWaiting = false;
    if (this.#state === 'open') this.events.resized();
  }

  #drawIfFree(): void {
    if (this.#state !== 'open' || this.#isInFlight || this.#isResizing) return;
    if (!this.#isWaiting || this.#newest === null) return;
    this.#isWaiting = false;
    if (clustersAreFull()) {
      forgetClusters();
      this.#forget();
    }
    const difference = this.#difference(this.#newest);
    if (difference === '' && this.#prologue === '') {
      this.counters.unchanged += 1;
      return;
    }
    const data = this.#prologue + SYNC_BEGIN + difference + SYNC_END;
    this.#prologue = '';
    this.counters.drawn += 1;
    this.counters.bytes += Buffer.byteLength(data);
    this.#send(data);
  }

  #difference(lines: readonly string[]): string {
    this.#writer.begin();
    for (let row = 0; row < this.#rows; row++) {
      const line = lines[row] ?? '';
      if (this.#shownLines[row] === line) continue;
      this.#line.setRow(0, line);
      this.#writer.writeRow(row, this.#shown, this.#line);
      this.#shownLines[row] = line;
    }
    return this.#writer.end();
  }

  #send(data: string): void {
    this.#isInFlight = true;
    this.output.write(data, (error) => {
      this.#isInFlight = false;
      if (error) {
        this.#lose();
        return;
      }
      this.#drawIfFree();
      if (!this.busy && this.#state === 'open') this.events.drained();
    });
  }

  #lose(): void {
    if (this.#state === 'closed') return;
    this.#detach();
    this.events.gone();
  }

  #detach(): void {
    this.#state = 'closed';
    clearTimeout(this.#resizeTimer);
    this.#newest = null;
    this.#isWaiting = false;
    this.output.removeListener('resize', this.#onResize);
    this.output.removeListener('close', this.#onGone);
    // The error listener stays: a write under way may still fail, and an error nobody listens to ends the process.
  }

  /** A terminal is written to synchronously by default: a slow line would stop the whole event loop. */
  #setBlocking(blocking: boolean): void {
    const handle = (this.output as WithHandle)._handle;
    if (typeof handle?.setBlocking !== 'function') return;
    try {
      handle.setBlocking(blocking);
    } catch {
      // An internal call that this Node does not have: the terminal stays as it is.
    }
  }
}
