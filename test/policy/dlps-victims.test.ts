/** Which slot a full region gives up: the order of victims, worked out by hand, and the region's size. */
import { assert, describe, expect, test } from 'vitest';
import { GuardedPolicy } from '../../src/monitor/guarded-policy.js';
import { DlpsPolicy } from '../../src/policy/dlps.js';
import { A, Case } from '../model/case.js';

const hash = (block: number): bigint => BigInt(1000 + block);

class Region extends Case {
  reads(domid: number, ...blocks: number[]): this {
    for (const block of blocks) this.read(domid, block, hash(block));
    return this;
  }

  resize(frames: number): void {
    const guard = this.fast.dlps;
    assert(guard instanceof GuardedPolicy, 'policies are guarded');
    const dlps = guard.running;
    assert(dlps instanceof DlpsPolicy, 'dlps is the first policy');
    dlps.resize(frames);
    this.slow.dlps.resize(frames);
  }

  /** Which of the blocks are resident, by the slow model's own list (it has the same figures). */
  resident(...blocks: number[]): number[] {
    expect(this.dlps.residentSlots).toBe(this.slow.dlps.slots.size);
    const kept = new Set([...this.slow.dlps.slots.values()].map((slot) => slot.hash));
    return blocks.filter((block) => kept.has(hash(block)));
  }
}

describe('the victim', () => {
  test('is first a block without sharers, then one with a single one, and only then one that is shared', () => {
    const world = new Region(['a', 'b'], { frames: 3 });
    // 0 is read by both (two sharers); 1 and 2 by a.
    world.reads(1, 0).reads(2, 0).at(30).reads(1, 1).fill(1, 1, hash(1)).at(31).reads(1, 2);
    // At 92 s the waits for 0 (92 s ago) and 2 (61 s ago) are over: both have no sharer. 1 is bound: one sharer.
    world.at(92);
    // 0 became a block without sharers first, but it was hit: it gets a second round, and 2 goes.
    expect(world.reads(1, 3).resident(0, 1, 2, 3)).toEqual([0, 1, 3]);
    // 0 is the only one without sharers, and its bit is spent.
    expect(world.reads(1, 4).resident(0, 1, 2, 3, 4)).toEqual([1, 3, 4]);
    // 1, 3, 4 have one sharer each; 1 is the oldest. Its frame goes back to a: nothing changed in it.
    expect(world.reads(2, 5).resident(1, 3, 4, 5)).toEqual([3, 4, 5]);
    expect(world.dlps).toMatchObject({ evictions: 3, boundFrames: 0, contentChanged: { overwritten: 0, freed: 0 } });
    // Waits of 0 by a and b and of 2 by a are over; nobody waited for 1.
    expect(world.dlps.bindExpired).toBe(3);
  });

  test('keeps its place and its bit when the number of sharers changes: the new tail, the old bit', () => {
    const world = new Region(['a', 'b'], { frames: 2 });
    // Both shared: 1 came to that ring first.
    world.reads(1, 0, 1).reads(2, 1, 0);
    // b drops both waits (another group): ring of one sharer again, in the order 1, 0, both still referenced.
    world.domain(2, 'b', { group: 'red' });
    // Both bits are cleared in the first round, then the head goes: 1.
    expect(world.reads(1, 2).resident(0, 1, 2)).toEqual([0, 2]);
  });

  test('of `clock` is the first in order of coming that was not hit since the hand passed', () => {
    const world = new Region(['a', 'b'], { frames: 2 }, 'clock').reads(1, 0, 1).reads(2, 0);
    expect(world.reads(1, 2).resident(0, 1, 2)).toEqual([0, 2]);
    // The hand took the bit of 0: now it goes, however many share it.
    expect(world.reads(1, 3).resident(0, 1, 2, 3)).toEqual([2, 3]);
  });

  test('of `lru` is the one that was read longest ago', () => {
    // Hit in the order 1, 0: clock would take both bits and then the first comer, 0.
    const reads = (world: Region): Region => world.reads(1, 0, 1, 1, 0, 2);
    expect(reads(new Region(['a'], { frames: 2 }, 'lru')).resident(0, 1, 2)).toEqual([0, 2]);
    expect(reads(new Region(['a'], { frames: 2 }, 'clock')).resident(0, 1, 2)).toEqual([1, 2]);
  });

  test('loses who waits for it', () => {
    const world = new Region(['a', 'b'], { frames: 1 }).reads(1, 0).reads(2, 0).reads(1, 1).fill(1, 0, hash(0));
    expect(world.dlps).toMatchObject({ evictions: 1, bindExpired: 2, boundFrames: 0 });
  });
});

describe('the region', () => {
  test('of no frame takes nothing: every read of a block that is not zero is issued', () => {
    const world = new Region(['a', 'b'], { frames: 0 }).reads(1, 0).reads(2, 0).fill(1, 0, hash(0));
    expect(world.dlps).toMatchObject({ readsIssued: 2, readsAvoided: 0, residentSlots: 0, bindExpired: 0 });
  });

  test('in percent is of the reservations, of the host’s memory as soon as that is known', () => {
    const world = new Region(['a', 'b'], { percent: 2 });
    // 2 × 100 frames: 4.
    world.reads(1, 0, 1, 2, 3, 4);
    expect(world.dlps).toMatchObject({ regionFrames: 4, residentSlots: 4, evictions: 1 });
    // 2 % of 160 are 3.2 frames.
    world.say({ kind: 'host', name: 'h', hypervisor: '', frames: 160 });
    expect(world.dlps).toMatchObject({ regionFrames: 3, residentSlots: 3, evictions: 2 });
    world.domain(3, 'c', { frames: 9999 });
    expect(world.dlps.regionFrames).toBe(3);
    // Never less than one.
    world.say({ kind: 'host', name: 'h', hypervisor: '', frames: 10 });
    expect(world.dlps).toMatchObject({ regionFrames: 1, residentSlots: 1, evictions: 4 });
  });

  test('that is made smaller gives up slots at once, and may grow again', () => {
    const world = new Region(['a'], { frames: 4 }).reads(1, 0, 1, 2, 3);
    world.resize(2);
    expect(world.resident(0, 1, 2, 3)).toEqual([2, 3]);
    world.resize(3);
    expect(world.reads(1, 4, 5).resident(2, 3, 4, 5)).toEqual([3, 4, 5]);
    expect(world.dlps.evictions).toBe(3);
  });

  test('that is unlimited keeps everything', () => {
    const world = new Region(['a']);
    for (let block = 0; block < 200; block++) world.reads(1, block);
    expect(world.dlps).toMatchObject({ regionFrames: null, residentSlots: 200, idleSlots: 200, evictions: 0 });
    expect(world.fill(1, 0, A).dlps.boundFrames).toBe(0);
  });
});
