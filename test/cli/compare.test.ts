/** `sharetop compare` by the built tool: the figures of each policy alone, side by side. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { POLICY_NAMES } from '../../src/monitor/policy-registry.js';
import { openTrace } from '../../src/source/trace-files.js';
import { textWidth } from '../../src/views/text-width.js';
import { eachRecord } from '../collect/plain-records.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';
import { CONTROL, REPOSITORY, run, SHARETOP, sharetop } from './run-tool.js';

const XEN_FOUR = 'fixtures/traces/xen-four';
const KVM_FIVE = 'fixtures/traces/kvm-five';

type Figures = Record<string, number | null>;

interface Compared {
  time: number;
  totals: Record<string, number>;
  policies: Record<string, Figures>;
  domains: { name: string; domid: number; policies: Record<string, Figures> }[];
}

const schema = JSON.parse(readFileSync(path.join(REPOSITORY, 'docs/compare.schema.json'), 'utf8')) as object;
const matchesSchema = new Ajv2020({ allowUnionTypes: true, strictRequired: false }).compile(schema);

async function compared(...args: string[]): Promise<Compared> {
  const { code, stdout, stderr } = await sharetop(['compare', '--json', ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const value = JSON.parse(stdout) as Compared;
  matchesSchema(value);
  expect(matchesSchema.errors).toBeNull();
  return value;
}

async function reported(...args: string[]): Promise<Record<string, Record<string, unknown>>> {
  const { stdout } = await sharetop(['report', '--json', ...args]);
  return (JSON.parse(stdout) as { policies: Record<string, Record<string, unknown>> }).policies;
}

/** Reads of each domid that are its own first, and all of them; aligned ones of the one read-only image. */
function readsByHand(trace: string): Map<number, { cold: number; all: number }> {
  const source = openTrace(path.join(REPOSITORY, trace), Number.POSITIVE_INFINITY);
  const seen = new Set<string>();
  const reads = new Map<number, { cold: number; all: number }>();
  while (
    source.pull((_stream, { words, start, end, baseTimeMicros }) => {
      eachRecord(words, start, end, baseTimeMicros, (record) => {
        if (record.kind !== 'read' || !record.aligned) return;
        const { domid, image, block } = record;
        const counts = reads.get(domid) ?? { cold: 0, all: 0 };
        reads.set(domid, counts);
        counts.all++;
        if (!seen.has(`${domid} ${image} ${block}`)) counts.cold++;
        seen.add(`${domid} ${image} ${block}`);
      });
      return true;
    })
  );
  return reads;
}

describe('the figures', () => {
  let all: Compared;
  beforeAll(async () => {
    all = await compared(XEN_FOUR, '--at', '245.02', '--quick');
  });

  test('are there for every policy', () => {
    expect(Object.keys(all.policies)).toEqual(POLICY_NAMES);
  });

  test('are those of the report, also for a policy that runs alone', async () => {
    const args = [XEN_FOUR, '--at', '245.02', '--policies'];
    const others = POLICY_NAMES.filter((name) => name !== 'ksm').join(',');
    const reports = { ...(await reported(...args, others)), ...(await reported(...args, 'ksm')) };
    for (const name of POLICY_NAMES) {
      const alone = reports[name];
      const figures = all.policies[name];
      for (const id of ['savedFrames', 'netSavedFrames', 'sharedFrames', 'zeroSavedFrames', 'metadataBytes']) {
        expect([name, id, figures[id]]).toEqual([name, id, alone[id]]);
      }
      for (const id of ['readsAvoidedCross', 'readsAvoidedOwn', 'evictions', 'idleSlots', 'bindExpired']) {
        expect([name, id, figures[id]]).toEqual([name, id, alone[id] ?? null]);
      }
      expect(figures['effectiveness']).toBeCloseTo(Number(alone['savedFrames']) / 35_568, 5);
    }
  });

  test('say what belongs together', () => {
    const { oracle, dlps } = all.policies;
    // 29,353 zero frames: all but one could go.
    expect(oracle).toMatchObject({ savedFrames: 35_568, zeroSavedFrames: 29_352, effectivenessWithZeros: 1 });
    expect(oracle).toMatchObject({ readsSeen: null, evictions: null, idleSlots: null, demandFrames: 98_304 - 35_568 });
    for (const [name, figures] of Object.entries(all.policies)) {
      const fair = all.domains.reduce((sum, { policies }) => sum + Number(policies[name]['fairSavedFrames']), 0);
      expect(fair).toBeCloseTo(Number(figures['savedFrames']), 3);
      expect(figures['netSavedBytes']).toBe(Number(figures['netSavedFrames']) * 4096);
    }
    const number = (id: string): number => Number(dlps[id]);
    expect(number('readsAvoidedCold') + number('readsAvoidedWarm')).toBe(number('readsAvoided'));
    expect(number('overwritten') + number('zeroed') + number('unknown') + number('freed')).toBe(
      number('contentChanged'),
    );
  });
});

test('a read is cold if it is the domain’s own first one of the block, as counted by hand', async () => {
  const { policies, domains } = await compared(XEN_FOUR, '--policies', 'dlps', '--region', 'unlimited', '--quick');
  const byHand = readsByHand(XEN_FOUR);
  for (const { domid, policies: parts } of domains) {
    const { cold, all } = byHand.get(domid) ?? { cold: 0, all: 0 };
    expect(parts['dlps']).toMatchObject({ readsSeen: all, readsCold: cold });
    // Without a limit every warm read finds the slot of the first.
    expect(Number(parts['dlps']['readsAvoided']) - Number(parts['dlps']['readsAvoidedCold'])).toBe(all - cold);
  }
  expect(policies['dlps']).toMatchObject({ readsSeen: 31_885, readsAvoided: 11_184, readsAvoidedCross: 2_644 });
});

test('with fewer scans it has the figures of a report of the thinned trace', async () => {
  const args = [XEN_FOUR, '--at', '245.02', '--policies', 'esx,oracle'];
  const { stdout } = await sharetop(['compare', '--json', ...args]);
  const { intervals, policies } = JSON.parse(stdout) as Compared & {
    intervals: { every: number; policies: Record<string, Figures> }[];
  };
  expect(intervals.map(({ every }) => every)).toEqual([1, 2, 4]);
  const thinned = await reported(...args, '--every', '2');
  for (const name of ['esx', 'oracle']) {
    expect(intervals[0].policies[name]['savedFrames']).toBe(policies[name]['savedFrames']);
    expect(intervals[1].policies[name]['savedFrames']).toBe(thinned[name]['savedFrames']);
  }
});

describe('for people', () => {
  test.each(['80', '140'])('at %s columns no line is wider, and every policy has its column', async (columns) => {
    const args = ['compare', KVM_FIVE, '--at', '40', '--quick', '--region', 'unlimited'];
    const { code, stdout } = await sharetop(args, { COLUMNS: columns });
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(Number(columns));
    const head = lines.filter((line) => line.startsWith('Memory now')).join(' ');
    for (const name of POLICY_NAMES) expect(head).toMatch(new RegExp(` ${name}\\b`));
    expect(stdout).toMatch(/^saved, gross +[\d,.k]+/m);
    expect(stdout).not.toMatch(CONTROL);
  });

  test('the trace comes through a pipe, with a name that attacks', async () => {
    const lines = [
      { t: 0, record: 'domain', domid: 1, key: 'a', name: '\u001b[31mweb\u202e', frames: 8 },
      { t: 0, record: 'domain', domid: 2, key: 'b', name: 'b', frames: 8 },
      ...[1, 2].map((domid) => ({ t: 1e6, record: 'fill', domid, gfn: 3, hash: 'abcdef0123456789' })),
    ];
    const file = writeInto(temporaryDirectory(), 'in', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const pipe = 'exec "$0" "$1" compare - --quick < "$2"';
    const { code, stdout, stderr } = await run('sh', ['-c', pipe, process.execPath, SHARETOP, file]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('possible 1, zeros apart');
    expect(stdout).toContain('?[31mweb?');
    expect(stdout).not.toMatch(CONTROL);
  });

  test.each<[string[], string]>([
    [['compare'], "'trace'"],
    [['compare', XEN_FOUR, '--at', 'x'], "--at 'x'"],
    [['compare', XEN_FOUR, '--policies', 'ksn'], "'ksn'"],
  ])('%j is told with exit code 2', async (args, part) => {
    const { code, stdout, stderr } = await sharetop(args);
    expect({ code, stdout, isTold: stderr.includes(part) }).toEqual({ code: 2, stdout: '', isTold: true });
  });
});
