/** The rules of `satori` (docs/POLICIES.md), one by one; the numbers are worked out beside them. */
import { describe, expect, test } from 'vitest';
import { A, B, C, D } from '../model/case.js';
import { ZERO_HASH } from '../model/slow-engine.js';
import { SatoriCase } from './satori-world.js';

describe('a read', () => {
  test('of a known block is avoided, and its frame saved by block', () => {
    const world = new SatoriCase(['a', 'b']).read(1, 0, A).read(2, 0, A).fill(1, 0, A).fill(2, 0, A);
    expect(world.figures).toMatchObject({ readsIssued: 1, readsAvoidedCross: 1, contentHits: 0 });
    expect(world.figures).toMatchObject({ savedFrames: 1, savedByBlock: 1, savedByContent: 0, residentSlots: 1 });
  });

  test('of another block of the same content is issued; the memory is saved by content, later the read too', () => {
    const world = new SatoriCase(['a', 'b', 'c']).read(1, 0, A).read(2, 7, A).fill(1, 0, A).fill(2, 0, A);
    expect(world.figures).toMatchObject({ readsIssued: 2, readsAvoided: 0, contentHits: 1, residentSlots: 1 });
    expect(world.figures).toMatchObject({ savedFrames: 1, savedByBlock: 0, savedByContent: 1, duplicateSlots: 0 });
    // Block 7 is a key of the slot now. c's frame is b's block: by block; a's is another: by content.
    world.read(3, 7, A).fill(3, 0, A);
    expect(world.figures).toMatchObject({ readsAvoidedCross: 1, savedFrames: 2, savedByBlock: 1, savedByContent: 1 });
  });

  test('is cross or own by who has read by this key, not by another key of the slot', () => {
    // a brings A by block 0, b by block 7; b's second read of 7 is its own: a bigger cache would have answered it.
    const world = new SatoriCase(['a', 'b']).read(1, 0, A).read(2, 7, A).read(2, 7, A).read(2, 0, A);
    expect(world.figures).toMatchObject({ readsIssued: 2, readsAvoidedOwn: 1, readsAvoidedCross: 1 });
  });

  test('of one domain of two blocks of a content makes two frames of one slot', () => {
    const world = new SatoriCase(['a']).read(1, 0, A).read(1, 1, A).read(1, 0, A).fill(1, 0, A, A, A);
    // Two entries (a re-read adds none), so the third frame is bound by nothing.
    expect(world.figures).toMatchObject({ boundFrames: 2, savedFrames: 1, savedByContent: 1, bindExpired: 0 });
  });

  test('of another group finds neither block nor content', () => {
    const world = new SatoriCase(['a', 'b']).domain(2, 'b', { group: 'red' });
    world.read(1, 0, A).read(2, 0, A).read(2, 7, A).fill(1, 0, A).fill(2, 0, A, A);
    expect(world.figures).toMatchObject({ readsIssued: 3, contentHits: 1, residentSlots: 2, savedFrames: 1 });
    expect(world.figures.duplicateSlots).toBe(1);
  });

  test('of an own written block or a writable image is looked up by content only, and leaves no key', () => {
    const world = new SatoriCase(['a', 'b']).write(1, 5).read(1, 5, A).read(2, 4, A).read(2, 9, A, { image: 2 });
    // a's read takes the slot, b's two find it; only block 4 is a key.
    expect(world.figures.readsIneligible).toEqual({ unaligned: 0, ownWritten: 1, writableImage: 1 });
    expect(world.figures).toMatchObject({ readsSeen: 1, readsIssued: 1, contentHits: 2, residentSlots: 1 });
    world.fill(1, 0, A).fill(2, 0, A, A);
    expect(world.figures).toMatchObject({ savedFrames: 2, savedByBlock: 0, savedByContent: 2 });
    // The written block is no key: another domain's read of it is issued, and finds the content.
    expect(world.read(2, 5, A).figures).toMatchObject({ readsIssued: 2, readsAvoided: 0, contentHits: 3 });
  });

  test('that is not eligible and not of known, non-zero content does nothing', () => {
    const world = new SatoriCase(['a']).read(1, 5, null, { image: 2 }).read(1, 6, ZERO_HASH, { image: 2 });
    expect(world.figures).toMatchObject({ residentSlots: 0, contentHits: 0, readsSeen: 0 });
  });

  test('that finds no room in a region of 0 frames leaves nothing', () => {
    const world = new SatoriCase(['a', 'b'], { region: { frames: 0 }, victim: 'sharers' }).read(1, 0, A).read(2, 0, A);
    expect(world.figures).toMatchObject({ readsIssued: 2, residentSlots: 0, bindExpired: 0 });
  });
});

describe('a key', () => {
  test('whose block changed is dropped, not its slot: who has the old content still shares it', () => {
    const world = new SatoriCase(['a', 'b', 'c']).read(1, 0, A).read(2, 0, A).fill(1, 0, A).fill(2, 0, A);
    world.read(3, 0, B);
    expect(world.figures).toMatchObject({ identityConflicts: 1, readsIssued: 2, readsAvoided: 1, residentSlots: 2 });
    expect(world.figures).toMatchObject({ savedFrames: 1, savedByBlock: 1, boundFrames: 2 });
    // The block is B's key now; A is found by content only.
    world.read(1, 0, B).read(1, 8, A);
    expect(world.figures).toMatchObject({ readsAvoidedCross: 2, contentHits: 1, residentSlots: 2 });
  });

  test('of a zero block has no slot; one that holds something else later is a conflict', () => {
    const world = new SatoriCase(['a', 'b']).read(1, 0, ZERO_HASH).read(2, 0, null).fill(1, 0, ZERO_HASH);
    expect(world.figures).toMatchObject({ readsIssued: 1, readsAvoidedCross: 1, residentSlots: 0, boundFrames: 0 });
    world.read(1, 0, A).fill(1, 0, A);
    expect(world.figures).toMatchObject({ identityConflicts: 1, readsIssued: 2, residentSlots: 1, boundFrames: 1 });
  });

  test('goes with its slot: after an eviction every block of the content is read again', () => {
    const world = new SatoriCase(['a'], { region: { frames: 1 }, victim: 'lru' }).read(1, 0, A).read(1, 1, A);
    world.read(1, 0, A).read(1, 1, A);
    expect(world.figures).toMatchObject({ readsIssued: 2, readsAvoidedOwn: 2, contentHits: 1, evictions: 0 });
    // B takes the only slot: two entries of A are dropped.
    world.read(1, 2, B);
    expect(world.figures).toMatchObject({ evictions: 1, bindExpired: 2, residentSlots: 1 });
    world.read(1, 0, A).read(1, 1, A);
    expect(world.figures).toMatchObject({ readsIssued: 5, contentHits: 2, evictions: 2 });
  });
});

describe('a slot of unknown hash', () => {
  test('takes the content that is seen in its frame, and is found by it from then on', () => {
    const world = new SatoriCase(['a', 'b']).read(1, 0, null, { gfn: 3 }).fill(1, 3, A).read(2, 7, A).fill(2, 0, A);
    expect(world.figures).toMatchObject({ residentSlots: 1, contentHits: 1, savedFrames: 1, savedByContent: 1 });
  });

  test('becomes part of the slot that has the content already, with all that is in it', () => {
    const world = new SatoriCase(['a', 'b', 'c', 'd']).read(1, 0, A).fill(1, 0, A).read(2, 7, null, { gfn: 3 });
    world.read(3, 7, null).read(4, 7, null);
    expect(world.figures).toMatchObject({ residentSlots: 2, boundFrames: 2, savedFrames: 0, idleSlots: 0 });
    world.fill(2, 3, A);
    expect(world.figures).toMatchObject({ residentSlots: 1, boundFrames: 2, savedFrames: 1, savedByContent: 1 });
    // c and d wait at the slot that is left: their frames bind to it, by the block that b brought.
    world.fill(3, 0, A).fill(4, 0, A);
    expect(world.figures).toMatchObject({ savedFrames: 3, savedByBlock: 2, savedByContent: 1, evictions: 0 });
    expect(world.read(1, 7, A).figures).toMatchObject({ readsAvoidedCross: 3, readsIssued: 2, bindExpired: 0 });
  });

  test('becomes part of it too when another read tells the hash; that read is avoided', () => {
    const world = new SatoriCase(['a', 'b']).read(1, 0, A).fill(1, 0, A).read(2, 7, null, { gfn: 3 }).read(1, 7, A);
    expect(world.figures).toMatchObject({ residentSlots: 1, readsAvoidedCross: 1, boundFrames: 2, savedFrames: 1 });
  });

  test('that turns out to be zero goes; its key stays, with its readers', () => {
    const world = new SatoriCase(['a', 'b']).read(1, 0, null, { gfn: 3 }).read(2, 0, ZERO_HASH);
    expect(world.figures).toMatchObject({ residentSlots: 0, boundFrames: 0, readsAvoidedCross: 1 });
    expect(world.read(1, 0, ZERO_HASH).figures).toMatchObject({ readsAvoidedCross: 2, identityConflicts: 0 });
  });

  test('waits a minute as any other: entries that moved keep their age', () => {
    const world = new SatoriCase(['a', 'b']).at(1).read(2, 7, null).at(30).read(1, 0, A).at(40).read(1, 7, A);
    // b's entry of second 1 moved to A's slot at 40; it is over after 61.
    expect(world.at(61.5).figures.bindExpired).toBe(0);
    expect(world.fill(2, 0, A).figures).toMatchObject({ bindExpired: 1, boundFrames: 0 });
  });
});

describe('a broken share', () => {
  /** a and b share A; a has B alone in frame 1, which is volatile. */
  const shared = (fifo?: number): SatoriCase => {
    const world = new SatoriCase(['a', 'b'], undefined, fifo).read(1, 0, A).read(2, 0, A).read(1, 1, B);
    return world.fill(1, 0, A, B).fill(2, 0, A);
  };

  test('takes the oldest volatile page of the writer: its block must be read again', () => {
    const world = shared();
    expect(world.figures).toMatchObject({ savedFrames: 1, fifoFrames: 1, broken: 0 });
    world.fill(1, 0, C);
    // b's frame is alone now, and volatile; a's B was taken: its slot is gone.
    expect(world.figures).toMatchObject({ savedFrames: 0, broken: 1, repaid: 1, enomem: 0, fifoFrames: 1 });
    expect(world.figures).toMatchObject({ residentSlots: 1, boundFrames: 1, evictions: 0 });
    expect(world.read(2, 1, B).figures).toMatchObject({ readsIssued: 3, contentHits: 0 });
  });

  test('with an empty FIFO is an ENOMEM event with time and domain', () => {
    const world = shared().at(12.5).fill(2, 0, C);
    // b has no other page; a's frame 0 is alone now, beside frame 1.
    expect(world.figures).toMatchObject({ broken: 1, repaid: 0, enomem: 1, fifoFrames: 2, residentSlots: 2 });
    expect(world.figures.enomemEvents).toEqual([{ time: 12.5, domain: 'b' }]);
  });

  test('with `fifo=0` is always one; the newest 64 are listed, oldest first', () => {
    const world = new SatoriCase(['a', 'b'], undefined, 0);
    for (let i = 0; i < 70; i++) {
      world
        .at(i + 1)
        .read(1, 0, A)
        .read(2, 0, A)
        .fill(1, 0, A)
        .fill(2, 0, A);
      world.fill(1, 0, BigInt(1000 + i)).fill(2, 0, BigInt(2000 + i));
    }
    const { enomem, enomemEvents, fifoFrames } = world.figures;
    expect({ enomem, fifoFrames }).toEqual({ enomem: 70, fifoFrames: 0 });
    expect(enomemEvents.map(({ time }) => time)).toEqual(Array.from({ length: 64 }, (_, i) => i + 7));
  });

  test('is one only for who writes a frame that others share', () => {
    expect(shared().free(1, 0).figures).toMatchObject({ broken: 0, savedFrames: 0, fifoFrames: 2 });
    expect(shared().gone(1).figures).toMatchObject({ broken: 0, fifoFrames: 1 });
    expect(shared().domain(1, 'a', { group: 'red' }).figures).toMatchObject({ broken: 0, fifoFrames: 1 });
    expect(shared().dirty(1, 0).figures).toMatchObject({ broken: 1, repaid: 1 });
    expect(shared().fill(1, 0, ZERO_HASH).figures).toMatchObject({ broken: 1, repaid: 1 });
    // The last frame of a slot needs no copy.
    expect(shared().fill(1, 1, C).figures).toMatchObject({ broken: 0, fifoFrames: 0, idleSlots: 1 });
  });

  test('takes pages in the order in which they became volatile', () => {
    const world = shared().read(1, 2, C).read(1, 3, D).fill(1, 2, D, C);
    // B since the start, then D, then C. A is broken: B goes. b reads A and shares it with nobody.
    expect(world.fill(1, 0, 77n).figures).toMatchObject({ repaid: 1, residentSlots: 3 });
    world.read(1, 0, A).fill(1, 9, A).fill(1, 9, 78n);
    expect(world.figures).toMatchObject({ repaid: 2, residentSlots: 2 });
    // D is gone, C is still there: after b's read of A and a's second one the third that is avoided.
    expect(world.read(2, 2, C).figures.readsAvoidedCross).toBe(3);
    expect(world.read(2, 3, D).figures.contentHits).toBe(0);
  });

  test('may take the page that the read that broke it was answered from', () => {
    // a's frame 1 is the block's only one; the block is read again into frame 0, which b shares A with.
    const world = shared().read(1, 1, B, { gfn: 0 });
    // B is taken with its entry: the new frame is bound to nothing.
    expect(world.figures).toMatchObject({ repaid: 1, residentSlots: 1, boundFrames: 1, bindExpired: 1 });
    const unknown = shared().read(1, 1, null, { gfn: 0 });
    expect(unknown.figures).toMatchObject({ repaid: 1, residentSlots: 1, boundFrames: 1, bindExpired: 1 });
  });

  test('leaves a full FIFO as it is: what became volatile meanwhile is not in it', () => {
    const world = shared(1).read(1, 2, C).fill(1, 2, C);
    expect(world.figures.fifoFrames).toBe(1);
    // B is taken; C did not fit then, and does not join now.
    expect(world.fill(1, 0, D).figures).toMatchObject({ repaid: 1, fifoFrames: 1, residentSlots: 2 });
    expect(world.satori.sharing.fifos.count(0)).toBe(0);
  });
});
