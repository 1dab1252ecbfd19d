const NO_GROUP = -1;

/** The trust groups of the live domains, as the effects told them: a policy must not look at the engine's of later. */
export class LiveGroups {
  /** By domain slot; NO_GROUP: no live domain. */
  #groups = new Int32Array(8).fill(NO_GROUP);
  /** By group: live domains. */
  readonly #domains = new Map<number, number>();

  /** Bytes held. */
  get bytes(): number {
    return this.#groups.byteLength;
  }

  /** Groups that have live domains. */
  get count(): number {
    return this.#domains.size;
  }

  /** The group of a domain that lives, or of the one that had the slot last. */
  of(slot: number): number {
    return this.#groups[slot];
  }

  /** A domain appears. */
  start(slot: number, group: number): void {
    if (slot >= this.#groups.length) {
      const grown = new Int32Array(Math.max(slot + 1, this.#groups.length * 2)).fill(NO_GROUP);
      grown.set(this.#groups);
      this.#groups = grown;
    }
    this.#groups[slot] = group;
    this.#domains.set(group, (this.#domains.get(group) ?? 0) + 1);
  }

  /** A domain is gone. */
  end(slot: number): void {
    const group = this.#groups[slot];
    const left = (this.#domains.get(group) ?? 0) - 1;
    if (left > 0) this.#domains.set(group, left);
    else this.#domains.delete(group);
    this.#groups[slot] = NO_GROUP;
  }

  /** The group of a domain changes; returns the old one. */
  move(slot: number, group: number): number {
    const old = this.#groups[slot];
    this.end(slot);
    this.start(slot, group);
    return old;
  }

  /** Σ over groups of f(Σ over the group's live domains of a figure). O(domain slots). */
  sumByGroup(figure: (slot: number) => number, f: (sum: number) => number): number {
    const sums = new Map<number, number>();
    for (let slot = 0; slot < this.#groups.length; slot++) {
      const group = this.#groups[slot];
      if (group !== NO_GROUP) sums.set(group, (sums.get(group) ?? 0) + figure(slot));
    }
    let total = 0;
    for (const sum of sums.values()) total += f(sum);
    return total;
  }
}
