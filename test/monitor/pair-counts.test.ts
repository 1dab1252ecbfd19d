import { expect, test } from 'vitest';
import { Monitor } from '../../src/monitor/monitor.js';
import { reportFigures } from '../../src/monitor/report-figures.js';
import { DLPS_DEFAULTS } from '../../src/policy/dlps.js';
import type { WindowSpec } from '../../src/figures/window.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { SeededRandom } from '../seeded-random.js';
import { HEALTH } from './ask.js';

const DOMAINS = 140;
const COMMON = 1600;

function spec(pane: WindowSpec['pane'], sort: string): WindowSpec {
  return { pane, sort, descending: true, offset: 0, count: 1000 };
}

test('above 128 domains screen and report estimate the same pairs, near the true count', () => {
  const random = new SeededRandom(1);
  const monitor = new Monitor({ names: ['dlps', 'oracle'], dlps: DLPS_DEFAULTS });
  const buffer = new RecordBuffer();
  for (let d = 1; d <= DOMAINS; d++) buffer.domain(d, `d${d}`, `d${d}`, '', '', 2 * COMMON);
  // Domains 1 and 2 hold the same COMMON contents; every other one holds one page of its own.
  for (let i = 0; i < COMMON; i++) {
    const low = random.u32();
    const high = random.u32();
    for (const d of [1, 2]) buffer.fill(d, i, low, high, 0);
  }
  for (let d = 3; d <= DOMAINS; d++) buffer.fill(d, 0, random.u32(), random.u32(), 0);
  monitor.apply(0, { baseTimeMicros: 0, words: buffer.words, start: 0, end: buffer.wordCount });
  monitor.settle(Number.POSITIVE_INFINITY);

  const report = reportFigures(monitor);
  expect(report.pairsEstimated).toBe(true);
  const reported = report.pairs.find(({ a, b }) => a === 1 && b === 2)?.contents ?? 0;
  // One content in 16 is looked at: 100 of them, give or take four standard deviations.
  expect(reported).toBeGreaterThan(COMMON * 0.6);
  expect(reported).toBeLessThan(COMMON * 1.4);

  const request = {
    id: 1,
    policy: 'dlps',
    withZeros: false,
    domains: spec('domains', 'saved'),
    hot: spec('hot', 'heat'),
    domainKey: 'd1',
    partners: spec('partners', 'both'),
    historyPoints: 10,
  };
  const { detail } = monitor.snapshot(request, { ...HEALTH, gaps: monitor.engine.gaps }, { name: 't', ended: false });
  expect(detail?.partners.rows[0]).toMatchObject({ domid: 2, contents: reported });
});
