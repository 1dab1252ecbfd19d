/** `xlh`: the stack of hints alone, then the policy beside its slow model and beside ksm. */
import { describe, expect, test } from 'vitest';
import type { XlhFigures } from '../../src/figures/xlh-figures.js';
import { knobDefaults } from '../../src/policy/knobs.js';
import { KsmPolicy } from '../../src/policy/ksm.js';
import { DelayHistogram } from '../../src/policy/parts/delay-histogram.js';
import { HintStack } from '../../src/policy/parts/hint-stack.js';
import { XLH_KNOBS, type XlhKnobs } from '../../src/policy/xlh-knobs.js';
import { XlhPolicy } from '../../src/policy/xlh.js';
import { randomWorld } from '../model/random-traces.js';
import { SlowEngine } from '../model/slow-engine.js';
import { SlowXlh } from '../model/slow-xlh.js';
import { SeededRandom } from '../seeded-random.js';
import { applyInPieces, ScanWorld } from './scan-world.js';

const [A, B, C] = [0xaaaan << 40n, 0xbbbbn << 40n, 0xccccn << 40n];
const VISIT_A_SECOND = { ...knobDefaults(XLH_KNOBS), pages_to_scan: 1, sleep_millisecs: 1000 };

function world(keys: readonly string[], knobs: Partial<XlhKnobs> = {}): ScanWorld<XlhPolicy> {
  return new ScanWorld((engine) => new XlhPolicy(engine, { ...VISIT_A_SECOND, ...knobs }), keys);
}

function xlh(of: ScanWorld<XlhPolicy>): XlhFigures {
  const { xlh: own } = of.figures;
  if (own === undefined) throw new Error('xlh has its own figures');
  return own;
}

/** A stack that knows frames 0 … 99. */
function stackOf(capacity: number, ...frames: number[]): HintStack {
  const stack = new HintStack(capacity);
  stack.reserveFrames(100);
  for (const frame of frames) stack.push(frame);
  return stack;
}

const pops = (stack: HintStack, count: number): number[] => Array.from({ length: count }, () => stack.pop());

describe('the circular stack of hints', () => {
  test('V15: six places, A to E, F and G pushed, three popped (our reading of XLH, figure 3)', () => {
    const [a, b, c, d, e, f, g] = [10, 11, 12, 13, 14, 15, 16];
    const stack = stackOf(6, a, b, c, d, e, f, g);
    // A is lost.
    expect(stack).toMatchObject({ count: 6, overwritten: 1, pushed: 7 });
    expect(pops(stack, 3)).toEqual([g, f, e]);
    expect(stack.count).toBe(3);
    expect(pops(stack, 3)).toEqual([d, c, b]);
  });

  test('a frame is in it once, where it was pushed last; a dead hint keeps its place', () => {
    const stack = stackOf(3, 1, 2, 1);
    expect(stack.count).toBe(3);
    stack.push(3);
    // The dead hint of 1 was the oldest.
    expect(stack).toMatchObject({ count: 3, overwritten: 1 });
    stack.kill(1);
    stack.kill(50);
    expect(pops(stack, 3)).toEqual([3, -1, 2]);
  });

  test('does what a list does of which the end is popped and the beginning cut off', () => {
    const random = new SeededRandom(15);
    for (let round = 0; round < 50; round++) {
      const capacity = 1 + random.below(8);
      const stack = stackOf(capacity);
      let list: number[] = [];
      for (let step = 0; step < 200; step++) {
        const frame = random.below(12);
        const roll = random.below(10);
        if (roll < 6) {
          stack.push(frame);
          list = [...list.map((other) => (other === frame ? -1 : other)), frame].slice(-capacity);
        } else if (roll < 8) {
          if (list.length > 0) expect(stack.pop()).toBe(list.pop());
        } else if (roll === 8) {
          stack.kill(frame);
          list = list.map((other) => (other === frame ? -1 : other));
        } else {
          stack.killWhere((other) => other % 3 === frame % 3);
          list = list.map((other) => (other % 3 === frame % 3 ? -1 : other));
        }
        expect(stack.count).toBe(list.length);
      }
      stack.clear();
      expect(stack.count).toBe(0);
    }
  });
});

describe('the histogram of delays', () => {
  test('knows the count, the largest, and the bucket of the median', () => {
    const delays = new DelayHistogram();
    expect(delays.figures()).toMatchObject({ count: 0, medianAtMostMicros: null, maxMicros: null });
    for (const delay of [0, 0, 1500, 60_000_000]) delays.add(delay);
    const figures = delays.figures();
    // 0, 0, 1.5 ms, a minute: the second of four is 0.
    expect(figures).toMatchObject({ count: 4, medianAtMostMicros: 0, maxMicros: 60_000_000 });
    const counted = figures.histogram.filter(({ count }) => count > 0);
    expect(counted.map(({ atMostMicros, count }) => [atMostMicros, count])).toEqual([
      [0, 2],
      [2000, 1],
      [60_000_000, 1],
    ]);
    delays.add(1600);
    expect(delays.figures()).toMatchObject({ medianAtMostMicros: 2000 });
  });
});

describe('a read', () => {
  test('of a frame that a scan sees three seconds later is a hint then: visited next, and shared at once', () => {
    const one = world(['a', 'b']).fill(1, 0, A).fill(2, 0, B, B, B, B, B).at(7);
    // The sixth visit ended the first pass, the seventh is that of A: it waits in the tree.
    expect(one.figures.ksm).toMatchObject({ pages_shared: 0, pages_unshared: 1, pages_scanned: 7 });
    one.read(2, A).at(10).fill(2, 5, A);
    expect(xlh(one).hints).toMatchObject({ pushed: 1, held: 1, waiting: 0 });
    expect(xlh(one).hints.delay).toMatchObject({ count: 1, medianAtMostMicros: 5_000_000, maxMicros: 3_000_000 });
    expect(one.at(11).figures.savedFrames).toBe(3);
    expect(xlh(one)).toMatchObject({ merges: { byHint: 1, byScan: 2 }, hints: { visited: 1, held: 0 } });
  });

  test('that names the frame is a hint at once, also where the frame held the content before', () => {
    const one = world(['a'], { pages_to_scan: 0 }).fill(1, 3, A).read(1, A, 3).read(1, B, 4).at(9);
    expect(xlh(one).hints).toMatchObject({ pushed: 2, held: 2, delay: { count: 2, maxMicros: 0 } });
    one.fill(1, 3, C).fill(1, 4, C);
    // Both are stale; a visit drops them.
    expect(xlh(one).hints).toMatchObject({ held: 2, stale: 0 });
  });

  test('of unknown content, of zeros, or not aligned is no hint', () => {
    const one = world(['a'], { pages_to_scan: 0 }).read(1, null).read(1, null, 3);
    one.say({ kind: 'blockRead', domid: 1, image: 1, block: 1, hash: A, gfn: 4, aligned: false });
    one.say({ kind: 'blockRead', domid: 1, image: 1, block: 1, hash: A, gfn: null, aligned: false });
    expect(xlh(one.fill(1, 9, A)).hints).toMatchObject({ pushed: 0, waiting: 0 });
  });

  test('is given up after a minute, and its content is not kept for it', () => {
    const one = world(['a'], { pages_to_scan: 0 }).read(1, A).at(60);
    expect(xlh(one).hints).toMatchObject({ waiting: 1, expired: 0 });
    expect(xlh(one.at(60.1)).hints).toMatchObject({ waiting: 0, expired: 1 });
    expect(xlh(one.fill(1, 0, A)).hints).toMatchObject({ pushed: 0 });
  });
});

describe('figures of random worlds', () => {
  test('are those of the slow model, however records are cut', () => {
    for (let seed = 0; seed < 80; seed++) {
      const { records } = randomWorld(3000 + seed, { records: 200 });
      const knobs = {
        pages_to_scan: seed % 5,
        sleep_millisecs: [100, 500, 2000][seed % 3],
        max_page_sharing: 2 + (seed % 4),
        use_zero_pages: seed % 2,
        hints: 1 + (seed % 6),
      };
      const fast = world([], knobs);
      const slow = new SlowXlh(knobs);
      const engine = new SlowEngine([slow]);
      applyInPieces(fast, records, seed);
      for (const record of records) engine.apply(record);
      const { ksm, ...all } = fast.figures;
      const own = xlh(fast).hints;
      const counted = slow.counters();
      expect(ksm).toEqual(counted);
      expect(all.savedFrames).toBe(slow.figures().savedFrames);
      expect({ ...slow.hintCounts, waiting: slow.waiting, held: slow.stack.length }).toEqual({
        pushed: own.pushed,
        overwritten: own.overwritten,
        stale: own.stale,
        alreadyShared: own.alreadyShared,
        visited: own.visited,
        expired: own.expired,
        waiting: own.waiting,
        held: own.held,
      });
      expect(own.delay.count).toBe(slow.delays.length);
      expect(own.delay.maxMicros).toBe(slow.delays.length === 0 ? null : Math.max(...slow.delays));
      expect(own.pushed).toBe(own.held + own.overwritten + own.stale + own.alreadyShared + own.visited);
    }
  });

  test('settled are those of ksm with the same knobs', () => {
    let saved = 0;
    for (let seed = 0; seed < 60; seed++) {
      const { records } = randomWorld(4000 + seed, { records: 150 });
      const knobs = { ...VISIT_A_SECOND, max_page_sharing: 2 + (seed % 4), use_zero_pages: seed % 2, hints: 4 };
      const one = world([], knobs);
      const ksm = new ScanWorld<KsmPolicy>((engine) => new KsmPolicy(engine, knobs));
      applyInPieces(one, records, seed);
      applyInPieces(ksm, records, seed + 1);
      // How many visits and passes it took, and what was shared on the way, is each one's own.
      const settled = { ...one.converge().figures.ksm, pages_scanned: 0, full_scans: 0 };
      expect(settled).toEqual({ ...ksm.converge().figures.ksm, pages_scanned: 0, full_scans: 0 });
      const parts = (of: ScanWorld<KsmPolicy> | ScanWorld<XlhPolicy>): number[][] =>
        of.domains.map(({ sharedFrames, fairSavedFrames }) => [sharedFrames, fairSavedFrames]);
      expect(parts(one)).toEqual(parts(ksm));
      saved += one.figures.savedFrames;
    }
    expect(saved).toBeGreaterThan(60);
  });
});
