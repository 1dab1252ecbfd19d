import type { Engine } from '../engine/engine.js';
import type { NamesDetail, NamesRequest } from '../figures/name-figures.js';
import type { GuardedPolicy } from './guarded-policy.js';
import type { LabelBook } from './label-book.js';
import { NameCensus } from './name-census.js';
import { NamedSaving } from './named-saving.js';
import { NameTable } from './name-table.js';
import { OnDemand, type Walk } from './on-demand.js';

/** Contents and frames a call: about a millisecond. */
const CONTENTS_A_CALL = 1024;
const FRAMES_A_CALL = 16_384;
const NO_CONTENTS = new Uint32Array(0);

/** The sums by name under one policy: first over all contents, then over all frames. */
class NameWalk implements Walk {
  readonly #census: NameCensus;
  readonly #severalImages: boolean;
  #saving: NamedSaving | null = null;
  /** Null while it is under way. */
  table: NameTable | null = null;

  constructor(
    private readonly engine: Engine,
    book: LabelBook,
    private readonly policy: GuardedPolicy,
  ) {
    this.#census = new NameCensus(engine, book);
    this.#severalImages = book.hasSeveralImages;
  }

  get epoch(): number {
    return this.#census.epoch;
  }
  get timeMicros(): number {
    return this.#census.timeMicros;
  }

  walk(): boolean {
    if (this.#saving === null) {
      if (!this.#census.walk(CONTENTS_A_CALL)) this.#saving = new NamedSaving(this.engine, this.#census, this.policy);
      return true;
    }
    if (this.#saving.walk(FRAMES_A_CALL)) return true;
    this.#census.rowOfContent = NO_CONTENTS;
    this.table = new NameTable(this.#census, this.#saving, this.#severalImages);
    return false;
  }
}

/** Answers what is saved of which file and package. */
export class NameQuestions {
  #request: NamesRequest | null = null;
  readonly #walk = new OnDemand<NameWalk>();

  constructor(
    private readonly engine: Engine,
    private readonly book: LabelBook,
  ) {}

  /** The request of now; null: nobody asks. */
  want(request: NamesRequest | null, policy: GuardedPolicy, nowMs: number): void {
    this.#request = request;
    const { engine, book } = this;
    if (request === null || book.labels === 0) {
      this.#walk.drop();
      return;
    }
    const question = `${policy.name} ${book.sources.length}`;
    this.#walk.want(question, engine.epoch, nowMs, () => new NameWalk(engine, book, policy));
  }

  /** A walk is under way: nothing may be applied. */
  get busy(): boolean {
    return this.#walk.busy;
  }

  /** Walks on. */
  work(now: () => number, untilMs: number): void {
    if (this.#walk.busy) this.#walk.work(now, untilMs);
  }

  /** The answer of now; null when nobody asks. */
  answer(): NamesDetail | null {
    const { labels } = this.book;
    const walk = this.#walk.answer;
    if (this.#request === null) return null;
    if (walk?.table === null || walk?.table === undefined) return { labels, sums: null };
    const { epoch, timeMicros } = walk;
    return { labels, sums: { ...walk.table.sums(this.#request), epoch, timeMicros } };
  }
}
