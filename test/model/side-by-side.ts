/** The fast engine with its policies and the slow model over the same records, and their figures in one form. */
import assert from 'node:assert/strict';
import { hashHex } from '../../src/base/hash-hex.js';
import type { SeededRandom } from '../seeded-random.js';
import { auditEngine } from '../../src/engine/audit.js';
import { Engine } from '../../src/engine/engine.js';
import { GivenGroups } from '../../src/engine/given-groups.js';
import { C_FLAGS, C_REFS, CONTENT_WORDS, FIRST_CONTENT, FLAG_FREE_ROW } from '../../src/engine/layout.js';
import { domainFigures, hostFigures } from '../../src/monitor/figures-of.js';
import type { PolicyOptions } from '../../src/monitor/policy-registry.js';
import { PolicySet } from '../../src/monitor/policy-set.js';
import type { Policy } from '../../src/policy/policy.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { encode, type TimedRecord } from './plain-records.js';
import { SlowDlps, type SlowRegion, type SlowVictim } from './slow-dlps.js';
import { SlowEngine } from './slow-engine.js';
import { slowOracle } from './slow-oracle.js';
import { countHolders, slowDomainFigures, slowHostFigures, slowPairs } from './slow-figures.js';

/** Fair shares are sums of fractions in another order: equal but for the last digits of the largest sum there was. */
const FAIR_TOLERANCE = 1e-9;
const FAIR_SCALE_MIN = 10;

export class FastWorld {
  readonly engine: Engine;
  readonly policies = new PolicySet();
  readonly #buffer = new RecordBuffer();
  /** By stream: time of its last record. */
  readonly #times: number[] = [];

  /** @param more what `--groups` and `--price` give, other policies than these two, and their knobs */
  constructor(region: SlowRegion, victim: SlowVictim, more: Partial<PolicyOptions> = {}) {
    const onEffects = (words: Uint32Array, used: number): void => this.policies.apply(words, used);
    this.engine = new Engine(onEffects, undefined, new GivenGroups(more.groups));
    this.policies.start(this.engine, { names: ['dlps', 'oracle'], dlps: { region, victim }, ...more });
  }

  get dlps(): Policy {
    return this.policies.slots[0].policy;
  }

  /**
   * Applies records of one stream as one block, whose base time is that of the stream so far: at once, or in steps of
   * so many frames, with `between` called after each and the block's memory used for something else.
   */
  apply(records: readonly TimedRecord[], stepFrames = 0, between: () => void = () => undefined): void {
    const [{ stream, time }] = records;
    const base = this.#times[stream] ?? time;
    const buffer = this.#buffer;
    buffer.clear();
    let now = base;
    for (const record of records) {
      if (record.time !== now && record.record.kind !== 'time') buffer.time(record.time);
      encode(buffer, record);
      now = record.time;
    }
    this.#times[stream] = now;
    if (stepFrames === 0) {
      this.engine.apply(stream, base, buffer.words, 0, buffer.wordCount);
      return;
    }
    this.engine.begin(stream, base, buffer.words, 0, buffer.wordCount);
    while (this.engine.step(stepFrames)) {
      this.engine.keepRest();
      buffer.words.fill(0xffffffff, 0, buffer.wordCount);
      between();
    }
  }

  settle(): void {
    this.engine.settle();
    while (this.policies.settle(100));
  }

  /** What audits say, and whether a policy was switched off. */
  audit(): string[] {
    const lines = [...auditEngine(this.engine), ...this.policies.slots.flatMap(({ policy }) => policy.audit())];
    return this.policies.notice === '' ? lines : [...lines, this.policies.notice];
  }
}

export class SlowWorld {
  readonly dlps: SlowDlps;
  readonly engine: SlowEngine;

  constructor(region: SlowRegion, victim: SlowVictim) {
    this.dlps = new SlowDlps(region, victim);
    this.engine = new SlowEngine([this.dlps]);
  }

  apply(records: Iterable<TimedRecord>): void {
    for (const record of records) this.engine.apply(record);
  }
}

/** References to shared copies of each content that frames hold, by hash; contents without are left out. */
function fastSharedRefs({ engine, policies }: FastWorld): Record<string, number[]> {
  const refs: [string, number[]][] = [];
  const rows = engine.contents.words;
  for (let id = FIRST_CONTENT; id < engine.contents.end; id++) {
    const row = id * CONTENT_WORDS;
    if ((rows[row + C_FLAGS] & FLAG_FREE_ROW) !== 0 || rows[row + C_REFS] < 2) continue;
    refs.push([hashHex(rows[row], rows[row + 1]), policies.slots.map(({ policy }) => policy.sharedRefs(id))]);
  }
  return Object.fromEntries(refs);
}

/** All figures of the fast world, settled. */
export function fastFigures(world: FastWorld) {
  const { engine, policies, dlps } = world;
  const [, oracle] = policies.slots.map(({ policy }) => policy);
  const live = engine.domains.live().sort((a, b) => a.life - b.life);
  const pairs = live.flatMap((a, i) =>
    live.slice(i + 1).map((b) => [`${a.key}|${b.key}`, engine.pairs.get(a.slot, b.slot)] as const),
  );
  const { lost, late, orphans, damagedRecords } = engine.gaps;
  return {
    position: { now: engine.timeMicros, since: engine.sinceMicros, records: engine.records },
    gaps: { lost, late, orphans, damagedRecords },
    host: hostFigures(engine),
    domains: live.map((domain) => {
      const { slot, ...figures } = domainFigures(engine, domain);
      return { figures, dlps: dlps.domainFigures(slot), oracle: oracle.domainFigures(slot) };
    }),
    pairs: engine.changes.pairsExact ? Object.fromEntries(pairs) : 'estimated',
    dlps: dlps.figures(),
    oracle: oracle.figures(),
    sharedRefs: fastSharedRefs(world),
  };
}

type Figures = ReturnType<typeof fastFigures>;

/** The same of the slow world. */
export function slowFigures({ engine, dlps }: SlowWorld, pairsExact: boolean): Figures {
  const holders = countHolders(engine);
  const host = slowHostFigures(engine, holders);
  const own = dlps.figures();
  const oracle = slowOracle(engine);
  const { savedFrames, netSavedFrames } = own;
  return {
    position: { now: engine.now, since: engine.since, records: engine.records },
    gaps: { ...engine.gaps },
    host,
    domains: engine.live.map((life) => {
      const { sharedFrames, ...figures } = slowDomainFigures(life, holders);
      const ofOracle = oracle.domainFigures(life);
      // In one group the oracle is the potential of the engine.
      if (new Set(engine.live.map(({ group }) => group)).size === 1) assert(sharedFrames === ofOracle.sharedFrames);
      return { figures, dlps: dlps.domainFigures(life), oracle: ofOracle };
    }),
    pairs: pairsExact ? Object.fromEntries(slowPairs(engine, holders)) : 'estimated',
    dlps: {
      name: 'dlps',
      savedFrames,
      zeroSavedFrames: 0,
      netSavedFrames,
      sharedFrames: dlps.sharedFrames(),
      metadataBytes: 40 * own.residentSlots + 8 * own.boundFrames,
      dlps: own,
    },
    oracle: oracle.figures,
    sharedRefs: Object.fromEntries(
      [...holders.total]
        .filter(([, refs]) => refs >= 2)
        .map(([hash]) => [hash.toString(16).padStart(16, '0'), [dlps.sharedRefs(hash), oracle.sharedRefs(hash)]]),
    ),
  };
}

/** Replaces the fair shares in `kept` that are as good as those in `counted` by them: then the rest compares whole. */
export function agreeOnFairShares(kept: Figures, counted: Figures): void {
  for (const [i, domain] of kept.domains.entries()) {
    const other = counted.domains[i];
    if (other === undefined) return;
    for (const part of ['figures', 'dlps', 'oracle'] as const) {
      const value = other[part].fairSavedFrames;
      const isNear = Math.abs(domain[part].fairSavedFrames - value) <= FAIR_TOLERANCE * Math.max(FAIR_SCALE_MIN, value);
      if (isNear) domain[part].fairSavedFrames = value;
    }
  }
}

/** Cuts records into blocks at random: each of one stream, at most `recordsMax` long, in the order of the records. */
export function cutIntoBlocks(
  records: readonly TimedRecord[],
  random: SeededRandom,
  recordsMax: number,
): TimedRecord[][] {
  const blocks: TimedRecord[][] = [];
  let room = 0;
  for (const record of records) {
    const block = blocks.at(-1);
    if (block !== undefined && room > 0 && block[0].stream === record.stream) block.push(record);
    else {
      blocks.push([record]);
      room = 1 + random.below(recordsMax);
    }
    room--;
  }
  return blocks;
}
