import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NdjsonDecoder } from '../../src/trace/ndjson-decoder.js';
import { SegmentDecoder } from '../../src/trace/segment-decoder.js';
import { TraceError } from '../../src/trace/trace-error.js';
import { drain } from './record-streams.js';

const FOLDER = new URL('../../fixtures/malformed/', import.meta.url);

/** What a user is told of a file: its good records, then one line for each fault. */
function story(file: string): string[] {
  const decoder = file.endsWith('.pgt') ? new SegmentDecoder(file) : new NdjsonDecoder(file);
  const lines: string[] = [];
  let records = 0;
  try {
    decoder.push(readFileSync(new URL(file, FOLDER)));
    decoder.end();
    for (const block of drain(decoder)) records += block.recordCount;
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    lines.push(error.message);
  }
  for (const { place, problem } of decoder.damage) lines.push(new TraceError(file, place, problem).message);
  expect(decoder.damagedBlocks).toBe(decoder.damage.length);
  if (decoder.tornTailBytes > 0) lines.push(`torn tail of ${decoder.tornTailBytes} bytes`);
  return [`${records} records`, ...lines];
}

const INTEGER_U32 = 'must be an integer in 0 … 4294967294';

/** By file: the good records that are read all the same, and the lines. */
const STORIES: Readonly<Record<string, readonly string[]>> = {
  'empty.pgt': ['0 records'],
  'header-cut.pgt': ['0 records', 'torn tail of 40 bytes'],
  'not-a-trace.pgt': ['0 records', 'not-a-trace.pgt: offset 0: no segment header: is this a .pgt file?'],
  'text-mode-transfer.pgt': ['0 records', 'text-mode-transfer.pgt: offset 0: no segment header: is this a .pgt file?'],
  'version-9.pgt': [
    '0 records',
    'version-9.pgt: offset 0: format version 9 is not known, only 1 and 2 are: read it with a newer sharetop',
  ],
  'page-size-16384.pgt': ['0 records', 'page-size-16384.pgt: offset 0: page size 16384 is not supported, only 4096 is'],
  'hash-algorithm-2.pgt': [
    '0 records',
    'hash-algorithm-2.pgt: offset 0: hash algorithm 2 is not known, only 1 (XXH64) is',
  ],
  'hash-seed-1.pgt': ['0 records', 'hash-seed-1.pgt: offset 0: the hash seed is not 0: record it with seed 0'],
  'header-checksum.pgt': ['5 records', 'header-checksum.pgt: offset 0: the segment header has a wrong checksum'],
  'block-header-checksum.pgt': [
    '3 records',
    'block-header-checksum.pgt: offset 144: no block header with a right checksum',
  ],
  'block-checksum.pgt': ['3 records', 'block-checksum.pgt: offset 144: the block has a wrong checksum'],
  'block-missing.pgt': ['3 records', 'block-missing.pgt: offset 144: block 2 where 1 should be'],
  'block-torn-in-the-middle.pgt': [
    '3 records',
    'block-torn-in-the-middle.pgt: offset 144: the block has a wrong checksum',
  ],
  'block-shifted.pgt': ['2 records', 'block-shifted.pgt: offset 144: no block header with a right checksum'],
  'record-count.pgt': ['3 records', 'record-count.pgt: offset 144: the block holds 1 records and announces 3'],
  'record-kind-20.pgt': ['3 records', 'record-kind-20.pgt: offset 144: the record at offset 192 is malformed'],
  'record-beyond-block.pgt': [
    '3 records',
    'record-beyond-block.pgt: offset 144: the record at offset 192 is malformed',
  ],
  'run-beyond-last-gfn.pgt': [
    '3 records',
    'run-beyond-last-gfn.pgt: offset 144: the record at offset 192 is malformed',
  ],
  'span-of-127.pgt': ['3 records', 'span-of-127.pgt: offset 144: the record at offset 192 is malformed'],
  'text-beyond-record.pgt': ['3 records', 'text-beyond-record.pgt: offset 144: the record at offset 192 is malformed'],
  'count-of-0.pgt': ['3 records', 'count-of-0.pgt: offset 144: the record at offset 192 is malformed'],
  'reserved-word.pgt': ['3 records', 'reserved-word.pgt: offset 144: the record at offset 192 is malformed'],
  'tail-torn.pgt': ['2 records', 'torn tail of 70 bytes'],
  'tail-zeros.pgt': ['2 records', 'torn tail of 256 bytes'],
  'not-json.ndjson': [
    '2 records',
    'not-json.ndjson: line 2: not a JSON object: every line is one, e.g. {"record":"gone","domid":1}',
  ],
  'no-object.ndjson': [
    '1 records',
    ...[1, 2, 3, 4].map(
      (line) =>
        `no-object.ndjson: line ${line}: not a JSON object: every line is one, e.g. {"record":"gone","domid":1}`,
    ),
  ],
  'no-record.ndjson': [
    '0 records',
    'no-record.ndjson: line 1: no field "record"',
    'no-record.ndjson: line 2: no field "record"',
  ],
  'unknown-record.ndjson': [
    '0 records',
    'unknown-record.ndjson: line 1: record "fil" is not known',
    'unknown-record.ndjson: line 2: record "constructor" is not known',
    'unknown-record.ndjson: line 3: record of type object is not known',
  ],
  'unknown-field.ndjson': [
    '0 records',
    'unknown-field.ndjson: line 1: field "alligned" is not known for record "blockRead"',
    'unknown-field.ndjson: line 2: field "?[2Jevil?" is not known for record "gone"',
  ],
  'wrong-types.ndjson': [
    '0 records',
    'wrong-types.ndjson: line 1: field "domid" must be an integer in 0 … 65535',
    `wrong-types.ndjson: line 2: field "gfn" ${INTEGER_U32}`,
    'wrong-types.ndjson: line 3: field "hash" must be a string of 16 hex digits',
    'wrong-types.ndjson: line 4: each of "hashes" must be a string of 16 hex digits',
    'wrong-types.ndjson: line 5: field "readOnly" must be true or false',
    'wrong-types.ndjson: line 6: field "text" must be a string',
  ],
  'out-of-range.ndjson': [
    '0 records',
    'out-of-range.ndjson: line 1: field "domid" must be an integer in 0 … 65535',
    `out-of-range.ndjson: line 2: field "gfn" ${INTEGER_U32}`,
    'out-of-range.ndjson: line 3: field "count" must be an integer in 1 … 5',
    'out-of-range.ndjson: line 4: field "count" must be an integer in 1 … 4294967294',
    'out-of-range.ndjson: line 5: field "t" must be an integer in 0 … 9007199254740991',
    'out-of-range.ndjson: line 6: field "t" must be an integer in 0 … 9007199254740991',
    'out-of-range.ndjson: line 7: field "count" must be an integer in 1 … 9007199254740991',
  ],
  'tail-torn.ndjson': ['1 records', 'torn tail of 27 bytes'],
};

describe('the malformed file', () => {
  for (const [file, expected] of Object.entries(STORIES)) {
    it(file, () => {
      expect(story(file)).toEqual(expected);
    });
  }

  it('has a story for each fixture', () => {
    expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(STORIES).sort());
  });
});
