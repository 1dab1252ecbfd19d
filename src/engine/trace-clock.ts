import { PageSeconds } from '../base/page-seconds.js';
import { highHalf, lowHalf } from '../base/units.js';
import type { ContentIndex } from './content-index.js';
import { EFFECT_TIME } from './effects.js';
import type { EffectsBuffer } from './effects-buffer.js';
import type { FillBatch } from './fill-batch.js';
import type { FrameChanges } from './frame-changes.js';
import type { LongWork } from './long-work.js';
import type { Settle } from './settle.js';

const SECOND_MICROS = 1_000_000;

/** Who samples the state at the end of each second of trace time: histories, which so know no wall clock. */
export interface SecondListener {
  /** Brings figures up to date for about `work` contents; true if more is left. */
  readonly settle: (work: number) => boolean;
  /** Takes the state at the end of `second`, which is that of the `count` − 1 seconds without records after it too. */
  sample(second: number, count: number): void;
}

/** Trace time. It never goes back; when it passes into another second, the second before it is ended first. */
export class TraceClock {
  /** Newest time applied and time of the first record, µs; -1: none yet. */
  timeMicros = -1;
  sinceMicros = -1;
  /** Records from here on are older than the newest time. */
  isLate = false;
  /** A record other than a declaration was applied: the clock of heat, ages and histories runs from there. */
  hasStarted = false;
  /** Called between two records when trace time passes into another second. */
  listener: SecondListener | null = null;
  /** ∫ potential dt up to the newest time (KNOWN − D: what an exact-page scheme could have saved over time). */
  readonly potentialPageSeconds = new PageSeconds();
  /** Effects are handed over before time moves: a batch is of one instant. */
  cutsBatches = false;
  #second = 0;
  /** The time that is moved to when the second before it has ended. */
  #nextMicros = 0;
  #isFolding = false;

  constructor(
    private readonly contents: ContentIndex,
    private readonly changes: Pick<FrameChanges, 'knownFrames' | 'distinctContents'>,
    private readonly settling: Settle,
    private readonly batch: FillBatch,
    private readonly effects: EffectsBuffer,
    private readonly long: LongWork,
  ) {}

  /** The records behind are of this time. What the end of a second asks for is begun as long work. */
  moveTo(time: number): void {
    if (!this.hasStarted) {
      // Declarations at the head of a script's trace often have no time: things begin with the first other record.
      this.sinceMicros = time;
      this.#second = Math.floor(time / SECOND_MICROS);
    }
    this.isLate = time < this.timeMicros;
    if (time <= this.timeMicros) return;
    this.batch.flush();
    this.#nextMicros = time;
    if (Math.floor(time / SECOND_MICROS) === this.#second) {
      this.#moveOn();
      return;
    }
    this.effects.flush();
    this.#isFolding = true;
    this.long.steps(this.#endSecond, this.#secondEnded);
  }

  /** Before time moves into another second: heat, and what histories sample. */
  readonly #endSecond = (work: number): boolean => {
    if (this.#isFolding) {
      const endMs = ((this.#second + 1) * SECOND_MICROS - this.sinceMicros) / 1000;
      this.#isFolding = this.settling.foldSecond(endMs, work);
      return this.#isFolding || this.listener !== null;
    }
    return this.listener?.settle(work) ?? false;
  };

  readonly #secondEnded = (): void => {
    const second = Math.floor(this.#nextMicros / SECOND_MICROS);
    this.listener?.sample(this.#second + 1, second - this.#second);
    this.#second = second;
    this.#moveOn();
    if (this.listener === null) return;
    // What is owed for the time that passed (scanners) is done in slices here, not at once at the next effect.
    this.effects.flush();
    this.long.steps(this.listener.settle, null);
  };

  #moveOn(): void {
    const time = this.#nextMicros;
    if (this.timeMicros >= 0) {
      // Fills are flushed: the counts are those of the time that passed.
      const potential = this.changes.knownFrames - this.changes.distinctContents;
      this.potentialPageSeconds.add(potential, time - this.timeMicros);
    }
    this.timeMicros = time;
    this.contents.nowMs = Math.floor((time - this.sinceMicros) / 1000);
    if (this.cutsBatches) this.effects.flush();
    this.effects.push(EFFECT_TIME, lowHalf(time), highHalf(time), 0, 0);
  }
}
