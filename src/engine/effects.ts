/**
 * The effects batch: what applied records changed, in order, as six u32 each. Policies loop over it, each with its own
 * state; nothing else of the trace reaches them.
 *
 *   word 0   bits 0–7 EFFECT_*, bits 8–15 flags, bits 16–31 domain slot
 *   frame    1 frame id   2 old state or content   3 new   4 cause (CAUSE_*)      5 0          flags = fill class
 *   read     1 frame id or NO_FRAME  2 content id, 0 if the hash is unknown  3 image index  4 block  5 0
 *            flags = READ_FLAG_*; a read with a frame is followed by the frame effect it causes
 *   write    1 image index   2 block   3 count   4 0   5 0
 *   domain   1 group number  2 life    3 0       4 0   5 0       a domain appears; alone in its batch
 *   group    1 new group     2 old     …                         its trust group changes; alone in its batch
 *   gone     1 life          …                                   its frames were released by the effects before
 *   time     1 µs low        2 µs high …                         the newest time moved on (never back)
 *   memory   1 frames low    2 high    …                         the memory that percentages are of changed
 *   extra    as frame, of an extra frame (extra-frames.ts): only scanners know them
 */
export const EFFECT_WORDS = 6;
export const EFFECT_FRAME = 1;
export const EFFECT_READ = 2;
export const EFFECT_WRITE = 3;
export const EFFECT_DOMAIN = 4;
export const EFFECT_GROUP = 5;
export const EFFECT_GONE = 6;
export const EFFECT_TIME = 7;
export const EFFECT_MEMORY = 8;
export const EFFECT_EXTRA = 9;

/** Why a frame changed. */
export const CAUSE_FILL = 0;
export const CAUSE_DIRTY = 1;
export const CAUSE_FREE = 2;
export const CAUSE_GONE = 3;
export const CAUSE_UNNAMED = 4;
export const CAUSE_SHRINK = 5;
export const CAUSE_READ = 6;

export const READ_FLAG_ALIGNED = 1;
/** The image was declared read-only. */
export const READ_FLAG_READ_ONLY_IMAGE = 2;

/** What a policy may ask the engine for; all of it as it is after the batch. */
export interface EngineView {
  /** Frame rows, see layout.ts; replaced on growth, so fetch it at the start of each batch. */
  frameWords(): Uint32Array;
  /** Content rows, likewise. */
  contentWords(): Uint32Array;
  /** Slot of the domain that a frame belongs to. */
  domainOfFrame(frameId: number): number;
  /** Number of the frame's chunk within its domain: gfn >>> CHUNK_SHIFT, or from EXTRA_CHUNK on (layout.ts). */
  chunkNumber(frameId: number): number;
  /** Key of the domain that has a slot now; that of a new life can be asked from its EFFECT_DOMAIN on. */
  keyOfDomain(slot: number): string;
  /** Frame ids are below this. */
  frameIdEnd(): number;
  /** Domain slots are below this. */
  domainSlotEnd(): number;
  /** Keeps a content's id valid while no frame holds it. */
  pin(contentId: number): void;
  unpin(contentId: number): void;
  /** Whether so many bytes more fit under the limit of memory; if not, what needs them is to be left out. */
  hasRoom(bytes: number): boolean;
  /** Counts something that was left out for want of room. */
  countUnmodelled(): void;
}
