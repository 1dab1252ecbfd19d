/** Values of options as people write them. All throw UsageError with the option's name. */
import { PAGE_BYTES } from '../base/units.js';
import { parseDecimalSeconds } from '../collect/decimal-seconds.js';
import type { NameKind } from '../figures/name-figures.js';
import type { NamesWanted } from '../monitor/names-report.js';
import { UsageError } from './usage-error.js';

/** `web1=debian12,web2=debian12`, the option given any number of times. */
export function parsePairs(option: string, values: readonly string[]): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const pair of values.flatMap((value) => value.split(','))) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, equals));
    const value = pair.slice(equals + 1);
    if (name === '' || value === '') throw new UsageError(`${option} '${pair}': write NAME=VALUE, e.g. web1=debian12`);
    if (pairs.has(name)) throw new UsageError(`${option}: ${name} is given twice`);
    pairs.set(name, value);
  }
  return pairs;
}

/** A domid: 0 … 65535. */
export function parseDomid(option: string, text: string): number {
  const domid = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (domid < 0 || domid > 0xffff) throw new UsageError(`${option} '${text}': a domid is an integer in 0 … 65535`);
  return domid;
}

const UNIT_BYTES: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/**
 * Memory in frames of 4 KiB: `2G`, `512MiB`, or a plain number of frames.
 * @param orElse what else the option takes, for the message
 */
export function parseFrames(option: string, text: string, orElse = ''): number {
  const match = /^(\d{1,15})(?:([KMGT])(?:i?B)?)?$/i.exec(text);
  const unit = match?.[2]?.toUpperCase();
  const frames =
    match === null ? 0 : (Number(match[1]) * (unit === undefined ? PAGE_BYTES : UNIT_BYTES[unit])) / PAGE_BYTES;
  if (frames >= 1 && Number.isSafeInteger(frames)) return frames;
  throw new UsageError(`${option} '${text}': write a size such as 2G or 512M, or a number of 4 KiB frames${orElse}`);
}

/** A speed: a number above 0, or `max`. */
export function parseSpeed(option: string, text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const speed = /^\d{1,9}(\.\d{1,9})?x?$/.test(text) ? Number.parseFloat(text) : 0;
  if (speed > 0) return speed;
  throw new UsageError(`${option} '${text}': write a number above 0 such as 10 or 0.5, or max`);
}

/** An option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** `--at`, in µs; null where it is not given. */
export function untilMicros(text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = parseDecimalSeconds(text);
  if (value === null || value < 0)
    throw new UsageError(`--at '${text}': write seconds of the trace's clock, e.g. 12.5`);
  return value;
}

/** Names where `--by` is given and `--top` is not. */
const TOP_DEFAULT = 20;
const TOP_MAX = 1_000_000;

/** `--by` and `--top` of a report: 1 … 1,000,000 names; null: neither is given. */
export function readNames(by: NameKind | undefined, top: string | undefined): NamesWanted | null {
  if (by === undefined) {
    if (top === undefined) return null;
    throw new UsageError(`--top '${top}': add --by file or --by package`);
  }
  const count = top === undefined ? TOP_DEFAULT : /^\d{1,7}$/.test(top) ? Number(top) : 0;
  if (count >= 1 && count <= TOP_MAX) return { by, top: count };
  throw new UsageError(`--top '${top}': write a whole number from 1 on, e.g. 50`);
}

/** Every how many scans one is kept: 1 … 1,000,000. */
export function parseEvery(option: string, text: string): number {
  const every = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (every >= 1 && every <= 1e6) return every;
  throw new UsageError(`${option} '${text}': write a whole number from 1 on, e.g. 2 for every second scan`);
}
