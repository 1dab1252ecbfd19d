// Writes fixtures/malformed: small broken segments and NDJSON files, each with one fault that its name tells. They are
// built with the plain writer of make-v1-fixture.mjs, so faults behind right checksums can be made as well.
//   node scripts/make-malformed.mjs
import { writeFileSync } from 'node:fs';
import { block, head, segmentHeader, text, u16, u32, u64 } from './make-v1-fixture.mjs';

const DOMAIN = [...head(4, 1, 0, 1), ...u32(1024), ...u16(4, 4), ...u16(1, 2), ...text('web1web1gpv')];
const FILL = [...head(6, 0, 0, 1), ...u32(7), ...u64('0123456789abcdef')];
const GONE = [...head(5, 0, 0, 1), ...u32(0, 0, 0)];
const HEADER = segmentHeader();
const FIRST = block([DOMAIN, FILL]);
const SECOND = block([FILL, FILL, FILL], { sequence: 1 });
const THIRD = block([GONE], { sequence: 2 });

/** The bytes with one bit of byte `at` flipped. */
const flipped = (bytes, at) => bytes.map((byte, i) => (i === at ? byte ^ 4 : byte));
/** A good first block, then one with this record behind a right checksum, then a good one. */
const withRecord = (record) => [...HEADER, ...FIRST, ...block([FILL, record], { sequence: 1 }), ...THIRD];
const ascii = (string) => [...new TextEncoder().encode(string)];

const FILES = {
  'empty.pgt': [],
  'header-cut.pgt': HEADER.slice(0, 40),
  'not-a-trace.pgt': ascii('This is a letter to my aunt, who has never seen a trace in all of her life.\n'),
  'text-mode-transfer.pgt': [...HEADER, ...FIRST].filter((byte, i, all) => byte !== 0x0d || all[i + 1] !== 0x0a),
  'version-9.pgt': [...segmentHeader({ version: 9 }), ...FIRST],
  'page-size-16384.pgt': [...segmentHeader({ pageSize: 16384 }), ...FIRST],
  'hash-algorithm-2.pgt': [...segmentHeader({ algorithm: 2 }), ...FIRST],
  'hash-seed-1.pgt': [...segmentHeader({ seed: 1 }), ...FIRST],
  'header-checksum.pgt': [...flipped(HEADER, 33), ...FIRST, ...SECOND],
  'block-header-checksum.pgt': [...HEADER, ...FIRST, ...flipped(SECOND, 5), ...THIRD],
  'block-checksum.pgt': [...HEADER, ...FIRST, ...flipped(SECOND, 50), ...THIRD],
  'block-missing.pgt': [...HEADER, ...FIRST, ...THIRD],
  'block-torn-in-the-middle.pgt': [...HEADER, ...FIRST, ...SECOND.slice(0, 64), ...THIRD],
  'block-shifted.pgt': [...HEADER, ...FIRST, 0xff, ...SECOND, ...THIRD],
  'record-count.pgt': [...HEADER, ...FIRST, ...block([FILL], { sequence: 1, count: 3 }), ...THIRD],
  'record-kind-20.pgt': withRecord([...head(20, 0, 0, 1), ...u32(0, 0, 0)]),
  'record-beyond-block.pgt': withRecord([...head(15, 3, 0, 0), ...u32(48, 0, 0)]),
  'run-beyond-last-gfn.pgt': withRecord([
    ...head(7, 1, 0, 1),
    ...u32(4294967200, 96, 0),
    ...u64('0123456789abcdef'),
    ...u64(0),
  ]),
  'span-of-127.pgt': withRecord([...head(8, 63, 0, 1), ...u32(0, 127, 0), ...Array(63 * 16).fill(1)]),
  'text-beyond-record.pgt': withRecord([...head(15, 1, 0, 0), ...u32(17, 0, 0), ...text('sixteen bytes ok')]),
  'count-of-0.pgt': withRecord([...head(9, 0, 0, 1), ...u32(7, 0, 0)]),
  'reserved-word.pgt': withRecord([...head(5, 0, 0, 1), ...u32(0, 0, 1)]),
  'tail-torn.pgt': [...HEADER, ...FIRST, ...SECOND.slice(0, 70)],
  'tail-zeros.pgt': [...HEADER, ...FIRST, ...SECOND.slice(0, 48), ...Array(208).fill(0)],

  'not-json.ndjson': ascii('{"record":"gone","domid":1}\nrecord=gone domid=1\n{"record":"gone","domid":1}\n'),
  'no-object.ndjson': ascii('[]\n"fill"\nnull\n7\n{"record":"gone","domid":1}\n'),
  'no-record.ndjson': ascii('{"domid":1}\n{"__proto__":{"record":"gone","domid":1}}\n'),
  'unknown-record.ndjson': ascii('{"record":"fil","domid":1}\n{"record":"constructor"}\n{"record":{"a":1}}\n'),
  'unknown-field.ndjson': ascii(
    '{"record":"blockRead","domid":1,"image":1,"block":2,"alligned":false}\n' +
      '{"record":"gone","domid":1,"\\u001b[2Jevil\\u202e":1}\n',
  ),
  'wrong-types.ndjson': ascii(
    '{"record":"fill","domid":"1","gfn":7,"hash":"0123456789abcdef"}\n' +
      '{"record":"fill","domid":1,"gfn":7.5,"hash":"0123456789abcdef"}\n' +
      '{"record":"fill","domid":1,"gfn":7,"hash":81985529216486895}\n' +
      '{"record":"fill","domid":1,"gfn":7,"hashes":["0123456789abcdef",null]}\n' +
      '{"record":"image","id":1,"name":"a","readOnly":"yes","blocks":7}\n' +
      '{"record":"mark","text":["a"]}\n',
  ),
  'out-of-range.ndjson': ascii(
    '{"record":"gone","domid":65536}\n' +
      '{"record":"fill","domid":1,"gfn":4294967295,"hash":"0123456789abcdef"}\n' +
      '{"record":"dirty","domid":1,"gfn":4294967290,"count":6}\n' +
      '{"record":"dirty","domid":1,"gfn":1,"count":0}\n' +
      '{"record":"time","t":9007199254740992}\n' +
      '{"record":"time","t":-1}\n' +
      '{"record":"lost","count":1e400}\n',
  ),
  'tail-torn.ndjson': ascii('{"record":"gone","domid":1}\n{"record":"gone","domid":2}'),
};

for (const [name, bytes] of Object.entries(FILES)) {
  writeFileSync(new URL(`../fixtures/malformed/${name}`, import.meta.url), Uint8Array.from(bytes));
}
