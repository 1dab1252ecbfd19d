import { Census } from '../engine/census.js';
import type { Engine } from '../engine/engine.js';
import type { Stop } from '../figures/pair-figures.js';
import type { GuardedPolicy } from './guarded-policy.js';
import type { Walk } from './on-demand.js';

/** Contents a call: about a millisecond. */
const CONTENTS_A_CALL = 1024;

/** A census of the engine's contents and, after it, of the copies that the shown policy keeps. */
export class CensusWalk implements Walk {
  readonly census: Census;
  /** By domain slot: frames that the policy's gross saving would be less; null where it cannot tell. */
  #policyLosses: Float64Array | null = null;
  #isCounted = false;
  #nextCopy = 1;

  constructor(
    engine: Engine,
    wanted: readonly number[],
    private readonly policy: GuardedPolicy,
  ) {
    this.census = new Census(engine, wanted);
  }

  get epoch(): number {
    return this.census.epoch;
  }

  walk(): boolean {
    if (!this.#isCounted) {
      this.#isCounted = !this.census.walk(CONTENTS_A_CALL);
      return true;
    }
    // A scheme that saves the whole potential loses what the potential loses.
    if (this.policy.running?.copies !== undefined && this.policy.running.copies.addStopLosses === undefined) {
      this.#policyLosses = this.census.losses;
      return false;
    }
    const losses = (this.#policyLosses ??= new Float64Array(this.census.side));
    this.#nextCopy = this.policy.ask((copies) => copies.addStopLosses?.(this.#nextCopy, losses) ?? -1, -1);
    // It keeps no copies to ask, or was switched off.
    if (this.#nextCopy < 0) this.#policyLosses = null;
    return this.#nextCopy > 0;
  }

  /** What would be lost with a domain. */
  stop(slot: number): Stop {
    const policyFrames = this.#policyLosses === null ? null : (this.#policyLosses[slot] ?? 0);
    return { potentialFrames: this.census.losses[slot] ?? 0, policyFrames };
  }
}
