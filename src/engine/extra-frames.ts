import type { GapFigures } from '../figures/host-figures.js';
import { ZERO_HASH_HIGH, ZERO_HASH_LOW } from '../trace/record.js';
import type { ContentIndex } from './content-index.js';
import type { Domain } from './domain-table.js';
import { CAUSE_FILL, CAUSE_GONE, EFFECT_EXTRA } from './effects.js';
import type { EffectsBuffer } from './effects-buffer.js';
import type { FrameChanges } from './frame-changes.js';
import type { FrameTable } from './frame-table.js';
import {
  CHUNK_FRAMES,
  EXTRA_CHUNK,
  F_NEXT,
  FIRST_CONTENT,
  FRAME_WORDS,
  STATE_UNTOUCHED,
  STATE_ZERO,
} from './layout.js';

/**
 * Frames of a domain's process outside the guest's RAM: mergeable memory such as ROMs. They have frame ids, so that a
 * scanner keeps them as it keeps any frame, and stand in no count and no list of holders: their rows stay untouched,
 * and what they hold is in the row's second word. Their contents are pinned.
 */
export class ExtraFrames {
  constructor(
    private readonly frames: FrameTable,
    private readonly contents: ContentIndex,
    private readonly changes: FrameChanges,
    private readonly effects: EffectsBuffer,
    private readonly gaps: GapFigures,
    /** Forgets contents that nobody holds. */
    private readonly reclaim: () => void,
  ) {}

  /** `count` extra frames from `index` on hold this content. */
  fill(domain: Domain, index: number, count: number, low: number, high: number, fillClass: number): void {
    for (let i = index; i < index + count; i++) {
      const base = this.frames.baseOfChunk(domain.slot, EXTRA_CHUNK + Math.floor(i / CHUNK_FRAMES));
      const content = base < 0 ? 0 : this.#contentOf(low, high);
      if (content === 0) this.gaps.unmodelled++;
      else this.#set(domain.slot, base + (i % CHUNK_FRAMES), content, fillClass, CAUSE_FILL);
    }
  }

  /** The domain is gone: its extra frames hold nothing any more. */
  clear(slot: number): void {
    this.frames.eachChunk(slot, EXTRA_CHUNK, (_, base) => {
      for (let id = base; id < base + CHUNK_FRAMES; id++) this.#set(slot, id, STATE_UNTOUCHED, 0, CAUSE_GONE);
    });
  }

  #set(slot: number, frameId: number, next: number, fillClass: number, cause: number): void {
    const words = this.frames.words;
    const held = frameId * FRAME_WORDS + F_NEXT;
    const old = words[held];
    if (old === next) return;
    if (next >= FIRST_CONTENT) this.contents.pin(next);
    words[held] = next;
    this.effects.push((EFFECT_EXTRA | (fillClass << 8) | (slot << 16)) >>> 0, frameId, old, next, cause);
    if (old >= FIRST_CONTENT && this.contents.unpin(old)) this.changes.markEmpty(old);
  }

  /** The id of a content; 0: there is no room for it. */
  #contentOf(low: number, high: number): number {
    if (low === ZERO_HASH_LOW && high === ZERO_HASH_HIGH) return STATE_ZERO;
    if (this.contents.reserve(1)) return this.#interned(this.contents.intern(low | 0, high | 0));
    this.reclaim();
    return this.#interned(this.contents.internIfRoom(low, high));
  }

  /** A content that no frame of RAM holds is forgotten as soon as it is not pinned any more. */
  #interned(id: number): number {
    if (id !== 0) this.changes.markEmptyIfUnheld(id);
    return id;
  }
}
