/**
 * The rows of a window: sorted by a key, equal keys by `tie` so that rows keep their places from tick to tick, then
 * cut. Text sorts A to Z when ascending; descending reverses the key order only, never the tie.
 */
export function sortedWindow<Row>(
  rows: readonly Row[],
  key: (row: Row) => number | string,
  tie: (row: Row) => number,
  descending: boolean,
  offset: number,
  count: number,
): { offset: number; total: number; rows: Row[] } {
  const sign = descending ? -1 : 1;
  const sorted = [...rows].sort((a, b) => {
    const x = key(a);
    const y = key(b);
    const order = x < y ? -1 : x > y ? 1 : 0;
    return order === 0 ? tie(a) - tie(b) : order * sign;
  });
  // A list that shrank under the window: show its end rather than nothing.
  const start = Math.max(0, Math.min(offset, sorted.length - Math.min(count, sorted.length)));
  return { offset: start, total: sorted.length, rows: sorted.slice(start, start + count) };
}
