import type { EngineView } from '../engine/effects.js';
import type { EsxScan } from './esx-scan.js';
import { auditScanner } from './ksm-audit.js';
import { HELD_NOTHING } from './parts/scanned-frames.js';

/** Recounts `esx` from its frames; one line for each disagreement. */
export function auditEsx(scan: EsxScan, engine: EngineView): string[] {
  const problems = auditScanner('esx', scan.merges);
  const check = (what: string, counted: number | boolean, kept: number | boolean): void => {
    if (counted !== kept) problems.push(`esx: ${what}: recounted ${counted}, kept ${kept}`);
  };
  const { frames } = scan.merges;
  const scanned = new Map<number, number>();
  const pending = new Map<number, number>();
  for (let id = 0; id < frames.end; id++) {
    const isScanned = frames.heldBy(id) !== HELD_NOTHING;
    const isVisited = frames.copyOf(id) !== 0 || frames.waitsAt(id) !== 0;
    if (isVisited) check(`frame ${id}, which is shared or a hint, is pending`, false, scan.isPending(id));
    if (!isScanned) {
      check(`frame ${id}, which is not scanned, is pending`, false, scan.isPending(id));
      continue;
    }
    const domain = engine.domainOfFrame(id);
    scanned.set(domain, (scanned.get(domain) ?? 0) + 1);
    if (scan.isPending(id)) pending.set(domain, (pending.get(domain) ?? 0) + 1);
  }
  for (let slot = 0; slot < engine.domainSlotEnd(); slot++) {
    const domain = scan.domainOf(slot);
    if (domain === undefined) continue;
    check(`scanned frames of slot ${slot}`, scanned.get(slot) ?? 0, domain.scanned);
    check(`pending frames of slot ${slot}`, pending.get(slot) ?? 0, domain.pending);
  }
  return problems;
}
