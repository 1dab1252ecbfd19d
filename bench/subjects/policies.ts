/**
 * Trace time a second of CPU time, with each policy alone and with all: does a scheme keep up with the machine?
 * Scanners visit a million pages a second of trace time. Policies come from the registry: a new one needs no line here.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ownFigures } from '../../src/figures/policy-figures.js';
import { Monitor } from '../../src/monitor/monitor.js';
import { POLICY_NAMES, type PolicyName, type PolicyOptions } from '../../src/monitor/policy-registry.js';
import { DLPS_DEFAULTS } from '../../src/policy/dlps.js';
import { ESX_KNOBS } from '../../src/policy/esx-knobs.js';
import { knobDefaults } from '../../src/policy/knobs.js';
import { KSM_KNOBS } from '../../src/policy/ksm-knobs.js';
import type { RegionVictim } from '../../src/policy/parts/shared-region.js';
import { XLH_KNOBS } from '../../src/policy/xlh-knobs.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { READ_ALIGNED, READ_HASH_KNOWN } from '../../src/trace/record.js';
import { SegmentDecoder } from '../../src/trace/segment-decoder.js';
import { SeededRandom } from '../../test/seeded-random.js';
import { type Bench, collectGarbage, subject, timed } from '../harness.js';
import { ROOT } from '../pty.js';

const BUDGET = { atLeast: 10 } as const;
const VISITS_PER_SECOND = 1_000_000;
/** Changes and reads a second of trace time in the made-up load: each a record that hits another line of memory. */
const RECORDS_PER_SECOND = 100_000;
const FRAMES = 1 << 18;
const REGION_VICTIMS: readonly RegionVictim[] = ['clock', 'lru'];
/** What the others are compared with: the engine and the histories, and a policy that keeps next to nothing. */
const BASELINE: PolicyName = 'oracle';

interface Variant {
  readonly name: string;
  readonly options: PolicyOptions;
}

function variants(): Variant[] {
  const visits = { pages_to_scan: VISITS_PER_SECOND / 50, sleep_millisecs: 20 };
  const knobs: Omit<PolicyOptions, 'names'> = {
    dlps: DLPS_DEFAULTS,
    ksm: { ...knobDefaults(KSM_KNOBS), ...visits },
    xlh: { ...knobDefaults(XLH_KNOBS), ...visits },
    esx: { ...knobDefaults(ESX_KNOBS), rate: VISITS_PER_SECOND, rate_per_domain: VISITS_PER_SECOND },
  };
  const one = (name: PolicyName): Variant => ({ name, options: { ...knobs, names: [name] } });
  const others = POLICY_NAMES.filter((name) => name !== BASELINE);
  const withCurve = (what: string, trials: boolean): Variant => ({
    name: `${BASELINE}, with ${what}`,
    options: { ...knobs, names: [BASELINE], regionCurve: { trials } },
  });
  return [
    one(BASELINE),
    ...others.map(one),
    ...REGION_VICTIMS.map((victim) => ({
      name: `dlps, victims by ${victim}`,
      options: { ...knobs, names: ['dlps' as const], dlps: { ...DLPS_DEFAULTS, victim } },
    })),
    withCurve('the LRU curve', false),
    withCurve('--region-curve', true),
    { name: 'all policies', options: { ...knobs, names: POLICY_NAMES } },
  ];
}

/** Visits of all scanners so far, by the names that their figures have for it. */
function visitsOf(monitor: Monitor): number {
  let visits = 0;
  for (const { policy } of monitor.policies.slots) {
    const own = ownFigures(policy.figures()) as { pages_scanned?: number; visits?: number };
    visits += own.pages_scanned ?? own.visits ?? 0;
  }
  return visits;
}

/** Bytes of the tables of the policies and of the curve. */
function tableBytes(monitor: Monitor): number {
  return monitor.policies.bytes + (monitor.regionCurve?.bytes ?? 0);
}

interface Run {
  /** Trace seconds, and the CPU seconds that they took. */
  trace: number;
  cpu: number;
  visits: number;
  bytes: number;
}

/** The made-up load: every frame changes now and then, so no scan may pass over anything. Without its first second. */
function load({ options }: Variant, seconds: number): Run {
  collectGarbage();
  const monitor = new Monitor(options);
  const random = new SeededRandom(6);
  const buffer = new RecordBuffer();
  buffer.host('bench', '', 4 * FRAMES);
  buffer.image(1, 'base', true, 0);
  for (let d = 1; d <= 4; d++) buffer.domain(d, `d${d}`, '', '', '', FRAMES);
  let cpu = 0;
  let before = 0;
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
    else before = visitsOf(monitor);
  }
  return { trace: seconds, cpu, visits: visitsOf(monitor) - before, bytes: tableBytes(monitor) };
}

function recording({ options }: Variant, bytes: Uint8Array): Run {
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
  const trace = (monitor.engine.timeMicros - monitor.engine.sinceMicros) / 1e6;
  if (monitor.policies.notice !== '') throw new Error(monitor.policies.notice);
  return { trace, cpu, visits: visitsOf(monitor), bytes: tableBytes(monitor) };
}

/** Each repeat plays every variant once, so that what else the machine does hits all of them alike. */
function repeated(bench: Bench, play: (variant: Variant) => Run): Map<Variant, Run[]> {
  const all = variants();
  const runs = new Map(all.map((variant) => [variant, [] as Run[]]));
  play(all[0]);
  for (let repeat = 0; repeat < bench.repeats; repeat++) {
    for (const variant of all) runs.get(variant)?.push(play(variant));
  }
  return runs;
}

/** CPU of a variant beside that of the baseline in the same repeat. */
function ratioNote(runs: readonly Run[], baseline: readonly Run[]): string {
  const ratios = runs.map(({ cpu }, i) => cpu / baseline[i].cpu).sort((a, b) => a - b);
  return `${ratios[ratios.length >> 1].toFixed(2)} × the CPU of ${BASELINE}`;
}

function bytesNote({ bytes }: Run): string {
  return `tables ${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function run(bench: Bench): void {
  const bytes = readFileSync(path.join(ROOT, 'fixtures/traces/kvm-five/import.000001.pgt'));
  const played = repeated(bench, (variant) => recording(variant, bytes));
  const [baseline] = played.values();
  for (const [{ name }, runs] of played) {
    const { visits, trace } = runs[0];
    const scans = visits === 0 ? '' : `, ${(visits / trace / 1e6).toFixed(2)} M visits/s of trace time`;
    const note = `${ratioNote(runs, baseline)}, ${bytesNote(runs[0])}${scans}`;
    const values = runs.map((one) => one.trace / one.cpu);
    bench.report({ name: `${name}: kvm-five`, unit: '× real time', values, budget: BUDGET, note });
  }
  const seconds = bench.small ? 1 : 4;
  const loaded = repeated(bench, (variant) => load(variant, seconds));
  const [plain] = loaded.values();
  for (const [{ name }, runs] of loaded) {
    const values = runs.map(({ trace, cpu }) => trace / cpu);
    const note = `${RECORDS_PER_SECOND / 1000} k records/s; ${ratioNote(runs, plain)}, ${bytesNote(runs[0])}`;
    bench.report({ name: `${name}: random frames`, unit: '× real time', values, note });
    if (runs[0].visits === 0) continue;
    const rates = runs.map(({ visits, cpu }, i) => visits / Math.max(1e-3, cpu - plain[i].cpu) / 1e6);
    bench.report({ name: `${name}: random frames, visits`, unit: 'M/s of CPU', values: rates });
  }
}

await subject(run);
