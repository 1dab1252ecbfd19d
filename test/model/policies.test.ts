/**
 * Every policy and its slow model over random worlds: every figure equal after every block, whatever the cuts, and
 * whoever settles or converges when. `SHARETOP_SEED=N npx vitest run test/model/policies` replays one seed,
 * `SHARETOP_WORLDS=N` makes N worlds.
 */
import { describe, expect, test } from 'vitest';
import type { PolicyName } from '../../src/monitor/policy-registry.js';
import { SeededRandom } from '../seeded-random.js';
import { PolicyWorld, randomKnobs } from './policy-worlds.js';
import { randomWorld } from './random-traces.js';
import { cutIntoBlocks } from './side-by-side.js';

const WORLDS = Number(process.env['SHARETOP_WORLDS'] ?? 70);
const SEED = process.env['SHARETOP_SEED'];
const RECORDS = 150;
/** Milliseconds that a world may take on a slow machine. */
const PATIENCE = 2000;

const seeds = SEED === undefined ? Array.from({ length: WORLDS }, (_, i) => i + 1) : [Number(SEED)];

/** Runs the world of a seed; `check` after every block, told whether the scanners have just converged. */
function run(seed: number, check: (world: PolicyWorld, replay: string, converged: boolean) => void): void {
  const random = new SeededRandom(seed + 77);
  const trace = randomWorld(seed, { records: RECORDS, extras: true });
  const world = new PolicyWorld(trace, randomKnobs(seed));
  let done = 0;
  for (const block of cutIntoBlocks(trace.records, random, 1 + (seed % 12))) {
    world.apply(block, random.chance(0.3) ? 1 + random.below(3) : 0);
    done += block.length;
    if (random.chance(0.5)) world.fast.policies.settle(1 + random.below(4));
    const converged = random.chance(0.04);
    if (converged) world.converge(1 + random.below(9));
    world.fast.settle();
    check(world, `SHARETOP_SEED=${seed}, after ${done} records`, converged);
  }
}

/** What can be said of esx without its order: its visits, and what it comes to when it has seen everything. */
function checkEsx(world: PolicyWorld, replay: string, converged: boolean): void {
  const { figures, domains, sharedRefs, sums } = world.fastFigures('esx');
  const settled = world.esx.settled();
  const own = figures.esx;
  expect(own?.visits, replay).toBe(world.esx.visits);
  expect(own?.saving, replay).toBe(figures.savedFrames + figures.zeroSavedFrames);
  expect(own?.saving, replay).toBe((own?.shared ?? 0) - (own?.common ?? 0));
  expect(sums, replay).toMatchObject({ savedFrames: figures.savedFrames, zeroSavedFrames: figures.zeroSavedFrames });
  expect(figures.savedFrames, replay).toBeLessThanOrEqual(settled.savedFrames);
  expect(figures.zeroSavedFrames, replay).toBeLessThanOrEqual(settled.zeroSavedFrames);
  if (!converged || !world.esx.scans) return;
  expect(figures, replay).toMatchObject(settled);
  for (const life of world.slow.live) expect(domains[life.key], replay).toMatchObject(world.esx.settledDomain(life));
  expect(sharedRefs, replay).toEqual(world.slowSharedRefs((hash) => world.esx.settledRefs(hash)));
}

/** Design §2 of any policy: what domains have adds up to what the policy has, and no scheme passes the oracle. */
function checkIdentities(world: PolicyWorld, name: PolicyName, replay: string): void {
  const { figures, domains } = world.fastFigures(name);
  const parts = Object.values(domains);
  const shared = parts.reduce((sum, { sharedFrames }) => sum + sharedFrames, 0);
  const fair = parts.reduce((sum, { fairSavedFrames }) => sum + fairSavedFrames, 0);
  expect(shared, `${name}: ${replay}`).toBe(figures.savedFrames + figures.sharedFrames);
  expect(fair, `${name}: ${replay}`).toBeCloseTo(figures.savedFrames, 4);
  const { oracle } = world;
  expect(figures.savedFrames, `${name}: ${replay}`).toBeLessThanOrEqual(oracle.savedFrames + world.provisional(name));
  expect(figures.netSavedFrames, `${name}: ${replay}`).toBeLessThanOrEqual(figures.savedFrames);
  const { ksm } = figures;
  if (ksm === undefined) {
    expect(figures.zeroSavedFrames, `${name}: ${replay}`).toBeLessThanOrEqual(oracle.zeroSavedFrames);
    return;
  }
  // The kernel's zero page is nobody's frame: with it every zero frame is saved, in whatever group. Of the figure for
  // which one zero frame stays that is one for all groups, where the oracle keeps one for each (POLICIES.md, ksm 3).
  const zeros = world.zeroFrames;
  const zeroBound = ksm.ksm_zero_pages > 0 ? Math.max(0, zeros - 1) : oracle.zeroSavedFrames;
  expect(figures.zeroSavedFrames, `${name}: ${replay}`).toBeLessThanOrEqual(zeroBound);
  expect(zeros - 1, `${name}: ${replay}`).toBeLessThanOrEqual(
    oracle.zeroSavedFrames + Math.max(0, world.zeroGroups - 1),
  );
  const ofRam = oracle.savedFrames + (ksm.ksm_zero_pages > 0 ? zeros : oracle.zeroSavedFrames);
  // The oracle knows of no extra frames; each saves one frame at most.
  const bound = ofRam + world.extraFrames;
  expect(ksm.pages_sharing + ksm.ksm_zero_pages, `${name}: ${replay}`).toBeLessThanOrEqual(bound);
}

describe('over random worlds', () => {
  test('every policy does what its slow model does', { timeout: WORLDS * PATIENCE }, () => {
    let count = 0;
    for (const seed of seeds) {
      run(seed, (world, replay, converged) => {
        expect(world.fastFigures('ksm'), replay).toEqual(world.slowScanner('ksm'));
        expect(world.fastFigures('xlh'), replay).toEqual(world.slowScanner('xlh'));
        expect(world.fastFigures('satori'), replay).toEqual(world.slowSatori());
        checkEsx(world, replay, converged);
        for (const name of ['dlps', 'satori', 'ksm', 'esx', 'xlh'] as const) checkIdentities(world, name, replay);
        // An audit takes as long as twenty blocks.
        if (count++ % 150 === 0) expect(world.fast.audit(), replay).toEqual([]);
      });
    }
  });
});
