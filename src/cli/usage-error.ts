/** The command line is wrong: one line with a hint, exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}
