/**
 * The recordings of real machines through the fast engine and through the slow model: the figures that are known of
 * them, the brute force that came with them, and every counter of `dlps` for regions of several sizes.
 *
 * The traces are those of fixtures/; test/collect/recordings.test.ts holds them to the recordings record by record.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import xxhash from 'xxhash-wasm';
import { auditEngine } from '../../src/engine/audit.js';
import { Engine } from '../../src/engine/engine.js';
import type { HostFigures } from '../../src/figures/host-figures.js';
import { domainFigures, hostFigures } from '../../src/monitor/figures-of.js';
import { PolicySet } from '../../src/monitor/policy-set.js';
import { DlpsPolicy } from '../../src/policy/dlps.js';
import { KIND, kindOf, type RecordBlock, slotsOf } from '../../src/trace/record.js';
import { SegmentDecoder } from '../../src/trace/segment-decoder.js';
import { recordingsDirectory, WITHOUT_RECORDINGS } from '../collect/plain-recordings.js';
import { plainRecords } from '../model/plain-records.js';
import { SlowDlps, type SlowRegion, type SlowVictim } from '../model/slow-dlps.js';
import { SlowEngine } from '../model/slow-engine.js';
import { countHolders, slowDomainFigures, slowHostFigures, slowPairs } from '../model/slow-figures.js';

const UNLIMITED = Number.POSITIVE_INFINITY;

const hasher = await xxhash();
/** Hashes of the pages of one byte other than zero. */
const FILL_PAGES = new Set(Array.from({ length: 255 }, (_, i) => hasher.h64Raw(new Uint8Array(4096).fill(i + 1))));

/** Regions of one run, side by side on one engine. */
type Schemes = readonly { region: SlowRegion; victim: SlowVictim }[];

function blocksOf(trace: string): RecordBlock[] {
  const directory = fileURLToPath(new URL(`../../fixtures/traces/${trace}`, import.meta.url));
  const blocks: RecordBlock[] = [];
  for (const name of readdirSync(directory).sort()) {
    const decoder = new SegmentDecoder(name);
    decoder.push(readFileSync(`${directory}/${name}`));
    for (let block = decoder.next(); block !== null; block = decoder.next()) {
      const words = block.words.slice(block.start, block.end);
      blocks.push({ ...block, words, start: 0, end: words.length });
    }
  }
  return blocks;
}

/** Cuts a block where its time passes each of `times`: what comes before, and the rest as a block of its own. */
function cutAt(block: RecordBlock, times: readonly number[]): RecordBlock[] {
  const { words } = block;
  const parts: RecordBlock[] = [];
  let { start, baseTimeMicros } = block;
  let time = baseTimeMicros;
  for (let at = start; at < block.end; at += 4 * slotsOf(words[at])) {
    if (kindOf(words[at]) !== KIND.time) continue;
    const next = words[at + 1] + words[at + 2] * 2 ** 32;
    if (times.some((cut) => time <= cut && cut < next) && at > start) {
      parts.push({ ...block, baseTimeMicros, start, end: at });
      [start, baseTimeMicros] = [at, time];
    }
    time = next;
  }
  return [...parts, { ...block, baseTimeMicros, start }];
}

class Replay {
  readonly engine: Engine;
  readonly policies = new PolicySet();
  readonly dlps: DlpsPolicy[];
  readonly slowDlps: SlowDlps[];
  readonly slow: SlowEngine;

  constructor(schemes: Schemes) {
    this.engine = new Engine((words, used) => {
      this.policies.apply(words, used);
    });
    this.dlps = schemes.map(({ region, victim }) => new DlpsPolicy(this.engine, { region, victim }));
    for (const policy of this.dlps) this.policies.add(policy);
    this.slowDlps = schemes.map(({ region, victim }) => new SlowDlps(region, victim));
    this.slow = new SlowEngine(this.slowDlps);
  }

  /** Applies a block to both; `pause` is called behind the last record of each of the times. */
  apply(block: RecordBlock, times: readonly number[], pause: (time: number) => void): void {
    for (const { baseTimeMicros, words, start, end } of cutAt(block, times)) {
      for (const time of times) if (this.engine.timeMicros === time && firstTime(words, start) > time) pause(time);
      this.engine.apply(0, baseTimeMicros, words, start, end);
      for (const record of plainRecords(0, baseTimeMicros, words, start, end)) this.slow.apply(record);
    }
  }

  settle(): void {
    this.engine.settle();
    while (this.policies.settle(100));
  }

  pairs(): Record<string, number> {
    const live = this.engine.domains.live().sort((a, b) => a.life - b.life);
    return Object.fromEntries(
      live.flatMap((a, i) =>
        live.slice(i + 1).map((b) => [`${a.key}|${b.key}`, this.engine.pairs.get(a.slot, b.slot)] as const),
      ),
    );
  }

  /** Every figure of the engine and of each scheme is the slow model's, and audits are silent. */
  checkAgainstModel(): void {
    this.settle();
    const holders = countHolders(this.slow);
    expect(hostFigures(this.engine)).toEqual(slowHostFigures(this.slow, holders, FILL_PAGES));
    expect(this.pairs()).toEqual(Object.fromEntries(slowPairs(this.slow, holders)));
    for (const life of this.slow.live) {
      const domain = this.engine.domains.byKey.get(life.key);
      if (domain === undefined) throw new Error(`${life.key} lives`);
      const { sharedFrames, fairSavedFrames, ...counts } = slowDomainFigures(life, holders, FILL_PAGES);
      const kept = domainFigures(this.engine, domain);
      expect(kept).toMatchObject(counts);
      expect(kept.fairSavedFrames).toBeCloseTo(fairSavedFrames, 6);
      expect(sharedFrames).toBeGreaterThan(0);
      for (const [i, policy] of this.dlps.entries()) {
        const { fairSavedFrames: keptFair, ...keptCounts } = policy.domainFigures(domain.slot);
        const { fairSavedFrames: fair, ...own } = this.slowDlps[i].domainFigures(life);
        expect(keptCounts).toEqual(own);
        expect(keptFair).toBeCloseTo(fair, 6);
      }
    }
    for (const [i, policy] of this.dlps.entries()) {
      expect(policy.figures().dlps).toEqual(this.slowDlps[i].figures());
      expect(policy.figures().sharedFrames).toBe(this.slowDlps[i].sharedFrames());
      expect(policy.audit()).toEqual([]);
    }
    expect(auditEngine(this.engine)).toEqual([]);
    expect(this.policies.notice).toBe('');
  }
}

/** The time that the first record of a part is of, if a `time` record begins it. */
function firstTime(words: Uint32Array, start: number): number {
  return kindOf(words[start]) === KIND.time ? words[start + 1] + words[start + 2] * 2 ** 32 : -1;
}

/** What the brute force of the recordings counted at one moment, in our words. */
interface Truth {
  readonly host: Partial<HostFigures>;
  readonly zero: Record<string, number>;
  readonly distinct: Record<string, number> | null;
  readonly pairs: Record<string, number>;
}

function checkAgainstTruth(replay: Replay, truth: Truth): void {
  replay.settle();
  expect(hostFigures(replay.engine)).toMatchObject(truth.host);
  const live = replay.engine.domains.live().map((domain) => domainFigures(replay.engine, domain));
  expect(Object.fromEntries(live.map(({ key, zeroFrames }) => [key, zeroFrames]))).toEqual(truth.zero);
  if (truth.distinct !== null) {
    // The brute force counts the zero page as a content of a guest.
    const distinct = live.map(({ key, zeroFrames, distinctContents }) => {
      return [key, distinctContents + (zeroFrames > 0 ? 1 : 0)] as const;
    });
    expect(Object.fromEntries(distinct)).toEqual(truth.distinct);
  }
  expect(replay.pairs()).toEqual(truth.pairs);
}

interface KvmTruth {
  t_rel: number;
  total: number;
  zero: number;
  nonzero: number;
  distinct_nonzero: number;
  dup_contents: number;
  redundant_pages: number;
  redundant_within: number;
  redundant_across: number;
  per_guest: Record<string, { zero: number; distinct: number }>;
  pair_common_contents: Record<string, number>;
}

function kvmTruth(directory: string): Map<number, Truth> {
  const rows = JSON.parse(readFileSync(`${directory}/kvm/truth.json`, 'utf8')) as KvmTruth[];
  const truths = rows.map((row): [number, Truth] => {
    const guests = Object.entries(row.per_guest);
    const host = {
      reservedFrames: row.total,
      frames: row.total,
      zeroFrames: row.zero,
      knownFrames: row.nonzero,
      unknownFrames: 0,
      distinctContents: row.distinct_nonzero,
      sharedContents: row.dup_contents,
      potentialSavedFrames: row.redundant_pages,
      selfSavedFrames: row.redundant_within,
      interSavedFrames: row.redundant_across,
    };
    const zero = Object.fromEntries(guests.map(([name, guest]) => [name, guest.zero]));
    const distinct = Object.fromEntries(guests.map(([name, guest]) => [name, guest.distinct]));
    return [Math.round(row.t_rel * 1e6), { host, zero, distinct, pairs: row.pair_common_contents }];
  });
  return new Map(truths);
}

interface XenTruth {
  total: number;
  zero: number;
  zero_per: Record<string, number>;
  distinct_nonzero: number;
  dup_contents: number;
  redundant: number;
  redundant_within: number;
  redundant_across: number;
  pair: Record<string, number>;
}

function xenTruth(directory: string): Truth[] {
  const rows = JSON.parse(readFileSync(`${directory}/xen/truth.json`, 'utf8')) as XenTruth[];
  return rows.map((row) => ({
    host: {
      frames: row.total,
      zeroFrames: row.zero,
      knownFrames: row.total - row.zero,
      distinctContents: row.distinct_nonzero,
      sharedContents: row.dup_contents,
      potentialSavedFrames: row.redundant,
      selfSavedFrames: row.redundant_within,
      interSavedFrames: row.redundant_across,
    },
    zero: row.zero_per,
    distinct: null,
    pairs: row.pair,
  }));
}

const recordings = recordingsDirectory();

describe('kvm-five', () => {
  const schemes: Schemes = [
    { region: { frames: UNLIMITED }, victim: 'sharers' },
    { region: { percent: 2 }, victim: 'sharers' },
    { region: { percent: 5 }, victim: 'sharers' },
    { region: { percent: 10 }, victim: 'sharers' },
    { region: { percent: 5 }, victim: 'clock' },
    { region: { percent: 5 }, victim: 'lru' },
  ];
  const replay = new Replay(schemes);
  const truth = recordings === null ? new Map<number, Truth>() : kvmTruth(recordings);
  const seen = new Map<number, () => void>();

  beforeAll(() => {
    const times = [...truth.keys()];
    for (const block of blocksOf('kvm-five')) {
      replay.apply(block, times, (time) => {
        try {
          checkAgainstTruth(replay, truth.get(time) as Truth);
          // A whole comparison with the model on the way, while regions are filling.
          if (seen.size % 14 === 6) replay.checkAgainstModel();
          seen.set(time, () => undefined);
        } catch (error) {
          seen.set(time, () => {
            throw error;
          });
        }
      });
    }
  });

  test('has the figures of the brute force at its end', () => {
    expect(hostFigures(replay.engine)).toMatchObject({
      frames: 327_680,
      zeroFrames: 102_937,
      distinctContents: 151_618,
      sharedContents: 27_591,
      potentialSavedFrames: 73_125,
      selfSavedFrames: 15_208,
      interSavedFrames: 57_917,
    });
  });

  test('has the figures of the brute force at every snapshot', ({ skip }) => {
    skip(recordings === null, WITHOUT_RECORDINGS);
    const last = [...truth.keys()].at(-1) ?? 0;
    expect([...seen.keys(), last]).toEqual([...truth.keys()]);
    for (const rethrow of seen.values()) rethrow();
    checkAgainstTruth(replay, truth.get(last) as Truth);
  });

  test('shares in an unlimited region what is known to be avoidable', () => {
    // The README of the recordings: 97,576 reads, 37,482 avoidable, 37,480 of them after another guest's read.
    expect(replay.dlps[0].figures().dlps).toMatchObject({
      readsSeen: 97_576,
      readsAvoided: 37_482,
      readsAvoidedCross: 37_480,
      readsAvoidedOwn: 2,
      readsIneligible: { unaligned: 10, ownWritten: 0, writableImage: 0 },
      residentSlots: 59_897,
      boundFrames: 96_013,
      savedFrames: 36_785,
      netSavedFrames: 36_116,
      evictions: 0,
    });
  });

  test('has the figures of the slow model for 2 %, 5 % and 10 % of 327,680 frames, and for every victim', () => {
    replay.checkAgainstModel();
    const sizes = replay.dlps.map((policy) => policy.figures().dlps?.regionFrames);
    expect(sizes).toEqual([null, 6553, 16_384, 32_768, 16_384, 16_384]);
    const [sharers, , lru] = [replay.dlps[2], replay.dlps[4], replay.dlps[5]].map((policy) => policy.figures());
    // Design §4, rule 6: on the recordings plain LRU saves an eighth of what the rings by sharers do.
    expect(lru.savedFrames / sharers.savedFrames).toBeCloseTo(1 / 8, 2);
    // The regions were full, or there would be no victims to compare.
    for (const policy of replay.dlps.slice(1)) expect(policy.figures().dlps?.evictions).toBeGreaterThan(1000);
  });
});

describe('xen-four', () => {
  const schemes: Schemes = [
    { region: { frames: UNLIMITED }, victim: 'sharers' },
    { region: { frames: 2000 }, victim: 'sharers' },
    { region: { percent: 1 }, victim: 'clock' },
    { region: { frames: 5000 }, victim: 'lru' },
  ];
  const replay = new Replay(schemes);
  const truth = recordings === null ? [] : xenTruth(recordings);
  // Dom0's uptime at the end of each round of dumps.
  const rounds = [156_500_000, 245_000_000];
  const seen: (() => void)[] = [];

  beforeAll(() => {
    for (const block of blocksOf('xen-four')) {
      replay.apply(block, rounds, () => {
        try {
          if (truth[0] !== undefined) checkAgainstTruth(replay, truth[0]);
          replay.checkAgainstModel();
          seen.push(() => undefined);
        } catch (error) {
          seen.push(() => {
            throw error;
          });
        }
      });
    }
  });

  test('has the figures of the brute force in both rounds', ({ skip }) => {
    skip(recordings === null, WITHOUT_RECORDINGS);
    expect(seen).toHaveLength(1);
    for (const rethrow of seen) rethrow();
    checkAgainstTruth(replay, truth[1]);
  });

  test('shares in an unlimited region what is known to be avoidable', () => {
    expect(replay.dlps[0].figures().dlps).toMatchObject({
      readsSeen: 31_885,
      readsAvoided: 11_184,
      readsAvoidedCross: 2644,
      readsAvoidedOwn: 8540,
      readsIneligible: { unaligned: 4, ownWritten: 0, writableImage: 0 },
    });
  });

  test('has the figures of the slow model for every region', () => {
    replay.checkAgainstModel();
    for (const policy of replay.dlps.slice(1)) expect(policy.figures().dlps?.evictions).toBeGreaterThan(1000);
  });
});
