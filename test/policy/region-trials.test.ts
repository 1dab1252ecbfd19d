/**
 * Miniature simulations against full runs of the policy on the same effects. `SHARETOP_TRIAL_SIZES=all npx vitest run
 * test/policy/region-trials` compares all 16 sizes; otherwise a few, for the time it takes.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import type { TrialFigures } from '../../src/figures/region-curve-figures.js';
import { DlpsPolicy } from '../../src/policy/dlps.js';
import type { RegionVictim } from '../../src/policy/parts/shared-region.js';
import { RegionCurve } from '../../src/policy/region-curve.js';
import { TRIAL_PERCENTS, type TrialOptions } from '../../src/policy/region-trials.js';
import { type EffectsConsumer, playRecording } from './recording-blocks.js';

const ALL_SIZES = process.env['SHARETOP_TRIAL_SIZES'] === 'all';

/** What a full run of the policy came to. */
interface FullRun {
  regionFrames: number;
  residentSlots: number;
  readsAvoided: number;
  savedFrames: number;
  netSavedFrames: number;
}

interface Played {
  readsSeen: number;
  /** By size, the unlimited one last. */
  full: FullRun[];
  /** By the trials asked for: the same sizes. */
  trials: TrialFigures[];
}

/** Plays a recording once, with a full policy for each size and some sets of trials beside them. */
function play(trace: string, victim: RegionVictim, percents: readonly number[], sets: Partial<TrialOptions>[]): Played {
  const policies: DlpsPolicy[] = [];
  const curves: RegionCurve[] = [];
  playRecording(trace, (engine: Engine): EffectsConsumer[] => {
    for (const percent of percents) policies.push(new DlpsPolicy(engine, { region: { percent }, victim }));
    policies.push(new DlpsPolicy(engine, { region: 'unlimited', victim }));
    for (const set of sets) curves.push(new RegionCurve(engine, { victim, trials: true, ...set, percents }));
    return [...policies, ...curves];
  });
  const full = policies.map((policy): FullRun => {
    const dlps = policy.figures().dlps;
    if (dlps === undefined) throw new Error('dlps has its figures');
    const { residentSlots, readsAvoided, savedFrames, netSavedFrames } = dlps;
    return {
      regionFrames: dlps.regionFrames ?? residentSlots,
      residentSlots,
      readsAvoided,
      savedFrames,
      netSavedFrames,
    };
  });
  const trials = curves.map((curve) => {
    const { dlps } = curve.figures();
    if (dlps === null) throw new Error('trials were asked for');
    return dlps;
  });
  return { readsSeen: policies[0].figures().dlps?.readsSeen ?? 0, full, trials };
}

const EVERY_KEY = { keysMax: Number.POSITIVE_INFINITY, sampleRate: 1 };

describe('kvm-five', () => {
  const percents = ALL_SIZES ? TRIAL_PERCENTS : [0.7, 5, 10];
  let played: Played;
  beforeAll(() => {
    const quarter = { keysMax: Number.POSITIVE_INFINITY, sampleRate: 1 / 4 };
    played = play('kvm-five', 'sharers', percents, [EVERY_KEY, quarter, {}]);
  });

  test('with every key the trials are the policy itself, at every size', () => {
    const { points, unlimited, sampleRate } = played.trials[0];
    expect(sampleRate).toBe(1);
    expect([...points, unlimited]).toEqual(played.full);
  });

  test.each([
    [1, 'a quarter of the keys'],
    [2, 'as many keys as there may be, the rate halved on the way'],
  ])('trial %i, with %s: within 1 point of the reads avoided and 3 points of what is saved', (set) => {
    const { points, unlimited, sampleRate, sampledKeys } = played.trials[set];
    expect(sampleRate).toBe(1 / 4);
    expect(sampledKeys).toBeLessThanOrEqual(16_384);
    const most = played.full[played.full.length - 1].savedFrames;
    for (const [i, point] of [...points, unlimited].entries()) {
      const exact = played.full[i];
      if (i < points.length) expect(point.regionFrames).toBe(exact.regionFrames);
      expect(Math.abs(point.readsAvoided - exact.readsAvoided) / played.readsSeen).toBeLessThan(0.01);
      expect(Math.abs(point.savedFrames - exact.savedFrames) / most).toBeLessThan(0.03);
      expect(Math.abs(point.netSavedFrames - exact.netSavedFrames) / most).toBeLessThan(0.03);
    }
  });
});

describe('xen-four', () => {
  test.each(['clock', 'lru'] as const)('with every key the trials are the policy itself, victims by %s', (victim) => {
    const { full, trials } = play('xen-four', victim, [1, 7], [EVERY_KEY]);
    expect([...trials[0].points, trials[0].unlimited]).toEqual(full);
    expect(full[0].readsAvoided).toBeGreaterThan(0);
    expect(full[0].readsAvoided).toBeLessThan(full[1].readsAvoided);
  });
});
