/**
 * `satori` over the recording of five guests, beside a count of its own: Maps, one entry a block, a content and a
 * frame, without region and groups, which the recording does not need (nothing is evicted, nobody changes group).
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.js';
import { PolicySet } from '../../src/monitor/policy-set.js';
import { SatoriPolicy } from '../../src/policy/satori.js';
import type { RecordBlock } from '../../src/trace/record.js';
import { SegmentDecoder } from '../../src/trace/segment-decoder.js';
import { plainRecords, type TraceRecord } from '../model/plain-records.js';
import { ZERO_HASH } from '../model/slow-engine.js';

/** What brute force counts: no copy is ever given up, and the content of zero is one like any other. */
class Contents {
  /** By `domid gfn`: what the frame holds, and whether it is bound. */
  readonly #frames = new Map<string, { hash: bigint; bound: boolean }>();
  /** By `domid hash`: blocks that were read and whose frame was not seen, and when. */
  readonly #waiting = new Map<string, Map<number, number>>();
  readonly #blocks = new Set<string>();
  readonly contents = new Set<bigint>();
  /** By content: bound frames. */
  readonly bound = new Map<bigint, number>();
  issued = 0;
  avoided = 0;
  contentHits = 0;
  broken = 0;

  #read(domid: number, image: number, block: number, hash: bigint): void {
    const key = `${image} ${block}`;
    if (this.#blocks.has(key)) this.avoided++;
    else {
      this.issued++;
      if (this.contents.has(hash) && hash !== ZERO_HASH) this.contentHits++;
    }
    this.#blocks.add(key);
    this.contents.add(hash);
    const name = `${domid} ${hash}`;
    const waiting = this.#waiting.get(name) ?? new Map<number, number>();
    this.#waiting.set(name, waiting);
    const number = image * 2 ** 32 + block;
    if (!waiting.has(number)) waiting.set(number, this.time);
  }

  #fill(domid: number, gfn: number, hash: bigint): void {
    const name = `${domid} ${gfn}`;
    const frame = this.#frames.get(name);
    if (frame?.hash === hash) return;
    if (frame?.bound === true) {
      const left = (this.bound.get(frame.hash) ?? 0) - 1;
      this.bound.set(frame.hash, left);
      if (left > 0 && frame.hash !== ZERO_HASH) this.broken++;
    }
    const waiting = this.#waiting.get(`${domid} ${hash}`);
    for (const [block, since] of waiting ?? []) if (this.time - since > 60e6) waiting?.delete(block);
    const [oldest] = waiting?.keys() ?? [];
    if (oldest !== undefined) {
      waiting?.delete(oldest);
      this.bound.set(hash, (this.bound.get(hash) ?? 0) + 1);
    }
    this.#frames.set(name, { hash, bound: oldest !== undefined });
  }

  time = 0;

  apply(record: TraceRecord): void {
    if (record.kind === 'blockRead' && record.aligned && record.hash !== null) {
      this.#read(record.domid, record.image, record.block, record.hash);
    } else if (record.kind === 'blockReadSpan') {
      for (const [i, hash] of record.hashes.entries()) this.#read(record.domid, record.image, record.block + i, hash);
    } else if (record.kind === 'fill') this.#fill(record.domid, record.gfn, record.hash);
    else if (record.kind === 'fillRun') {
      for (let i = 0; i < record.count; i++) this.#fill(record.domid, record.gfn + i, record.hash);
    } else if (record.kind === 'fillSpan') {
      for (const [i, hash] of record.hashes.entries()) this.#fill(record.domid, record.gfn + i, hash);
    }
  }
}

const file = fileURLToPath(new URL('../../fixtures/traces/kvm-five/import.000001.pgt', import.meta.url));

function* blocksOf(path: string): Generator<RecordBlock> {
  const decoder = new SegmentDecoder('kvm-five');
  decoder.push(readFileSync(path));
  for (let block = decoder.next(); block !== null; block = decoder.next()) yield block;
}

describe('kvm-five, unlimited region', () => {
  const policies = new PolicySet();
  const engine: Engine = new Engine((words, used) => policies.apply(words, used));
  const made = [0, 16_777_216].map(
    (fifo) => new SatoriPolicy(engine, { region: 'unlimited', victim: 'sharers' }, { fifo }),
  );
  const [unpaid, paying] = made;
  const counted = new Contents();

  beforeAll(() => {
    for (const policy of made) policies.add(policy);
    for (const { baseTimeMicros, words, start, end } of blocksOf(file)) {
      engine.apply(0, baseTimeMicros, words, start, end);
      for (const { time, record } of plainRecords(0, baseTimeMicros, words, start, end)) {
        counted.time = Math.max(counted.time, time);
        counted.apply(record);
      }
    }
    engine.settle();
    while (policies.settle(100_000));
  });

  test('has the slots, reads and savings of the count, while no page is taken (fifo=0)', () => {
    const { satori } = unpaid.figures();
    const bound = [...counted.bound].filter(([hash]) => hash !== ZERO_HASH).map(([, frames]) => frames);
    const frames = bound.reduce((sum, n) => sum + n, 0);
    const used = bound.filter((n) => n > 0).length;
    const slots = counted.contents.size - 1;
    expect(satori).toMatchObject({
      residentSlots: slots,
      readsIssued: counted.issued,
      readsAvoided: counted.avoided,
      contentHits: counted.contentHits,
      boundFrames: frames,
      savedFrames: frames - used,
      netSavedFrames: frames - slots,
      broken: counted.broken,
      enomem: counted.broken,
    });
    expect(unpaid.audit()).toEqual([]);
  });

  test('is the trial of the design, 41,848 in 54,548 slots, if the zero page is a slot that costs nothing', () => {
    const { netSavedFrames, residentSlots } = unpaid.figures().satori ?? {};
    const zeroFrames = counted.bound.get(ZERO_HASH) ?? 0;
    expect({ zeroFrames, netSavedFrames }).toEqual({ zeroFrames: 382, netSavedFrames: 41_848 - 382 });
    expect(residentSlots).toBe(54_548 - 1);
  });

  test('gives up a slot for each broken share that is repaid, and saves by block what dlps does', () => {
    const [without, withFifo] = [unpaid, paying].map((policy) => policy.figures().satori);
    expect(withFifo).toMatchObject({ enomem: 0, evictions: 0 });
    expect(withFifo?.repaid).toBe(withFifo?.broken);
    // A page that was taken is read again, or shared no more: never more is saved than without.
    const lost = (without?.savedFrames ?? 0) - (withFifo?.savedFrames ?? 0);
    expect(lost).toBeGreaterThanOrEqual(0);
    expect(lost).toBeLessThanOrEqual(withFifo?.repaid ?? 0);
    // The figure of `dlps` that is known of this recording (test/policy/recordings.test.ts).
    expect(without?.savedByBlock).toBe(36_785);
    expect(paying.audit()).toEqual([]);
  });
});
