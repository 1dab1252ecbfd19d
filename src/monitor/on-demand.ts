/** A walk over the engine's tables for one question. Nothing may be applied while it is under way. */
export interface Walk {
  /** The state that it is of. */
  readonly epoch: number;
  /** Goes on for about a millisecond; true if more is left. */
  walk(): boolean;
}

/** An answer stays for this many times what it took to make: asking costs a twentieth of the time at most. */
const REST_TIMES = 20;

/**
 * The answer to a question that takes a walk: made in slices, thrown away when another is asked, and made again when
 * the state has moved on and the last one was not too dear.
 */
export class OnDemand<W extends Walk> {
  /** The newest finished walk for the present question. */
  answer: W | null = null;
  #running: W | null = null;
  #question = '';
  #costMs = 0;
  #finishedMs = Number.NEGATIVE_INFINITY;

  /** The question of now. `make` begins a walk. */
  want(question: string, epoch: number, nowMs: number, make: () => W): void {
    if (question !== this.#question) {
      this.drop();
      this.#question = question;
    } else if (this.#running === null && this.answer !== null) {
      if (this.answer.epoch === epoch || nowMs - this.#finishedMs < REST_TIMES * this.#costMs) return;
    }
    // Whoever applied something in the meantime took the ground from under the walk.
    if (this.#running !== null && this.#running.epoch !== epoch) this.#running = null;
    if (this.#running !== null) return;
    this.#running = make();
    this.#costMs = 0;
  }

  /** Nobody asks any more. */
  drop(): void {
    this.answer = null;
    this.#running = null;
    this.#question = '';
  }

  /** A walk is under way. */
  get busy(): boolean {
    return this.#running !== null;
  }

  /** Walks until the answer is there or it is `untilMs`. */
  work(now: () => number, untilMs: number): void {
    const startMs = now();
    while (this.#running !== null) {
      const more = this.#running.walk();
      const nowMs = now();
      if (!more) {
        this.answer = this.#running;
        this.#running = null;
        this.#finishedMs = nowMs;
      }
      if (nowMs >= untilMs) break;
    }
    this.#costMs += now() - startMs;
  }
}
