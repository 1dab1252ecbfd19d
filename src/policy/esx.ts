import { fromHalves } from '../base/units.js';
import {
  CAUSE_GONE,
  EFFECT_DOMAIN,
  EFFECT_FRAME,
  EFFECT_GONE,
  EFFECT_GROUP,
  EFFECT_READ,
  EFFECT_TIME,
  EFFECT_WORDS,
  EFFECT_WRITE,
  type EngineView,
} from '../engine/effects.js';
import { FIRST_CONTENT } from '../engine/layout.js';
import type { DomainPolicyFigures } from '../figures/domain-figures.js';
import type { PolicyFigures } from '../figures/policy-figures.js';
import { auditEsx } from './esx-audit.js';
import { ESX_KNOBS, type EsxKnobs } from './esx-knobs.js';
import { EsxScan } from './esx-scan.js';
import { knobDefaults } from './knobs.js';
import { contentChangesSum, countContentChange, newContentChanges } from './parts/content-changes.js';
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
  readonly contentChanged = newContentChanges();
  /** By domain slot. */
  #changedOf = new Float64Array(8);

  constructor(
    private readonly engine: EngineView,
    knobs: EsxKnobs = knobDefaults(ESX_KNOBS),
  ) {
    this.scan = new EsxScan(engine, knobs);
  }

  get bytes(): number {
    return this.scan.bytes;
  }

  apply(words: Uint32Array, used: number): void {
    const { scan } = this;
    scan.reserveFrames();
    let mayOwe = true;
    for (let at = 0; at < used; at += EFFECT_WORDS) {
      const head = words[at];
      const kind = head & 0xff;
      if (kind === EFFECT_TIME) {
        scan.clock.moveTo(fromHalves(words[at + 1], words[at + 2]));
        mayOwe = true;
        continue;
      }
      // What fell due saw memory as it was before.
      if (mayOwe) scan.catchUp();
      mayOwe = false;
      const domain = head >>> 16;
      if (kind === EFFECT_FRAME) {
        scan.clock.start();
        this.#frame(domain, (head >>> 8) & 0xff, words[at + 1], words[at + 3], words[at + 4]);
      } else if (kind === EFFECT_READ || kind === EFFECT_WRITE) scan.clock.start();
      else if (kind === EFFECT_DOMAIN) this.#domain(domain, words[at + 1], words[at + 2]);
      else if (kind === EFFECT_GROUP) scan.changeGroup(domain, words[at + 1]);
      else if (kind === EFFECT_GONE) scan.endDomain(domain);
    }
  }

  #frame(domain: number, fillClass: number, frameId: number, next: number, cause: number): void {
    if (!this.scan.setFrame(domain, frameId, next, fillClass) || cause === CAUSE_GONE) return;
    countContentChange(this.contentChanged, next);
    this.#changedOf[domain]++;
  }

  #domain(domain: number, group: number, life: number): void {
    this.scan.startDomain(domain, group, life);
    if (domain >= this.#changedOf.length) {
      const grown = new Float64Array(2 * domain);
      grown.set(this.#changedOf);
      this.#changedOf = grown;
    }
    this.#changedOf[domain] = 0;
  }

  settle(work = Number.POSITIVE_INFINITY): boolean {
    return this.scan.catchUp(work) || this.scan.copies.settle(work);
  }

  converge(work = Number.POSITIVE_INFINITY): boolean {
    return this.scan.converge(work);
  }

  figures(): PolicyFigures {
    const { scan, contentChanged } = this;
    const { plain, zero } = scan.copies;
    const savedFrames = plain.refs - plain.copies;
    const [shared, common] = [plain.refs + zero.refs, plain.copies + zero.copies];
    return {
      name: this.name,
      savedFrames,
      zeroSavedFrames: zero.refs - zero.copies,
      netSavedFrames: savedFrames,
      sharedFrames: plain.copies,
      metadataBytes: BYTES_A_FRAME * scan.copies.count,
      esx: {
        savedFrames,
        shared,
        common,
        saving: shared - common,
        hints: scan.hints,
        staleHints: scan.staleHints,
        visits: scan.visits,
        rounds: scan.rounds,
        contentChanged: { ...contentChanged },
      },
    };
  }

  sums(): PolicySums {
    const { plain, zero } = this.scan.copies;
    return {
      savedFrames: plain.refs - plain.copies,
      zeroSavedFrames: zero.refs - zero.copies,
      readsAvoided: 0,
      readsIssued: 0,
      contentChanged: contentChangesSum(this.contentChanged),
    };
  }

  domainFigures(slot: number): DomainPolicyFigures {
    return {
      sharedFrames: this.scan.copies.sharedFrames(slot),
      fairSavedFrames: this.scan.copies.fairSavedFrames(slot),
      readsSeen: 0,
      readsAvoided: 0,
      contentChanged: this.#changedOf[slot],
    };
  }

  sharedRefs(content: number): number {
    return content < FIRST_CONTENT ? 0 : this.scan.copies.sharedRefs(content);
  }

  get copies(): EsxScan['copies'] {
    return this.scan.copies;
  }

  audit(): string[] {
    while (this.settle());
    return auditEsx(this.scan, this.engine);
  }
}
