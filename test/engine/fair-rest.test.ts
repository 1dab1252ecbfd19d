import { expect, test } from 'vitest';
import { Case } from '../model/case.js';
import { fastFigures } from '../model/side-by-side.js';
import { SeededRandom } from '../seeded-random.js';

const FRAMES = 60;

test('sums of fair shares are exactly 0 once nothing is shared, whatever was added and taken away before', () => {
  const world = new Case(['a', 'b', 'c']);
  const random = new SeededRandom(4);
  for (let round = 0; round < 40; round++) {
    world.at(round);
    for (let i = 0; i < 30; i++) {
      const domid = 1 + random.below(3);
      const content = 1n + BigInt(random.below(12));
      if (i % 3 === 0) world.read(domid, Number(content), content, { gfn: random.chance(0.5) ? null : 5 });
      world.fill(domid, random.below(FRAMES), content);
    }
    world.fast.settle();
  }
  const before = fastFigures(world.fast).domains;
  expect(before.every(({ figures, dlps }) => figures.fairSavedFrames > 1 && dlps.fairSavedFrames > 1)).toBe(true);

  for (let domid = 1; domid <= 3; domid++) {
    world.fill(domid, 0, ...Array.from({ length: FRAMES }, (_, gfn) => BigInt(1000 * domid + gfn)));
  }
  world.fast.settle();
  const { domains, host } = fastFigures(world.fast);
  expect(host.potentialSavedFrames).toBe(0);
  expect(domains.map(({ figures }) => figures.fairSavedFrames)).toEqual([0, 0, 0]);
  expect(domains.map(({ dlps }) => dlps.fairSavedFrames)).toEqual([0, 0, 0]);
  expect(domains.map(({ oracle }) => oracle.fairSavedFrames)).toEqual([0, 0, 0]);
});
