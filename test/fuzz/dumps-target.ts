/** Dumps given to `import`: single numbers spoiled, cut, spliced, packed and then damaged, several of one guest. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { importRecordings } from '../../src/collect/import.js';
import { checkRecords } from '../../src/trace/record-check.js';
import { TraceError } from '../../src/trace/trace-error.js';
import { eachRecord } from '../collect/plain-records.js';
import {
  someMemory,
  writeElfCore,
  writeRawImage,
  writeXenCore,
  type WrittenDump,
} from '../collect/dumps/written-dumps.js';
import type { SeededRandom } from '../seeded-random.js';
import { type FuzzTarget, pick } from './fuzz-case.js';
import { lineProblems } from './trace-target.js';

/** Far above what a case needs (a packed bomb has 8 MB): memory that grows by this is not backed by the file. */
const GROWTH_BYTES_MAX = 300 * 2 ** 20;

/** Numbers at the edges of what a field may hold, and ones that are nearly right. */
function extreme(right: bigint, fileBytes: number, random: SeededRandom): bigint {
  const file = BigInt(fileBytes);
  const edges = [0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 44n, 2n ** 52n, 2n ** 53n - 1n, 2n ** 53n];
  const wraps = [
    2n ** 60n,
    2n ** 63n,
    2n ** 64n - 1n,
    2n ** 64n - 4096n,
    2n ** 64n - right,
    file,
    file - 1n,
    file + 1n,
  ];
  const near = [
    right + 1n,
    right - 1n,
    right * 2n,
    right + 4096n,
    right - 4096n,
    right << 12n,
    right >> 1n,
    right ^ 1n,
  ];
  const roll = random.below(4);
  if (roll === 0) return pick(random, near);
  return roll === 1 ? BigInt(random.below(fileBytes + 1)) : pick(random, [...edges, ...wraps]);
}

function spoiled(dump: WrittenDump, random: SeededRandom): Buffer {
  const bytes = Buffer.from(dump.bytes);
  if (dump.fields.length === 0) return bytes;
  for (let i = 1 + random.below(3); i > 0; i--) {
    const { at, bytes: width } = pick(random, dump.fields);
    if (at + 8 > bytes.length) continue;
    const mask = 2n ** BigInt(8 * width) - 1n;
    const right = bytes.readBigUInt64LE(at) & mask;
    const other = pick(random, dump.fields).at;
    const isOther = random.chance(0.2) && other + 8 <= bytes.length;
    const value = isOther ? bytes.readBigUInt64LE(other) : extreme(right, bytes.length, random);
    const part = Buffer.alloc(8);
    part.writeBigUInt64LE(BigInt.asUintN(64, value) & mask);
    bytes.set(part.subarray(0, width), at);
  }
  return bytes;
}

function damaged(bytes: Buffer, random: SeededRandom): Buffer {
  const roll = random.below(4);
  const at = random.below(bytes.length + 1);
  if (roll === 0) return bytes.subarray(0, at);
  if (roll === 1) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(random.below(bytes.length + 1))]);
  const other = Buffer.from(bytes);
  const headBytes = random.chance(0.7) ? Math.min(bytes.length, 1024) : bytes.length;
  for (let i = random.below(6); i > 0 && headBytes > 0; i--) other[random.below(headBytes)] ^= 1 << random.below(8);
  return other;
}

/** A dump of pages of zeros: small when packed, 8 MB of frames when not. */
function bomb(random: SeededRandom): WrittenDump {
  const memory = new Map(Array.from({ length: 2000 }, (_, i) => [i * (1 + random.below(2)), 0]));
  return pick(random, [writeXenCore, writeElfCore])(memory, random);
}

function hostileDump(random: SeededRandom): Buffer {
  const write = pick(random, [writeXenCore, writeXenCore, writeElfCore, writeElfCore, writeRawImage]);
  const dump = random.chance(0.005) ? bomb(random) : write(someMemory(random), random);
  let bytes = random.chance(0.75) ? spoiled(dump, random) : dump.bytes;
  if (random.chance(0.3)) bytes = damaged(bytes, random);
  if (!random.chance(0.2)) return bytes;
  const packed = gzipSync(bytes, { level: 1 });
  return random.chance(0.3) ? damaged(packed, random) : packed;
}

let folder = '';

/** One for all cases of a thread: making and removing it costs more than a dump. */
function caseFolder(): string {
  if (folder !== '') return folder;
  const made = mkdtempSync(join(tmpdir(), 'sharetop-fuzz-'));
  folder = made;
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** What `import` gives for hostile dumps: a refusal in one line, or records that hold no more pages than the files. */
export const DUMPS: FuzzTarget = {
  name: 'dumps',
  // Run by its name: `--target dumps`.
  share: 0,
  run: async (random) => {
    const problems: string[] = [];
    const before = process.memoryUsage().rss;
    let unpackedPages = 0;
    let fills = 0;
    try {
      const rawFiles = new Set<string>();
      const atTimesMicros = new Map<string, number>();
      const files = Array.from({ length: random.chance(0.8) ? 1 : 2 }, (_, i) => {
        const path = join(caseFolder(), `web1.${i}.core`);
        const bytes = hostileDump(random);
        writeFileSync(path, bytes);
        // A gzip file is at most 1032 times as large when unpacked.
        unpackedPages += (bytes.length * (bytes[0] === 0x1f ? 1032 : 1)) / 4096;
        if (random.chance(0.1)) rawFiles.add(path);
        atTimesMicros.set(path, i);
        return path;
      });
      const none = new Map<string, never>();
      const maps = { images: none, domids: none, groups: none, offsetsMicros: none, atTimesMicros, rawFiles };
      const options = { files, ...maps, hostName: 'h', hypervisor: '', hostMemoryFrames: null };
      await importRecordings(options, ({ words, wordCount, recordCount }) => {
        if (checkRecords(words, 0, wordCount) !== recordCount) problems.push('records that no reader takes');
        eachRecord(words, 0, wordCount, 0, ({ kind }) => (fills += kind === 'fill' ? 1 : 0));
      });
    } catch (error) {
      if (!(error instanceof TraceError)) throw error;
      problems.push(...lineProblems(error.message));
      if (error.source === '' || error.problem === '') problems.push(`no place or problem: ${error.message}`);
    }
    if (fills > unpackedPages) problems.push(`${fills} pages out of files that hold ${unpackedPages}`);
    const growth = process.memoryUsage().rss - before;
    if (growth > GROWTH_BYTES_MAX) problems.push(`memory grew by ${growth} bytes`);
    return problems;
  },
};
