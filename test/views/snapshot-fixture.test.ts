/** The hand-made snapshots must be possible: otherwise a screen that adds up proves nothing. */
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/figures/snapshot.js';
import { fiveGuests, manyGuests, snapshotOf } from './snapshot-fixture.js';

const total = (snapshot: Snapshot, value: (row: Snapshot['domains']['rows'][number]) => number): number =>
  snapshot.domains.rows.reduce((sum, row) => sum + value(row), 0);

describe.each([
  ['five guests', snapshotOf(fiveGuests(), 0)],
  ['many guests', snapshotOf(manyGuests(40), 3)],
  ['one guest', snapshotOf(manyGuests(1), 0)],
  ['none', snapshotOf(manyGuests(0))],
])('the figures of %s', (_, snapshot) => {
  const { host, policy } = snapshot;

  test('every domain: MEM = PRIV + SHARED + ZERO ≤ reservation', () => {
    for (const row of snapshot.domains.rows) {
      expect(row.privateFrames + row.policy.sharedFrames + row.zeroFrames).toBe(row.frames);
      expect(row.frames).toBe(row.zeroFrames + row.knownFrames + row.unknownFrames);
      expect(row.frames + row.freeFrames).toBeLessThanOrEqual(row.reservedFrames);
      expect(row.privateFrames).toBeGreaterThanOrEqual(row.unknownFrames);
    }
  });

  test('the host is the sum of its domains', () => {
    expect(total(snapshot, (row) => row.frames)).toBe(host.frames);
    expect(host.frames).toBe(host.zeroFrames + host.knownFrames + host.unknownFrames);
    expect(host.selfSavedFrames + host.interSavedFrames).toBe(host.potentialSavedFrames);
    expect(host.knownFrames - host.distinctContents).toBe(host.potentialSavedFrames);
  });

  test('fair parts add up to what is saved and what could be', () => {
    expect(total(snapshot, (row) => row.policy.fairSavedFrames)).toBeCloseTo(policy.savedFrames, 6);
    expect(total(snapshot, (row) => row.couldFrames)).toBeCloseTo(host.potentialSavedFrames - policy.savedFrames, 6);
    expect(total(snapshot, (row) => row.policy.sharedFrames)).toBe(policy.savedFrames + policy.sharedFrames);
  });

  test('the region holds what is bound to it', () => {
    const dlps = policy.dlps!;
    expect(dlps.boundFrames - (dlps.residentSlots - dlps.idleSlots)).toBe(policy.savedFrames);
    expect(policy.netSavedFrames).toBe(policy.savedFrames - dlps.idleSlots);
    expect(dlps.readsIssued + dlps.readsAvoided).toBe(dlps.readsSeen);
    expect(total(snapshot, (row) => row.policy.readsAvoided)).toBe(dlps.readsAvoided);
  });

  test('a domain has its contents alone or in common', () => {
    if (snapshot.detail === null) return;
    const { row, aloneContents, commonContents } = snapshot.detail;
    expect(aloneContents + commonContents).toBe(row.distinctContents);
  });
});
