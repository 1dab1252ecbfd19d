/** The rules of the designated sharing area, one by one; the numbers are worked out beside them. */
import { describe, expect, test } from 'vitest';
import { A, B, C, Case, D } from '../model/case.js';
import { ZERO_HASH } from '../model/slow-engine.js';

describe('a read', () => {
  test('of N domains of the same B cold blocks is issued B times and avoided (N−1)B times (facts V18)', () => {
    const world = new Case(['a', 'b', 'c', 'd'], { frames: 5 });
    for (let domid = 1; domid <= 4; domid++) {
      for (let block = 0; block < 5; block++) world.read(domid, block, BigInt(100 + block));
    }
    expect(world.dlps).toMatchObject({ readsSeen: 20, readsIssued: 5, readsAvoided: 15, readsAvoidedCross: 15 });
    expect(world.dlps).toMatchObject({ residentSlots: 5, idleSlots: 5, netSavedFrames: -5, evictions: 0 });
    for (let domid = 1; domid <= 4; domid++) world.fill(domid, 10, 100n, 101n, 102n, 103n, 104n);
    // 20 frames need 5: each of the 5 slots saves 4 − 1.
    expect(world.dlps).toMatchObject({ boundFrames: 20, savedFrames: 15, netSavedFrames: 15, idleSlots: 0 });
  });

  test('is cross if another domain had read the block, own if only the domain itself had', () => {
    // a: issued, own; b: cross; a again: cross, because b has read it meanwhile.
    const world = new Case(['a', 'b']).read(1, 0, A).read(1, 0, A).read(2, 0, A).read(1, 0, A);
    expect(world.dlps).toMatchObject({ readsIssued: 1, readsAvoidedOwn: 1, readsAvoidedCross: 2 });
    const [a, b] = world.figures.domains;
    expect(a.dlps).toMatchObject({ readsSeen: 3, readsAvoided: 2 });
    expect(b.dlps).toMatchObject({ readsSeen: 1, readsAvoided: 1 });
  });

  test('is cross after the same domain returned: it is another life', () => {
    const world = new Case(['a']).read(1, 0, A).gone(1).domain(1, 'a').read(1, 0, A);
    expect(world.dlps).toMatchObject({ readsAvoidedCross: 1, readsAvoidedOwn: 0, bindExpired: 1 });
  });

  test('that is unaligned, of an own written block or of a writable image is not eligible, in this order', () => {
    const world = new Case(['a', 'b']).image(2, 'scratch', false).write(1, 7, 2);
    world.say({ kind: 'blockWrite', domid: 1, image: 2, block: 0, count: 1 });
    world.read(1, 7, A, { aligned: false }).read(1, 0, A, { image: 2, aligned: false });
    world.read(1, 7, A).read(1, 8, A).read(1, 0, A, { image: 2 });
    world.read(1, 1, A, { image: 2 }).read(2, 0, A, { image: 2 }).read(2, 0, A, { image: 9 });
    expect(world.dlps.readsIneligible).toEqual({ unaligned: 2, ownWritten: 3, writableImage: 3 });
    expect(world.dlps).toMatchObject({ readsSeen: 0, residentSlots: 0 });
  });

  test('of a block that another domain has written is eligible; the writer may again in another life', () => {
    const world = new Case(['a', 'b']).write(1, 7).read(2, 7, A).read(1, 7, B).read(2, 7, A);
    expect(world.dlps).toMatchObject({ readsSeen: 2, readsIssued: 1, readsAvoidedOwn: 1 });
    world.gone(1).domain(1, 'a').read(1, 7, A);
    expect(world.dlps).toMatchObject({ readsSeen: 3, readsAvoidedCross: 1 });
    expect(world.dlps.readsIneligible.ownWritten).toBe(1);
  });

  test('of an image that is declared late is of the disk that was written before', () => {
    const world = new Case(['a']).say({ kind: 'blockWrite', domid: 1, image: 3, block: 5, count: 1 });
    world.image(3, 'late', true).read(1, 5, A, { image: 3 }).read(1, 6, A, { image: 3 });
    expect(world.dlps.readsIneligible.ownWritten).toBe(1);
    expect(world.dlps.readsSeen).toBe(1);
  });

  test('knows an image by its name in every stream, and two images of one stream apart', () => {
    const world = new Case(['a']).from(1).domain(1, 'b').image(4, 'disk', true).image(5, 'disk', true);
    world.from(0).read(1, 0, A).from(1).read(1, 0, A, { image: 4 }).read(1, 0, A, { image: 5 });
    expect(world.dlps).toMatchObject({ readsIssued: 2, readsAvoidedCross: 1 });
  });
});

describe('binding', () => {
  test('takes the oldest read of that content; a re-read neither adds nor moves an entry', () => {
    // Blocks 0 and 1 hold A. a reads 0, 1, 0 again: entries 0, 1. Its frames bind to 0, then 1; a third binds nothing.
    const world = new Case(['a', 'b']).read(1, 0, A).read(1, 1, A).read(1, 0, A).read(2, 1, A);
    world.fill(1, 0, A);
    // b's entry is of block 1: if a's frame is in slot 1 now, b's makes two references.
    world.fill(2, 0, A);
    expect(world.dlps).toMatchObject({ boundFrames: 2, savedFrames: 0, residentSlots: 2, duplicateSlots: 1 });
    world.fill(1, 1, A, A);
    // The second went to slot 1, where b is; the third found no entry.
    expect(world.dlps).toMatchObject({ boundFrames: 3, savedFrames: 1 });
    expect(world.host).toMatchObject({ knownFrames: 4, potentialSavedFrames: 3 });
  });

  test('needs a fill that changes the frame', () => {
    const world = new Case(['a']).fill(1, 0, A).read(1, 0, A).fill(1, 0, A);
    expect(world.dlps.boundFrames).toBe(0);
    expect(world.fill(1, 0, B, A).dlps.boundFrames).toBe(1);
  });

  test('is given up after more than a minute of trace time', () => {
    const world = new Case(['a', 'b']).at(1).read(1, 0, A).read(2, 1, B);
    // Exactly 60 s: still there, and a's frame binds.
    expect(world.at(61).fill(1, 0, A).dlps).toMatchObject({ boundFrames: 1, bindExpired: 0 });
    // 1 µs later b's is dropped before the record of that time.
    expect(world.at(61.000001).fill(2, 0, B).dlps).toMatchObject({ boundFrames: 1, bindExpired: 1 });
  });

  test('counts its minute from the newest time, also for a late read', () => {
    const world = new Case(['a']).at(100).fill(1, 9, C).at(30).read(1, 0, A).at(160).fill(1, 0, A);
    expect(world.dlps).toMatchObject({ boundFrames: 1, bindExpired: 0 });
  });

  test('of two domains saves a frame: one copy, shared by both (facts V2), and four references save three', () => {
    const world = new Case(['a', 'b', 'c']).read(1, 0, A).read(2, 0, A).fill(1, 0, A).fill(2, 0, A);
    let { dlps, domains } = world.figures;
    // freed = 1, used = 1, and each domain has one shared page.
    expect(dlps).toMatchObject({ savedFrames: 1, sharedFrames: 1 });
    expect(domains.map((domain) => domain.dlps.sharedFrames)).toEqual([1, 1, 0]);
    expect(domains.map((domain) => domain.dlps.fairSavedFrames)).toEqual([0.5, 0.5, 0]);
    world.read(1, 0, A).fill(1, 1, A).read(3, 0, A).fill(3, 0, A);
    ({ dlps, domains } = world.figures);
    expect(dlps).toMatchObject({ savedFrames: 3, sharedFrames: 1 });
    // 3/4 for each of the four frames (facts V6).
    expect(domains.map((domain) => domain.dlps.fairSavedFrames)).toEqual([1.5, 0.75, 0.75]);
  });

  test('ends when the content of the frame does: overwritten, zeroed, unknown or freed', () => {
    const world = new Case(['a']);
    for (let i = 0; i < 6; i++) world.read(1, i, BigInt(50 + i)).fill(1, i, BigInt(50 + i));
    expect(world.dlps).toMatchObject({ boundFrames: 6, idleSlots: 0 });
    world.fill(1, 0, B, ZERO_HASH).dirty(1, 2).free(1, 3).domain(1, 'a', { frames: 5 });
    expect(world.dlps.contentChanged).toEqual({ overwritten: 1, zeroed: 1, unknown: 1, freed: 2 });
    expect(world.dlps).toMatchObject({ boundFrames: 1, idleSlots: 5 });
    expect(world.figures.domains[0].dlps.contentChanged).toBe(5);
    // Who is destroyed did not change what it held; a keyframe that leaves a frame out frees it.
    world.say({ kind: 'keyframeBegin', domid: 1 }).say({ kind: 'keyframeEnd', domid: 1 });
    expect(world.dlps.contentChanged.freed).toBe(3);
    world.read(1, 9, A).fill(1, 0, A).gone(1);
    expect(world.dlps).toMatchObject({ boundFrames: 0, contentChanged: { freed: 3, overwritten: 1 } });
  });
});

describe('a read of unknown hash', () => {
  test('whose frame is known binds it at once; the next fill tells the content to all who wait for it', () => {
    const world = new Case(['a', 'b']).read(1, 0, null, { gfn: 3 }).read(2, 0, null);
    expect(world.host).toMatchObject({ unknownFrames: 1, knownFrames: 0 });
    expect(world.dlps).toMatchObject({ boundFrames: 1, readsIssued: 1, readsAvoidedCross: 1 });
    // b's frame cannot be known to be the block's before a's is seen.
    expect(world.fill(2, 0, B).dlps.boundFrames).toBe(1);
    world.fill(1, 3, A).fill(2, 0, A);
    expect(world.dlps).toMatchObject({ boundFrames: 2, savedFrames: 1 });
    expect(world.dlps.contentChanged.overwritten).toBe(0);
  });

  test('leaves the frame bound if the block is read into it again, and frees it for another block', () => {
    const world = new Case(['a']).read(1, 0, null, { gfn: 3 }).read(1, 0, null, { gfn: 3 });
    expect(world.dlps).toMatchObject({ boundFrames: 1, contentChanged: { overwritten: 0, unknown: 0 } });
    world.read(1, 1, null, { gfn: 3 });
    expect(world.dlps).toMatchObject({ boundFrames: 1, idleSlots: 1, contentChanged: { overwritten: 1, unknown: 0 } });
    // Written since: no longer the block, whatever it was.
    world.dirty(1, 3);
    expect(world.dlps).toMatchObject({ boundFrames: 0, idleSlots: 2, contentChanged: { overwritten: 1, unknown: 1 } });
  });

  test('does not take the content of another block for its own', () => {
    // Block 0 is in frame 3, unseen. Then block 1, known to be B, is read into the same frame: block 0 is not B.
    const world = new Case(['a', 'b']).read(1, 0, null, { gfn: 3 }).read(1, 1, B, { gfn: 3 });
    expect(world.dlps).toMatchObject({ boundFrames: 1, idleSlots: 1, contentChanged: { overwritten: 1 } });
    world.read(2, 0, A);
    expect(world.dlps).toMatchObject({ identityConflicts: 0, readsAvoidedCross: 1 });
  });

  test('of a block that others know binds to their slot, until something else is seen in the frame', () => {
    const world = new Case(['a', 'b']).read(2, 0, A).read(1, 0, null, { gfn: 3 }).read(1, 1, null, { gfn: 4 });
    world.fill(1, 3, A);
    expect(world.dlps).toMatchObject({ boundFrames: 2, contentChanged: { overwritten: 0 } });
    world.read(2, 1, C).fill(1, 4, D);
    expect(world.dlps).toMatchObject({ boundFrames: 1, contentChanged: { overwritten: 1 } });
  });

  test('learns that the block is zero from another read: no frame is needed, its readers are remembered', () => {
    const world = new Case(['a', 'b']).read(1, 0, null, { gfn: 3 });
    expect(world.dlps).toMatchObject({ residentSlots: 1, boundFrames: 1 });
    world.read(2, 0, ZERO_HASH);
    expect(world.dlps).toMatchObject({ residentSlots: 0, boundFrames: 0, readsAvoidedCross: 1, identityConflicts: 0 });
  });
});

describe('a zero block', () => {
  test('hits and misses like any other, takes no slot and binds nothing', () => {
    const world = new Case(['a', 'b'], { frames: 1 }).read(1, 0, ZERO_HASH).read(2, 1, A).read(2, 0, ZERO_HASH);
    world.read(2, 0, null).fill(1, 0, ZERO_HASH);
    expect(world.dlps).toMatchObject({ readsIssued: 2, readsAvoidedCross: 2, residentSlots: 1, boundFrames: 0 });
    expect(world.dlps.evictions).toBe(0);
  });

  test('that holds something else later is a conflict, and takes a slot then', () => {
    const world = new Case(['a']).read(1, 0, ZERO_HASH).read(1, 0, A).read(1, 0, A);
    expect(world.dlps).toMatchObject({ identityConflicts: 1, readsIssued: 2, readsAvoidedOwn: 1, residentSlots: 1 });
  });
});

describe('a block that changed', () => {
  test('is an identity conflict: its slot is dropped, the read issued, the frames are private again', () => {
    const world = new Case(['a', 'b', 'c']).read(1, 0, A).read(2, 0, A).read(3, 0, A).fill(1, 0, A).fill(2, 0, A);
    expect(world.dlps).toMatchObject({ boundFrames: 2, savedFrames: 1 });
    world.read(3, 0, B);
    expect(world.dlps).toMatchObject({ identityConflicts: 1, readsIssued: 2, boundFrames: 0, residentSlots: 1 });
    // c's wait for A is over; the contents of a's and b's frames did not change.
    expect(world.dlps).toMatchObject({ bindExpired: 1, evictions: 0, contentChanged: { overwritten: 0, freed: 0 } });
    // The slot is new: c alone has read it.
    expect(world.read(3, 0, B).dlps.readsAvoidedOwn).toBe(1);
  });
});

describe('a change of trust group', () => {
  test('ends what the domain shared and waits for; the blocks are others from then on', () => {
    const world = new Case(['a', 'b']).read(1, 0, A).read(2, 0, A).read(1, 1, B).fill(1, 0, A).fill(2, 0, A);
    expect(world.dlps).toMatchObject({ boundFrames: 2, savedFrames: 1 });
    world.domain(1, 'a', { group: 'red' });
    expect(world.dlps).toMatchObject({ boundFrames: 1, savedFrames: 0, bindExpired: 1 });
    expect(world.dlps.contentChanged).toEqual({ overwritten: 0, zeroed: 0, unknown: 0, freed: 0 });
    world.read(1, 0, A).read(1, 0, A).fill(1, 1, A);
    expect(world.dlps).toMatchObject({ readsIssued: 3, readsAvoidedOwn: 1, residentSlots: 3, duplicateSlots: 1 });
    expect(world.dlps).toMatchObject({ boundFrames: 2, savedFrames: 0 });
    // The memory is as identical as before; only this scheme may not use it.
    expect(world.host.potentialSavedFrames).toBe(2);
  });

  test('does not forget what the domain wrote', () => {
    const world = new Case(['a']).write(1, 0).domain(1, 'a', { group: 'red' }).read(1, 0, A);
    expect(world.dlps.readsIneligible.ownWritten).toBe(1);
  });
});

describe('duplicates', () => {
  test('are slots of equal content; one whose content is unknown is no duplicate', () => {
    const world = new Case(['a']).read(1, 0, A).read(1, 1, A).read(1, 2, A).read(1, 3, B).read(1, 4, null);
    expect(world.read(1, 5, null).dlps).toMatchObject({ residentSlots: 6, duplicateSlots: 2 });
  });
});
