import { RESTORE } from '../ui/cell-sink.js';
import type { RunningApp } from '../ui/run-app.js';

/** What ends the screen from outside, while it is shown. */
export interface SignalWatch {
  /** 128 + number of the signal that ended the screen, if one did. */
  readonly exitCode: number | undefined;
  stop(): void;
}

/**
 * SIGINT, SIGTERM and SIGQUIT give the terminal back and end with 130, 143 and 131. SIGHUP means that there is no terminal any more:
 * nothing is written, the handler is removed and the signal raised again, so that the shell sees what happened (Node
 * would abort on its way out if it tried to reset a terminal that is gone). An error that nobody caught gives the
 * terminal back as well; `app.finished` then rejects with it.
 *
 * @param beforeHangUp what must be done although SIGHUP ends the process on the spot, without `exit` handlers
 */
export function watchSignals(app: RunningApp, beforeHangUp: () => void): SignalWatch {
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
    beforeHangUp();
    process.removeListener('SIGHUP', onHangUp);
    process.kill(process.pid, 'SIGHUP');
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  process.on('SIGQUIT', onQuit);
  process.on('SIGHUP', onHangUp);
  // Goes before the listeners of `uncaughtException`, which know of no screen.
  process.setUncaughtExceptionCaptureCallback((error: unknown) => crash(app, error));
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

function crash(app: RunningApp, error: unknown): void {
  try {
    app.crash(error);
  } catch {
    // What is broken may be what closes the screen.
    process.stdin.setRawMode(false);
    process.stdout.write(RESTORE);
    process.setUncaughtExceptionCaptureCallback(null);
    // To the last handler there is, with the first error: it is the one to report.
    throw error;
  }
}
