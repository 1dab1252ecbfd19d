/** What of a policy's saving is of which class: a walk over all frames, for reports. */
import { FairSums } from '../base/fair-sums.js';
import { byClass, CLASS_DISK, CLASS_MEMORY, CLASS_ZERO, classOfFlags } from '../engine/class-census.js';
import type { Engine } from '../engine/engine.js';
import {
  C_FLAGS,
  CHUNK_FRAMES,
  CONTENT_SHIFT,
  FIRST_CONTENT,
  FRAME_WORDS,
  STATE_PROVISIONAL,
} from '../engine/layout.js';
import type { SavedByClass } from '../figures/class-figures.js';
import type { SharedCopies } from '../policy/shared-copies.js';
import type { GuardedPolicy } from './guarded-policy.js';

/**
 * The gross saving of a policy by class; undefined if it keeps no copies that could be asked, or was switched off.
 * O(frames). A provisional frame, which was read from a block of unknown hash, is of class disk.
 */
export function savedByClass(engine: Engine, policy: GuardedPolicy): SavedByClass | undefined {
  const zeroSavedFrames = policy.figures().zeroSavedFrames;
  const sums = policy.ask<FairSums | undefined>((copies) => fairSums(engine, copies), undefined);
  if (sums === undefined) return undefined;
  return byClass((kind) => (kind === CLASS_ZERO ? zeroSavedFrames : sums.get(kind)));
}

/** By class: Σ (n − 1)/n over the frames whose copy has n references. */
function fairSums(engine: Engine, copies: SharedCopies): FairSums {
  const sums = new FairSums();
  sums.reserve(CLASS_MEMORY + 1);
  const frames = engine.frames.words;
  const contents = engine.contents.words;
  for (const [chunk, owner] of engine.frames.chunkOwner.entries()) {
    if (owner < 0) continue;
    const base = chunk * CHUNK_FRAMES;
    for (let frameId = base; frameId < base + CHUNK_FRAMES; frameId++) {
      const state = frames[frameId * FRAME_WORDS];
      if (state < STATE_PROVISIONAL) continue;
      const copy = copies.ofFrame(frameId);
      if (copy === 0) continue;
      const kind = state < FIRST_CONTENT ? CLASS_DISK : classOfFlags(contents[(state << CONTENT_SHIFT) + C_FLAGS]);
      sums.add(kind, 1, copies.refs(copy));
    }
  }
  return sums;
}
