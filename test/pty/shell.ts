/** sharetop as people start it: from a shell, which sees how it ended and in which state it left the terminal. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { SHARETOP } from '../cli/run-tool.js';
import { ensureFreshBuild } from '../fresh-build.js';
import { startTerminal, type TerminalOptions, type TestTerminal } from './terminal.js';

// The settings of the line (raw or not, echo, keys of signals) before and after, as one word of numbers.
const SCRIPT = `
before=$(stty -g)
"$@"
code=$?
if [ "$before" = "$(stty -g)" ]; then echo "line as before"; else echo "line changed"; stty -a; fi
echo "code $code"
read answer`;

/** Size, environment, and options of Node itself. */
type ShellOptions = Omit<TerminalOptions, 'args' | 'command'> & { nodeOptions?: readonly string[] };

/** Starts `sharetop ARGS…` from a shell that waits for a line at the end. */
export function startFromShell(args: readonly string[], options: ShellOptions = {}): TestTerminal {
  ensureFreshBuild();
  const command = [process.execPath, ...(options.nodeOptions ?? []), SHARETOP, ...args];
  return startTerminal({ ...options, command: 'sh', args: ['-c', SCRIPT, 'sh', ...command] });
}

/** Process id of the sharetop that the shell runs. */
export function childOf(terminal: TestTerminal): number {
  const children = readFileSync(`/proc/${terminal.pid}/task/${terminal.pid}/children`, 'utf8').trim().split(' ');
  expect(children).toHaveLength(1);
  return Number(children[0]);
}

/** Waits until the shell is back, and checks that the terminal is as it was. */
export async function expectGivenBack(terminal: TestTerminal, code: number): Promise<void> {
  await terminal.waitFor(/^code \d+$/m);
  expect(terminal.inAlternateScreen).toBe(false);
  expect(terminal.cursorVisible).toBe(true);
  expect(terminal.text()).toContain('line as before');
  expect(terminal.text()).toContain(`code ${code}`);
  const { bracketedPasteMode, mouseTrackingMode, synchronizedOutputMode, wraparoundMode } = terminal.modes;
  expect({ bracketedPasteMode, mouseTrackingMode, synchronizedOutputMode, wraparoundMode }).toEqual({
    bracketedPasteMode: false,
    mouseTrackingMode: 'none',
    synchronizedOutputMode: false,
    wraparoundMode: true,
  });
  // What the program wrote, and the shell's two lines: no stack trace.
  expect(terminal.text()).not.toMatch(/\bat .*:\d+:\d+|node:internal/);
  terminal.keys('\r');
  expect(await terminal.exit).toEqual({ exitCode: 0, signal: null });
}

/** Processes whose command line holds `text`. */
export function processesWith(text: string): string[] {
  const all = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  return all.filter((line) => line.includes(text) && !line.includes('ps -eo'));
}
