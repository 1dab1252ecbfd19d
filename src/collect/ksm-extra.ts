/**
 * Reads what a process had mergeable beside its guest's RAM, such as ROMs (`import --ksm-extra FILE`): JSON, for each
 * guest its blocks of memory,
 *
 *   {"web1":[{"pages":16,"present":16,"nonzero_hashes":["344b4cd10ec2382c"],"zero_present":15}, …], …}
 *
 * pages of the block, how many of them are in memory, the hashes of those that are not zero, in order, and how many
 * are zero.
 * A block of whole transparent huge pages (512 pages) has no zero page that a scanner could take: they are left out,
 * as the counters of the real KSM show.
 */
import { readFileSync, statSync } from 'node:fs';
import { hashHigh, hashLow, isHashHex } from '../base/hash-hex.js';
import { printable } from '../base/printable.js';
import { systemProblem } from '../base/system-problem.js';
import { EXTRA_FRAMES_MAX, ZERO_HASH_HIGH, ZERO_HASH_LOW } from '../trace/record.js';
import { TraceError } from '../trace/trace-error.js';

const HUGE_PAGE_FRAMES = 512;
/** The file is read whole: a hundred guests with thousands of hashes each. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;

/** Frames of one content. */
export interface ExtraRun {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** The extra frames of each guest of the file, by its name, in order. Throws TraceError if it is not such a file. */
export function readKsmExtra(path: string): ReadonlyMap<string, readonly ExtraRun[]> {
  const guests = parsed(path);
  if (!isObject(guests)) throw new TraceError(path, '', 'not an object of guests, {"NAME":[BLOCK,…],…}');
  const runs = new Map<string, ExtraRun[]>();
  for (const [name, blocks] of Object.entries(guests)) {
    const where = `guest ${printable(name, 64)}`;
    if (!Array.isArray(blocks)) throw new TraceError(path, where, 'is not a list of blocks');
    const ofGuest = blocks.flatMap((block: unknown, i) => runsOf(path, `${where}, block ${i + 1}`, block));
    const frames = ofGuest.reduce((sum, { count }) => sum + count, 0);
    if (frames > EXTRA_FRAMES_MAX) throw new TraceError(path, where, `more than ${EXTRA_FRAMES_MAX} frames`);
    runs.set(name, ofGuest);
  }
  return runs;
}

function parsed(path: string): unknown {
  let text: string;
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw new TraceError(path, '', 'is a directory; name the file');
    if (stat.size > FILE_BYTES_MAX) throw new TraceError(path, '', 'is larger than 64 MiB: no list of extra frames is');
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw error instanceof TraceError ? error : new TraceError(path, '', systemProblem(error));
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new TraceError(path, '', 'is no JSON: write {"GUEST":[{"pages":…,"nonzero_hashes":[…],"zero_present":…}]}');
  }
}

function runsOf(path: string, where: string, block: unknown): ExtraRun[] {
  if (!isObject(block)) throw new TraceError(path, where, 'is not an object');
  const { pages, nonzero_hashes: hashes, zero_present: zeros } = block;
  if (!isCount(pages) || !isCount(zeros)) {
    throw new TraceError(path, where, 'needs "pages" and "zero_present": whole numbers from 0 on');
  }
  if (!Array.isArray(hashes) || !hashes.every((hash) => typeof hash === 'string' && isHashHex(hash))) {
    throw new TraceError(path, where, 'needs "nonzero_hashes": a list of strings of 16 hex digits');
  }
  if (hashes.length + zeros > pages) {
    throw new TraceError(path, where, `${hashes.length} hashes and ${zeros} zero pages are more than ${pages} pages`);
  }
  const runs = (hashes as string[]).map((hash) => ({ low: hashLow(hash), high: hashHigh(hash), count: 1 }));
  const isHuge = pages > 0 && pages % HUGE_PAGE_FRAMES === 0;
  if (zeros > 0 && !isHuge) runs.push({ low: ZERO_HASH_LOW, high: ZERO_HASH_HIGH, count: zeros });
  return runs;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
