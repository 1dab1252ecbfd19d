/** The files of one process below the proc root, and what their failures mean. */
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { errorCode, systemProblem } from '../../base/system-problem.js';
import { ProcessForbidden, ProcessGone, ProcessUnfit, type ScanTarget } from './domain-scan.js';

const STATE = 0;
const START_TICKS = 19;

/** Fields of a stat file from the third (state) on: the second, the name, may hold anything and ends at a last `)`. */
function statFields(text: string): string[] {
  return text
    .slice(text.lastIndexOf(')') + 2)
    .trim()
    .split(' ');
}

/** What a failure to open or read a file of a process means: the error to throw. */
export function processError(error: unknown, pid: number, what: string): Error {
  if (error instanceof ProcessGone || error instanceof ProcessForbidden || error instanceof ProcessUnfit) return error;
  switch (errorCode(error)) {
    case 'ENOENT':
    case 'ESRCH':
      return new ProcessGone(`process ${pid} has ended`);
    case 'EACCES':
    case 'EPERM':
      return new ProcessForbidden(
        `process ${pid}: its ${what} may not be read; it takes CAP_SYS_PTRACE: run as root or ` +
          'grant that capability (for processes of your own, set /proc/sys/kernel/yama/ptrace_scope to 0)',
      );
    default:
      return new ProcessUnfit(`process ${pid}: ${what}: ${systemProblem(error)}`);
  }
}

/** Opened files of a process; −1 where one is not open. */
export class ProcFiles {
  memFd = -1;
  pagemapFd = -1;
  /** /proc/kpageflags; stays −1 where it may not be read. */
  kpageflagsFd = -1;
  readonly #folder: string;

  constructor(
    readonly procRoot: string,
    readonly target: ScanTarget,
  ) {
    this.#folder = path.join(procRoot, String(target.pid));
  }

  /** Throws ProcessGone unless the process still is the one meant, and no zombie. */
  assertAlive(): void {
    const { pid, startTicks } = this.target;
    const fields = statFields(this.text('stat'));
    if (Number(fields[START_TICKS]) !== startTicks)
      throw new ProcessGone(`process ${pid} has ended; its pid was reused`);
    if (/[ZXx]/.test(fields[STATE])) throw new ProcessGone(`process ${pid} has ended`);
  }

  /** The text of one of its files. Throws as processError says. */
  text(name: string): string {
    try {
      return readFileSync(path.join(this.#folder, name), 'utf8');
    } catch (error) {
      throw processError(error, this.target.pid, name === 'stat' || name === 'maps' ? name : `file ${name}`);
    }
  }

  /** Writes one of its files. Throws as processError says. */
  write(name: string, text: string): void {
    try {
      writeFileSync(path.join(this.#folder, name), text);
    } catch (error) {
      throw processError(error, this.target.pid, `file ${name}`);
    }
  }

  /**
   * Opens its memory anew: a descriptor goes with the address space, and a process that executes another program gets
   * a new one. Throws as processError says.
   */
  reopen(): void {
    this.close();
    this.pagemapFd = this.#open(path.join(this.#folder, 'pagemap'), 'memory');
    this.memFd = this.#open(path.join(this.#folder, 'mem'), 'memory');
    try {
      this.kpageflagsFd = openSync(path.join(this.procRoot, 'kpageflags'), 'r');
    } catch {
      this.kpageflagsFd = -1;
    }
  }

  /** Idempotent. */
  close(): void {
    for (const fd of [this.memFd, this.pagemapFd, this.kpageflagsFd]) if (fd >= 0) closeSync(fd);
    this.memFd = this.pagemapFd = this.kpageflagsFd = -1;
  }

  #open(file: string, what: string): number {
    try {
      return openSync(file, 'r');
    } catch (error) {
      throw processError(error, this.target.pid, what);
    }
  }
}
