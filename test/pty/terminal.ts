/**
 * A terminal for tests: runs a program on a real pseudo terminal (@lydell/node-pty) and shows what a person would see
 * (@xterm/headless). Keys, resizes, signals, a slow reader and a closed window are the real ones of the kernel.
 *
 * Nothing here waits for a fixed time: every wait is for a condition, with a limit wide enough for a loaded machine.
 */
import { readSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { spawn, type IPty } from '@lydell/node-pty';
import xterm from '@xterm/headless';

import { ensureFreshBuild } from '../fresh-build.js';
import { readCell, type Cell } from './cell.js';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');

/** Far above what anything takes on an idle machine; a test that needs it is about to fail. */
const WAIT_MS = 30_000;

/** What to start, and in how large a window. */
export interface TerminalOptions {
  /** Arguments of sharetop, or of `command`. */
  readonly args: readonly string[];
  /** The program; by default Node with `bin/sharetop.js` of this checkout. */
  readonly command?: string;
  /** Columns; 80 by default. */
  readonly cols?: number;
  /** Rows; 24 by default. */
  readonly rows?: number;
  /** Working directory; the repository by default. */
  readonly cwd?: string;
  /** Added to a small environment: the machine's own (CI, NO_COLOR, a locale) must not decide a test. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How the program ended. One of the two is null. */
export interface Exit {
  readonly exitCode: number | null;
  /** Name of the signal that ended it. */
  readonly signal: NodeJS.Signals | null;
}

type Condition = RegExp | ((terminal: TestTerminal) => boolean);

interface Waiter {
  readonly holds: () => boolean;
  readonly settle: (error?: Error) => void;
}

/** What node-pty reads the window by. */
interface DrippingSocket {
  read(): Buffer | null;
  readonly _handle: { reading: boolean; readStart(): void; readStop(): void } | null;
}

const running = new Set<TestTerminal>();

/** Starts the program. Pair with `afterEach(stopAllTerminals)`. */
export function startTerminal(options: TerminalOptions): TestTerminal {
  if (options.command === undefined) ensureFreshBuild();
  return new TestTerminal(options);
}

/** Ends every program that still runs. A test that failed half-way leaves nothing behind. */
export async function stopAllTerminals(): Promise<void> {
  const left = [...running];
  for (const terminal of left) terminal.kill('SIGKILL');
  await Promise.all(left.map((terminal) => terminal.exit));
}

function signalName(number: number): NodeJS.Signals | null {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found === undefined ? null : (found[0] as NodeJS.Signals);
}

/** A program in a window, and what the window shows. */
export class TestTerminal {
  /** Resolves when the program has ended and everything that it wrote is on the screen. */
  readonly exit: Promise<Exit>;
  /** Bytes that the program has written so far. */
  bytesReceived = 0;
  /** False between `CSI ? 25 l` and `CSI ? 25 h`. */
  cursorVisible = true;

  private readonly pty: IPty;
  private readonly view: xterm.Terminal;
  private readonly chunks: Buffer[] = [];
  private readonly waiters = new Set<Waiter>();
  private hasEnded = false;
  private isClosed = false;
  private dripping: NodeJS.Timeout | undefined;

  constructor(options: TerminalOptions) {
    const cols = options.cols ?? 80;
    const rows = options.rows ?? 24;
    this.view = new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 1000 });
    this.followCursorMode();

    const command = options.command ?? process.execPath;
    const start = options.command === undefined ? [path.join(REPOSITORY, 'bin/sharetop.js')] : [];
    this.pty = spawn(command, [...start, ...options.args], {
      name: options.env?.['TERM'] ?? 'xterm-256color',
      cols,
      rows,
      cwd: options.cwd ?? REPOSITORY,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: process.env['HOME'] ?? '/',
        LANG: 'C.UTF-8',
        TERM: 'xterm-256color',
        COLORTERM: 'truecolor',
        TZ: 'UTC',
        ...options.env,
      },
      // Bytes, not text: they are counted, and a character may be cut by the end of a read.
      encoding: null,
    });
    running.add(this);
    this.pty.onData((data) => {
      this.receive(data as unknown as Buffer);
    });
    // A terminal answers questions (where is the cursor, what can you do); some programs wait for that.
    this.view.onData((answer) => {
      if (!this.hasEnded && !this.isClosed) this.pty.write(answer);
    });
    this.exit = new Promise((resolve) => {
      this.pty.onExit(({ exitCode, signal }) => {
        running.delete(this);
        // An empty write comes back after all writes before it have been shown.
        this.view.write('', () => {
          this.hasEnded = true;
          this.checkWaiters();
          const ended = signal === undefined || signal === 0 ? null : signalName(signal);
          resolve(ended === null ? { exitCode, signal: null } : { exitCode: null, signal: ended });
        });
      });
    });
  }

  /** Process id of the program. */
  get pid(): number {
    return this.pty.pid;
  }

  /** Width of the window. */
  get columns(): number {
    return this.view.cols;
  }

  /** Everything that the program wrote, escapes and all. */
  get rawOutput(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }

  /** True while the program has the alternate screen: what the user had before is safe beneath it. */
  get inAlternateScreen(): boolean {
    return this.view.buffer.active.type === 'alternate';
  }

  /** Modes that a program may leave switched on behind it: mouse tracking, bracketed paste, wrapping … */
  get modes(): xterm.IModes {
    return this.view.modes;
  }

  /** The visible lines, top to bottom, without trailing blanks. */
  screen(): string[] {
    const buffer = this.view.buffer.active;
    const lines: string[] = [];
    for (let row = 0; row < this.view.rows; row += 1) {
      // Behind the last column there may be what a wider window held: it would come back with its width.
      lines.push(
        buffer
          .getLine(buffer.baseY + row)
          ?.translateToString(false, 0, this.view.cols)
          .trimEnd() ?? '',
      );
    }
    return lines;
  }

  /** All lines since the beginning, scrolled away or not, without blank ones at the end. */
  everything(): string[] {
    const buffer = this.view.buffer.active;
    const lines = Array.from({ length: buffer.length }, (_, row) => buffer.getLine(row)?.translateToString(true) ?? '');
    return lines.slice(0, lines.findLastIndex((line) => line.trim() !== '') + 1).map((line) => line.trimEnd());
  }

  /** The visible lines as one text. */
  text(): string {
    return this.screen().join('\n');
  }

  /** One cell of the visible screen; x and y count from 0 at the top left. */
  cell(x: number, y: number): Cell {
    const buffer = this.view.buffer.active;
    const found = buffer.getLine(buffer.baseY + y)?.getCell(x);
    if (found === undefined) throw new Error(`no cell at ${x},${y} of ${this.view.cols}×${this.view.rows}`);
    return readCell(found);
  }

  /** Column and row of the cursor, from 0. */
  cursor(): { x: number; y: number } {
    const { cursorX, cursorY } = this.view.buffer.active;
    return { x: cursorX, y: cursorY };
  }

  /**
   * Resolves once the condition holds: a pattern found in `text()`, or a function of the terminal. Rejects, with the
   * screen in the message, after `timeoutMs` or when the program has ended without it. Not looked at between the
   * marks of a synchronized update, since a person does not see half a frame either.
   */
  waitFor(condition: Condition, timeoutMs = WAIT_MS): Promise<void> {
    const holds = (): boolean =>
      condition instanceof RegExp ? new RegExp(condition, condition.flags).test(this.text()) : condition(this);
    return new Promise((resolve, reject) => {
      const settle = (error?: Error): void => {
        clearTimeout(limit);
        clearInterval(poll);
        this.waiters.delete(waiter);
        if (error === undefined) resolve();
        else reject(error);
      };
      const waiter: Waiter = { holds, settle };
      // A condition may depend on more than the screen (a file, the event loop): look without new output, too.
      const poll = setInterval(() => {
        this.checkWaiter(waiter);
      }, 50);
      const limit = setTimeout(() => {
        settle(this.failure(`not seen within ${timeoutMs} ms: ${String(condition)}`));
      }, timeoutMs);
      this.waiters.add(waiter);
      this.checkWaiter(waiter);
    });
  }

  /** Types. Special keys are their bytes: `\r`, `\x1b[A` for up, `\x03` for Ctrl-C. */
  keys(text: string): void {
    this.pty.write(text);
  }

  /** Makes the window larger or smaller; the kernel sends SIGWINCH. */
  resize(cols: number, rows: number): void {
    this.view.resize(cols, rows);
    this.pty.resize(cols, rows);
  }

  /** Sends a signal to the program itself, as `kill` does (a key like Ctrl-C goes to its process group). */
  kill(signal: NodeJS.Signals): void {
    if (!this.hasEnded) this.pty.kill(signal);
  }

  /** Stops reading: a link that hangs. The kernel's buffer fills, and then the program's writes block or fail. */
  stall(): void {
    this.pty.pause();
  }

  /** Reads again after `stall()`. */
  resume(): void {
    if (this.dripping !== undefined) {
      clearInterval(this.dripping);
      this.dripping = undefined;
      const { _socket: socket } = this.pty as unknown as { _socket: DrippingSocket };
      // The stream still waits for the read that was stopped.
      socket._handle?.readStart();
      if (socket._handle) socket._handle.reading = true;
    }
    this.pty.resume();
  }

  /** A slow link until `resume()`: takes so many bytes at a time, one time each so many milliseconds. */
  drip(bytes: number, everyMs: number): void {
    this.pty.pause();
    clearInterval(this.dripping);
    const { fd, _socket: socket } = this.pty as unknown as { fd: number; _socket: DrippingSocket };
    const chunk = Buffer.alloc(bytes);
    this.dripping = setInterval(() => {
      try {
        // A stream that is paused goes on reading for a while: what it has is ours, and it is to read no more.
        const handle = socket._handle;
        if (handle?.reading === true) {
          handle.readStop();
          handle.reading = false;
        }
        const early = socket.read();
        if (early !== null) this.receive(early);
        const length = readSync(fd, chunk);
        if (length > 0) this.receive(Buffer.from(chunk.subarray(0, length)));
      } catch (error) {
        // Nothing is there, or nobody is any more: then the end is left to node-pty.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') this.resume();
      }
    }, everyMs);
    void this.exit.then(() => clearInterval(this.dripping));
  }

  /** Closes the window, as a dropped SSH connection does: SIGHUP, and every further read or write fails. */
  closeTerminal(): void {
    this.isClosed = true;
    // node-pty has no public call for this: `destroy()` also sends a SIGHUP of its own, which would hide a missing one.
    (this.pty as unknown as { _socket: { destroy(): void } })._socket.destroy();
  }

  private receive(chunk: Buffer): void {
    this.bytesReceived += chunk.length;
    this.chunks.push(chunk);
    this.view.write(chunk, () => {
      this.checkWaiters();
    });
  }

  private followCursorMode(): void {
    const CURSOR = 25;
    const follow = (visible: boolean) => (params: (number | number[])[]) => {
      if (params.includes(CURSOR)) this.cursorVisible = visible;
      return false;
    };
    this.view.parser.registerCsiHandler({ prefix: '?', final: 'h' }, follow(true));
    this.view.parser.registerCsiHandler({ prefix: '?', final: 'l' }, follow(false));
  }

  private checkWaiters(): void {
    for (const waiter of this.waiters) this.checkWaiter(waiter);
  }

  private checkWaiter(waiter: Waiter): void {
    if (this.view.modes.synchronizedOutputMode && !this.hasEnded) return;
    try {
      if (waiter.holds()) waiter.settle();
      else if (this.hasEnded) waiter.settle(this.failure('the program ended before the awaited screen came'));
    } catch (error) {
      waiter.settle(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private failure(problem: string): Error {
    const { cols, rows } = this.view;
    const frame = this.screen().map((line) => `  |${line.padEnd(cols)}|`);
    return new Error([`${problem}; the screen, ${cols}×${rows}:`, ...frame].join('\n'));
  }
}
