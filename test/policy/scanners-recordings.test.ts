/** The scanners on the recording of real guests: what they come to, and that it is what can be shared at all. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { auditEngine } from '../../src/engine/audit.js';
import { Engine } from '../../src/engine/engine.js';
import { createPolicy } from '../../src/monitor/policy-registry.js';
import { PolicySet } from '../../src/monitor/policy-set.js';
import { DLPS_DEFAULTS } from '../../src/policy/dlps.js';
import { knobDefaults } from '../../src/policy/knobs.js';
import type { Policy } from '../../src/policy/policy.js';
import { XLH_KNOBS } from '../../src/policy/xlh-knobs.js';
import { SegmentDecoder } from '../../src/trace/segment-decoder.js';

/** Two thousand visits a second: a pass over the 225,000 frames that are not zero takes two minutes of the five. */
const KNOBS = { ...knobDefaults(XLH_KNOBS), pages_to_scan: 2000, sleep_millisecs: 1000, max_page_sharing: 2 ** 31 - 1 };

describe('on kvm-five', () => {
  const policies = new PolicySet();
  const engine = new Engine((words, used) => policies.apply(words, used));
  const options = {
    names: [],
    dlps: DLPS_DEFAULTS,
    ksm: KNOBS,
    xlh: KNOBS,
    esx: { rate: 2000, rate_per_domain: 2000, seed: 5 },
  };
  for (const name of ['oracle', 'ksm', 'xlh', 'esx'] as const) policies.add(createPolicy(name, engine, options));
  const [oracle, ksm, xlh, esx] = policies.slots.map(({ policy }): Policy => policy);
  const settle = (): void => {
    engine.settle();
    while (policies.settle(10_000));
  };

  beforeAll(() => {
    const file = new URL('../../fixtures/traces/kvm-five/import.000001.pgt', import.meta.url);
    const decoder = new SegmentDecoder('kvm-five');
    decoder.push(readFileSync(fileURLToPath(file)));
    for (let block = decoder.next(); block !== null; block = decoder.next()) {
      engine.apply(0, block.baseTimeMicros, block.words, block.start, block.end);
    }
    settle();
  });

  test('no scanner saves more than can be saved, and hints make up for a slow scan', () => {
    const [bound, slow, hinted, random] = [oracle, ksm, xlh, esx].map((policy) => policy.figures());
    for (const { savedFrames } of [slow, hinted, random]) {
      expect(savedFrames).toBeGreaterThan(0);
      expect(savedFrames).toBeLessThanOrEqual(bound.savedFrames);
    }
    expect(hinted.savedFrames).toBeGreaterThan(slow.savedFrames);
    expect(policies.notice).toBe('');
    expect([esx, ksm, xlh].flatMap((policy) => policy.audit())).toEqual([]);
    expect(auditEngine(engine)).toEqual([]);
  });

  test('settled, every scheme that keeps one copy of a content saves 73,125 frames, each domain its fair part', () => {
    while (policies.converge(100_000));
    settle();
    const live = engine.domains.live().map(({ slot }) => slot);
    for (const policy of [esx, ksm, xlh]) {
      // What the brute force that came with the recording counted as redundant, and as contents held more than once.
      expect(policy.figures()).toMatchObject({ savedFrames: 73_125, sharedFrames: 27_591, zeroSavedFrames: 0 });
      for (const slot of live) {
        const { sharedFrames, fairSavedFrames } = policy.domainFigures(slot);
        const most = oracle.domainFigures(slot);
        expect(sharedFrames).toBe(most.sharedFrames);
        expect(fairSavedFrames).toBeCloseTo(most.fairSavedFrames, 6);
      }
      expect(policy.audit()).toEqual([]);
    }
    // Contents that only one frame holds.
    expect(esx.figures().esx).toMatchObject({ shared: 100_716, common: 27_591, saving: 73_125, hints: 124_027 });
    const counters = (policy: Policy): object => ({ ...policy.figures().ksm, pages_scanned: 0, full_scans: 0 });
    expect(counters(xlh)).toEqual(counters(ksm));
  });
});
