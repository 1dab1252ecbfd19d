/**
 * `ksm` against the counters of the real one: Linux 6.18 over exactly the memory of snapshot 56 of the five guests, in
 * three settings (fixtures/truth/kvm-ksm.json), with what their processes had mergeable beside it
 * (fixtures/truth/kvm-ksm-extra.json). The memory is the end of fixtures/traces/kvm-five.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { importRecordings } from '../../src/collect/import.js';
import { readKsmExtra } from '../../src/collect/ksm-extra.js';
import { Engine } from '../../src/engine/engine.js';
import type { KsmFigures } from '../../src/figures/ksm-figures.js';
import type { KsmKnobs } from '../../src/policy/ksm-knobs.js';
import { KsmPolicy } from '../../src/policy/ksm.js';
import { openTrace } from '../../src/source/trace-files.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { recordingsDirectory } from '../collect/plain-recordings.js';

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));

/** What the real kernel said, one entry a setting. */
interface KsmTruth {
  settings: Record<keyof KsmKnobs, string>;
  counters: KsmFigures;
  per_proc: Record<string, Record<string, string>>;
  /** [seconds, counters], while it converged. */
  history: [number, KsmFigures][];
}
const truth = JSON.parse(readFileSync(fixture('truth/kvm-ksm.json'), 'utf8')) as Record<string, KsmTruth>;

/** An engine with one policy for each knobs, none of which scans by itself. */
class Memory {
  readonly policies: KsmPolicy[];
  readonly engine: Engine;

  constructor(knobs: Partial<KsmKnobs>[]) {
    this.engine = new Engine((words, used) => {
      for (const policy of this.policies) policy.apply(words, used);
    });
    const still = { pages_to_scan: 0, sleep_millisecs: 20, max_page_sharing: 256, use_zero_pages: 0 };
    this.policies = knobs.map((each) => new KsmPolicy(this.engine, { ...still, ...each }));
  }

  apply(buffer: RecordBuffer): void {
    this.engine.apply(0, Math.max(0, this.engine.timeMicros), buffer.words, 0, buffer.wordCount);
  }

  replay(): this {
    const trace = openTrace(fixture('traces/kvm-five'));
    while (
      trace.pull((stream, { baseTimeMicros, words, start, end }) => {
        this.engine.apply(stream, baseTimeMicros, words, start, end);
        return true;
      })
    );
    return this;
  }

  addExtras(): this {
    const buffer = new RecordBuffer();
    const extras = readKsmExtra(fixture('truth/kvm-ksm-extra.json'));
    for (const { domid, name } of this.engine.domains.live()) {
      let index = 0;
      for (const { low, high, count } of extras.get(name) ?? []) {
        buffer.extra(domid, index, count, low, high, 0);
        index += count;
      }
      // 50 that are not zero, 33 that are.
      expect(index).toBe(83);
    }
    this.apply(buffer);
    return this;
  }
}

/** The setting of a run, as knobs. */
function knobsOf({ settings }: KsmTruth): Partial<KsmKnobs> {
  return { max_page_sharing: Number(settings.max_page_sharing), use_zero_pages: Number(settings.use_zero_pages) };
}

/** The counters that do not tell how long it ran. */
function stateOf(counters: KsmFigures): Partial<KsmFigures> {
  const { pages_shared, pages_sharing, pages_unshared, pages_volatile, ksm_zero_pages } = counters;
  const { stable_node_chains, stable_node_dups, general_profit, pages_skipped } = counters;
  const pages = { pages_shared, pages_sharing, pages_unshared, pages_volatile, ksm_zero_pages, pages_skipped };
  return { ...pages, stable_node_chains, stable_node_dups, general_profit };
}

/** Each process's counters equal the real ones; those have two fields more, on how it was made mergeable. */
function expectProcesses({ policies, engine }: Memory, which: number, run: KsmTruth): void {
  for (const { slot, name } of engine.domains.live()) {
    const ours = Object.entries(policies[which].processFigures(slot)).map(([field, value]) => [field, String(value)]);
    expect([name, run.per_proc[name]]).toEqual([name, expect.objectContaining(Object.fromEntries(ours))]);
  }
}

const RUNS = Object.entries(truth);
const memory = new Memory(RUNS.map(([, run]) => knobsOf(run))).replay();
/** Settled on the guests' RAM alone, in slices of an odd size. */
const bare = memory.policies.map((policy) => {
  while (policy.converge(12_345));
  return policy.figures().ksm;
});
memory.addExtras();

describe.each(RUNS.map(([tag, run], which) => ({ tag, run, which })))('the real KSM, $tag', ({ run, which }) => {
  const policy = memory.policies[which];

  test('settled on snapshot 56: every counter, and those of each process', () => {
    while (policy.converge());
    const figures = policy.figures();
    expect(stateOf(figures.ksm!)).toEqual(stateOf(run.counters));
    expectProcesses(memory, which, run);
    // Outside every other figure: savings are those of the guests' RAM, as without the extra frames (below).
    const uncapped = Number(run.settings.max_page_sharing) > 256;
    expect(figures.savedFrames).toBe(uncapped ? 73125 : 73095);
    expect(figures.sharedFrames).toBe(uncapped ? 27591 : 27621);
    // Zero frames of the guests' RAM lie in huge pages: none is merged.
    expect(figures.zeroSavedFrames).toBe(0);
    expect(policy.audit()).toEqual([]);
  });

  test('converging, at as many tree entries as it had after 1.0 s: each counter within 0.2 %', () => {
    const [seconds, sample] = run.history[0];
    expect(seconds).toBe(1);
    const { scanner } = policy;
    scanner.unmergeAll();
    const passesBefore = scanner.fullScans;
    const entries = (): number => scanner.copies.frames + scanner.unshared;
    const wanted = sample.pages_shared + sample.pages_sharing + sample.pages_unshared;
    while (entries() < wanted) scanner.scan(1);
    expect(entries()).toBe(wanted);
    const ours = policy.figures().ksm!;
    for (const counter of ['pages_shared', 'pages_sharing', 'pages_unshared'] as const) {
      expect(Math.abs(ours[counter] / sample[counter] - 1), counter).toBeLessThan(0.002);
    }
    for (const counter of ['ksm_zero_pages', 'stable_node_chains', 'stable_node_dups'] as const) {
      expect([counter, ours[counter]]).toEqual([counter, sample[counter]]);
    }
    expect(scanner.fullScans - passesBefore).toBe(sample.full_scans);
    // Before the first run no huge page was split: the real one had items for zero pages in them, 22,619 then, which
    // went when they were split. Later runs had none.
    const more = sample.pages_volatile - ours.pages_volatile;
    if (which === 0) {
      expect(more).toBe(22_619);
      const zeros = 102_937;
      expect(more).toBeLessThan(zeros);
    } else expect(Math.abs(more / sample.pages_volatile)).toBeLessThan(0.002);
  });
});

test('without the extra frames', () => {
  expect(bare).toMatchObject([
    { pages_shared: 27_621, pages_sharing: 73_095, pages_unshared: 124_027, pages_volatile: 0 },
    { pages_shared: 27_621, pages_sharing: 73_095, pages_unshared: 124_027, pages_volatile: 0, ksm_zero_pages: 0 },
    { pages_shared: 27_591, pages_sharing: 73_125, pages_unshared: 124_027, pages_volatile: 0 },
  ]);
});

const directory = recordingsDirectory();
test.skipIf(directory === null)(
  'import --ksm-extra of the recordings gives the same (needs SHARETOP_DATA)',
  async () => {
    const imported = new Memory([{}]);
    const names = ['web1', 'web2', 'build1', 'idle1', 'trix1'];
    const none = { images: new Map(), domids: new Map(), groups: new Map(), offsetsMicros: new Map() };
    const host = { hostName: 'h', hypervisor: '', hostMemoryFrames: null };
    const files = names.map((name) => `${directory}/kvm/${name}.pghd.gz`);
    const options = { files, ...none, ...host, ksmExtra: `${directory}/kvm/ksm-rom-blocks.json` };
    await importRecordings(options, (records) => imported.apply(records));
    const [policy] = imported.policies;
    while (policy.converge());
    const run = truth['A_default'];
    expect(stateOf(policy.figures().ksm!)).toEqual(stateOf(run.counters));
    expectProcesses(imported, 0, run);
  },
);

test.skipIf(directory === null)("the fixtures are the recordings' own files (needs SHARETOP_DATA)", () => {
  const original = (name: string): string => readFileSync(`${directory}/kvm/${name}`, 'utf8');
  expect(readFileSync(fixture('truth/kvm-ksm.json'), 'utf8')).toBe(original('ksm-truth.json'));
  expect(readFileSync(fixture('truth/kvm-ksm-extra.json'), 'utf8')).toBe(original('ksm-rom-blocks.json'));
});
