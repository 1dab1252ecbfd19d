/** The memory figures of the design by Map and nothing else: the second source for traces made from recordings. */
import type { PlainRecord } from './plain-records.js';
import { ZERO_HASH } from './plain-recordings.js';

export interface PlainFigures {
  frames: number;
  zero: number;
  distinct: number;
  /** Contents with two holders or more. */
  duplicated: number;
  /** Frames that any exact-page scheme could save: non-zero frames − distinct. */
  potential: number;
}

export class PlainCount {
  /** For each domid its frames: gfn → content. */
  readonly domains = new Map<number, Map<number, bigint>>();
  readonly #holders = new Map<bigint, number>();
  #duplicated = 0;

  fill(domid: number, gfn: number, hash: bigint): void {
    let frames = this.domains.get(domid);
    if (frames === undefined) this.domains.set(domid, (frames = new Map<number, bigint>()));
    const old = frames.get(gfn);
    if (old !== undefined) this.#count(old, -1);
    this.#count(hash, 1);
    frames.set(gfn, hash);
  }

  apply(record: PlainRecord): void {
    if (record.kind === 'fill') this.fill(record.domid, record.gfn, record.hash);
  }

  get figures(): PlainFigures {
    let frames = 0;
    for (const each of this.domains.values()) frames += each.size;
    const zero = this.#holders.get(ZERO_HASH) ?? 0;
    const distinct = this.#holders.size - (zero > 0 ? 1 : 0);
    const duplicated = this.#duplicated - (zero > 1 ? 1 : 0);
    return { frames, zero, distinct, duplicated, potential: frames - zero - distinct };
  }

  #count(hash: bigint, change: number): void {
    const before = this.#holders.get(hash) ?? 0;
    const after = before + change;
    this.#duplicated += Number(after >= 2) - Number(before >= 2);
    if (after === 0) this.#holders.delete(hash);
    else this.#holders.set(hash, after);
  }
}
