/** The rules of `ksm` (docs/POLICIES.md), one by one: [shared, sharing, unshared, volatile] worked out beside them. */
import { describe, expect, test } from 'vitest';
import type { RecordBuffer } from '../../src/trace/record-buffer.js';
import { SeededRandom } from '../seeded-random.js';
import { KsmCase, THP_ZERO, ZERO } from './ksm-case.js';

describe('a visited frame', () => {
  test('is noted first, waits in the unstable tree next, and meets its like there', () => {
    const world = new KsmCase().fill(1, 0, 5, 6, 5);
    expect(world.state).toEqual([0, 0, 0, 0]);
    expect(world.wait(2).state).toEqual([0, 0, 0, 2]);
    expect(world.wait(1).state).toEqual([0, 0, 0, 3]);
    // Second pass: 5 waits, 6 waits, the other 5 meets the first.
    expect(world.wait(1).state).toEqual([0, 0, 1, 2]);
    expect(world.wait(1).state).toEqual([0, 0, 2, 1]);
    expect(world.wait(1).state).toEqual([1, 1, 1, 0]);
    expect(world.counters).toMatchObject({ pages_scanned: 6, full_scans: 1 });
    // The end of a pass is found by the visit that comes next.
    expect(world.wait(1).counters).toMatchObject({ pages_scanned: 7, full_scans: 2 });
  });

  test('whose content is not that of its last visit is volatile, also where its like is stable', () => {
    const world = new KsmCase().fill(1, 0, 5, 5, 6).wait(6);
    expect(world.state).toEqual([1, 1, 1, 0]);
    world.fill(1, 2, 5);
    // It left the tree at once; its next visit sees another content than the last one.
    expect(world.state).toEqual([1, 1, 0, 1]);
    expect(world.wait(3).state).toEqual([1, 1, 0, 1]);
    expect(world.wait(3).state).toEqual([1, 2, 0, 0]);
  });

  test('that changed and changed back between two visits is unchanged: no more can be known of it', () => {
    const world = new KsmCase().fill(1, 0, 5, 5, 6).wait(6);
    world.fill(1, 0, 8).fill(1, 0, 5);
    expect(world.state).toEqual([1, 0, 1, 1]);
    // One visit and it is back in the copy that was left to the other.
    expect(world.wait(1).state).toEqual([1, 1, 1, 0]);
    world.fill(1, 2, 9).fill(1, 2, 6).wait(2);
    expect(world.state).toEqual([1, 1, 1, 0]);
  });

  test('that changes at every visit stays volatile for good', () => {
    const world = new KsmCase().fill(1, 0, 5, 5);
    for (let i = 0; i < 10; i++) world.fill(1, 1, i % 2 === 0 ? 6 : 5).wait(2);
    expect(world.state).toEqual([0, 0, 1, 1]);
  });

  test('of unknown content counts as changed, and so does what is seen after it', () => {
    const world = new KsmCase().fill(1, 0, 5, 5).wait(4);
    expect(world.dirty(1, 0).state).toEqual([1, 0, 0, 1]);
    // Not visited while unknown: the content is that of the last visit.
    expect(world.fill(1, 0, 5).wait(2).state).toEqual([1, 1, 0, 0]);
    world.dirty(1, 0).wait(2).fill(1, 0, 5).wait(2);
    expect(world.state).toEqual([1, 0, 0, 1]);
    expect(world.wait(2).state).toEqual([1, 1, 0, 0]);
  });

  test('is none that is free, untouched or zero inside a huge page', () => {
    const world = new KsmCase().fill(1, 0, THP_ZERO, 5, THP_ZERO, ZERO, ZERO).free(1, 1);
    // Two frames are left to visit.
    expect(world.wait(2).counters).toMatchObject({ pages_scanned: 2, full_scans: 0, pages_volatile: 2 });
    expect(world.wait(2).state).toEqual([1, 1, 0, 0]);
    expect(world.policy.figures()).toMatchObject({ savedFrames: 0, zeroSavedFrames: 1, sharedFrames: 0 });
    // A zero of a huge page that becomes something else, and the other way round.
    expect(world.fill(1, 0, 5).wait(3).state).toEqual([1, 1, 0, 1]);
    expect(world.fill(1, 0, THP_ZERO).state).toEqual([1, 1, 0, 0]);
  });

  test('has an item as long as it is in use: metadata and profit are of items', () => {
    const world = new KsmCase().fill(1, 0, 5, 5, 6, 7).wait(8);
    expect(world.counters.general_profit).toBe(1 * 4096 - 4 * 64);
    expect(world.policy.figures().metadataBytes).toBe(256);
    expect(world.free(1, 3).counters.general_profit).toBe(4096 - 3 * 64);
    expect(world.fill(1, 0, 8).counters.general_profit).toBe(-3 * 64);
  });
});

describe('frames that were merged', () => {
  test('leave at once; the last one stays in its copy, which then saves nothing, and others may join it', () => {
    const world = new KsmCase().fill(1, 0, 5, 5, 5).wait(6);
    expect(world.state).toEqual([1, 2, 0, 0]);
    expect(world.fill(1, 0, 6).fill(1, 1, 7).state).toEqual([1, 0, 0, 2]);
    expect(world.policy.figures()).toMatchObject({ savedFrames: 0, sharedFrames: 0 });
    expect(world.policy.domainFigures(0)).toMatchObject({ sharedFrames: 0, fairSavedFrames: 0, contentChanged: 2 });
    expect(world.fill(1, 0, 5).wait(6).state).toEqual([1, 1, 1, 0]);
    // The copy goes with its last frame: what comes later waits anew.
    world.fill(1, 0, 8).fill(1, 2, 9);
    expect(world.state).toEqual([0, 0, 1, 2]);
  });

  test('of a domain that is gone leave without having changed', () => {
    const world = new KsmCase({ domains: 2 }).fill(1, 0, 5, 6).fill(2, 0, 5, 6).wait(8);
    expect(world.state).toEqual([2, 2, 0, 0]);
    expect(world.policy.domainFigures(1)).toMatchObject({ sharedFrames: 2, fairSavedFrames: 1 });
    expect(world.gone(1).state).toEqual([2, 0, 0, 0]);
    expect(world.policy.sums().contentChanged).toBe(0);
    expect(world.policy.domainFigures(1)).toMatchObject({ sharedFrames: 0, fairSavedFrames: 0 });
  });

  test('of a domain that changes its group leave, and join their like of the new group when they are visited', () => {
    const world = new KsmCase({ domains: 3 }).fill(1, 0, 5).fill(2, 0, 5).fill(3, 0, 5).wait(6);
    expect(world.state).toEqual([1, 2, 0, 0]);
    world.domain(3, 'other');
    expect(world.state).toEqual([1, 1, 0, 1]);
    expect(world.wait(6).state).toEqual([1, 1, 1, 0]);
    world.domain(2, 'other');
    expect(world.state).toEqual([1, 0, 1, 1]);
    // Domain 2 waits in the tree of `other` (visited before 3), 3 meets it; 1 keeps the old copy.
    expect(world.wait(3).state).toEqual([2, 1, 0, 0]);
    // saved(one group) ≥ saved(groups).
    expect(world.domain(2).domain(3).converge().state).toEqual([1, 2, 0, 0]);
  });
});

describe('the unstable tree', () => {
  test('is emptied at the end of a pass, but its frames count as unshared until they are visited', () => {
    const world = new KsmCase().fill(1, 0, 5, 6, 7).wait(6);
    expect(world.state).toEqual([0, 0, 3, 0]);
    // Frame 2 becomes a 5 too late to be met by frame 0 in this pass; the pass after next finds them both.
    world.fill(1, 2, 5).wait(3);
    expect(world.state).toEqual([0, 0, 2, 1]);
    expect(world.wait(3).state).toEqual([1, 1, 1, 0]);
  });

  test('does not match a frame whose content changed meanwhile', () => {
    const world = new KsmCase().fill(1, 0, 5, 6, 5).wait(4).fill(1, 0, 8).wait(2);
    expect(world.state).toEqual([0, 0, 2, 1]);
  });

  test('does not match a frame that changed and changed back: it left the tree', () => {
    const world = new KsmCase().fill(1, 0, 5, 6, 5).wait(4).fill(1, 0, 8).fill(1, 0, 5).wait(2);
    expect(world.state).toEqual([0, 0, 2, 1]);
    expect(world.wait(3).state).toEqual([1, 1, 1, 0]);
  });
});

describe('a copy of at most max_page_sharing frames', () => {
  /** Copies of 256 frames; a single one that is left over waits unstable; two make a copy of their own. */
  test.each([
    [2, 1, 1, 0, 0, 0],
    [256, 1, 255, 0, 0, 0],
    [257, 1, 255, 1, 0, 0],
    [258, 2, 256, 0, 1, 2],
    [512, 2, 510, 0, 1, 2],
    [513, 2, 510, 1, 1, 2],
    [514, 3, 511, 0, 1, 3],
  ])('of %i frames', (n, shared, sharing, unshared, chains, dups) => {
    for (const world of [new KsmCase().run(1, 0, n, 5).wait(3 * n), new KsmCase().run(1, 0, n, 5).converge()]) {
      expect(world.state).toEqual([shared, sharing, unshared, 0]);
      expect(world.counters).toMatchObject({ stable_node_chains: chains, stable_node_dups: dups });
      expect(world.policy.figures()).toMatchObject({ savedFrames: sharing, sharedFrames: shared });
    }
  });

  test.each([
    [2, 7, 3, 3, 1],
    [3, 7, 2, 4, 1],
    [3, 8, 3, 5, 0],
    [1_000_000, 2000, 1, 1999, 0],
  ])('a cap of %i and %i frames', (max, n, shared, sharing, unshared) => {
    expect(new KsmCase({ max }).run(1, 0, n, 5).converge().state).toEqual([shared, sharing, unshared, 0]);
  });

  test('takes a frame that waits as soon as another one has left it', () => {
    const world = new KsmCase({ max: 3 }).run(1, 0, 4, 5).wait(8);
    expect(world.state).toEqual([1, 2, 1, 0]);
    expect(world.fill(1, 1, 9).state).toEqual([1, 1, 1, 1]);
    expect(world.wait(4).state).toEqual([1, 2, 0, 1]);
  });

  test('is filled, the fullest first, of equally full ones the newest', () => {
    // Cap 3, nine frames: copies {0 1 2}, {3 4 5}, {6 7 8}. Two leave the first, one each the second and the third.
    const world = new KsmCase({ max: 3 }).run(1, 0, 9, 5).wait(18);
    world.fill(1, 0, 11, 12).fill(1, 3, 13).fill(1, 6, 14);
    expect(world.state).toEqual([3, 2, 0, 4]);
    const refs = (): number[] => {
      while (world.policy.settle());
      return [2, 4, 7].map((id) => world.policy.copies.refs(world.policy.copies.ofFrame(id)));
    };
    expect(refs()).toEqual([1, 2, 2]);
    world.run(1, 20, 1, 5).wait(40);
    expect(refs()).toEqual([1, 2, 3]);
    world.run(1, 21, 1, 5).wait(40);
    expect(refs()).toEqual([1, 3, 3]);
    world.run(1, 22, 1, 5).wait(40);
    expect(refs()).toEqual([2, 3, 3]);
  });
});

test('of two copies with room for two more the newest takes the next frame', () => {
  // Cap 4, eight frames: copies {0 1 2 3}, {4 5 6 7}. Two leave each.
  const world = new KsmCase({ max: 4 }).run(1, 0, 8, 5).wait(16);
  world.fill(1, 0, 11, 12).fill(1, 4, 13, 14).run(1, 20, 1, 5).wait(40);
  while (world.policy.settle());
  expect([2, 6].map((id) => world.policy.copies.refs(world.policy.copies.ofFrame(id)))).toEqual([2, 3]);
});

describe('use_zero_pages', () => {
  test('sends zero frames to the zero page once they are unchanged: no item, no further visit', () => {
    const world = new KsmCase({ zeroPages: true }).fill(1, 0, ZERO, 5, ZERO, THP_ZERO).wait(3);
    expect(world.counters).toMatchObject({ ksm_zero_pages: 0, pages_volatile: 3 });
    expect(world.wait(3).counters).toMatchObject({ ksm_zero_pages: 2, pages_unshared: 1, pages_volatile: 0 });
    expect(world.counters.general_profit).toBe(2 * 4096 - 64);
    expect(world.policy.processFigures(0)).toEqual({
      ksm_rmap_items: 1,
      ksm_zero_pages: 2,
      ksm_merging_pages: 0,
      ksm_process_profit: 2 * 4096 - 64,
    });
    // Of two zero frames the others save one.
    expect(world.policy.figures()).toMatchObject({ savedFrames: 0, zeroSavedFrames: 1 });
    // One frame is left: a pass is one visit.
    expect(world.wait(5).counters).toMatchObject({ pages_scanned: 11, full_scans: 6 });
  });

  test('a frame that leaves the zero page begins anew', () => {
    const world = new KsmCase({ zeroPages: true }).fill(1, 0, ZERO, ZERO).wait(4);
    expect(world.counters).toMatchObject({ ksm_zero_pages: 2, pages_scanned: 4 });
    expect(world.wait(100).counters).toMatchObject({ pages_scanned: 4, full_scans: 1 });
    // The visits that fell due with nothing to visit are lost.
    world.fill(1, 0, 5).wait(1);
    expect(world.counters).toMatchObject({ ksm_zero_pages: 1, pages_volatile: 1, pages_scanned: 5 });
    expect(world.free(1, 1).counters).toMatchObject({ ksm_zero_pages: 0 });
    expect(world.fill(1, 0, ZERO).wait(1).counters).toMatchObject({ ksm_zero_pages: 0, pages_volatile: 1 });
    expect(world.wait(1).counters).toMatchObject({ ksm_zero_pages: 1, pages_volatile: 0 });
    expect(world.fill(1, 0, THP_ZERO).counters).toMatchObject({ ksm_zero_pages: 1 });
  });

  test('the zero page is of no trust group', () => {
    const world = new KsmCase({ zeroPages: true, domains: 2 }).fill(1, 0, ZERO).fill(2, 0, ZERO).wait(4);
    expect(world.domain(2, 'other').counters).toMatchObject({ ksm_zero_pages: 2 });
    expect(world.converge().counters).toMatchObject({ ksm_zero_pages: 2, pages_volatile: 0 });
  });
});

describe('time', () => {
  test('page-seconds count a saving from the visit that made it, whoever looks when', () => {
    const often = new KsmCase().fill(1, 0, 5, 5);
    for (let i = 0; i < 10; i++) expect(often.wait(1).state).toHaveLength(4);
    const once = new KsmCase().fill(1, 0, 5, 5).wait(10);
    for (const world of [often, once]) {
      expect(world.state).toEqual([1, 1, 0, 0]);
      // Merged by the fourth visit, at 4 ms: 6 ms of one frame.
      expect(world.policy.pageSeconds()).toEqual({ saved: 0.006, netSaved: 0.006 });
      // Until 12 ms; then it is broken.
      expect(world.wait(2).fill(1, 0, 9).wait(100).policy.pageSeconds().saved).toBe(0.008);
    }
  });

  test('of a sleep that has not ended brings no visit, and the first one begins with the first fill', () => {
    const world = new KsmCase({ perMillisecond: 3, sleepMillis: 20 }).wait(95).fill(1, 0, 1, 2, 3, 4, 5);
    expect(world.wait(19).counters.pages_scanned).toBe(0);
    expect(world.wait(1).counters.pages_scanned).toBe(3);
    expect(world.wait(20).counters.pages_scanned).toBe(6);
  });
});

describe('the cursor', () => {
  test('stays where it is when domains and chunks come and go around it', () => {
    const world = new KsmCase({ domains: 3, frames: 20_000 });
    // Frames of three chunks, the last one named first: the visit goes by gfn all the same.
    world.fill(2, 9000, 7).fill(1, 0, 1, 2).fill(2, 0, 3, 4).fill(3, 0, 5, 6);
    const items = (): number[] => [0, 1, 2].map((slot) => world.policy.scanner.domains.items(slot).items);
    expect(world.wait(3).state).toEqual([0, 0, 0, 3]);
    expect(items()).toEqual([2, 1, 0]);
    // In front of the cursor: waits for the next pass. Behind it: belongs to this one.
    world.fill(1, 5, 8).fill(2, 5000, 8).gone(1);
    expect(world.wait(3).state).toEqual([0, 0, 0, 4]);
    expect(items()).toEqual([0, 4, 0]);
    // The one that the cursor is in goes: the pass goes on with the next one.
    world.wait(1).gone(3).domain(4).fill(4, 0, 5);
    expect(world.wait(1).counters).toMatchObject({ full_scans: 0, pages_volatile: 5 });
    // Second pass: the second domain's four wait, then the fourth's.
    expect(world.wait(5).state).toEqual([0, 0, 5, 0]);
    expect(world.counters.full_scans).toBe(1);
  });

  test('that has gone round without finding anything counts its rounds, and loses no visit', () => {
    const world = new KsmCase().fill(1, 0, 5, 5, 6, 7).wait(1_000_000_003);
    expect(world.counters).toMatchObject({ pages_scanned: 1_000_000_003, full_scans: 250_000_000 });
    // Three of the pass are done: a change of the fourth frame is seen by the next visit, one of the first later.
    world.fill(1, 3, 8).fill(1, 0, 9).wait(1);
    expect(world.state).toEqual([1, 0, 1, 2]);
    expect(world.wait(3).fill(1, 2, 8).wait(1).state).toEqual([1, 0, 1, 2]);
  });
});

describe('extra frames', () => {
  test('are visited after the RAM and merge with it, and count for the kernel only', () => {
    const world = new KsmCase({ domains: 2 }).fill(1, 0, 5).fill(2, 0, 6);
    world.say((records) => {
      records.extra(1, 0, 2, 5, 7, 0);
      records.extra(2, 0, 1, 6, 7, 0);
      records.extra(2, 4096, 1, 0x32d8bbdb, 0xac869b6f, 1);
    });
    expect(world.engine.contents.size).toBe(2);
    expect(world.wait(1).state).toEqual([0, 0, 0, 1]);
    expect(world.converge().state).toEqual([2, 3, 0, 0]);
    expect(world.policy.figures()).toMatchObject({ savedFrames: 0, zeroSavedFrames: 0, sharedFrames: 0 });
    expect(world.policy.processFigures(0)).toMatchObject({ ksm_rmap_items: 3, ksm_merging_pages: 3 });
    expect(world.policy.domainFigures(0)).toMatchObject({ sharedFrames: 0, fairSavedFrames: 0 });
    expect(world.fill(2, 1, 5).converge().policy.figures()).toMatchObject({ savedFrames: 1, sharedFrames: 1 });
    expect(world.engine.changes.knownFrames).toBe(3);
  });

  test('change by another record, outlast a smaller reservation and keyframes, and end with their domain', () => {
    const world = new KsmCase({ domains: 2 }).fill(1, 0, 5).fill(2, 0, 5);
    const extra = (content: number): KsmCase => world.say((records) => records.extra(2, 3, 1, content, 7, 0));
    expect(extra(6).converge().state).toEqual([1, 1, 1, 0]);
    expect(extra(5).converge().state).toEqual([1, 2, 0, 0]);
    world.domain(2, 'default', 0).say((records) => {
      records.keyframeBegin(2);
      records.keyframeEnd(2);
    });
    expect(world.state).toEqual([1, 1, 0, 0]);
    expect(world.gone(2).state).toEqual([1, 0, 0, 0]);
    world.engine.settle();
    // What only an extra frame held is forgotten with it.
    world.domain(2).say((records) => records.extra(2, 0, 1, 77, 7, 0));
    expect(world.engine.contents.size).toBe(2);
    world.gone(2).engine.settle();
    expect(world.engine.contents.size).toBe(1);
  });
});

describe('the state', () => {
  /** Random changes of a small memory with few contents, as [milliseconds later, what happens]. */
  function randomStory(seed: number): [number, (records: RecordBuffer) => void][] {
    const random = new SeededRandom(seed);
    return Array.from({ length: 150 }, () => {
      const [domid, gfn, content] = [1 + random.below(4), random.below(40), random.below(4)];
      const [count, roll, group] = [1 + random.below(9), random.below(20), random.below(3)];
      return [
        random.below(12),
        (records: RecordBuffer): void => {
          if (roll === 0) records.gone(domid);
          else if (roll < 4) records.domain(domid, `d${domid}`, '', `g${group}`, '', 60);
          else if (roll === 4) records.dirty(domid, gfn, count);
          else if (roll === 5) records.free(domid, gfn, count);
          else if (roll === 6) records.extra(domid, gfn, count, content + 1, 7, 0);
          else if (content > 0) records.fillRun(domid, gfn, count, content, 7, 0);
          else records.fillRun(domid, gfn, count, 0x32d8bbdb, 0xac869b6f, roll % 2);
        },
      ];
    });
  }

  test.each(Array.from({ length: 16 }, (_, seed) => seed))('does not depend on cuts and looks, seed %i', (seed) => {
    const options = { domains: 4, frames: 60, max: 2 + (seed % 5), zeroPages: seed % 2 === 1 };
    const whole = new KsmCase(options);
    const cut = new KsmCase(options);
    const story = randomStory(seed);
    let now = 0;
    whole.say((records) => {
      for (const [later, write] of story) {
        records.time((now += later) * 1000);
        write(records);
      }
    });
    for (const [i, [later, write]] of story.entries()) {
      cut.wait(later).say(write);
      if ((i + seed) % 3 === 0) expect(cut.state).toHaveLength(4);
    }
    expect(cut.counters).toEqual(whole.counters);
    expect(cut.policy.figures()).toEqual(whole.policy.figures());
    for (let slot = 0; slot < 4; slot++) {
      expect(cut.policy.domainFigures(slot)).toEqual(whole.policy.domainFigures(slot));
      expect(cut.policy.processFigures(slot)).toEqual(whole.policy.processFigures(slot));
    }
    expect(cut.policy.pageSeconds()).toEqual(whole.policy.pageSeconds());
    expect(cut.converge().counters).toEqual(whole.converge().counters);
    // Settled, it depends on memory alone, and is never more than there is to save.
    const { savedFrames } = whole.policy.figures();
    const { knownFrames, distinctContents } = whole.engine.changes;
    expect(savedFrames).toBeLessThanOrEqual(knownFrames - distinctContents);
  });
});
