/**
 * Heat and churn: exponentially decayed counts with a half-life of 30 s, stored forward-decayed, so that contents
 * nobody touches keep their order and cost nothing (design §1).
 *
 * A decayed count S at time t is stored as key = (log2 S + t / HALF_LIFE) · 2^14, rounded. The key of an untouched
 * content is constant; keys compare as the counts do at any common time. Events are gathered for one second of trace
 * time and added with the time of that second's end, so the keys depend on the records alone, not on when somebody
 * looked. The fraction of 2^-14 is a relative error of 4e-5; 32 bits last for 90 days of trace time.
 */
export const HALF_LIFE_MS = 30_000;
const KEY_ONE = 2 ** 14;
const KEY_MAX = 2 ** 32 - 1;

/** The key after `events` more events at `timeMs`. `key` 0 means none so far. */
export function addEvents(key: number, events: number, timeMs: number): number {
  const at = timeMs / HALF_LIFE_MS;
  const before = key === 0 ? 0 : 2 ** (key / KEY_ONE - at);
  return Math.min(KEY_MAX, Math.max(1, Math.round((Math.log2(before + events) + at) * KEY_ONE)));
}

/** The decayed count of a key, as a rate per second: S · ln 2 / half-life (a steady rate r settles at S = r·T/ln 2). */
export function ratePerSecond(key: number, timeMs: number): number {
  if (key === 0) return 0;
  return (2 ** (key / KEY_ONE - timeMs / HALF_LIFE_MS) * Math.LN2) / (HALF_LIFE_MS / 1000);
}
