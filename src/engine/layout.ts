/**
 * The words of the engine's tables. Kept apart from the tables so that hot loops can work on several of them without
 * the tables knowing one another.
 *
 * All of them are plain constants and nothing else stands in this file: only so does the bundler write their values
 * where they are used. As fields of an object they are read and checked at each use, which cost a third of the time.
 *
 * Frame row (12 bytes), one for each gfn of a touched chunk:
 *   0  state or content id   (STATE.* below FIRST_CONTENT, else the content the frame holds)
 *   1  next holder           frame id of the next holder of the same content, NO_FRAME at the end
 *   2  previous holder       NO_FRAME at the head
 * Words 1 and 2 are meaningless unless word 0 is a content; but word 1 of an extra frame (EXTRA_CHUNK), whose word 0
 * stays untouched, is what it holds.
 *
 * Content row (32 bytes): what a fill needs, so that it costs one cache line.
 *   0  hash low              1  hash high
 *   2  refs                  holders: frames that hold this content now
 *   3  bits 0–15 domains     domains that hold it now; bits 16–31 FLAG.*
 *   4  head                  first holder
 *   5  bits 0–15             inline domain slot + 1 (0: none); bits 16–30 further ⟨content, domain⟩ entries in
 *                            HolderCounts; bit 31: the inline domain was in the set at the last settle
 *   6  count                 frames of the inline domain
 *   7  bits 0–15, 16–31      heat and churn events of the current second, saturating
 *
 * Detail row (24 bytes) of the same content: what is needed once a second or tick, or for a row on the screen.
 *   0  bits 0–15 pins        users other than frames (slots of a region), saturating; 16–31 image index + 1
 *   1  settled refs          refs at the last settle: fair shares are exact for this n
 *   2  first seen            ms since the engine's first record
 *   3  heat key              log2(decayed events) + t / half-life, fixed point (heat.ts); 0: never
 *   4  churn key             the same for changes
 *   5  source block          block of the image in word 0
 *
 * At up to 8 bytes of hash index this is the 64 bytes a content that the budget allows.
 */
export const FRAME_WORDS = 3;
export const F_NEXT = 1;
export const F_PREV = 2;

/** Frames are allocated in chunks of this many gfns, when a record first names one of them. */
export const CHUNK_FRAMES = 4096;
export const CHUNK_SHIFT = 12;
export const CHUNK_MASK = CHUNK_FRAMES - 1;
export const NO_FRAME = 0xffffffff;
/** Chunks of a domain from this number on hold its extra frames: above the chunk of any gfn. */
export const EXTRA_CHUNK = 2 ** 20;

/** What a frame is when it holds no known, non-zero content. */
/** No record has named it. */
export const STATE_UNTOUCHED = 0;
/** Holds nothing any more. */
export const STATE_FREE = 1;
/** Dirty since its content was last seen. */
export const STATE_UNKNOWN = 2;
/** Zero; also the id of the zero content's row. */
export const STATE_ZERO = 3;
/** Filled by a block read of unknown hash: counted as unknown, but policies know which block it is. */
export const STATE_PROVISIONAL = 4;
/** The smallest id of a known, non-zero content. */
export const FIRST_CONTENT = 5;

export const CONTENT_WORDS = 8;
/**
 * CONTENT_WORDS as a shift. Hot loops write `id << CONTENT_SHIFT` and `Math.imul(frameId, FRAME_WORDS)`: V8 knows the
 * result for an int32 at once, where a product of two u32 is a double, or a check for overflow.
 */
export const CONTENT_SHIFT = 3;
export const C_HASH_LOW = 0;
export const C_HASH_HIGH = 1;
export const C_REFS = 2;
export const C_FLAGS = 3;
export const C_HEAD = 4;
export const C_INLINE = 5;
export const C_INLINE_COUNT = 6;
export const C_EVENTS = 7;

export const DETAIL_WORDS = 6;
export const CD_PINS = 0;
export const CD_SETTLED_REFS = 1;
export const CD_FIRST_SEEN = 2;
export const CD_HEAT = 3;
export const CD_CHURN = 4;
export const CD_SOURCE_BLOCK = 5;

/** Bits of C_FLAGS above the domain count. */
/** On the dirty list: refs or domains changed since the last settle. */
export const FLAG_DIRTY = 1 << 16;
/** On the list of contents with events in the current second. */
export const FLAG_TOUCHED = 1 << 17;
/** On the list of candidates for the hot pages. */
export const FLAG_CANDIDATE = 1 << 18;
/** Seen in a block read; CD_PINS and CD_SOURCE_BLOCK name the first. */
export const FLAG_DISK = 1 << 19;
/** One byte value all over, other than zero. */
export const FLAG_FILL_PAGE = 1 << 20;
/** The row is on the free list. */
export const FLAG_FREE_ROW = 1 << 21;
/** On the list of contents that lost their last holder. */
export const FLAG_EMPTY = 1 << 22;
/** Settled refs are 2 or more: frames that come and go change fair shares at once. */
export const FLAG_FAIR = 1 << 23;
/** The pins are not 0. */
export const FLAG_PINNED = 1 << 24;
/** Seen in a block read, held by nobody, and kept for the time being. */
export const FLAG_KEPT = 1 << 25;
export const DOMAINS_MASK = 0xffff;
export const INLINE_SLOT_MASK = 0xffff;
export const INLINE_FURTHER_SHIFT = 16;
export const INLINE_FURTHER_ONE = 1 << INLINE_FURTHER_SHIFT;
export const INLINE_FURTHER_MASK = 0x7fff;
export const INLINE_SETTLED = 0x80000000;

/** Columns of counters, one row a domain slot. Frames, except `distinct`. */
export const D_KNOWN = 0;
export const D_ZERO = 1;
export const D_UNKNOWN = 2;
export const D_FREE = 3;
export const D_DISTINCT = 4;
/** Known frames whose content has at least two holders anywhere. */
export const D_SHARED = 5;
export const D_FILL_PAGE = 6;
export const DOMAIN_COUNTERS = 8;

/** Live domains at once: all but one of them fit the 15 bits of further entries of a content row. */
export const DOMAIN_SLOTS_MAX = 32766;
/** Contents: 26 bits of a hash index entry (256 GiB of distinct pages). */
export const CONTENTS_MAX = 2 ** 26 - 1;
