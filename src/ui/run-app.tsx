/** The live screen, from taking the terminal to giving it back. */
import { type Instance, render } from 'ink';
import type { ReactElement } from 'react';
import { App } from './app.js';
import { CalmFeed } from './calm-feed.js';
import { CellSink, type SinkCounters } from './cell-sink.js';
import { type Clock, WALL_CLOCK } from './clock.js';
import type { Feed } from './feed.js';
import { FOCUS_IN, FOCUS_OUT, KeyParser } from './key-parser.js';
import { RowTexts } from './row-marks.js';
import { Store } from './store.js';
import type { Terminal } from './terminal.js';
import { paletteOf } from './theme.js';
import { type InitialView, screenName } from './view-state.js';
import { type DrawChart, loadChart } from './widgets/history-chart.js';

/** What the live screen is made of. */
export interface AppOptions {
  feed: Feed;
  terminal: Terminal;
  clock?: Clock;
  /** false: ASCII only. */
  unicode: boolean;
  initial: InitialView;
  /** Send as little as is of use (`--low-bandwidth`). */
  isLinkSlow?: boolean;
}

/** How the live screen ended. */
export interface AppResult {
  /**
   * `quit`: by a key. `stopped`: by `stop()`. `failed`: the feed has no more figures, `line` says why. `gone`: the
   * terminal is no more; nothing may be written to it.
   */
  reason: 'quit' | 'stopped' | 'failed' | 'gone';
  line: string;
}

/** The live screen while it is shown. */
export interface RunningApp {
  /** Settles when the terminal has been given back; rejects with an error of our own (in drawing, or `crash`). */
  readonly finished: Promise<AppResult>;
  readonly counters: SinkCounters;
  /** Gives the terminal back and ends (SIGINT, SIGTERM). */
  stop(): void;
  /** Ends without touching the terminal (SIGHUP). */
  abandon(): void;
  /** Gives the terminal back and stops the process until it goes on (SIGTSTP). */
  suspend(): void;
  /** Takes the terminal as if it had never been had: others used it while the process was stopped (SIGCONT). */
  retake(): void;
  /** Gives the terminal back; `finished` rejects with the error (an uncaught one). */
  crash(error: unknown): void;
}

/**
 * Entries that React's development build leaves behind, which grow by 66 a frame until memory is gone. 0 in a build
 * with NODE_ENV=production, however long it ran: that is the check that the right React was bundled.
 */
export function developmentMeasures(): number {
  return performance.getEntriesByType('measure').length;
}

/** Ink is given no keyboard: keys go through our own parser, which knows Esc from the beginning of an arrow. */
const NO_INPUT = { isTTY: false } as unknown as NodeJS.ReadStream;
const NO_ERRORS = { write: () => true } as unknown as NodeJS.WriteStream;

class AppRun implements RunningApp {
  readonly finished: Promise<AppResult>;
  #resolve!: (result: AppResult) => void;
  #reject!: (error: unknown) => void;
  readonly #sink: CellSink;
  readonly #store: Store;
  readonly #keys: KeyParser;
  #ink: Instance | undefined;
  readonly #clock: Clock;
  #unsubscribe: () => void = () => undefined;
  readonly #texts = new RowTexts();
  #chart: DrawChart | null = null;
  #isChartWanted = false;
  #isDirty = false;
  #isScheduled = false;
  #isOver = false;
  readonly #onData = (chunk: Uint8Array | string): void => this.#keys.push(chunk);
  readonly #onGone = (): void => this.#end({ reason: 'gone' });

  constructor(private readonly options: AppOptions) {
    const { terminal, unicode, initial, isLinkSlow = false } = options;
    this.#clock = options.clock ?? WALL_CLOCK;
    const feed = isLinkSlow ? new CalmFeed(options.feed, this.#clock) : options.feed;
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const events = {
      resized: () => this.#store.resize(this.#sink.columns, this.#sink.rows),
      drained: () => this.#drawIfDirty(),
      gone: this.#onGone,
    };
    this.#sink = new CellSink(terminal.output, events, {
      expand: (line) => this.#texts.expand(line),
      reportsFocus: isLinkSlow,
    });
    const { columns, rows } = this.#sink;
    const frame = { columns, rows, unicode };
    this.#store = new Store(feed, this.#clock, initial, frame, () => this.#changed());
    this.#keys = new KeyParser(this.#clock, (key) => this.#press(key));
    this.#sink.open();
    this.#listen();
    this.#ink = render(this.#tree(), {
      stdout: this.#sink as unknown as NodeJS.WriteStream,
      stdin: NO_INPUT,
      stderr: NO_ERRORS,
      debug: true,
      patchConsole: false,
      exitOnCtrlC: false,
    });
    // Ink ends by itself only when drawing threw.
    this.#ink.waitUntilExit().catch((error: unknown) => this.crash(error));
    // Last, because a feed that has failed already says so at once.
    this.#unsubscribe = feed.onFailure((line) => this.#end({ reason: 'failed', line }));
  }

  get counters(): SinkCounters {
    return this.#sink.counters;
  }

  stop(): void {
    this.#end({ reason: 'stopped' });
  }

  abandon(): void {
    this.#end({ reason: 'gone' });
  }

  suspend(): void {
    this.#suspend('process');
  }

  retake(): void {
    if (this.#isOver) return;
    const { input } = this.options.terminal;
    // Off and on: what is on already is not set again.
    input.setRawMode?.(false);
    input.setRawMode?.(true);
    this.#sink.retake();
  }

  crash(error: unknown): void {
    this.#end({ reason: 'failed' }, { error });
  }

  #listen(): void {
    const { input } = this.options.terminal;
    input.on('data', this.#onData);
    input.on('end', this.#onGone);
    input.on('close', this.#onGone);
    input.on('error', this.#onGone);
    input.setRawMode?.(true);
    input.resume();
  }

  #unlisten(isTerminalThere: boolean): void {
    const { input } = this.options.terminal;
    input.removeListener('data', this.#onData);
    input.removeListener('end', this.#onGone);
    input.removeListener('close', this.#onGone);
    // The error listener stays, as in the sink: a read under way may still fail.
    if (isTerminalThere) input.setRawMode?.(false);
    input.pause();
  }

  #press(key: string): void {
    if (this.#isOver) return;
    if (key === FOCUS_IN || key === FOCUS_OUT) {
      this.#store.focus(key === FOCUS_IN);
      return;
    }
    const command = this.#store.press(key);
    if (command === 'repaint') this.#sink.repaint();
    else if (command === 'suspend') this.#suspend('group');
    else if (command !== undefined) this.#end({ reason: 'quit' }, { keepsFrame: command === 'quitKeeping' });
  }

  #suspend(whom: 'group' | 'process'): void {
    const { input, suspend } = this.options.terminal;
    if (suspend === undefined) return;
    this.#sink.suspend(() => {
      if (this.#isOver) return;
      input.setRawMode?.(false);
      suspend(whom, () => {
        if (this.#isOver) return;
        input.setRawMode?.(true);
        input.resume();
        this.#sink.resume();
      });
    });
  }

  /** Several keys of one read, or a key and figures, make one frame. */
  #changed(): void {
    this.#isDirty = true;
    if (this.#isScheduled || this.#isOver) return;
    this.#isScheduled = true;
    this.#clock.after(0, () => {
      this.#isScheduled = false;
      this.#drawIfDirty();
    });
  }

  /** While a frame is still on its way to a slow terminal another one would be drawn for nothing. */
  #drawIfDirty(): void {
    if (!this.#isDirty || this.#isOver || this.#sink.busy) return;
    this.#isDirty = false;
    if (screenName(this.#store.state) === 'domain') this.#wantChart();
    this.#ink?.rerender(this.#tree());
  }

  #tree(): ReactElement {
    const { state } = this.#store;
    return <App state={state} palette={paletteOf(state.theme)} chart={this.#chart} texts={this.#texts} />;
  }

  #wantChart(): void {
    if (this.#isChartWanted) return;
    this.#isChartWanted = true;
    void loadChart().then((chart) => {
      this.#chart = chart;
      this.#changed();
    });
  }

  #end(
    how: Partial<AppResult> & Pick<AppResult, 'reason'>,
    { keepsFrame = false, ...failure }: { keepsFrame?: boolean; error?: unknown } = {},
  ): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const isTerminalThere = how.reason !== 'gone';
    if (!isTerminalThere) this.#sink.abandon();
    this.#store.stop();
    this.#unsubscribe();
    this.#keys.stop();
    this.#unlisten(isTerminalThere);
    // Before Ink ends: where `CI` is set its last word is an empty frame, which must not replace the one that stays.
    const closed = this.#sink.close({ keepsFrame });
    this.#ink?.unmount();
    void closed.then(() => {
      if ('error' in failure) this.#reject(failure.error);
      else this.#resolve({ line: '', ...how });
    });
  }
}

/** Takes the terminal and shows the feed on it until the user quits, `stop()`, or the feed or the terminal ends. */
export function runApp(options: AppOptions): RunningApp {
  return new AppRun(options);
}
