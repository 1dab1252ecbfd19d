/** What a person sees of each kind of hostile input: the line, with its place, and the exit code of the built tool. */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { repairBlock, segmentPieces } from '../fuzz/segment-bytes.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';
import { CONTROL, sharetop } from './run-tool.js';

const SEGMENT = 'a.000001.pgt';

function records(write: (buffer: RecordBuffer) => void): RecordBuffer {
  const buffer = new RecordBuffer();
  buffer.time(1_000_000);
  write(buffer);
  return buffer;
}

/** A sound segment: its header and one block, more than 200 bytes. */
function sound(): [header: Uint8Array, block: Uint8Array] {
  const [header, block] = segmentPieces(
    records((b) => {
      b.domain(1, 'web1', 'web1', '', 'pv', 64);
      for (let gfn = 0; gfn < 20; gfn++) b.fill(1, gfn, gfn % 5, 7, 0);
    }),
  );
  return [header, block];
}

function spoiled(at: number, value: number, repair: boolean): Uint8Array {
  const [header, block] = sound();
  block[at] = value;
  if (repair) repairBlock(block);
  return Buffer.concat([header, block]);
}

/** A segment of any records. */
const many = (write: (b: RecordBuffer) => void): Uint8Array => Buffer.concat(segmentPieces(records(write)));

/** A guest that is made and destroyed under one domid, each time with another name. */
function domidStorm(b: RecordBuffer): void {
  for (let i = 0; i < 20_000; i++) {
    b.domain(1, `life-${i}`, '', '', '', 64);
    b.gone(1);
  }
}
/** Guests that are promised more than any host has, and use the first and the last of it. */
function everyFrame(b: RecordBuffer): void {
  for (let domid = 0; domid < 20; domid++) {
    b.domain(domid, `huge-${domid}`, '', '', '', 0xffffffff);
    b.dirty(domid, 0, 2 ** 28);
    b.fill(domid, 0xfffffffe, 5, 5, 0);
  }
}

const REPORT = ['report'] as const;
const LIMITED = ['report', '--memory-limit', '32M'] as const;

/** A file, what is done with it, and what a person sees. */
interface Row {
  readonly file: string;
  readonly bytes: () => Uint8Array | string;
  readonly args: readonly string[];
  readonly code: number;
  readonly line: RegExp;
}
const row = (file: string, bytes: Row['bytes'], args: readonly string[], code: number, line: RegExp): Row => ({
  file,
  bytes,
  args,
  code,
  line,
});

const ROWS: Readonly<Record<string, Row>> = {
  'a flipped bit': row(
    SEGMENT,
    () => spoiled(60, 9, false),
    REPORT,
    4,
    /pgt: offset 64: the block has a wrong checksum/,
  ),
  'a malformed record under a right checksum': row(
    SEGMENT,
    () => spoiled(48, 63, true),
    REPORT,
    4,
    /pgt: offset 64: the record at offset \d+ is malformed/,
  ),
  'a text file called segment': row(
    SEGMENT,
    () => 'hello '.repeat(40),
    REPORT,
    4,
    /offset 0: no segment header: is this/,
  ),
  'a segment cut short': row(SEGMENT, () => Buffer.concat(sound()).subarray(0, 200), REPORT, 0, /^$/),
  'a line of a megabyte': row(
    'a.ndjson',
    () => `${'x'.repeat(2 ** 20)}\n`,
    REPORT,
    4,
    /line 1: longer than 65536 bytes/,
  ),
  'lines that are no JSON': row(
    'a.ndjson',
    () => '\u0000\u001b[2J\n',
    REPORT,
    4,
    /line 1: not a JSON object: every line/,
  ),
  'an unknown record with an escape in its name': row(
    'a.ndjson',
    () => '{"record":"\\u001b[2J"}\n',
    REPORT,
    4,
    /line 1: record "\?\[2J" is not known/,
  ),
  'a number that is none': row(
    'a.ndjson',
    () => '{"record":"gone","domid":1e999}\n',
    REPORT,
    4,
    /line 1: field "domid" must be an integer in 0 … 65535/,
  ),
  'a domid that is used again 20,000 times': row(SEGMENT, () => many(domidStorm), LIMITED, 0, /^$/),
  'twenty reservations of 2^32 frames': row(SEGMENT, () => many(everyFrame), LIMITED, 4, /memory limit of 32M reached/),
};

/** The tool said this line and nothing else; with `/^$/` nothing at all. Never a stack, nothing a terminal obeys. */
function expectClear(stderr: string, line: RegExp): void {
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr.trimEnd()).not.toMatch(CONTROL);
  expect(stderr.length).toBeLessThan(2000);
  if (stderr !== '') expect(stderr).toMatch(/^sharetop: [^\n]+\n$/);
  expect(stderr.trimEnd()).toMatch(line);
}

describe('report', () => {
  test.each(Object.entries(ROWS))('%s', async (_, { file, bytes, args, code, line }) => {
    const directory = temporaryDirectory();
    writeInto(directory, file, bytes());
    const outcome = await sharetop([...args, directory]);
    expectClear(outcome.stderr, line);
    expect(outcome.code).toBe(code);
    expect(outcome.stdout).not.toMatch(CONTROL);
    expect(outcome.stdout).toMatch(/^gaps +\d+ lost/m);
  });
});

describe('import', () => {
  test.each<[string, Buffer, RegExp]>([
    ['g.pghd.gz', gzipSync(Buffer.alloc(5000, 'PGHD1\0\0\0')).subarray(0, 30), /g\.pghd\.gz: .*ends too early/],
    ['g.pghd', Buffer.from('PGHD1\0\0\0'), /g\.pghd: offset 8: the file ends inside its header/],
    [
      'g.blk.csv',
      Buffer.from('t_rel_s,op,sector,nsectors,hashes\n1,\u001b[2J,0,8,\n'),
      /line 2: op '\?\[2J' is neither/,
    ],
    ['g.csv', Buffer.from('\u0000'.repeat(100)), /g\.csv: is neither a page-hash series/],
  ])('%s', async (name, bytes, line) => {
    const directory = temporaryDirectory();
    writeInto(directory, name, bytes);
    const outcome = await sharetop(['import', join(directory, name), '-o', join(directory, 'trace')]);
    expectClear(outcome.stderr, line);
    expect(outcome.code).toBe(3);
  });
});

test.each(['15M', '1M', '101%', '2', '', '\u001b[2J'])('--memory-limit %j is refused', async (size) => {
  const { code, stderr } = await sharetop(['report', `--memory-limit=${size}`, 'fixtures/traces/kvm-five']);
  expectClear(stderr, /^sharetop: --memory-limit '.*': write a size of at least 16M such as 2G, or a percentage/);
  expect(code).toBe(2);
});
