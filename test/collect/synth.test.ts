/** Synthetic traces: the figures that docs/SYNTH.md computes, recounted plainly and by the engine. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Preset, SynthSize } from '../../src/collect/synth/preset.js';
import { PRESETS, sizeProblem, synthesize } from '../../src/collect/synth/synthesize.js';
import { Engine } from '../../src/engine/engine.js';
import { hostFigures } from '../../src/monitor/figures-of.js';
import { PolicySet } from '../../src/monitor/policy-set.js';
import { checkRecords } from '../../src/trace/record-check.js';
import { KIND } from '../../src/trace/record.js';
import { PlainHost, recordsOf } from './plain-host.js';

const SMALL: SynthSize = { domains: 3, frames: 700, seconds: 200 };

function preset(name: string): Preset {
  const found = PRESETS.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
}

/** The host at a time: plain, and what the engine, the oracle and a region without a limit say. */
function at(name: string, size: SynthSize, seconds = Number.POSITIVE_INFINITY) {
  const plain = new PlainHost();
  const policies = new PolicySet();
  const engine = new Engine((words, used) => policies.apply(words, used));
  policies.start(engine, { names: ['oracle', 'dlps'], dlps: { region: 'unlimited', victim: 'sharers' } });
  const until = seconds * 1e6;
  for (const record of recordsOf(preset(name), size, 1)) if (record.time <= until) plain.apply(record);
  let now = 0;
  for (const { words, wordCount } of synthesize(preset(name), size, 1)) {
    const base = now;
    let end = 0;
    for (; end < wordCount; end += 4 * (1 + ((words[end] >>> 6) & 63))) {
      const isTime = (words[end] & 63) === KIND.time;
      const time = isTime ? words[end + 1] + words[end + 2] * 2 ** 32 : now;
      if (time > until) break;
      now = time;
    }
    engine.apply(0, base, words, 0, end);
    if (end < wordCount) break;
  }
  engine.settle();
  while (policies.settle(100_000));
  const [oracle, dlps] = policies.slots.map(({ policy }) => policy.figures());
  return { plain, counts: plain.counts(), host: hostFigures(engine), oracle, dlps: dlps.dlps };
}

/** The engine counts what the records say. */
function expectAgreement({ counts, host, dlps }: ReturnType<typeof at>): void {
  expect(host).toMatchObject({ knownFrames: counts.known, distinctContents: counts.distinct });
  expect(host).toMatchObject({ zeroFrames: counts.zeros, unknownFrames: 0 });
  expect(dlps).toMatchObject({ readsSeen: counts.reads, readsIssued: counts.blocks });
}

describe('every preset', () => {
  const digest = (one: Preset, size: SynthSize, seed: number): string => {
    const hash = createHash('sha256');
    for (const { words, wordCount } of synthesize(one, size, seed)) hash.update(words.subarray(0, wordCount));
    return hash.digest('hex');
  };

  test.each(PRESETS)('$name: one seed has the same records each time, another seed others', (one) => {
    expect(digest(one, SMALL, 7)).toBe(digest(one, SMALL, 7));
    expect(digest(one, SMALL, 8)).not.toBe(digest(one, SMALL, 7));
  });

  test.each(PRESETS)('$name: well-formed, times rise within its seconds, frames within the reservation', (one) => {
    for (const size of [SMALL, { domains: 1, frames: one.framesMin, seconds: 0.5 }]) {
      for (const { words, wordCount, recordCount } of synthesize(one, size, 3)) {
        expect(checkRecords(words, 0, wordCount)).toBe(recordCount);
      }
      const host = new PlainHost();
      let last = 0;
      let stepsBack = 0;
      for (const record of recordsOf(one, size, 3)) {
        if (record.time < last) stepsBack++;
        last = record.time;
        host.apply(record);
      }
      expect(stepsBack).toBe(0);
      expect(last).toBeLessThanOrEqual(size.seconds * 1e6);
      expect(host.memories.size).toBe(size.domains);
      const gfns = [...host.memories.values()].flatMap((memory) => [...memory.keys()]);
      expect(gfns.every((gfn) => gfn < size.frames)).toBe(true);
    }
  });

  test.each(PRESETS)('$name: a size that is none is refused with its option', (one) => {
    expect(sizeProblem(one, one.size)).toBeNull();
    expect(sizeProblem(one, { ...one.size, domains: 0 })).toContain('--domains 0');
    expect(sizeProblem(one, { ...one.size, frames: one.framesMin - 1 })).toContain('--frames');
    expect(sizeProblem(one, { ...one.size, seconds: 0 })).toContain('--seconds 0');
    expect(sizeProblem(one, { domains: 65_535, frames: 2 ** 28, seconds: 1 })).toContain('2^30');
    expect(sizeProblem(one, { domains: 1, frames: 2 ** 28, seconds: 1e7 })).toContain('2^40');
  });
});

describe('docs/SYNTH.md, by arithmetic', () => {
  const N = 6;
  const F = 1600;
  const size = { domains: N, frames: F, seconds: 60 };

  test('boot-storm: N·B reads, (N − 1)·B avoided; the initrd is gone at the end', () => {
    const [B, initrd, own] = [400, 100, 400];
    const up = at('boot-storm', size);
    expectAgreement(up);
    expect(up.counts).toMatchObject({ reads: N * B, blocks: B, zeros: N * (F - B - own) });
    expect(up.counts).toMatchObject({ known: N * (B - initrd + own), distinct: B - initrd + N * own });
    expect(up.dlps).toMatchObject({ readsAvoided: (N - 1) * B, readsAvoidedCross: (N - 1) * B });
    expect(up.dlps?.savedFrames).toBe((N - 1) * (B - initrd));
    expect(up.oracle.savedFrames).toBe((N - 1) * (B - initrd));
    // All are up before half of the time is over.
    expect(at('boot-storm', size, 30).counts).toEqual(up.counts);
  });

  test('shared-image: whatever the order, (N − 1)·B reads and frames', () => {
    const [B, own] = [400, 800];
    const end = at('shared-image', size);
    expectAgreement(end);
    const zeros = N * (F - B - own);
    expect(end.counts).toEqual({ reads: N * B, blocks: B, known: N * (B + own), distinct: B + N * own, zeros });
    expect(end.dlps).toMatchObject({ readsAvoided: (N - 1) * B, savedFrames: (N - 1) * B });
  });

  test('content-change-storm: (N − 1)·S saved until it comes, 0 after it', () => {
    const S = 800;
    const before = at('content-change-storm', size, 30);
    expectAgreement(before);
    expect(before.counts).toMatchObject({ reads: N * S, blocks: S, known: N * F, distinct: S + N * (F - S) });
    expect(before.oracle.savedFrames).toBe((N - 1) * S);
    const after = at('content-change-storm', size, 33);
    expectAgreement(after);
    expect(after.counts).toMatchObject({ known: N * F, distinct: N * F });
    expect(after.oracle.savedFrames).toBe(0);
    // A frame is written first and its new content seen later: each leaves its slot as unknown.
    expect(after.dlps).toMatchObject({ boundFrames: 0, contentChanged: { unknown: N * S } });
  });

  test('hot-set: N·R reads, of which each block is issued once; nine in ten go to a tenth of them', () => {
    const [H, rate] = [160, 20];
    const reads = rate * 60;
    const end = at('hot-set', size);
    expectAgreement(end);
    const cold = reads / 10;
    expect(end.counts).toMatchObject({ reads: N * reads, blocks: H + cold });
    expect(end.dlps).toMatchObject({ readsAvoided: N * reads - H - cold });
    const hot = [...end.plain.reads].filter(([block]) => block < H);
    expect(hot.reduce((sum, [, domids]) => sum + domids.length, 0)).toBe(0.9 * N * reads);
    // No cache of H/2 frames holds a hot block until it is read again.
    const memory = new Map<string, number>();
    const places = new Map<string, string>();
    let rereads = 0;
    for (const { record } of recordsOf(preset('hot-set'), size, 1)) {
      if (record.kind === 'blockRead') {
        const key = `${record.domid} ${record.hash}`;
        if ((memory.get(key) ?? 0) > 0) rereads++;
      } else if (record.kind === 'fill') {
        const place = `${record.domid} ${record.gfn}`;
        const old = places.get(place);
        if (old !== undefined) memory.set(old, (memory.get(old) ?? 0) - 1);
        const key = `${record.domid} ${record.hash}`;
        places.set(place, key);
        memory.set(key, (memory.get(key) ?? 0) + 1);
      }
    }
    expect(rereads).toBe(0);
  });

  test('churn: four fifths of the lifetimes are 30 to 300 s, and every page comes to all', () => {
    const host = new PlainHost();
    const since = new Map<string, number>();
    const read = new Set<bigint>();
    const lives: number[] = [];
    for (const timed of recordsOf(preset('churn'), { domains: 3, frames: 1750, seconds: 3000 }, 5)) {
      host.apply(timed);
      const { record, time } = timed;
      if (record.kind === 'blockRead' && record.hash !== null) read.add(record.hash);
      if (record.kind !== 'fill') continue;
      const place = `${record.domid} ${record.gfn}`;
      const began = since.get(place);
      if (began !== undefined && !read.has(record.hash)) {
        lives.push((time - began) / 1e6);
        since.delete(place);
      } else if (read.has(record.hash)) since.set(place, time);
    }
    expect(lives.length).toBeGreaterThan(5000);
    // Those that outlive the trace are among the long ones.
    const middle = lives.filter((life) => life >= 30 && life <= 300).length / lives.length;
    expect(Math.abs(middle - 0.8)).toBeLessThan(0.015);
    expect(Math.min(...lives)).toBeGreaterThan(5);
    expect(Math.max(...lives)).toBeLessThan(900);
    for (const domids of host.reads.values()) expect([...domids].sort()).toEqual([1, 2, 3]);
  });

  test('mixed: nine tenths of two sevenths of the frames are identical, stay, and were never read', () => {
    const end = at('mixed', { domains: 2, frames: 3500, seconds: 1500 });
    const lasting = 900;
    // Beside them what the trickle of reads has in memory at the end: at most its 1,000 frames.
    const { known, distinct, blocks } = end.counts;
    expect(known).toBe(7000);
    expect(known - distinct).toBeGreaterThanOrEqual(lasting);
    expect(known - distinct).toBeLessThan(lasting + 60);
    expect(blocks).toBe(120);
    expectAgreement(end);
  });
});
