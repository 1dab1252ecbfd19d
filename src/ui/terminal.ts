/**
 * The terminal as `cli/` hands it in: the parts of `process.stdout` and `process.stdin` that the app uses, so that
 * nothing here reads `process` and tests can be the terminal.
 */
export interface TerminalOutput {
  /** Undefined or 0 when the terminal does not say. */
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  /** The callback runs when the terminal has taken the bytes: on a slow line that is the back pressure. */
  write(data: string, callback: (error?: Error | null) => void): boolean;
  on(event: 'resize' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'resize' | 'close', listener: () => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
}

/** A readable terminal: `process.stdin`, or `/dev/tty` opened by `cli/` when the trace comes through stdin. */
export interface TerminalInput {
  setRawMode?(raw: boolean): unknown;
  resume(): unknown;
  pause(): unknown;
  on(event: 'data', listener: (chunk: Uint8Array | string) => void): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'data', listener: (chunk: Uint8Array | string) => void): unknown;
  removeListener(event: 'end' | 'close', listener: () => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
}

/** A whole terminal. */
export interface Terminal {
  output: TerminalOutput;
  input: TerminalInput;
  /**
   * Stops the process after the screen was given back: with its whole group (Ctrl-Z), as the key does in a line that
   * is not raw, or alone (SIGTSTP came). `resume` is called when it runs again (SIGCONT), and when it could not be
   * stopped. Left out where there is no job control: the key then does nothing.
   */
  suspend?: (whom: 'group' | 'process', resume: () => void) => void;
}
