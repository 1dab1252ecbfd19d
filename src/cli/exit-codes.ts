/** Exit codes of every command; also in the help and the README. */
export const EXIT = {
  fine: 0,
  /** Something failed while running. */
  failure: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The trace is missing or cannot be read. */
  trace: 3,
  /** Blocks of the trace were damaged, or parts of it did not fit into memory: what is printed is of the rest. */
  damaged: 4,
} as const;
