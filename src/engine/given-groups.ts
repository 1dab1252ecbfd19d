/** Trust groups that a person gave (`--groups`): they override those of the trace. */
export class GivenGroups {
  readonly #unseen: Set<string>;

  /** @param groups names or keys of domains → their group */
  constructor(private readonly groups: ReadonlyMap<string, string> = new Map()) {
    this.#unseen = new Set(groups.keys());
  }

  /** The group that was given for a domain, by its key or else its name; undefined: none, it keeps the trace's. */
  of(key: string, name: string): string | undefined {
    if (this.groups.size === 0) return undefined;
    this.#unseen.delete(key);
    this.#unseen.delete(name);
    return this.groups.get(key) ?? this.groups.get(name);
  }

  /** Of the names given those that no domain had yet, in the order given. */
  get unseen(): readonly string[] {
    return [...this.#unseen];
  }
}
