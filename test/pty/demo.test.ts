/** The built tool on the bundled recording, as a first user sees it. */
import { afterEach, describe, expect, test } from 'vitest';
import { join } from 'node:path';
import { REPOSITORY } from '../cli/run-tool.js';
import { temporaryDirectory } from '../temporary-directory.js';
import { expectLiveScreen } from './live-screen-file.js';
import { startTerminal, stopAllTerminals, type TestTerminal } from './terminal.js';

afterEach(stopAllTerminals);

const KVM_FIVE = 'fixtures/traces/kvm-five';
const XEN_FOUR = 'fixtures/traces/xen-four';
/** Select Graphic Rendition with a colour: 30–37, 39–49, 90–107. */
const COLOUR = /\x1b\[(?:\d+;)*(?:3[0-9]|4[0-9]|9[0-7]|10[0-7])(?:;\d+)*m/;

async function quit(terminal: TestTerminal): Promise<void> {
  terminal.keys('q');
  expect(await terminal.exit).toEqual({ exitCode: 0, signal: null });
  expect(terminal.inAlternateScreen).toBe(false);
}

describe('a recording at its end', () => {
  test('looks as it did when a person last looked', async () => {
    const terminal = startTerminal({ args: [KVM_FIVE, '--at', '281'], cols: 160, rows: 45 });
    await terminal.waitFor(/ENDED t 280\.669 s .*\n.*143,808 records/);
    // The cursor is on what was first when the first figures came; wherever that was, from here on it is the first.
    terminal.keys('g');
    await expectLiveScreen('main-grid', terminal);
    terminal.keys('t');
    await expectLiveScreen('main-table', terminal);
    terminal.keys('\r');
    await expectLiveScreen('domain', terminal);
    terminal.resize(80, 24);
    await expectLiveScreen('domain', terminal);
    terminal.keys('\x1b');
    await expectLiveScreen('main-table', terminal);
    terminal.keys('t');
    await expectLiveScreen('main-grid', terminal);
    terminal.resize(40, 10);
    await expectLiveScreen('main', terminal);
    await quit(terminal);
  });

  test.each([
    ['--ascii', {}],
    ['LANG=C', { LANG: 'C' }],
  ])('is drawn with ASCII only: %s', async (option, env) => {
    const isFlag = option.startsWith('--');
    const args = isFlag ? [KVM_FIVE, '--at', '281', option] : [XEN_FOUR, '--at', '500'];
    const terminal = startTerminal({ args, env, cols: 160, rows: 45 });
    await terminal.waitFor(/ENDED/);
    terminal.keys('g');
    if (isFlag) await expectLiveScreen('main-grid-ascii', terminal);
    terminal.keys('t');
    await terminal.waitFor(/ID NAME/);
    terminal.keys('\r');
    await terminal.waitFor(/id \d/);
    await terminal.waitFor(/Saved, its fair part/);
    if (isFlag) await expectLiveScreen('domain-ascii', terminal);
    await quit(terminal);
    expect(terminal.rawOutput).not.toMatch(/[^\x00-\x7f]/);
  });
});

describe('colours', () => {
  test.each<[string, string[], Record<string, string>, boolean]>([
    ['are the sixteen of the terminal', [], {}, true],
    ['not with --no-color', ['--no-color'], {}, false],
    ['not with NO_COLOR', [], { NO_COLOR: '1' }, false],
    ['with an empty NO_COLOR', [], { NO_COLOR: '' }, true],
    ['not with CLICOLOR=0', [], { CLICOLOR: '0' }, false],
    ['with FORCE_COLOR before CLICOLOR=0', [], { FORCE_COLOR: '1', CLICOLOR: '0' }, true],
  ])('%s', async (_name, args, env, hasColour) => {
    const terminal = startTerminal({ args: ['fixtures/versions/v1.ndjson', ...args], env });
    await terminal.waitFor(/q Quit/);
    await quit(terminal);
    expect(COLOUR.test(terminal.rawOutput)).toBe(hasColour);
    expect(terminal.rawOutput).not.toMatch(/\x1b\[[\d;]*[34]8[;:]/);
  });
});

describe('the demo', () => {
  test('comes up, moves, and Q leaves its last screen in the shell', async () => {
    const temporary = temporaryDirectory();
    const terminal = startTerminal({
      args: ['demo', '--speed', '30'],
      env: { TMPDIR: temporary },
      cols: 100,
      rows: 30,
    });
    await terminal.waitFor(/demo: kvm-five .*LIVE t \d/);
    await terminal.waitFor(/3 build1/);
    terminal.keys('Q');
    expect(await terminal.exit).toEqual({ exitCode: 0, signal: null });
    expect(terminal.inAlternateScreen).toBe(false);
    expect(terminal.text()).toMatch(/3 build1/);
    expect(terminal.text()).toMatch(/Saved/);
  });

  test('with --once prints and ends, on a terminal too', async () => {
    const terminal = startTerminal({ args: ['demo', '--once'], cols: 100, rows: 60 });
    expect(await terminal.exit).toEqual({ exitCode: 0, signal: null });
    expect(terminal.rawOutput).not.toContain('\x1b');
    expect(terminal.text()).toMatch(/web1/);
    // As wide as the terminal.
    expect(Math.max(...terminal.screen().map((line) => line.length))).toBeGreaterThan(95);
  });

  test('a finished trace that is missing is told before the screen comes', async () => {
    const terminal = startTerminal({ args: [join(REPOSITORY, 'none'), '--at', '5'] });
    expect(await terminal.exit).toEqual({ exitCode: 3, signal: null });
    expect(terminal.text().trim()).toMatch(/^sharetop: .*none: does not exist$/);
    expect(terminal.rawOutput).not.toContain('\x1b');
  });
});
