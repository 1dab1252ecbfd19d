/** Every policy and its slow model over one random world: the knobs of a seed, and both sides' figures in one form. */
import { hashHex } from '../../src/base/hash-hex.js';
import { C_FLAGS, C_REFS, CONTENT_WORDS, FIRST_CONTENT, FLAG_FREE_ROW } from '../../src/engine/layout.js';
import type { DomainPolicyFigures } from '../../src/figures/domain-figures.js';
import type { DelayFigures, XlhFigures } from '../../src/figures/xlh-figures.js';
import type { PolicyName } from '../../src/monitor/policy-registry.js';
import type { EsxKnobs } from '../../src/policy/esx-knobs.js';
import { KsmPolicy } from '../../src/policy/ksm.js';
import type { Policy, PolicySums } from '../../src/policy/policy.js';
import { SeededRandom } from '../seeded-random.js';
import type { TimedRecord } from './plain-records.js';
import type { World } from './random-traces.js';
import { FastWorld } from './side-by-side.js';
import { SlowEngine, type SlowPolicy } from './slow-engine.js';
import { SlowEsx } from './slow-esx.js';
import { countHolders, roundFair } from './slow-figures.js';
import { SlowKsm } from './slow-ksm.js';
import { slowOracle } from './slow-oracle.js';
import { SlowSatori } from './slow-satori.js';
import { SlowXlh, type SlowXlhKnobs } from './slow-xlh.js';

/** The knobs of every policy. */
export interface WorldKnobs {
  readonly ksm: SlowXlhKnobs;
  readonly esx: EsxKnobs;
  readonly satori: { readonly fifo: number };
}

/** Knobs of a seed: scans so slow that a world sees their middle, tables so small that they overflow. */
export function randomKnobs(seed: number): WorldKnobs {
  const random = new SeededRandom(seed ^ 0xca11);
  const of = (...values: number[]): number => values[random.below(values.length)];
  return {
    ksm: {
      pages_to_scan: of(0, 1, 1, 2, 3, 7),
      sleep_millisecs: of(333, 1000, 1000, 2500, 5000),
      max_page_sharing: of(2, 3, 3, 4, 256),
      use_zero_pages: of(0, 1),
      hints: of(1, 2, 3, 5, 100),
    },
    esx: { rate_per_domain: of(0, 1, 3, 10, 50), rate: of(1, 4, 20, 20, 77), seed: random.u32() },
    satori: { fifo: of(0, 1, 2, 16_777_216, 16_777_216) },
  };
}

/** Both sides of the policies that are compared, and the oracle. */
export class PolicyWorld {
  readonly fast: FastWorld;
  readonly slow: SlowEngine;
  readonly ksm: SlowKsm;
  readonly xlh: SlowXlh;
  readonly esx: SlowEsx;
  readonly satori: SlowSatori;

  constructor({ region, victim }: World, knobs: WorldKnobs) {
    const names: PolicyName[] = ['oracle', 'dlps', 'satori', 'ksm', 'esx', 'xlh'];
    this.fast = new FastWorld(region, victim, { names, ...knobs, xlh: knobs.ksm });
    this.ksm = new SlowKsm(knobs.ksm);
    this.xlh = new SlowXlh(knobs.ksm);
    this.esx = new SlowEsx(knobs.esx);
    this.satori = new SlowSatori(region, victim, knobs.satori.fifo);
    const models: SlowPolicy[] = [this.ksm, this.xlh, this.esx, this.satori];
    this.slow = new SlowEngine(models);
  }

  apply(block: readonly TimedRecord[], stepFrames = 0): void {
    this.fast.apply(block, stepFrames);
    for (const record of block) this.slow.apply(record);
  }

  /** Lets every scanner go round on both sides, the fast ones about `work` visits at a time. */
  converge(work: number): void {
    // What is owed for the time that passed is done first, so that the rest is what settling took.
    this.fast.settle();
    const visits = (): number => this.policy('esx').figures().esx?.visits ?? 0;
    const before = visits();
    for (const { policy } of this.fast.policies.slots) while (policy.converge(work));
    this.esx.visits += visits() - before;
    this.ksm.converge();
    this.xlh.converge();
  }

  /** The policy of that name, without its guard. */
  policy(name: PolicyName): Policy {
    const { running } = this.fast.policies.find(name).policy;
    if (running?.name !== name) throw new Error(`${name} does not run: ${this.fast.policies.notice}`);
    return running;
  }

  /** References to shared copies of each content that at least two frames hold, by hash. */
  sharedRefs(name: PolicyName): Record<string, number> {
    const { engine } = this.fast;
    const rows = engine.contents.words;
    const refs: [string, number][] = [];
    for (let id = FIRST_CONTENT; id < engine.contents.end; id++) {
      const row = id * CONTENT_WORDS;
      if ((rows[row + C_FLAGS] & FLAG_FREE_ROW) !== 0 || rows[row + C_REFS] < 2) continue;
      refs.push([hashHex(rows[row], rows[row + 1]), this.policy(name).sharedRefs(id)]);
    }
    return Object.fromEntries(refs);
  }

  /** The same of a slow model. */
  slowSharedRefs(refsOf: (hash: bigint) => number): Record<string, number> {
    const shared = [...countHolders(this.slow).total].filter(([, refs]) => refs >= 2);
    return Object.fromEntries(shared.map(([hash]) => [hash.toString(16).padStart(16, '0'), refsOf(hash)]));
  }

  get oracle() {
    return slowOracle(this.slow).figures;
  }

  /** Zero frames of all domains. */
  get zeroFrames(): number {
    return this.#count('zero');
  }

  /** Trust groups that hold a zero frame. */
  get zeroGroups(): number {
    const withZeros = this.slow.live.filter(({ frames }) => [...frames.values()].some(({ state }) => state === 'zero'));
    return new Set(withZeros.map(({ group }) => group)).size;
  }

  /** Frames outside the RAM of all guests. */
  get extraFrames(): number {
    return this.slow.live.reduce((sum, { extras }) => sum + extras.size, 0);
  }

  /** Frames that are bound though their content is not known: the oracle cannot count on them. */
  provisional(name: PolicyName): number {
    return name === 'dlps' || name === 'satori' ? this.#count('provisional') : 0;
  }

  #count(state: string): number {
    const frames = this.slow.live.flatMap((life) => [...life.frames.values()]);
    return frames.filter((held) => held.state === state).length;
  }

  #domains(name: PolicyName): Record<string, DomainPolicyFigures> {
    const live = this.fast.engine.domains.live();
    return Object.fromEntries(live.map(({ key, slot }) => [key, rounded(this.policy(name).domainFigures(slot))]));
  }

  /** All that a policy says. */
  fastFigures(name: PolicyName) {
    const policy = this.policy(name);
    const live = this.fast.engine.domains.live();
    // The parts of ksm by process; xlh is the same scanner.
    const processOf = (slot: number): unknown =>
      policy instanceof KsmPolicy ? policy.processFigures(slot) : undefined;
    return {
      figures: policy.figures(),
      domains: this.#domains(name),
      processes: Object.fromEntries(live.map(({ key, slot }) => [key, processOf(slot)])),
      sharedRefs: this.sharedRefs(name),
      sums: policy.sums(),
    };
  }

  /** The same of the model of a scanner that merges. */
  slowScanner(name: 'ksm' | 'xlh'): ReturnType<PolicyWorld['fastFigures']> {
    const scanner = this[name];
    const lives = this.slow.live;
    const contentChanged = scanner.contentChanges;
    const figures = { name, ...scanner.figures(), ksm: scanner.counters(), scan: { contentChanged } };
    const { hintCounts, stack, waiting } = this.xlh;
    const delay = this.#delays();
    const xlh: XlhFigures = {
      merges: this.xlh.merges,
      hints: { held: stack.length, waiting, ...hintCounts, delay },
    };
    return {
      figures: name === 'ksm' ? figures : { ...figures, xlh },
      domains: Object.fromEntries(lives.map((life) => [life.key, rounded(scanner.domainFigures(life))])),
      processes: Object.fromEntries(lives.map((life) => [life.key, scanner.process(life)])),
      sharedRefs: this.slowSharedRefs((hash) => scanner.sharedRefs(hash)),
      sums: sumsOf(
        figures,
        0,
        0,
        Object.values(contentChanged).reduce((a, b) => a + b, 0),
      ),
    };
  }

  /** The model's delays in the buckets of the fast one. */
  #delays(): DelayFigures {
    const bounds = this.policy('xlh').figures().xlh?.hints.delay.histogram ?? [];
    const delays = [...this.xlh.delays].sort((a, b) => a - b);
    const histogram = bounds.map(({ atMostMicros }, i) => {
      const above = bounds[i - 1]?.atMostMicros ?? -1;
      return { atMostMicros, count: delays.filter((delay) => delay > above && delay <= atMostMicros).length };
    });
    const median = delays[Math.ceil(delays.length / 2) - 1];
    return {
      count: delays.length,
      medianAtMostMicros: bounds.find(({ atMostMicros }) => median <= atMostMicros)?.atMostMicros ?? null,
      maxMicros: delays.at(-1) ?? null,
      histogram,
    };
  }

  /** The same of the model of satori. */
  slowSatori(): ReturnType<PolicyWorld['fastFigures']> {
    const { satori } = this;
    const lives = this.slow.live;
    const area = satori.area();
    const own = satori.figures();
    const { savedFrames, netSavedFrames, readsAvoided, readsIssued } = area;
    const enomemEvents = own.enomemEvents.map(({ timeMicros, domain }) => ({ time: timeMicros / 1e6, domain }));
    const figures = { savedFrames, zeroSavedFrames: 0 };
    const changed = Object.values(area.contentChanged).reduce((a, b) => a + b, 0);
    return {
      figures: {
        name: 'satori',
        ...figures,
        netSavedFrames,
        sharedFrames: [...satori.slots].filter(({ bound }) => bound.size >= 2).length,
        metadataBytes: 40 * area.residentSlots + 8 * area.boundFrames + 24 * satori.keys,
        satori: { ...area, ...own, enomemEvents },
      },
      domains: Object.fromEntries(lives.map((life) => [life.key, rounded(satori.domainFigures(life))])),
      processes: Object.fromEntries(lives.map((life) => [life.key, undefined])),
      sharedRefs: this.slowSharedRefs((hash) => satori.sharedRefs(hash)),
      sums: sumsOf(figures, readsAvoided, readsIssued, changed),
    };
  }
}

function sumsOf(
  { savedFrames, zeroSavedFrames }: { savedFrames: number; zeroSavedFrames: number },
  readsAvoided: number,
  readsIssued: number,
  contentChanged: number,
): PolicySums {
  return { savedFrames, zeroSavedFrames, readsAvoided, readsIssued, contentChanged };
}

/** Fair shares are sums of fractions in another order. */
function rounded(figures: DomainPolicyFigures): DomainPolicyFigures {
  return { ...figures, fairSavedFrames: roundFair(figures.fairSavedFrames) };
}
