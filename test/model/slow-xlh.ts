/** The scanner of `xlh` the slow way, from docs/POLICIES.md (xlh, rules 1–3): ksm, and a circular stack of hints. */
import { ZERO_HASH, type Cause, type Held, type Life, type SlowImage } from './slow-engine.js';
import { copyOf, type Frame, SlowKsm, type SlowKsmKnobs } from './slow-ksm.js';

const WAIT_MICROS = 60_000_000;

export interface SlowXlhKnobs extends SlowKsmKnobs {
  readonly hints: number;
}

/** A frame that a read's content went into. */
interface Hint {
  readonly life: Life;
  readonly gfn: number;
  isAlive: boolean;
}

export class SlowXlh extends SlowKsm {
  /** The newest is the last. */
  readonly stack: Hint[] = [];
  readonly hintCounts = { pushed: 0, overwritten: 0, stale: 0, alreadyShared: 0, visited: 0, expired: 0 };
  /** From read to push, µs. */
  readonly delays: number[] = [];
  /** Reads whose frame was not seen yet, by domain and content; when the oldest was. */
  readonly #waiting = new Map<Life, Map<bigint, number>>();
  /** The newest read makes a hint of the frame that it goes into. */
  #isHint = false;
  #wasHinted = false;
  #time = 0;

  constructor(
    private readonly xlhKnobs: SlowXlhKnobs,
    extraOf: ReadonlyMap<string, readonly bigint[]> = new Map(),
  ) {
    super(xlhKnobs, extraOf);
  }

  get waiting(): number {
    return [...this.#waiting.values()].reduce((sum, { size }) => sum + size, 0);
  }

  override timeMoved(now: number): void {
    super.timeMoved(now);
    this.#time = now;
    for (const entries of this.#waiting.values()) {
      for (const [content, time] of entries) {
        if (now - time <= WAIT_MICROS) continue;
        entries.delete(content);
        this.hintCounts.expired++;
      }
    }
  }

  override read(
    life: Life,
    image: SlowImage,
    block: number,
    hash: bigint | null,
    aligned: boolean,
    gfn: number | null,
  ): void {
    super.read(life, image, block, hash, aligned, gfn);
    this.#isHint = aligned && hash !== null && hash !== ZERO_HASH;
    if (!aligned || hash === null || hash === ZERO_HASH) return;
    if (gfn !== null) {
      // A frame that does not hold the content yet changes next, and is pushed then.
      if (this.domains.get(life)?.frames.get(gfn)?.content === hash) this.#push(life, gfn, 0);
      return;
    }
    const entries = this.#waiting.get(life) ?? new Map<bigint, number>();
    this.#waiting.set(life, entries);
    if (!entries.has(hash)) entries.set(hash, this.#time);
  }

  override frameChanged(life: Life, gfn: number, held: Held | undefined, cause: Cause, fillClass: number): void {
    super.frameChanged(life, gfn, held, cause, fillClass);
    this.#kill(life, gfn);
    if (held?.state !== 'known') return;
    if (cause === 'read') {
      if (this.#isHint) this.#push(life, gfn, 0);
      return;
    }
    const time = this.#waiting.get(life)?.get(held.hash);
    if (time === undefined) return;
    this.#waiting.get(life)?.delete(held.hash);
    this.#push(life, gfn, this.#time - time);
  }

  override groupChanged(life: Life): void {
    super.groupChanged(life);
    this.#forget(life);
  }

  override gone(life: Life): void {
    super.gone(life);
    this.#forget(life);
  }

  /** Drops all hints; then as ksm. */
  override converge(): void {
    if (!this.isConverged) {
      this.hintCounts.stale += this.stack.length;
      this.stack.length = 0;
      this.#wasHinted = false;
    }
    super.converge();
  }

  protected override visitNext(): void {
    const frame = this.#wasHinted ? null : this.#pop();
    this.#wasHinted = frame !== null;
    if (frame === null) super.visitNext();
    else {
      this.hintCounts.visited++;
      this.visit(frame, true);
    }
  }

  /** The frame of the newest hint that still is worth a visit. */
  #pop(): Frame | null {
    for (let hint = this.stack.pop(); hint !== undefined; hint = this.stack.pop()) {
      const frame = this.domains.get(hint.life)?.frames.get(hint.gfn);
      if (!hint.isAlive || frame === undefined) this.hintCounts.stale++;
      else if (copyOf(frame) !== null) this.hintCounts.alreadyShared++;
      else return frame;
    }
    return null;
  }

  #push(life: Life, gfn: number, delay: number): void {
    this.#kill(life, gfn);
    this.stack.push({ life, gfn, isAlive: true });
    this.delays.push(delay);
    this.hintCounts.pushed++;
    if (this.stack.length <= this.xlhKnobs.hints) return;
    this.stack.shift();
    this.hintCounts.overwritten++;
  }

  #kill(life: Life, gfn: number): void {
    for (const hint of this.stack) if (hint.life === life && hint.gfn === gfn) hint.isAlive = false;
  }

  #forget(life: Life): void {
    this.#waiting.delete(life);
    for (const hint of this.stack) if (hint.life === life) hint.isAlive = false;
  }
}
