import { afterEach, expect, test } from 'vitest';

import { startTerminal, stopAllTerminals, type TestTerminal } from './terminal.js';

afterEach(stopAllTerminals);

/** Runs a line of JavaScript in a window. */
function startScript(script: string, size: { cols?: number; rows?: number } = {}): TestTerminal {
  return startTerminal({ command: process.execPath, args: ['-e', script], ...size });
}

const KEEP_RUNNING = 'setInterval(() => {}, 1000);';

test('shows what a program prints, with its colours', async () => {
  const terminal = startScript(
    String.raw`process.stdout.write('plain \x1b[1;31mred\x1b[0m \x1b[38;2;1;2;3;7mrgb\x1b[0m 漢\r\nsecond')`,
  );
  await expect(terminal.exit).resolves.toEqual({ exitCode: 0, signal: null });
  expect(terminal.screen().slice(0, 3)).toEqual(['plain red rgb 漢', 'second', '']);
  expect(terminal.cell(0, 0)).toMatchObject({ text: 'p', foreground: undefined, bold: false, inverse: false });
  expect(terminal.cell(6, 0)).toMatchObject({ text: 'r', foreground: 1, bold: true });
  expect(terminal.cell(10, 0)).toMatchObject({ text: 'r', foreground: '#010203', inverse: true });
  expect(terminal.cell(15, 0).text).toBe('');
  expect(terminal.bytesReceived).toBe(Buffer.byteLength(terminal.rawOutput));
});

test('keys arrive, and the program sees a terminal of the size asked for', async () => {
  const terminal = startScript(
    `process.stdin.setRawMode(true);
     console.log(process.stdout.isTTY, process.stdout.columns, process.stdout.rows, process.env.CI);
     process.stdin.on('data', (key) => {
       console.log(JSON.stringify(String(key)));
       if (String(key) === 'q') process.exit(3);
     })`,
    { cols: 50, rows: 7 },
  );
  await terminal.waitFor(/true 50 7 undefined/);
  terminal.keys('\x1b[A');
  await terminal.waitFor(/"\\u001b\[A"/);
  terminal.keys('q');
  await expect(terminal.exit).resolves.toEqual({ exitCode: 3, signal: null });
});

test('a resize reaches the program', async () => {
  const terminal = startScript(
    `${KEEP_RUNNING} process.stdout.on('resize', () => console.log('now', process.stdout.columns, process.stdout.rows));
     console.log('ready')`,
  );
  await terminal.waitFor(/ready/);
  terminal.resize(100, 30);
  await terminal.waitFor(/now 100 30/);
  expect(terminal.screen()).toHaveLength(30);
});

test('knows the alternate screen and the cursor', async () => {
  const terminal = startScript(
    String.raw`process.stdin.setRawMode(true); process.stdout.write('before\x1b[?1049h\x1b[?25l\x1b[Hinside');
     process.stdin.on('data', () => process.stdout.write('\x1b[?25h\x1b[?1049l after', () => process.exit()))`,
  );
  await terminal.waitFor(/inside/);
  expect(terminal.inAlternateScreen).toBe(true);
  expect(terminal.cursorVisible).toBe(false);
  expect(terminal.text()).not.toContain('before');
  terminal.keys('x');
  await terminal.exit;
  expect(terminal.inAlternateScreen).toBe(false);
  expect(terminal.cursorVisible).toBe(true);
  expect(terminal.screen()[0]).toBe('before after');
});

test('does not look at half a synchronized frame', async () => {
  const terminal = startScript(
    String.raw`process.stdin.setRawMode(true); process.stdout.write('\x1b[?2026hone'); ${KEEP_RUNNING}
     process.stdin.on('data', () => process.stdout.write(' two\x1b[?2026l'))`,
  );
  await waitUntil(() => terminal.rawOutput.includes('one'));
  const seen = terminal.waitFor(/one/).then(() => terminal.text());
  terminal.keys('x');
  expect(await seen).toContain('one two');
});

test('tells a signal from an exit code', async () => {
  const killed = startScript(`console.log('ready'); ${KEEP_RUNNING}`);
  const handled = startScript(`process.on('SIGTERM', () => process.exit(143)); console.log('ready'); ${KEEP_RUNNING}`);
  await Promise.all([killed.waitFor(/ready/), handled.waitFor(/ready/)]);
  killed.kill('SIGTERM');
  handled.kill('SIGTERM');
  await expect(killed.exit).resolves.toEqual({ exitCode: null, signal: 'SIGTERM' });
  await expect(handled.exit).resolves.toEqual({ exitCode: 143, signal: null });
});

test('closing the window hangs the program up', async () => {
  const terminal = startScript(`console.log('ready'); ${KEEP_RUNNING}`);
  await terminal.waitFor(/ready/);
  terminal.closeTerminal();
  await expect(terminal.exit).resolves.toEqual({ exitCode: null, signal: 'SIGHUP' });
});

test('a stalled window blocks the writer, and nothing is lost when it reads again', async () => {
  const size = 1_000_000;
  const terminal = startScript(
    `process.stdin.once('data', () => { process.stdout.write('x'.repeat(${size})); console.log('end') });
     console.log('ready'); process.stdin.setRawMode(true)`,
  );
  await terminal.waitFor(/ready/);
  terminal.stall();
  terminal.keys('go');
  // Its last word stays away: the kernel holds some kilobytes, and the writer waits for room for the rest.
  await expect(terminal.waitFor(/end/, 500)).rejects.toThrow(/not seen within 500 ms/);
  expect(terminal.bytesReceived).toBeLessThan(size);
  terminal.resume();
  await terminal.waitFor(/end/);
  expect(terminal.rawOutput.split('x').length - 1).toBe(size);
});

test('a wait that cannot succeed fails with the screen in its message', async () => {
  const terminal = startScript(`console.log('something else')`);
  await expect(terminal.waitFor(/never/)).rejects.toThrow(/ended before the awaited screen[^]*something else/);
});

/** For conditions that `waitFor` does not look at on purpose. */
async function waitUntil(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}
