/** Readers of what kernel and hypervisor say that they share, on the texts of real machines and on made-up trees. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseChoice, parseInteger, parseNamedLines } from '../../src/collect/host-counters/counter-text.js';
import { type HostCountersOptions, openHostCounters } from '../../src/collect/host-counters/host-counters.js';
import { readXlFiles } from '../../src/collect/host-counters/xl-files.js';
import { parseVirtCaps, parseXlDomains, parseXlInfo } from '../../src/collect/host-counters/xl-text.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { SLOT_WORDS, slotsOf } from '../../src/trace/record.js';
import { readCounterRecord } from '../../src/trace/record-text.js';
import { REPOSITORY } from '../cli/run-tool.js';
import { temporaryDirectory } from '../temporary-directory.js';

const fixture = (name: string): string => readFileSync(path.join(REPOSITORY, 'fixtures/host', name), 'utf8');

/** As `xl sharing` prints it (tools/xl/xl_info.c: "%-40s %5d %5lu  %5lu"). */
const XL_SHARING = [
  'Name                                        ID   Mem Shared',
  'Domain-0                                     0   768      0',
  'web one                                      2    96     31',
  'web2                                         3    96     30',
  '',
].join('\n');

type Live = Parameters<ReturnType<typeof openHostCounters>['write']>[1];

/** domid (null: the host) and name → value, of the records that one pass writes. */
function written(options: HostCountersOptions, live: Live): Map<string, number> {
  const buffer = new RecordBuffer();
  openHostCounters(options).write(buffer, live);
  const counters = new Map<string, number>();
  for (let at = 0; at < buffer.wordCount; at += slotsOf(buffer.words[at]) * SLOT_WORDS) {
    const { domid, name, value } = readCounterRecord(buffer.words, at);
    expect(counters.has(`${domid} ${name}`), `${name} once a pass`).toBe(false);
    counters.set(`${domid} ${name}`, value);
  }
  return counters;
}

/** Files of a made-up machine, by path. */
function tree(files: Readonly<Record<string, string>>): string {
  const root = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(root + name), { recursive: true });
    writeFileSync(root + name, text);
  }
  return root;
}

describe('small texts of a kernel', () => {
  test.each([
    ['0\n', 0],
    ['286543488\n', 286_543_488],
    ['-201384320\n', -201_384_320],
    ['-0', 0],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['9007199254740993', null],
    ['99999999999999999999999', null],
    ['12 pages', null],
    ['0x10', null],
    ['1e3', null],
    ['', null],
  ])('%j is %j', (text, value) => {
    expect(parseInteger(text)).toBe(value);
  });

  test('choices: the one in brackets', () => {
    expect(parseChoice('always [madvise] never\n')).toEqual({ index: 1, word: 'madvise' });
    expect(parseChoice('[none] scan-time')).toEqual({ index: 0, word: 'none' });
    for (const text of ['', 'always madvise never', '[]', '[a b]']) expect(parseChoice(text)).toBeNull();
  });

  test('ksm_stat of Linux 6.18, and what is no line of it', () => {
    const text = 'ksm_rmap_items 45928\nksm_zero_pages 0\nksm_merging_pages 28250\nksm_process_profit -64\n';
    expect(parseNamedLines(`${text}ksm_merge_any: no\nksm_mergeable: yes\nnot a line of it\nx y\n\n`)).toEqual([
      ...[['ksm_rmap_items', 45_928] as const, ['ksm_zero_pages', 0] as const, ['ksm_merging_pages', 28_250] as const],
      ...[['ksm_process_profit', -64] as const, ['ksm_merge_any', 0] as const, ['ksm_mergeable', 1] as const],
    ]);
  });
});

describe('xl', () => {
  test('xl info of a real Xen 4.17', () => {
    expect(Object.fromEntries(parseXlInfo(fixture('xl-info.txt')))).toEqual({
      ...{ total_memory: 2047, free_memory: 1256 },
      ...{ sharing_freed_memory: 0, sharing_used_memory: 0, outstanding_claims: 0 },
    });
    expect(parseVirtCaps(fixture('xl-info.txt'))).toEqual(['pv', 'gnttab-v1', 'gnttab-v2']);
    expect(parseXlInfo('total_memory: a\nxen_major : 4')).toEqual([]);
    expect(parseVirtCaps('')).toBeNull();
  });

  test('xl list of the same machine', () => {
    expect(parseXlDomains(fixture('xl-list.txt'))?.map(({ name, domid, memory }) => [name, domid, memory])).toEqual([
      ...[['Domain-0', 0, 768] as const, ['tiny', 1, 24] as const, ['web1', 2, 96] as const],
      ...[['web2', 3, 96] as const, ['build1', 4, 96] as const, ['idle1', 5, 96] as const],
    ]);
  });

  test('xl sharing: the columns are counted from the right', () => {
    expect(parseXlDomains(XL_SHARING)?.slice(1)).toEqual([
      { name: 'web one', domid: 2, memory: 96, shared: 31 },
      { name: 'web2', domid: 3, memory: 96, shared: 30 },
    ]);
    for (const text of ['', 'Name', fixture('xl-info.txt')]) expect(parseXlDomains(text)).toBeNull();
  });

  test('both become counters, of the domains that are named', () => {
    const runXl = (word: string): string => (word === 'info' ? fixture('xl-info.txt') : XL_SHARING);
    const counters = written({ root: temporaryDirectory(), runXl }, [{ domid: 70, name: 'web2' }, { domid: 71 }]);
    expect(counters.get('null xen.total_memory')).toBe(2047);
    expect([...counters].filter(([name]) => !name.startsWith('null'))).toEqual([
      ['70 xen.memory', 96],
      ['70 xen.shared', 30],
    ]);
  });
});

describe('a made-up Linux', () => {
  test('numbers, choices, huge pages, vmstat, processes; what is neither is left out', () => {
    const root = tree({
      '/sys/kernel/mm/ksm/run': '1\n',
      '/sys/kernel/mm/ksm/general_profit': '-201384320\n',
      '/sys/kernel/mm/ksm/advisor_mode': 'none [scan-time]\n',
      '/sys/kernel/mm/ksm/a_later_kernel': 'some text\n',
      '/sys/kernel/mm/transparent_hugepage/enabled': '[always] madvise never\n',
      '/proc/vmstat': 'nr_free_pages 5\ncow_ksm 7\nksm_swpin_copy 8\n',
      '/proc/31/ksm_stat': 'ksm_rmap_items 5\nksm_merging_pages 4\nksm_mergeable: yes\n',
      '/proc/32/ksm_merging_pages': '9\n',
    });
    const live = [{ domid: 1, pid: 31 }, { domid: 2, pid: 32 }, { domid: 3, pid: 33 }, { domid: 4 }];
    expect(Object.fromEntries(written({ root }, live))).toEqual({
      ...{ 'null ksm.advisor_mode': 1, 'null ksm.general_profit': -201_384_320, 'null ksm.run': 1 },
      ...{ 'null thp.enabled': 0, 'null vmstat.cow_ksm': 7, 'null vmstat.ksm_swpin_copy': 8 },
      ...{ '1 ksm.ksm_rmap_items': 5, '1 ksm.ksm_merging_pages': 4, '1 ksm.ksm_mergeable': 1 },
      '2 ksm.ksm_merging_pages': 9,
    });
  });

  test('a machine without any of it', () => {
    expect(written({ root: temporaryDirectory() }, [{ domid: 1, pid: 1 }]).size).toBe(0);
  });

  test('xl that fails', () => {
    expect(written({ root: temporaryDirectory(), runXl: () => null }, [{ domid: 1, name: 'a' }]).size).toBe(0);
  });
});

const KSM = '/sys/kernel/mm/ksm';

test.skipIf(!existsSync(`${KSM}/run`))('this machine: every number of its KSM (needs a kernel with KSM)', () => {
  const counters = written({}, [{ domid: 1, pid: process.pid }]);
  for (const name of readdirSync(KSM)) {
    const text = readFileSync(`${KSM}/${name}`, 'utf8').trim();
    // Those that scanning changes may have moved on; they are there.
    expect(counters.has(`null ksm.${name}`), `${name}: ${text}`).toBe(/^-?\d+$|\[/.test(text));
  }
  for (const name of ['run', 'max_page_sharing', 'merge_across_nodes']) {
    expect(counters.get(`null ksm.${name}`), name).toBe(Number(readFileSync(`${KSM}/${name}`, 'utf8')));
  }
  if (existsSync('/proc/self/ksm_stat')) {
    const items = /^ksm_rmap_items (\d+)$/m.exec(readFileSync('/proc/self/ksm_stat', 'utf8'));
    expect(counters.get('1 ksm.ksm_rmap_items')).toBe(Number(items?.[1]));
  }
});

describe('files of what xl printed', () => {
  const buffer = new RecordBuffer();
  const nobody = (): undefined => undefined;

  test('both, by the names of the domains', () => {
    const root = tree({ '/sharing.txt': XL_SHARING });
    const info = path.join(REPOSITORY, 'fixtures/host/xl-info.txt');
    readXlFiles({ info, sharing: `${root}/sharing.txt` })(buffer, (name) => (name === 'web2' ? 9 : undefined));
    expect(buffer.recordCount).toBe(7);
    readXlFiles({})(buffer, nobody);
    expect(buffer.recordCount).toBe(7);
  });

  test.each([
    ['info', '', 'is not what `xl info` prints: no line total_memory, free_memory or sharing_…'],
    ['info', XL_SHARING, 'is not what `xl info` prints: no line total_memory, free_memory or sharing_…'],
    ['sharing', '\u0000\u0001', 'is not what `xl sharing` prints: no head Name ID Mem Shared'],
    ['sharing', fixture('xl-list.txt'), 'is not what `xl sharing` prints: no head Name ID Mem Shared'],
  ])('another file in the place of xl %s', (option, text, problem) => {
    const root = tree({ '/file': text });
    expect(() => readXlFiles({ [option]: `${root}/file` })).toThrow(problem);
    expect(() => readXlFiles({ [option]: root })).toThrow('is a directory; name the file');
    expect(() => readXlFiles({ [option]: `${root}/none` })).toThrow('does not exist');
  });
});
