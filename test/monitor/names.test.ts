/**
 * Saved memory by file and by package against a plain model: the frames of the slow engine, the slots of the slow
 * dlps, and Maps from hashes to names, one object at a time; and against the figures of the host, to which all lines
 * add up.
 */
import { expect, test } from 'vitest';
import type { NameKind, NamesReport, ReportedAmount, RestKind } from '../../src/figures/name-figures.js';
import { REST_KINDS } from '../../src/figures/name-figures.js';
import { hostFigures } from '../../src/monitor/figures-of.js';
import { LabelBook } from '../../src/monitor/label-book.js';
import { NameQuestions } from '../../src/monitor/name-questions.js';
import { namesReport } from '../../src/monitor/names-report.js';
import type { TimedRecord } from '../model/plain-records.js';
import { randomWorld, type World } from '../model/random-traces.js';
import { cutIntoBlocks, FastWorld, SlowWorld } from '../model/side-by-side.js';
import { FILL_PAGES, type Held, type Life, ZERO_HASH } from '../model/slow-engine.js';
import { slowOracle } from '../model/slow-oracle.js';
import { SeededRandom } from '../seeded-random.js';
import { labelTable, type Named } from './synthetic-labels.js';

const WORLDS = 40;
const FILES = ['/usr/lib/libc.so.6', '/usr/bin/bash', '/boot/vmlinuz', '/etc/motd', '/opt/own'];
const PACKAGES: Readonly<Record<string, string>> = {
  '/usr/lib/libc.so.6': 'libc6',
  '/usr/bin/bash': 'bash',
  '/boot/vmlinuz': 'linux-image',
  '/etc/motd': 'bash',
};
const packageOf = (file: string): string => PACKAGES[file] ?? '';

/** Sums of one name, with the lives that hold it. */
interface Sum {
  frames: number;
  hashes: Set<bigint>;
  lives: Set<Life>;
  saved: number[];
}

interface Source {
  image: string;
  named: Named[];
}

/** Hashes that fills and reads of the world name, pages of one byte apart. */
function hashesOf(records: readonly TimedRecord[]): bigint[] {
  const found = new Set<bigint>();
  for (const { record } of records) {
    if (record.kind === 'fill' || record.kind === 'fillRun') found.add(record.hash);
    if (record.kind === 'fillSpan') for (const hash of record.hashes) found.add(hash);
    if (record.kind === 'blockRead' && record.hash !== null) found.add(record.hash);
  }
  for (const hash of [ZERO_HASH, ...FILL_PAGES]) found.delete(hash);
  return [...found].sort((a, b) => (a < b ? -1 : 1));
}

/** Two images that name some of the contents, some of them both. */
function randomSources(random: SeededRandom, hashes: readonly bigint[]): Source[] {
  return ['debian12', 'own'].map((image) => ({
    image,
    named: hashes
      .filter(() => random.chance(0.5))
      .map((hash) => ({ hash, file: FILES[random.below(FILES.length)], page: random.below(9), more: random.below(3) })),
  }));
}

const lineOf = (held: Held, names: ReadonlyMap<bigint, string>): string => {
  if (held.state === 'zero') return 'zero';
  if (held.state !== 'known') return 'unknown';
  if (FILL_PAGES.includes(held.hash)) return 'fill';
  return names.get(held.hash) ?? 'unlabelled';
};

/** By line: what the frames of the slow engine say. `names`: hash → name. */
function slowSums({ engine, dlps }: SlowWorld, names: ReadonlyMap<bigint, string>): Map<string, Sum> {
  const sums = new Map<string, Sum>();
  const sum = (line: string): Sum => {
    const known = sums.get(line) ?? { frames: 0, hashes: new Set(), lives: new Set(), saved: [0, 0] };
    sums.set(line, known);
    return known;
  };
  const inGroup = new Map<string, number>();
  const slots = new Map<Life, Map<number, number>>();
  for (const slot of dlps.slots.values()) {
    const n = [...slot.bound.values()].reduce((all, gfns) => all + gfns.size, 0);
    for (const [life, gfns] of slot.bound) {
      const known = slots.get(life) ?? new Map<number, number>();
      slots.set(life, known);
      for (const gfn of gfns) known.set(gfn, n);
    }
  }
  const inUse = engine.live.flatMap((life) =>
    [...life.frames].filter(([, { state }]) => state !== 'free').map(([gfn, held]) => ({ life, gfn, held })),
  );
  for (const { life, held } of inUse) {
    if (held.state !== 'known') continue;
    const key = `${life.group}/${held.hash}`;
    inGroup.set(key, (inGroup.get(key) ?? 0) + 1);
  }
  for (const { life, gfn, held } of inUse) {
    const line = sum(lineOf(held, names));
    line.frames++;
    line.lives.add(life);
    if (held.state === 'known') line.hashes.add(held.hash);
    if (held.state === 'zero') line.hashes.add(ZERO_HASH);
    const bound = slots.get(life)?.get(gfn) ?? 1;
    const group = held.state === 'known' ? (inGroup.get(`${life.group}/${held.hash}`) ?? 1) : 1;
    line.saved[0] += (bound - 1) / bound;
    line.saved[1] += (group - 1) / group;
  }
  return sums;
}

function plain({ frames, contents, domains, savableFrames, saved }: ReportedAmount): object {
  return { frames, contents, domains, savableFrames, saved: saved.map((value) => Math.round((value ?? 0) * 1e6)) };
}

function plainSum(line: Sum | undefined): object {
  const { frames, hashes, lives, saved } = line ?? { frames: 0, hashes: new Set(), lives: new Set(), saved: [0, 0] };
  const savableFrames = hashes.size === 0 ? 0 : frames - hashes.size;
  const rounded = saved.map((value) => Math.round(value * 1e6));
  return { frames, contents: hashes.size, domains: lives.size, savableFrames, saved: rounded };
}

/** Domains that read the same blocks into their frames and mostly keep them: what dlps shares for long. */
function readingWorld(seed: number): World {
  const random = new SeededRandom(seed);
  const records: TimedRecord[] = [];
  const say = (record: TimedRecord['record']): number => records.push({ stream: 0, time: records.length, record });
  say({ kind: 'image', id: 1, name: 'base', readOnly: true, blocks: 64 });
  for (let domid = 1; domid <= 4; domid++) {
    const group = random.chance(0.2) ? 'other' : 'default';
    say({ kind: 'domain', domid, key: `d${domid}`, name: `d${domid}`, group, type: '', frames: 256 });
  }
  for (let i = 0; i < 300; i++) {
    const domid = 1 + random.below(4);
    const block = random.below(40);
    const gfn = random.below(256);
    const hash = random.chance(0.8) ? BigInt(1000 + block) : null;
    say({ kind: 'blockRead', domid, image: 1, block, hash, gfn, aligned: true });
    if (random.chance(0.1)) say({ kind: 'fill', domid, gfn, hash: BigInt(1000 + random.below(40)), class: 0 });
  }
  return { region: { frames: random.chance(0.5) ? 20 : Number.POSITIVE_INFINITY }, victim: 'sharers', records };
}

interface Pair {
  fast: FastWorld;
  slow: SlowWorld;
  book: LabelBook;
  /** hash → file and image, of the first source that knows it. */
  names: Map<bigint, { file: string; image: string }>;
}

function pairOf(seed: number): Pair {
  const world = seed % 2 === 0 ? randomWorld(seed, { records: 500 }) : readingWorld(seed);
  const random = new SeededRandom(seed);
  const fast = new FastWorld(world.region, world.victim);
  const slow = new SlowWorld(world.region, world.victim);
  const book = new LabelBook();
  fast.engine.labels = {
    label: ({ low, high, offset, text }) => book.note(low, high, offset, text),
    labelFile: () => expect.fail('no world names a label file'),
  };
  const sources = randomSources(random, hashesOf(world.records));
  const names: Pair['names'] = new Map();
  for (const { image, named } of sources) {
    book.add(labelTable(image, named, packageOf));
    for (const { hash, file } of named) if (!names.has(hash)) names.set(hash, { file, image });
  }
  for (const { record } of world.records) {
    if (record.kind === 'label' && !names.has(record.hash)) names.set(record.hash, { file: record.text, image: '' });
  }
  slow.apply(world.records);
  for (const block of cutIntoBlocks(world.records, random, 20)) {
    fast.apply(block);
    if (random.chance(0.5)) fast.settle();
  }
  fast.settle();
  return { fast, slow, book, names };
}

const reportOf = ({ fast, book }: Pair, by: NameKind, top: number): NamesReport => {
  const report = namesReport({ engine: fast.engine, labels: book, policies: fast.policies }, { by, top });
  if (report === null) throw new Error('there are labels');
  return report;
};

test(`by file and by package, under dlps and oracle, in ${WORLDS} worlds`, () => {
  let saved = 0;
  for (let seed = 1; seed <= WORLDS; seed++) {
    const pair = pairOf(seed);
    if (pair.book.labels === 0) continue;
    for (const by of ['file', 'package'] as const) {
      const keyOf = (file: string, image: string): string => `${image}|${by === 'file' ? file : packageOf(file)}`;
      const names = new Map([...pair.names].map(([hash, { file, image }]) => [hash, keyOf(file, image)]));
      const sums = slowSums(pair.slow, names);
      const report = reportOf(pair, by, 1000);
      const where = `seed ${seed} by ${by}`;
      const rows = Object.fromEntries(report.rows.map((row) => [`${row.image}|${row.name}`, plain(row)]));
      const named = [...sums].filter(([line]) => line.includes('|'));
      expect(rows, where).toEqual(Object.fromEntries(named.map(([line, sum]) => [line, plainSum(sum)])));
      expect(report.total, where).toBe(named.length);
      for (const kind of ['unlabelled', 'fill', 'unknown'] as const) {
        expect(plain(report.rest[kind]), `${where} ${kind}`).toEqual(plainSum(sums.get(kind)));
      }
      const zero = plainSum(sums.get('zero'));
      const zeroSaved = [0, Math.round(slowOracle(pair.slow.engine).figures.zeroSavedFrames * 1e6)];
      expect(plain(report.rest.zero), where).toEqual({ ...zero, saved: zeroSaved });
      expect(report.rest.beside.saved, where).toEqual([0, 0]);
      for (const [i, row] of report.rows.entries()) {
        saved += row.saved[0] ?? 0;
        if (i > 0) expect(report.rows[i - 1].saved[0]).toBeGreaterThanOrEqual(row.saved[0] ?? 0);
      }
    }
  }
  expect(saved).toBeGreaterThan(50 * WORLDS);
});

test('all lines together are the figures of the host, whatever number of names is listed', () => {
  for (let seed = 1; seed <= WORLDS; seed++) {
    const pair = pairOf(seed);
    if (pair.book.labels === 0) continue;
    const host = hostFigures(pair.fast.engine);
    for (const top of [0, 1, 3, 1000]) {
      const { rows, others, rest } = reportOf(pair, seed % 2 === 0 ? 'file' : 'package', top);
      const lines = [...rows, others, ...REST_KINDS.map((kind: RestKind) => rest[kind])];
      const sum = (value: (line: ReportedAmount) => number): number =>
        lines.reduce((all, line) => all + value(line), 0);
      expect(sum(({ frames }) => frames)).toBe(host.frames);
      expect(sum(({ contents }) => contents)).toBe(host.distinctContents + Math.min(1, host.zeroFrames));
      const zeros = Math.max(0, host.zeroFrames - 1);
      expect(sum(({ savableFrames }) => savableFrames)).toBe(host.potentialSavedFrames + zeros);
      for (const [i, { policy }] of pair.fast.policies.slots.entries()) {
        const { savedFrames, zeroSavedFrames } = policy.figures();
        expect(sum(({ saved }) => saved[i] ?? 0)).toBeCloseTo(savedFrames + zeroSavedFrames, 9);
      }
    }
  }
});

test('asked for in slices and by windows it is the same, in the asked order', () => {
  for (const seed of [3, 4, 5, 6]) {
    const pair = pairOf(seed);
    const { fast, book } = pair;
    const questions = new NameQuestions(fast.engine, book);
    const policy = fast.policies.slots[0].policy;
    const ask = (offset: number, sort: 'saved' | 'mem' | 'name') => {
      const request = { by: 'file', sort, descending: sort !== 'name', offset, count: 2 } as const;
      questions.want(request, policy, 0);
      // A clock that is always late: one step of the walk a call.
      for (let time = 1; questions.busy; time += 10) questions.work(() => time, 0);
      const sums = questions.answer()?.sums;
      if (sums === null || sums === undefined) throw new Error('the walk is over');
      return sums;
    };
    const whole = reportOf(pair, 'file', 1000);
    const { total } = ask(0, 'saved');
    expect(total).toBe(whole.total);
    for (const sort of ['saved', 'mem', 'name'] as const) {
      const rows = Array.from({ length: Math.ceil(total / 2) }, (_, page) => ask(page * 2, sort));
      const names = new Set(rows.flatMap((window) => window.rows.map(({ image, name }) => `${image}|${name}`)));
      expect(names).toEqual(new Set(whole.rows.map(({ image, name }) => `${image}|${name}`)));
    }
    const names = ask(0, 'name').rows.map(({ name }) => name);
    expect(names).toEqual([...names].sort());
    // Nobody asks any more.
    questions.want(null, policy, 0);
    expect(questions.answer()).toBeNull();
  }
});

test('what a content is called: the first source that knows it, its image only where there are several', () => {
  const book = new LabelBook();
  expect(book.labelOf(1, 2)).toBeUndefined();
  const hash = (2n << 32n) | 1n;
  book.note(1, 2, 12_288, 'inline');
  book.note(1, 2, 12_288, 'inline');
  book.note(1, 2, 0, 'another');
  expect(book.labelOf(1, 2)).toEqual({ file: 'inline', offset: 12_288, package: '', image: '', more: 1 });
  book.add(labelTable('debian12', [{ hash, file: '/bin/sh', page: 3, more: 7 }], () => 'dash'));
  expect(book.labelOf(1, 2)).toEqual({ file: '/bin/sh', offset: 12_288, package: 'dash', image: '', more: 7 });
  book.add(labelTable('alpine', [{ hash, file: '/bin/busybox', page: 0 }]));
  expect(book.labelOf(1, 2)).toMatchObject({ file: '/bin/sh', image: 'debian12' });
  expect(book.labelOf(2, 1)).toBeUndefined();
  const long = `/${'x'.repeat(1_000_000)}/end`;
  book.note(5, 5, 0, long);
  expect(book.labelOf(5, 5)?.file).toBe(long.slice(-1024));
});

test('labels of the trace are bounded: in number, and those of one half of a hash', () => {
  const book = new LabelBook();
  for (let i = 0; i < 70_000; i++) book.note(i, 7, 0, `file ${i % 100}`);
  expect(book.labels).toBe(65_536);
  expect(book.inline.dropped).toBe(70_000 - 65_536);
  const chain = new LabelBook();
  for (let i = 0; i < 1000; i++) chain.note(1, i, 0, 'same');
  expect(chain.labels).toBe(64);
  expect(chain.inline.dropped).toBe(936);
  expect(chain.labelOf(1, 63)).toMatchObject({ file: 'same', more: 0 });
  expect(chain.labelOf(1, 64)).toBeUndefined();
});
