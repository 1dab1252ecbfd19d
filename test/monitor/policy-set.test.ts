/** Policies side by side: one that throws, wherever it throws, is switched off alone and says so. */
import { describe, expect, test } from 'vitest';
import type { DomainPolicyFigures } from '../../src/figures/domain-figures.js';
import type { PolicyFigures } from '../../src/figures/policy-figures.js';
import type { Monitor } from '../../src/monitor/monitor.js';
import { PolicySet } from '../../src/monitor/policy-set.js';
import { reportFigures } from '../../src/monitor/report-figures.js';
import type { Policy, PolicySums } from '../../src/policy/policy.js';
import { apply, ask, newMonitor } from './ask.js';

type Part = 'apply' | 'settle' | 'figures' | 'sums' | 'domainFigures' | 'sharedRefs';

/** Counts what it is given; from `breaks()` on, `part` throws. */
class FragilePolicy implements Policy {
  readonly name = 'fragile';
  readonly bytes = 64;
  isBroken = false;
  applied = 0;

  constructor(readonly part: Part) {}

  #enter(part: Part): void {
    if (this.isBroken && part === this.part) throw new RangeError('made for a test');
  }

  apply(_words: Uint32Array, used: number): void {
    this.#enter('apply');
    this.applied += used;
  }

  settle(): boolean {
    this.#enter('settle');
    return false;
  }

  figures(): PolicyFigures {
    this.#enter('figures');
    return {
      name: this.name,
      savedFrames: 7,
      zeroSavedFrames: 0,
      netSavedFrames: 6,
      sharedFrames: 5,
      metadataBytes: 0,
    };
  }

  sums(): PolicySums {
    this.#enter('sums');
    return { savedFrames: 7, zeroSavedFrames: 0, readsAvoided: 3, readsIssued: 2, contentChanged: 1 };
  }

  domainFigures(): DomainPolicyFigures {
    this.#enter('domainFigures');
    return { sharedFrames: 1, fairSavedFrames: 1, readsSeen: 1, readsAvoided: 1, contentChanged: 1 };
  }

  sharedRefs(): number {
    this.#enter('sharedRefs');
    return 4;
  }

  audit(): string[] {
    return ['the fragile policy has nothing to recount'];
  }
}

const PARTS: Part[] = ['apply', 'settle', 'figures', 'sums', 'domainFigures', 'sharedRefs'];
const LINE = 'policy fragile failed and was switched off: made for a test';

/** A second of two domains that get `frames` frames with the same contents. */
function second(monitor: Monitor, seconds: number, frames: number): void {
  apply(monitor, seconds, (records) => {
    for (const domid of [1, 2]) {
      records.domain(domid, `d${domid}`, `d${domid}`, 'default', '', 1000);
      for (let gfn = 0; gfn < frames; gfn++) records.fill(domid, gfn, 1000 + gfn, 1, 0);
    }
  });
}

describe.each(PARTS)('a policy that throws in %s', (part) => {
  test('is switched off alone; the screen goes on and says so', () => {
    const monitor = newMonitor();
    const fragile = new FragilePolicy(part);
    monitor.policies.add(fragile);
    second(monitor, 1, 10);
    ask(monitor, { policy: 'fragile' });
    expect(monitor.policies.notice).toBe('');
    fragile.isBroken = true;
    for (let seconds = 2; seconds < 6; seconds++) {
      second(monitor, seconds, seconds * 10);
      for (const name of ['dlps', 'oracle', 'fragile']) {
        const snapshot = ask(monitor, { policy: name });
        expect(snapshot.policy.name).toBe(name);
        expect(snapshot.domains.rows).toHaveLength(2);
        for (const row of snapshot.domains.rows) expect(row.privateFrames).toBeGreaterThanOrEqual(0);
      }
    }
    expect(monitor.policies.notice).toBe(LINE);
    const figures = reportFigures(monitor).policies;
    expect(figures[1]).toMatchObject({ name: 'oracle', savedFrames: 50, sharedFrames: 50 });
    // Its figures stop there: the newest that it told.
    expect(figures[2]).toEqual({
      name: 'fragile',
      savedFrames: 7,
      zeroSavedFrames: 0,
      metadataBytes: 0,
      netSavedFrames: 6,
      sharedFrames: 5,
      failure: LINE,
    });
    const { applied } = fragile;
    fragile.isBroken = false;
    second(monitor, 7, 90);
    expect(fragile.applied).toBe(applied);
    expect(monitor.policies.slots[2].policy.sums().savedFrames).toBe(7);
  });
});

test('a policy that works is what it was', () => {
  const set = new PolicySet();
  const fragile = new FragilePolicy('apply');
  set.add(fragile);
  const { policy } = set.find('fragile');
  expect(policy.figures()).toEqual(fragile.figures());
  expect(policy.sums()).toEqual(fragile.sums());
  expect(policy.domainFigures(0)).toEqual(fragile.domainFigures());
  expect(policy.sharedRefs(1)).toBe(4);
  expect(policy.audit()).toEqual(fragile.audit());
  expect([policy.bytes, policy.failure, set.notice]).toEqual([64, null, '']);
});

/** Has so many slices to go over, and counts what it did. */
class FakeScanner extends FragilePolicy {
  left = 3;

  converge(): boolean {
    this.left--;
    return this.left > 0;
  }
}

test('only scanners converge, each until it is done; a figure of nobody else moves', () => {
  const set = new PolicySet();
  set.add(new FragilePolicy('apply'));
  expect([set.scanners, set.converge()]).toEqual([[], false]);
  const scanner = new FakeScanner('apply');
  set.add(scanner);
  expect(set.scanners).toEqual(['fragile']);
  let slices = 1;
  while (set.converge()) slices++;
  expect([slices, scanner.left]).toEqual([3, 0]);
  scanner.converge = () => {
    throw new RangeError('made for a test');
  };
  expect([set.converge(), set.scanners, set.notice]).toEqual([false, [], LINE]);
});
