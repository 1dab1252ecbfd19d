import { fromHalves } from '../base/units.js';
import {
  EFFECT_DOMAIN,
  EFFECT_FRAME,
  EFFECT_GONE,
  EFFECT_GROUP,
  EFFECT_MEMORY,
  EFFECT_READ,
  EFFECT_TIME,
  EFFECT_WORDS,
  EFFECT_WRITE,
  type EngineView,
} from '../engine/effects.js';
import { FIRST_CONTENT } from '../engine/layout.js';
import type { DomainPolicyFigures } from '../figures/domain-figures.js';
import type { PolicyFigures } from '../figures/policy-figures.js';
import type { PageSecondsFigures } from '../figures/time-figures.js';
import { auditEsx } from './esx-audit.js';
import { ESX_KNOBS, type EsxKnobs } from './esx-knobs.js';
import { EsxScan } from './esx-scan.js';
import { knobDefaults } from './knobs.js';
import { ScanCopies } from './parts/scan-copies.js';
import type { ShareFollower } from './parts/share-spans.js';
import type { Policy, PolicySums } from './policy.js';

/** What ESX Server keeps for a shared frame or a hint (Waldspurger, OSDI 2002). */
const BYTES_A_FRAME = 16;

/**
 * Content-based sharing of ESX Server (docs/POLICIES.md): frames are visited in random order, one at a time; a content
 * seen for the first time is a hint, one seen again a shared frame.
 */
export class EsxPolicy implements Policy {
  readonly name = 'esx';
  readonly scan: EsxScan;
  readonly copies: ScanCopies;
  /** Two bits; the rest asks. */
  readonly frameBytes = 2 / 8;
  /** Memory is as it was when `converge` began anew. */
  #isConverging = false;

  constructor(
    private readonly engine: EngineView,
    knobs: EsxKnobs = knobDefaults(ESX_KNOBS),
  ) {
    this.scan = new EsxScan(engine, knobs);
    this.copies = new ScanCopies(this.scan.merges);
  }

  get bytes(): number {
    return this.scan.bytes;
  }

  apply(words: Uint32Array, used: number): void {
    const { scan } = this;
    scan.reserveFrames();
    for (let at = 0; at < used; at += EFFECT_WORDS) {
      const head = words[at];
      const kind = head & 0xff;
      if (kind === EFFECT_TIME) scan.pace.moveTo(fromHalves(words[at + 1], words[at + 2]));
      else if (kind === EFFECT_READ || kind === EFFECT_WRITE) scan.pace.start();
      else if (kind !== EFFECT_MEMORY) this.#change(kind, head, words, at);
    }
  }

  /** An effect that changes what is scanned. */
  #change(kind: number, head: number, words: Uint32Array, at: number): void {
    const { scan } = this;
    const domain = head >>> 16;
    // What fell due saw memory as it was before.
    scan.visitDue();
    scan.savedUntil(scan.pace.now);
    this.#isConverging = false;
    if (kind === EFFECT_FRAME) {
      scan.pace.start();
      scan.setFrame(domain, words[at + 1], words[at + 3], (head >>> 8) & 0xff, words[at + 4]);
    } else if (kind === EFFECT_DOMAIN) scan.startDomain(domain, words[at + 1], words[at + 2]);
    else if (kind === EFFECT_GROUP) scan.changeGroup(domain, words[at + 1]);
    else if (kind === EFFECT_GONE) scan.endDomain(domain);
  }

  settle(work = Number.POSITIVE_INFINITY): boolean {
    return this.scan.catchUp(work) || this.scan.merges.copies.settle(work);
  }

  /** Begins anew, with nothing shared, and visits each frame: what it comes to depends on memory alone. */
  converge(work = Number.POSITIVE_INFINITY): boolean {
    if (!this.#isConverging) this.scan.restart();
    this.#isConverging = true;
    return this.scan.converge(work) || this.settle(work);
  }

  figures(): PolicyFigures {
    const { scan } = this;
    const { unshared: hints } = scan.merges;
    const { savedFrames, zeroSavedFrames, sharedCopies, sharedZeroCopies, copies } = scan.merges.copies;
    const common = sharedCopies + sharedZeroCopies;
    const saving = savedFrames + zeroSavedFrames;
    return {
      name: this.name,
      savedFrames,
      zeroSavedFrames,
      netSavedFrames: savedFrames,
      sharedFrames: sharedCopies,
      metadataBytes: BYTES_A_FRAME * (copies + hints),
      esx: {
        shared: saving + common,
        common,
        saving,
        hints,
        staleHints: scan.staleHints,
        visits: scan.visits,
        rounds: scan.rounds,
        contentChanged: { ...scan.merges.contentChanges },
      },
    };
  }

  sums(): PolicySums {
    const { savedFrames, zeroSavedFrames } = this.scan.merges.copies;
    const { contentChanged } = this.scan.merges;
    return { savedFrames, zeroSavedFrames, readsAvoided: 0, readsIssued: 0, contentChanged };
  }

  /** Up to the newest time. */
  pageSeconds(): PageSecondsFigures {
    this.scan.visitDue();
    this.scan.savedUntil(this.scan.pace.now);
    return this.scan.pageSeconds.figures();
  }

  followShares(follower: ShareFollower): void {
    this.scan.merges.copies.follower = follower;
  }

  domainFigures(slot: number): DomainPolicyFigures {
    const { copies, domains } = this.scan.merges;
    return {
      sharedFrames: copies.sharedFramesOf(slot),
      fairSavedFrames: copies.fairSavedOf(slot),
      readsSeen: 0,
      readsAvoided: 0,
      contentChanged: domains.items(slot).changed,
    };
  }

  sharedRefs(content: number): number {
    return content < FIRST_CONTENT ? 0 : this.copies.sharedRefs(content);
  }

  audit(): string[] {
    while (this.settle());
    return auditEsx(this.scan, this.engine);
  }
}
