import type { GapFigures } from '../figures/host-figures.js';
import { NO_GFN, READ_ALIGNED, READ_HASH_KNOWN, ZERO_HASH_HIGH, ZERO_HASH_LOW } from '../trace/record.js';
import type { ContentIndex } from './content-index.js';
import type { Domain } from './domain-table.js';
import { CAUSE_READ, EFFECT_READ, READ_FLAG_ALIGNED, READ_FLAG_READ_ONLY_IMAGE } from './effects.js';
import type { EffectsBuffer } from './effects-buffer.js';
import type { FrameChanges } from './frame-changes.js';
import { type FrameTable, NO_ROOM } from './frame-table.js';
import type { HolderCounts } from './holder-counts.js';
import type { Image } from './image-table.js';
import { nameInKeyframe } from './keyframe-names.js';
import {
  C_FLAGS,
  C_REFS,
  CD_PINS,
  CD_SOURCE_BLOCK,
  CHUNK_MASK,
  CHUNK_SHIFT,
  CONTENT_WORDS,
  DETAIL_WORDS,
  FIRST_CONTENT,
  FLAG_DISK,
  NO_FRAME,
  STATE_PROVISIONAL,
  STATE_UNKNOWN,
  STATE_ZERO,
} from './layout.js';

/** A read into a gfn above the reservation; no frame id is negative. */
const DAMAGED_READ = -2;

/** Block reads: each one's heat, its effect, and the fill of its frame if the trace knows one. */
export class BlockReads {
  constructor(
    private readonly frames: FrameTable,
    private readonly contents: ContentIndex,
    private readonly holders: HolderCounts,
    private readonly changes: FrameChanges,
    private readonly effects: EffectsBuffer,
    private readonly gaps: GapFigures,
    /** Forgets contents that nobody holds. */
    private readonly reclaim: () => void,
  ) {}

  /**
   * One 4 KiB block.
   * @param image null: there was no room for it, the read is left out
   * @param flags READ_* of the record; `low` and `high` are the hash if it is known
   * @param gfn NO_GFN if the trace does not know it
   */
  read(
    domain: Domain,
    image: Image | null,
    flags: number,
    block: number,
    low: number,
    high: number,
    gfn: number,
  ): void {
    if (image === null) {
      this.gaps.unmodelled++;
      return;
    }
    // Before the content: making room may forget contents that nobody holds yet.
    const frameId = this.#frameOf(domain, gfn);
    if (frameId === DAMAGED_READ) return;
    let content = 0;
    if ((flags & READ_HASH_KNOWN) !== 0) content = this.#contentOf(low, high, image.index, block);
    let effectFlags = 0;
    if ((flags & READ_ALIGNED) !== 0) effectFlags |= READ_FLAG_ALIGNED;
    if (image.readOnly) effectFlags |= READ_FLAG_READ_ONLY_IMAGE;
    const head = (EFFECT_READ | (effectFlags << 8) | (domain.slot << 16)) >>> 0;
    this.effects.push(head, frameId, content, image.index, block);
    if (frameId === NO_FRAME) return;
    let state = content === 0 ? STATE_PROVISIONAL : content;
    if (state >= FIRST_CONTENT && !this.holders.reserve(1) && this.changes.mayAddEntry(state, domain.slot)) {
      this.gaps.unmodelled++;
      state = STATE_UNKNOWN;
    }
    this.changes.set(frameId, domain.slot, state, CAUSE_READ, 0);
  }

  /** The frame that a block is read into: NO_FRAME if the trace or the tables know none, or DAMAGED_READ. */
  #frameOf(domain: Domain, gfn: number): number {
    if (gfn === NO_GFN) return NO_FRAME;
    if (gfn >= domain.reservedFrames) {
      this.gaps.damagedRecords++;
      return DAMAGED_READ;
    }
    const frameId = this.frames.idOf(domain.slot, gfn);
    if (frameId === NO_ROOM) {
      this.gaps.unmodelled++;
      return NO_FRAME;
    }
    if (domain.keyframeNamed !== null) nameInKeyframe(domain.keyframeNamed, gfn >>> CHUNK_SHIFT, gfn & CHUNK_MASK, 1);
    return frameId;
  }

  /**
   * The content of a block read, marked as one that is on disk; the first place it was read from is kept. 0 if there
   * is no room for it: the read is then one of unknown hash.
   */
  #contentOf(low: number, high: number, imageIndex: number, block: number): number {
    if (low === ZERO_HASH_LOW && high === ZERO_HASH_HIGH) {
      this.changes.addHeat(STATE_ZERO);
      return STATE_ZERO;
    }
    const id = this.contents.reserve(1) ? this.contents.intern(low | 0, high | 0) : this.#internScarce(low, high);
    if (id === 0) {
      this.gaps.unmodelled++;
      return 0;
    }
    const rows = this.contents.words;
    const row = id * CONTENT_WORDS;
    if ((rows[row + C_FLAGS] & FLAG_DISK) === 0) {
      rows[row + C_FLAGS] |= FLAG_DISK;
      this.contents.details[id * DETAIL_WORDS + CD_PINS] += (imageIndex + 1) * 0x10000;
      this.contents.details[id * DETAIL_WORDS + CD_SOURCE_BLOCK] = block;
    }
    this.changes.addHeat(id);
    // If no frame and no policy keeps it, the next settle forgets it.
    if (rows[row + C_REFS] === 0) this.changes.markEmpty(id);
    return id;
  }

  #internScarce(low: number, high: number): number {
    this.reclaim();
    return this.contents.internIfRoom(low, high);
  }
}
