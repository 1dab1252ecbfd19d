/** However sharetop ends, and whatever it is doing: the terminal is given back, at once, and nothing is left behind. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { hostileTrace } from '../cli/hostile-trace.js';
import { CONTROL } from '../cli/run-tool.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';
import { flood } from './growing-trace.js';
import { childOf, expectGivenBack, processesWith, startFromShell } from './shell.js';
import { startTerminal, stopAllTerminals, type TestTerminal } from './terminal.js';

afterEach(stopAllTerminals);

const CTRL_C = '\x03';
const CTRL_Z = '\x1a';
/** Of the alternate screen: nothing may be written to a terminal that is gone. */
const LEAVES = '\x1b[?1049l';

/** The promise is one second; a loaded machine gets three chances to keep it. */
const PROMISE_MS = 1000;
const CHANCES = 3;

/** Runs `attempt`, which gives the time that an end took, until it was within the promise. */
async function withinASecond(attempt: () => Promise<number>): Promise<void> {
  const took: number[] = [];
  for (let chance = 0; chance < CHANCES; chance++) {
    took.push(await attempt());
    if ((took.at(-1) ?? PROMISE_MS) < PROMISE_MS) return;
  }
  expect(took).toEqual(`each below ${PROMISE_MS} ms`);
}

/** A trace that stands still, one that pours in, or one that is not there. */
function traceOf(kind: (typeof KINDS)[number]): string {
  const directory = temporaryDirectory();
  if (kind === 'still') return hostileTrace(directory);
  if (kind === 'pouring') flood(directory);
  return kind === 'pouring' ? directory : join(directory, 'none');
}

const SHOWN = { still: /\[Domains\]/, pouring: /flood1/, missing: /There is no/ };
const KINDS = ['still', 'pouring', 'missing'] as const;

async function startShown(
  kind: (typeof KINDS)[number],
  start: (args: string[]) => TestTerminal,
): Promise<TestTerminal> {
  const terminal = start([traceOf(kind)]);
  await terminal.waitFor(SHOWN[kind]);
  return terminal;
}

test.each([
  ['SIGTERM', 143, 'still'],
  ['SIGTERM', 143, 'pouring'],
  ['SIGTERM', 143, 'missing'],
  ['SIGINT', 130, 'pouring'],
  ['SIGQUIT', 131, 'still'],
] as const)('%s gives the terminal back and exits with %i: a trace that is %s', async (signal, code, kind) => {
  await withinASecond(async () => {
    const terminal = await startShown(kind, (args) => startFromShell(args));
    const start = performance.now();
    process.kill(childOf(terminal), signal);
    await terminal.waitFor(/^code \d+$/m);
    const took = performance.now() - start;
    await expectGivenBack(terminal, code);
    return took;
  });
});

describe.each(KINDS)('on a trace that is %s', (kind) => {
  test.each([
    ['q', 'q'],
    ['Ctrl-C', CTRL_C],
  ])('%s quits with 0', async (_name, key) => {
    const terminal = await startShown(kind, (args) => startFromShell(args));
    terminal.keys(key);
    await expectGivenBack(terminal, 0);
  });

  test('SIGHUP ends it as SIGHUP does, and nothing is written', async () => {
    await withinASecond(async () => {
      const terminal = await startShown(kind, (args) => startTerminal({ args }));
      const start = performance.now();
      terminal.kill('SIGHUP');
      expect(await terminal.exit).toEqual({ exitCode: null, signal: 'SIGHUP' });
      expect(terminal.rawOutput).not.toContain(LEAVES);
      return performance.now() - start;
    });
  });

  test('a closed terminal ends it, and no process is left', async () => {
    await withinASecond(async () => {
      const terminal = await startShown(kind, (args) => startTerminal({ args }));
      const start = performance.now();
      terminal.closeTerminal();
      // Whichever is seen first, the signal or the end of the input.
      expect(await terminal.exit).toEqual({ exitCode: null, signal: 'SIGHUP' });
      expect(existsSync(`/proc/${terminal.pid}`)).toBe(false);
      return performance.now() - start;
    });
  });
});

describe('the demo', () => {
  /** Starts it with a temporary directory of its own, which is otherwise empty. */
  async function startDemo(
    start: (args: string[], env: Record<string, string>) => TestTerminal,
  ): Promise<{ terminal: TestTerminal; temporary: string }> {
    const temporary = temporaryDirectory();
    const terminal = start(['demo', '--speed', '50'], { TMPDIR: temporary });
    await terminal.waitFor(/LIVE t \d/);
    expect(readdirSync(temporary)).toHaveLength(1);
    return { terminal, temporary };
  }

  test('removes its directory when it is quit', async () => {
    const { terminal, temporary } = await startDemo((args, env) => startFromShell(args, { env }));
    terminal.keys('q');
    await expectGivenBack(terminal, 0);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('removes it after SIGTERM', async () => {
    const { terminal, temporary } = await startDemo((args, env) => startFromShell(args, { env }));
    process.kill(childOf(terminal), 'SIGTERM');
    await expectGivenBack(terminal, 143);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test.each(['SIGHUP', 'close'])('removes it when the terminal goes (%s)', async (how) => {
    const { terminal, temporary } = await startDemo((args, env) => startTerminal({ args, env }));
    if (how === 'close') terminal.closeTerminal();
    else terminal.kill('SIGHUP');
    await terminal.exit;
    expect(readdirSync(temporary)).toEqual([]);
    expect(processesWith(temporary)).toEqual([]);
  });

  test('says why when its recording cannot be played, and exits with 3', async () => {
    const directory = temporaryDirectory();
    writeInto(directory, 'broken.pgt', 'no trace at all, though it is named so');
    const terminal = startFromShell(['demo', '--recording', join(directory, 'broken.pgt')]);
    await expectGivenBack(terminal, 3);
    expect(terminal.text()).toMatch(/^sharetop: demo: .*broken\.pgt: /m);
  });

  test('says why when it has no room for it', async () => {
    const terminal = startFromShell(['demo'], { env: { TMPDIR: '/none/such' } });
    await expectGivenBack(terminal, 1);
    expect(terminal.text()).toMatch(/^sharetop: .*\/none\/such/m);
  });
});

describe('a failure of our own gives the terminal back and is one line', () => {
  /** Code that runs in each thread before sharetop's; SIGUSR2 makes it throw. */
  function saboteur(directory: string, inWorker: string, inMain: string): string {
    return writeInto(
      directory,
      'saboteur.mjs',
      `import { isMainThread, workerData } from 'node:worker_threads';
       const channel = new BroadcastChannel('saboteur');
       channel.unref();
       if (isMainThread) process.on('SIGUSR2', () => { channel.postMessage(''); ${inMain} });
       else if (workerData?.policies !== undefined) channel.onmessage = () => { ${inWorker} };`,
    );
  }

  async function sabotage(inWorker: string, inMain: string, line: RegExp): Promise<void> {
    const directory = temporaryDirectory();
    const preload = saboteur(directory, inWorker, inMain);
    const terminal = startFromShell([hostileTrace(directory)], { nodeOptions: ['--import', preload] });
    await terminal.waitFor(/\[Domains\]/);
    process.kill(childOf(terminal), 'SIGUSR2');
    await expectGivenBack(terminal, 1);
    const said = terminal
      .screen()
      .filter((text) => text !== '')
      .slice(0, -2);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(line);
  }

  test('an error that nobody caught', async () => {
    await sabotage('', `throw new Error('made for a test\\n\\u001b[31m');`, /^sharetop: made for a test\?\?\[31m$/);
  });

  test('a promise that nobody caught', async () => {
    await sabotage('', `void Promise.reject(new Error('made for a test'));`, /^sharetop: made for a test$/);
  });

  test('an error in the worker', async () => {
    await sabotage(`throw new Error('made for a test');`, '', /^sharetop: made for a test$/);
  });

  test('a worker that is gone', async () => {
    await sabotage(`process.exit(7);`, '', /^sharetop: the engine stopped/);
  });
});

test('Ctrl-Z suspends, fg comes back', async () => {
  const terminal = startTerminal({ command: 'bash', args: ['--norc', '-i'], env: { PS1: '$ ' } });
  await terminal.waitFor(/\$$/m);
  const { command, args } = { command: process.execPath, args: [join(import.meta.dirname, '../../bin/sharetop.js')] };
  terminal.keys(`${command} ${args.join(' ')} ${hostileTrace(temporaryDirectory())}\r`);
  await terminal.waitFor(/\[Domains\]/);
  terminal.keys(CTRL_Z);
  await terminal.waitFor(/Stopped/);
  expect(terminal.inAlternateScreen).toBe(false);
  expect(terminal.cursorVisible).toBe(true);
  terminal.keys("echo a''b\r");
  await terminal.waitFor(/^ab$/m);
  terminal.keys('fg\r');
  await terminal.waitFor((now) => now.inAlternateScreen && /\[Domains\]/.test(now.text()));
  expect(terminal.cursorVisible).toBe(false);
  terminal.keys('q');
  await terminal.waitFor((now) => !now.inAlternateScreen);
  terminal.keys('exit\r');
  await terminal.exit;
});

test('a hostile trace has no way to the terminal', async () => {
  const terminal = startTerminal({ args: [hostileTrace(temporaryDirectory())], cols: 120, rows: 30 });
  await terminal.waitFor(/gnp\.ex/);
  for (const [key, result] of [
    ['t', /╭/],
    ['t', /ID NAME/],
    ['\r', /id \d/],
    ['?', /sharetop help/],
    ['?', /\[Partners\]/],
    ['\x1b', /\[Domains\]/],
  ] as const) {
    terminal.keys(key);
    await terminal.waitFor(result);
    for (const line of terminal.screen()) expect(line).not.toMatch(CONTROL);
  }
  terminal.keys('q');
  expect(await terminal.exit).toEqual({ exitCode: 0, signal: null });
  // Titles and bells, clears, resets: none of what the names hold was sent.
  expect(terminal.rawOutput).not.toMatch(/\x1b[\]Pc_^]|\x07|\x1b\[[0-3]?J|[\u0080-\u009f\u202a-\u202e\u2066-\u2069]/);
});
