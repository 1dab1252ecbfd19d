import type { DomainPolicyFigures } from '../figures/domain-figures.js';
import type { PolicyFigures } from '../figures/policy-figures.js';
import type { Policy, PolicySums } from './policy.js';

/** The counts of the engine that are the upper bound already. */
export interface OracleCounts {
  potentialSavedFrames(): number;
  sharedContents(): number;
  domainShared(slot: number): number;
  domainFairSaved(slot: number): number;
  refs(contentId: number): number;
}

/** Everything identical is shared at once, by content, zeros apart: what no exact-page scheme can exceed. */
export class OraclePolicy implements Policy {
  readonly name = 'oracle';
  readonly bytes = 0;

  constructor(private readonly counts: OracleCounts) {}

  /** The engine keeps all of it: nothing to do for a record. */
  apply(): void {
    // see above
  }
  settle(): void {
    // the engine settles itself
  }

  figures(): PolicyFigures {
    const savedFrames = this.counts.potentialSavedFrames();
    return { name: this.name, savedFrames, netSavedFrames: savedFrames, sharedFrames: this.counts.sharedContents() };
  }

  sums(): PolicySums {
    return { savedFrames: this.counts.potentialSavedFrames(), readsAvoided: 0, readsIssued: 0, contentChanged: 0 };
  }

  domainFigures(slot: number): DomainPolicyFigures {
    return {
      sharedFrames: this.counts.domainShared(slot),
      fairSavedFrames: this.counts.domainFairSaved(slot),
      readsSeen: 0,
      readsAvoided: 0,
      contentChanged: 0,
    };
  }

  sharedRefs(contentId: number): number {
    const refs = this.counts.refs(contentId);
    return refs >= 2 ? refs : 0;
  }

  /** The engine audits its own counts. */
  audit(): string[] {
    return [];
  }
}
