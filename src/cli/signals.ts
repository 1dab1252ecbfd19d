import type { RunningApp } from '../ui/run-app.js';

/** Signals taken while the screen is shown. */
export interface SignalWatch {
  /** 128 + number of the signal that ended the screen, if one did. */
  readonly exitCode: number | undefined;
  stop(): void;
}

/**
 * SIGINT and SIGTERM give the terminal back and end with 130 and 143. SIGHUP means that there is no terminal any more:
 * nothing is written, the handler is removed and the signal raised again, so that the shell sees what happened (Node
 * would abort on its way out if it tried to reset a terminal that is gone).
 */
export function watchSignals(app: RunningApp): SignalWatch {
  let exitCode: number | undefined;
  const stopWith = (code: number) => (): void => {
    exitCode = code;
    app.stop();
  };
  const onInterrupt = stopWith(130);
  const onTerminate = stopWith(143);
  const onHangUp = (): void => {
    app.abandon();
    process.removeListener('SIGHUP', onHangUp);
    process.kill(process.pid, 'SIGHUP');
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  process.on('SIGHUP', onHangUp);
  return {
    get exitCode() {
      return exitCode;
    },
    stop: () => {
      process.removeListener('SIGINT', onInterrupt);
      process.removeListener('SIGTERM', onTerminate);
      process.removeListener('SIGHUP', onHangUp);
    },
  };
}
