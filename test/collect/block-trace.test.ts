import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlockTrace } from '../../src/collect/block-trace.js';
import { InputFile } from '../../src/collect/input-file.js';
import { TraceError } from '../../src/trace/trace-error.js';
import { plainMicros, readPlainRequests, recordingsDirectory, WITHOUT_RECORDINGS } from './plain-recordings.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';

interface Row {
  time: number;
  write: boolean;
  domid: number;
  sector: number;
  sectors: number;
  aligned: boolean;
  hashes: string;
}

async function readRows(path: string): Promise<Row[]> {
  const file = await InputFile.open(path);
  try {
    const trace = await BlockTrace.open(file);
    const rows: Row[] = [];
    while (await trace.next()) {
      const { request } = trace;
      const hashes: string[] = [];
      for (let i = 0; i < request.blockCount; i++) {
        const hash = (BigInt(request.hashes[2 * i + 1]) << 32n) | BigInt(request.hashes[2 * i]);
        hashes.push(request.known[i] === 1 ? hash.toString(16).padStart(16, '0') : '-');
      }
      const { timeMicros: time, write, domid, sector, sectorCount: sectors, aligned } = request;
      rows.push({ time, write, domid, sector, sectors, aligned, hashes: hashes.join(' ') });
    }
    return rows;
  } finally {
    await file.close();
  }
}

async function problemOf(text: string): Promise<string> {
  const path = writeInto(temporaryDirectory(), 'g.blk.csv', text);
  const error = await readRows(path).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TraceError);
  const { message } = error as TraceError;
  expect(message).not.toMatch(/[\n\u001b]/);
  return message.slice(path.length);
}

const GUEST = 't_rel_s,op,sector,nsectors,hashes\n';
const HOST = 't_s,domid,sector,nsectors,hashes\n';
const H = '0af39f7166245632';

describe('a block trace', () => {
  test('of one guest', async () => {
    const text = `${GUEST}0.085059,R,0,1,\n3.223006,R,8,16,${H} -\n3.244677,W,0,8,\n3.5,W,790528,9,\n`;
    const base = { write: false, domid: -1, aligned: true, hashes: '' };
    expect(await readRows(writeInto(temporaryDirectory(), 'g', text))).toEqual([
      { ...base, time: 85059, sector: 0, sectors: 1, aligned: false },
      { ...base, time: 3223006, sector: 8, sectors: 16, hashes: `${H} -` },
      { ...base, time: 3244677, write: true, sector: 0, sectors: 8 },
      { ...base, time: 3500000, write: true, sector: 790528, sectors: 9, aligned: false },
    ]);
  });

  test('of a host, packed, with columns in another order, CRLF, an empty line, no newline at the end', async () => {
    const rows = `1,${H.toUpperCase()},8,3,8,0.360882448\r\n\r\n2,,8,65535,16,1`;
    const text = `pid,hashes,nsectors,domid,sector,t_s\r\n${rows}`;
    const base = { write: false, aligned: true, sectors: 8 };
    expect(await readRows(writeInto(temporaryDirectory(), 'g', gzipSync(text)))).toEqual([
      { ...base, time: 360882, domid: 3, sector: 8, hashes: H },
      { ...base, time: 1000000, domid: 65535, sector: 16, hashes: '-' },
    ]);
  });

  test('is read the same however its bytes are cut into chunks', async () => {
    // Longer than a chunk of the reader, so that lines lie across its edges.
    const row = fc.tuple(fc.nat(10 ** 6), fc.nat(2 ** 20), fc.array(fc.bigInt(0n, 2n ** 64n - 1n), { minLength: 1 }));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 30 }), fc.nat(300_000), async (rows, padding) => {
        const lines = rows.map(([time, block, hashes]) => {
          const text = hashes.map((hash) => hash.toString(16).padStart(16, '0')).join(' ');
          return `${time / 1e6},${block * 8},${hashes.length * 8},${text},`;
        });
        lines.splice(Math.floor(lines.length / 2), 0, `1,0,1,,${'x'.repeat(padding)}`);
        const path = writeInto(temporaryDirectory(), 'g', `t_s,sector,nsectors,hashes,note\n${lines.join('\n')}\n`);
        const read = await readRows(path);
        expect(read.map((each) => each.hashes)).toEqual(lines.map((line) => line.split(',')[3]));
        expect(read.map((each) => each.sector)).toEqual(lines.map((line) => Number(line.split(',')[1])));
      }),
      { numRuns: 20 },
    );
  });

  test.each([
    ['no header', '1,2,3\n', ': offset 0: not a block trace: no column t_rel_s or t_s in its first line'],
    ['a column twice', 't_s,sector,sector,nsectors,hashes\n', ": offset 0: the header names the column 'sector' twice"],
    ['no hashes column', 't_s,sector,nsectors\n', ': offset 0: not a block trace: no column hashes in its first line'],
    ['a line cut', `${GUEST}1,R,0,8`, ': line 2: 4 fields where the header names 5'],
    ['a field too many', `${GUEST}1,R,0,1,,\n`, ': line 2: 6 fields where the header names 5'],
    ['no time', `${GUEST}1,R,0,1,\nx,R,0,1,\n`, ": line 3: time 'x' is not seconds ≥ 0"],
    ['a time before 0', `${GUEST}-1,R,0,1,\n`, ": line 2: time '-1' is not seconds ≥ 0"],
    ['another op', `${GUEST}1,D,0,1,\n`, ": line 2: op 'D' is neither R nor W"],
    ['a sector of other digits', `${GUEST}1,R,1e3,1,\n`, ": line 2: sector '1e3' is not an integer in 0 … 34359738360"],
    ['a sector too large', `${GUEST}1,R,34359738361,1,\n`, ": line 2: sector '34359738361' is not an integer"],
    ['an end too large', `${GUEST}1,R,34359738360,8,${H}\n`, ': line 2: the request ends past block 2^32 - 1'],
    ['no sectors', `${GUEST}1,R,0,0,\n`, ': line 2: nsectors is 0'],
    ['a domid too large', `${HOST}1,65536,0,1,\n`, ": line 2: domid '65536' is not an integer in 0 … 65535"],
    ['too few hashes', `${GUEST}1,R,0,16,${H}\n`, ': line 2: 1 hashes for 2 blocks of 4 KiB'],
    ['hashes of a write', `${GUEST}1,W,0,8,${H}\n`, ': line 2: a write has no hashes'],
    [
      'hashes of an unaligned read',
      `${GUEST}1,R,0,9,${H}\n`,
      ': line 2: a read that is not 4 KiB aligned has no hashes',
    ],
    ['a hash cut', `${GUEST}1,R,0,8,${H.slice(1)}\n`, `: line 2: '${H.slice(1)}' is not a hash of 16 hex digits`],
    ['a hash of other letters', `${GUEST}1,R,0,8,${H.slice(1)}g\n`, `: line 2: '${H.slice(1)}g' is not a hash`],
    ['signs between the digits', `${GUEST}1,R,0,8,:;<=>?@[0\`/~^_{|\n`, ': line 2: '],
    ['an enormous read', `${GUEST}1,R,0,34359738352,\n`, ': line 2: a read of more than 4 GiB'],
    ['an endless line', `${GUEST}${'1'.repeat(3_000_000)}`, ': line 2: longer than 1048576 bytes'],
    ['escapes', `${GUEST}\u001b[2J,R,0,1,\n`, ": line 2: time '?[2J' is not seconds ≥ 0"],
  ])('with %s is refused by line', async (_name, text, expected) => {
    expect((await problemOf(text)).slice(0, expected.length)).toBe(expected);
  });

  const recordings = recordingsDirectory();
  test.for(['kvm/build1', 'xen/xen'])('of %s is read as the plain reader does', async (name, { skip }) => {
    skip(recordings === null, WITHOUT_RECORDINGS);
    const path = `${recordings ?? ''}/${name}.blk.csv.gz`;
    const rows = await readRows(path);
    const plain = readPlainRequests(path);
    expect(rows.length).toBe(plain.length);
    for (const [i, { time, op, domid, sector, sectors, hashes }] of plain.entries()) {
      const aligned = sector % 8 === 0 && sectors % 8 === 0;
      expect(rows[i]).toEqual({ time: plainMicros(time), write: op === 'W', domid, sector, sectors, aligned, hashes });
    }
  });
});
