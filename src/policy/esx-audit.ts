import type { EngineView } from '../engine/effects.js';
import { FIRST_CONTENT, FRAME_WORDS, STATE_FREE, STATE_UNTOUCHED, STATE_ZERO } from '../engine/layout.js';
import { type EsxScan, HELD_MASK, KIND_SHARED, PENDING, SCANNED } from './esx-scan.js';
import { auditCopies } from './parts/copy-audit.js';

/** Recounts `esx` from the frames of the engine; one line for each disagreement. */
export function auditEsx(scan: EsxScan, engine: EngineView): string[] {
  const problems: string[] = [];
  const check = (what: string, counted: number | boolean, kept: number | boolean): void => {
    if (counted !== kept) problems.push(`esx: ${what}: recounted ${counted}, kept ${kept}`);
  };
  const { copies } = scan;
  const frames = engine.frameWords();
  const scanned = new Map<number, number>();
  const pending = new Map<number, number>();
  for (let id = 0; id < engine.frameIdEnd(); id++) {
    const state = frames[id * FRAME_WORDS];
    const word = scan.wordOf(id);
    const isKnown = state >= FIRST_CONTENT || state === STATE_ZERO;
    if (scan.isIncomplete && word === 0) continue;
    check(`what frame ${id} holds`, state, word & HELD_MASK);
    const isScanned = (word & SCANNED) !== 0;
    // A zero frame is scanned or not by its fill class, which the engine does not keep.
    if (state !== STATE_ZERO)
      check(`frame ${id} is scanned`, state !== STATE_FREE && state !== STATE_UNTOUCHED, isScanned);
    if (!isScanned) {
      check(`copy of frame ${id}, which is not scanned`, 0, id < scan.knownFrames ? copies.copyOf(id) : 0);
      continue;
    }
    const domain = engine.domainOfFrame(id);
    scanned.set(domain, (scanned.get(domain) ?? 0) + 1);
    const isPending = (word & PENDING) !== 0;
    if (isPending) pending.set(domain, (pending.get(domain) ?? 0) + 1);
    if (!scan.isIncomplete) check(`frame ${id} is in a copy`, isKnown && !isPending, copies.copyOf(id) !== 0);
  }
  for (let slot = 0; slot < engine.domainSlotEnd(); slot++) {
    const domain = scan.domainOf(slot);
    if (domain === undefined) continue;
    check(`scanned frames of slot ${slot}`, scanned.get(slot) ?? 0, domain.scanned);
    check(`pending frames of slot ${slot}`, pending.get(slot) ?? 0, domain.pending);
  }
  let hints = 0;
  for (let copy = 1; copy < copies.end; copy++) {
    if (!copies.isUsed(copy)) continue;
    if (copies.kindOf(copy) !== KIND_SHARED) {
      hints++;
      check(`refs of hint ${copy}`, 1, copies.refs(copy));
    }
    check(`another copy of what copy ${copy} holds`, 0, copies.nextOf(copy));
  }
  check('hints', hints, scan.hints);
  const groupOf = (slot: number): number => scan.domainOf(slot)?.group ?? -1;
  problems.push(...auditCopies(copies, engine, groupOf).map((line) => `esx: ${line}`));
  return problems;
}
