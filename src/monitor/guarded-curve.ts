import type { EngineView } from '../engine/effects.js';
import type { RegionCurveFigures } from '../figures/region-curve-figures.js';
import { RegionCurve, type RegionCurveOptions } from '../policy/region-curve.js';

/**
 * The curves of the region's size, which cannot take anything else with them: whatever they throw, they are switched
 * off and say so; there are no figures of them any more.
 */
export class GuardedCurve {
  #running: RegionCurve | null;

  /** @param onFailure called with the line that says why */
  constructor(
    engine: EngineView,
    options: RegionCurveOptions,
    private readonly onFailure: (line: string) => void,
  ) {
    this.#running = new RegionCurve(engine, options);
  }

  /** Takes an effects batch, as a policy does. */
  apply(words: Uint32Array, used: number): void {
    this.#guard((curve) => curve.apply(words, used));
  }

  /** Both curves; null once they were switched off. O(keys of the sample). */
  figures(): RegionCurveFigures | null {
    return this.#guard((curve) => curve.figures());
  }

  /** Recounts the trials: one line for each figure that does not agree. May throw. */
  audit(): string[] {
    return this.#running?.audit() ?? [];
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#running?.bytes ?? 0;
  }

  #guard<Result>(call: (curve: RegionCurve) => Result): Result | null {
    if (this.#running === null) return null;
    try {
      return call(this.#running);
    } catch (error) {
      this.#running = null;
      this.onFailure(
        `region curve failed and was switched off: ${error instanceof Error ? error.message : String(error)}`,
      );
      return null;
    }
  }
}
