/**
 * No policy shares across trust groups: in random worlds, after every few records (groups change in between, domains go
 * and their numbers are used again), all frames of one shared copy are of domains of one group.
 */
import { expect, test } from 'vitest';
import { FIRST_CONTENT, FRAME_WORDS } from '../../src/engine/layout.js';
import { POLICY_NAMES } from '../../src/monitor/policy-registry.js';
import { randomWorld } from '../model/random-traces.js';
import { cutIntoBlocks, FastWorld } from '../model/side-by-side.js';
import { SeededRandom } from '../seeded-random.js';

const WORLDS = 40;

/** By policy: shared copies now, and of these such with frames of two groups. */
function copiesOf({ engine, policies }: FastWorld): Map<string, { shared: number; across: number }> {
  const counts = new Map<string, { shared: number; across: number }>();
  const words = engine.frameWords();
  const known: number[] = [];
  for (let frameId = 0; frameId < engine.frameIdEnd(); frameId++) {
    if (words[frameId * FRAME_WORDS] >= FIRST_CONTENT) known.push(frameId);
  }
  for (const { policy } of policies.slots) {
    const groups = new Map<number, Set<string>>();
    for (const frameId of known) {
      const copy = policy.ask((copies) => copies.ofFrame(frameId), 0);
      if (copy === 0 || policy.ask((copies) => copies.refs(copy), 0) < 2) continue;
      const group = engine.domains.bySlot[engine.domainOfFrame(frameId)]?.group ?? 'of no domain';
      groups.set(copy, (groups.get(copy) ?? new Set()).add(group));
    }
    const across = [...groups.values()].filter((names) => names.size > 1).length;
    counts.set(policy.name, { shared: groups.size, across });
  }
  return counts;
}

test(`every policy keeps to the groups in ${WORLDS} worlds`, () => {
  const shared = new Map<string, number>();
  for (let seed = 1; seed <= WORLDS; seed++) {
    const world = randomWorld(seed, { records: 200 });
    const fast = new FastWorld({ frames: 6 }, world.victim, { names: POLICY_NAMES });
    for (const [i, block] of cutIntoBlocks(world.records, new SeededRandom(seed), 10).entries()) {
      fast.apply(block);
      if (i % 4 !== 0) continue;
      fast.settle();
      for (const [name, copies] of copiesOf(fast)) {
        expect([name, copies.across], `seed ${seed}`).toEqual([name, 0]);
        if (new Set(fast.engine.domains.live().map(({ group }) => group)).size < 2) continue;
        shared.set(name, (shared.get(name) ?? 0) + copies.shared);
      }
    }
    expect(fast.policies.notice, `seed ${seed}`).toBe('');
  }
  // Each of them did share something while there were two groups.
  for (const name of POLICY_NAMES) expect([name, (shared.get(name) ?? 0) > 0]).toEqual([name, true]);
});
