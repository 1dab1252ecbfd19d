/**
 * What of a policy's saving is of which row of a NameCensus: a walk over all frames, in slices. Nothing may be applied
 * between the census and the end of this walk.
 */
import { FairSums } from '../base/fair-sums.js';
import type { Engine } from '../engine/engine.js';
import { CHUNK_FRAMES, FIRST_CONTENT, FRAME_WORDS, STATE_PROVISIONAL } from '../engine/layout.js';
import type { SharedCopies } from '../policy/shared-copies.js';
import type { GuardedPolicy } from './guarded-policy.js';
import { type NameCensus, ROW_UNKNOWN } from './name-census.js';

/** By row: Σ (n − 1)/n over the frames whose copy has n references; the rows add up to the policy's gross saving. */
export class NamedSaving {
  readonly #sums = new FairSums();
  #nextChunk = 0;
  /** The scheme keeps copies that could be asked. */
  #canTell = true;
  /** It saves all that is savable: nothing has to be walked for. */
  #isWhole: boolean;
  /** Its zeros are saved by a rule of their own. */
  readonly zeroSavedFrames: number;
  /** Its gross saving, zeros apart. */
  readonly savedFrames: number;

  /** The census is over. */
  constructor(
    private readonly engine: Engine,
    private readonly census: NameCensus,
    private readonly policy: GuardedPolicy,
  ) {
    const { zeroSavedFrames, savedFrames } = policy.figures();
    this.zeroSavedFrames = zeroSavedFrames;
    this.savedFrames = savedFrames;
    this.#isWhole = policy.ask((copies) => copies.addStopLosses === undefined, false);
    this.#sums.reserve(census.rows);
  }

  /** Walks over about `frames` more; true if some are left. */
  walk(frames = Number.POSITIVE_INFINITY): boolean {
    if (this.#isWhole || !this.#canTell) return false;
    const chunks = this.engine.frames.chunkOwner.length;
    const end = Math.min(chunks, this.#nextChunk + Math.max(1, Math.floor(frames / CHUNK_FRAMES)));
    this.#canTell = this.policy.ask((copies) => {
      for (let chunk = this.#nextChunk; chunk < end; chunk++) this.#addChunk(chunk, copies);
      return true;
    }, false);
    this.#nextChunk = end;
    return this.#canTell && end < chunks;
  }

  #addChunk(chunk: number, copies: SharedCopies): void {
    if (this.engine.frames.chunkOwner[chunk] < 0) return;
    const frames = this.engine.frames.words;
    const { rowOfContent } = this.census;
    const base = chunk * CHUNK_FRAMES;
    for (let frameId = base; frameId < base + CHUNK_FRAMES; frameId++) {
      const state = frames[frameId * FRAME_WORDS];
      if (state < STATE_PROVISIONAL) continue;
      const copy = copies.ofFrame(frameId);
      if (copy === 0) continue;
      this.#sums.add(state < FIRST_CONTENT ? ROW_UNKNOWN : rowOfContent[state], 1, copies.refs(copy));
    }
  }

  /** The saving of a row that can save `savableFrames`; null if the scheme cannot tell. The walk must be over. */
  ofRow(row: number, savableFrames: number): number | null {
    if (this.#isWhole) return savableFrames;
    return this.#canTell ? this.#sums.get(row) : null;
  }
}
