import type { Engine } from '../engine/engine.js';
import {
  C_FLAGS,
  C_REFS,
  CD_PINS,
  CD_SOURCE_BLOCK,
  CONTENT_WORDS,
  DETAIL_WORDS,
  FIRST_CONTENT,
  FLAG_DISK,
  FLAG_FREE_ROW,
} from '../engine/layout.js';
import type { Walk } from './on-demand.js';

const CONTENTS_A_CALL = 32_768;

/** The index of the image that a content was first read from, -1 if it never was. */
export function sourceImage(engine: Engine, contentId: number): number {
  const flags = engine.contents.words[contentId * CONTENT_WORDS + C_FLAGS];
  if (contentId < FIRST_CONTENT || (flags & (FLAG_DISK | FLAG_FREE_ROW)) !== FLAG_DISK) return -1;
  return (engine.contents.details[contentId * DETAIL_WORDS + CD_PINS] >>> 16) - 1;
}

/**
 * The contents that were first read from blocks [first, first + count) of an image. The engine keeps the block of a
 * content and not the other way round, so this walks over all contents.
 */
export class BlockNeighbours implements Walk {
  readonly epoch: number;
  /** By block − first: the content, 0 for none; of several the one with the most holders. */
  readonly ids: Uint32Array;
  #next = FIRST_CONTENT;

  constructor(
    private readonly engine: Engine,
    readonly image: number,
    readonly first: number,
    count: number,
  ) {
    this.epoch = engine.epoch;
    this.ids = new Uint32Array(count);
  }

  walk(): boolean {
    const { words, details, end } = this.engine.contents;
    const until = Math.min(end, this.#next + CONTENTS_A_CALL);
    for (let id = this.#next; id < until; id++) {
      const at = details[id * DETAIL_WORDS + CD_SOURCE_BLOCK] - this.first;
      if (at < 0 || at >= this.ids.length || sourceImage(this.engine, id) !== this.image) continue;
      const known = this.ids[at];
      if (known === 0 || words[id * CONTENT_WORDS + C_REFS] > words[known * CONTENT_WORDS + C_REFS]) this.ids[at] = id;
    }
    this.#next = until;
    return until < end;
  }

  /** The content of a place, if it still is the one that was found; 0 for none. */
  contentAt(place: number): number {
    const id = this.ids[place];
    if (id === 0 || sourceImage(this.engine, id) !== this.image) return 0;
    const block = this.engine.contents.details[id * DETAIL_WORDS + CD_SOURCE_BLOCK];
    return block === this.first + place ? id : 0;
  }
}
