/** Above this many domain slots pairs are no longer kept for each content: the matrix is quadratic. */
export const PAIR_SLOTS_MAX = 128;

/**
 * For each two domains the number of distinct non-zero contents that both hold: a symmetric matrix, as of the last
 * settle. Counts of pairs must not be added up: a content in five domains is in ten pairs.
 */
export class PairMatrix {
  #side = 8;
  #counts = new Uint32Array(64);

  /** Contents that both hold; a ≠ b. */
  get(a: number, b: number): number {
    if (a >= this.#side || b >= this.#side) return 0;
    return this.#counts[a * this.#side + b];
  }

  /** Room for slots below `end` (≤ PAIR_SLOTS_MAX). */
  reserve(end: number): void {
    if (end <= this.#side) return;
    const side = Math.min(PAIR_SLOTS_MAX, Math.max(end, this.#side * 2));
    const counts = new Uint32Array(side * side);
    for (let a = 0; a < this.#side; a++) {
      counts.set(this.#counts.subarray(a * this.#side, (a + 1) * this.#side), a * side);
    }
    this.#side = side;
    this.#counts = counts;
  }

  /** Adds `delta` (1 or -1) to every pair of the first `count` slots of `slots`. */
  addAll(slots: Uint32Array, count: number, delta: number): void {
    for (let i = 0; i < count; i++) {
      for (let j = i + 1; j < count; j++) {
        const a = slots[i];
        const b = slots[j];
        this.#counts[a * this.#side + b] += delta;
        this.#counts[b * this.#side + a] += delta;
      }
    }
  }

  /** All counts become 0. */
  clear(): void {
    this.#counts.fill(0);
  }
}
