/**
 * Durations that ended and durations that were still running when they were last seen (right-censored), in buckets of
 * bounded memory, and the Kaplan–Meier estimate over them (E. L. Kaplan, P. Meier: Nonparametric Estimation from
 * Incomplete Observations, Journal of the American Statistical Association 53 (1958), 457–481).
 *
 * Durations are whole numbers below 2^32. Buckets are one wide below 2^(bits + 1) and from there on 2^bits an octave;
 * they also end before and behind each of `edges`, so that what is asked there is exact.
 */
export class DurationHistogram {
  readonly #ended: Float64Array;
  readonly #open: Float64Array;
  /** By bucket: sum of the durations that ended in it. */
  readonly #endedSum: Float64Array;
  /** Durations that ended; that were open; sum of both. */
  ended = 0;
  open = 0;
  sum = 0;

  /** @param edges durations at which exact answers are wanted, ascending. @param bits as above, 1–16 */
  constructor(
    readonly edges: readonly number[] = [],
    readonly bits = 6,
  ) {
    const buckets = this.#bucketOf(2 ** 32 - 1) + 1;
    this.#ended = new Float64Array(buckets);
    this.#open = new Float64Array(buckets);
    this.#endedSum = new Float64Array(buckets);
  }

  /** Bytes held. */
  get bytes(): number {
    return 3 * this.#ended.byteLength;
  }

  #bucketOf(duration: number): number {
    const octave = Math.max(0, 31 - this.bits - Math.clz32(duration));
    let bucket = (octave << this.bits) + (duration >>> octave);
    for (const edge of this.edges) {
      if (duration < edge) break;
      bucket += duration > edge ? 2 : 1;
    }
    return bucket;
  }

  /** A duration ended. */
  end(duration: number): void {
    const bucket = this.#bucketOf(duration);
    this.#ended[bucket]++;
    this.#endedSum[bucket] += duration;
    this.ended++;
    this.sum += duration;
  }

  /** A duration has lasted so long and has not ended. */
  censor(duration: number): void {
    this.#open[this.#bucketOf(duration)]++;
    this.open++;
    this.sum += duration;
  }

  /** How many of them are at least `from` and less than `to` (edges, 0, or 2^32): those that ended, and the others. */
  between(from: number, to: number): { ended: number; open: number } {
    const end = to > 2 ** 32 - 1 ? this.#ended.length : this.#bucketOf(to);
    let [ended, open] = [0, 0];
    for (let bucket = this.#bucketOf(from); bucket < end; bucket++) {
      ended += this.#ended[bucket];
      open += this.#open[bucket];
    }
    return { ended, open };
  }

  /**
   * Kaplan–Meier: the part that lasts longer than `duration` (an edge); null if some last, but none was seen so long.
   */
  survivalAt(duration: number): number | null {
    let survival = 1;
    let atRisk = this.ended + this.open;
    const last = this.#bucketOf(duration);
    for (let bucket = 0; bucket <= last; bucket++) {
      if (atRisk === 0) return survival === 0 ? 0 : null;
      survival *= 1 - this.#ended[bucket] / atRisk;
      atRisk -= this.#ended[bucket] + this.#open[bucket];
    }
    return survival;
  }

  /**
   * Kaplan–Meier: the shortest duration that at most half survive (the mean of those that ended in its bucket); null
   * if more than half of them survive what was seen.
   */
  median(): number | null {
    let survival = 1;
    let atRisk = this.ended + this.open;
    for (let bucket = 0; bucket < this.#ended.length && atRisk > 0; bucket++) {
      survival *= 1 - this.#ended[bucket] / atRisk;
      // A product of fractions may end a hair above the half that it is.
      if (survival <= 0.5 + 1e-12) return this.#endedSum[bucket] / this.#ended[bucket];
      atRisk -= this.#ended[bucket] + this.#open[bucket];
    }
    return null;
  }

  /** A copy, to which what is still running is added for an answer. */
  copy(): DurationHistogram {
    const copy = new DurationHistogram(this.edges, this.bits);
    copy.#ended.set(this.#ended);
    copy.#open.set(this.#open);
    copy.#endedSum.set(this.#endedSum);
    [copy.ended, copy.open, copy.sum] = [this.ended, this.open, this.sum];
    return copy;
  }
}
