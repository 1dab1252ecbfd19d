/**
 * Page-seconds of the fast policies and of the potential against the slow world: what the slow model saves is counted
 * from its frames whenever time moves, times the microseconds that passed, in whole numbers of any size.
 */
import { describe, expect, test } from 'vitest';
import { SlowDlps } from '../model/slow-dlps.js';
import { SlowEngine, type SlowPolicy } from '../model/slow-engine.js';
import { countHolders, slowHostFigures } from '../model/slow-figures.js';
import { slowOracle } from '../model/slow-oracle.js';
import { randomWorld, type World } from '../model/random-traces.js';
import { cutIntoBlocks, FastWorld } from '../model/side-by-side.js';
import { SeededRandom } from '../seeded-random.js';

const WORLDS = 40;

/** Σ frames × µs of what each scheme saves: stands before the schemes in the order of those who hear of time. */
class SlowPageSeconds implements SlowPolicy {
  potential = 0n;
  oracle = 0n;
  saved = 0n;
  netSaved = 0n;
  #last = -1;

  constructor(
    readonly dlps: SlowDlps,
    readonly engine: () => SlowEngine,
  ) {}

  timeMoved(now: number): void {
    if (this.#last >= 0) {
      const micros = BigInt(now - this.#last);
      const { savedFrames, netSavedFrames } = this.dlps.figures();
      const { potentialSavedFrames } = slowHostFigures(this.engine(), countHolders(this.engine()));
      this.potential += BigInt(potentialSavedFrames) * micros;
      this.oracle += BigInt(slowOracle(this.engine()).figures.savedFrames) * micros;
      this.saved += BigInt(savedFrames) * micros;
      this.netSaved += BigInt(netSavedFrames) * micros;
    }
    this.#last = now;
  }

  memoryChanged(): void {}
  groupChanged(): void {}
  written(): void {}
  read(): void {}
  frameChanged(): void {}
  gone(): void {}
}

function counted(world: World) {
  const dlps = new SlowDlps(world.region, world.victim);
  const sums: SlowPageSeconds = new SlowPageSeconds(dlps, () => engine);
  const engine: SlowEngine = new SlowEngine([sums, dlps]);
  for (const record of world.records) engine.apply(record);
  const seconds = (micros: bigint): number => Number(micros) / 1e6;
  const oracle = seconds(sums.oracle);
  return {
    potential: seconds(sums.potential),
    oracle: { saved: oracle, netSaved: oracle },
    dlps: { saved: seconds(sums.saved), netSaved: seconds(sums.netSaved) },
  };
}

describe('page-seconds', () => {
  test(`of potential and dlps in ${WORLDS} random worlds, however they are cut and settled`, () => {
    let saving = 0;
    let grouped = 0;
    for (let seed = 1; seed <= WORLDS; seed++) {
      const world = randomWorld(seed, { records: 60 + (seed % 5) * 60 });
      const expected = counted(world);
      for (const recordsMax of [1, 1 + (seed % 17), 1000]) {
        const random = new SeededRandom(seed);
        const fast = new FastWorld(world.region, world.victim);
        for (const block of cutIntoBlocks(world.records, random, recordsMax)) {
          fast.apply(block);
          if (random.chance(0.3)) fast.settle();
        }
        const [dlps, oracle] = fast.policies.slots.map(({ policy }) => policy.pageSeconds());
        const potential = fast.engine.clock.potentialPageSeconds.value;
        expect({ potential, oracle, dlps }, `seed ${seed}, blocks of ${recordsMax}`).toEqual(expected);
      }
      saving += expected.dlps.saved > 0 ? 1 : 0;
      grouped += expected.oracle.saved < expected.potential ? 1 : 0;
    }
    // A test of nothing but zeros would prove nothing.
    expect(saving).toBeGreaterThan(WORLDS / 8);
    expect(grouped).toBeGreaterThan(WORLDS / 8);
  });
});
