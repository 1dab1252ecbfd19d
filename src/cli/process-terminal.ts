import { openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { systemProblem } from '../base/system-problem.js';
import type { JobControl } from './job-control.js';
import type { Terminal } from '../ui/terminal.js';

/** A terminal whose input is this process's to close. */
export interface OwnTerminal extends Terminal {
  input: ReadStream;
}

const TTY = '/dev/tty';

/** The process's own terminal. */
export function processTerminal(jobs: JobControl): OwnTerminal {
  return { output: process.stdout, input: process.stdin, suspend: jobs.suspend };
}

/**
 * The terminal that the process was started from, for when stdin is something else. Throws an Error with one line if
 * there is none (a job without a session, a container without a terminal).
 */
export function controllingTerminal(jobs: JobControl): OwnTerminal {
  let descriptor: number;
  try {
    descriptor = openSync(TTY, 'r');
  } catch (error) {
    const problem = systemProblem(error).replace(/^ENXIO.*/, 'there is none');
    throw new Error(`keys come from ${TTY}, the terminal, and ${problem}; --once prints the view without keys`);
  }
  return { output: process.stdout, input: new ReadStream(descriptor), suspend: jobs.suspend };
}
