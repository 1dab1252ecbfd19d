/** What the machine itself shares, from the records through to report, comparison and screens. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { readPolicyOptions } from '../../src/cli/policy-options.js';
import { compareJson } from '../../src/export/compare-json.js';
import { compareText } from '../../src/export/compare-text.js';
import { reportJson } from '../../src/export/report-json.js';
import { reportText } from '../../src/export/report-text.js';
import { comparisonOf } from '../../src/monitor/comparison-of.js';
import { Monitor } from '../../src/monitor/monitor.js';
import { reportFigures } from '../../src/monitor/report-figures.js';
import { openTrace } from '../../src/source/trace-files.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { REPOSITORY } from '../cli/run-tool.js';

/** Counters of the real KSM over exactly the memory at the end of kvm-five (fixtures/README.md). */
interface KsmTruth {
  counters: Record<string, number>;
  per_proc: Record<string, Record<string, string>>;
}
const readJson = (name: string): unknown => JSON.parse(readFileSync(path.join(REPOSITORY, name), 'utf8'));
const truth = (readJson('fixtures/truth/kvm-ksm.json') as Record<string, KsmTruth>)['A_default'];
const { counters } = truth;

/** One host, two domains of two frames, all four equal; then what `told` writes. */
function monitorOf(told: (records: RecordBuffer) => void): Monitor {
  const monitor = new Monitor(readPolicyOptions({ policies: 'oracle', region: '5%', regionVictim: 'sharers' }));
  const records = new RecordBuffer();
  for (const domid of [1, 2]) {
    records.domain(domid, `vm${domid}`, `vm${domid}`, '', '', 2);
    records.fillRun(domid, 0, 2, 5, 5, 0);
  }
  told(records);
  monitor.apply(0, { baseTimeMicros: 0, words: records.words, start: 0, end: records.wordCount });
  monitor.settle(Number.POSITIVE_INFINITY);
  return monitor;
}

const reportOf = (monitor: Monitor): string => reportText(reportFigures(monitor)).join('\n');

describe('the formulas of the kernel, on counters of a real one', () => {
  test('general_profit = (pages_sharing + ksm_zero_pages) × 4096 − rmap items × 64', () => {
    const items =
      counters['pages_shared'] + counters['pages_sharing'] + counters['pages_unshared'] + counters['pages_volatile'];
    const merged = counters['pages_sharing'] + counters['ksm_zero_pages'];
    expect(merged * 4096 - items * 64).toBe(counters['general_profit']);
  });

  test('ksm_merging_pages of all processes = pages_shared + pages_sharing: no saving', () => {
    const merging = Object.values(truth.per_proc).reduce((sum, each) => sum + Number(each['ksm_merging_pages']), 0);
    expect(merging).toBe(counters['pages_shared'] + counters['pages_sharing']);
  });
});

describe('the report', () => {
  test('the real counters beside what the trace shows is possible', () => {
    const monitor = new Monitor(readPolicyOptions({ policies: 'oracle', region: '5%', regionVictim: 'sharers' }));
    const trace = openTrace(path.join(REPOSITORY, 'fixtures/traces/kvm-five'));
    trace.pull((stream, range) => {
      monitor.apply(stream, range);
      return true;
    });
    const records = new RecordBuffer();
    for (const [name, value] of Object.entries({ run: 1, ...counters })) records.counter(null, `ksm.${name}`, value);
    const domids = new Map(monitor.engine.domains.live().map(({ name, domid }) => [name, domid]));
    for (const [guest, stat] of Object.entries(truth.per_proc)) {
      for (const [name, value] of Object.entries(stat)) {
        if (/^\d+$/.test(value)) records.counter(domids.get(guest)!, `ksm.${name}`, Number(value));
      }
    }
    const at = monitor.engine.timeMicros;
    monitor.apply(0, { baseTimeMicros: at, words: records.words, start: 0, end: records.wordCount });
    monitor.settle(Number.POSITIVE_INFINITY);
    const text = reportOf(monitor);
    const potential = reportFigures(monitor).host.potentialSavedFrames;
    // The kernel's figure has extra frames of the processes and a copy more for each 256; it is near, not the same.
    expect(counters['pages_sharing'] / potential).toBeGreaterThan(0.98);
    expect(text).toContain('real, KSM               73,475 frames saved, 27,656 copies, ');
    expect(text).toContain('profit 286,543,488 bytes');
    expect(text).toMatch(/^ +3 {2}build1 +22,898 +0 +58,899 +90,020,672$/m);
    const { real } = reportJson(reportFigures(monitor)) as { real: { savings: unknown; domains: { name: string }[] } };
    expect(real.savings).toEqual([
      { source: 'KSM', isOn: true, savedFrames: 73_475, zeroSavedFrames: 0, sharedFrames: 27_656 },
    ]);
    expect(real.domains).toHaveLength(5);
  });

  test('KSM that is off, and Xen in whole MiB', () => {
    const monitor = monitorOf((records) => {
      records.counter(null, 'ksm.run', 0);
      records.counter(null, 'ksm.pages_sharing', 0);
      records.counter(null, 'xen.sharing_freed_memory', 3);
      records.counter(null, 'xen.sharing_used_memory', 1);
      records.counter(2, 'xen.shared', 2);
    });
    const text = reportOf(monitor);
    expect(text).toContain('real, KSM               off; 0 frames saved, 0 copies, 0.0 % of the potential');
    expect(text).toContain('real, Xen               ~768 frames saved, ~256 copies');
    expect(text).toMatch(/^ID {2}DOMAIN {2}XEN SHARED MiB\n 2 {2}vm2 +2$/m);
  });

  test('a trace without counters says nothing of it', () => {
    const monitor = monitorOf(() => undefined);
    expect(reportOf(monitor)).not.toContain('real');
    expect(reportJson(reportFigures(monitor))).not.toHaveProperty('real');
    expect(compareText(comparisonOf(monitor, null, null), 80).join('\n')).not.toContain('real');
  });

  test('both objects are as their schemas say, whatever a trace calls its counters', () => {
    const monitor = monitorOf((records) => {
      for (const name of ['__proto__', '__proto__.__proto__', 'constructor.x', '.', 'a.', '.b', 'ksm.pages_sharing']) {
        records.counter(null, name, -1);
        records.counter(1, name, 2 ** 53 - 1);
      }
      records.counter(null, '\u001b[2J.\u202e', 1);
    });
    for (const [name, object] of [
      ['report', reportJson(reportFigures(monitor))],
      ['compare', compareJson(comparisonOf(monitor, null, null))],
    ] as const) {
      const ajv = new Ajv2020({ allowUnionTypes: true, strictRequired: false });
      const matches = ajv.compile(readJson(`docs/${name}.schema.json`) as object);
      const plain = JSON.parse(JSON.stringify(object)) as { real: { host: object } };
      matches(plain);
      expect(matches.errors, name).toBeNull();
      expect(Object.keys(plain.real.host).sort()).toEqual([
        ...['\u001b[2J', '__proto__', 'a', 'constructor', 'ksm', 'other'],
      ]);
    }
    expect(reportOf(monitor)).not.toContain('\u001b');
  });
});

describe('compare', () => {
  test('the kernel stands above the models', () => {
    const monitor = monitorOf((records) => {
      records.counter(null, 'ksm.run', 1);
      records.counter(null, 'ksm.pages_sharing', 2);
      records.counter(null, 'ksm.ksm_zero_pages', 9);
    });
    const lines = compareText(comparisonOf(monitor, null, null), 80);
    expect(lines[2]).toBe('real, KSM               2 frames saved, 0 copies, 66.7 % of the potential, 9 of zeros');
  });
});
