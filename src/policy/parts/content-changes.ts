import { FIRST_CONTENT, STATE_PROVISIONAL, STATE_UNKNOWN, STATE_ZERO } from '../../engine/layout.js';
import type { ContentChanges } from '../../figures/policy-figures.js';

/** All of them at 0. */
export function newContentChanges(): ContentChanges {
  return { overwritten: 0, zeroed: 0, unknown: 0, freed: 0 };
}

/** Counts a shared frame that becomes `next` (a content or state). Who is destroyed changed nothing: not for those. */
export function countContentChange(changes: ContentChanges, next: number): void {
  if (next >= FIRST_CONTENT || next === STATE_PROVISIONAL) changes.overwritten++;
  else if (next === STATE_ZERO) changes.zeroed++;
  else if (next === STATE_UNKNOWN) changes.unknown++;
  else changes.freed++;
}

/** Their sum. */
export function contentChangesSum({ overwritten, zeroed, unknown, freed }: ContentChanges): number {
  return overwritten + zeroed + unknown + freed;
}
