/**
 * The records of a trace as they lie in memory and in a segment: slots of four little-endian u32.
 *
 *   word 0 of a record   bits  0–5   kind
 *                        bits  6–11  number of further slots (0–63)
 *                        bits 12–15  flags (meaning by kind)
 *                        bits 16–31  domid (0 where the kind has none)
 *
 *   kind            word 1        word 2        word 3           further slots
 *   time            µs low        µs high       0                –
 *   host            frames low    frames high   lengths(2)       text: name, hypervisor
 *   image           id            blocks        length           text: name           flag 1 = read-only
 *   domain          frames        lengths(2)    lengths(2)       text: key, name, group, kind
 *   gone            0             0             0                –
 *   fill            gfn           hash low      hash high        –                    flags = fill class
 *   fillRun         gfn           count         0                hash low, high, 0, 0 flags = fill class
 *   fillSpan        gfn           count n       0                n × (hash low, high), the last slot padded with 0
 *   dirty           gfn           count         0                –
 *   free            gfn           count         0                –
 *   touch           gfn           count         0                –
 *   blockRead       image         block         0                hash low, high, gfn or ~0, 0
 *   blockReadSpan   image         block         count n          n × (hash low, high), the last slot padded with 0
 *   blockWrite      image         block         count            –
 *   label           hash low      hash high     length           offset low, high, 0, 0; text
 *   mark            length        0             0                text
 *   lost            count low     count high    0                –
 *   keyframeBegin   0             0             0                –
 *   keyframeEnd     0             0             0                –
 *   extra           index         count         0                hash low, high, 0, 0 flags = fill class
 *   counter         value low     value high    length           text: name           flag 1 = of the domain
 *   labelFile       length        0             0                text: path
 *   scanBegin       0             0             0                –
 *   scanEnd         0             0             0                –
 *
 * lengths(2) is two byte counts: bits 0–15 the first text, 16–31 the second. Texts of one record follow one another as
 * UTF-8 without separators, the last slot is padded with zero bytes; all of them together are ≤ TEXT_BYTES_MAX.
 * A counter's value is a signed two's complement of 64 bits, within ±(2^53 − 1).
 * Words said to be 0 must be 0. A batch of records is these slots and nothing else: reader, NDJSON, importers and
 * engine all speak it, so no record ever becomes an object on its way to the engine.
 */
export const SLOT_WORDS = 4;
export const SLOT_BYTES = 16;

/** The kinds of hot loops as plain constants: the bundler writes those where they are used, fields of KIND not. */
export const KIND_TIME = 1;
export const KIND_FILL = 6;
export const KIND_FILL_RUN = 7;
export const KIND_FILL_SPAN = 8;
export const KIND_DIRTY = 9;
export const KIND_FREE = 10;
export const KIND_TOUCH = 11;
export const KIND_BLOCK_READ = 12;
export const KIND_BLOCK_READ_SPAN = 19;

/** The gfn of a block read when the trace does not know it (a host-side block trace never does). */
export const NO_GFN = 0xffffffff;
/** Extra frames of a domain: index + count of an `extra` record is at most this. */
export const EXTRA_FRAMES_MAX = 65536;
/** Frames in one fillSpan, blocks in one blockReadSpan: 1 + 126/2 = 64 slots, the most that 6 bits allow. */
export const SPAN_FRAMES_MAX = 126;
export const READ_HASH_KNOWN = 1;
export const READ_ALIGNED = 2;

/** XXH64, seed 0, of a 4096-byte page of zeros: 0xac869b6f32d8bbdb. */
export const ZERO_HASH_LOW = 0x32d8bbdb;
export const ZERO_HASH_HIGH = 0xac869b6f;

export const KIND = {
  time: KIND_TIME,
  host: 2,
  image: 3,
  domain: 4,
  gone: 5,
  fill: KIND_FILL,
  fillRun: KIND_FILL_RUN,
  fillSpan: KIND_FILL_SPAN,
  dirty: KIND_DIRTY,
  free: KIND_FREE,
  touch: KIND_TOUCH,
  blockRead: KIND_BLOCK_READ,
  blockWrite: 13,
  label: 14,
  mark: 15,
  lost: 16,
  keyframeBegin: 17,
  keyframeEnd: 18,
  /** Consecutive 4 KiB blocks of one aligned request: a blockRead each, hash known, gfn not. */
  blockReadSpan: KIND_BLOCK_READ_SPAN,
  /** Frames of the domain's process outside the guest's RAM (version 2). */
  extra: 20,
  /** A figure that the kernel or the hypervisor gave, of the host or of a domain (version 2). */
  counter: 21,
  /** A file that says what contents are (version 2). */
  labelFile: 22,
  /** Between the two, one pass over the domain is recorded: its fills are one scan (version 2). */
  scanBegin: 23,
  scanEnd: 24,
} as const;
/** The name of a record kind. */
export type KindName = keyof typeof KIND;

/** The name of each kind by its number; index 0 is no kind. */
export const KIND_NAMES: readonly (KindName | undefined)[] = [
  undefined,
  ...(Object.keys(KIND) as KindName[]).sort((a, b) => KIND[a] - KIND[b]),
];

/** What the recorder knows of a filled frame beyond its content. Unknown numbers are read as `plain`. */
export const FILL_CLASS = {
  plain: 0,
  /** A zero page inside a transparent huge page: never a candidate of a scanner (facts §7, KSM). */
  thpZero: 1,
} as const;

export const IMAGE_READ_ONLY = 1;
/** The counter is of the domain that the record names, not of the host. */
export const COUNTER_OF_DOMAIN = 1;
/** Bytes of all texts of one record: 63 further slots. */
export const TEXT_BYTES_MAX = 63 * SLOT_BYTES;
/** Bytes of a label's text: its offset takes one slot. */
export const LABEL_BYTES_MAX = 62 * SLOT_BYTES;

/** The first word of a record. `slots` counts the further slots. */
export function headWord(kind: number, slots: number, flags: number, domid: number): number {
  return (kind | (slots << 6) | (flags << 12) | (domid << 16)) >>> 0;
}
export const kindOf = (head: number): number => head & 63;
/** The number of slots of a record, its first one included. */
export const slotsOf = (head: number): number => 1 + ((head >>> 6) & 63);
export const flagsOf = (head: number): number => (head >>> 12) & 15;
export const domidOf = (head: number): number => head >>> 16;

/** A run of whole, structurally checked records of one stream: what a decoder gives and the engine takes. */
export interface RecordBlock {
  /** Trace time in µs before the first record; `time` records inside change it. */
  readonly baseTimeMicros: number;
  readonly words: Uint32Array;
  /** Index of the first word. */
  readonly start: number;
  /** Index after the last word. */
  readonly end: number;
  readonly recordCount: number;
}
