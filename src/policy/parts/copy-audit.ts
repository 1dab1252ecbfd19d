import type { EngineView } from '../../engine/effects.js';
import { FRAME_WORDS, NO_FRAME, STATE_ZERO } from '../../engine/layout.js';
import type { CopyTable } from './copy-table.js';

/**
 * Recounts a settled table of copies from the lists of their frames; one line for each disagreement.
 * @param groupOf the trust group of the domain in a slot
 */
export function auditCopies(copies: CopyTable, engine: EngineView, groupOf: (slot: number) => number): string[] {
  const problems: string[] = [];
  const check = (what: string, counted: number, kept: number): void => {
    if (Math.abs(counted - kept) > 1e-6) problems.push(`${what}: recounted ${counted}, kept ${kept}`);
  };
  const frames = engine.frameWords();
  const fair = new Map<number, number>();
  const shared = new Map<number, number>();
  const totals = { plain: { refs: 0, copies: 0 }, zero: { refs: 0, copies: 0 } };
  let count = 0;
  for (let copy = 1; copy < copies.end; copy++) {
    if (!copies.isUsed(copy)) continue;
    count++;
    const content = copies.contentOf(copy);
    const refs = copies.refs(copy);
    let counted = 0;
    for (let id = copies.firstFrame(copy); id !== NO_FRAME; id = copies.nextFrame(id)) {
      const domain = engine.domainOfFrame(id);
      counted++;
      check(`copy of frame ${id}`, copy, copies.copyOf(id));
      check(`content of frame ${id} in copy ${copy}`, frames[id * FRAME_WORDS], content);
      check(`group of frame ${id} in copy ${copy}`, groupOf(domain), copies.groupOf(copy));
      if (refs < 2 || content === STATE_ZERO) continue;
      fair.set(domain, (fair.get(domain) ?? 0) + (refs - 1) / refs);
      shared.set(domain, (shared.get(domain) ?? 0) + 1);
    }
    check(`refs of copy ${copy}`, counted, refs);
    const total = content === STATE_ZERO ? totals.zero : totals.plain;
    if (refs >= 2) total.refs += refs;
    if (refs >= 2) total.copies++;
  }
  check('copies', count, copies.count);
  for (const kind of ['plain', 'zero'] as const) {
    check(`references to shared copies (${kind})`, totals[kind].refs, copies[kind].refs);
    check(`shared copies (${kind})`, totals[kind].copies, copies[kind].copies);
  }
  for (let slot = 0; slot < engine.domainSlotEnd(); slot++) {
    if (groupOf(slot) < 0) continue;
    check(`fair saved of slot ${slot}`, fair.get(slot) ?? 0, copies.fairSavedFrames(slot));
    check(`shared frames of slot ${slot}`, shared.get(slot) ?? 0, copies.sharedFrames(slot));
  }
  return problems;
}
