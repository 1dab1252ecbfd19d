import { PageSeconds } from '../../base/page-seconds.js';
import type { PageSecondsFigures } from '../../figures/time-figures.js';

/**
 * What a policy saves, added up over trace time. The policy says `moveTo` with what it saved until then: at each
 * EFFECT_TIME before it does anything else for it, so the sum is exact and does not depend on how a trace is cut into
 * blocks or batches. A scanner also says it before it does the visits that fall due at the end of a sleep: what it
 * saves changes there.
 */
export class SavedPageSeconds {
  readonly #gross = new PageSeconds();
  readonly #net = new PageSeconds();
  /** Trace time up to which the sums go, µs; -1: none yet. */
  #nowMicros = -1;

  /** Trace time moves on to `timeMicros`; until then so many frames were saved. Never goes back. */
  moveTo(timeMicros: number, savedFrames: number, netSavedFrames: number): void {
    const passed = timeMicros - this.#nowMicros;
    if (passed <= 0) return;
    if (this.#nowMicros >= 0) {
      this.#gross.add(savedFrames, passed);
      this.#net.add(netSavedFrames, passed);
    }
    this.#nowMicros = timeMicros;
  }

  /** The sums up to the newest time, page-seconds. */
  figures(): PageSecondsFigures {
    return { saved: this.#gross.value, netSaved: this.#net.value };
  }
}
