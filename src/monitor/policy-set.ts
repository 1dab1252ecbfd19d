import type { OwnPolicyModule } from '../policy/own-policy-interface.js';
import type { Policy } from '../policy/policy.js';
import type { Engine } from '../engine/engine.js';
import { createOwnPolicy } from './own-policy-file.js';
import { createPolicy, type PolicyOptions } from './policy-registry.js';
import { GuardedPolicy } from './guarded-policy.js';
import { OneGroupEffects } from './one-group-effects.js';

/** A policy in the set. */
export interface PolicySlot {
  readonly policy: GuardedPolicy;
}

/** The policies that run side by side on one engine's effects. One that throws is switched off alone. */
export class PolicySet {
  readonly slots: PolicySlot[] = [];
  /** The newest failure, in one line; empty if none. */
  notice = '';
  readonly #oneGroup = new OneGroupEffects();

  /**
   * The engine is not known yet when its consumer of effects is made: `start` follows at once.
   * @param own policies that a person brought along: they come behind the others. Throws OwnPolicyError
   */
  start(engine: Engine, options: PolicyOptions, own: readonly OwnPolicyModule[] = []): void {
    const made = [
      ...options.names.map((name) => () => createPolicy(name, engine, options)),
      ...own.map((module) => () => createOwnPolicy(module, engine)),
    ];
    for (const make of made) {
      const [policy, oneGroup] = [make(), options.price === true ? make() : undefined];
      engine.frames.policyFrameBytes += (policy.frameBytes ?? 0) + (oneGroup?.frameBytes ?? 0);
      this.add(policy, oneGroup);
    }
  }

  /**
   * Adds a policy behind its guard.
   * @param oneGroup another instance of it, to be run with all domains in one trust group
   */
  add(policy: Policy, oneGroup?: Policy): void {
    const beside =
      oneGroup === undefined ? null : new GuardedPolicy(oneGroup, (line) => (this.notice = `in one group: ${line}`));
    this.slots.push({ policy: new GuardedPolicy(policy, (line) => (this.notice = line), beside) });
  }

  /** Hands an effects batch to every policy that still runs. */
  apply(words: Uint32Array, used: number): void {
    for (const { policy } of this.slots) policy.apply(words, used);
    if (!this.slots.some(({ policy }) => policy.oneGroup !== null)) return;
    this.#oneGroup.rewrite(words, used);
    for (const { policy } of this.slots) policy.oneGroup?.apply(this.#oneGroup.words, this.#oneGroup.used);
  }

  /** Bytes of all tables. */
  get bytes(): number {
    let bytes = 0;
    for (const { policy } of this.slots) bytes += policy.bytes;
    return bytes;
  }

  /** Settles about `work` slots of each policy; true if more are left. */
  settle(work: number): boolean {
    let more = false;
    for (const { policy } of this.slots) if (policy.settle(work)) more = true;
    return more;
  }

  /**
   * Lets the scanners among them go over the memory as it is, about `work` visits each, until a pass finds nothing new
   * (`--settle`); true if more is left. The others have nothing to do for it.
   */
  converge(work?: number): boolean {
    let more = false;
    for (const { policy } of this.slots) if (policy.converge(work)) more = true;
    return more;
  }

  /** Names of the policies that `converge` is for, and that still run. */
  get scanners(): string[] {
    return this.slots.filter(({ policy }) => policy.isScanner).map(({ policy }) => policy.name);
  }

  /** The slot of a policy by name; the first one if there is no such policy. */
  find(name: string): PolicySlot {
    return this.slots.find((slot) => slot.policy.name === name) ?? this.slots[0];
  }
}
