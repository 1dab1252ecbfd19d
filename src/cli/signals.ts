import { RESTORE } from '../ui/cell-sink.js';
import type { RunningApp } from '../ui/run-app.js';
import type { Terminal } from '../ui/terminal.js';

/** What ends the screen from outside, while it is shown. */
export interface SignalWatch {
  /** 128 + number of the signal that ended the screen, if one did. */
  readonly exitCode: number | undefined;
  stop(): void;
}

/**
 * SIGINT, SIGTERM and SIGQUIT give the terminal back and end with 130, 143 and 131. SIGHUP means that there is no
 * terminal any more: `hangUp`. An error that nobody caught gives the terminal back as well; `app.finished` then
 * rejects with it.
 *
 * @param beforeHangUp what must be done although the process ends on the spot, without `exit` handlers
 */
export function watchSignals(app: RunningApp, terminal: Terminal, beforeHangUp: () => void): SignalWatch {
  let exitCode: number | undefined;
  const stopWith = (code: number) => (): void => {
    exitCode = code;
    app.stop();
  };
  const onInterrupt = stopWith(130);
  const onTerminate = stopWith(143);
  const onQuit = stopWith(131);
  const onHangUp = (): void => {
    app.abandon();
    hangUp(beforeHangUp);
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  process.on('SIGQUIT', onQuit);
  process.on('SIGHUP', onHangUp);
  // Goes before the listeners of `uncaughtException`, which know of no screen.
  process.setUncaughtExceptionCaptureCallback((error: unknown) => crash(app, terminal, error));
  return {
    get exitCode() {
      return exitCode;
    },
    stop: () => {
      process.removeListener('SIGINT', onInterrupt);
      process.removeListener('SIGTERM', onTerminate);
      process.removeListener('SIGQUIT', onQuit);
      process.removeListener('SIGHUP', onHangUp);
      process.setUncaughtExceptionCaptureCallback(null);
    },
  };
}

/**
 * Ends the process for want of a terminal, without writing to it: by SIGHUP with the handlers removed, so that the
 * shell sees what happened. (Node's own way out resets the terminal, and aborts if that fails.)
 */
export function hangUp(beforeHangUp: () => void): void {
  try {
    beforeHangUp();
  } finally {
    process.removeAllListeners('SIGHUP');
    process.kill(process.pid, 'SIGHUP');
  }
}

function crash(app: RunningApp, { input }: Terminal, error: unknown): void {
  try {
    app.crash(error);
  } catch {
    // What is broken may be what closes the screen.
    input.setRawMode?.(false);
    process.stdout.write(RESTORE);
    process.setUncaughtExceptionCaptureCallback(null);
    // To the last handler there is, with the first error: it is the one to report.
    throw error;
  }
}
