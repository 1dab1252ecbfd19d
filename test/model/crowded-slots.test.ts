/**
 * Slots that a domain holds dozens of times, which the other random worlds have none of: satori by many blocks of one
 * content, dlps by reading one block into many frames. In a full region, so that the ring of each slot (its number of
 * sharer domains) decides who is evicted; every figure against the slow models after every block of records.
 */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../seeded-random.js';
import type { TimedRecord, TraceRecord } from './plain-records.js';
import { PolicyWorld, randomKnobs } from './policy-worlds.js';
import type { World } from './random-traces.js';
import { agreeOnFairShares, cutIntoBlocks, fastFigures, FastWorld, slowFigures, SlowWorld } from './side-by-side.js';

const WORLDS = 12;
const DOMAINS = 3;
const FRAMES = 150;
/** Blocks below this hold one of four contents, those above one of their own each. */
const ALIKE = 200;
const seeds = Array.from({ length: WORLDS }, (_, i) => i + 1);
const hashOf = (block: number): bigint => (block < ALIKE ? BigInt(1 + (block % 4)) : BigInt(1000 + block));

/** Runs of reads and of what becomes of their frames. */
function crowdedWorld(seed: number): World {
  const random = new SeededRandom(seed);
  const records: TimedRecord[] = [];
  let time = 1_000_000;
  const say = (record: TraceRecord): void => void records.push({ stream: 0, time, record });
  const domain = (domid: number): void =>
    say({ kind: 'domain', domid, key: `key-${domid}`, name: '', group: '', type: '', frames: FRAMES });
  for (const [id, readOnly] of [true, false].entries())
    say({ kind: 'image', id, name: `i${id}`, readOnly, blocks: 999 });
  for (let domid = 1; domid <= DOMAINS; domid++) domain(domid);
  for (let run = 0; run < 70; run++) {
    const domid = 1 + random.below(random.chance(0.7) ? 1 : DOMAINS);
    const content = random.below(4);
    const length = 1 + random.below(45);
    const first = random.below(FRAMES - length);
    const action = random.below(20);
    const image = random.chance(0.1) ? 1 : 0;
    for (let i = 0; i < length && action < 17; i++) {
      const block = random.chance(0.05) ? ALIKE + random.below(60) : 4 * random.below(ALIKE / 4) + content;
      const hash = random.chance(0.1) ? null : hashOf(block);
      const gfn = random.chance(0.3) ? first + i : null;
      if (action < 9) say({ kind: 'blockRead', domid, image, block, hash, gfn, aligned: true });
      else if (action < 14) say({ kind: 'fill', domid, gfn: first + i, hash: hashOf(content), class: 0 });
      else say({ kind: 'fill', domid, gfn: first + random.below(length), hash: BigInt(5000 + i), class: 0 });
    }
    if (action === 17) time += random.below(50_000_000);
    if (action === 18) say({ kind: 'free', domid, gfn: first, count: length });
    if (action === 19 && random.chance(0.3)) {
      say({ kind: 'gone', domid });
      domain(domid);
    }
  }
  const victim = random.chance(0.8) ? 'sharers' : 'clock';
  return { region: { frames: 3 + random.below(6) }, victim, records };
}

describe(`slots with many sharers of one domain, in ${WORLDS} worlds`, () => {
  test('satori has the figures of its model', () => {
    let [evictions, alike] = [0, 0];
    for (const seed of seeds) {
      const trace = crowdedWorld(seed);
      const world = new PolicyWorld(trace, randomKnobs(seed));
      for (const block of cutIntoBlocks(trace.records, new SeededRandom(seed), 60)) {
        world.apply(block);
        world.fast.settle();
        expect(world.fastFigures('satori'), `seed ${seed}`).toEqual(world.slowSatori());
        expect(world.policy('satori').audit(), `seed ${seed}`).toEqual([]);
        for (const slot of world.satori.slots) alike = Math.max(alike, slot.bound.size);
      }
      evictions += world.satori.counts.evictions;
    }
    // Such slots there were, and the region was short.
    expect([evictions > 200, alike > 40]).toEqual([true, true]);
  }, 60_000);

  test('dlps has the figures of its model', () => {
    let evictions = 0;
    for (const seed of seeds) {
      const trace = crowdedWorld(seed);
      const fast = new FastWorld(trace.region, trace.victim);
      const slow = new SlowWorld(trace.region, trace.victim);
      for (const block of cutIntoBlocks(trace.records, new SeededRandom(seed), 60)) {
        fast.apply(block);
        slow.apply(block);
        fast.settle();
        const kept = fastFigures(fast);
        const counted = slowFigures(slow, fast.engine.changes.pairsExact);
        agreeOnFairShares(kept, counted);
        expect(kept, `seed ${seed}`).toEqual(counted);
        expect(fast.audit(), `seed ${seed}`).toEqual([]);
      }
      evictions += slow.dlps.counts.evictions;
    }
    expect(evictions).toBeGreaterThan(200);
  }, 60_000);
});
