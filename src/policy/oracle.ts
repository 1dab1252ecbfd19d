import type { DomainPolicyFigures } from '../figures/domain-figures.js';
import { zeroSavableFrames } from '../figures/derived.js';
import { FIRST_CONTENT } from '../engine/layout.js';
import type { PolicyFigures } from '../figures/policy-figures.js';
import type { Policy, PolicySums } from './policy.js';
import type { SharedCopies } from './shared-copies.js';

/** The counts of the engine that are the upper bound already. */
export interface OracleCounts {
  potentialSavedFrames(): number;
  /** Zero frames of all live domains. */
  zeroFrames(): number;
  sharedContents(): number;
  domainShared(slot: number): number;
  domainFairSaved(slot: number): number;
  refs(contentId: number): number;
  /** The content of a frame, or its state below FIRST_CONTENT. */
  contentOf(frameId: number): number;
}

/** Everything identical is shared at once, by content, zeros apart: what no exact-page scheme can exceed. */
export class OraclePolicy implements Policy {
  readonly name = 'oracle';
  readonly bytes = 0;

  /** A content is its own copy, as soon as a second frame holds it. */
  readonly copies: SharedCopies;

  constructor(private readonly counts: OracleCounts) {
    const refs = (content: number): number => this.sharedRefs(content);
    this.copies = {
      ofFrame: (frameId) => {
        const content = counts.contentOf(frameId);
        return content >= FIRST_CONTENT && refs(content) > 0 ? content : 0;
      },
      refs,
      ofContent: (content) => (content >= FIRST_CONTENT ? Math.sign(refs(content)) : 0),
    };
  }

  /** The engine keeps all of it: nothing to do for a record. */
  apply(): void {
    // see above
  }
  /** The engine settles itself. */
  settle(): boolean {
    return false;
  }

  figures(): PolicyFigures {
    const savedFrames = this.counts.potentialSavedFrames();
    return {
      name: this.name,
      savedFrames,
      zeroSavedFrames: zeroSavableFrames(this.counts.zeroFrames()),
      netSavedFrames: savedFrames,
      sharedFrames: this.counts.sharedContents(),
      metadataBytes: 0,
    };
  }

  sums(): PolicySums {
    return {
      savedFrames: this.counts.potentialSavedFrames(),
      zeroSavedFrames: zeroSavableFrames(this.counts.zeroFrames()),
      readsAvoided: 0,
      readsIssued: 0,
      contentChanged: 0,
    };
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
