import { describe, expect, test } from 'vitest';
import { TOP_KEPT_MAX, TopList } from '../../src/query/top-list.js';
import { SeededRandom } from '../seeded-random.js';

/** Scores in an array; -1: not in the list. */
function sourceOf(scores: number[]) {
  return { first: 0, end: scores.length, score: (id: number) => scores[id], tie: (id: number) => (id * 7919) % 10_007 };
}

/** All of them, sorted the plain way. */
function plain(scores: number[]): number[] {
  const { tie } = sourceOf(scores);
  const ids = scores.flatMap((score, id) => (score < 0 ? [] : [id]));
  return ids.sort((a, b) => scores[b] - scores[a] || tie(a) - tie(b) || a - b).slice(0, TOP_KEPT_MAX);
}

describe('the list of the best is what sorting all of them gives', () => {
  test.each([
    ['few ids', 100, 1000],
    ['more ids than are kept, hardly a score twice', 20_000, 1e9],
    ['nearly all scores equal', 20_000, 3],
    ['one score for all', 12_000, 1],
  ])('%s', (_, count, range) => {
    for (let seed = 1; seed <= 5; seed++) {
      const random = new SeededRandom(seed);
      const scores = Array.from({ length: count }, () => random.below(range) - (random.chance(0.3) ? 2 * range : 0));
      const list = new TopList();
      list.update(sourceOf(scores), [], false, 0);
      expect(list.ids, `seed ${seed}`).toEqual(plain(scores));
      for (let tick = 1; tick < 6; tick++) {
        // Changes that only raise: what nobody touched keeps its order, so the list must stay exact.
        const changed = Array.from({ length: 200 }, () => random.below(count));
        for (const id of changed) scores[id] = Math.max(0, scores[id]) + random.below(range) + 1;
        list.update(sourceOf(scores), changed, false, tick);
        expect(list.ids, `seed ${seed}, tick ${tick}`).toEqual(plain(scores));
      }
    }
  });

  test('also after so many left it that ids once cut off belong into it', () => {
    const random = new SeededRandom(9);
    const scores = Array.from({ length: 3 * TOP_KEPT_MAX }, () => random.below(1e6));
    const list = new TopList();
    list.update(sourceOf(scores), [], false, 0);
    const gone = list.ids.slice(0, (TOP_KEPT_MAX / 4) * 3);
    for (const id of gone) scores[id] = -1;
    list.update(sourceOf(scores), gone, false, 1);
    list.update(sourceOf(scores), [], false, 2);
    expect(list.ids).toEqual(plain(scores));
  });
});
