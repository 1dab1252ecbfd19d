/**
 * Miniature simulations against full runs of the policy on the same effects. `SHARETOP_TRIAL_SIZES=all npx vitest run
 * test/policy/region-trials` compares all 16 sizes; otherwise a few, for the time it takes.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import type { DomainPolicyFigures } from '../../src/figures/domain-figures.js';
import type { PolicyFigures } from '../../src/figures/policy-figures.js';
import type { TrialFigures } from '../../src/figures/region-curve-figures.js';
import { DlpsPolicy } from '../../src/policy/dlps.js';
import type { RegionVictim } from '../../src/policy/parts/shared-region.js';
import type { Policy, PolicySums } from '../../src/policy/policy.js';
import { RegionCurve } from '../../src/policy/region-curve.js';
import { TRIAL_PERCENTS, type TrialOptions } from '../../src/policy/region-trials.js';
import { randomWorld } from '../model/random-traces.js';
import { cutIntoBlocks, FastWorld } from '../model/side-by-side.js';
import { SeededRandom } from '../seeded-random.js';
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

interface PlayedWorld {
  world: FastWorld;
  full: DlpsPolicy[];
  curve: RegionCurve;
}

function fullRun(policy: DlpsPolicy): FullRun {
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
  const full = policies.map(fullRun);
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

/** A consumer of effects among the policies of a world: it has no figures that the world looks at. */
class CurveInWorld implements Policy {
  readonly name = 'curve';
  readonly bytes = 0;
  constructor(readonly curve: RegionCurve) {}
  apply(words: Uint32Array, used: number): void {
    this.curve.apply(words, used);
  }
  settle(): boolean {
    return false;
  }
  figures(): PolicyFigures {
    const figures = { savedFrames: 0, zeroSavedFrames: 0, netSavedFrames: 0, sharedFrames: 0, metadataBytes: 0 };
    return { name: this.name, ...figures };
  }
  sums(): PolicySums {
    return { savedFrames: 0, zeroSavedFrames: 0, readsAvoided: 0, readsIssued: 0, contentChanged: 0 };
  }
  domainFigures(): DomainPolicyFigures {
    return { sharedFrames: 0, fairSavedFrames: 0, readsSeen: 0, readsAvoided: 0, contentChanged: 0 };
  }
  sharedRefs(): number {
    return 0;
  }
  audit(): string[] {
    return this.curve.audit();
  }
}

describe('random worlds: reads with and without hash and frame, groups that change, domains that come and go', () => {
  const percents = [0.01, 0.05, 0.2, 50];

  /** Plays a world to its end; `look` is called after every block. */
  function playWorld(seed: number, options: Partial<TrialOptions>, look: (played: PlayedWorld) => void): void {
    const { region, victim, records } = randomWorld(seed, { records: 400, wide: seed % 2 === 0 });
    const world = new FastWorld(region, victim);
    const full = [...percents.map((percent) => ({ percent })), 'unlimited' as const].map((size) => {
      const policy = new DlpsPolicy(world.engine, { region: size, victim });
      world.policies.add(policy);
      return policy;
    });
    const curve = new RegionCurve(world.engine, { victim, trials: true, percents, ...options });
    world.policies.add(new CurveInWorld(curve));
    for (const block of cutIntoBlocks(records, new SeededRandom(seed), 30)) {
      world.apply(block);
      look({ world, full, curve });
      expect(world.policies.notice, `seed ${seed}`).toBe('');
    }
    world.settle();
    expect(world.audit(), `seed ${seed}`).toEqual([]);
  }

  test('with every key the trials are the policy itself after every few records', { timeout: 60_000 }, () => {
    let evicted = 0;
    for (let seed = 1; seed <= 30; seed++) {
      playWorld(seed, EVERY_KEY, ({ full, curve }) => {
        const { dlps } = curve.figures();
        const memoryKnown = (dlps?.points.length ?? 0) > 0;
        const points = [...(dlps?.points ?? []), dlps?.unlimited];
        expect(points, `seed ${seed}`).toEqual((memoryKnown ? full : full.slice(-1)).map(fullRun));
        evicted += full[1].figures().dlps?.evictions ?? 0;
      });
    }
    expect(evicted).toBeGreaterThan(500);
  });

  test('with keys that have to go again and again nothing is left bound to what went', { timeout: 60_000 }, () => {
    let halved = 0;
    for (let seed = 1; seed <= 30; seed++) {
      playWorld(seed, { keysMax: 4 }, ({ curve }) => {
        const { dlps } = curve.figures();
        expect(dlps?.sampledKeys, `seed ${seed}`).toBeLessThanOrEqual(4);
        if ((dlps?.sampleRate ?? 1) < 1) halved++;
        expect(curve.audit(), `seed ${seed}`).toEqual([]);
      });
    }
    expect(halved).toBeGreaterThan(150);
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
