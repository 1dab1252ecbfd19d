/** sharetop in an interactive shell, which stops and continues it. */
import { readdirSync, readFileSync } from 'node:fs';
import { SHARETOP } from '../cli/run-tool.js';
import { ensureFreshBuild } from '../fresh-build.js';
import { startTerminal, type TestTerminal } from './terminal.js';

/** A shell at its prompt. */
export async function startJobShell(size: { cols?: number; rows?: number } = {}): Promise<TestTerminal> {
  ensureFreshBuild();
  const terminal = startTerminal({ ...size, command: 'bash', args: ['--norc', '-i'], env: { PS1: '$ ' } });
  await terminal.waitFor(/\$$/m);
  return terminal;
}

/** Types the command that starts sharetop. */
export function typeSharetop(terminal: TestTerminal, ...args: string[]): void {
  terminal.keys(`${[process.execPath, SHARETOP, ...args].join(' ')}\r`);
}

/** Process id of the shell's only job. */
export function jobOf(terminal: TestTerminal): number {
  const children = readFileSync(`/proc/${terminal.pid}/task/${terminal.pid}/children`, 'utf8').trim().split(' ');
  if (children.length !== 1 || children[0] === '') throw new Error(`the shell has ${children.length} jobs`);
  return Number(children[0]);
}

/** The states of all threads of a process, each once: `T` when it is stopped as a whole. */
export function threadStates(pid: number): string {
  const states = readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  });
  return [...new Set(states)].sort().join('');
}
