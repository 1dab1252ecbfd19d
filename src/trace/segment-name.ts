/** File names of a trace directory: `NAME.000001.pgt` is segment 1 of stream NAME, `NAME.ndjson` is stream NAME. */
import { assert } from '../base/assert.js';

const SEGMENT_FILE = /^(.+)\.(\d{6,9})\.pgt$/;

/** The file name of a segment; numbers start at 1 and have at least six digits. */
export function segmentFileName(stream: string, segment: number): string {
  assert(stream !== '' && !stream.includes('/'), 'the name of a stream is one path component');
  assert(Number.isInteger(segment) && segment >= 1 && segment <= 999_999_999, 'segment number in 1 … 999,999,999');
  return `${stream}.${String(segment).padStart(6, '0')}.pgt`;
}

/** Stream and number of a segment's file name (no directory), or null if the name is none. */
export function parseSegmentFileName(fileName: string): { stream: string; segment: number } | null {
  const match = SEGMENT_FILE.exec(fileName);
  if (match === null) return null;
  const segment = Number(match[2]);
  return segment === 0 ? null : { stream: match[1], segment };
}
