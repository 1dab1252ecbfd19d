/**
 * `sharetop report` on recordings of real machines, against the brute force that came with those recordings
 * (fixtures/truth) and, for the shared region, against counts made from the block traces alone (fixtures/README.md).
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { readPolicyOptions } from '../../src/cli/policy-options.js';
import { reportJson } from '../../src/export/report-json.js';
import { Monitor } from '../../src/monitor/monitor.js';
import { reportFigures } from '../../src/monitor/report-figures.js';
import { openTrace } from '../../src/source/trace-files.js';
import { recordingsDirectory } from '../collect/plain-recordings.js';
import { REPOSITORY, sharetop } from './run-tool.js';

const KVM_FIVE = 'fixtures/traces/kvm-five';
const XEN_FOUR = 'fixtures/traces/xen-four';
const KVM_GUESTS = ['web1', 'web2', 'build1', 'idle1', 'trix1'];
const KVM_GUEST_FRAMES = 65_536;

interface Report {
  time: number;
  totals: Record<string, number>;
  domains: { domid: number; name: string; [figure: string]: number | string }[];
  pairs: { a: number; b: number; contents: number }[];
  settled?: string[];
  policies: { dlps?: Record<string, unknown>; oracle?: Record<string, number> };
}

/** One snapshot of all guests, as counted by the brute force of the recordings. */
interface KvmTruth {
  snap: number;
  t_rel: number;
  total: number;
  zero: number;
  nonzero: number;
  distinct_nonzero: number;
  dup_contents: number;
  redundant_pages: number;
  redundant_within: number;
  redundant_across: number;
  /** `distinct` counts the zero page. */
  per_guest: Record<string, { zero: number; distinct: number }>;
  pair_common_contents: Record<string, number>;
}

interface XenTruth {
  total: number;
  zero: number;
  zero_per: Record<string, number>;
  distinct_nonzero: number;
  dup_contents: number;
  redundant: number;
  redundant_within: number;
  redundant_across: number;
  pair: Record<string, number>;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(path.resolve(REPOSITORY, file), 'utf8'));
}

const kvmTruth = readJson('fixtures/truth/kvm-five.json') as KvmTruth[];
const xenTruth = readJson('fixtures/truth/xen-four.json') as XenTruth[];
const matchesSchema = new Ajv2020().compile(readJson('docs/report.schema.json') as object);

/** What `report --json` prints, by the built tool. */
async function builtReport(...args: string[]): Promise<Report> {
  const { code, stdout, stderr } = await sharetop(['report', '--json', ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.indexOf('\n')).toBe(stdout.length - 1);
  const report = JSON.parse(stdout) as Report;
  matchesSchema(report);
  expect(matchesSchema.errors).toBeNull();
  return report;
}

/**
 * The same in this process, for one time after another: each is read as `--at` reads it, but a monitor applies only
 * what it has not applied before. Good for traces of one stream, where a later time has only more at the end.
 */
class ReportsAt {
  readonly #monitor = new Monitor(readPolicyOptions({ policies: 'oracle', region: '5%', regionVictim: 'sharers' }));
  #applied = 0;

  constructor(readonly trace: string) {}

  at(seconds: number): Report {
    const source = openTrace(path.resolve(REPOSITORY, this.trace), Math.round(seconds * 1e6));
    let before = 0;
    source.pull((stream, range) => {
      const start = range.start + Math.max(0, this.#applied - before);
      before += range.end - range.start;
      if (start < range.end) this.#monitor.apply(stream, { ...range, start });
      return true;
    });
    this.#applied = Math.max(this.#applied, before);
    this.#monitor.settle(Number.POSITIVE_INFINITY);
    return JSON.parse(JSON.stringify(reportJson(reportFigures(this.#monitor)))) as Report;
  }
}

function sharedPairs(report: Report): Record<string, number> {
  const names = new Map(report.domains.map(({ domid, name }) => [domid, name]));
  return Object.fromEntries(report.pairs.map(({ a, b, contents }) => [`${names.get(a)}|${names.get(b)}`, contents]));
}

function expectKvm(report: Report, truth: KvmTruth): void {
  expect(report.totals).toMatchObject({
    frames: truth.total,
    zeroFrames: truth.zero,
    knownFrames: truth.nonzero,
    unknownFrames: 0,
    distinctContents: truth.distinct_nonzero,
    sharedContents: truth.dup_contents,
    potentialSavedFrames: truth.redundant_pages,
    selfSavedFrames: truth.redundant_within,
    interSavedFrames: truth.redundant_across,
  });
  const guests = report.domains.filter(({ frames }) => frames !== 0);
  expect(guests).toMatchObject(
    KVM_GUESTS.filter((name) => name in truth.per_guest).map((name) => {
      const { zero, distinct } = truth.per_guest[name];
      return { name, frames: KVM_GUEST_FRAMES, zeroFrames: zero, distinctContents: distinct - 1 };
    }),
  );
  const common = Object.entries(truth.pair_common_contents).filter(([, contents]) => contents > 0);
  expect(sharedPairs(report)).toEqual(Object.fromEntries(common));
  expect(report.policies.oracle).toMatchObject({
    savedFrames: truth.redundant_pages,
    netSavedFrames: truth.redundant_pages,
    zeroSavedFrames: truth.zero === 0 ? 0 : truth.zero - 1,
    sharedFrames: truth.dup_contents,
    metadataBytes: 0,
  });
}

describe('kvm-five', () => {
  test('at its end, with an unlimited region', async () => {
    const report = await builtReport(KVM_FIVE, '--region', 'unlimited');
    const last = kvmTruth.at(-1);
    if (last === undefined) throw new Error('no truth');
    expect([last.total, last.zero, last.distinct_nonzero, last.dup_contents]).toEqual([
      327_680, 102_937, 151_618, 27_591,
    ]);
    expect([last.redundant_pages, last.redundant_within, last.redundant_across]).toEqual([73_125, 15_208, 57_917]);
    expectKvm(report, last);
    expect(report.policies.dlps).toMatchObject({
      regionFrames: null,
      readsSeen: 97_576,
      readsAvoided: 37_482,
      readsAvoidedCross: 37_480,
      readsAvoidedOwn: 2,
      readsIneligible: { unaligned: 10, writableImage: 0 },
      residentSlots: 59_897,
      boundFrames: 96_013,
      savedFrames: 36_785,
      netSavedFrames: 36_116,
      evictions: 0,
    });
  });

  test('at every snapshot', () => {
    expect(kvmTruth.length).toBe(57);
    const reports = new ReportsAt(KVM_FIVE);
    for (const [snap, truth] of kvmTruth.entries()) {
      // Just before a snapshot there is the one before it.
      if (snap % 8 === 7) expectKvm(reports.at(truth.t_rel - 0.000_001), kvmTruth[snap - 1]);
      expectKvm(reports.at(truth.t_rel), truth);
    }
  });

  test.each([0, 21, 43])('by the built tool at snapshot %i', async (snap) => {
    const truth = kvmTruth[snap];
    expectKvm(await builtReport(KVM_FIVE, '--at', String(truth.t_rel)), truth);
  });
});

describe('xen-four', () => {
  const rounds = [
    { seconds: 156.5, truth: xenTruth[0] },
    { seconds: 245.02, truth: xenTruth[1] },
  ];

  test.each(rounds)('memory at $seconds s', async ({ seconds, truth }) => {
    const report = await builtReport(XEN_FOUR, '--at', String(seconds));
    expect(report.totals).toMatchObject({
      frames: truth.total,
      zeroFrames: truth.zero,
      unknownFrames: 0,
      distinctContents: truth.distinct_nonzero,
      sharedContents: truth.dup_contents,
      potentialSavedFrames: truth.redundant,
      selfSavedFrames: truth.redundant_within,
      interSavedFrames: truth.redundant_across,
    });
    expect(Object.fromEntries(report.domains.map(({ name, zeroFrames }) => [name, zeroFrames]))).toEqual(
      truth.zero_per,
    );
    expect(sharedPairs(report)).toEqual(truth.pair);
  });

  test('its reads, with an unlimited region', async () => {
    const report = await builtReport(XEN_FOUR, '--region', 'unlimited');
    expect(report.policies.dlps).toMatchObject({
      readsSeen: 31_885,
      readsAvoided: 11_184,
      readsAvoidedCross: 2_644,
      readsAvoidedOwn: 8_540,
      readsIneligible: { unaligned: 4, ownWritten: 0, writableImage: 0 },
    });
  });
});

describe('the object', () => {
  test('has the keys that scripts were promised, and missing and damagedRecords', async () => {
    const report = (await builtReport(XEN_FOUR)) as unknown as Record<string, Record<string, unknown>>;
    expect(report).toMatchObject({ schema: 1, pageSize: 4096 });
    expect(shapeOf(report)).toEqual({
      ...keys('schema time since records pageSize'),
      gaps: keys('lost damagedBlocks late orphans missing damagedRecords unmodelled'),
      totals: keys(
        'frames zeroFrames knownFrames unknownFrames reservedFrames distinctContents sharedContents ' +
          'potentialSavedFrames selfSavedFrames interSavedFrames',
      ),
      domains: [
        keys(
          'domid key name group frames zeroFrames knownFrames unknownFrames fillPageFrames diskFrames ' +
            'reservedFrames distinctContents selfSavedFrames fairSavedFrames',
        ),
      ],
      groups: [keys('name domains frames')],
      classes: {
        ...{ zero: CLASS_KEYS, disk: CLASS_KEYS, memory: CLASS_KEYS },
        fill: { ...CLASS_KEYS, bytes: [keys('byte frames')] },
      },
      exposure: true,
      pairs: [keys('a b contents')],
      // test/cli/times.test.ts
      times: expect.any(Object) as unknown,
      policies: {
        oracle: {
          ...keys('savedFrames zeroSavedFrames netSavedFrames sharedFrames metadataBytes oneGroup refusedReads'),
          savedByClass: keys('zero fill disk memory'),
        },
        dlps: {
          oneGroup: true,
          refusedReads: { reads: true, pairs: [] },
          savedByClass: keys('zero fill disk memory'),
          ...keys('zeroSavedFrames sharedFrames metadataBytes'),
          ...keys(
            'regionFrames residentSlots idleSlots duplicateSlots boundFrames savedFrames netSavedFrames ' +
              'readsSeen readsIssued readsAvoided readsAvoidedCross readsAvoidedOwn readsCold readsAvoidedCold ' +
              'evictions identityConflicts ' +
              'bindExpired',
          ),
          readsIneligible: keys('unaligned ownWritten writableImage'),
          contentChanged: keys('overwritten zeroed unknown freed'),
        },
      },
    });
  });

  test('names only the policies asked for, and a time before the first record has no domains', async () => {
    expect(Object.keys((await builtReport(XEN_FOUR, '--policies', 'oracle')).policies)).toEqual(['oracle']);
    const empty = await builtReport(KVM_FIVE, '--at', '0.08');
    expect([empty.domains, empty.pairs, empty.totals['frames']]).toEqual([[], [], 0]);
  });

  test('has sums that hold, and a region that is kept to', async () => {
    const { totals, domains, policies } = await builtReport(KVM_FIVE, '--at', '100', '--region', '2%');
    const sum = (figure: string): number => domains.reduce((total, each) => total + Number(each[figure]), 0);
    for (const figure of ['frames', 'zeroFrames', 'knownFrames', 'reservedFrames', 'selfSavedFrames']) {
      expect([figure, sum(figure)]).toEqual([figure, totals[figure]]);
    }
    expect(sum('fairSavedFrames')).toBeCloseTo(totals['potentialSavedFrames'], 3);
    const dlps = policies.dlps as Record<string, number>;
    expect(dlps['readsSeen']).toBe(dlps['readsIssued'] + dlps['readsAvoided']);
    expect(dlps['residentSlots']).toBeLessThanOrEqual(dlps['regionFrames']);
    expect(dlps['savedFrames']).toBeLessThanOrEqual(totals['potentialSavedFrames']);
    expect(dlps['regionFrames']).toBe(Math.floor(0.02 * 5 * KVM_GUEST_FRAMES));
  });
});

describe('--settle', () => {
  test('names the policies that went over the memory', async () => {
    const report = await builtReport(XEN_FOUR, '--settle');
    expect(report.settled).toEqual([]);
    const once = await sharetop([XEN_FOUR, '--once', '--settle']);
    expect(once.stdout).toContain('settled: no policy scans: nothing to settle');
  });
});

describe('the schema', () => {
  test('refuses what is not a report', async () => {
    const report = await builtReport(XEN_FOUR);
    expect(matchesSchema({ ...report, gaps: undefined })).toBe(false);
    expect(matchesSchema({ ...report, extra: 1 })).toBe(false);
    expect(matchesSchema({ ...report, time: '1' })).toBe(false);
  });
});

test('the text form has the same figures, for people', async () => {
  const { code, stdout } = await sharetop(['report', XEN_FOUR, '--region', 'unlimited']);
  expect(code).toBe(0);
  for (const figure of ['98,304', '29,353', '33,383', '8,987', '35,568', '12,492', '23,076']) {
    expect(stdout).toContain(figure);
  }
  for (const figure of ['31,885', '11,184', '2,644', '8,540']) expect(stdout).toContain(figure);
});

const recordings = recordingsDirectory();

test.skipIf(recordings === null)('fixtures/truth says what the recordings say (needs SHARETOP_DATA)', () => {
  for (const [own, original] of [
    [kvmTruth, readJson(`${recordings}/kvm/truth.json`)],
    [xenTruth, readJson(`${recordings}/xen/truth.json`)],
  ] as [object[], object[]][]) {
    expect(original.length).toBe(own.length);
    // The original says more.
    expect(original).toMatchObject(own);
  }
});

const CLASS_KEYS = keys('frames contents sharedContents savableFrames');

/** The keys of an object, each with true, as `shapeOf` gives them. */
function keys(names: string): Record<string, true> {
  return Object.fromEntries(names.split(' ').map((name) => [name, true]));
}

/** Keys without values; a list is the shapes that its members have. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) {
    const shapes = new Map(value.map((each) => [JSON.stringify(shapeOf(each)), shapeOf(each)]));
    return [...shapes.values()];
  }
  if (value === null || typeof value !== 'object') return true;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shapeOf(each)]));
}
