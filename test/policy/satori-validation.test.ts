/**
 * The validation cases of the facts (docs/VALIDATION.md) that are about sharing at the block device, by number. Xen's
 * words: used = slots in use, freed = gross saved frames, shr_pages of a domain = its bound frames.
 */
import { describe, expect, test } from 'vitest';
import { A, B, C } from '../model/case.js';
import { cutIntoBlocks } from '../model/side-by-side.js';
import { randomWorld } from '../model/random-traces.js';
import { SeededRandom } from '../seeded-random.js';
import { SatoriCase, SatoriWorld } from './satori-world.js';

/** Xen's counters of the sharing that `satori` does. */
function xen(world: SatoriCase): { used: number; freed: number } {
  const { residentSlots, idleSlots, savedFrames } = world.figures;
  return { used: residentSlots - idleSlots, freed: savedFrames };
}

const keys = (count: number): string[] => Array.from({ length: count }, (_, i) => `d${i + 1}`);

test('V2 one page shared by two domains: freed 1, used 1, one shared page each', () => {
  const world = new SatoriCase(['a', 'b']).read(1, 0, A).read(2, 0, A).fill(1, 0, A).fill(2, 0, A);
  expect(xen(world)).toEqual({ used: 1, freed: 1 });
  expect([world.part('a').sharedFrames, world.part('b').sharedFrames]).toEqual([1, 1]);
});

test('V3 shared pages of all domains are frames freed and copies kept, after every block of 24 random worlds', () => {
  for (let seed = 1; seed <= 24; seed++) {
    const made = randomWorld(seed, { records: 250 });
    const region = 'frames' in made.region && made.region.frames === Infinity ? 'unlimited' : made.region;
    // A FIFO without limit, one of two pages, none.
    const world = new SatoriWorld({ region, victim: made.victim }, [16_777_216, 2, 0][seed % 3]);
    for (const block of cutIntoBlocks(made.records, new SeededRandom(seed), 24)) {
      world.apply(block);
      world.check(`seed ${seed}`);
      const { savedFrames, sharedFrames } = world.satori.figures();
      const parts = world.engine.domains.live().map(({ slot }) => world.satori.domainFigures(slot).sharedFrames);
      expect(
        parts.reduce((sum, part) => sum + part, 0),
        `seed ${seed}`,
      ).toBe(savedFrames + sharedFrames);
    }
  }
});

describe('V4 Xen mem_sharing', () => {
  test('nominate: used + 1; a further reference: freed + 1; unshare with others: freed − 1', () => {
    const world = new SatoriCase(keys(3)).read(1, 0, A).read(2, 0, A).read(3, 0, A);
    expect(xen(world)).toEqual({ used: 0, freed: 0 });
    expect(xen(world.fill(1, 0, A))).toEqual({ used: 1, freed: 0 });
    expect(xen(world.fill(2, 0, A))).toEqual({ used: 1, freed: 1 });
    expect(xen(world.fill(3, 0, A))).toEqual({ used: 1, freed: 2 });
    expect(xen(world.fill(3, 0, B))).toEqual({ used: 1, freed: 1 });
  });

  test('two shared frames with j and k references become one: used − 1, freed + 1, whatever j and k', () => {
    for (let j = 1; j <= 4; j++) {
      for (let k = 1; k <= 4; k++) {
        const world = new SatoriCase(keys(j + k));
        for (let domid = 1; domid <= j; domid++) world.read(domid, 0, A).fill(domid, 0, A);
        for (let domid = j + 1; domid <= j + k; domid++) world.read(domid, 7, null, { gfn: 0 });
        expect(xen(world)).toEqual({ used: 2, freed: j - 1 + (k - 1) });
        // What block 7 holds is seen in one of the frames.
        world.fill(j + 1, 0, A);
        expect(xen(world), `${j} and ${k}`).toEqual({ used: 1, freed: j + k - 1 });
        expect(world.figures).toMatchObject({ savedByContent: 1, savedByBlock: j + k - 2 });
      }
    }
  });

  test('unshare of the last reference: used − 1 and no copy, so nobody pays', () => {
    const world = new SatoriCase(['a'], undefined, 0).read(1, 0, A).fill(1, 0, A).fill(1, 0, B);
    expect(xen(world)).toEqual({ used: 0, freed: 0 });
    expect(world.figures).toMatchObject({ broken: 0, enomem: 0 });
  });

  test('no frame for the copy: an ENOMEM event (a write of a trace has happened: nothing is rolled back)', () => {
    const world = new SatoriCase(['a', 'b'], undefined, 0).read(1, 0, A).read(2, 0, A).fill(1, 0, A).fill(2, 0, A);
    world.at(3).dirty(1, 0);
    expect(world.figures.enomemEvents).toEqual([{ time: 3, domain: 'a' }]);
    expect(xen(world)).toEqual({ used: 1, freed: 0 });
  });
});

describe('V17 memshr', () => {
  test('a 7-sector read (not whole 4 KiB blocks) is never shared, neither by block nor by content', () => {
    const world = new SatoriCase(['a', 'b']).read(1, 0, A);
    world.read(2, 0, A, { aligned: false }).fill(1, 0, A).fill(2, 0, A);
    expect(world.figures).toMatchObject({ readsSeen: 1, contentHits: 0, boundFrames: 1 });
  });

  test('a 16-sector read is not refused as there: by our rules an aligned one is two 4 KiB blocks', () => {
    const world = new SatoriCase(['a', 'b']).read(1, 0, A).read(1, 1, B).read(2, 0, A).read(2, 1, B);
    expect(world.figures).toMatchObject({ readsIssued: 2, readsAvoidedCross: 2 });
  });

  test('a block of a writable parent is never shared by block; its content is found after the read', () => {
    const world = new SatoriCase(['a', 'b']).read(1, 0, A, { image: 2 }).read(2, 0, A, { image: 2 });
    expect(world.figures).toMatchObject({ readsAvoided: 0, readsSeen: 0, contentHits: 1 });
    expect(world.figures.readsIneligible.writableImage).toBe(2);
  });

  test('a stale handle: the hint is dropped and the read issued', () => {
    const world = new SatoriCase(['a', 'b', 'c']).read(1, 0, A).read(2, 0, B);
    expect(world.figures).toMatchObject({ identityConflicts: 1, readsIssued: 2, readsAvoided: 0 });
    expect(world.read(3, 0, B).figures).toMatchObject({ identityConflicts: 1, readsIssued: 2, readsAvoidedCross: 1 });
  });
});

test.each(['dlps', 'satori'] as const)(
  'V18 N domains read the same B cold blocks of a read-only image: B issued, (N − 1)B avoided, B frames (%s)',
  (name) => {
    for (const [n, b] of [
      [2, 1],
      [5, 8],
      [9, 30],
    ]) {
      const world = new SatoriCase(keys(n));
      const hashes = Array.from({ length: b }, (_, block) => BigInt(100 + block));
      for (let domid = 1; domid <= n; domid++)
        for (const [block, hash] of hashes.entries()) world.read(domid, block, hash);
      for (let domid = 1; domid <= n; domid++) world.fill(domid, 0, ...hashes);
      world.check();
      const figures = world[name].figures();
      const own = figures.satori ?? figures.dlps;
      expect(own).toMatchObject({ readsIssued: b, readsAvoided: (n - 1) * b, residentSlots: b, idleSlots: 0 });
      // n × b frames in b: nothing else is left to save.
      expect(own?.netSavedFrames).toBe((n - 1) * b);
      expect(world.oracle.figures().savedFrames).toBe((n - 1) * b);
    }
  },
);

describe('V19 Satori [R]', () => {
  test('the credits of n sharers are (n − 1)/n each and add up to n − 1, for n from 1 to 40', () => {
    const world = new SatoriCase(keys(40));
    for (let n = 1; n <= 40; n++) {
      world.read(n, 0, A).fill(n, 0, A);
      const total = world.figures.entitlementFrames;
      const live = world.engine.domains.live().slice(0, n);
      const credits = live.map(({ slot }) => world.satori.domainFigures(slot).fairSavedFrames);
      for (const credit of credits) expect(credit).toBeCloseTo((n - 1) / n, 12);
      expect(credits.reduce((sum, credit) => sum + credit, 0)).toBeCloseTo(n - 1, 9);
      expect(total).toBe(n - 1);
    }
  });

  test('repay on break restores: what a share saved is saved still, or was given back, or is an event', () => {
    for (let n = 2; n <= 8; n++) {
      const world = new SatoriCase(keys(n));
      for (let domid = 1; domid <= n; domid++) world.read(domid, 0, A).fill(domid, 0, A);
      // Every second domain has a volatile page of its own to pay with.
      for (let domid = 2; domid <= n; domid += 2) {
        world.read(domid, domid, BigInt(1000 + domid)).fill(domid, 1, BigInt(1000 + domid));
      }
      for (let domid = 1; domid < n; domid++) {
        world.fill(domid, 0, BigInt(2000 + domid));
        const { savedFrames, repaid, enomem, entitlementFrames } = world.figures;
        expect(savedFrames + repaid + enomem, `${n} sharers, ${domid} broken`).toBe(n - 1);
        expect({ entitlementFrames, repaid }).toEqual({ entitlementFrames: n - 1 - domid, repaid: domid >> 1 });
      }
      // The last one breaks nothing.
      expect(world.fill(n, 0, C).figures.broken).toBe(n - 1);
    }
  });
});

test('figures do not depend on how the records are cut into blocks, in 24 random worlds', () => {
  for (let seed = 1; seed <= 24; seed++) {
    const made = randomWorld(seed, { records: 300, wide: seed % 4 === 0 });
    const region = 'frames' in made.region && made.region.frames === Infinity ? 'unlimited' : made.region;
    const [whole, cut] = [1000, 3].map((most, i) => {
      const world = new SatoriWorld({ region, victim: made.victim }, seed % 2 === 0 ? 3 : 16_777_216);
      for (const block of cutIntoBlocks(made.records, new SeededRandom(seed + i), most)) world.apply(block);
      world.check(`seed ${seed}`);
      return world.satori.figures();
    });
    expect(cut, `seed ${seed}`).toEqual(whole);
  }
});
