/** A segment in memory → decoder → engine → oracle and dlps with histories: what one core of the worker does. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Monitor } from '../../src/monitor/monitor.js';
import { DLPS_DEFAULTS } from '../../src/policy/dlps.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { READ_ALIGNED, READ_HASH_KNOWN } from '../../src/trace/record.js';
import { SegmentDecoder } from '../../src/trace/segment-decoder.js';
import { SegmentWriter } from '../../src/trace/segment-writer.js';
import { SeededRandom } from '../../test/seeded-random.js';
import { type Bench, collectGarbage, ResultHash, subject, timed } from '../harness.js';

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** Random frames of four domains: nine fills to one block read, the clock moves on every 64 records. */
function adversarial(records: number): Uint8Array {
  const frames = Math.max(4096, Math.floor(records / 2));
  const random = new SeededRandom(1);
  const pieces: Uint8Array[] = [];
  const sink = {
    open: () => undefined,
    write: (bytes: Uint8Array) => void pieces.push(bytes.slice()),
    close: () => undefined,
  };
  const writer = new SegmentWriter('bench', sink, { rotateBytes: 2 ** 31 });
  const buffer = new RecordBuffer();
  buffer.host('bench', '', 4 * frames);
  buffer.image(1, 'base', true, 0);
  for (let d = 1; d <= 4; d++) buffer.domain(d, `d${d}`, `d${d}`, '', '', frames);
  for (let i = 0; i < records; i++) {
    if (i % 64 === 0) buffer.time(i);
    const domid = 1 + random.below(4);
    const content = random.below(frames);
    const low = Math.imul(content, 0x9e3779b1) >>> 0;
    const high = Math.imul(content, 0x85ebca77) >>> 0;
    if (i % 10 === 0) buffer.blockRead(domid, 1, content, low, high, 0xffffffff, READ_ALIGNED | READ_HASH_KNOWN);
    else buffer.fill(domid, random.below(frames), low, high, 0);
    if (buffer.wordCount > 60_000) {
      writer.append(buffer);
      buffer.clear();
    }
  }
  writer.append(buffer);
  writer.close();
  return concat(pieces);
}

interface Run {
  cpu: number;
  records: number;
  hash: string;
}

/** @param loops the segment is played so many times; domains keep their frames, so contents change back and forth */
function ingest(bytes: Uint8Array, loops: number): Run {
  collectGarbage();
  const monitor = new Monitor({ names: ['dlps', 'oracle'], dlps: DLPS_DEFAULTS });
  const { cpu } = timed(() => {
    for (let loop = 0; loop < loops; loop++) {
      const decoder = new SegmentDecoder('bench');
      for (let at = 0; at < bytes.length; at += 256 * 1024) {
        decoder.push(bytes.subarray(at, at + 256 * 1024));
        for (let block = decoder.next(); block !== null; block = decoder.next()) {
          // Each loop is a stream of its own with the same domains. Its `time` records are behind the clock: late.
          monitor.apply(loop, block);
        }
      }
    }
    monitor.settle(Number.POSITIVE_INFINITY);
  });
  const hash = new ResultHash();
  for (const { policy } of monitor.policies.slots) hash.addText(JSON.stringify(policy.figures()));
  return { cpu, records: monitor.engine.records, hash: hash.hex() };
}

function framesAndReads(bytes: Uint8Array): number {
  // Fills of frames and reads of blocks, as an importer counts them: a span is as many as it names.
  let count = 0;
  const decoder = new SegmentDecoder('count');
  decoder.push(bytes);
  for (let block = decoder.next(); block !== null; block = decoder.next()) {
    for (let at = block.start; at < block.end; at += 4 * (1 + ((block.words[at] >>> 6) & 63))) {
      const kind = block.words[at] & 63;
      if (kind === 7 || kind === 8) count += block.words[at + 2];
      else if (kind === 19) count += block.words[at + 3];
      else if (kind === 6 || kind === 12) count++;
    }
  }
  return count;
}

function run(bench: Bench): void {
  const unit = 'M records/s';
  const random = adversarial(bench.small ? 20_000 : 4_000_000);
  ingest(random, 1);
  const runs = Array.from({ length: bench.repeats }, () => ingest(random, 1));
  const rates = runs.map(({ records, cpu }) => records / cpu / 1e6);
  bench.report({
    name: 'random frames, oracle + dlps',
    unit,
    values: rates,
    budget: { atLeast: 2 },
    hash: runs[0].hash,
  });

  const folder = process.env['SHARETOP_BENCH_FOLDER'] ?? '.';
  const trace = readFileSync(path.join(folder, '../fixtures/traces/kvm-five/import.000001.pgt'));
  const loops = bench.small ? 1 : 4;
  const named = framesAndReads(trace) * loops;
  if (!bench.small) ingest(trace, loops);
  const looped = Array.from({ length: bench.repeats }, () => ingest(trace, loops));
  bench.report({
    name: `kvm-five × ${loops}, frames filled and blocks read`,
    unit,
    values: looped.map(({ cpu }) => named / cpu / 1e6),
    budget: { atLeast: 3 },
    hash: looped[0].hash,
  });
  bench.report({
    name: `kvm-five × ${loops}, records as stored`,
    unit,
    values: looped.map((r) => r.records / r.cpu / 1e6),
  });
}

await subject(run);
