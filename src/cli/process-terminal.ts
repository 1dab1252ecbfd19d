import type { Terminal } from '../ui/terminal.js';

/** The process's own terminal. */
export function processTerminal(): Terminal {
  return {
    output: process.stdout,
    input: process.stdin,
    suspend: (resume) => {
      process.once('SIGCONT', resume);
      process.kill(0, 'SIGTSTP');
    },
  };
}
