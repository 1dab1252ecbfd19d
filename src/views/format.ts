/**
 * How figures are written. Every amount carries its unit. Forms come in two lengths: the long one for lines of text
 * (`1.27 GiB`) and the short one for columns (`1024M`), which never takes more than `shortWidth` cells.
 */
import { PAGE_BYTES } from '../base/units.js';
import type { Units } from './screen-state.js';

/** An integer with thousands separators: `1,239,382`. Rounds to the nearest integer. */
export function formatCount(value: number): string {
  const digits = Math.abs(Math.round(value)).toFixed(0);
  let text = '';
  for (let end = digits.length; end > 0; end -= 3) {
    text = digits.slice(Math.max(0, end - 3), end) + (text === '' ? '' : ',' + text);
  }
  return value < 0 && text !== '0' ? `-${text}` : text;
}

const SHORT_COUNTS = ['', 'k', 'M', 'G', 'T', 'P', 'E'] as const;

/** A count in at most 5 cells (6 if negative): `0`, `9,999` as `9999`, `12.3k`, `45.1M`. */
export function formatCountShort(value: number): string {
  const sign = value < 0 ? '-' : '';
  let rest = Math.abs(value);
  if (rest < 9999.5) return sign + rest.toFixed(0);
  let unit = 0;
  while (rest >= 999.5 && unit < SHORT_COUNTS.length - 1) {
    rest /= 1000;
    unit++;
  }
  return sign + threeDigits(rest) + SHORT_COUNTS[unit];
}

/** Three significant digits: `1.27`, `12.7`, `127`, `1270`. */
function threeDigits(value: number): string {
  if (value < 9.995) return value.toFixed(2);
  if (value < 99.95) return value.toFixed(1);
  return value.toFixed(0);
}

const IEC_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;
const SI_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const;

/** Bytes in the long form: `161 MiB`, `1.27 GiB`, `0 B`. */
export function formatBytes(bytes: number, units: Units = 'iec'): string {
  const names = units === 'si' ? SI_UNITS : IEC_UNITS;
  const step = units === 'si' ? 1000 : 1024;
  const sign = bytes < 0 ? '-' : '';
  let rest = Math.abs(bytes);
  let unit = 0;
  // 999.5 would be written with four digits; below MiB a value stays whole.
  while (rest >= (step === 1024 ? 1023.5 : 999.5) && unit < names.length - 1) {
    rest /= step;
    unit++;
  }
  return `${sign}${unit < 2 ? rest.toFixed(0) : threeDigits(rest)} ${names[unit]}`;
}

/** An amount of memory in frames of 4 KiB, long form: `1.27 GiB` or `333,482 pages`. */
export function formatFrames(frames: number, units: Units): string {
  if (units === 'pages') return `${formatCount(frames)} page${Math.round(frames) === 1 ? '' : 's'}`;
  return formatBytes(frames * PAGE_BYTES, units);
}

/** Cells that `formatFrames` rarely exceeds: `1023 MiB`, `999,999 pages`. What stands behind it begins there. */
export function longWidth(units: Units): number {
  return units === 'pages' ? 13 : 8;
}

/** Cells that `formatFramesShort` takes at most for amounts that are not negative and below 10,000 EiB. */
export function shortWidth(units: Units): number {
  return units === 'iec' ? 5 : 6;
}

const SHORT_UNITS = { iec: ['K', 'M', 'G', 'T', 'P', 'E'], si: ['kB', 'MB', 'GB', 'TB', 'PB', 'EB'] } as const;

/**
 * An amount of memory in frames of 4 KiB, for columns: `0`, `88K`, `1024K`, `9.77M`, `412M`, `1024M`, `9.77G`
 * (IEC); `412MB` (SI); `9999p`, `12.3kp`, `1.24Mp` (pages). The unit changes late, at 10,000 M, so that the sums of a
 * table can be followed by eye.
 */
export function formatFramesShort(frames: number, units: Units): string {
  const sign = frames < 0 ? '-' : '';
  const size = Math.abs(frames);
  if (units === 'pages') return sign + shortPages(size);
  const names = SHORT_UNITS[units];
  const step = units === 'si' ? 1000 : 1024;
  let rest = (size * PAGE_BYTES) / step;
  if (rest === 0) return '0';
  if (rest < 999.5) return sign + rest.toFixed(0) + names[0];
  rest /= step;
  let unit = 1;
  while (rest >= 9999.5 && unit < names.length - 1) {
    rest /= step;
    unit++;
  }
  return sign + threeDigits(rest) + names[unit];
}

/** `9999p`, `12.3kp`, `1.24Mp`: a short count with its unit. */
function shortPages(pages: number): string {
  return `${formatCountShort(pages)}p`;
}

/** A part of a whole in at most 4 cells: `57%`; `-` when there is no whole. Below 1 % but not 0: `<1%`. */
export function formatPercent(part: number, whole: number): string {
  if (!(whole > 0)) return '-';
  const percent = (part / whole) * 100;
  if (percent > 0 && percent < 0.5) return '<1%';
  if (percent > 99.5 && percent < 100) return '>99%';
  const text = percent.toFixed(0);
  return text === '-0' ? '0%' : `${text}%`;
}

/** A fraction with one decimal: `93.1%`; `-` when it is not a number. */
export function formatFraction(fraction: number | undefined): string {
  return fraction === undefined || !Number.isFinite(fraction) ? '-' : `${(fraction * 100).toFixed(1)}%`;
}

/** A ratio: `1.27x`; `-` when there is none. */
export function formatRatio(ratio: number | undefined): string {
  if (ratio === undefined || !Number.isFinite(ratio)) return '-';
  return ratio < 99.995 ? `${ratio.toFixed(2)}x` : `${ratio.toFixed(0)}x`;
}

/** A rate for lines of text: `312/s`, `2.4/s`, `0/s`. */
export function formatRate(perSecond: number): string {
  return `${formatRateShort(perSecond)}/s`;
}

/** Cells that `formatRate` takes at most: `24.6k/s`. */
export const RATE_COLUMNS = 7;

/** A rate for columns that say `/s` themselves, at most 5 cells: `312`, `2.4`, `0`. */
export function formatRateShort(perSecond: number): string {
  if (perSecond === 0) return '0';
  if (perSecond > 0 && perSecond < 0.05) return '<0.1';
  return perSecond > 0 && perSecond < 9.95 ? perSecond.toFixed(1) : formatCountShort(perSecond);
}

/** A length of time: `0.2s`, `42.0s`, `12m 03s`, `3h 12m`, `5d 07h`. Negative is written as 0. */
export function formatDuration(seconds: number): string {
  if (!(seconds > 0)) return '0.0s';
  if (seconds < 59.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${pad2(whole % 60)}s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)}h ${pad2(Math.floor((whole % 3600) / 60))}m`;
  return `${Math.floor(whole / 86_400)}d ${pad2(Math.floor((whole % 86_400) / 3600))}h`;
}

/** An age in at most 5 cells, for columns: `0.2s`, `42s`, `12m`, `3h`, `5d`, `999d`. */
export function formatAge(seconds: number): string {
  if (!(seconds > 0)) return '0.0s';
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`;
  if (seconds < 99.5) return `${seconds.toFixed(0)}s`;
  if (seconds < 99.5 * 60) return `${(seconds / 60).toFixed(0)}m`;
  if (seconds < 47.5 * 3600) return `${(seconds / 3600).toFixed(0)}h`;
  return `${Math.min(9999, seconds / 86_400).toFixed(0)}d`;
}

/** Microseconds since 1970 are above this from 2001 on; a recording counts from its own start. */
const UNIX_MICROS_MIN = 1e15;
/** The largest time that a Date can hold, in µs; above it the time is written as seconds. */
const UNIX_MICROS_MAX = 8.64e18;

/** A trace time: `t 280.669 s` on the trace's own clock, `14:31:58 UTC` when that is the time since 1970. */
export function formatTraceTime(timeMicros: number): string {
  if (timeMicros > UNIX_MICROS_MIN && timeMicros < UNIX_MICROS_MAX) {
    return `${new Date(timeMicros / 1000).toISOString().slice(11, 19)} UTC`;
  }
  return `t ${(timeMicros / 1e6).toFixed(3)} s`;
}

/** Trace time since the first record: `t+00:12:31`, `t+3d 04:10:00`. */
export function formatSince(micros: number): string {
  const seconds = Math.max(0, Math.floor(micros / 1e6));
  const days = Math.floor(seconds / 86_400);
  const clock = [Math.floor((seconds % 86_400) / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  return `t+${days > 0 ? `${days}d ` : ''}${clock.map(pad2).join(':')}`;
}

function pad2(value: number): string {
  return String(value).padStart(2, '0');
}
