/** What a command line names as its trace: a path, or `-`, the standard input. */
import type { Readable } from 'node:stream';
import { STDIN_NAME, STDIN_PATH } from '../source/stdin-source.js';
import type { GivenStdin } from './read-trace.js';
import { UsageError } from './usage-error.js';

/** What `--ndjson` means, wherever a trace may be `-`. */
export const NDJSON_HELP = 'with - as the trace: it is NDJSON, whatever its first bytes are';

/** The standard input of the process. */
export interface StandardInput extends Readable {
  /** Somebody types on it. */
  readonly isTTY: boolean;
}

/** A trace as given, and how it is called in messages and headers. */
export interface GivenTrace {
  readonly trace: string | GivenStdin;
  readonly name: string;
}

/** Throws UsageError if the path is the standard input, for a command that needs files. */
export function refuseStdin(command: string, path: string): void {
  if (path !== STDIN_PATH) return;
  throw new UsageError(
    `${command}: it needs files; only sharetop, report and convert read -; a file of that name is ./-`,
  );
}

/**
 * Reads the argument TRACE and the flag `--ndjson`. Throws UsageError if the standard input is a terminal, or the flag
 * is given with a path.
 */
export function givenTrace(path: string, ndjson: boolean | undefined, stdin: () => StandardInput): GivenTrace {
  if (path === '') throw new UsageError("the trace is '': name a trace directory or file, or - for the standard input");
  if (path !== STDIN_PATH) {
    if (ndjson !== true) return { trace: path, name: path };
    throw new UsageError('--ndjson says what comes through the standard input: write - as the trace');
  }
  const input = stdin();
  if (input.isTTY) {
    throw new UsageError('-: the standard input is the terminal; send a trace into it, e.g. cat a.pgt | sharetop -');
  }
  return { trace: { input, form: ndjson === true ? 'ndjson' : undefined }, name: STDIN_NAME };
}
