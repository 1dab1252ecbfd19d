/** Bad input: says where and what, in one line that a user can act on. `toString` is that line. */
export class TraceError extends Error {
  override name = 'TraceError';

  /**
   * @param source file, stream or option the input came from
   * @param place byte offset or line, e.g. `offset 4096`, `line 12`; empty if the whole source is meant
   * @param problem what is wrong, and the mend where there is one
   */
  constructor(
    readonly source: string,
    readonly place: string,
    readonly problem: string,
  ) {
    super(place === '' ? `${source}: ${problem}` : `${source}: ${place}: ${problem}`);
  }
}
