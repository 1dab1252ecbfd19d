/** Tells by its first bytes what a trace is that comes without a name. */
import { printable } from '../base/printable.js';
import { BLOCK_MAGIC, SEGMENT_HEADER_BYTES } from './binary.js';

/** The two forms of a trace (docs/FORMAT.md). */
export type StreamForm = 'binary' | 'ndjson';

/** No trace: says what it is instead, and the mend. */
export interface NoForm {
  readonly problem: string;
}

const MAGIC_FIRST = 0x89;
const GZIP_FIRST = 0x1f;
const NEWLINE = 0x0a;
const BLANK = new Set([0x20, 0x09, 0x0d, NEWLINE]);
const BRACE = 0x7b;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
/** A segment whose header is damaged is known by its first block. */
const BLOCK_MAGIC_END = SEGMENT_HEADER_BYTES + 4;
const SHOWN_CHARACTERS_MAX = 24;
/** So many blanks are empty lines: NDJSON. */
const BLANKS_MAX = 4096;

/**
 * The form of a stream that begins with these bytes; null: more are needed.
 *
 * @param ended no more will come
 */
export function streamForm(head: Uint8Array, ended: boolean): StreamForm | NoForm | null {
  let at = 0;
  for (const byte of BYTE_ORDER_MARK) if (at < 3 && head[at] === byte) at++;
  while (at < head.length && BLANK.has(head[at])) at++;
  if (at < head.length && head[at] === BRACE) return 'ndjson';
  if (head[0] === MAGIC_FIRST) return 'binary';
  if (head[0] === GZIP_FIRST) return { problem: 'is gzipped: unpack it before the pipe, e.g. with `gzip -dc`' };
  if (head.length >= BLOCK_MAGIC_END && hasBlockMagic(head)) return 'binary';
  if (at === head.length) {
    if (!ended && at < BLANKS_MAX) return null;
    return at === 0 ? { problem: 'ended before its first byte: nothing was sent' } : 'ndjson';
  }
  // A line of text is enough to see that it is no record; of anything else the first block is waited for.
  const line = head.indexOf(NEWLINE, at);
  if (!ended && line < 0 && head.length < BLOCK_MAGIC_END) return null;
  if (!ended && head.length < BLOCK_MAGIC_END && !isText(head.subarray(at, line))) return null;
  const shown = new TextDecoder().decode(head.subarray(at, line < 0 ? undefined : line));
  const start = printable(shown, SHOWN_CHARACTERS_MAX);
  return { problem: `is no trace: begins with '${start}', not with a segment header or a JSON object` };
}

function hasBlockMagic(head: Uint8Array): boolean {
  return new DataView(head.buffer, head.byteOffset).getUint32(SEGMENT_HEADER_BYTES, true) === BLOCK_MAGIC;
}

function isText(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte >= 0x20 || BLANK.has(byte));
}
