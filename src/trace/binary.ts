/**
 * The two headers of a binary segment. Little-endian, every size a multiple of 16.
 *
 *   segment header, 64 bytes               block header, 32 bytes
 *    0  8  magic 89 "PGT" 0d 0a 1a 0a       0  4  magic "PGTb"
 *    8  4  version (2)                      4  4  payload bytes: whole records, 16 … 65504
 *   12  4  page size (4096)                 8  4  record count
 *   16  4  hash algorithm (1 = XXH64)      12  4  CRC32 of the payload
 *   20  4  header bytes (64)               16  8  base time µs: before the first record
 *   24  8  hash seed (0)                   24  1  flags: 1 = opening
 *   32  8  start time µs                   25  3  sequence: blocks before it in the segment, mod 2^24
 *   40  4  segment number, from 1          28  4  CRC32 of the 28 bytes before
 *   44  8  bytes that this goes on behind
 *   52  8  0
 *   60  4  CRC32 of the 60 bytes before
 *
 * The magic of the segment is made as PNG's: its first byte is no ASCII, and the line ends show a transfer in text
 * mode. These 64 bytes stay where they are in every later version, so that an old reader can name what it refuses.
 */
import { crc32 as zlibCrc32 } from 'node:zlib';
import { assert } from '../base/assert.js';
import { fromHalves, highHalf, lowHalf, PAGE_BYTES } from '../base/units.js';

export const SEGMENT_HEADER_BYTES = 64;
export const BLOCK_HEADER_BYTES = 32;
/** A block with its header. */
export const BLOCK_BYTES_MAX = 64 * 1024;
export const PAYLOAD_BYTES_MAX = BLOCK_BYTES_MAX - BLOCK_HEADER_BYTES;

/** What is written: version 1 and the record `extra`. Both are read. */
export const FORMAT_VERSION = 2;
export const HASH_XXH64 = 1;
/** Block flag: only the segment's opening declarations and keyframes; nothing new for a reader in step. */
export const BLOCK_OPENING = 1;

/** Little-endian words of 89 50 47 54 and 0d 0a 1a 0a. */
const SEGMENT_MAGIC_LOW = 0x54475089;
const SEGMENT_MAGIC_HIGH = 0x0a1a0a0d;
/** "PGTb". */
export const BLOCK_MAGIC = 0x62544750;
const SEQUENCE_MASK = 0xffffff;

// Slots are read and written through Uint32Array without swapping: true on every machine that Node is built for but
// s390x and AIX.
assert(new Uint8Array(new Uint32Array([1]).buffer)[0] === 1, 'this machine is little-endian');

/** CRC32 (ISO-HDLC, as zlib and PNG); `sum` is that of the bytes before, where they come in pieces. */
export function crc32(bytes: Uint8Array, sum = 0): number {
  return zlibCrc32(bytes, sum);
}

/** What a segment header says. Times in µs. */
export interface SegmentHeader {
  readonly segment: number;
  readonly startTimeMicros: number;
  /**
   * Bytes of the segment before, its header and its whole blocks, that this one goes on behind; one without a whole
   * header is passed over. 0: not said.
   */
  readonly previousBytes: number;
}

/** The 64 bytes of a segment header. */
export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  assert(header.segment >>> 0 === header.segment, 'segment number is a u32');
  assert(Number.isSafeInteger(header.startTimeMicros) && header.startTimeMicros >= 0, 'start time in [0, 2^53)');
  const words = new Uint32Array(SEGMENT_HEADER_BYTES / 4);
  const bytes = new Uint8Array(words.buffer);
  words[0] = SEGMENT_MAGIC_LOW;
  words[1] = SEGMENT_MAGIC_HIGH;
  words[2] = FORMAT_VERSION;
  words[3] = PAGE_BYTES;
  words[4] = HASH_XXH64;
  words[5] = SEGMENT_HEADER_BYTES;
  words[8] = lowHalf(header.startTimeMicros);
  words[9] = highHalf(header.startTimeMicros);
  words[10] = header.segment;
  words[11] = lowHalf(header.previousBytes);
  words[12] = highHalf(header.previousBytes);
  words[15] = crc32(bytes.subarray(0, 60));
  return bytes;
}

/** A segment header read: good, damaged, or of a kind that this program refuses by name. */
export type SegmentHeaderResult =
  | { readonly kind: 'good'; readonly header: SegmentHeader }
  | { readonly kind: 'damaged'; readonly problem: string }
  | { readonly kind: 'refused'; readonly problem: string };

/** Reads the segment header whose first word is words[at]; `bytes` is the same memory. */
export function readSegmentHeader(words: Uint32Array, bytes: Uint8Array, at: number): SegmentHeaderResult {
  const sum = crc32(bytes.subarray(at * 4, at * 4 + SEGMENT_HEADER_BYTES - 4));
  const magic = words[at] === SEGMENT_MAGIC_LOW && words[at + 1] === SEGMENT_MAGIC_HIGH;
  if (sum !== words[at + 15] || !magic) {
    const problem = magic ? 'the segment header has a wrong checksum' : 'no segment header: is this a .pgt file?';
    return { kind: 'damaged', problem };
  }
  const [version, pageSize, algorithm, headerBytes] = words.subarray(at + 2, at + 6);
  const refused = (problem: string): SegmentHeaderResult => ({ kind: 'refused', problem });
  if (version === 0 || version > FORMAT_VERSION) {
    return refused(`format version ${version} is not known, only 1 and 2 are: read it with a newer sharetop`);
  }
  if (pageSize !== PAGE_BYTES) return refused(`page size ${pageSize} is not supported, only ${PAGE_BYTES} is`);
  if (algorithm !== HASH_XXH64) return refused(`hash algorithm ${algorithm} is not known, only 1 (XXH64) is`);
  if (words[at + 6] !== 0 || words[at + 7] !== 0) return refused('the hash seed is not 0: record it with seed 0');
  if (headerBytes !== SEGMENT_HEADER_BYTES) return refused(`a header of ${headerBytes} bytes is not known, only 64 is`);
  const startTimeMicros = fromHalves(words[at + 8], words[at + 9]);
  const previousBytes = fromHalves(words[at + 11], words[at + 12]);
  return { kind: 'good', header: { segment: words[at + 10], startTimeMicros, previousBytes } };
}

const $header = new Uint32Array(SEGMENT_HEADER_BYTES / 4);
const $headerBytes = new Uint8Array($header.buffer);
const SEGMENT_MAGIC = new Uint8Array(Uint32Array.of(SEGMENT_MAGIC_LOW, SEGMENT_MAGIC_HIGH).buffer);

/**
 * The first index in bytes[from, to) at which a segment header with a right checksum begins, or one may whose rest is
 * not there yet (the bytes end at `end`, ≥ to); `end` if there is none.
 */
export function findSegmentHeader(bytes: Uint8Array, from: number, to: number, end: number): number {
  const searched = bytes.subarray(0, to);
  for (let at = searched.indexOf(SEGMENT_MAGIC[0], from); at >= 0; at = searched.indexOf(SEGMENT_MAGIC[0], at + 1)) {
    const there = Math.min(SEGMENT_MAGIC.length, end - at);
    let i = 1;
    while (i < there && bytes[at + i] === SEGMENT_MAGIC[i]) i++;
    if (i < there) continue;
    if (end - at < SEGMENT_HEADER_BYTES) return at;
    $headerBytes.set(bytes.subarray(at, at + SEGMENT_HEADER_BYTES));
    if (readSegmentHeader($header, $headerBytes, 0).kind !== 'damaged') return at;
  }
  return end;
}

/** Writes a block header at words[at]; `bytes` is the same memory and already holds the payload behind the header. */
export function writeBlockHeader(
  words: Uint32Array,
  bytes: Uint8Array,
  at: number,
  payloadBytes: number,
  recordCount: number,
  baseTimeMicros: number,
  flags: number,
  sequence: number,
): void {
  assert(payloadBytes > 0 && payloadBytes <= PAYLOAD_BYTES_MAX && payloadBytes % 16 === 0, 'payload of whole slots');
  const payloadAt = at * 4 + BLOCK_HEADER_BYTES;
  words[at] = BLOCK_MAGIC;
  words[at + 1] = payloadBytes;
  words[at + 2] = recordCount;
  words[at + 3] = crc32(bytes.subarray(payloadAt, payloadAt + payloadBytes));
  words[at + 4] = lowHalf(baseTimeMicros);
  words[at + 5] = highHalf(baseTimeMicros);
  words[at + 6] = (flags | ((sequence & SEQUENCE_MASK) << 8)) >>> 0;
  words[at + 7] = crc32(bytes.subarray(at * 4, at * 4 + BLOCK_HEADER_BYTES - 4));
}

/** Whether a block header with a right checksum and possible values stands at words[at]. */
export function isBlockHeader(words: Uint32Array, bytes: Uint8Array, at: number): boolean {
  if (words[at] !== BLOCK_MAGIC) return false;
  const payloadBytes = words[at + 1];
  if (payloadBytes === 0) return false;
  if (payloadBytes > PAYLOAD_BYTES_MAX) return false;
  if (payloadBytes % 16 !== 0) return false;
  if (words[at + 5] >= 2 ** 21) return false;
  return crc32(bytes.subarray(at * 4, at * 4 + BLOCK_HEADER_BYTES - 4)) === words[at + 7];
}
