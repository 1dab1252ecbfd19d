import type { EngineView } from '../../engine/effects.js';
import { FIRST_CONTENT, FRAME_WORDS, NO_FRAME, STATE_PROVISIONAL, STATE_ZERO } from '../../engine/layout.js';
import type { SharingArea } from './sharing-area.js';

/** Recounts the shared region from its slots and the frames bound to them; one line for each disagreement. */
export function auditArea(name: string, area: SharingArea, engine: EngineView): string[] {
  const problems: string[] = [];
  const check = (what: string, counted: number, kept: number): void => {
    if (Math.abs(counted - kept) > 1e-6 * Math.max(1, Math.abs(counted))) {
      problems.push(`${name}: ${what}: recounted ${counted}, kept ${kept}`);
    }
  };
  const region = area.region;
  const frames = engine.frameWords();
  const fair = new Map<number, number>();
  const shared = new Map<number, number>();
  let resident = 0;
  let bound = 0;
  let used = 0;
  let pending = 0;
  for (let slot = 1; slot < region.end; slot++) {
    if (!region.isUsed(slot)) continue;
    const content = region.contentOf(slot);
    if (content !== STATE_ZERO) resident++;
    let refs = 0;
    for (let id = region.firstBound(slot); id !== NO_FRAME; id = region.nextBound(id)) {
      refs++;
      check(`frame ${id} points to its slot`, slot, region.slotOfFrame(id));
      const holds = frames[id * FRAME_WORDS];
      if (holds >= FIRST_CONTENT) check(`content of frame ${id} bound to slot ${slot}`, holds, content);
      else check(`state of frame ${id} bound to slot ${slot}`, holds, STATE_PROVISIONAL);
    }
    check(`refs of slot ${slot}`, refs, region.refsOf(slot));
    for (let id = region.firstBound(slot); id !== NO_FRAME; id = region.nextBound(id)) {
      const domain = engine.domainOfFrame(id);
      check(`group of a frame bound to slot ${slot}`, area.group[domain], region.groupOf(slot));
      if (refs < 2) continue;
      fair.set(domain, (fair.get(domain) ?? 0) + (refs - 1) / refs);
      shared.set(domain, (shared.get(domain) ?? 0) + 1);
    }
    for (let entry = region.pendingOf(slot); entry !== 0; entry = region.pending.nextOfSlot(entry)) pending++;
    bound += refs;
    if (refs > 0) used++;
  }
  check('resident slots', resident, region.resident);
  check('bound frames', bound, region.boundFrames);
  check('slots in use', used, region.usedSlots);
  check('pending binds', pending, region.pending.count);
  if (resident > area.regionFrames) problems.push(`${name}: ${resident} slots in ${area.regionFrames} frames`);
  let boundFrames = 0;
  for (let id = 0; id < engine.frameIdEnd(); id++) if (region.slotOfFrame(id) !== 0) boundFrames++;
  check('frames bound to a slot', boundFrames, bound);
  for (let domain = 0; domain < engine.domainSlotEnd(); domain++) {
    const figures = area.sharers.figures(domain);
    check(`fair saved of slot ${domain}`, fair.get(domain) ?? 0, figures.fairSavedFrames);
    check(`shared frames of slot ${domain}`, shared.get(domain) ?? 0, figures.sharedFrames);
  }
  return problems;
}
