/**
 * The limit of what a model may hold, asked at the points where its tables grow and nowhere else, so it costs a record
 * nothing. The tables say themselves what they hold; Node's own heap and buffers of the source are not counted (about
 * 60 MB).
 */
interface Share {
  readonly bytes: number;
}

/** Part of the limit that is kept for lists that grow without being asked: work to be done, small tables by domain. */
const SPARE_SHARE = 1 / 16;

/** Whether another table, or a larger one, still fits; see the head of this file. */
export class MemoryBudget {
  readonly #shares: Share[] = [];
  readonly #comforts: (() => void)[] = [];
  /** What only adds comfort was given up. */
  #isTight = false;

  /** @param limitBytes of all shares together; Infinity: no limit */
  constructor(readonly limitBytes = Number.POSITIVE_INFINITY) {}

  /** Counts what `share` holds. */
  watch(share: Share): void {
    this.#shares.push(share);
  }

  /** `giveUp` is called once, when room is short for the first time: it frees what no figure depends on. */
  onTight(giveUp: () => void): void {
    this.#comforts.push(giveUp);
  }

  /** Room was short at least once: nothing is to be allocated for comfort any more. */
  get isTight(): boolean {
    return this.#isTight;
  }

  /** Bytes held by all shares. */
  get bytes(): number {
    let bytes = 0;
    for (const share of this.#shares) bytes += share.bytes;
    return bytes;
  }

  /** Whether `more` bytes still fit; comforts are given up first. */
  hasRoom(more: number): boolean {
    if (more <= 0 || this.limitBytes === Number.POSITIVE_INFINITY) return true;
    const limit = this.limitBytes * (1 - SPARE_SHARE);
    if (this.bytes + more <= limit) return true;
    if (this.#isTight) return false;
    this.#isTight = true;
    for (const giveUp of this.#comforts) giveUp();
    return this.bytes + more <= limit;
  }
}
