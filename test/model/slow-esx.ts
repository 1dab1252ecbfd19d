/**
 * What can be said of `esx` without its random order, from docs/POLICIES.md (esx, rules 1–6): how many visits it has
 * done, and what it comes to when every frame was visited.
 */
import { ZERO_HASH, type Cause, type Held, type Life, type SlowPolicy } from './slow-engine.js';
import { roundFair } from './slow-figures.js';
import { contentOf } from './slow-ksm.js';

const BATCH_MICROS = 20_000;
const BATCHES_A_SECOND = 50;

/** Pages a second. */
export interface SlowEsxKnobs {
  readonly rate_per_domain: number;
  readonly rate: number;
}

const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

export class SlowEsx implements SlowPolicy {
  visits = 0;
  /** What the frames hold that may be visited; null: unknown. */
  readonly #frames = new Map<Life, Map<number, bigint | null>>();
  #startedMicros: number | null = null;
  #now = 0;
  #batches = 0;

  constructor(private readonly knobs: SlowEsxKnobs) {}

  timeMoved(now: number): void {
    this.#now = now;
    if (this.#startedMicros === null) return;
    const due = Math.floor((now - this.#startedMicros) / BATCH_MICROS);
    for (; this.#batches < due; this.#batches++) {
      const ofBatch = (rate: number): number => upTo(this.#batches + 1, rate) - upTo(this.#batches, rate);
      // Frames that are visited again and again in one batch are visits each time.
      const domains = [...this.#frames.values()].filter(({ size }) => size > 0).length;
      this.visits += Math.min(ofBatch(this.knobs.rate), domains * ofBatch(this.knobs.rate_per_domain));
    }
  }

  memoryChanged(): void {}

  appeared(life: Life): void {
    this.#frames.set(life, new Map());
  }

  groupChanged(): void {}

  gone(life: Life): void {
    this.#frames.delete(life);
  }

  written(): void {
    this.#startedMicros ??= this.#now;
  }

  read(): void {
    this.#startedMicros ??= this.#now;
  }

  frameChanged(life: Life, gfn: number, held: Held | undefined, _: Cause, fillClass: number): void {
    this.#startedMicros ??= this.#now;
    const content = contentOf(held, fillClass);
    if (content === undefined) this.#frames.get(life)?.delete(gfn);
    else this.#frames.get(life)?.set(gfn, content);
  }

  /** Whether it scans at all. */
  get scans(): boolean {
    return this.knobs.rate > 0 && this.knobs.rate_per_domain > 0;
  }

  /** What every frame's visit comes to, by ⟨group, content⟩: how many frames hold it. */
  #holders(): Map<string, { content: bigint; refs: number }> {
    const holders = new Map<string, { content: bigint; refs: number }>();
    for (const [life, frames] of this.#frames) {
      for (const content of frames.values()) {
        if (content === null) continue;
        const key = `${life.group}\n${content}`;
        const entry = holders.get(key) ?? { content, refs: 0 };
        entry.refs++;
        holders.set(key, entry);
      }
    }
    return holders;
  }

  /** The figures when every frame was visited since it changed. */
  settled() {
    const all = [...this.#holders().values()];
    const shared = all.filter(({ refs }) => refs >= 2);
    const plain = shared.filter(({ content }) => content !== ZERO_HASH);
    const zeros = shared.filter(({ content }) => content === ZERO_HASH);
    const savedFrames = sum(plain.map(({ refs }) => refs - 1));
    const inShared = sum(shared.map(({ refs }) => refs));
    return {
      savedFrames,
      netSavedFrames: savedFrames,
      zeroSavedFrames: sum(zeros.map(({ refs }) => refs - 1)),
      sharedFrames: plain.length,
      // Each content is a hint or a shared frame, perhaps with one reference left.
      metadataBytes: 16 * all.length,
      esx: { shared: inShared, common: shared.length, saving: inShared - shared.length },
    };
  }

  /** As DomainPolicyFigures of the settled state, without what happened on the way. */
  settledDomain(life: Life) {
    const holders = this.#holders();
    const refs = [...(this.#frames.get(life)?.values() ?? [])]
      .filter((content) => content !== null && content !== ZERO_HASH)
      .map((content) => holders.get(`${life.group}\n${content}`)?.refs ?? 0);
    return {
      sharedFrames: refs.filter((n) => n >= 2).length,
      fairSavedFrames: roundFair(sum(refs.map((n) => (n - 1) / n))),
    };
  }

  /** Frames of a settled content that refer to a shared frame. */
  settledRefs(hash: bigint): number {
    const refs = [...this.#holders().values()].filter(({ content }) => content === hash).map((entry) => entry.refs);
    return sum(refs.filter((n) => n >= 2));
  }
}

/** Visits that are due up to the end of a batch, at so many a second. */
const upTo = (batch: number, rate: number): number => Math.floor((batch * rate) / BATCHES_A_SECOND);
