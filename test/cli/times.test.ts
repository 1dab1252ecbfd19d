/** What the built tool says about time, on the recordings that come with it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
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
  opportunities: Durations;
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
    expect(Math.abs(opportunities.totalSeconds - shared.sum)).toBeLessThan(shared.error);
    const { shares, latency } = policies.dlps;
    // Every frame that could be shared was merged or was not.
    expect(latency.ended + latency.open).toBe(opportunities.ended + opportunities.open);
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
