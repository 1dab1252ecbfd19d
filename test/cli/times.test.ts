/** What the built tool says about time, on the recordings that come with it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { timeLines } from '../../src/export/time-report.js';
import type { DurationBucket, DurationFigures } from '../../src/figures/time-figures.js';
import { REPOSITORY, sharetop } from './run-tool.js';

const KVM_FIVE = path.join(REPOSITORY, 'fixtures/traces/kvm-five');

/** Time of the last record. */
const END_SECONDS = 280.669;

interface Class {
  ended: number;
  open: number;
  resolvable: boolean;
}

interface Durations {
  ended: number;
  open: number;
  totalSeconds: number;
  medianSeconds: number | null;
  classes: Record<'short' | 'middle' | 'long', Class>;
}

interface PolicyTimes {
  savedPageSeconds: number;
  netSavedPageSeconds: number;
  effectiveness: number;
  shares: Durations;
  latency: Durations;
}

interface Times {
  potentialPageSeconds: number;
  scanGap: { gaps: number; medianSeconds: number | null; largestSeconds: number; domains: { gaps: number }[] };
  opportunities: Durations & { fromFirstScan: Omit<Durations, 'medianSeconds' | 'classes'> };
  policies: Record<string, PolicyTimes>;
}

interface Truth {
  /** Seconds, to the hundredth. */
  t_rel: number;
  redundant_pages: number;
  /** Contents with several holders. */
  dup_contents: number;
}

/** ∫ of a figure of the brute force over time, and how far its rounded times may be off. */
function integral(of: (truth: Truth) => number, endSeconds: number): { sum: number; error: number } {
  const truth = JSON.parse(readFileSync(path.join(REPOSITORY, 'fixtures/truth/kvm-five.json'), 'utf8')) as Truth[];
  let [sum, error, before] = [0, 0, 0];
  for (const [i, each] of truth.entries()) {
    sum += of(each) * ((truth[i + 1]?.t_rel ?? endSeconds) - each.t_rel);
    error += 0.005 * Math.abs(of(each) - before);
    before = of(each);
  }
  return { sum, error };
}

async function times(trace: string, ...args: string[]): Promise<Times> {
  const { code, stdout } = await sharetop(['report', '--json', trace, ...args]);
  expect(code).toBe(0);
  return (JSON.parse(stdout) as { times: Times }).times;
}

describe('report on kvm-five', () => {
  const kvmFive = times(KVM_FIVE, '--region', 'unlimited');

  test('has the page-seconds of the potential that its brute force has, and the part of each policy', async () => {
    const { potentialPageSeconds, policies } = await kvmFive;
    const potential = integral((truth) => truth.redundant_pages, END_SECONDS);
    expect(Math.abs(potentialPageSeconds - potential.sum)).toBeLessThan(potential.error);
    expect(potential.error).toBeLessThan(potential.sum / 10_000);
    const { dlps, oracle } = policies;
    expect(oracle).toEqual({
      savedPageSeconds: potentialPageSeconds,
      netSavedPageSeconds: potentialPageSeconds,
      effectiveness: 1,
    });
    expect(dlps.effectiveness).toBe(dlps.savedPageSeconds / potentialPageSeconds);
    expect(dlps.effectiveness).toBeGreaterThan(0);
    expect(dlps.effectiveness).toBeLessThan(1);
    expect(dlps.netSavedPageSeconds).toBeLessThan(dlps.savedPageSeconds);
  });

  test('has lifetimes that add up to the frames that could be shared, and the gaps between scans', async () => {
    const { opportunities, scanGap, policies } = await kvmFive;
    const shared = integral((truth) => truth.redundant_pages + truth.dup_contents, END_SECONDS);
    const { fromFirstScan } = opportunities;
    const total = opportunities.totalSeconds + fromFirstScan.totalSeconds;
    expect(Math.abs(total - shared.sum)).toBeLessThan(shared.error);
    expect(fromFirstScan.totalSeconds).toBeGreaterThan(0);
    const { shares, latency } = policies.dlps;
    // Every frame that could be shared was merged or was not.
    expect(latency.ended + latency.open).toBe(
      opportunities.ended + opportunities.open + fromFirstScan.ended + fromFirstScan.open,
    );
    // Shares that an opportunity had before, and those that began anew in it.
    expect(shares.ended + shares.open).toBeGreaterThanOrEqual(latency.ended);
    // The README of the recording: about 5 s, then 6.3 s, at last 1.4 s; 57 + 54 + 50 + 46 + 40 snapshots.
    expect(scanGap.medianSeconds).toBeGreaterThan(5);
    expect(scanGap.medianSeconds).toBeLessThan(6.3);
    expect(scanGap.domains.map(({ gaps }) => gaps).reduce((sum, gaps) => sum + gaps)).toBe(scanGap.gaps);
    expect(scanGap.gaps).toBeLessThanOrEqual(57 + 54 + 50 + 46 + 40 - 5);
  });

  test('does not tell what two scans 88.5 s apart cannot', async () => {
    const { opportunities, scanGap } = await times(path.join(REPOSITORY, 'fixtures/traces/xen-four'));
    expect(scanGap).toMatchObject({ gaps: 4, medianSeconds: 88.52, largestSeconds: 88.52 });
    expect(opportunities.classes.short.resolvable).toBe(false);
    expect(opportunities.classes.middle.resolvable).toBe(true);
  });
});

/** Durations of a host of several GiB that it shares. */
function manyDurations(resolvable: boolean): DurationFigures {
  const bucket: DurationBucket = { fromSeconds: 0, toSeconds: 30, ended: 123_456, open: 234_567, resolvable };
  const [short, middle, long] = [bucket, { ...bucket, resolvable: true }, { ...bucket, resolvable: true }];
  const survival = { survival30s: 0.256, survival5min: null, medianSeconds: resolvable ? 12.3 : 3 };
  const counts = { ended: 370_368, open: 703_701, totalSeconds: 1e9 };
  return { ...counts, ...survival, short, middle, long, buckets: [short, middle, long] };
}

describe('the text of times', () => {
  const scanGap = { gaps: 9, medianSeconds: 5.25, largestSeconds: 6.5 };
  const linesOf = (resolvable: boolean): string[] => {
    const durations = manyDurations(resolvable);
    const pageSeconds = { saved: 6e9, netSaved: 5e9 };
    return timeLines({
      potentialPageSeconds: 7e9,
      spans: {
        scanGap,
        domains: [],
        opportunities: durations,
        fromFirstScan: { ended: 444_444, open: 555_555, totalSeconds: 1e9 },
      },
      policies: [
        { name: 'satori', pageSeconds, shares: durations, latency: durations },
        { name: 'oracle', pageSeconds, shares: null, latency: null },
      ],
    });
  };

  test('is a table of classes that fits in 100 columns, also with hundreds of thousands of frames in each', () => {
    const lines = linesOf(true);
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    const cells = lines.map((line) => line.trim().split(/ {2,}/u));
    const counts = '123,456 + 234,567';
    expect(cells).toContainEqual(['TIMES', 'ALL', '< 30 S', '30 S-5 MIN', 'LONGER']);
    expect(cells).toContainEqual(['not dated', '444,444 + 555,555', '-', '-', '-']);
    for (const name of ['opportunities', 'shares of satori', 'latency of satori']) {
      expect(cells).toContainEqual([name, '370,368 + 703,701', counts, counts, counts]);
      expect(cells).toContainEqual([name, '~12.3 s', '~25.6 %', '-']);
    }
    expect(lines.join('\n')).not.toContain('of oracle');
  });

  test('says what the gap between scans hides', () => {
    const cells = linesOf(false).map((line) => line.trim().split(/ {2,}/u));
    const counts = '123,456 + 234,567';
    expect(cells).toContainEqual(['shares of satori', '370,368 + 703,701', 'not resolvable', counts, counts]);
    // The median is somewhere below the gap.
    expect(cells).toContainEqual(['shares of satori', '< 5.3 s', '~25.6 %', '-']);
  });
});
