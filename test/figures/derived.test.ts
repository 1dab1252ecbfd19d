import { describe, expect, test } from 'vitest';
import * as derived from '../../src/figures/derived.js';
import type { HostFigures } from '../../src/figures/host-figures.js';
import type { DlpsFigures, PolicyFigures } from '../../src/figures/policy-figures.js';

/**
 * Counted by hand. Two domains of 10 reserved frames. A holds contents a a b c and 2 zeros, B holds a b d, 3 zeros
 * and one unknown frame: known 4 + 3 = 7, D = {a b c d} = 4, potential 3; A's own copy of a is the self-sharing (1),
 * a and b between the domains the rest (2).
 */
const host: HostFigures = {
  ...{ name: '', hypervisor: '', memoryFrames: 0, reservedFrames: 20, frames: 13, zeroFrames: 5, knownFrames: 7 },
  ...{ unknownFrames: 1, fillPageFrames: 0, distinctContents: 4, sharedContents: 2 },
  ...{ potentialSavedFrames: 3, selfSavedFrames: 1, interSavedFrames: 2 },
};

/**
 * The region shares a (3 references) but not b; c has a slot with one frame bound, a fourth slot is idle. Three slots
 * are resident, four frames bound: gross (3 − 1) = 2, net 2 − 1 = 1.
 */
const dlps: DlpsFigures = {
  ...{ regionFrames: 4, residentSlots: 3, idleSlots: 1, duplicateSlots: 0, boundFrames: 4 },
  ...{ savedFrames: 2, netSavedFrames: 1, readsSeen: 8, readsIssued: 5, readsAvoided: 3 },
  ...{ readsAvoidedCross: 2, readsAvoidedOwn: 1, readsCold: 6, readsAvoidedCold: 2 },
  readsIneligible: { unaligned: 0, ownWritten: 0, writableImage: 0 },
  contentChanged: { overwritten: 4, zeroed: 3, unknown: 2, freed: 1 },
  ...{ evictions: 0, identityConflicts: 0, bindExpired: 0 },
};
const ZERO_FREE = { zeroSavedFrames: 0, metadataBytes: 0 };
const region: PolicyFigures = { name: 'dlps', savedFrames: 2, ...ZERO_FREE, netSavedFrames: 1, sharedFrames: 1, dlps };
// All five zero frames of the two domains are one.
const oracle: PolicyFigures = {
  ...{ name: 'oracle', savedFrames: 3, zeroSavedFrames: 4, netSavedFrames: 3, sharedFrames: 2, metadataBytes: 0 },
};

const domainA = { ...{ frames: 6, zeroFrames: 2, reservedFrames: 10, freeFrames: 1 }, fairSavedFrames: 4 / 3 + 1 / 2 };
const domainB = { ...{ frames: 7, zeroFrames: 3, reservedFrames: 10, freeFrames: 0 }, fairSavedFrames: 2 / 3 + 1 / 2 };
const partA = { sharedFrames: 2, fairSavedFrames: 4 / 3, readsSeen: 0, readsAvoided: 0, contentChanged: 0 };
const partB = { sharedFrames: 1, fairSavedFrames: 2 / 3, readsSeen: 0, readsAvoided: 0, contentChanged: 0 };
type Domain = Parameters<typeof derived.domainSavedFrames>[0];

describe('derived figures of a host counted by hand', () => {
  test('what could be saved, is saved and is left', () => {
    expect(derived.potentialFrames(host, false)).toBe(3);
    expect(derived.savedFrames(region, false)).toBe(2);
    expect(derived.couldFrames(host, region, false)).toBe(1);
    expect(derived.couldFrames(host, oracle, false)).toBe(0);
    expect(derived.effectiveness(2, 3)).toBeCloseTo(0.6667, 4);
  });

  test('zeros in: the bound grows by all zero frames but one, the saving only of who shares zeros', () => {
    expect(derived.potentialFrames(host, true)).toBe(7);
    expect(derived.savedFrames(region, true)).toBe(2);
    expect(derived.couldFrames(host, region, true)).toBe(5);
    expect(derived.savedFrames(oracle, true)).toBe(7);
    expect(derived.couldFrames(host, oracle, true)).toBe(0);
    expect(derived.zeroSavableFrames(0)).toBe(0);
    expect(derived.zeroSavableFrames(1)).toBe(0);
  });

  test('frames needed and the ratio count what the scheme holds idle', () => {
    expect(derived.neededFrames(host, region, false)).toBe(12);
    expect(derived.sharingRatio(13, 12)).toBeCloseTo(1.0833, 4);
    expect(derived.neededFrames(host, oracle, false)).toBe(10);
    expect(derived.sharingRatio(13, 10)).toBe(1.3);
  });

  test('demand: 13 in use − 4 bound + 3 slots = 12, which is what is needed; committed is 20 + 4', () => {
    expect(derived.demandFrames(host, region, false)).toBe(12);
    expect(derived.committedFrames(host, region)).toBe(24);
    expect(derived.demandFrames(host, oracle, false)).toBe(10);
    expect(derived.demandFrames(host, oracle, true)).toBe(derived.neededFrames(host, oracle, true));
    expect(derived.demandFrames(host, region, true)).toBe(12);
    expect(derived.committedFrames(host, oracle)).toBe(20);
  });

  test('a region without a limit commits what it holds', () => {
    const unlimited = { ...region, dlps: { ...dlps, regionFrames: null } };
    expect(derived.committedFrames(host, unlimited)).toBe(23);
    expect(derived.regionUse(unlimited.dlps)).toBeUndefined();
    expect(derived.regionUse(dlps)).toBe(0.75);
  });

  test('shared frames of all domains are the references, private is the rest', () => {
    expect(derived.sharedHoldings(region)).toBe(partA.sharedFrames + partB.sharedFrames);
    expect(derived.privateFrames(host, region)).toBe(13 - 5 - 3);
  });

  test.each([false, true])('fair parts of the domains add up to the totals, zeros in: %s', (withZeros) => {
    for (const [policy, parts] of [
      [region, [partA, partB]],
      [
        oracle,
        [
          { ...partA, ...domainA },
          { ...partB, ...domainB },
        ],
      ],
    ] as const) {
      const domains = [domainA, domainB] as unknown as Domain[];
      const saved = domains.map((row, i) => derived.domainSavedFrames(row, parts[i], host, policy, withZeros));
      const could = domains.map((row, i) => derived.domainCouldFrames(row, parts[i], host, policy, withZeros));
      expect(saved[0] + saved[1]).toBeCloseTo(derived.savedFrames(policy, withZeros), 9);
      expect(could[0] + could[1]).toBeCloseTo(derived.couldFrames(host, policy, withZeros), 9);
    }
  });

  test('footprints add up to the frames needed less idle slots', () => {
    const sum = derived.proportionalFrames(6, 4 / 3) + derived.proportionalFrames(7, 2 / 3);
    expect(sum).toBeCloseTo(derived.neededFrames(host, region, false) - dlps.idleSlots, 9);
  });

  test('untouched: 10 reserved − 6 in use − 1 free', () => {
    expect(derived.untouchedFrames(domainA as unknown as Domain)).toBe(3);
  });

  test('reads and changes', () => {
    expect(derived.hitRatio(3, 8)).toBe(0.375);
    expect(derived.contentChangedTotal(dlps)).toBe(10);
    expect(derived.isolationPrice(9, 4)).toBe(5);
    expect(derived.domainSharingRatio(6, 2)).toBeCloseTo(0.3333, 4);
  });
});

describe('where there is no such figure', () => {
  test('a part of nothing is none, not 0', () => {
    expect(derived.effectiveness(0, 0)).toBeUndefined();
    expect(derived.hitRatio(0, 0)).toBeUndefined();
    expect(derived.domainSharingRatio(0, 0)).toBeUndefined();
    expect(derived.sharingRatio(0, 0)).toBeUndefined();
  });

  test('a negative saving is shown as it is', () => {
    expect(derived.effectiveness(-5, 10)).toBe(-0.5);
    expect(derived.couldFrames(host, { ...region, savedFrames: -5 }, false)).toBe(8);
  });
});
