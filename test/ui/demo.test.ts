/** The bundled app in a real terminal: what only a process of its own shows. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bundleOptions } from '../../scripts/build.mjs';
import { startTerminal, stopAllTerminals, type TestTerminal } from '../pty/terminal.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sharetop-demo-'));
  const { outputFiles } = await build({ ...(await bundleOptions({ demo: 'test/ui/demo.tsx' })), write: false });
  await writeFile(path.join(folder, 'package.json'), '{"type":"module"}');
  for (const file of outputFiles) await writeFile(path.join(folder, path.basename(file.path)), file.contents);
});

afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(stopAllTerminals);

function start(cols: number, rows: number, env: Record<string, string> = {}): TestTerminal {
  const args = [path.join(folder, 'demo.js'), '16'];
  return startTerminal({ command: process.execPath, args, cols, rows, env });
}

/** What demo.tsx prints at its end. */
interface Figures {
  reason: string;
  drawn: number;
  bytes: number;
  measures: number;
}

async function figuresAtEnd(terminal: TestTerminal): Promise<Figures> {
  await terminal.exit;
  return JSON.parse(/\{"reason".*\}/s.exec(terminal.text().replaceAll('\n', ''))![0]) as Figures;
}

describe('the bundled app', () => {
  for (const [cols, rows, budget] of [
    [80, 24, 800],
    [200, 60, 2500],
  ] as const) {
    test(`writes at most ${budget} bytes a frame at ${cols}×${rows}`, async () => {
      const terminal = start(cols, rows, { FRAME_MS: '60' });
      await terminal.waitFor(/LIVE/);
      // A quarter of the domains, every rate and the clock change with each frame, and more frames than a person sees.
      const before = terminal.bytesReceived;
      const begins = terminal.rawOutput.split('\x1b[?2026h').length;
      await terminal.waitFor((seen) => seen.rawOutput.split('\x1b[?2026h').length >= begins + 30);
      const frames = terminal.rawOutput.split('\x1b[?2026h').length - begins;
      expect((terminal.bytesReceived - before) / frames).toBeLessThanOrEqual(budget);
      terminal.keys('q');
      const figures = await figuresAtEnd(terminal);
      expect(figures.reason).toBe('quit');
      // The development build of React leaves 66 of them a frame.
      expect(figures.measures).toBe(0);
      expect(figures.drawn).toBeGreaterThan(30);
      expect(terminal.inAlternateScreen).toBe(false);
      expect(terminal.cursorVisible).toBe(true);
      expect(terminal.rawOutput).not.toMatch(/\x1b\[[23]J/);
    });
  }

  test('draws also where CI is set, and charts without a word on stderr', async () => {
    const terminal = start(160, 45, { CI: 'true' });
    await terminal.waitFor(/LIVE/);
    terminal.keys('\r');
    await terminal.waitFor(/━ shared/);
    expect(terminal.text()).not.toMatch(/Warning/);
    terminal.keys('q');
    await expect(terminal.exit).resolves.toEqual({ exitCode: 0, signal: null });
  });

  test('ends when its window is closed, even if the hang-up signal is ignored', async () => {
    const terminal = start(80, 24, { IGNORE_HANGUP: '1' });
    await terminal.waitFor(/LIVE/);
    terminal.closeTerminal();
    await terminal.exit;
  });

  test('SIGTERM gives the terminal back', async () => {
    const terminal = start(80, 24);
    await terminal.waitFor(/LIVE/);
    terminal.kill('SIGTERM');
    await expect(figuresAtEnd(terminal)).resolves.toMatchObject({ reason: 'stopped' });
    expect(terminal.inAlternateScreen).toBe(false);
    expect(terminal.cursorVisible).toBe(true);
  });
});
