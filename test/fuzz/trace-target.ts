/** Hostile traces through decoder, engine, policies and histories: what must hold whatever the bytes are. */
import { isDeepStrictEqual } from 'node:util';
import { auditEngine } from '../../src/engine/audit.js';
import { reportJson } from '../../src/export/report-json.js';
import { Monitor } from '../../src/monitor/monitor.js';
import { POLICY_NAMES } from '../../src/monitor/policy-registry.js';
import { reportFigures } from '../../src/monitor/report-figures.js';
import type { TraceDecoder } from '../../src/trace/decoder.js';
import { encodeNdjson } from '../../src/trace/ndjson.js';
import { NdjsonDecoder } from '../../src/trace/ndjson-decoder.js';
import { KIND, type RecordBlock, SLOT_WORDS } from '../../src/trace/record.js';
import { SegmentDecoder } from '../../src/trace/segment-decoder.js';
import { TraceError } from '../../src/trace/trace-error.js';
import { plainRecords } from '../model/plain-records.js';
import { agreeOnFairShares, fastFigures, FastWorld, slowFigures, SlowWorld } from '../model/side-by-side.js';
import { ask } from '../monitor/ask.js';
import type { SeededRandom } from '../seeded-random.js';
import type { FuzzTarget } from './fuzz-case.js';
import { hostileNdjson } from './hostile-ndjson.js';
import { hostileRecords } from './hostile-records.js';
import { hostileSegment } from './segment-bytes.js';

/** Small enough to be reached, so that what happens at the limit is seen too. */
const MEMORY_LIMIT = 1.5 * 2 ** 20;
/** Scans of which a short trace sees whole passes and middles, and tables that overflow. */
const KSM = { pages_to_scan: 3, sleep_millisecs: 1000, max_page_sharing: 3, use_zero_pages: 1 };
const SCANNERS = { ksm: KSM, xlh: { ...KSM, hints: 3 }, esx: { rate_per_domain: 3, rate: 7, seed: 1 } };
/** The slow model walks every frame of a run. */
const SLOW_COUNT_MAX = 200;
const SLOW_RECORDS_MAX = 400;
const LINE_CHARACTERS_MAX = 2000;

function newMonitor(): Monitor {
  const dlps = { region: { frames: 50 }, victim: 'sharers' } as const;
  return new Monitor({ names: POLICY_NAMES, dlps, satori: { fifo: 3 }, ...SCANNERS, memoryLimitBytes: MEMORY_LIMIT });
}

/** A line for a person: one, not endless, and nothing in it that a terminal obeys. */
export function lineProblems(line: string): string[] {
  const problems: string[] = [];
  if (line.length > LINE_CHARACTERS_MAX) problems.push(`a message of ${line.length} characters`);
  if (/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]/.test(line)) {
    problems.push(`a message with control characters: ${JSON.stringify(line)}`);
  }
  return problems;
}

/** Gives every block of the bytes, pushed in pieces; null instead of a refusal by name. */
function decode(
  decoder: TraceDecoder,
  bytes: Uint8Array,
  pieceBytes: () => number,
  take: (b: RecordBlock) => void,
): void {
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + pieceBytes());
    decoder.push(bytes.subarray(at, end));
    for (let block = decoder.next(); block !== null; block = decoder.next()) take(block);
    at = end;
  }
  decoder.end();
  for (let block = decoder.next(); block !== null; block = decoder.next()) take(block);
}

/** As one block applied in two: what follows the cut begins at the time that the records before it left. */
function applyCut(monitor: Monitor, block: RecordBlock, random: SeededRandom): void {
  const { words, end } = block;
  let { start, baseTimeMicros } = block;
  let time = baseTimeMicros;
  for (let at = start; at < end;) {
    const head = words[at];
    if ((head & 63) === KIND.time) time = words[at + 2] * 2 ** 32 + words[at + 1];
    at += (1 + ((head >>> 6) & 63)) * SLOT_WORDS;
    if (at < end && !random.chance(0.05)) continue;
    monitor.apply(0, { baseTimeMicros, words, start, end: at });
    if (random.chance(0.2)) monitor.settle(1 + random.below(50));
    start = at;
    baseTimeMicros = time;
  }
}

function figuresOf(monitor: Monitor): string {
  monitor.settle(Number.POSITIVE_INFINITY);
  return JSON.stringify(reportJson(reportFigures(monitor)));
}

/** Audits, limits and failures of a monitor that has settled. */
function stateProblems(monitor: Monitor): string[] {
  const { engine, policies } = monitor;
  const problems = [...auditEngine(engine), ...policies.slots.flatMap(({ policy }) => policy.audit())];
  if (policies.notice !== '') problems.push(policies.notice);
  if (engine.budget.bytes > MEMORY_LIMIT)
    problems.push(`${engine.budget.bytes} bytes held, the limit is ${MEMORY_LIMIT}`);
  const domain = engine.domains.live()[0];
  const snapshot = ask(monitor, { domainKey: domain?.key ?? null, withZeros: true });
  if (snapshot.domains.total !== engine.domains.live().length) problems.push('a snapshot lacks domains');
  return problems;
}

/** Whether the slow model can follow: few records and none that names many frames or blocks. */
function isSmall(blocks: readonly RecordBlock[]): boolean {
  let records = 0;
  for (const { words, start, end } of blocks) {
    for (let at = start; at < end; at += (1 + ((words[at] >>> 6) & 63)) * SLOT_WORDS) {
      const kind = words[at] & 63;
      const isRun = kind === KIND.fillRun || kind === KIND.dirty || kind === KIND.free;
      if (isRun && words[at + 2] > SLOW_COUNT_MAX) return false;
      if (kind === KIND.blockWrite && words[at + 3] > SLOW_COUNT_MAX) return false;
      if (++records > SLOW_RECORDS_MAX) return false;
    }
  }
  return true;
}

function slowProblems(blocks: readonly RecordBlock[]): string[] {
  const fast = new FastWorld({ frames: 5 }, 'sharers');
  const slow = new SlowWorld({ frames: 5 }, 'sharers');
  for (const { baseTimeMicros, words, start, end } of blocks) {
    fast.engine.apply(0, baseTimeMicros, words, start, end);
    slow.apply(plainRecords(0, baseTimeMicros, words, start, end));
  }
  fast.settle();
  const kept = fastFigures(fast);
  const counted = slowFigures(slow, fast.engine.changes.pairsExact);
  agreeOnFairShares(kept, counted);
  if (isDeepStrictEqual(kept, counted)) return fast.audit();
  const parts = (Object.keys(kept) as (keyof typeof kept)[]).filter(
    (key) => !isDeepStrictEqual(kept[key], counted[key]),
  );
  return parts.map((part) => `${part}: ${JSON.stringify(kept[part])}\n    slowly ${JSON.stringify(counted[part])}`);
}

function copied(block: RecordBlock): RecordBlock {
  const words = block.words.slice(block.start, block.end);
  return { ...block, words, start: 0, end: words.length };
}

/** Reads the bytes in two ways and holds one against the other. */
function checkTrace(newDecoder: () => TraceDecoder, bytes: Uint8Array, random: SeededRandom): string[] {
  const problems: string[] = [];
  const blocks: RecordBlock[] = [];
  const whole = newMonitor();
  const cut = newMonitor();
  try {
    const decoder = newDecoder();
    decode(
      decoder,
      bytes,
      () => bytes.length,
      (block) => {
        blocks.push(copied(block));
        whole.apply(0, block);
      },
    );
    for (const { place, problem } of decoder.damage) problems.push(...lineProblems(`${place}: ${problem}`));
    const again = newDecoder();
    decode(
      again,
      bytes,
      () => 1 + random.below(random.chance(0.1) ? 40 : 5000),
      (block) => applyCut(cut, block, random),
    );
    if (again.damagedBlocks !== decoder.damagedBlocks) problems.push('cut differently other damage is counted');
    if (again.tornTailBytes !== decoder.tornTailBytes) problems.push('cut differently another tail is torn');
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    return lineProblems(error.message);
  }
  const figures = figuresOf(whole);
  const others = figuresOf(cut);
  // At the limit of memory it depends on the moment what is still forgotten in time.
  const isWhole = whole.engine.gaps.unmodelled + cut.engine.gaps.unmodelled === 0;
  if (isWhole && figures !== others) problems.push(`cut differently: ${figures}\n      ${others}`);
  problems.push(...stateProblems(random.chance(0.5) ? whole : cut));
  if (isSmall(blocks)) problems.push(...slowProblems(blocks));
  return problems;
}

/** Binary segments. */
export const SEGMENTS: FuzzTarget = {
  name: 'segments',
  share: 45,
  run: (random) => {
    const bytes = hostileSegment(hostileRecords(random), random);
    return checkTrace(() => new SegmentDecoder('fuzz.000001.pgt'), bytes, random);
  },
};

/** NDJSON streams. */
export const NDJSON: FuzzTarget = {
  name: 'ndjson',
  share: 25,
  run: (random) => {
    const records = hostileRecords(random);
    const { words, wordCount: end, recordCount } = records;
    const lines: string[] = [];
    if (recordCount < 2000) {
      encodeNdjson({ baseTimeMicros: 0, words, start: 0, end, recordCount }, (line) => lines.push(line), 0);
    }
    return checkTrace(() => new NdjsonDecoder('fuzz.ndjson'), hostileNdjson(lines, random), random);
  },
};
