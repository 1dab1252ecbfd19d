/** `sharetop doctor`: each finding by a machine or a trace that has exactly that fault, and none by a healthy one. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { byWeight } from '../../src/base/finding.js';
import { findingsText } from '../../src/cli/doctor-command.js';
import { readPolicyOptions } from '../../src/cli/policy-options.js';
import { hostFindings } from '../../src/collect/host-counters/host-findings.js';
import { traceFindings } from '../../src/export/trace-findings.js';
import { skewMicros } from '../../src/monitor/figures-of.js';
import { Monitor } from '../../src/monitor/monitor.js';
import { reportFigures } from '../../src/monitor/report-figures.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { NO_GFN, READ_ALIGNED } from '../../src/trace/record.js';
import { temporaryDirectory } from '../temporary-directory.js';

const KSM = '/sys/kernel/mm/ksm';
const THP = '/sys/kernel/mm/transparent_hugepage/enabled';
/** A host that merges: KSM on, one guest of the same user. */
const HEALTHY: Readonly<Record<string, string>> = {
  ...{ [`${KSM}/run`]: '1', [`${KSM}/pages_sharing`]: '500', [`${KSM}/pages_to_scan`]: '100' },
  ...{ [`${KSM}/sleep_millisecs`]: '20', [`${KSM}/merge_across_nodes`]: '1', [`${KSM}/use_zero_pages`]: '0' },
  ...{ [`${KSM}/max_page_sharing`]: '256', [`${KSM}/stable_node_chains`]: '0', [THP]: 'always [madvise] never' },
  '/sys/devices/system/node/node0/cpulist': '0',
  '/sys/devices/system/node/node1/cpulist': '1',
  '/proc/self/status': 'Uid:\t5\t5\t5\t5\nCapEff:\t0000000000000000\n',
  '/proc/31/cmdline': 'qemu-system-x86_64\0-m\x00256\0',
  '/proc/31/status': 'Uid:\t5\t5\t5\t5\n',
  '/proc/31/ksm_stat': 'ksm_rmap_items 900\nksm_mergeable: yes\n',
};

function hostIds(changes: Readonly<Record<string, string | null>>): string[] {
  const root = temporaryDirectory();
  for (const [name, text] of Object.entries({ ...HEALTHY, ...changes })) {
    if (text === null) continue;
    mkdirSync(path.dirname(root + name), { recursive: true });
    writeFileSync(root + name, text);
  }
  const found = hostFindings(root);
  for (const line of findingsText(found)) expect(line.length, line).toBeLessThanOrEqual(80);
  return found.map(({ id }) => id);
}

test('a healthy host', () => {
  expect(hostIds({})).toEqual([]);
  expect(findingsText([])).toEqual(['nothing found that keeps pages from being shared']);
});

test.each<[string, Record<string, string | null>]>([
  ['ksm-absent', Object.fromEntries(Object.keys(HEALTHY).flatMap((k) => (k.startsWith(KSM) ? [[k, null]] : [])))],
  ['ksm-off', { [`${KSM}/run`]: '0' }],
  ['ksm-off', { [`${KSM}/run`]: '2' }],
  ['nothing-mergeable', { [`${KSM}/pages_sharing`]: '0', '/proc/31/ksm_stat': 'ksm_mergeable: no\n' }],
  ['ksm-starved', { '/proc/31/ksm_stat': 'ksm_rmap_items 1600000\nksm_mergeable: yes\n' }],
  ['numa', { [`${KSM}/merge_across_nodes`]: '0' }],
  ['many-copies', { [`${KSM}/stable_node_chains`]: '3' }],
  ['thp-always', { [THP]: '[always] madvise never' }],
  ['no-guest', { '/proc/31/cmdline': 'sleep\0' }],
  ['no-permission', { '/proc/31/status': 'Uid:\t6\t6\t6\t6\n' }],
  ['merge-off', { '/proc/31/cmdline': '/usr/bin/qemu-system-x86_64\0-machine\0q35,mem-merge=off\0' }],
  ['hugetlbfs', { '/proc/31/cmdline': 'qemu-system-x86_64\0-mem-path\0/dev/hugepages\0' }],
])('a host with %s', (id, changes) => {
  expect(hostIds(changes)).toEqual([id]);
});

test('CAP_SYS_PTRACE reads the guests of others', () => {
  const status = 'Uid:\t5\t5\t5\t5\nCapEff:\t0000000000080000\n';
  expect(hostIds({ '/proc/31/status': 'Uid:\t6\t6\t6\t6\n', '/proc/self/status': status })).toEqual([]);
});

const XL_INFO = 'total_memory : 8192\nvirt_caps : pv hvm hap\nsharing_freed_memory : 3\nsharing_used_memory : 1\n';

test.each<[string[], string | null]>([
  [[], XL_INFO],
  [['no-xl'], null],
  [['no-xl'], 'xl: command not allowed'],
  [['xen-unshared'], XL_INFO.replace(': 3', ': 0').replace('used_memory : 1', 'used_memory : 0')],
  [['xen-no-hap'], XL_INFO.replace(' hap', '')],
])('a control domain of Xen with %j: of Xen, not of the KSM of dom0', (ids, info) => {
  const root = temporaryDirectory();
  mkdirSync(`${root}/proc/xen`, { recursive: true });
  writeFileSync(`${root}/proc/xen/capabilities`, 'control_d\n');
  const found = hostFindings(root, (word) => (word === 'info' ? info : null));
  for (const line of findingsText(found)) expect(line.length, line).toBeLessThanOrEqual(80);
  expect(found.map(({ id }) => id)).toEqual(ids);
});

interface World {
  domains?: number;
  groups?: boolean;
  scanned?: boolean;
  fill?: 'equal' | 'unique' | 'zero' | 'dirty';
  readOnly?: boolean;
  reads?: 'common' | 'apart' | 'none' | 'many';
  region?: string;
  later?: number;
  lost?: boolean;
  /** pages_sharing of the machine's KSM, as the trace tells it. */
  real?: number;
}

function traceIds(world: World): string[] {
  const { domains = 2, fill = 'equal', reads = 'common', region = 'unlimited', readOnly = true } = world;
  const monitor = new Monitor(readPolicyOptions({ policies: 'dlps,oracle', region, regionVictim: 'sharers' }));
  const records = new RecordBuffer();
  records.time(1e6);
  records.image(1, 'base', readOnly, 0);
  for (let domid = 1; domid <= domains; domid++) {
    records.domain(domid, `vm${domid}`, `vm${domid}`, world.groups === true ? `g${domid}` : '', '', 100);
    for (let i = 0; i < (reads === 'none' ? 0 : reads === 'many' ? 400 : 10); i++) {
      records.blockRead(domid, 1, reads === 'apart' ? 1000 * domid + i : i, 0, 0, NO_GFN, READ_ALIGNED);
    }
    if (world.scanned === false) continue;
    for (let gfn = 0; gfn < 100; gfn++) {
      if (fill === 'zero') records.fill(domid, gfn, 0x32d8bbdb, 0xac869b6f, 0);
      else records.fill(domid, gfn, gfn + 1, fill === 'unique' ? domid : 9, 0);
    }
    if (fill === 'dirty') records.dirty(domid, 0, 60);
  }
  if (world.real !== undefined) records.counter(null, 'ksm.pages_sharing', world.real);
  if (world.lost === true) records.lost(7);
  if (world.later !== undefined) {
    records.time(1e6 * world.later);
    records.mark('later');
  }
  monitor.apply(0, { baseTimeMicros: 0, words: records.words, start: 0, end: records.wordCount });
  monitor.settle(Number.POSITIVE_INFINITY);
  const found = traceFindings(reportFigures(monitor), skewMicros(monitor.engine));
  for (const line of findingsText(found)) expect(line.length, line).toBeLessThanOrEqual(80);
  return byWeight(found).map(({ id }) => id);
}

test('a healthy trace', () => {
  expect(traceIds({})).toEqual([]);
});

test.each<[string[], World]>([
  [['one-domain', 'nothing-equal', 'no-common-reads'], { domains: 1 }],
  [['never-scanned'], { scanned: false }],
  [['all-zero'], { fill: 'zero' }],
  [['nothing-equal'], { fill: 'unique' }],
  [['unknown'], { fill: 'dirty' }],
  // So long after the reads no frame will hold them any more.
  [['skew', 'unbound'], { later: 400 }],
  [['gaps'], { lost: true }],
  [['groups', 'no-common-reads'], { groups: true }],
  [['no-reads'], { reads: 'none' }],
  [['no-common-reads'], { reads: 'apart' }],
  [['not-eligible'], { readOnly: false }],
  [['really-nothing'], { real: 0 }],
  [[], { real: 1 }],
  [['small-region', 'unbound'], { reads: 'many', region: '10' }],
])('a trace with %j', (ids, world) => {
  expect(traceIds(world)).toEqual(ids);
});
