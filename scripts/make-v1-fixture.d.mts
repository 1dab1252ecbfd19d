/** Types of make-v1-fixture.mjs for the tests. */
export const V1: Uint8Array;
export function crc32(bytes: Iterable<number>): number;
export function u16(...values: number[]): number[];
export function u32(...values: number[]): number[];
export function u64(value: string | number): number[];
export function head(kind: number, furtherSlots: number, flags: number, domid: number): number[];
export function text(string: string): number[];
export function segmentHeader(fields?: {
  version?: number;
  pageSize?: number;
  algorithm?: number;
  headerBytes?: number;
  seed?: number;
  start?: number;
  segment?: number;
  previous?: number;
}): number[];
export function block(
  records: number[][],
  fields?: { base?: number; flags?: number; sequence?: number; count?: number },
): number[];
