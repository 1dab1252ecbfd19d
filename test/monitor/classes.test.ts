/**
 * Classes of pages and what is identical across trust groups, against counts by definition: from the frames of the
 * slow engine and the hashes of all block reads, object by object.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import xxhash from 'xxhash-wasm';
import { ClassCensus } from '../../src/engine/class-census.js';
import type { ContentKind } from '../../src/figures/window.js';
import { savedByClass } from '../../src/monitor/saved-by-class.js';
import { SegmentDecoder } from '../../src/trace/segment-decoder.js';
import { type TimedRecord, plainRecords } from '../model/plain-records.js';
import { randomWorld } from '../model/random-traces.js';
import { cutIntoBlocks, FastWorld } from '../model/side-by-side.js';
import { type Life, SlowEngine, ZERO_HASH } from '../model/slow-engine.js';
import { SeededRandom } from '../seeded-random.js';

const WORLDS = 60;
const KINDS: readonly ContentKind[] = ['zero', 'fill', 'disk', 'memory'];

const hasher = await xxhash();
/** By hash: the byte of the page that is this byte all over. */
const FILL_BYTES = new Map(
  Array.from({ length: 255 }, (_, i) => [hasher.h64Raw(new Uint8Array(4096).fill(i + 1)), i + 1]),
);

/** Hashes of all blocks that any domain read; records that are not applied (orphans, damaged) do not count. */
class ReadHashes {
  readonly hashes = new Set<bigint>();
  timeMoved(): void {}
  memoryChanged(): void {}
  groupChanged(): void {}
  written(): void {}
  frameChanged(): void {}
  gone(): void {}
  read(_life: Life, _image: unknown, _block: number, hash: bigint | null): void {
    if (hash !== null) this.hashes.add(hash);
  }
}

interface Counted {
  slow: SlowEngine;
  reads: ReadHashes;
}

function slowly(records: Iterable<TimedRecord>): Counted {
  const reads = new ReadHashes();
  const slow = new SlowEngine([reads]);
  for (const record of records) slow.apply(record);
  return { slow, reads };
}

/** By content: its class and the frames of each life. */
function contentsOf({ slow, reads }: Counted): Map<bigint, { kind: ContentKind; held: Map<Life, number> }> {
  const contents = new Map<bigint, { kind: ContentKind; held: Map<Life, number> }>();
  for (const life of slow.live) {
    for (const frame of life.frames.values()) {
      if (frame.state !== 'known' && frame.state !== 'zero') continue;
      const hash = frame.state === 'known' ? frame.hash : ZERO_HASH;
      let kind: ContentKind = reads.hashes.has(hash) ? 'disk' : 'memory';
      if (FILL_BYTES.has(hash)) kind = 'fill';
      if (hash === ZERO_HASH) kind = 'zero';
      const content = contents.get(hash) ?? { kind, held: new Map<Life, number>() };
      contents.set(hash, content);
      content.held.set(life, (content.held.get(life) ?? 0) + 1);
    }
  }
  return contents;
}

const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

function classesOf(counted: Counted) {
  const contents = [...contentsOf(counted).values()];
  return Object.fromEntries(
    KINDS.map((kind) => {
      const held = contents.filter((content) => content.kind === kind).map((content) => sum(content.held.values()));
      const frames = sum(held);
      const sharedContents = held.filter((n) => n > 1).length;
      return [kind, { frames, contents: held.length, sharedContents, savableFrames: frames - held.length }];
    }),
  );
}

function exposureOf(counted: Counted) {
  const kinds = <Value>(value: (kind: ContentKind) => Value) =>
    Object.fromEntries(KINDS.map((kind) => [kind, value(kind)]));
  const groupsOf = (held: Map<Life, number>): number => new Set([...held.keys()].map(({ group }) => group)).size;
  const all = [...contentsOf(counted).values()];
  const across = all.filter(({ held }) => groupsOf(held) > 1);
  const pairs: Record<string, unknown> = {};
  const lives = counted.slow.live;
  for (const [i, a] of lives.entries()) {
    for (const b of lives.slice(i + 1)) {
      const both = all.filter(({ held }) => a.group !== b.group && held.has(a) && held.has(b));
      if (both.length === 0) continue;
      pairs[`${a.key}|${b.key}`] = kinds((kind) => {
        const of = both.filter((content) => content.kind === kind);
        return { contents: of.length, frames: sum(of.map(({ held }) => (held.get(a) ?? 0) + (held.get(b) ?? 0))) };
      });
    }
  }
  return {
    classes: kinds((kind) => {
      const of = across.filter((content) => content.kind === kind);
      return { contents: of.length, frames: sum(of.flatMap(({ held }) => [...held.values()])) };
    }),
    refusedFrames: kinds((kind) =>
      sum(across.filter((content) => content.kind === kind).map(({ held }) => groupsOf(held) - 1)),
    ),
    pairs,
  };
}

/** The pairs of the fast engine by keys, older life first. */
function exposureByKeys(fast: FastWorld, census: ClassCensus) {
  const exposure = census.exposure();
  if (exposure === null) return null;
  const nameOf = (a: number, b: number): string => {
    const [x, y] = [a, b].map((slot) => fast.engine.domains.bySlot[slot]);
    if (x === undefined || y === undefined) throw new Error('pairs are of live domains');
    return x.life < y.life ? `${x.key}|${y.key}` : `${y.key}|${x.key}`;
  };
  return { ...exposure, pairs: Object.fromEntries((exposure.pairs ?? []).map((p) => [nameOf(p.a, p.b), p.classes])) };
}

function walked(fast: FastWorld): ClassCensus {
  const census = new ClassCensus(fast.engine);
  // In slices, as a screen would.
  while (census.walk(3));
  return census;
}

test(`classes, domains by class, exposure and saved by class in ${WORLDS} worlds, whoever settles when`, () => {
  let exposed = 0;
  for (let seed = 1; seed <= WORLDS; seed++) {
    const world = randomWorld(seed, { records: 250 });
    const random = new SeededRandom(seed);
    const fast = new FastWorld(world.region, world.victim);
    for (const block of cutIntoBlocks(world.records, random, 20)) {
      fast.apply(block);
      if (random.chance(0.5)) fast.settle();
    }
    fast.settle();
    expect(fast.audit(), `seed ${seed}`).toEqual([]);
    const counted = slowly(world.records);
    const census = walked(fast);
    const { classes, domains } = census.classes();
    expect(classes, `seed ${seed}`).toEqual(classesOf(counted));
    for (const life of counted.slow.live) {
      const alone = contentsOf({ ...counted, slow: { live: [life] } as unknown as SlowEngine });
      const slot = fast.engine.domains.byKey.get(life.key)?.slot ?? -1;
      for (const kind of KINDS) {
        const frames = [...alone.values()]
          .filter((content) => content.kind === kind)
          .map(({ held }) => held.get(life) ?? 0);
        expect(domains.get(slot)?.[kind], `seed ${seed}`).toBe(sum(frames));
      }
    }
    const exposure = exposureByKeys(fast, census);
    if (new Set(counted.slow.live.map(({ group }) => group)).size < 2) expect(exposure).toBeNull();
    else {
      exposed++;
      expect(exposure, `seed ${seed}`).toEqual(exposureOf(counted));
    }
    for (const { policy } of fast.policies.slots) {
      const saved = savedByClass(fast.engine, policy);
      if (saved === undefined) throw new Error('both keep copies');
      expect(saved.fill + saved.disk + saved.memory, `seed ${seed}`).toBeCloseTo(policy.figures().savedFrames, 9);
      expect(saved.zero).toBe(policy.figures().zeroSavedFrames);
    }
  }
  expect(exposed).toBeGreaterThan(WORLDS / 5);
});

function recordsOf(trace: string): TimedRecord[] {
  const directory = fileURLToPath(new URL(`../../fixtures/traces/${trace}`, import.meta.url));
  const records: TimedRecord[] = [];
  for (const name of readdirSync(directory).sort()) {
    const decoder = new SegmentDecoder(name);
    decoder.push(readFileSync(`${directory}/${name}`));
    for (let block = decoder.next(); block !== null; block = decoder.next()) {
      records.push(...plainRecords(0, block.baseTimeMicros, block.words, block.start, block.end));
    }
  }
  return records;
}

describe('xen-four', () => {
  const records = recordsOf('xen-four');
  const counted = slowly(records);

  test('a tenth of the memory is one page, 0xCC all over', () => {
    const poison = counted.slow.live.flatMap(({ frames }) =>
      [...frames.values()].filter((held) => held.state === 'known' && held.hash === 0xdf1fd9ec6fddee36n),
    ).length;
    expect(poison / (4 * 24_576)).toBeCloseTo(0.106, 3);
    const fast = new FastWorld({ percent: 5 }, 'sharers');
    for (const block of cutIntoBlocks(records, new SeededRandom(1), 2000)) fast.apply(block);
    fast.settle();
    const { classes, fillBytes } = walked(fast).classes();
    expect(fillBytes[0]).toEqual({ byte: 0xcc, frames: poison });
    expect(classes).toEqual(classesOf(counted));
    // What `oracle` saves of each class is what is savable of it, in one group.
    const oracle = savedByClass(fast.engine, fast.policies.slots[1].policy);
    for (const kind of KINDS) expect(oracle?.[kind]).toBeCloseTo(classes[kind].savableFrames, 6);
  });
});
