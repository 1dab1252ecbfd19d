/**
 * All pages of a root, until each content has its label. Rows come in any order; what they become depends on the rows
 * alone, so that any number of threads writes the same file.
 */
import { assert } from '../../base/assert.js';
import { Column, COLUMN_WORDS_MAX } from '../../base/column.js';
import { ROW_WORDS } from './hash-unit.js';

/** Rows a bucket, on average: few enough to be sorted by insertion. */
const ROWS_PER_BUCKET = 8;
const BUCKET_BITS_MAX = 26;
const INSERTION_ROWS_MAX = 32;

/** The contents, ascending by hash, each with the place that names it. */
export interface DistinctContents {
  readonly count: number;
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  /** Rank of the file that names the content. */
  readonly rank: Uint32Array;
  readonly page: Uint32Array;
  /** Further files with the content. */
  readonly more: Uint32Array;
}

/** Collects rows. */
export class LabelRows {
  rows = 0;
  #words = new Column('pages of a root');

  /** Throws ColumnFullError for more than 2^28 pages. */
  append(words: Uint32Array, rows: number): void {
    const at = this.rows * ROW_WORDS;
    this.#words.reserve(at + rows * ROW_WORDS);
    this.#words.u32.set(words.subarray(0, rows * ROW_WORDS), at);
    this.rows += rows;
    assert(this.rows * ROW_WORDS <= COLUMN_WORDS_MAX, 'the column throws before');
  }

  /**
   * The contents. A content is named by the file of the lowest rank that holds it, at its first page there.
   * @param rankOf file → rank; every file has its own. Takes the rows: they are gone afterwards.
   */
  distinct(rankOf: Uint32Array): DistinctContents {
    const rows = this.rows;
    const bits = Math.min(BUCKET_BITS_MAX, Math.max(1, Math.ceil(Math.log2(Math.max(1, rows / ROWS_PER_BUCKET)))));
    const sorted = new Uint32Array(rows * ROW_WORDS);
    const starts = scatter(this.#words.u32, rows, 32 - bits, rankOf, sorted);
    this.#words = new Column('no pages', 0);
    this.rows = 0;
    for (let bucket = 0; bucket < starts.length - 1; bucket++) sortRows(sorted, starts[bucket], starts[bucket + 1]);
    return reduce(sorted, rows);
  }
}

/** Puts the rows into buckets by the upper bits of their hashes, files as ranks; returns where each bucket starts. */
function scatter(
  words: Uint32Array,
  rows: number,
  shift: number,
  rankOf: Uint32Array,
  sorted: Uint32Array,
): Uint32Array {
  const starts = new Uint32Array(2 ** (32 - shift) + 1);
  const end = rows * ROW_WORDS;
  for (let at = 0; at < end; at += ROW_WORDS) starts[(words[at + 3] >>> shift) + 1]++;
  for (let i = 1; i < starts.length; i++) starts[i] += starts[i - 1];
  const next = starts.slice();
  for (let at = 0; at < end; at += ROW_WORDS) {
    const to = next[words[at + 3] >>> shift]++ * ROW_WORDS;
    sorted[to] = rankOf[words[at]];
    sorted[to + 1] = words[at + 1];
    sorted[to + 2] = words[at + 2];
    sorted[to + 3] = words[at + 3];
  }
  return starts;
}

/** The order of rows: by hash, then rank, then page. Positions are those of the first word. */
function isBefore(words: Uint32Array, a: number, b: number): boolean {
  if (words[a + 3] !== words[b + 3]) return words[a + 3] < words[b + 3];
  if (words[a + 2] !== words[b + 2]) return words[a + 2] < words[b + 2];
  if (words[a] !== words[b]) return words[a] < words[b];
  return words[a + 1] < words[b + 1];
}

const $row = new Uint32Array(ROW_WORDS);

function sortRows(words: Uint32Array, from: number, to: number): void {
  if (to - from > INSERTION_ROWS_MAX) {
    sortManyRows(words, from, to);
    return;
  }
  const start = from * ROW_WORDS;
  for (let at = start + ROW_WORDS; at < to * ROW_WORDS; at += ROW_WORDS) {
    let hole = at;
    while (hole > start && isBefore(words, at, hole - ROW_WORDS)) hole -= ROW_WORDS;
    if (hole === at) continue;
    for (let i = 0; i < ROW_WORDS; i++) $row[i] = words[at + i];
    words.copyWithin(hole + ROW_WORDS, hole, at);
    for (let i = 0; i < ROW_WORDS; i++) words[hole + i] = $row[i];
  }
}

/** One content in many places fills a bucket. */
function sortManyRows(words: Uint32Array, from: number, to: number): void {
  const part = words.slice(from * ROW_WORDS, to * ROW_WORDS);
  const order = Uint32Array.from({ length: to - from }, (_, i) => i * ROW_WORDS);
  order.sort((a, b) => (a === b ? 0 : isBefore(part, a, b) ? -1 : 1));
  for (let i = 0; i < order.length; i++) {
    const at = (from + i) * ROW_WORDS;
    for (let word = 0; word < ROW_WORDS; word++) words[at + word] = part[order[i] + word];
  }
}

function reduce(sorted: Uint32Array, rows: number): DistinctContents {
  const end = rows * ROW_WORDS;
  const isSame = (at: number): boolean => sorted[at + 2] === sorted[at - 2] && sorted[at + 3] === sorted[at - 1];
  let count = 0;
  for (let at = 0; at < end; at += ROW_WORDS) if (at === 0 || !isSame(at)) count++;
  const column = (): Uint32Array => new Uint32Array(count);
  const contents = { count, low: column(), high: column(), rank: column(), page: column(), more: column() };
  let content = -1;
  for (let at = 0; at < end; at += ROW_WORDS) {
    if (at > 0 && isSame(at)) {
      if (sorted[at] !== sorted[at - ROW_WORDS]) contents.more[content]++;
      continue;
    }
    content++;
    contents.rank[content] = sorted[at];
    contents.page[content] = sorted[at + 1];
    contents.low[content] = sorted[at + 2];
    contents.high[content] = sorted[at + 3];
  }
  return contents;
}
