/** The slow scanners against numbers worked out by hand from docs/POLICIES.md, one visit a second. */
import { describe, expect, test } from 'vitest';
import { A, B, C, D } from './case.js';
import { ksmCase, xlhCase } from './scan-case.js';
import { ZERO_HASH } from './slow-engine.js';

describe('the slow ksm', () => {
  test('shares two frames in the second pass, unchanged since the first', () => {
    const scan = ksmCase(['a', 'b']).fill(1, 0, A, B).fill(2, 0, A);
    // First pass: three frames are noted.
    scan.pass(3);
    expect(scan.scanner.counters()).toMatchObject({ pages_volatile: 3, full_scans: 0, pages_scanned: 3 });
    // Second: A and B go into the tree, and the third frame finds the first.
    scan.pass(2);
    expect(scan.scanner.counters()).toMatchObject({ pages_volatile: 1, pages_unshared: 2, full_scans: 1 });
    scan.pass(1);
    const shared = { pages_shared: 1, pages_sharing: 1, pages_unshared: 1, pages_volatile: 0 };
    expect(scan.scanner.counters()).toMatchObject({ ...shared, general_profit: 4096 - 3 * 64 });
    expect(scan.scanner.figures()).toMatchObject({ savedFrames: 1, sharedFrames: 1, zeroSavedFrames: 0 });
    const [a] = scan.engine.live;
    expect(scan.scanner.domainFigures(a)).toMatchObject({ sharedFrames: 1, fairSavedFrames: 0.5 });
    expect(scan.scanner.process(a)).toEqual({
      ksm_rmap_items: 2,
      ksm_zero_pages: 0,
      ksm_merging_pages: 1,
      ksm_process_profit: 4096 - 128,
    });
  });

  test('a frame that changes leaves its copy at once, and is volatile until two visits found it the same', () => {
    const scan = ksmCase(['a', 'b']).fill(1, 0, A).fill(2, 0, A).pass(4);
    expect(scan.scanner.counters()).toMatchObject({ pages_shared: 1, pages_sharing: 1 });
    scan.fill(2, 0, B);
    expect(scan.scanner.counters()).toMatchObject({ pages_shared: 1, pages_sharing: 0, pages_volatile: 1 });
    expect(scan.scanner.domainFigures(scan.engine.live[1])).toMatchObject({ contentChanged: 1 });
    // Back before anybody looked: the note of the last visit still fits, and the copy waits for it.
    scan.fill(2, 0, A).pass(2);
    expect(scan.scanner.counters()).toMatchObject({ pages_shared: 1, pages_sharing: 1, pages_volatile: 0 });
    // Dirty in between: what is seen next is another content, whatever it is.
    scan.dirty(2, 0).pass(2).fill(2, 0, A).pass(2);
    expect(scan.scanner.counters()).toMatchObject({ pages_sharing: 0, pages_volatile: 1 });
    scan.pass(2);
    expect(scan.scanner.counters()).toMatchObject({ pages_sharing: 1, pages_volatile: 0 });
  });

  test.each([
    [1, { pages_shared: 0, pages_sharing: 0, pages_unshared: 1, stable_node_chains: 0 }],
    [4, { pages_shared: 1, pages_sharing: 3, pages_unshared: 0, stable_node_chains: 0 }],
    // The fifth waits in the tree until a sixth makes a copy with it.
    [5, { pages_shared: 1, pages_sharing: 3, pages_unshared: 1, stable_node_chains: 0, stable_node_dups: 0 }],
    [6, { pages_shared: 2, pages_sharing: 4, pages_unshared: 0, stable_node_chains: 1, stable_node_dups: 2 }],
    [9, { pages_shared: 2, pages_sharing: 6, pages_unshared: 1, stable_node_chains: 1, stable_node_dups: 2 }],
  ])('%i equal frames at max_page_sharing=4', (n, expected) => {
    const scan = ksmCase(['a'], { max_page_sharing: 4 }).fill(1, 0, ...Array.from({ length: n }, () => A));
    scan.pass(2 * n);
    expect(scan.scanner.counters()).toMatchObject(expected);
  });

  test('zeros: on the zero page, a content like any other, or never a candidate', () => {
    const zeros = [ZERO_HASH, ZERO_HASH, ZERO_HASH];
    const plain = ksmCase(['a'])
      .fill(1, 0, ...zeros, A)
      .thpZero(1, 9)
      .pass(8);
    expect(plain.scanner.counters()).toMatchObject({ pages_shared: 1, pages_sharing: 2, ksm_zero_pages: 0 });
    expect(plain.scanner.figures()).toMatchObject({ savedFrames: 0, zeroSavedFrames: 2, sharedFrames: 0 });
    const used = ksmCase(['a'], { use_zero_pages: 1 })
      .fill(1, 0, ...zeros, A)
      .thpZero(1, 9)
      .pass(8);
    const profit = 3 * 4096 - 64;
    const onZeroPage = { pages_shared: 0, pages_unshared: 1, ksm_zero_pages: 3, general_profit: profit };
    expect(used.scanner.counters()).toMatchObject(onZeroPage);
    expect(used.scanner.figures()).toMatchObject({ savedFrames: 0, zeroSavedFrames: 2 });
    // Only A is visited from here on.
    expect(used.pass(5).scanner.counters()).toMatchObject({ full_scans: 6, pages_scanned: 13 });
    // What leaves the zero page was never visited: two visits until it is in the tree.
    used.fill(1, 1, B).pass(2);
    expect(used.scanner.counters()).toMatchObject({ ksm_zero_pages: 2, pages_volatile: 1, pages_unshared: 1 });
  });

  test('groups share nothing, and a change of group ends what is shared', () => {
    const scan = ksmCase(['a']).domain(2, 'b', 'red').fill(1, 0, A).fill(2, 0, A).pass(4);
    expect(scan.scanner.counters()).toMatchObject({ pages_shared: 0, pages_unshared: 2 });
    scan.domain(2, 'b');
    expect(scan.scanner.counters()).toMatchObject({ pages_unshared: 1, pages_volatile: 1 });
    // Its note stays: one visit is enough.
    scan.pass(2);
    expect(scan.scanner.counters()).toMatchObject({ pages_shared: 1, pages_sharing: 1 });
    scan.domain(2, 'b', 'red');
    expect(scan.scanner.counters()).toMatchObject({ pages_shared: 1, pages_sharing: 0, pages_volatile: 1 });
    expect(scan.scanner.domainFigures(scan.engine.live[1]).contentChanged).toBe(0);
  });

  test('a frame behind the scan waits for the next pass, one before it does not', () => {
    const scan = ksmCase(['a', 'b']).fill(1, 5, A).fill(2, 5, A).pass(1);
    scan.fill(1, 0, B).fill(2, 0, B).pass(2);
    expect(scan.scanner.process(scan.engine.live[0]).ksm_rmap_items).toBe(1);
    expect(scan.scanner.process(scan.engine.live[1]).ksm_rmap_items).toBe(2);
    expect(scan.scanner.counters().full_scans).toBe(0);
    expect(scan.pass(1).scanner.counters()).toMatchObject({ full_scans: 1 });
  });

  test('extra frames go last, and count in the counters of the kernel only', () => {
    const extra = new Map([
      ['a', [A, B]],
      ['b', [A]],
    ]);
    const scan = ksmCase(['a', 'b'], {}, extra).fill(1, 0, A).fill(2, 0, B);
    // Visited so far: the RAM of the first domain and both of its extra frames, the RAM of the second.
    scan.pass(4);
    expect(scan.engine.live.map((life) => scan.scanner.process(life).ksm_rmap_items)).toEqual([3, 1]);
    scan.pass(6);
    expect(scan.scanner.counters()).toMatchObject({ pages_shared: 2, pages_sharing: 3, full_scans: 1 });
    expect(scan.engine.live.map((life) => scan.scanner.process(life).ksm_merging_pages)).toEqual([3, 2]);
    // One frame in RAM of each copy: beside the RAM of the others nothing is saved.
    expect(scan.scanner.figures()).toMatchObject({ savedFrames: 0, sharedFrames: 0, metadataBytes: 5 * 64 });
    scan.fill(1, 1, A).pass(12);
    expect(scan.scanner.counters()).toMatchObject({ pages_sharing: 4 });
    expect(scan.scanner.figures()).toMatchObject({ savedFrames: 1, sharedFrames: 1 });
    expect(scan.scanner.domainFigures(scan.engine.live[0])).toMatchObject({ sharedFrames: 2, fairSavedFrames: 1 });
  });

  test('converge begins anew and goes round until a pass finds nothing', () => {
    const scan = ksmCase(['a', 'b'], { pages_to_scan: 0 }).fill(1, 0, A, C).fill(2, 0, A, D);
    scan.scanner.converge();
    // Noted, put into the tree and shared, and one pass that finds nothing.
    expect(scan.scanner.counters()).toMatchObject({
      pages_shared: 1,
      pages_sharing: 1,
      pages_unshared: 2,
      full_scans: 3,
    });
    expect(scan.scanner.counters().pages_scanned).toBe(12);
  });
});

describe('the slow xlh', () => {
  test('shares by a hint what ksm has not visited yet', () => {
    const scan = xlhCase(['a', 'b']).fill(1, 0, A).fill(2, 0, B, B, B, B).pass(5);
    // Every frame was noted. The second domain reads A, and a scan sees it soon after.
    scan.read(2, A).pass(2).fill(2, 3, A);
    expect(scan.scanner.delays).toEqual([2_000_000]);
    expect(scan.scanner.counters()).toMatchObject({ pages_shared: 0, pages_unshared: 2 });
    scan.pass(1);
    expect(scan.scanner.counters()).toMatchObject({ pages_shared: 1, pages_sharing: 1 });
    expect(scan.scanner.hintCounts).toMatchObject({ pushed: 1, visited: 1, stale: 0 });
  });

  test('a hint whose frame changed meanwhile is dropped without a visit', () => {
    const scan = xlhCase(['a']).fill(1, 0, A, B).read(1, C, 1).fill(1, 1, B).pass(1);
    expect(scan.scanner.hintCounts).toMatchObject({ pushed: 1, visited: 0, stale: 1 });
    expect(scan.scanner.counters().pages_scanned).toBe(1);
  });

  test('the newest hint first, the oldest overwritten, and one of the scan between two', () => {
    const scan = xlhCase(['a'], { hints: 2 }).read(1, A, 10).read(1, B, 11).read(1, C, 12).fill(1, 0, D);
    expect(scan.scanner.hintCounts).toMatchObject({ pushed: 3, overwritten: 1 });
    const visited = (): string[] => {
      const { frames } = scan.scanner.state(scan.engine.live[0]);
      return [...frames.values()].filter(({ item }) => item !== null).map(({ place }) => String(place));
    };
    expect(visited()).toEqual([]);
    expect([scan.pass(1), visited()][1]).toEqual(['12']);
    expect([scan.pass(1), visited()][1]).toEqual(['12', '0']);
    expect([scan.pass(1), visited()][1]).toEqual(['11', '12', '0']);
  });

  test('an entry waits for a minute, and gives one hint', () => {
    const scan = xlhCase(['a'], { pages_to_scan: 0 }).fill(1, 0, B).read(1, A).pass(60).fill(1, 0, A).fill(1, 1, A);
    expect(scan.scanner.hintCounts).toMatchObject({ pushed: 1, expired: 0 });
    scan.read(1, C).pass(61).fill(1, 2, C);
    expect(scan.scanner.hintCounts).toMatchObject({ pushed: 1, expired: 1 });
    expect(scan.scanner.waiting).toBe(0);
  });
});
