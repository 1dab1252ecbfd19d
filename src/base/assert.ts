/**
 * Assertions are for our own bugs; errors are for input (see `TraceError`).
 * A failed assertion means the program is wrong and its figures can no longer be trusted.
 */
export class AssertionError extends Error {
  override name = 'AssertionError';
}

/**
 * Throws an AssertionError unless `condition` holds. Split compound conditions into several calls, so that the
 * message names the one that failed.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** The end of an exhaustive switch: the compiler proves that it is not reached, the run time checks it again. */
export function assertNever(value: never, what: string): never {
  throw new AssertionError(`${what}: unexpected ${String(value)}`);
}
