/** Trace time a second of CPU time, with each policy alone and with all: does a scheme keep up with the machine? */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Monitor } from '../../src/monitor/monitor.js';
import type { PolicyOptions } from '../../src/monitor/policy-registry.js';
import { DLPS_DEFAULTS } from '../../src/policy/dlps.js';
import type { RegionVictim } from '../../src/policy/parts/shared-region.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { READ_ALIGNED, READ_HASH_KNOWN } from '../../src/trace/record.js';
import { SegmentDecoder } from '../../src/trace/segment-decoder.js';
import { SeededRandom } from '../../test/seeded-random.js';
import { type Bench, collectGarbage, subject, timed } from '../harness.js';
import { ROOT } from '../pty.js';

/** In the design and not written yet. */
const MISSING = ['satori', 'ksm', 'esx', 'xlh'];
const BUDGET = { atLeast: 10 } as const;
/** Changes and reads a second of trace time in the made-up load: each a record that hits another line of memory. */
const RECORDS_PER_SECOND = 100_000;
const FRAMES = 1 << 18;
const REGION_VICTIMS: readonly RegionVictim[] = ['sharers', 'clock', 'lru'];

interface Variant {
  readonly name: string;
  readonly options: PolicyOptions;
}

function variants(): Variant[] {
  const dlps = (victim: RegionVictim): Variant => ({
    name: `dlps, victims by ${victim}`,
    options: { names: ['dlps'], dlps: { ...DLPS_DEFAULTS, victim } },
  });
  return [
    { name: 'oracle', options: { names: ['oracle'], dlps: DLPS_DEFAULTS } },
    ...REGION_VICTIMS.map(dlps),
    { name: 'all policies', options: { names: ['dlps', 'oracle'], dlps: DLPS_DEFAULTS } },
  ];
}

/** CPU seconds for a second of the load, after one that fills the tables. */
function load({ options }: Variant, seconds: number): number {
  collectGarbage();
  const monitor = new Monitor(options);
  const random = new SeededRandom(6);
  const buffer = new RecordBuffer();
  buffer.host('bench', '', 4 * FRAMES);
  buffer.image(1, 'base', true, 0);
  for (let d = 1; d <= 4; d++) buffer.domain(d, `d${d}`, '', '', '', FRAMES);
  let cpu = 0;
  for (let second = 0; second <= seconds; second++) {
    buffer.time((second + 1) * 1e6);
    for (let i = 0; i < RECORDS_PER_SECOND; i++) {
      const domid = 1 + random.below(4);
      const content = random.below(FRAMES);
      const low = Math.imul(content, 0x9e3779b1) >>> 0;
      const flags = READ_ALIGNED | READ_HASH_KNOWN;
      if (i % 10 === 0) buffer.blockRead(domid, 1, content, low, content, 0xffffffff, flags);
      else buffer.fill(domid, random.below(FRAMES), low, content, 0);
    }
    const { words, wordCount } = buffer;
    const { cpu: used } = timed(() => {
      monitor.apply(0, { baseTimeMicros: second * 1e6, words, start: 0, end: wordCount });
      monitor.settle(Number.POSITIVE_INFINITY);
    });
    buffer.clear();
    if (second > 0) cpu += used;
  }
  return cpu / seconds;
}

/** Trace seconds of the recording, and the CPU seconds that it takes. */
function recording({ options }: Variant, bytes: Uint8Array): { trace: number; cpu: number } {
  collectGarbage();
  const monitor = new Monitor(options);
  const { cpu } = timed(() => {
    const decoder = new SegmentDecoder('bench');
    for (let at = 0; at < bytes.length; at += 256 * 1024) {
      decoder.push(bytes.subarray(at, at + 256 * 1024));
      for (let block = decoder.next(); block !== null; block = decoder.next()) monitor.apply(0, block);
    }
    monitor.settle(Number.POSITIVE_INFINITY);
  });
  return { trace: (monitor.engine.timeMicros - monitor.engine.sinceMicros) / 1e6, cpu };
}

function run(bench: Bench): void {
  const bytes = readFileSync(path.join(ROOT, 'fixtures/traces/kvm-five/import.000001.pgt'));
  for (const variant of variants()) {
    const seconds = bench.small ? 1 : 8;
    const note = `${RECORDS_PER_SECOND / 1000} k records a second of trace time`;
    const values = Array.from({ length: bench.repeats }, () => 1 / load(variant, seconds));
    bench.report({ name: `${variant.name}: random frames`, unit: '× real time', values, note });
    const played = Array.from({ length: bench.repeats }, () => recording(variant, bytes));
    const speeds = played.map(({ trace, cpu }) => trace / cpu);
    bench.report({ name: `${variant.name}: kvm-five`, unit: '× real time', values: speeds, budget: BUDGET });
  }
  bench.skip(MISSING.join(', '), 'not written yet; visits/s are of scanners, of which there is none');
}

await subject(run);
