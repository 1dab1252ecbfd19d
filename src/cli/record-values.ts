/** Values of the options of `sharetop record`. All throw UsageError with the option's name. */
import { UsageError } from './usage-error.js';

const UNIT_BYTES: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
const UNIT_SECONDS: Readonly<Record<string, number>> = { ms: 0.001, '': 1, s: 1, m: 60, min: 60, h: 3600, d: 86_400 };
const RATE_LEAST = 4096;
const SECONDS_MOST = 366 * 86_400;

/** Bytes a second: `100M`, `1.5G`, or `max` (Infinity). */
export function parseRate(option: string, text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const match = /^(\d{1,15}(?:\.\d{1,6})?)([KMG]?)(?:i?B)?(?:\/s)?$/i.exec(text);
  const rate = match === null ? 0 : Math.floor(Number(match[1]) * UNIT_BYTES[match[2].toUpperCase()]);
  if (rate >= RATE_LEAST && Number.isSafeInteger(rate)) return rate;
  throw new UsageError(`${option} '${text}': write bytes a second, e.g. 100M, at least 4K, or max`);
}

/** A share of one core: `10%` is 0.1; `off` is Infinity. */
export function parseDuty(option: string, text: string): number {
  if (text === 'off') return Number.POSITIVE_INFINITY;
  const percent = /^\d{1,4}(\.\d{1,6})?%?$/.test(text) ? Number.parseFloat(text) : 0;
  if (percent > 0 && percent <= 6400) return percent / 100;
  throw new UsageError(`${option} '${text}': write the share of one core in percent, e.g. 10%, or off`);
}

/** Seconds: `90`, `90s`, `10m`, `2h`, `1d`, `500ms`. */
export function parseTime(option: string, text: string, least = 0): number {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|min|m|h|d)?$/.exec(text);
  const seconds = match === null ? -1 : Number(match[1]) * UNIT_SECONDS[match[2] ?? ''];
  if (seconds >= least && seconds > 0 && seconds <= SECONDS_MOST) return seconds;
  throw new UsageError(`${option} '${text}': write a time above 0, e.g. 90s, 10m or 2h`);
}

/** A whole number in [least, most]. */
export function parseCount(option: string, text: string, least: number, most: number): number {
  const value = /^-?\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${option} '${text}': write a whole number from ${least} to ${most}`);
}

/** Pids, commas between them, the option given any number of times. */
export function parsePids(option: string, values: readonly string[]): number[] {
  const pids = values.flatMap((value) => value.split(',')).map((text) => text.trim());
  return pids.map((text) => parseCount(option, text, 1, 2 ** 22));
}

/** Regular expressions as JavaScript has them. */
export function parsePatterns(option: string, values: readonly string[]): RegExp[] {
  return values.map((text) => {
    if (text === '') throw new UsageError(`${option} '': write a part of the command line to look for`);
    try {
      return new RegExp(text, 'u');
    } catch (error) {
      const problem = error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : '';
      throw new UsageError(`${option} '${text}': no regular expression: ${problem}`);
    }
  });
}
