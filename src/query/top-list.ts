import { BoundedHeap } from './bounded-heap.js';

/** Ids kept: more than any screen scrolls through, few enough to sort in a tick. */
export const TOP_KEPT_MAX = 4096;

/** Updates at most this far apart tell when something last happened; trace time, µs. */
const FINE_MICROS = 5_000_000;

/** What a top list asks of the contents. Scores are compared only; an id with a score below 0 is not in the list. */
export interface Scored {
  /** Ids are in [first, end). */
  readonly first: number;
  readonly end: number;
  score(id: number): number;
  /** Orders equal scores: of the content, not of its id, which is another in another run. Lower first. */
  tie(id: number): number;
}

/**
 * The ids with the largest scores, exact from tick to tick: the new top is within the old one and what changed since
 * (scores that nobody touched keep their order). A full look over all ids is needed only at the start, for another
 * order, or when so many left the list that ids once cut off may belong into it.
 */
export class TopList {
  ids: number[] = [];
  #scores = new Map<number, number>();
  /**
   * Trace time at which an id of the list was last among the changed ones, µs. Only as fine as the updates are: an id
   * that changed between two updates more than FINE_MICROS apart is not in here.
   */
  readonly lastEvent = new Map<number, number>();
  #updatedMicros = Number.NEGATIVE_INFINITY;
  #cutOff = false;
  #made = false;

  /** Forgets the order: the next update looks at all ids. */
  reset(): void {
    this.#made = false;
  }

  /** @param changed ids whose score may differ since the last update; `all` if they are too many to name */
  update(source: Scored, changed: Iterable<number>, all: boolean, timeMicros: number): void {
    const candidates = new Set<number>();
    const isFine = timeMicros - this.#updatedMicros <= FINE_MICROS;
    this.#updatedMicros = timeMicros;
    for (const id of changed) {
      candidates.add(id);
      if (isFine) this.lastEvent.set(id, timeMicros);
      else this.lastEvent.delete(id);
    }
    const shrunk = this.#cutOff && this.ids.length < TOP_KEPT_MAX / 2;
    if (!this.#made || all || shrunk) {
      this.#cutOff = addBest(source, candidates);
    } else {
      for (const id of this.ids) candidates.add(id);
    }
    this.#made = true;
    this.#keepBest(source, candidates);
  }

  #keepBest(source: Scored, candidates: Set<number>): void {
    this.#scores.clear();
    const ids: number[] = [];
    for (const id of candidates) {
      const score = source.score(id);
      if (score < 0) continue;
      this.#scores.set(id, score);
      ids.push(id);
    }
    const scores = this.#scores;
    // A total order, so that rows do not jump.
    ids.sort((a, b) => (scores.get(b) ?? 0) - (scores.get(a) ?? 0) || source.tie(a) - source.tie(b) || a - b);
    if (ids.length > TOP_KEPT_MAX) {
      ids.length = TOP_KEPT_MAX;
      this.#cutOff = true;
    }
    this.ids = ids;
    for (const id of this.lastEvent.keys()) if (!candidates.has(id)) this.lastEvent.delete(id);
  }
}

/** Ids whose largest score is remembered together. */
const GROUP_SHIFT = 6;

/**
 * Adds the TOP_KEPT_MAX best of all ids; true if others were left out. Two looks: the first is at all ids and finds the
 * last score that gets in, the second takes those above it, and of those at it as many as there is room for. It passes
 * over the groups of ids that have none, which are most unless many scores are equal: a third of the time less.
 */
function addBest(source: Scored, candidates: Set<number>): boolean {
  const { first, end } = source;
  const scores = new BoundedHeap(TOP_KEPT_MAX);
  const largest = new Float64Array(((end - first) >>> GROUP_SHIFT) + 1).fill(-1);
  let scored = 0;
  for (let id = first; id < end; id++) {
    const score = source.score(id);
    if (score < 0) continue;
    scored++;
    const group = (id - first) >>> GROUP_SHIFT;
    if (score > largest[group]) largest[group] = score;
    scores.offer(score, id);
  }
  const last = scores.threshold;
  let above = 0;
  for (let i = 0; i < scores.count; i++) if (scores.values[i] > last) above++;
  // The smallest ties are the largest of their negatives.
  const ties = new BoundedHeap(scores.count - above);
  for (let group = 0; group < largest.length; group++) {
    if (largest[group] < 0 || largest[group] < last) continue;
    const start = first + (group << GROUP_SHIFT);
    const stop = Math.min(end, start + (1 << GROUP_SHIFT));
    for (let id = start; id < stop; id++) {
      const score = source.score(id);
      if (score > last) {
        if (score >= 0) candidates.add(id);
      } else if (score === last) ties.offer(-source.tie(id), id);
    }
  }
  for (let i = 0; i < ties.count; i++) candidates.add(ties.ids[i]);
  return scored > TOP_KEPT_MAX;
}
