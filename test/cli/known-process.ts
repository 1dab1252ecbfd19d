/** Starts processes that know what their memory holds (known-process.mjs), and reads what a trace says of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import xxhash from 'xxhash-wasm';
import { SegmentDecoder } from '../../src/trace/segment-decoder.js';
import { plainRecords, type TimedRecord } from '../model/plain-records.js';

const hasher = await xxhash();

/** A process of the test. */
export interface KnownProcess {
  readonly pid: number;
  /** Sends lines and waits until each is done. */
  readonly tell: (...lines: string[]) => Promise<void>;
  /** Ends it; resolves when it is no more. */
  readonly kill: () => Promise<void>;
}

/** The hash of page `page` of a pattern. */
export function patternHash(pattern: number, page: number): bigint {
  const words = new Uint32Array(1024);
  for (let i = 0; i < words.length; i += 2) words.set([pattern, page], i);
  return hasher.h64Raw(new Uint8Array(words.buffer), 0n);
}

/** Starts one with so many 64 KiB of known memory; it ends with the test. */
export async function startKnown(blocks = 32, options: { uid?: number } = {}): Promise<KnownProcess> {
  const script = join(import.meta.dirname, 'known-process.mjs');
  const child = spawn(process.execPath, [script, String(blocks)], { ...options, stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const waiting: (() => void)[] = [];
  createInterface({ input: child.stdout }).on('line', () => waiting.shift()?.());
  const tell = async (...lines: string[]): Promise<void> => {
    for (const line of lines) {
      child.stdin.write(`${line}\n`);
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  await tell('fill 0 0 1');
  return { pid: child.pid ?? 0, tell, kill: () => ended(child) };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exit;
}

/** The letter of its state in /proc; '' if there is no such process. */
export function stateOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .slice(0, 1);
  } catch {
    return '';
  }
}

/** The records of all segments of a trace directory, openings left out. */
export function recordsIn(directory: string): TimedRecord[] {
  const records: TimedRecord[] = [];
  const names = readdirSync(directory).filter((name) => name.endsWith('.pgt'));
  for (const [i, name] of names.sort().entries()) {
    const decoder = new SegmentDecoder(name);
    decoder.skipOpening = i > 0;
    decoder.push(readFileSync(join(directory, name)));
    decoder.end();
    for (let block = decoder.next(); block !== null; block = decoder.next()) {
      records.push(...plainRecords(0, block.baseTimeMicros, block.words, block.start, block.end));
    }
  }
  return records;
}

/** Name of each living domain → its frames' contents, as the records leave them. */
export function memoryIn(directory: string): Map<string, Map<number, bigint>> {
  const domains = new Map<
    number,
    { name: string; memory: Map<number, bigint>; keyframe: Map<number, bigint> | null }
  >();
  for (const { record } of recordsIn(directory)) {
    if (record.kind === 'domain') {
      const { domid, name } = record;
      const old = domains.get(domid);
      if (old?.name !== name) domains.set(domid, { name, memory: new Map(), keyframe: null });
      continue;
    }
    const domain = 'domid' in record && record.domid !== null ? domains.get(record.domid) : undefined;
    if (domain === undefined) continue;
    if (record.kind === 'gone') domains.delete(record.domid ?? -1);
    if (record.kind === 'keyframeBegin') domain.keyframe = new Map();
    if (record.kind === 'keyframeEnd') domain.memory = domain.keyframe ?? domain.memory;
    if (record.kind === 'keyframeEnd') domain.keyframe = null;
    for (const map of [domain.memory, domain.keyframe]) if (map !== null) follow(map, record);
  }
  return new Map([...domains.values()].map(({ name, memory }) => [name, memory]));
}

function follow(map: Map<number, bigint>, record: TimedRecord['record']): void {
  if (record.kind === 'fill') map.set(record.gfn, record.hash);
  if (record.kind === 'fillRun') for (let i = 0; i < record.count; i++) map.set(record.gfn + i, record.hash);
  if (record.kind === 'fillSpan') for (const [i, hash] of record.hashes.entries()) map.set(record.gfn + i, hash);
  if (record.kind === 'free' || record.kind === 'dirty') {
    for (let i = 0; i < record.count; i++) map.delete(record.gfn + i);
  }
}

/** How many frames hold each page [from, from + count) of a pattern. */
export function framesOf(
  memory: ReadonlyMap<number, bigint> | undefined,
  pattern: number,
  from: number,
  count: number,
) {
  const counts = new Map<bigint, number>();
  for (const hash of memory?.values() ?? []) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  return Array.from({ length: count }, (_, i) => counts.get(patternHash(pattern, from + i)) ?? 0);
}
