/**
 * Large hosts: ingest, memory, answers, and every figure counted three times: by the engine, by the slow model of the
 * tests (where it can hold the data), and by DuckDB from the trace's NDJSON. A figure that differs fails the bench.
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ViewRequest } from '../../src/figures/snapshot.js';
import { domainFigures, hostFigures } from '../../src/monitor/figures-of.js';
import { Monitor } from '../../src/monitor/monitor.js';
import { DLPS_DEFAULTS } from '../../src/policy/dlps.js';
import { plainRecords } from '../../test/model/plain-records.js';
import { SlowEngine } from '../../test/model/slow-engine.js';
import { countHolders, slowDomainFigures, slowHostFigures, slowPairs } from '../../test/model/slow-figures.js';
import { type Bench, collectGarbage, subject, timed } from '../harness.js';
import { duckDbFigures, loadDuckDb } from '../scale/duckdb.js';
import { comparedPairs, differences, rounded, type ScaleFigures } from '../scale/figures.js';
import { type HostSize, ScaleHost } from '../scale/host.js';

const SHARES = { seed: 20260, commonShare: 0.35, ownShare: 0.3, pool: 200_000 };
/** The slow model keeps an object a frame: it counts the first of these, DuckDB counts all. */
const SIZES: readonly (HostSize & { readonly isForTheSlowModel: boolean })[] = [
  { name: '128 × 8,192', domains: 128, framesPerDomain: 8_192, changes: 50_000, isForTheSlowModel: true, ...SHARES },
  {
    name: '128 × 65,536',
    domains: 128,
    framesPerDomain: 65_536,
    changes: 400_000,
    isForTheSlowModel: false,
    ...SHARES,
  },
  { name: '16 × 1 M', domains: 16, framesPerDomain: 1_048_576, changes: 800_000, isForTheSlowModel: false, ...SHARES },
];
const SMALL: typeof SIZES = [
  { name: '8 × 512', domains: 8, framesPerDomain: 512, changes: 2_000, isForTheSlowModel: true, ...SHARES, pool: 300 },
];
const HEALTH = {
  gaps: { lost: 0, damagedBlocks: 0, late: 0, orphans: 0, missing: 0, damagedRecords: 0, unmodelled: 0 },
  ...{ skewMicros: 0, lagMs: 0, backlogBytes: 0, selfCpu: 0, selfBytes: 0, streams: 1, sourceFound: true, notice: '' },
};

function request(sort: string): ViewRequest {
  return {
    ...{ id: 0, policy: 'dlps', withZeros: false, domainKey: null, historyPoints: 120 },
    domains: { pane: 'domains', sort: 'saved', descending: true, offset: 0, count: 128 },
    hot: { pane: 'hot', sort, descending: true, offset: 0, count: 60 },
    partners: { pane: 'partners', sort: 'both', descending: true, offset: 0, count: 60 },
  };
}

function engineFigures(monitor: Monitor, domains: number): ScaleFigures {
  const { engine } = monitor;
  const host = hostFigures(engine);
  const live = [...engine.domains.live()].sort((a, b) => a.domid - b.domid);
  const pairs = comparedPairs(domains).map(([a, b]) => {
    const [first, second] = [live[a - 1].slot, live[b - 1].slot];
    return [`${a}|${b}`, engine.pairs.get(first, second)] as const;
  });
  return {
    host: {
      ...{ known: host.knownFrames, zero: host.zeroFrames, unknown: host.unknownFrames },
      ...{ distinct: host.distinctContents, shared: host.sharedContents, potential: host.potentialSavedFrames },
      ...{ self: host.selfSavedFrames, inter: host.interSavedFrames },
    },
    domains: live.map((domain) => {
      const own = domainFigures(engine, domain);
      const { domid, knownFrames: known, zeroFrames: zero, unknownFrames: unknown, distinctContents: distinct } = own;
      return { domid, known, zero, unknown, distinct, fair: rounded(own.fairSavedFrames) };
    }),
    pairs: Object.fromEntries(pairs),
  };
}

function modelFigures(model: SlowEngine, domains: number): ScaleFigures {
  const holders = countHolders(model);
  const host = slowHostFigures(model, holders);
  const all = slowPairs(model, holders);
  return {
    host: {
      ...{ known: host.knownFrames, zero: host.zeroFrames, unknown: host.unknownFrames },
      ...{ distinct: host.distinctContents, shared: host.sharedContents, potential: host.potentialSavedFrames },
      ...{ self: host.selfSavedFrames, inter: host.interSavedFrames },
    },
    domains: model.live.map((life) => {
      const own = slowDomainFigures(life, holders);
      const { domid, knownFrames: known, zeroFrames: zero, unknownFrames: unknown, distinctContents: distinct } = own;
      return { domid, known, zero, unknown, distinct, fair: rounded(own.fairSavedFrames) };
    }),
    pairs: Object.fromEntries(comparedPairs(domains).map(([a, b]) => [`${a}|${b}`, all.get(`d${a}|d${b}`) ?? 0])),
  };
}

/** The engine fed with the whole host; reports what it cost. */
function ingest(bench: Bench, size: HostSize): ScaleFigures {
  collectGarbage();
  const before = process.memoryUsage.rss();
  const monitor = new Monitor({ names: ['dlps', 'oracle'], dlps: DLPS_DEFAULTS });
  let cpu = 0;
  let peak = 0;
  const records = (buffer: { words: Uint32Array; wordCount: number }, baseTimeMicros: number): void => {
    const { words, wordCount } = buffer;
    cpu += timed(() => monitor.apply(0, { baseTimeMicros, words, start: 0, end: wordCount })).cpu;
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  new ScaleHost(size, { records, lines: () => undefined }, false).tell();
  cpu += timed(() => monitor.settle(Number.POSITIVE_INFINITY)).cpu;
  const { engine } = monitor;
  const frames = size.domains * size.framesPerDomain;
  const note = `${(engine.contents.size / 1e6).toFixed(1)} M contents`;
  const rate = (frames + size.changes) / cpu / 1e6;
  bench.report({ name: `${size.name}: scanned and changed`, unit: 'M frames/s', values: [rate], note });
  const tables = engine.frames.bytes + engine.contents.bytes + engine.holders.bytes;
  const policies = monitor.policies.slots.reduce((sum, { policy }) => sum + policy.bytes, 0);
  const allowed = 20 * frames + 64 * engine.contents.size + 24 * engine.holders.size;
  const values = [(tables + policies) / allowed];
  bench.report({ name: `${size.name}: tables / their budget`, unit: '×', values, budget: { atMost: 1 } });
  bench.report({ name: `${size.name}: resident, peak`, unit: 'MB', values: [(peak - before) / 1e6] });
  const ask = (sort: string): number =>
    1000 * timed(() => monitor.snapshot(request(sort), HEALTH, { name: 'bench', ended: false })).wall;
  ask('heat');
  const ticks = Array.from({ length: 10 }, () => ask('heat'));
  bench.report({ name: `${size.name}: an answer`, unit: 'ms', values: ticks, budget: { atMost: 10 } });
  const sorts = ['refs', 'churn', 'age'].map(ask);
  bench.report({
    name: `${size.name}: an answer after another sort`,
    unit: 'ms',
    values: sorts,
    budget: { atMost: 100 },
  });
  return engineFigures(monitor, size.domains);
}

function recount(size: HostSize): { figures: ScaleFigures; cpu: number } {
  const model = new SlowEngine();
  let figures: ScaleFigures | null = null;
  const records = (buffer: { words: Uint32Array; wordCount: number }, base: number): void => {
    for (const record of plainRecords(0, base, buffer.words, 0, buffer.wordCount)) model.apply(record);
  };
  const { cpu } = timed(() => {
    new ScaleHost(size, { records: (buffer, base) => records(buffer, base), lines: () => undefined }, false).tell();
    figures = modelFigures(model, size.domains);
  });
  if (figures === null) throw new Error('the slow model did not run');
  return { figures, cpu };
}

function agree(bench: Bench, name: string, ours: ScaleFigures, theirs: ScaleFigures, seconds: number): void {
  const lines = differences(name, ours, theirs);
  if (lines.length > 0) throw new Error(`${name} disagrees (ours, theirs):\n${lines.join('\n')}`);
  const figures = 8 + 5 * ours.domains.length + Object.keys(ours.pairs).length;
  bench.report({ name: `${name}: the same ${figures} figures in`, unit: 's', values: [seconds] });
}

async function duckDb(bench: Bench, size: HostSize, ours: ScaleFigures): Promise<void> {
  const found = loadDuckDb();
  if ('reason' in found) {
    bench.skip(`${size.name}: DuckDB`, found.reason);
    return;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'sharetop-scale-'));
  const file = path.join(folder, 'host.ndjson');
  try {
    const descriptor = openSync(file, 'w');
    const lines = (text: string): void => void writeSync(descriptor, text);
    new ScaleHost(size, { records: () => undefined, lines }, true).tell();
    closeSync(descriptor);
    const start = performance.now();
    const theirs = await duckDbFigures(found.duckdb, file, size.domains);
    agree(bench, `${size.name}: DuckDB`, ours, theirs, (performance.now() - start) / 1000);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(bench: Bench): Promise<void> {
  for (const size of bench.small ? SMALL : SIZES) {
    const ours = ingest(bench, size);
    if (size.isForTheSlowModel) {
      const { figures, cpu } = recount(size);
      agree(bench, `${size.name}: slow model`, ours, figures, cpu);
    } else bench.skip(`${size.name}: slow model`, 'it holds an object a frame');
    // Nothing is downloaded for a check.
    if (bench.small) bench.skip(`${size.name}: DuckDB`, 'not with small inputs');
    else await duckDb(bench, size, ours);
  }
}

await subject(run);
