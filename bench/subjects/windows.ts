/** A tick's answer with many contents, after a small change, and the first one after another sort. */
import { Monitor } from '../../src/monitor/monitor.js';
import type { ViewRequest } from '../../src/figures/snapshot.js';
import { DLPS_DEFAULTS } from '../../src/policy/dlps.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { SeededRandom } from '../../test/seeded-random.js';
import { type Bench, subject, timed } from '../harness.js';

const HEALTH = {
  gaps: { lost: 0, damagedBlocks: 0, late: 0, orphans: 0, missing: 0, damagedRecords: 0, unmodelled: 0 },
  ...{ skewMicros: 0, lagMs: 0, backlogBytes: 0, selfCpu: 0, selfBytes: 0, streams: 1, sourceFound: true, notice: '' },
};

function request(sort: string): ViewRequest {
  return {
    ...{ id: 0, policy: 'dlps', withZeros: false, domainKey: 'd1', historyPoints: 120 },
    domains: { pane: 'domains', sort: 'saved', descending: true, offset: 0, count: 128 },
    hot: { pane: 'hot', sort, descending: true, offset: 0, count: 60 },
    partners: { pane: 'partners', sort: 'both', descending: true, offset: 0, count: 60 },
  };
}

function run(bench: Bench): void {
  const contents = bench.small ? 20_000 : 5_000_000;
  const random = new SeededRandom(5);
  const monitor = new Monitor({ names: ['dlps', 'oracle'], dlps: DLPS_DEFAULTS });
  const buffer = new RecordBuffer();
  let second = 0;
  const flush = (): void => {
    monitor.apply(0, { baseTimeMicros: second * 1e6, words: buffer.words, start: 0, end: buffer.wordCount });
    buffer.clear();
  };
  for (let d = 1; d <= 16; d++) buffer.domain(d, `d${d}`, '', '', '', contents);
  for (let i = 0; i < contents; i++) {
    const low = random.u32();
    const high = random.u32();
    buffer.fill(1 + (i % 16), i, low, high, 0);
    if (i % 4 === 0) buffer.fill(1 + ((i + 1) % 16), i, low, high, 0);
    if (buffer.wordCount > 60_000) flush();
    if (i % 100_000 === 0) second++;
  }
  flush();
  monitor.settle(Number.POSITIVE_INFINITY);
  const ask = (sort: string): number =>
    1000 * timed(() => monitor.snapshot(request(sort), HEALTH, { name: 'bench', ended: false })).wall;
  const ticks: number[] = [];
  const settles: number[] = [];
  ask('heat');
  for (let tick = 0; tick < (bench.small ? 3 : 20); tick++) {
    second++;
    for (let i = 0; i < 2000; i++) buffer.touch(1 + random.below(16), random.below(contents), 1);
    for (let i = 0; i < 2000; i++) buffer.fill(1 + random.below(16), random.below(contents), random.u32(), 1, 0);
    flush();
    settles.push(1000 * timed(() => monitor.settle(Number.POSITIVE_INFINITY)).wall);
    ticks.push(ask('heat'));
  }
  const name = `${contents / 1e6} M contents, 4,000 changes: `;
  bench.report({ name: `${name}an answer`, unit: 'ms', values: ticks, budget: { atMost: 10 } });
  bench.report({ name: `${name}settling`, unit: 'ms', values: settles });
  const sorts = ['refs', 'churn', 'heat', 'age'].map(ask);
  bench.report({ name: 'an answer after another sort', unit: 'ms', values: sorts, budget: { atMost: 100 } });
}

await subject(run);
