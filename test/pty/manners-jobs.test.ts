/** Stopped and continued, by the key and from outside; drawn anew; left on the screen. */
import { readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { REPOSITORY } from '../cli/run-tool.js';
import { temporaryDirectory } from '../temporary-directory.js';
import { PacedReplay } from './growing-trace.js';
import { jobOf, startJobShell, threadStates, typeSharetop } from './job-shell.js';
import { startTerminal, stopAllTerminals, type TestTerminal } from './terminal.js';

afterEach(stopAllTerminals);

const CTRL_L = '\x0c';
const CTRL_Z = '\x1a';
const RECORDING = join(REPOSITORY, 'fixtures/traces/kvm-five');
const RECORDS = '143,808 records';
/** The whole recording, at its end: nothing moves but our own cost in the second line. */
const ENDED = [RECORDING, '--at', '281'];

/**
 * What stands still at the end of a recording: not the line that tells our own cost, nor the hot pages, of which the
 * last event is known only as finely as the screen was asked for.
 */
function figures(terminal: TestTerminal): string {
  const lines = terminal.screen();
  const hot = lines.findIndex((line) => / Hot pages /.test(line));
  return lines.filter((_, row) => row !== 1 && (row < hot || row === lines.length - 1)).join('\n');
}

async function startEnded(cols: number, rows: number, env: Record<string, string> = {}): Promise<TestTerminal> {
  const terminal = startTerminal({ args: ENDED, cols, rows, env });
  await terminal.waitFor(/ENDED t 280\.669 s/);
  terminal.keys('g');
  let before = '';
  await terminal.waitFor(/▶/);
  // Looked at every 50 ms, and at every frame.
  let same = 0;
  await terminal.waitFor((now) => {
    same = figures(now) === before ? same + 1 : 0;
    before = figures(now);
    return same > 10;
  });
  return terminal;
}

/** Stops it by `how`, and waits until every thread has stopped. */
async function stopped(terminal: TestTerminal, job: number, how: () => void): Promise<void> {
  how();
  await terminal.waitFor(() => threadStates(job) === 'T');
}

describe('in a shell with job control', () => {
  test('Ctrl-Z, a trace and a window that go on, fg: the new size, and no record lost', async () => {
    const trace = join(temporaryDirectory(), 'trace');
    const replay = new PacedReplay(RECORDING, trace, 30);
    const terminal = await startJobShell({ cols: 160, rows: 45 });
    typeSharetop(terminal, trace);
    await terminal.waitFor(/LIVE t [1-9]/);
    const job = jobOf(terminal);
    await stopped(terminal, job, () => terminal.keys(CTRL_Z));
    await terminal.waitFor(/Stopped/);
    expect(terminal.inAlternateScreen).toBe(false);
    expect(terminal.cursorVisible).toBe(true);
    terminal.keys("echo a''b\r");
    await terminal.waitFor(/^ab$/m);

    replay.go(2000);
    await replay.done;
    // Only the shell hears of this: the signal goes to the group that has the terminal.
    terminal.resize(120, 30);
    terminal.keys("echo c''d\r");
    await terminal.waitFor(/^cd$/m);
    expect(threadStates(job)).toBe('T');

    terminal.keys('fg\r');
    await terminal.waitFor((now) => now.inAlternateScreen && now.text().includes(RECORDS));
    await terminal.waitFor((now) => /^q Quit/.test(now.screen()[29]));
    expect(terminal.cursorVisible).toBe(false);
    await terminal.waitFor(/lag 0\.0s/);

    // Once more, and then it ends as if nothing had been.
    await stopped(terminal, job, () => terminal.keys(CTRL_Z));
    terminal.keys('fg\r');
    await terminal.waitFor((now) => now.inAlternateScreen && /^q Quit/.test(now.screen()[29]));
    terminal.keys('q');
    await terminal.waitFor((now) => !now.inAlternateScreen);
    terminal.keys('echo "code $?"\r');
    await terminal.waitFor(/^code 0$/m);
  });

  test.each(['SIGTSTP', 'SIGSTOP'] as const)('%s from outside, then fg', async (signal) => {
    const terminal = await startJobShell();
    typeSharetop(terminal, ...ENDED);
    await terminal.waitFor(/ENDED t 280\.669 s/);
    const job = jobOf(terminal);
    await stopped(terminal, job, () => process.kill(job, signal));
    await terminal.waitFor(/Stopped/);
    // Nothing can be done about SIGSTOP; the other one gives the screen back first.
    if (signal === 'SIGTSTP') expect(terminal.inAlternateScreen).toBe(false);
    terminal.keys("stty sane; printf '\\033[?1049l\\033[?25h'; echo a''b\r");
    await terminal.waitFor(/^ab$/m);
    expect(terminal.inAlternateScreen).toBe(false);
    terminal.keys('fg\r');
    await terminal.waitFor((now) => now.inAlternateScreen && /^q Quit/.test(now.screen()[23]));
    expect(terminal.cursorVisible).toBe(false);
    // The line is raw again: a key is obeyed without Enter, and is not echoed.
    terminal.keys('?');
    await terminal.waitFor(/sharetop help/);
    expect(terminal.text()).not.toContain('fg');
    terminal.keys('q');
    await terminal.waitFor((now) => !now.inAlternateScreen);
  });

  test('SIGCONT to one that runs only draws it anew', async () => {
    const terminal = await startEnded(80, 24);
    const before = figures(terminal);
    const bytes = terminal.bytesReceived;
    terminal.kill('SIGCONT');
    await terminal.waitFor((now) => now.bytesReceived - bytes > 1000 && figures(now) === before);
    terminal.keys('q');
    expect(await terminal.exit).toEqual({ exitCode: 0, signal: null });
  });
});

test('Ctrl-Z with no shell to come back to changes nothing', async () => {
  // The leader of a session of its own: nobody could continue it, so the kernel does not stop it.
  const terminal = await startEnded(80, 24);
  const before = figures(terminal);
  terminal.keys(CTRL_Z);
  await terminal.waitFor((now) => now.rawOutput.includes('\x1b[?1049l'));
  await terminal.waitFor((now) => now.inAlternateScreen && figures(now) === before);
  terminal.keys('?');
  await terminal.waitFor(/sharetop help/);
  terminal.keys('q');
  expect(await terminal.exit).toEqual({ exitCode: 0, signal: null });
});

test('Ctrl-L: whatever another program left on the screen is gone', async () => {
  const terminal = await startEnded(100, 30);
  const before = figures(terminal);
  const cells = terminal.cell(10, 4);
  // Line drawing, margins, insert mode, a cursor, wrapping, colours: what wall, cat of a binary, or a crash leaves.
  const garbage =
    '\x1b[7;9r\x1b[4h\x1b(0\x1b[?25h\x1b[?7h\x1b[3;5H\x1b[41mBroadcast message from root\x1b[14;1Hqqq\r\n\n\n';
  writeFileSync(readlinkSync(`/proc/${terminal.pid}/fd/1`), garbage);
  await terminal.waitFor((now) => figures(now) !== before && now.cursorVisible);
  terminal.keys(CTRL_L);
  await terminal.waitFor((now) => figures(now) === before);
  expect(terminal.cell(10, 4)).toEqual(cells);
  expect(terminal.cursorVisible).toBe(false);
  expect(terminal.modes).toMatchObject({ wraparoundMode: false, insertMode: false, originMode: false });
  // And what is drawn from here on stays right.
  terminal.keys('t');
  await terminal.waitFor(/╭/);
  terminal.keys('t');
  await terminal.waitFor((now) => figures(now) === before);
  terminal.keys('q');
  await terminal.exit;
});

describe('Q prints the last screen, whole and as it was', () => {
  test.each([
    ['main', '', 160, 45, {}],
    ['domain', '\r', 80, 24, {}],
    ['help', '?', 40, 10, {}],
    // There Ink sends one more, empty frame as it ends.
    ['help where CI is set', '?', 80, 24, { CI: 'true' }],
  ])('%s', async (_name, keys, cols, rows, env) => {
    const terminal = await startEnded(cols, rows, env);
    terminal.keys(keys);
    if (keys === '\r') await terminal.waitFor(/id \d/);
    if (keys === '?') await terminal.waitFor(/help/);
    const shown = terminal.screen();
    const marked = shown.map((_, row) => terminal.cell(0, row));
    terminal.keys('Q');
    expect(await terminal.exit).toEqual({ exitCode: 0, signal: null });
    expect(terminal.inAlternateScreen).toBe(false);
    const printed = terminal.everything();
    // Our own cost is told in the second line.
    const hot = shown.findIndex((line) => / Hot pages /.test(line));
    for (const row of shown.keys()) {
      if (row !== 1 && !(hot >= 0 && row > hot && row < rows - 1)) expect(printed[row] ?? '').toBe(shown[row]);
    }
    expect(printed.length).toBeLessThanOrEqual(rows);
    // With its colours: the first rows that are still in the window.
    const scrolled = Math.max(0, printed.length + 1 - rows);
    for (let row = Math.max(2, scrolled); row < rows; row++) {
      if (marked[row].text.trim() !== '') expect(terminal.cell(0, row - scrolled)).toEqual(marked[row]);
    }
  });
});
