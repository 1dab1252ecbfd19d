/**
 * Hostile names and figures all the way to a terminal: engine, snapshot, views, cell sink; keys pressed at random. No
 * byte may reach the terminal but text and the sequences that the sink itself writes.
 */
import { reportText } from '../../src/export/report-text.js';
import { printableJson } from '../../src/base/printable.js';
import { reportJson } from '../../src/export/report-json.js';
import type { Snapshot, ViewRequest } from '../../src/figures/snapshot.js';
import { Monitor } from '../../src/monitor/monitor.js';
import { reportFigures } from '../../src/monitor/report-figures.js';
import { CellSink } from '../../src/ui/cell-sink.js';
import type { Feed } from '../../src/ui/feed.js';
import { COMMANDS } from '../../src/ui/keymap.js';
import { screenLines } from '../../src/ui/screen-lines.js';
import { Store } from '../../src/ui/store.js';
import { lineText } from '../../src/ui/widgets/line-text.js';
import { paletteOf } from '../../src/ui/theme.js';
import { plainText } from '../../src/views/line.js';
import { textWidth } from '../../src/views/text-width.js';
import type { SeededRandom } from '../seeded-random.js';
import { ManualClock } from '../ui/manual-clock.js';
import { type FuzzTarget, pick } from './fuzz-case.js';
import { hostileNames } from './hostile-records.js';
import { hostileText } from './hostile-text.js';

const KEYS = Object.values(COMMANDS).flatMap((command) => command.keys);
const FRAME_MS = 250;
/** What the cell sink writes beside text: modes of screen, cursor and characters, moves, erasing to the end, styles. */
const OWN_SEQUENCES = /\x1b\[(\?(1049|2026|25|7|6)[hl]|4l|r|\d*[CBGH]|\d+;\d+H|K|[\d;]*m)|\x1b\(B|\x0f|\r|\n/g;
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/** A monitor that answers at once. */
class MonitorFeed implements Feed {
  readonly #listeners = new Set<(snapshot: Snapshot) => void>();

  constructor(
    readonly monitor: Monitor,
    readonly name: string,
  ) {}

  request(asked: ViewRequest): void {
    const { engine } = this.monitor;
    const health = {
      gaps: engine.gaps,
      skewMicros: 1e15,
      lagMs: 1e12,
      backlogBytes: 2 ** 53,
      selfCpu: 1e9,
      selfBytes: 2 ** 53,
      streams: 1,
      sourceFound: true,
      notice: 'damaged',
    };
    const snapshot = this.monitor.snapshot(asked, health, { name: this.name, ended: false });
    for (const listener of this.#listeners) listener(snapshot);
  }
  subscribe(listener: (snapshot: Snapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  onFailure(): () => void {
    return () => undefined;
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A terminal that only remembers. */
class Recorded {
  log = '';
  columns = 80;
  rows = 24;
  write(data: string, callback: (error?: Error | null) => void): boolean {
    this.log += data;
    callback(null);
    return true;
  }
  on(): this {
    return this;
  }
  removeListener(): this {
    return this;
  }
}

const NO_EVENTS = { resized: () => undefined, drained: () => undefined, gone: () => undefined };

/** Draws the lines as the app does and looks at the bytes. */
function drawnProblems(store: Store, unicode: boolean): string[] {
  const { columns, rows } = store.state.frame;
  const lines = screenLines(store.state);
  const problems: string[] = [];
  if (lines.length !== rows) problems.push(`${lines.length} lines on a screen of ${rows}`);
  const wide = lines.find((line) => textWidth(plainText(line)) > columns);
  if (wide !== undefined) problems.push(`wider than ${columns}: ${JSON.stringify(plainText(wide))}`);
  const terminal = new Recorded();
  terminal.columns = columns;
  terminal.rows = rows;
  const sink = new CellSink(terminal, NO_EVENTS);
  sink.open();
  sink.write(lines.map((line) => lineText(line, paletteOf('dark'))).join('\n'));
  const text = terminal.log.replace(OWN_SEQUENCES, '');
  if (CONTROL.test(text)) problems.push(`control characters on the terminal: ${JSON.stringify(text)}`);
  if (!unicode && /[^\u0020-\u007e]/.test(text)) problems.push(`not ASCII: ${JSON.stringify(text)}`);
  const plain = lines.map(plainText).join('');
  if (CONTROL.test(plain)) problems.push(`control characters in the view: ${JSON.stringify(plain)}`);
  return problems;
}

/** A person who presses keys and drags the window. */
function watch(monitor: Monitor, random: SeededRandom): string[] {
  const clock = new ManualClock();
  const unicode = random.chance(0.7);
  const source = hostileText(random);
  const frame = { columns: 80, rows: 24, unicode };
  const store = new Store(new MonitorFeed(monitor, source), clock, { source }, frame, () => undefined);
  const problems: string[] = [];
  for (let i = 2 + random.below(4); i > 0 && problems.length === 0; i--) {
    const roll = random.unit();
    if (roll < 0.3) store.resize(20 + random.below(220), 3 + random.below(80));
    else for (let k = random.below(4); k >= 0; k--) store.press(pick(random, KEYS));
    if (random.chance(0.5)) clock.advance(FRAME_MS);
    problems.push(...drawnProblems(store, unicode));
  }
  store.stop();
  return problems;
}

/** Names, labels, marks and groups; keys; what `report` prints. */
export const SCREENS: FuzzTarget = {
  name: 'screens',
  share: 20,
  run: (random) => {
    const monitor = new Monitor({
      names: random.chance(0.5) ? ['dlps', 'oracle'] : ['oracle', 'dlps'],
      dlps: { region: 'unlimited', victim: 'sharers' },
      memoryLimitBytes: 24 * 2 ** 20,
    });
    const records = hostileNames(random);
    monitor.apply(0, { baseTimeMicros: 0, words: records.words, start: 0, end: records.wordCount });
    monitor.settle(Number.POSITIVE_INFINITY);
    const problems = watch(monitor, random);
    const report = reportFigures(monitor);
    const text = [...reportText(report), printableJson(JSON.stringify(reportJson(report)))].join('');
    if (CONTROL.test(text)) problems.push(`control characters in the report: ${JSON.stringify(text)}`);
    return problems;
  },
};
