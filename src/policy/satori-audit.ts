import type { EngineView } from '../engine/effects.js';
import { NO_FRAME } from '../engine/layout.js';
import { auditArea } from './parts/area-audit.js';
import type { SatoriPolicy } from './satori.js';

/** Recounts the region, the blocks by which frames are in it, and the FIFOs; one line for each disagreement. */
export function auditSatori(policy: SatoriPolicy, engine: EngineView): string[] {
  const problems = auditArea(policy.name, policy.area, engine);
  const check = (what: string, counted: number, kept: number): void => {
    if (counted !== kept) problems.push(`satori: ${what}: recounted ${counted}, kept ${kept}`);
  };
  const { region } = policy.area;
  const { keys, fifos, counts } = policy.sharing;
  const alone = new Set<number>();
  const contents = new Set<string>();
  const waiting = new Set<number>();
  let boundKeys = 0;
  for (let slot = 1; slot < region.end; slot++) {
    if (!region.isUsed(slot)) continue;
    const content = region.contentOf(slot);
    const name = `${region.groupOf(slot)} ${content}`;
    if (content !== 0 && contents.has(name)) problems.push(`satori: two slots of group and content ${name}`);
    contents.add(name);
    const keysHere = new Set<number>();
    for (let id = region.firstBound(slot); id !== NO_FRAME; id = region.nextBound(id)) {
      keysHere.add(keys.keyOfFrame(id));
      if (region.refsOf(slot) === 1) alone.add(id);
    }
    boundKeys += keysHere.size;
    for (let entry = region.pendingOf(slot); entry !== 0; entry = region.pending.nextOfSlot(entry)) {
      keysHere.add(keys.keyOfEntry(entry));
      waiting.add(entry);
    }
    for (const key of keysHere) check(`slot of key ${key}`, slot, keys.slotOf(key));
  }
  for (const entry of waiting) {
    let found = keys.firstWaiting(keys.keyOfEntry(entry));
    for (let left = waiting.size; found !== entry && found !== 0 && left > 0; left--) found = keys.nextWaiting(found);
    if (found !== entry) problems.push(`satori: a read of key ${keys.keyOfEntry(entry)} is not in its list`);
  }
  check('keys with bound frames', boundKeys, keys.boundKeys);
  let queued = 0;
  const lone = alone.size;
  for (let domain = 0; domain < engine.domainSlotEnd(); domain++) {
    let inQueue = 0;
    for (let id = fifos.oldest(domain); id !== NO_FRAME && inQueue <= lone; id = fifos.next(id)) {
      inQueue++;
      if (!alone.delete(id)) problems.push(`satori: frame ${id} is volatile, and not alone in a slot`);
      check(`domain of volatile frame ${id}`, engine.domainOfFrame(id), domain);
    }
    check(`volatile frames of slot ${domain}`, inQueue, fifos.count(domain));
    queued += inQueue;
  }
  check('volatile frames', queued, fifos.frames);
  // A full FIFO takes no more: only without a limit that can be reached is every lone frame in one.
  if (policy.fifoMax >= engine.frameIdEnd()) check('lone frames in no FIFO', 0, alone.size);
  check('broken shares', counts.repaid + counts.enomem, counts.broken);
  return problems;
}
