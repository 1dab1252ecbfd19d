import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NdjsonDecoder } from '../../src/trace/ndjson-decoder.js';
import { checkRecords } from '../../src/trace/record-check.js';
import { allWords, bufferOf, expectSameWords, readIn, wordsOf, type Append } from './record-streams.js';

const HASH = '0123456789abcdef';
const LOW = 0x89abcdef;
const HIGH = 0x01234567;

/** The words of these lines, which must be good, and what was written apart from them. */
function expectRecords(lines: string, appends: readonly Append[]): void {
  const decoder = new NdjsonDecoder('a.ndjson');
  expectSameWords(allWords(readIn(decoder, Buffer.from(lines))), wordsOf(bufferOf(appends)));
  expect(decoder.damage).toEqual([]);
}

function problemsOf(lines: string | Uint8Array): string[] {
  const decoder = new NdjsonDecoder('a.ndjson');
  readIn(decoder, Buffer.from(lines as string));
  return decoder.damage.map(({ place, problem }) => `${place}: ${problem}`);
}

describe('a line', () => {
  it('may leave out what has a default', () => {
    expectRecords(
      `{"record":"domain","domid":1,"name":"web1","frames":10}
{"record":"domain","domid":2,"key":"k2","frames":10}
{"record":"host","name":"h","frames":1}
{"record":"touch","domid":1,"gfn":3}
{"record":"blockWrite","domid":1,"image":1,"block":2}
{"record":"blockRead","domid":1,"image":1,"block":2}
{"record":"label","hash":"${HASH}","text":"a"}
{"record":"fill","domid":1,"gfn":0,"hash":"${HASH.toUpperCase()}","class":"plain"}
`,
      [
        (b) => b.domain(1, 'web1', 'web1', 'default', '', 10),
        (b) => b.domain(2, 'k2', 'k2', 'default', '', 10),
        (b) => b.host('h', '', 1),
        (b) => b.touch(1, 3, 1),
        (b) => b.blockWrite(1, 1, 2, 1),
        (b) => b.blockRead(1, 1, 2, 0, 0, 0xffffffff, 2),
        (b) => b.label(LOW, HIGH, 0, 'a'),
        (b) => b.fill(1, 0, LOW, HIGH, 0),
      ],
    );
  });

  it('with "t" sets the time, once for lines of one time', () => {
    expectRecords(
      `{"t":5,"record":"gone","domid":1}
{"t":5,"record":"gone","domid":2}
{"record":"gone","domid":3}
{"record":"gone","domid":4,"t":0}
{"record":"time","t":0}
`,
      [
        (b) => b.time(5),
        (b) => b.gone(1),
        (b) => b.gone(2),
        (b) => b.gone(3),
        (b) => b.time(0),
        (b) => b.gone(4),
        (b) => b.time(0),
      ],
    );
  });

  it('that is bad sets no time', () => {
    const decoder = new NdjsonDecoder('a.ndjson');
    const blocks = readIn(decoder, Buffer.from('{"t":5,"record":"gone"}\n{"t":5,"record":"gone","domid":1}\n'));
    expectSameWords(allWords(blocks), wordsOf(bufferOf([(b) => b.time(5), (b) => b.gone(1)])));
    expect(decoder.damagedBlocks).toBe(1);
  });

  it('with more than 126 hashes is several spans', () => {
    const hashes = Array.from({ length: 300 }, (_, i) => i.toString(16).padStart(16, '0'));
    const words = Uint32Array.from({ length: 600 }, (_, i) => (i % 2 === 0 ? i / 2 : 0));
    expectRecords(`${JSON.stringify({ record: 'fill', domid: 1, gfn: 9, hashes })}\n`, [
      (b) => b.fillSpan(1, 9, 126, words, 0),
      (b) => b.fillSpan(1, 135, 126, words, 252),
      (b) => b.fillSpan(1, 261, 48, words, 504),
    ]);
  });

  it('may end in CR LF, be empty, or follow a byte order mark', () => {
    expectRecords('\ufeff{"record":"gone","domid":1}\r\n\r\n  \n{"record":"gone","domid":2}\r\n', [
      (b) => b.gone(1),
      (b) => b.gone(2),
    ]);
  });

  it('gives nothing of a span whose last hash is bad', () => {
    const hashes = Array.from({ length: 200 }, () => HASH);
    hashes[199] = 'x';
    const decoder = new NdjsonDecoder('a');
    expect(readIn(decoder, Buffer.from(`${JSON.stringify({ record: 'fill', domid: 1, gfn: 9, hashes })}\n`))).toEqual(
      [],
    );
    expect(decoder.damagedBlocks).toBe(1);
  });

  it('of 64 KiB is read, a longer one is not, however it is cut', () => {
    const line = (bytes: number): string => `${'{"record":"gone","domid":1}'.padEnd(bytes, ' ')}\n`;
    expect(problemsOf(line(65536))).toEqual([]);
    const long = Buffer.from(line(65537) + line(30) + line(1_000_000) + line(30));
    for (const step of [1000, 65536, 65537, 70_000, 2_000_000]) {
      const decoder = new NdjsonDecoder('a');
      const cuts = Array.from({ length: Math.floor(long.length / step) }, (_, i) => i * step);
      expect(readIn(decoder, long, cuts).flatMap((block) => block.words).length).toBe(8);
      expect(decoder.damage).toEqual([
        { place: 'line 1', problem: 'longer than 65536 bytes' },
        { place: 'line 3', problem: 'longer than 65536 bytes' },
      ]);
      expect(decoder.tornTailBytes).toBe(0);
    }
  });

  it('that never ends takes no memory and is a torn tail', () => {
    const decoder = new NdjsonDecoder('a');
    const piece = new Uint8Array(65536).fill(0x20);
    for (let i = 0; i < 200; i++) {
      decoder.push(piece);
      expect(decoder.next()).toBeNull();
    }
    expect(decoder.tornTailBytes).toBe(200 * 65536);
  });
});

describe('hostile lines', () => {
  it('of nesting, odd keys and odd numbers are damage with their line', () => {
    const deep = '['.repeat(30_000) + ']'.repeat(30_000);
    const lines = [
      deep,
      `{"record":"mark","text":${deep}}`,
      '{"record":"mark","text":"a","__proto__":{"text":"b"}}',
      '{"record":"toString"}',
      '{"record":"__proto__"}',
      '{"record":"gone","domid":1e999}',
      '{"record":"gone","domid":0.5}',
      '{"record":"gone","domid":null}',
      '{"record":"gone","domid":[1]}',
      '{"record":"gone","domid":true}',
      `{"record":"fill","domid":1,"gfn":1,"hash":"${HASH}","class":"thp"}`,
      `{"record":"fill","domid":1,"gfn":1,"hash":"${HASH}","class":16}`,
      `{"record":"fill","domid":1,"gfn":1,"hash":"${HASH}","hashes":["${HASH}"]}`,
      `{"record":"fill","domid":1,"gfn":1,"count":1,"hashes":["${HASH}"]}`,
      `{"record":"fill","domid":1,"gfn":1,"class":1,"hashes":["${HASH}"]}`,
      '{"record":"fill","domid":1,"gfn":1,"hashes":[]}',
      '{"record":"fill","domid":1,"gfn":1,"hashes":{"length":1}}',
      `{"record":"fill","domid":1,"gfn":4294967294,"hashes":["${HASH}","${HASH}"]}`,
      '{"record":"keyframe","phase":"middle","domid":1}',
      '{"record":"domain","domid":1,"key":"","frames":1}',
      '{"record":"domain","domid":1,"frames":1}',
      '{"record":"lost","count":0}',
      '{"record":"blockWrite","domid":1,"image":1,"block":4294967295,"count":2}',
      '\u0000',
      '{"record":"mark"}',
    ];
    const problems = problemsOf(`${lines.join('\n')}\n`);
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(lines.map((_, i) => `line ${i + 1}`));
  });

  it('that are good lines with changed fields never throw and give well-formed records only', () => {
    const goodLines = readFileSync(new URL('../../fixtures/versions/v1.ndjson', import.meta.url), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const fields = [...new Set(goodLines.flatMap((line) => Object.keys(line))), 't', 'class', 'aligned'];
    const values = fc.oneof(
      fc.jsonValue(),
      fc.nat(),
      fc.constantFrom(HASH, -0, -1, 1e21, 2 ** 32 - 1, 2 ** 32, 'begin', 'a', 'fill', true),
      fc.array(fc.constant(HASH), { maxLength: 3 }),
    );
    const changes = fc.array(fc.tuple(fc.constantFrom(...fields), values), { maxLength: 3 });
    let good = 0;
    let bad = 0;
    fc.assert(
      fc.property(fc.constantFrom(...goodLines), changes, fc.constantFrom(undefined, ...fields), (line, set, drop) => {
        const changed: Record<string, unknown> = { ...line, ...Object.fromEntries(set) };
        if (drop !== undefined && set.length === 0) changed[drop] = undefined;
        const decoder = new NdjsonDecoder('a');
        const blocks = readIn(decoder, Buffer.from(`${JSON.stringify(changed)}\n`));
        for (const block of blocks) {
          expect(checkRecords(Uint32Array.from(block.words), 0, block.words.length)).toBe(block.recordCount);
        }
        expect(decoder.damagedBlocks).toBe(blocks.length === 0 ? 1 : 0);
        good += blocks.length;
        bad += decoder.damagedBlocks;
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(good, bad)).toBeGreaterThan(100);
  });

  it('of random bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        const decoder = new NdjsonDecoder('a');
        expect(readIn(decoder, noise)).toEqual([]);
      }),
    );
  });
});
