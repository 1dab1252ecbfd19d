import { printable } from '../base/printable.js';
import { contentChangedTotal } from '../figures/derived.js';
import type { DomainPolicyFigures } from '../figures/domain-figures.js';
import type { KsmProcessFigures } from '../figures/ksm-figures.js';
import type { OneGroupFigures, RefusedReads } from '../figures/group-figures.js';
import { type PolicyFigures, regionOf } from '../figures/policy-figures.js';
import type { PageSecondsFigures } from '../figures/time-figures.js';
import type { Policy, PolicySums } from '../policy/policy.js';
import type { SharedCopies } from '../policy/shared-copies.js';

const THROWN_CHARACTERS_MAX = 300;

/** What was thrown, in one line: anything can be thrown, and its text may be anything. */
export function thrownText(error: unknown): string {
  let text = '';
  try {
    const message: unknown = error instanceof Error ? error.message : error;
    text = String(message);
  } catch {
    text = 'something that cannot be told was thrown';
  }
  return printable(text.replace(/\s+/g, ' '), THROWN_CHARACTERS_MAX);
}

const NO_PART: DomainPolicyFigures = {
  sharedFrames: 0,
  fairSavedFrames: 0,
  readsSeen: 0,
  readsAvoided: 0,
  contentChanged: 0,
};

/**
 * A policy that cannot take the others with it: whatever it throws, it is switched off, its figures stop at that
 * moment and say so, and no domain has a part in it any more. Only `audit` may throw.
 */
export class GuardedPolicy implements Policy {
  readonly name: string;
  /** The line that says that it was switched off and why; null while it runs. */
  failure: string | null = null;
  #running: Policy | null;
  #figures: PolicyFigures;
  #pageSeconds: PageSecondsFigures | null = null;

  /** The policy behind, null once it was switched off. */
  get running(): Policy | null {
    return this.#running;
  }

  /**
   * @param onFailure called with the line
   * @param oneGroup the same policy with all domains in one trust group: it settles, converges and is audited with
   *   this one, and is fed apart; null: there is none
   */
  constructor(
    policy: Policy,
    private readonly onFailure: (line: string) => void,
    readonly oneGroup: GuardedPolicy | null = null,
  ) {
    this.name = policy.name;
    this.#running = policy;
    this.#figures = {
      name: policy.name,
      savedFrames: 0,
      zeroSavedFrames: 0,
      netSavedFrames: 0,
      sharedFrames: 0,
      metadataBytes: 0,
    };
  }

  apply(words: Uint32Array, used: number): void {
    this.#guard((policy) => policy.apply(words, used), undefined);
  }

  settle(work?: number): boolean {
    const isOneGroupLeft = this.oneGroup?.settle(work) ?? false;
    return this.#guard((policy) => policy.settle(work), false) || isOneGroupLeft;
  }

  converge(work?: number): boolean {
    const isOneGroupLeft = this.oneGroup?.converge(work) ?? false;
    return this.#guard((policy) => policy.converge?.(work) ?? false, false) || isOneGroupLeft;
  }

  /** It looks at memory in passes, and still runs. */
  get isScanner(): boolean {
    return this.#running?.converge !== undefined;
  }

  figures(): PolicyFigures {
    const now = this.#guard((policy) => policy.figures(), undefined);
    if (now !== undefined) this.#figures = now;
    return this.oneGroup === null ? this.#figures : { ...this.#figures, oneGroup: this.oneGroup.oneGroupFigures() };
  }

  /** The figures of one that stands for all domains in one trust group. */
  oneGroupFigures(): OneGroupFigures {
    const { savedFrames, zeroSavedFrames, netSavedFrames } = this.figures();
    const { readsAvoided } = this.sums();
    const failure = this.failure === null ? {} : { failure: this.failure };
    return { savedFrames, zeroSavedFrames, netSavedFrames, readsAvoided, ...failure };
  }

  sums(): PolicySums {
    const sums = this.#guard((policy) => policy.sums(), undefined);
    if (sums !== undefined) return sums;
    const { savedFrames, zeroSavedFrames } = this.#figures;
    const region = regionOf(this.#figures);
    if (region === undefined)
      return { savedFrames, zeroSavedFrames, readsAvoided: 0, readsIssued: 0, contentChanged: 0 };
    const { readsAvoided, readsIssued } = region;
    return { savedFrames, zeroSavedFrames, readsAvoided, readsIssued, contentChanged: contentChangedTotal(region) };
  }

  /** Null: the scheme does not count them. */
  pageSeconds(): PageSecondsFigures | null {
    const now = this.#guard((policy) => policy.pageSeconds?.() ?? null, null);
    if (now !== null) this.#pageSeconds = now;
    return this.#pageSeconds;
  }

  /** Null: not counted. */
  refusedReads(): RefusedReads | null {
    return this.#guard((policy) => policy.refusedReads?.() ?? null, null);
  }

  domainFigures(slot: number): DomainPolicyFigures {
    return this.#guard((policy) => policy.domainFigures(slot), NO_PART);
  }

  /** One domain's part under the kernel's names; null: it is no KSM, or was switched off. */
  kernelFigures(slot: number): KsmProcessFigures | null {
    return this.#guard((policy) => policy.processFigures?.(slot) ?? null, null);
  }

  sharedRefs(contentId: number): number {
    return this.#guard((policy) => policy.sharedRefs(contentId), 0);
  }

  /** Asks the copies that it keeps; `unknown` when it keeps none, cannot answer, or was switched off. */
  ask<Result>(question: (copies: SharedCopies) => Result, unknown: Result): Result {
    return this.#guard((policy) => (policy.copies === undefined ? unknown : question(policy.copies)), unknown);
  }

  audit(): string[] {
    const ofOneGroup = this.oneGroup?.audit().map((line) => `in one group: ${line}`) ?? [];
    return [...(this.#running?.audit() ?? []), ...ofOneGroup];
  }

  get bytes(): number {
    return this.#guard((policy) => policy.bytes, 0) + (this.oneGroup?.bytes ?? 0);
  }

  #guard<Result>(call: (policy: Policy) => Result, stopped: Result): Result {
    if (this.#running === null) return stopped;
    try {
      return call(this.#running);
    } catch (error) {
      this.#stop(this.#running, error);
      return stopped;
    }
  }

  #stop(policy: Policy, error: unknown): void {
    this.failure = `policy ${this.name} failed and was switched off: ${thrownText(error)}`;
    this.#running = null;
    try {
      this.#figures = policy.figures();
    } catch {
      // The figures that were asked for last are the newest there are.
    }
    this.#figures = { ...this.#figures, failure: this.failure };
    this.onFailure(this.failure);
  }
}
