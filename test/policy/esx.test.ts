/** The rules of `esx`, one by one; the numbers are worked out beside them. */
import { describe, expect, test } from 'vitest';
import type { EsxFigures } from '../../src/figures/esx-figures.js';
import { FRAME_WORDS } from '../../src/engine/layout.js';
import { ESX_KNOBS, type EsxKnobs } from '../../src/policy/esx-knobs.js';
import { EsxPolicy } from '../../src/policy/esx.js';
import { knobDefaults } from '../../src/policy/knobs.js';
import { randomWorld } from '../model/random-traces.js';
import { ZERO_HASH } from '../model/slow-engine.js';
import { SeededRandom } from '../seeded-random.js';
import { percent } from '../../src/export/figure-line.js';
import { applyInPieces, freshContents, ScanWorld } from './scan-world.js';

const [A, B] = [0xaaaan << 40n, 0xbbbbn << 40n];

/** One visit of all domains together every 20 ms, so that each visit can be followed. */
const ONE_A_BATCH: Partial<EsxKnobs> = { rate: 50, rate_per_domain: 50 };

function world(keys: readonly string[] = [], knobs: Partial<EsxKnobs> = {}): ScanWorld<EsxPolicy> {
  return new ScanWorld((engine) => new EsxPolicy(engine, { ...knobDefaults(ESX_KNOBS), ...knobs }), keys);
}

function esx(of: ScanWorld<EsxPolicy>): EsxFigures {
  const { esx: own } = of.figures;
  if (own === undefined) throw new Error('esx has its own figures');
  return own;
}

describe('a visit', () => {
  test('makes a hint of a new content and a shared frame of two', () => {
    const one = world(['a', 'b', 'c'], ONE_A_BATCH).fill(1, 0, A).fill(2, 0, A).fill(3, 0, A);
    expect(esx(one)).toMatchObject({ visits: 0, hints: 0 });
    expect(esx(one.at(0.019))).toMatchObject({ visits: 0, hints: 0 });
    expect(esx(one.at(0.02))).toMatchObject({ visits: 1, hints: 1, shared: 0, common: 0, saving: 0 });
    expect(esx(one.at(0.04))).toMatchObject({ visits: 2, hints: 0, shared: 2, common: 1, saving: 1 });
    expect(one.domains.map(({ sharedFrames }) => sharedFrames)).toEqual([1, 1, 0]);
    expect(esx(one.at(0.06))).toMatchObject({ visits: 3, hints: 0, shared: 3, common: 1, saving: 2 });
    expect(one.figures).toMatchObject({ savedFrames: 2, sharedFrames: 1, metadataBytes: 16 });
    for (const { fairSavedFrames } of one.domains) expect(fairSavedFrames).toBeCloseTo(2 / 3, 12);
    // Nothing changed: a second more is 50 visits that find nothing.
    expect(esx(one.at(1.06))).toMatchObject({ visits: 53, hints: 0, shared: 3 });
  });

  test('is of the domain whose turn it is, also where one before it goes', () => {
    const one = world(['a', 'b', 'c'], ONE_A_BATCH).fill(1, 0, A).fill(2, 0, B).dirty(3, 0).at(0.02);
    one.say({ kind: 'gone', domid: 1 });
    // b's turn, whose content is a hint; c's frame is unknown and would be none.
    expect(esx(one.at(0.04))).toMatchObject({ visits: 2, hints: 1 });
    expect(esx(one.at(0.06))).toMatchObject({ visits: 3, hints: 1 });
  });

  test('finds equal frames of one domain, too', () => {
    const one = world(['a']).fill(1, 0, A, B, A, B, A).at(1);
    expect(esx(one)).toMatchObject({ shared: 5, common: 2, saving: 3, hints: 0 });
  });

  test('finds nothing where the hint changed before: the frame visited is the hint then', () => {
    const one = world(['a', 'b', 'c'], ONE_A_BATCH).fill(1, 0, A).fill(2, 0, A).at(0.02);
    one.fill(1, 0, B);
    expect(esx(one)).toMatchObject({ hints: 0, staleHints: 1 });
    // b's turn: A again is a hint; then a's: B is one.
    expect(esx(one.at(0.04))).toMatchObject({ hints: 1, staleHints: 1, shared: 0 });
    expect(esx(one.at(0.06))).toMatchObject({ hints: 2, staleHints: 1, shared: 0 });
    // What was never shared has not lost its content for sharing.
    expect(esx(one).contentChanged).toEqual({ overwritten: 0, zeroed: 0, unknown: 0, freed: 0 });
  });

  test('leaves an unknown frame alone, and costs as much as any other', () => {
    const one = world(['a'], ONE_A_BATCH).fill(1, 0, A).dirty(1, 0).at(0.1);
    expect(esx(one)).toMatchObject({ visits: 5, hints: 0 });
    expect(esx(one.free(1, 0).at(1))).toMatchObject({ visits: 5, hints: 0 });
  });

  test('shares zeros, which are counted apart, but none of transparent huge pages', () => {
    const one = world(['a', 'b']).fill(1, 0, ZERO_HASH, ZERO_HASH).fill(2, 0, ZERO_HASH, A, A);
    one.thpZero(1, 2).thpZero(2, 3).at(1);
    expect(one.figures).toMatchObject({ savedFrames: 1, zeroSavedFrames: 2, sharedFrames: 1 });
    expect(esx(one)).toMatchObject({ shared: 5, common: 2, saving: 3 });
    expect(one.domains.map(({ sharedFrames }) => sharedFrames)).toEqual([0, 2]);
  });
});

describe('a shared frame', () => {
  test('stays with one reference, takes others, and is gone without any', () => {
    const one = world(['a', 'b', 'c']).fill(1, 0, A).fill(2, 0, A).at(1);
    one.fill(1, 0, B).at(2);
    expect(one.figures).toMatchObject({ savedFrames: 0, sharedFrames: 0, metadataBytes: 2 * 16 });
    expect(esx(one)).toMatchObject({ hints: 1, shared: 0, common: 0 });
    expect(esx(one).contentChanged).toMatchObject({ overwritten: 1 });
    one.fill(3, 0, A).at(3);
    expect(esx(one)).toMatchObject({ hints: 1, shared: 2, common: 1 });
    one.dirty(3, 0).free(2, 0).at(4);
    expect(esx(one)).toMatchObject({ hints: 1, shared: 0, staleHints: 0 });
    expect(esx(one).contentChanged).toEqual({ overwritten: 1, zeroed: 0, unknown: 1, freed: 1 });
    // The copy of A is gone: A is a hint again.
    expect(esx(one.fill(1, 5, A).at(5))).toMatchObject({ hints: 2, shared: 0 });
    expect(one.domains.map(({ contentChanged }) => contentChanged)).toEqual([1, 1, 1]);
  });

  test('is left by a domain that goes, which changes no content', () => {
    const one = world(['a', 'b', 'c']).fill(1, 0, A, B).fill(2, 0, A).fill(3, 7, A).at(1);
    one.say({ kind: 'gone', domid: 1 }).at(2);
    expect(esx(one)).toMatchObject({ shared: 2, common: 1, hints: 0, staleHints: 1 });
    expect(esx(one).contentChanged).toEqual({ overwritten: 0, zeroed: 0, unknown: 0, freed: 0 });
  });

  test('is of one trust group; who changes the group shares again after the next visit', () => {
    const one = world().domain(1, 'a', 'red').domain(2, 'b', 'blue').domain(3, 'c', 'red');
    one.fill(1, 0, A, B).fill(2, 0, A).fill(3, 0, A).at(1);
    expect(esx(one)).toMatchObject({ shared: 2, common: 1, hints: 2 });
    one.domain(1, 'a', 'blue');
    expect(esx(one)).toMatchObject({ shared: 0, hints: 1, staleHints: 1 });
    expect(esx(one).contentChanged).toMatchObject({ overwritten: 0 });
    expect(esx(one.at(2))).toMatchObject({ shared: 2, common: 1, hints: 1 });
    expect(one.domains.map(({ sharedFrames }) => sharedFrames)).toEqual([1, 1, 0]);
  });

  test('is a copy of which questions are told; a hint is none', () => {
    const one = world(['a', 'b']).fill(1, 0, A, A, B, ZERO_HASH, ZERO_HASH).fill(2, 0, A).at(1);
    const { copies } = one.policy;
    const [first] = one.engine.domains.live();
    const frame = (gfn: number): number => one.engine.frames.find(first.slot, gfn);
    const copy = copies.ofFrame(frame(0));
    expect(copies.refs(copy)).toBe(3);
    expect([0, 1, 2, 3].map((gfn) => copies.ofFrame(frame(gfn)))).toEqual([copy, copy, 0, 0]);
    const content = one.engine.frameWords()[frame(0) * FRAME_WORDS];
    expect(one.policy.sharedRefs(content)).toBe(3);
    expect(copies.ofContent(content)).toBe(1);
    const losses = new Float64Array(2);
    expect(copies.addStopLosses(1, losses)).toBe(0);
    // Without a, b is alone: both savings are lost. Without b, a's two still save one.
    expect([...losses]).toEqual([2, 1]);
  });
});

describe('page-seconds', () => {
  test('count what is saved from the visit on that shares it, whoever looks when', () => {
    const one = world(['a', 'b'], ONE_A_BATCH).fill(1, 0, A).fill(2, 0, A);
    // Shared at 0.04 s, and until the overwrite at 2.04 s.
    one.at(2.04).fill(1, 0, B).at(9);
    expect(one.policy.pageSeconds().saved).toBeCloseTo(2, 9);
  });
});

describe('rates', () => {
  /** Frames that were visited, by domain: of contents that nobody else has, each visited frame is a hint. */
  function visited(of: ScanWorld<EsxPolicy>): number[] {
    const { engine, policy } = of;
    const counts = engine.domains.live().map(() => 0);
    for (let id = 0; id < engine.frameIdEnd(); id++) {
      if (policy.scan.merges.frames.waitsAt(id) !== 0) counts[engine.domainOfFrame(id)]++;
    }
    return counts;
  }

  test('of a domain and of all are kept exactly in each second, and shared out in turns', () => {
    const random = new SeededRandom(4);
    for (let round = 0; round < 6; round++) {
      const knobs = { rate: 1 + random.below(1500), rate_per_domain: 1 + random.below(500) };
      const domains = 1 + random.below(5);
      const one = world([], knobs);
      for (let domid = 1; domid <= domains; domid++) one.domain(domid, `d${domid}`);
      for (let domid = 1; domid <= domains; domid++) one.fill(domid, 9, ...freshContents(3000, domid));
      for (let second = 1; second <= 3; second++) {
        const all = Array.from({ length: 50 }, (_, batch) => {
          const credit = (rate: number): number =>
            Math.floor(((batch + 1) * rate) / 50) - Math.floor((batch * rate) / 50);
          return Math.min(credit(knobs.rate), domains * credit(knobs.rate_per_domain));
        }).reduce((sum, visits) => sum + visits);
        const counts = visited(one.at(second));
        expect(esx(one).visits).toBe(second * all);
        expect(counts.reduce((sum, count) => sum + count)).toBe(second * all);
        expect(Math.max(...counts)).toBeLessThanOrEqual(second * knobs.rate_per_domain);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        expect(all).toBeLessThanOrEqual(knobs.rate);
        // Who is alone, or together below the rate of all, has the whole rate of a domain.
        if (domains === 1) expect(all).toBeGreaterThan(Math.min(knobs.rate, knobs.rate_per_domain) - 50);
        if (knobs.rate >= domains * (knobs.rate_per_domain + 50)) expect(all).toBe(domains * knobs.rate_per_domain);
        if (domains * knobs.rate_per_domain >= knobs.rate + 50 * domains) expect(all).toBe(knobs.rate);
      }
    }
  });

  test('of a domain without frames go to nobody, what is not used is lost', () => {
    const one = world(['a', 'b'], { rate: 100, rate_per_domain: 60 }).fill(1, 0, A).at(10);
    expect(esx(one).visits).toBe(600);
    one.fill(2, 0, A).at(11);
    // In 10 of 50 batches each could have two: in those, and in all others, two are left for both.
    expect(esx(one).visits).toBe(700);
  });

  test('of 0 switch the scan off', () => {
    for (const knobs of [{ rate: 0 }, { rate_per_domain: 0 }]) {
      const one = world(['a', 'b'], knobs).fill(1, 0, A).fill(2, 0, A).at(100).converge();
      expect(esx(one)).toMatchObject({ visits: 0, hints: 0, shared: 0 });
    }
  });

  test('go on through a year without records at once, as if each visit were done', () => {
    const year = 365 * 86_400;
    const one = world(['a', 'b'], { rate: 100, rate_per_domain: 60 })
      .fill(1, 0, ...freshContents(7))
      .fill(2, 0, A);
    one.at(year);
    expect(esx(one)).toMatchObject({ visits: 100 * year, hints: 8 });
    // Half of the visits are each domain's. A round is known to be over when the next one begins.
    expect(esx(one).rounds).toBe(Math.ceil((50 * year) / 7) - 1 + 50 * year - 1);
  });
});

describe('the order', () => {
  test('visits each frame once a round, whatever the chunks of memory they lie in', () => {
    const random = new SeededRandom(9);
    for (let round = 0; round < 6; round++) {
      const one = world(['a'], { rate: 50, rate_per_domain: 50, seed: round });
      let frames = 0;
      for (let chunk = 0; chunk < 1 + 2 * round; chunk++) {
        const count = 1 + random.below(50);
        one.fill(1, 4096 * random.below(100) + random.below(4000), ...freshContents(count, chunk));
      }
      for (const { slot } of one.engine.domains.live()) frames = one.policy.scan.domainOf(slot)?.scanned ?? 0;
      // A hint a visit: none is visited twice before all were.
      expect(esx(one.at((frames - 1) / 50))).toMatchObject({ visits: frames - 1, hints: frames - 1, rounds: 0 });
      expect(esx(one.at(frames / 50))).toMatchObject({ visits: frames, hints: frames, rounds: 0 });
      expect(esx(one.at((2 * frames + 1) / 50))).toMatchObject({ visits: 2 * frames + 1, hints: frames, rounds: 2 });
    }
  });

  test('is another one for each seed and domain, and no frame has a place of its own', () => {
    const frames = 600;
    const sums = new Float64Array(frames);
    const seeds = 60;
    for (let seed = 0; seed < seeds; seed++) {
      const one = world(['a'], { rate: 50 * 100, rate_per_domain: 50 * 100, seed });
      one.fill(1, 0, ...freshContents(frames));
      for (let batch = 1; batch <= frames / 100; batch++) {
        one.at(batch / 50);
        for (let id = 0; id < frames; id++) if (one.policy.scan.isPending(id)) sums[id]++;
      }
    }
    // A frame waits 0 to 5 whole batches before that of its visit, 2.5 on the mean, with a deviation of 1.71 / √60.
    const means = [...sums].map((sum) => sum / seeds);
    expect(means.reduce((sum, mean) => sum + mean) / frames).toBeCloseTo(2.5, 9);
    const deviation = Math.sqrt(means.reduce((sum, mean) => sum + (mean - 2.5) ** 2, 0) / frames);
    expect(deviation).toBeGreaterThan(0.19);
    expect(deviation).toBeLessThan(0.25);
  });
});

describe('figures', () => {
  test('do not depend on how records are cut into blocks or when somebody looks', () => {
    for (let seed = 0; seed < 60; seed++) {
      const { records } = randomWorld(1000 + seed, { records: 150 });
      const knobs = { rate: 1 + (seed % 7) * 300, rate_per_domain: 1 + (seed % 5) * 200, seed };
      const whole = world([], knobs);
      for (const record of records) whole.apply([record]);
      const cut = world([], knobs);
      applyInPieces(cut, records, seed);
      expect(cut.figures).toEqual(whole.figures);
      expect(cut.domains).toEqual(whole.domains);
      expect(cut.converge().figures).toEqual(whole.converge().figures);
    }
  });

  test('settled count the visits in turn until every frame was visited, whatever the slices', () => {
    for (const work of [1, 2, 7, Number.POSITIVE_INFINITY]) {
      const one = world(['a', 'b']).fill(1, 0, A, B, A, B, A).fill(2, 0, A, B);
      while (one.policy.converge(work));
      // a b a b a b a b a: the last two of b are its second round.
      expect(esx(one)).toMatchObject({ visits: 9, rounds: 1, saving: 5 });
    }
  });

  test('settled are those of sharing everything identical at once, in each trust group', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { records } = randomWorld(2000 + seed, { records: 120 });
      const one = world([], { rate: seed % 3 === 0 ? 10 : 4096 });
      for (const record of records) one.apply([record]);
      const { savedFrames } = one.converge().figures;
      const known = new Map<string, number>();
      let zeros = 0;
      for (const { groupNumber, slot } of one.engine.domains.live()) {
        one.engine.frames.eachChunk(slot, 0, (_, base) => {
          for (let id = base; id < base + 4096; id++) {
            const content = one.engine.frameWords()[id * FRAME_WORDS];
            if (content >= 5) known.set(`${groupNumber} ${content}`, (known.get(`${groupNumber} ${content}`) ?? 0) + 1);
            else if (content === 3) zeros++;
          }
        });
      }
      expect(savedFrames).toBe([...known.values()].reduce((sum, refs) => sum + refs - 1, 0));
      expect(one.figures.zeroSavedFrames).toBeLessThanOrEqual(zeros);
    }
  });
});

describe('published figures', () => {
  test('V8: 4541 shared less 788 common is 3753 saving, as esxtop prints it', () => {
    // 788 contents in 4541 frames: 601 of them in 6 frames, 187 in 5.
    const refs = Array.from({ length: 788 }, (_, i) => (i < 601 ? 6 : 5));
    expect(refs.reduce<number>((sum, count) => sum + count, 0)).toBe(4541);
    const contents = freshContents(788);
    const one = world(['a', 'b']);
    const frames = refs.flatMap((count, i) => Array.from({ length: count }, () => contents[i]));
    const other = frames.filter((_, i) => i % 2 === 1);
    one.fill(1, 0, ...frames.filter((_, i) => i % 2 === 0), ...freshContents(5, 1));
    one.fill(2, 0, ...other).converge();
    expect(esx(one)).toMatchObject({ shared: 4541, common: 788, saving: 3753, hints: 5 });
    expect(one.figures.metadataBytes).toBe(16 * (788 + 5));
  });

  // [2]: from a third party's summary; [R]: general knowledge, not verified (facts §7.2): never figures of ours.
  test.each([
    ['A, reclaimed [2] of total [R]', 673, 2048, '32.9 %'],
    ['B, reclaimed [2] of total [R]', 345, 1846, '18.7 %'],
    ['C, reclaimed [R] of total [R]', 120, 1658, '7.2 %'],
  ])('V9: ESX table, site %s: %d of %d MB is %s', (_, part, whole, text) => {
    expect(percent(part, whole)).toBe(text);
  });
});
