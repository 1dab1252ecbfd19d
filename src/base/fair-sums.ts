/**
 * Sums of fair shares: for each domain Σ (n−1)/n over its shared frames, n the holders of each (design §2). Every term
 * is added and later taken away again, for weeks: sums in floating point would drift, and not come back to 0.
 *
 * So a term is a whole number: of 2^-22 frames, and of 2^-47 frames for the rest. Both sums, and every product on the
 * way, stay below 2^53 for the most frames that there can be (FRAMES_MAX < 2^28.5), where a double counts exactly. A
 * sum is therefore the same in whatever order its terms came and went, 0 when all went, and within 2^-48 frames a term
 * of the true value.
 */
const COARSE = 2 ** 22;
const FINE = 2 ** 47;
/** Terms for so many holders are worked out once. */
const TABLE_TERMS = 1024;

const coarseTerms = new Float64Array(TABLE_TERMS);
const fineTerms = new Float64Array(TABLE_TERMS);
for (let n = 2; n < TABLE_TERMS; n++) {
  coarseTerms[n] = coarseTerm(n);
  fineTerms[n] = fineTerm(n);
}

function coarseTerm(n: number): number {
  return Math.round(((n - 1) / n) * COARSE);
}

function fineTerm(n: number): number {
  return Math.round(((n - 1) / n) * FINE) - coarseTerm(n) * (FINE / COARSE);
}

/** One sum a domain slot; see the head of this file. */
export class FairSums {
  /** Two words a slot: coarse and fine part, whole numbers. */
  #parts = new Float64Array(16);

  /** Bytes held. */
  get bytes(): number {
    return this.#parts.byteLength;
  }

  /** Room for slots below `end`; new sums are 0. */
  reserve(end: number): void {
    if (end * 2 <= this.#parts.length) return;
    const grown = new Float64Array(Math.max(end * 2, this.#parts.length * 2));
    grown.set(this.#parts);
    this.#parts = grown;
  }

  /** Adds the parts of `frames` frames (fewer than 0: takes them away) whose content has n holders. */
  add(slot: number, frames: number, n: number): void {
    if (n < 2) return;
    const at = slot * 2;
    const inTable = n < TABLE_TERMS;
    this.#parts[at] += frames * (inTable ? coarseTerms[n] : coarseTerm(n));
    this.#parts[at + 1] += frames * (inTable ? fineTerms[n] : fineTerm(n));
  }

  /** The sum in frames. */
  get(slot: number): number {
    return this.#parts[slot * 2] / COARSE + this.#parts[slot * 2 + 1] / FINE;
  }

  /** The sum of a slot becomes exactly 0. */
  clear(slot: number): void {
    this.#parts.fill(0, slot * 2, slot * 2 + 2);
  }
}
