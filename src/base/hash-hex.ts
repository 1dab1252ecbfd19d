/** Content hashes are u64 held as two u32 halves; people and NDJSON see 16 hex digits, most significant first. */
export function hashHex(low: number, high: number): string {
  return (high >>> 0).toString(16).padStart(8, '0') + (low >>> 0).toString(16).padStart(8, '0');
}

/** The first and last four digits, as the screens show a hash: `9f2c…e1b0` (two dots in ASCII). */
export function hashShort(low: number, high: number, ellipsis: string): string {
  const hex = hashHex(low, high);
  return hex.slice(0, 4) + ellipsis + hex.slice(12);
}

const HASH_PATTERN = /^[0-9a-f]{16}$/i;

/** Whether the text is exactly 16 hex digits. */
export function isHashHex(text: string): boolean {
  return HASH_PATTERN.test(text);
}
/** Low half of a hash written as 16 hex digits (checked by the caller with isHashHex). */
export function hashLow(hex: string): number {
  return Number.parseInt(hex.slice(8), 16);
}
/** High half of a hash written as 16 hex digits. */
export function hashHigh(hex: string): number {
  return Number.parseInt(hex.slice(0, 8), 16);
}
