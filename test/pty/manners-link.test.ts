/** A link that is slow, or takes nothing at all, holds nothing up: not the reading, not the keys, not the end. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { REPOSITORY, SHARETOP } from '../cli/run-tool.js';
import { ensureFreshBuild } from '../fresh-build.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';
import { PacedReplay } from './growing-trace.js';
import { expectGivenBack, startFromShell } from './shell.js';
import { bytesRead, SteppedTrace } from './stepped-trace.js';
import { startTerminal, stopAllTerminals, type TestTerminal } from './terminal.js';

afterEach(stopAllTerminals);

const CTRL_L = '\x0c';
/** Most of what a frame of this window can be. */
const FRAME_BYTES_MAX = 40_000;

/** sharetop, and a look inside: how many bytes wait for the terminal. Its main thread answers, or nobody does. */
class ProbedTool {
  readonly terminal: TestTerminal;
  readonly trace: SteppedTrace;
  readonly #answers: string;
  #asked = 0;

  constructor(cols = 160, rows = 45) {
    ensureFreshBuild();
    const directory = temporaryDirectory();
    this.#answers = join(directory, 'answers');
    this.trace = new SteppedTrace(join(directory, 'trace'));
    const probe = writeInto(
      directory,
      'probe.mjs',
      `import { appendFileSync } from 'node:fs';
       import { isMainThread } from 'node:worker_threads';
       const waiting = () => process.stdout.writableLength + (process.stdout._handle?.writeQueueSize ?? 0);
       const answer = () => appendFileSync(${JSON.stringify(this.#answers)}, waiting() + '\\n');
       if (isMainThread) process.on('SIGUSR2', answer);`,
    );
    const args = ['--import', probe, SHARETOP, join(directory, 'trace')];
    this.terminal = startTerminal({ command: process.execPath, args, cols, rows });
  }

  /** Asks, and waits for the answer: the event loop went round. */
  async bytesWaiting(): Promise<number> {
    this.#asked += 1;
    this.terminal.kill('SIGUSR2');
    let lines: string[] = [];
    await until(() => {
      lines = readFileSync(this.#answers, { encoding: 'utf8', flag: 'a+' }).trimEnd().split('\n');
      return lines[0] !== '' && lines.length >= this.#asked;
    });
    return Number(lines.at(-1));
  }

  /** Writes more of the trace, and waits until it was read: reading goes no further than what was applied. */
  async pour(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      const before = bytesRead(this.terminal.pid);
      const written = this.trace.bytes;
      this.trace.pour();
      await until(() => bytesRead(this.terminal.pid) - before >= this.trace.bytes - written);
    }
  }

  /** Stops the link, and lets the trace go on until the kernel takes no more for it. */
  async stall(): Promise<void> {
    await this.terminal.waitFor(/step3/);
    this.terminal.stall();
    while ((await this.bytesWaiting()) === 0) await this.pour(1);
  }
}

/** For what is not on the screen. */
async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 30_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('a link that takes nothing', () => {
  test('the trace is read on, one frame waits, keys are obeyed, and then the newest is shown', async () => {
    const tool = new ProbedTool();
    const { terminal } = tool;
    await terminal.waitFor(/\[Domains\].*sort SAVED/);
    await tool.stall();
    const seen = terminal.bytesReceived;
    const waiting: number[] = [];
    for (let round = 0; round < 8; round++) {
      if (round === 4) terminal.keys('ss');
      await tool.pour(2);
      waiting.push(await tool.bytesWaiting());
    }
    // Nothing came out, all went in, and what waits is the one frame of the beginning.
    expect(terminal.bytesReceived).toBe(seen);
    expect(new Set(waiting).size).toBe(1);
    expect(waiting[0]).toBeLessThan(FRAME_BYTES_MAX);
    terminal.resume();
    await terminal.waitFor(/\[Domains\].*sort PRIV/);
    const records = (tool.trace.bytes / 16).toLocaleString('en-US').slice(0, -4);
    await terminal.waitFor(new RegExp(`${records}[\\d,]+ records`));
    // Whole: drawn anew it is the same.
    const domains = (): string => terminal.screen().slice(8, 20).join('\n');
    let before = '';
    await terminal.waitFor(() => {
      const isSame = before === domains();
      before = domains();
      return isSame;
    });
    const bytes = terminal.bytesReceived;
    terminal.keys(CTRL_L);
    await terminal.waitFor((now) => now.bytesReceived - bytes > 2000 && domains() === before);
    terminal.keys('q');
    expect(await terminal.exit).toEqual({ exitCode: 0, signal: null });
  });

  test.each([
    ['q', (terminal: TestTerminal) => terminal.keys('q'), 0],
    ['Q', (terminal: TestTerminal) => terminal.keys('Q'), 0],
    ['SIGTERM', (terminal: TestTerminal) => terminal.kill('SIGTERM'), 143],
    ['SIGINT', (terminal: TestTerminal) => terminal.kill('SIGINT'), 130],
  ] as const)('%s ends it all the same', async (_name, end, exitCode) => {
    const tool = new ProbedTool();
    await tool.stall();
    end(tool.terminal);
    expect(await tool.terminal.exit).toEqual({ exitCode, signal: null });
  });
});

describe('a slow link', () => {
  // 1,200 B/s in a tenth of the time; the real pace is measured by the bench.
  test('shows the right figures when they rest, and gives the terminal back', async () => {
    const trace = join(temporaryDirectory(), 'trace');
    const replay = new PacedReplay(join(REPOSITORY, 'fixtures/traces/kvm-five'), trace, 30);
    const terminal = startFromShell([trace], { cols: 80, rows: 24 });
    terminal.drip(120, 10);
    await terminal.waitFor(/LIVE t [1-9]/);
    terminal.keys('?');
    await terminal.waitFor(/sharetop help/);
    terminal.keys('?');
    await terminal.waitFor(/\[Domains\]/);
    await terminal.waitFor(/LIVE t [2-9]\d/);
    replay.hold();
    const gauges = (): string => terminal.screen().slice(2, 16).join('\n');
    let before = '';
    let same = 0;
    await terminal.waitFor(() => {
      same = gauges() === before ? same + 1 : 0;
      before = gauges();
      return same > 200;
    });
    terminal.resume();
    const bytes = terminal.bytesReceived;
    terminal.keys(CTRL_L);
    await terminal.waitFor((now) => now.bytesReceived - bytes > 1000 && gauges() === before);
    terminal.drip(12, 10);
    replay.go(60);
    await terminal.waitFor(() => gauges() !== before);
    terminal.keys('q');
    // However long it takes, as long as something moves: nothing is left of the screen.
    await expectGivenBack(terminal, 0);
  });
});

test('--low-bandwidth asks for the focus, goes by it, and gives it back', async () => {
  const trace = join(temporaryDirectory(), 'trace');
  const replay = new PacedReplay(join(REPOSITORY, 'fixtures/traces/kvm-five'), trace, 10);
  const terminal = startTerminal({ args: [trace, '--low-bandwidth'], cols: 100, rows: 30 });
  await terminal.waitFor(/LIVE t [1-9]/);
  expect(terminal.text()).not.toMatch(/self \d/);
  expect(terminal.modes.sendFocusMode).toBe(true);
  terminal.keys('\x1b[O');
  terminal.keys('+');
  await terminal.waitFor(/Figures every 1 s/);
  terminal.keys('\x1b[I');
  replay.go(100);
  await terminal.waitFor(/LIVE t 2\d\d\.000 s/);
  terminal.keys('q');
  expect(await terminal.exit).toEqual({ exitCode: 0, signal: null });
  expect(terminal.modes.sendFocusMode).toBe(false);
});
