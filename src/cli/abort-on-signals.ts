/** Ending a command that writes files: what is half written is removed before the process goes. */
import { EXIT } from './exit-codes.js';

const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

/** What the signals asked for. */
export interface AbortOnSignals {
  readonly signal: AbortSignal;
  /** 128 + number of the signal that came; fine while none did. */
  readonly exitCode: number;
}

/** From here on the first SIGINT, SIGTERM or SIGHUP of its kind aborts, rather than ending the process. */
export function abortOnSignals(): AbortOnSignals {
  const abort = new AbortController();
  let exitCode: number = EXIT.fine;
  for (const [signal, code] of SIGNALS) {
    process.once(signal, () => {
      exitCode = code;
      abort.abort();
    });
  }
  return {
    signal: abort.signal,
    get exitCode() {
      return exitCode;
    },
  };
}
