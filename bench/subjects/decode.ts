/** Bytes → checked records: binary, and NDJSON beside what JSON.parse alone takes for the same lines. */
import { NdjsonDecoder } from '../../src/trace/ndjson-decoder.js';
import { encodeNdjson } from '../../src/trace/ndjson.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { SegmentDecoder } from '../../src/trace/segment-decoder.js';
import { SegmentWriter } from '../../src/trace/segment-writer.js';
import type { TraceDecoder } from '../../src/trace/decoder.js';
import { SeededRandom } from '../../test/seeded-random.js';
import { type Bench, subject, timed } from '../harness.js';

function fills(count: number): RecordBuffer {
  const random = new SeededRandom(9);
  const buffer = new RecordBuffer();
  for (let i = 0; i < count; i++) buffer.fill(1, random.below(1 << 20), random.u32(), random.u32(), 0);
  return buffer;
}

function drain(decoder: TraceDecoder, bytes: Uint8Array): number {
  let records = 0;
  for (let at = 0; at < bytes.length; at += 256 * 1024) {
    decoder.push(bytes.subarray(at, at + 256 * 1024));
    for (let block = decoder.next(); block !== null; block = decoder.next()) records += block.recordCount;
  }
  return records;
}

function run(bench: Bench): void {
  const count = bench.small ? 20_000 : 2_000_000;
  const buffer = fills(count);
  const pieces: Buffer[] = [];
  const sink = {
    open: () => undefined,
    write: (bytes: Uint8Array) => void pieces.push(Buffer.from(bytes)),
    close: () => undefined,
  };
  const writer = new SegmentWriter('bench', sink, { rotateBytes: 2 ** 31 });
  writer.append(buffer);
  writer.close();
  const segment = Buffer.concat(pieces);
  const binary: number[] = [];
  for (let i = 0; i < bench.repeats + 1; i++) {
    let records = 0;
    const { cpu } = timed(() => (records = drain(new SegmentDecoder('bench'), segment)));
    if (records < count) throw new Error(`${records} of ${count} records`);
    if (i > 0) binary.push(count / cpu / 1e6);
  }
  bench.report({ name: 'segment', unit: 'M fills/s', values: binary });

  const few = Math.min(count, 200_000);
  const lines: string[] = [];
  const words = buffer.words.subarray(0, few * 4);
  encodeNdjson(
    { baseTimeMicros: 0, words, start: 0, end: words.length, recordCount: few },
    (line) => lines.push(line),
    0,
  );
  const text = Buffer.from(lines.join(''));
  const ndjson: number[] = [];
  const ratios: number[] = [];
  for (let i = 0; i < bench.repeats + 1; i++) {
    const ours = timed(() => drain(new NdjsonDecoder('bench'), text)).cpu;
    const parse = timed(() => {
      for (const line of lines) JSON.parse(line);
    }).cpu;
    if (i === 0) continue;
    ndjson.push(few / ours / 1e6);
    ratios.push(parse / ours);
  }
  bench.report({ name: 'NDJSON', unit: 'M lines/s', values: ndjson });
  bench.report({ name: 'NDJSON / JSON.parse alone', unit: '×', values: ratios });
}

await subject(run);
