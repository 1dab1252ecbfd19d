/** What a command may use of the process; tests hand in their own. */
export interface CommandIo {
  /** Data. */
  readonly stdout: TextOutput;
  /** Messages. */
  readonly stderr: TextOutput;
  /** Wall clock, ms since any fixed instant. */
  now(): number;
}

/** One of the standard streams. */
export interface TextOutput {
  write(text: string): unknown;
  /** A person sees it: lines may be painted over. */
  readonly isTTY: boolean;
}
