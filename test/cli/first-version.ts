/** Comparing what is written today with the fixtures, which are of trace format version 1. */
import { expect } from 'vitest';

/** Of a segment's header (docs/FORMAT.md): where the version stands, and its length with the checksum at the end. */
const VERSION_AT = 8;
const HEADER_BYTES = 64;

/**
 * A segment as version 1 had it: the header alone says the version, with its own checksum.
 *
 * @param written a segment of version 2; changed in place.
 * @param original the same segment in version 1, for the checksum.
 */
export function asVersion1(written: Buffer, original: Buffer): Buffer {
  expect([original[VERSION_AT], written[VERSION_AT]]).toEqual([1, 2]);
  written[VERSION_AT] = 1;
  original.copy(written, HEADER_BYTES - 4, HEADER_BYTES - 4, HEADER_BYTES);
  return written;
}
