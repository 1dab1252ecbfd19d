import { DlpsPolicy, type DlpsOptions } from '../policy/dlps.js';
import { OraclePolicy } from '../policy/oracle.js';
import type { Policy } from '../policy/policy.js';
import type { Engine } from '../engine/engine.js';
import { GuardedPolicy } from './guarded-policy.js';
import { C_REFS, CONTENT_WORDS, D_SHARED, DOMAIN_COUNTERS, FRAME_WORDS } from '../engine/layout.js';

/** Names of the policies that there are, in the order in which they are shown. */
export const POLICY_NAMES = ['dlps', 'oracle'] as const;
/** One of POLICY_NAMES. */
export type PolicyName = (typeof POLICY_NAMES)[number];

/** Which policies run, and their knobs. */
export interface PolicyOptions {
  names: readonly PolicyName[];
  dlps: DlpsOptions;
  /** What engine, policies and histories may hold together, bytes; left out: no limit. */
  memoryLimitBytes?: number;
}

/** A policy in the set. */
export interface PolicySlot {
  readonly policy: GuardedPolicy;
}

function createPolicy(name: PolicyName, engine: Engine, options: PolicyOptions): Policy {
  if (name === 'dlps') return new DlpsPolicy(engine, options.dlps);
  return new OraclePolicy({
    potentialSavedFrames: () => engine.changes.knownFrames - engine.changes.distinctContents,
    sharedContents: () => engine.changes.sharedContents,
    domainShared: (slot) => engine.domains.counters[slot * DOMAIN_COUNTERS + D_SHARED],
    domainFairSaved: (slot) => engine.domains.fairSaved.get(slot),
    refs: (id) => engine.contents.words[id * CONTENT_WORDS + C_REFS],
    contentOf: (frameId) => engine.frames.words[frameId * FRAME_WORDS],
  });
}

/** The policies that run side by side on one engine's effects. One that throws is switched off alone. */
export class PolicySet {
  readonly slots: PolicySlot[] = [];
  /** The newest failure, in one line; empty if none. */
  notice = '';

  /** The engine is not known yet when its consumer of effects is made: `start` follows at once. */
  start(engine: Engine, options: PolicyOptions): void {
    for (const name of options.names) this.add(createPolicy(name, engine, options));
  }

  /** Adds a policy behind its guard. */
  add(policy: Policy): void {
    this.slots.push({
      policy: new GuardedPolicy(policy, (line) => {
        this.notice = line;
      }),
    });
  }

  /** Hands an effects batch to every policy that still runs. */
  apply(words: Uint32Array, used: number): void {
    for (const { policy } of this.slots) policy.apply(words, used);
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

  /** The slot of a policy by name; the first one if there is no such policy. */
  find(name: string): PolicySlot {
    return this.slots.find((slot) => slot.policy.name === name) ?? this.slots[0];
  }
}
