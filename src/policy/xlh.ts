import type { EngineView } from '../engine/effects.js';
import type { PolicyFigures } from '../figures/policy-figures.js';
import { knobDefaults } from './knobs.js';
import { KsmPolicy } from './ksm.js';
import { MergeScanner } from './parts/merge-scanner.js';
import { XlhHints } from './xlh-hints.js';
import { XLH_KNOBS, type XlhKnobs } from './xlh-knobs.js';

/** XLH: the scan of ksm, which visits what domains just read out of turn (docs/POLICIES.md, xlh). */
export class XlhPolicy extends KsmPolicy {
  override readonly name = 'xlh';
  readonly hints: XlhHints;

  constructor(engine: EngineView, knobs: XlhKnobs = knobDefaults(XLH_KNOBS)) {
    const scanner = new MergeScanner(engine, knobs);
    const hints = new XlhHints(engine, scanner, knobs.hints);
    super(engine, knobs, scanner, hints);
    this.hints = hints;
  }

  /** As of ksm, and what became of the hints. */
  override figures(): PolicyFigures {
    const merges = { byHint: this.hints.merged, byScan: this.scanner.mergedByScan };
    return { ...super.figures(), xlh: { merges, hints: this.hints.figures() } };
  }
}
