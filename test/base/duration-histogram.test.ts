import { describe, expect, test } from 'vitest';
import { DurationHistogram } from '../../src/base/duration-histogram.js';
import { SeededRandom } from '../seeded-random.js';

function histogramOf(ended: readonly number[], open: readonly number[], edges: readonly number[]): DurationHistogram {
  const histogram = new DurationHistogram(edges);
  for (const duration of ended) histogram.end(duration);
  for (const duration of open) histogram.censor(duration);
  return histogram;
}

/** Kaplan–Meier from its definition, over every distinct duration, no buckets. */
function slowSurvival(ended: readonly number[], open: readonly number[], at: number): number {
  let survival = 1;
  for (const time of [...new Set(ended)].sort((a, b) => a - b)) {
    if (time > at) break;
    const atRisk = [...ended, ...open].filter((duration) => duration >= time).length;
    survival *= 1 - ended.filter((duration) => duration === time).length / atRisk;
  }
  return survival;
}

describe('the Kaplan–Meier estimate', () => {
  // Freireich et al. 1963: weeks in remission of 21 leukaemia patients under 6-mercaptopurine, the example of most
  // textbooks (Kleinbaum & Klein, Survival Analysis, chapter 2). 9 relapses, 12 censored.
  const ended = [6, 6, 6, 7, 10, 13, 16, 22, 23];
  const open = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35];

  test('is that of the textbooks for the remissions under 6-MP', () => {
    const published = [
      [6, 0.8571],
      [7, 0.8067],
      [10, 0.7529],
      [13, 0.6902],
      [16, 0.6275],
      [22, 0.5378],
      [23, 0.4482],
    ] as const;
    const histogram = histogramOf(
      ended,
      open,
      published.map(([week]) => week),
    );
    for (const [week, survival] of published) expect(histogram.survivalAt(week)).toBeCloseTo(survival, 4);
    expect(histogram.median()).toBe(23);
    expect([histogram.ended, histogram.open]).toEqual([9, 12]);
  });

  test('without censoring is the part that lasts longer, and its median the middle one', () => {
    const histogram = histogramOf([1, 2, 3, 4], [], [2]);
    expect(histogram.survivalAt(2)).toBe(0.5);
    expect(histogram.median()).toBe(2);
  });

  test('ends where nobody was seen any longer, unless all have ended', () => {
    expect(histogramOf([5], [9], [10]).survivalAt(10)).toBeNull();
    expect(histogramOf([5], [9], [9]).survivalAt(9)).toBe(0.5);
    expect(histogramOf([5, 9], [], [10]).survivalAt(10)).toBe(0);
  });

  test('has no median while more than half last, and says nothing of nothing', () => {
    expect(histogramOf([5], [9, 9], []).median()).toBeNull();
    expect(new DurationHistogram([5]).survivalAt(5)).toBeNull();
    expect(new DurationHistogram().median()).toBeNull();
  });

  test('is exact at its edges for durations of any size, and its median within a bucket', () => {
    const random = new SeededRandom(4);
    for (let round = 0; round < 30; round++) {
      const edges = [30_000, 300_000];
      const any = (): number => {
        const roll = random.below(8);
        if (roll < 3) return edges[random.below(2)] - 1 + random.below(3);
        return roll < 7 ? random.below(600_000) : random.u32();
      };
      const some = (count: number): number[] => Array.from({ length: random.below(count) }, any);
      const [over, running] = [some(60), some(60)];
      if (over.length + running.length === 0) continue;
      const histogram = histogramOf(over, running, edges);
      // Buckets lie between the edges: what ended or was open within one is taken together, which changes little.
      for (const edge of edges) {
        expect(histogram.between(0, edge)).toEqual({
          ended: over.filter((duration) => duration < edge).length,
          open: running.filter((duration) => duration < edge).length,
        });
        const survival = histogram.survivalAt(edge);
        const [longestEnd, longest] = [Math.max(0, ...over), Math.max(0, ...over, ...running)];
        if (longest < edge && longestEnd < longest) expect(survival).toBeNull();
        else expect(Math.abs((survival ?? 2) - slowSurvival(over, running, edge))).toBeLessThan(0.02);
      }
      expect(histogram.sum).toBe([...over, ...running].reduce((sum, duration) => sum + duration, 0));
    }
  });
});
