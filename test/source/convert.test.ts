/** binary ↔ NDJSON: whatever the records are, both forms are the same trace. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { convertTrace, type ConvertOutput, type ConvertResult } from '../../src/source/convert.js';
import { StdinSource } from '../../src/source/stdin-source.js';
import { openTrace } from '../../src/source/trace-files.js';
import type { StreamForm } from '../../src/trace/stream-form.js';
import { KIND, kindOf, slotsOf } from '../../src/trace/record.js';
import { anyRecord, bufferOf, MemorySink, ndjsonOf, segmentOf } from '../trace/record-streams.js';
import { SegmentWriter } from '../../src/trace/segment-writer.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';

const SIGNAL = new AbortController().signal;

function convert(
  input: string | StdinSource,
  output: string | ConvertOutput,
  to?: StreamForm,
  signal = SIGNAL,
): Promise<ConvertResult> {
  const kind = typeof output === 'string' && /\.(pgt|ndjson)$/.test(output) ? 'file' : 'directory';
  const target: ConvertOutput = typeof output === 'string' ? { kind, path: output } : output;
  const now = (): number => performance.now();
  return convertTrace(input, target, { to, signal, suffix: 'partial', now, onProgress: () => undefined });
}

/** Every record of a trace: its stream's plain name, its time, its words. Times by a count of the test's own. */
function recordsOf(path: string): string[] {
  const source = openTrace(path);
  const records: string[] = [];
  while (
    source.pull((stream, { baseTimeMicros, words, start, end }) => {
      let time = baseTimeMicros;
      for (let at = start; at < end; at += slotsOf(words[at]) * 4) {
        if (kindOf(words[at]) === KIND.time) time = words[at + 1] + words[at + 2] * 2 ** 32;
        else {
          const record = words.subarray(at, at + slotsOf(words[at]) * 4).join(' ');
          records.push(`${source.streamNames[stream].replace(/\.ndjson$/, '')} ${time} ${record}`);
        }
      }
      return true;
    })
  );
  expect([source.damagedBlocks, source.gaps]).toEqual([0, 0]);
  return records;
}

const anyRecords = fc.array(anyRecord, { minLength: 1, maxLength: 25 });
const RUNS = { numRuns: 40, seed: 20261123 };

test('binary → NDJSON → binary has the same records at the same times, in every stream', async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom('a', 'a-2', 'a.b', 'host'), anyRecords), async (streams) => {
      fc.pre(Object.keys(streams).length > 0);
      const directory = temporaryDirectory();
      const [binary, lines, again] = ['binary', 'lines', 'again'].map((name) => join(directory, name));
      mkdirSync(binary);
      for (const [name, appends] of Object.entries(streams)) {
        writeInto(binary, `${name}.000001.pgt`, segmentOf(appends, 7));
      }
      await convert(binary, lines);
      expect(readdirSync(lines).sort()).toEqual(
        Object.keys(streams)
          .map((name) => `${name}.ndjson`)
          .sort(),
      );
      await convert(lines, again);
      // The merged order is the same, too.
      expect(recordsOf(lines)).toEqual(recordsOf(binary));
      expect(recordsOf(again)).toEqual(recordsOf(binary));
    }),
    RUNS,
  );
});

test('NDJSON → binary → NDJSON is the same lines, through files and through pipes', async () => {
  await fc.assert(
    fc.asyncProperty(anyRecords, async (appends) => {
      const directory = temporaryDirectory();
      const text = Buffer.from(ndjsonOf(bufferOf(appends))).toString();
      const [lines, binary, again] = ['a.ndjson', 'b.pgt', 'c.ndjson'].map((name) => join(directory, name));
      writeInto(directory, 'a.ndjson', text);
      await convert(lines, binary);
      await convert(binary, again);
      expect(readFileSync(again, 'utf8')).toBe(text);
      const pieces: Uint8Array[] = [];
      const pipe = { write: (bytes: Uint8Array) => void pieces.push(bytes.slice()), isFull: false };
      const stdin = new StdinSource(Readable.from([readFileSync(binary)]), { now: () => 0 });
      await convert(stdin, { kind: 'pipe', pipe: { ...pipe, drained: () => Promise.resolve() } });
      expect(Buffer.concat(pieces).toString()).toBe(text);
    }),
    RUNS,
  );
});

test('a stream of many segments becomes one file and many again; openings are told once', async () => {
  const sink = new MemorySink();
  const writer = new SegmentWriter('host', sink, { rotateBytes: 4096 });
  writer.append(bufferOf([(b) => b.domain(1, 'web1', 'web1', 'default', '', 64), (b) => b.fill(1, 3, 4, 5, 0)]));
  for (let i = 0; i < 2000; i++) writer.append(bufferOf([(b) => b.touch(1, i % 64, 1)]));
  writer.close();
  const directory = temporaryDirectory();
  const input = join(directory, 'in');
  mkdirSync(input);
  sink.files.forEach(({ name }, i) => writeInto(input, name, sink.bytes(i)));
  expect(sink.files.length).toBeGreaterThan(4);
  await convert(input, join(directory, 'out.ndjson'));
  const lines = readFileSync(join(directory, 'out.ndjson'), 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(2002);
  await convert(input, join(directory, 'copy'), 'binary');
  expect(recordsOf(join(directory, 'copy'))).toEqual(recordsOf(input));
});

test('several streams become one by number and time', async () => {
  const directory = temporaryDirectory();
  const input = join(directory, 'in');
  mkdirSync(input);
  const line = (t: number, key: string): string => `{"t":${t},"record":"domain","domid":1,"key":"${key}","frames":9}\n`;
  writeInto(input, 'a.ndjson', line(1, 'web1') + line(3, 'web1'));
  writeInto(input, 'b.ndjson', line(2, 'web2'));
  await convert(input, join(directory, 'out.ndjson'), 'ndjson');
  const lines = readFileSync(join(directory, 'out.ndjson'), 'utf8').trimEnd().split('\n');
  const domains = lines.map((text) => JSON.parse(text) as { domid: number; key: string }).filter(({ key }) => key);
  expect(domains.map(({ key }) => key)).toEqual(['web1', 'web2', 'web1']);
  expect(domains[1].domid).not.toBe(domains[0].domid);
});

describe('nothing is left behind', () => {
  test('of a conversion that was ended, and of one that failed', async () => {
    const directory = temporaryDirectory();
    writeInto(directory, 'a.ndjson', '{"record":"mark","text":"x"}\n');
    const input = join(directory, 'a.ndjson');
    const { complete } = await convert(input, join(directory, 'out'), 'binary', AbortSignal.abort());
    expect(complete).toBe(false);
    writeInto(directory, 'v9.pgt', readFileSync(new URL('../../fixtures/malformed/version-9.pgt', import.meta.url)));
    await expect(convert(join(directory, 'v9.pgt'), join(directory, 'v9.ndjson'))).rejects.toThrow('newer sharetop');
    await expect(convert(join(directory, 'v9.pgt'), join(directory, 'v9'))).rejects.toThrow('newer sharetop');
    expect(readdirSync(directory).sort()).toEqual(['a.ndjson', 'v9.pgt']);
  });

  test('an input that ends by abort while it is waited for', async () => {
    const directory = temporaryDirectory();
    const abort = new AbortController();
    const stdin = new StdinSource(new Readable({ read: () => undefined }), { now: () => 0, form: 'ndjson' });
    const converted = convert(stdin, join(directory, 'out.pgt'), 'binary', abort.signal);
    setTimeout(() => abort.abort(), 20);
    expect((await converted).complete).toBe(false);
    expect(readdirSync(directory)).toEqual([]);
  });
});
