/** The texts of a record as UTF-8. One record is made at a time: the scratch is shared. */
import { TEXT_BYTES_MAX } from './record.js';

const textEncoder = new TextEncoder();
/** What `encodeTexts` wrote last. */
export const encodedTexts = new Uint8Array(TEXT_BYTES_MAX);
/** Bytes of each of its texts. */
export const encodedLengths: number[] = [];

/**
 * Encodes the texts one behind the other into `encodedTexts`, and their byte counts into `encodedLengths`: whole if
 * together they have at most `bytesMax` bytes, else each cut to an equal share of that, between two characters.
 *
 * @returns the bytes of all
 */
export function encodeTexts(texts: readonly string[], bytesMax: number): number {
  let used = 0;
  let whole = true;
  for (let i = 0; i < texts.length; i++) {
    const text = texts[i];
    const result = textEncoder.encodeInto(text, encodedTexts.subarray(used, bytesMax));
    whole &&= result.read === text.length;
    encodedLengths[i] = result.written;
    used += result.written;
  }
  if (whole) return used;
  used = 0;
  const share = Math.floor(bytesMax / texts.length);
  for (let i = 0; i < texts.length; i++) {
    const result = textEncoder.encodeInto(texts[i], encodedTexts.subarray(used, used + share));
    encodedLengths[i] = result.written;
    used += result.written;
  }
  return used;
}
