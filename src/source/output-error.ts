/** The output cannot be written (a full disk, no permission, …): one line with its path. Exit code 1. */
export class OutputError extends Error {
  override name = 'OutputError';

  constructor(path: string, problem: string) {
    super(`${path}: ${problem}`);
  }
}

/** Something is where the output is to be, and is left as it is: name another place. Exit code 2. */
export class OutputTaken extends OutputError {
  override name = 'OutputTaken';
}
