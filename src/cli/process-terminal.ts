import type { Terminal } from '../ui/terminal.js';

/** What Node keeps behind a stream; an internal of Node, so every use is guarded. */
interface HandleOwner {
  _handle?: { setBlocking?: (blocking: boolean) => void };
}

/** The process's own terminal. */
export function processTerminal(): Terminal {
  // A terminal is written synchronously by default: with a slow line each frame would stop the whole event loop.
  (process.stdout as unknown as HandleOwner)._handle?.setBlocking?.(false);
  return {
    output: process.stdout,
    input: process.stdin,
    suspend: (resume) => {
      process.once('SIGCONT', resume);
      process.kill(0, 'SIGTSTP');
    },
  };
}
