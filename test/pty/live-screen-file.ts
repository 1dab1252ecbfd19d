/** Golden screens of the built tool: `fixtures/screens/live-<screen>-<columns>x<rows>.txt`; see docs/TESTING.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { TestTerminal } from './terminal.js';

const FOLDER = new URL('../../fixtures/screens/', import.meta.url);
const GOLDEN_WAIT_MS = 15_000;

/**
 * The screen without what another run of the same trace may show otherwise: what sharetop itself costs, and when a hot
 * page was last seen to do something, which is only known as finely as the screen was asked for.
 */
export function steadyText(terminal: TestTerminal): string {
  let last = -1;
  const lines = terminal.screen().map((line) => {
    const head = / LAST( |$)/.exec(line);
    if (head !== null) last = head.index;
    if (/^.? +\d+ [0-9a-f….]{9,16} /.test(line) && last > 0)
      return line.slice(0, last) + '     ' + line.slice(last + 5);
    return line.replace(/ +self [\d.]+% \S+ \S+$/, '');
  });
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

/** Waits for the golden screen of that name; says how the screen differs if it does not come. */
export async function expectLiveScreen(name: string, terminal: TestTerminal): Promise<void> {
  const { length } = terminal.screen();
  const file = new URL(`live-${name}-${terminal.columns}x${length}.txt`, FOLDER);
  if (process.env['UPDATE_SCREENS'] === '1') {
    await waitUntilSteady(terminal);
    writeFileSync(file, steadyText(terminal));
  }
  const golden = readFileSync(file, 'utf8');
  await terminal.waitFor((now) => steadyText(now) === golden, GOLDEN_WAIT_MS).catch(() => undefined);
  expect(steadyText(terminal)).toBe(golden);
}

async function waitUntilSteady(terminal: TestTerminal): Promise<void> {
  let before = '';
  let since = performance.now();
  await terminal.waitFor(() => {
    const now = steadyText(terminal);
    if (now !== before) since = performance.now();
    before = now;
    return performance.now() - since > 1500;
  });
}
