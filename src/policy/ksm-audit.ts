import { NO_FRAME, STATE_ZERO } from '../engine/layout.js';
import type { MergeScanner } from './parts/merge-scanner.js';
import { FIRST_COPY } from './parts/stable-copies.js';

/** Recounts a scanner from what its frames hold and refer to; one line for each disagreement. */
export function auditScanner(name: string, scanner: MergeScanner): string[] {
  const problems: string[] = [];
  const check = (what: string, counted: number, kept: number): void => {
    if (Math.abs(counted - kept) > 1e-6 * Math.max(1, Math.abs(counted))) {
      problems.push(`${name}: ${what}: recounted ${counted}, kept ${kept}`);
    }
  };
  const frames = countFrames(scanner, check);
  countCopies(scanner, frames.byCopy, check);
  return problems;
}

type Check = (what: string, counted: number, kept: number) => void;

/** Recounts what is a sum over frames. */
function countFrames(scanner: MergeScanner, check: Check): { byCopy: Map<number, [ram: number, extra: number]> } {
  const { frames, nodes, copies, order } = scanner;
  const byCopy = new Map<number, [number, number]>();
  const waiting = new Map<number, number>();
  const perDomain = new Map<number, { items: number; merging: number; zeroPages: number }>();
  let candidates = 0;
  let items = 0;
  let zeroPages = 0;
  for (let id = 0; id < frames.end; id++) {
    const held = frames.heldBy(id);
    const isZeroPage = frames.isAtZeroPage(id);
    if (held === 0 && !isZeroPage) {
      if (frames.hasItem(id)) check(`item of frame ${id}, which holds nothing`, 0, 1);
      continue;
    }
    if (held !== 0) candidates++;
    const slot = order.domainOf(id);
    const domain = perDomain.get(slot) ?? { items: 0, merging: 0, zeroPages: 0 };
    perDomain.set(slot, domain);
    if (isZeroPage) {
      zeroPages++;
      domain.zeroPages++;
      continue;
    }
    if (frames.hasItem(id)) {
      items++;
      domain.items++;
    }
    const copy = frames.copyOf(id);
    const node = copy !== 0 ? copies.nodeOf(copy) : frames.waitsAt(id);
    if (node === 0) continue;
    check(`content of frame ${id} in node ${node}`, held, nodes.contentOf(node));
    check(`group of frame ${id} in node ${node}`, scanner.domains.groups[slot], nodes.groupOf(node));
    if (copy === 0) waiting.set(node, (waiting.get(node) ?? 0) + 1);
    else {
      domain.merging++;
      const refs = byCopy.get(copy) ?? [0, 0];
      refs[order.isExtra(id) ? 1 : 0]++;
      byCopy.set(copy, refs);
    }
  }
  check('frames to visit', candidates, order.candidates);
  check('items', items, scanner.items);
  check('frames at the zero page', zeroPages, scanner.zeroPages);
  let unshared = 0;
  for (const [node, count] of waiting) {
    unshared += count;
    check(`frames that wait at node ${node}`, count, nodes.waiting(node));
  }
  check('unshared frames', unshared, scanner.unshared);
  for (const [slot, { items, merging, zeroPages }] of perDomain) {
    const kept = scanner.domains.items(slot);
    check(`items of slot ${slot}`, items, kept.items);
    check(`merged frames of slot ${slot}`, merging, kept.merging);
    check(`zero pages of slot ${slot}`, zeroPages, kept.zeroPages);
  }
  return { byCopy };
}

/** Recounts what is a sum over copies. */
function countCopies(scanner: MergeScanner, byCopy: Map<number, [ram: number, extra: number]>, check: Check): void {
  const { copies, order, nodes } = scanner;
  const { max_page_sharing: max } = scanner.knobs;
  const perNode = new Map<number, number>();
  const fair = new Map<number, number>();
  const shared = new Map<number, number>();
  const sums = { copies: 0, frames: 0, saved: 0, zeroSaved: 0, sharedCopies: 0 };
  for (let copy = FIRST_COPY; copy < copies.end; copy++) {
    if (!copies.isUsed(copy)) continue;
    const [ram, extra] = byCopy.get(copy) ?? [0, 0];
    check(`refs of copy ${copy}`, ram, copies.refsOf(copy));
    check(`extra frames of copy ${copy}`, extra, copies.extraOf(copy));
    check(`whether copy ${copy} has a place for its ${ram + extra} frames`, Math.min(max, ram + extra), ram + extra);
    check(`whether copy ${copy} is used`, Math.sign(ram + extra), 1);
    const node = copies.nodeOf(copy);
    perNode.set(node, (perNode.get(node) ?? 0) + 1);
    sums.copies++;
    sums.frames += ram + extra;
    let listed = 0;
    const isZero = nodes.contentOf(node) === STATE_ZERO;
    for (let id = copies.firstFrame(copy); id !== NO_FRAME; id = copies.nextFrame(id)) {
      listed++;
      if (isZero || ram < 2) continue;
      const slot = order.domainOf(id);
      fair.set(slot, (fair.get(slot) ?? 0) + (ram - 1) / ram);
      shared.set(slot, (shared.get(slot) ?? 0) + 1);
    }
    check(`frames in the list of copy ${copy}`, listed, ram);
    if (isZero) sums.zeroSaved += Math.max(0, ram - 1);
    else sums.saved += Math.max(0, ram - 1);
    if (!isZero && ram >= 2) sums.sharedCopies++;
  }
  check('stable copies', sums.copies, copies.copies);
  check('frames in stable copies', sums.frames, copies.frames);
  check('saved frames', sums.saved, copies.savedFrames);
  check('saved zero frames', sums.zeroSaved, copies.zeroSavedFrames);
  check('copies with several frames', sums.sharedCopies, copies.sharedCopies);
  const chains = [...perNode.values()].filter((count) => count > 1);
  check('chains', chains.length, copies.chains);
  check(
    'dups',
    chains.reduce((sum, count) => sum + count, 0),
    copies.dups,
  );
  for (let slot = 0; slot < scanner.engine.domainSlotEnd(); slot++) {
    check(`fair saved of slot ${slot}`, fair.get(slot) ?? 0, copies.fairSavedOf(slot));
    check(`shared frames of slot ${slot}`, shared.get(slot) ?? 0, copies.sharedFramesOf(slot));
  }
}
