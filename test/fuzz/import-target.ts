/** Recordings given to `import`: damaged, cut, packed bombs, clocks that step back. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { importRecordings } from '../../src/collect/import.js';
import { checkRecords } from '../../src/trace/record-check.js';
import { TraceError } from '../../src/trace/trace-error.js';
import type { SeededRandom } from '../seeded-random.js';
import { extremeU32, type FuzzTarget, pick } from './fuzz-case.js';
import { hostileText } from './hostile-text.js';
import { lineProblems } from './trace-target.js';

/** A page-hash series as recorded, some of its numbers spoiled. */
function series(random: SeededRandom, spoil: number): Buffer {
  const pages = 1 + random.below(300);
  const snapshots = random.below(4);
  const number = (right: number): number => (random.chance(spoil) ? extremeU32(random) : right);
  const words: number[] = [number(pages), number(4096), number(snapshots), number(0)];
  for (let i = 0; i < snapshots; i++) {
    const gfns = Array.from({ length: pages }, (_, gfn) => gfn).filter(() => random.chance(0.3));
    words.push(i, number(i * 1000), number(gfns.length), number(0));
    for (const gfn of gfns) words.push(number(gfn));
    for (let h = 0; h < gfns.length; h++) words.push(random.below(20), random.below(2));
  }
  return Buffer.concat([Buffer.from('PGHD1\0\0\0', 'latin1'), Buffer.from(Uint32Array.from(words).buffer)]);
}

/** A block trace in CSV, likewise. */
function blocks(random: SeededRandom, spoil: number): Buffer {
  const field = (right: string): string => {
    if (!random.chance(spoil)) return right;
    const odd = ['', '-1', '1e9', '99999999999', '4294967295', 'NaN', '"', 'R', ' ', hostileText(random)];
    return pick(random, odd);
  };
  const lines = [random.chance(spoil) ? field('x') : 't_rel_s,op,sector,nsectors,hashes'];
  for (let i = random.below(30); i > 0; i--) {
    const count = 1 + random.below(3);
    const isWrite = random.chance(0.3);
    const hashes = isWrite ? '' : Array.from({ length: count }, () => '000000000000000a').join(' ');
    const time = (random.below(9_000_000) / 1e6).toFixed(6);
    const request = [time, isWrite ? 'W' : 'R', String(8 * random.below(99)), String(8 * count), hashes];
    lines.push(request.map(field).join(','));
  }
  return Buffer.from(`${lines.join(random.chance(0.1) ? '\r\n' : '\n')}\n`);
}

function damage(bytes: Buffer, random: SeededRandom): Buffer {
  const roll = random.below(4);
  const at = random.below(bytes.length + 1);
  if (roll === 0) return bytes.subarray(0, at);
  if (roll === 1) return Buffer.concat([bytes, Buffer.alloc(random.below(100))]);
  if (roll === 2) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(random.below(bytes.length + 1))]);
  const spoiled = Buffer.from(bytes);
  for (let i = random.below(6); i > 0 && bytes.length > 0; i--)
    spoiled[random.below(bytes.length)] ^= 1 << random.below(8);
  return spoiled;
}

/** Small when packed, millions of bytes when not. */
function bomb(random: SeededRandom): Buffer {
  const head = random.chance(0.5) ? series(random, 0) : Buffer.from('t_rel_s,op,sector,nsectors,hashes\n');
  return gzipSync(Buffer.concat([head, Buffer.alloc(8e6, pick(random, ['\0', 'a', '1,R,0,8,-\n', '\n']))]), {
    level: 1,
  });
}

/** A file of `--ksm-extra` for these guests, some of its values spoiled, or no JSON at all. */
function extraFile(names: readonly string[], random: SeededRandom): Buffer {
  const spoil = pick(random, [0, 0, 0.05, 0.3]);
  const odd: readonly unknown[] = [-1, 0.5, 1e308, 65536, 2 ** 53, null, 'x', [], {}, [[]], true, 'ffffffffffffffff'];
  const value = (right: unknown): unknown => {
    if (!random.chance(spoil)) return right;
    return random.chance(0.8) ? pick(random, odd) : hostileText(random);
  };
  const guests: [string, unknown][] = names.map((name) => {
    const blocks = Array.from({ length: random.below(4) }, () => {
      const hashes = Array.from({ length: random.below(6) }, () =>
        value(pick(random, ['000000000000000a', 'b'.repeat(16)])),
      );
      const zeros = random.below(9);
      const present = hashes.length + zeros;
      return value({
        pages: value(random.chance(0.2) ? 512 : present),
        present: value(present),
        nonzero_hashes: value(hashes),
        zero_present: value(random.chance(0.05) ? extremeU32(random) : zeros),
      });
    });
    return [random.chance(spoil) ? pick(random, ['__proto__', '', hostileText(random)]) : name, value(blocks)];
  });
  const text = JSON.stringify(value(Object.fromEntries(guests)));
  const bytes = Buffer.from(random.chance(0.02) ? '['.repeat(1e5) : text);
  return random.chance(spoil) ? damage(bytes, random) : bytes;
}

function recording(random: SeededRandom, isSeries: boolean): Buffer {
  if (random.chance(0.01)) return bomb(random);
  const spoil = pick(random, [0, 0, 0.01, 0.1]);
  let bytes = isSeries ? series(random, spoil) : blocks(random, spoil);
  if (random.chance(0.3)) bytes = damage(bytes, random);
  if (!random.chance(0.3)) return bytes;
  const packed = gzipSync(bytes, { level: 1 });
  return random.chance(0.4) ? damage(packed, random) : packed;
}

/** What `import` gives for hostile files: a refusal in one line, or records that pass the reader's own checks. */
export const RECORDINGS: FuzzTarget = {
  name: 'recordings',
  share: 5,
  run: async (random) => {
    const folder = mkdtempSync(join(tmpdir(), 'sharetop-fuzz-'));
    const problems: string[] = [];
    try {
      const files = Array.from({ length: 1 + random.below(3) }, (_, i) => {
        const isSeries = random.chance(0.5);
        const path = join(folder, `g${i}${isSeries ? '.pghd' : '.blk.csv'}`);
        writeFileSync(path, recording(random, isSeries));
        return path;
      });
      const none = new Map<string, never>();
      const maps = { images: none, domids: none, groups: none, offsetsMicros: none };
      const host = { hostName: 'h', hypervisor: '', hostMemoryFrames: null };
      const ksmExtra = random.chance(0.4) ? join(folder, 'extra.json') : undefined;
      if (ksmExtra !== undefined) writeFileSync(ksmExtra, extraFile(['g0', 'g1', 'g2'], random));
      const options = { files, ...maps, ...host, ...(ksmExtra === undefined ? {} : { ksmExtra }) };
      await importRecordings(options, ({ words, wordCount, recordCount }) => {
        if (checkRecords(words, 0, wordCount) !== recordCount)
          problems.push('import wrote records that no reader takes');
      });
    } catch (error) {
      if (!(error instanceof TraceError)) throw error;
      problems.push(...lineProblems(error.message));
      if (error.source === '' || error.problem === '') problems.push(`no place or problem: ${error.message}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
    return problems;
  },
};
