import { fromHalves } from '../base/units.js';
import {
  EFFECT_DOMAIN,
  EFFECT_EXTRA,
  EFFECT_FRAME,
  EFFECT_GONE,
  EFFECT_GROUP,
  EFFECT_READ,
  EFFECT_TIME,
  EFFECT_WRITE,
  EFFECT_WORDS,
  type EngineView,
} from '../engine/effects.js';
import { FIRST_CONTENT, NO_FRAME } from '../engine/layout.js';
import type { DomainPolicyFigures } from '../figures/domain-figures.js';
import { zeroSavableFrames } from '../figures/derived.js';
import { type KsmFigures, type KsmProcessFigures, ksmProfit, RMAP_ITEM_BYTES } from '../figures/ksm-figures.js';
import type { PolicyFigures } from '../figures/policy-figures.js';
import type { PageSecondsFigures } from '../figures/time-figures.js';
import { auditScanner } from './ksm-audit.js';
import { KSM_KNOBS, type KsmKnobs } from './ksm-knobs.js';
import { knobDefaults } from './knobs.js';
import { MergeScanner } from './parts/merge-scanner.js';
import { SavedPageSeconds } from './parts/page-seconds.js';
import { ScanCopies } from './parts/scan-copies.js';
import { ScanPace } from './parts/scan-pace.js';
import type { ShareFollower } from './parts/share-spans.js';
import type { VisitHints } from './parts/visit-hints.js';
import type { Policy, PolicySums } from './policy.js';

/** Visits between two looks at whether the scan has become idle. */
const VISITS_A_SLICE = 1 << 16;

/** Linux's kernel same-page merging (docs/POLICIES.md, ksm): a scan that goes round and merges what it finds twice. */
export class KsmPolicy implements Policy {
  readonly name: string = 'ksm';
  readonly scanner: MergeScanner;
  readonly copies: ScanCopies;
  readonly #pace: ScanPace;
  /** Memory is as it was when `converge` began anew. */
  #isConverging = false;
  readonly #pageSeconds = new SavedPageSeconds();
  /** The visit before was one of a hint: the next one is of the scan. */
  #wasHinted = false;
  readonly #hints: VisitHints | null;

  /** @param hints visit frames of the scanner out of turn, every second time while there are any */
  constructor(
    readonly engine: EngineView,
    knobs: KsmKnobs = knobDefaults(KSM_KNOBS),
    scanner = new MergeScanner(engine, knobs),
    hints: VisitHints | null = null,
  ) {
    this.scanner = scanner;
    this.#hints = hints;
    this.copies = new ScanCopies(this.scanner);
    this.#pace = new ScanPace(knobs.pages_to_scan, knobs.sleep_millisecs);
  }

  get bytes(): number {
    return this.scanner.bytes + (this.#hints?.bytes ?? 0);
  }

  apply(words: Uint32Array, used: number): void {
    const { scanner } = this;
    const hints = this.#hints;
    scanner.reserveFrames();
    hints?.reserveFrames();
    for (let at = 0; at < used; at += EFFECT_WORDS) {
      const head = words[at];
      const kind = head & 0xff;
      const domain = head >>> 16;
      if (kind === EFFECT_FRAME || kind === EFFECT_EXTRA) {
        this.#pace.start();
        this.#isConverging = false;
        this.#payAll();
        scanner.setFrame(words[at + 1], domain, words[at + 3], (head >>> 8) & 0xff, words[at + 4]);
        hints?.frameChanged(domain, words[at + 1], words[at + 3], words[at + 4]);
      } else if (kind === EFFECT_READ || kind === EFFECT_WRITE) {
        this.#pace.start();
        if (kind === EFFECT_READ && hints !== null) {
          // Only a read that names its frame may be a hint at once; others must not cut the idle scan into small parts.
          if (words[at + 1] !== NO_FRAME) this.#payAll();
          hints.read(domain, (head >>> 8) & 0xff, words[at + 1], words[at + 2]);
        }
      } else if (kind === EFFECT_TIME) this.#moveTo(fromHalves(words[at + 1], words[at + 2]));
      else if (kind === EFFECT_DOMAIN || kind === EFFECT_GROUP || kind === EFFECT_GONE) {
        this.#payAll();
        this.#isConverging = false;
        if (kind === EFFECT_DOMAIN) scanner.startDomain(domain, words[at + 1]);
        else if (kind === EFFECT_GROUP) scanner.changeGroup(domain, words[at + 1]);
        else scanner.endDomain(domain);
        if (kind !== EFFECT_DOMAIN) hints?.forget(domain);
      }
    }
  }

  #moveTo(timeMicros: number): void {
    this.#pace.moveTo(timeMicros);
    this.#hints?.moveTo(timeMicros);
  }

  #payAll(): void {
    while (this.#pace.owed > 0) this.#pay(VISITS_A_SLICE);
    this.#savedUntil(this.#pace.now);
  }

  /** What is saved now was saved until then. */
  #savedUntil(timeMicros: number): void {
    const { savedFrames } = this.scanner.copies;
    this.#pageSeconds.moveTo(timeMicros, savedFrames, savedFrames);
    this.scanner.copies.follower?.moveTo(timeMicros);
  }

  /** Makes up to `visits` of the visits that are owed, of which there are some; returns how many, at least 1. */
  #pay(visits: number): number {
    const pace = this.#pace;
    const { scanner } = this;
    const { candidates } = scanner.order;
    const isIdle = scanner.isIdle && (this.#hints?.count ?? 0) === 0;
    this.#savedUntil(pace.dueMicros);
    if (isIdle && candidates > 0) {
      // Rounds end where they began, and a pass is over with the visit behind it: not where none has begun.
      if (scanner.order.isAtStart) pace.owed -= scanner.scan(1);
      const rounds = Math.floor(pace.owed / candidates);
      scanner.countRounds(rounds);
      if (rounds > 0) this.#wasHinted = false;
      pace.owed -= rounds * candidates;
    }
    const due = Math.min(pace.owed, visits, isIdle ? VISITS_A_SLICE : pace.dueTogether);
    // Where there is nothing to visit, visits that fall due are lost.
    pace.owed = this.#visit(due) < due ? 0 : pace.owed - due;
    return Math.max(1, due);
  }

  /** So many visits, by hints and the scan in turn while there are hints; returns how many could be made. */
  #visit(visits: number): number {
    const hints = this.#hints;
    if (hints === null) return this.scanner.scan(visits);
    for (let done = 0; done < visits; done++) {
      const frameId = this.#wasHinted ? -1 : hints.next();
      this.#wasHinted = frameId >= 0;
      if (frameId >= 0) hints.visited(this.scanner.visitHint(frameId));
      else if (hints.count === 0) return done + this.scanner.scan(visits - done);
      else if (this.scanner.scan(1) === 0) return done;
    }
    return visits;
  }

  settle(work = Number.POSITIVE_INFINITY): boolean {
    let left = work;
    while (left > 0 && this.#pace.owed > 0) left -= this.#pay(Math.min(left, VISITS_A_SLICE));
    return this.#pace.owed > 0 || this.scanner.copies.settle(work);
  }

  /**
   * Begins anew, with nothing merged, and goes round until a whole pass changes nothing: what it comes to depends on
   * memory alone, not on its past.
   */
  converge(work = Number.POSITIVE_INFINITY): boolean {
    const { scanner } = this;
    if (!this.#isConverging) {
      this.#payAll();
      scanner.unmergeAll();
      this.#hints?.clear();
      this.#wasHinted = false;
      this.#isConverging = true;
    }
    if (scanner.isIdle || scanner.scan(work, true) < work) return this.settle(work);
    return true;
  }

  figures(): PolicyFigures {
    const { scanner } = this;
    const { savedFrames, sharedCopies } = scanner.copies;
    return {
      name: this.name,
      savedFrames,
      zeroSavedFrames: this.#zeroSavedFrames(),
      netSavedFrames: savedFrames,
      sharedFrames: sharedCopies,
      metadataBytes: scanner.items * RMAP_ITEM_BYTES,
      ksm: kernelCounters(scanner),
      scan: { contentChanged: { ...scanner.contentChanges } },
    };
  }

  /** Merged zeros, and those at the zero page as the others count zeros: one frame of them stays. */
  #zeroSavedFrames(): number {
    return this.scanner.copies.zeroSavedFrames + zeroSavableFrames(this.scanner.ramZeroPages);
  }

  sums(): PolicySums {
    return {
      savedFrames: this.scanner.copies.savedFrames,
      zeroSavedFrames: this.#zeroSavedFrames(),
      readsAvoided: 0,
      readsIssued: 0,
      contentChanged: this.scanner.contentChanged,
    };
  }

  /** Up to the newest time, or to the visits that are still owed. */
  pageSeconds(): PageSecondsFigures {
    if (this.#pace.owed === 0) this.#savedUntil(this.#pace.now);
    return this.#pageSeconds.figures();
  }

  followShares(follower: ShareFollower): void {
    this.scanner.copies.follower = follower;
  }

  domainFigures(slot: number): DomainPolicyFigures {
    const { copies } = this.scanner;
    return {
      sharedFrames: copies.sharedFramesOf(slot),
      fairSavedFrames: copies.fairSavedOf(slot),
      readsSeen: 0,
      readsAvoided: 0,
      contentChanged: this.scanner.domains.items(slot).changed,
    };
  }

  /** One domain's counters under the kernel's names. */
  processFigures(slot: number): KsmProcessFigures {
    const { items, merging, zeroPages } = this.scanner.domains.items(slot);
    return {
      ksm_rmap_items: items,
      ksm_zero_pages: zeroPages,
      ksm_merging_pages: merging,
      ksm_process_profit: ksmProfit(merging + zeroPages, items),
    };
  }

  sharedRefs(contentId: number): number {
    return contentId < FIRST_CONTENT ? 0 : this.copies.sharedRefs(contentId);
  }

  audit(): string[] {
    while (this.settle());
    return auditScanner(this.name, this.scanner);
  }
}

/** The counters of a scanner under the kernel's names. */
export function kernelCounters(scanner: MergeScanner): KsmFigures {
  const { items, unshared, zeroPages } = scanner;
  const { copies, frames, chains, dups } = scanner.copies;
  return {
    pages_shared: copies,
    pages_sharing: frames - copies,
    pages_unshared: unshared,
    pages_volatile: items - frames - unshared,
    pages_scanned: scanner.scanned,
    pages_skipped: 0,
    full_scans: scanner.fullScans,
    ksm_zero_pages: zeroPages,
    stable_node_chains: chains,
    stable_node_dups: dups,
    general_profit: ksmProfit(frames - copies + zeroPages, items),
  };
}
