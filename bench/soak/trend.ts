/** Is a series flat? Least squares over its second half: the first half is warm-up (columns grow to their peak). */

/** A limit on how much a series may grow by its own trend over the whole length of the run. */
export interface Limit {
  readonly name: string;
  readonly unit: string;
  readonly atMost: number;
}

/** What the second half of a series does. */
export interface Trend {
  readonly limit: Limit;
  /** First value of the second half by the fitted line. */
  readonly from: number;
  /** Growth by the fitted line over as much time as the whole run took. */
  readonly growth: number;
  readonly isKept: boolean;
}

/**
 * @param times of the samples, ascending, any unit
 * @returns slope per unit of time, and the line's value at the first of the times
 */
export function fitLine(times: readonly number[], values: readonly number[]): { slope: number; first: number } {
  const n = times.length;
  const meanTime = times.reduce((sum, time) => sum + time, 0) / n;
  const meanValue = values.reduce((sum, value) => sum + value, 0) / n;
  let above = 0;
  let below = 0;
  for (let i = 0; i < n; i++) {
    above += (times[i] - meanTime) * (values[i] - meanValue);
    below += (times[i] - meanTime) ** 2;
  }
  const slope = below === 0 ? 0 : above / below;
  return { slope, first: meanValue + slope * (times[0] - meanTime) };
}

/** The trend of a series against its limit. */
export function trendOf(times: readonly number[], values: readonly number[], limit: Limit): Trend {
  const start = times.length >> 1;
  const { slope, first } = fitLine(times.slice(start), values.slice(start));
  const growth = slope * ((times.at(-1) ?? 0) - times[0]);
  return { limit, from: first, growth, isKept: growth <= limit.atMost };
}
