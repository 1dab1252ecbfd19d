/** The rest of what a program owes its terminal; docs/TESTING.md says where each case is tested. */
import { afterEach, describe, expect, test } from 'vitest';
import { REPOSITORY, SHARETOP } from '../cli/run-tool.js';
import { ensureFreshBuild } from '../fresh-build.js';
import { temporaryDirectory } from '../temporary-directory.js';
import { hostileTrace } from '../cli/hostile-trace.js';
import { processesWith } from './shell.js';
import { startTerminal, stopAllTerminals } from './terminal.js';

afterEach(stopAllTerminals);

const SMALL = 'fixtures/versions/v1.ndjson';

test('TERM=dumb: the view once, no escapes, and a line that says why', async () => {
  const terminal = startTerminal({ args: [SMALL], env: { TERM: 'dumb' }, cols: 100, rows: 60 });
  expect(await terminal.exit).toEqual({ exitCode: 0, signal: null });
  expect(terminal.rawOutput).not.toContain('\x1b');
  expect(terminal.text()).toMatch(/^sharetop: TERM=dumb .*--once$/m);
  expect(terminal.text()).toMatch(/ID NAME/);
});

test('stdin that is no terminal: the view once, no escapes', async () => {
  ensureFreshBuild();
  const script = `"$@" < /dev/null; echo "code $?"`;
  const args = ['-c', script, 'sh', process.execPath, SHARETOP, SMALL];
  const terminal = startTerminal({ command: 'sh', args, cwd: REPOSITORY, cols: 100, rows: 60 });
  await terminal.exit;
  expect(terminal.text()).toMatch(/^code 0$/m);
  expect(terminal.rawOutput).not.toContain('\x1b');
});

test.each([
  [40, 8],
  [20, 5],
])('a window of %i×%i draws, and q quits', async (cols, rows) => {
  const terminal = startTerminal({ args: [SMALL], cols, rows });
  await terminal.waitFor((now) => now.inAlternateScreen && now.text().trim() !== '');
  expect(terminal.screen()).toHaveLength(rows);
  terminal.keys('q');
  expect(await terminal.exit).toEqual({ exitCode: 0, signal: null });
  expect(terminal.inAlternateScreen).toBe(false);
});

describe('a terminal that goes', () => {
  test('ten times over: by SIGHUP, never by an abort, and nobody is left', async () => {
    const directory = temporaryDirectory();
    const trace = hostileTrace(directory);
    for (let round = 0; round < 10; round++) {
      const terminal = startTerminal({ args: [trace] });
      await terminal.waitFor(/\[Domains\]/);
      terminal.closeTerminal();
      expect(await terminal.exit).toEqual({ exitCode: null, signal: 'SIGHUP' });
    }
    expect(processesWith(directory)).toEqual([]);
  });

  test.each([
    ['with SIGHUP ignored by who started it', `trap '' HUP; "$@"`],
    ['in a session of its own, to which no signal comes', `trap '' HUP; setsid -w "$@"`],
  ])('%s', async (_name, script) => {
    ensureFreshBuild();
    const directory = temporaryDirectory();
    const args = ['-c', script, 'sh', process.execPath, SHARETOP, hostileTrace(directory)];
    const terminal = startTerminal({ command: 'sh', args });
    await terminal.waitFor(/\[Domains\]/);
    terminal.closeTerminal();
    await terminal.exit;
    for (let i = 0; i < 200 && processesWith(directory).length > 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(processesWith(directory)).toEqual([]);
  });
});

describe('themes on the screen', () => {
  /** All colours of all SGR sequences; 38 and 48 would be more than sixteen. */
  const coloursOf = (output: string): string[] => {
    const codes = [...output.matchAll(/\x1b\[([\d;]*)m/g)].flatMap(([, parameters]) => parameters.split(';'));
    return [...new Set(codes.filter((code) => /^([349]|10)\d$/.test(code) && code !== '39'))].sort();
  };

  test.each<[string, string[], string[]]>([
    ['dark', ['32', '33', '36', '91', '94', '95'], []],
    ['light', ['31', '34', '35', '90'], []],
    ['cb', ['33', '94'], []],
    ['mono', [], []],
    ['dark', [], ['--no-color']],
  ])('%s is of these colours and no background: %j %j', async (theme, colours, more) => {
    const args = ['fixtures/traces/kvm-five', '--at', '281', '--theme', theme, ...more];
    const terminal = startTerminal({ args, cols: 160, rows: 45 });
    await terminal.waitFor(/ENDED t 280/);
    terminal.keys('q');
    await terminal.exit;
    expect(coloursOf(terminal.rawOutput)).toEqual(colours);
  });

  test('c goes through them and says their names; where colours are off it says so', async () => {
    const terminal = startTerminal({ args: [SMALL], env: { SHARETOP_THEME: 'mono' } });
    await terminal.waitFor(/\[Domains\]/);
    for (const name of ['dark', 'light', 'cb', 'mono']) {
      terminal.keys('c');
      await terminal.waitFor(new RegExp(`Theme ${name},`));
    }
    terminal.keys('q');
    await terminal.exit;
    const colourless = startTerminal({ args: [SMALL], env: { NO_COLOR: '1' } });
    await colourless.waitFor(/\[Domains\]/);
    colourless.keys('c');
    await colourless.waitFor(/Colours are off: --no-color, NO_COLOR/);
    expect(coloursOf(colourless.rawOutput)).toEqual([]);
  });
});
