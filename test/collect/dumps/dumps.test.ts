/** Dumps written by the tests against the plain memory that they were written from. */
import { describe, expect, test } from 'vitest';
import { gzipSync } from 'node:zlib';
import { TraceError } from '../../../src/trace/trace-error.js';
import { SeededRandom } from '../../seeded-random.js';
import { temporaryDirectory, writeInto } from '../../temporary-directory.js';
import { importMemory, importOptions } from './imported-memory.js';
import { somePage, someMemory, writeElfCore, writeRawImage, writeXenCore, type WrittenDump } from './written-dumps.js';

const SEED = Number(process.env['SHARETOP_SEED'] ?? 20261123);
const WRITERS = [writeXenCore, writeElfCore, writeRawImage];

function packed(dump: WrittenDump, random: SeededRandom): Buffer {
  return random.chance(0.4) ? gzipSync(dump.bytes, { level: 1 }) : dump.bytes;
}

/** Some frames get other contents, some come, some go. */
function changed(memory: ReadonlyMap<number, number>, random: SeededRandom): Map<number, number> {
  const entries = [...memory].filter(() => !random.chance(0.1));
  const next = new Map(entries.length === 0 ? memory : entries);
  for (const gfn of next.keys()) if (random.chance(0.2)) next.set(gfn, somePage(random));
  const last = Math.max(...next.keys());
  for (let i = random.below(5); i > 0; i--) next.set(last + i, somePage(random));
  return new Map([...next].sort(([a], [b]) => a - b));
}

test.each(WRITERS)('dumps hold what was written, in any order of their parts: %o', async (write) => {
  const directory = temporaryDirectory();
  for (let i = 0; i < 40; i++) {
    const random = new SeededRandom(SEED * 1000 + i);
    const dump = write(someMemory(random), random);
    const path = writeInto(directory, `g${i}.core`, packed(dump, random));
    const rawFiles = new Set(write === writeRawImage ? [path] : []);
    const { memory, frames, hostFrames } = await importMemory(importOptions([path], { rawFiles }));
    const which = `seed ${SEED}, ${i}`;
    expect([which, [...(memory.get(`g${i}`) ?? [])].sort(([a], [b]) => a - b)]).toEqual([which, [...dump.memory]]);
    expect(frames.get(`g${i}`)).toBe(Math.max(...dump.memory.keys()) + 1);
    expect(hostFrames).toBe(dump.memory.size);
  }
});

test('several dumps of a guest are one trace: its state is each dump, and only changes are written', async () => {
  const directory = temporaryDirectory();
  for (let i = 0; i < 25; i++) {
    const random = new SeededRandom(SEED * 2000 + i);
    let contents = someMemory(random);
    const dumps: WrittenDump[] = [];
    const files: string[] = [];
    const atTimesMicros = new Map<string, number>();
    for (let n = 2 + random.below(3); n > 0; n--) {
      const dump = (random.chance(0.5) ? writeXenCore : writeElfCore)(contents, random);
      const path = writeInto(directory, `web1.${dumps.length}.core${i}`, packed(dump, random));
      atTimesMicros.set(path, 1e6 * dumps.length);
      dumps.push(dump);
      files.push(path);
      contents = changed(contents, random);
    }
    const guests = new Map(files.map((path) => [path, 'web1']));
    const logs = { action: 'Q', dom0: false, guests };
    const { scans, result } = await importMemory(importOptions([...files].reverse(), { atTimesMicros, logs }));
    expect(result.dumps).toBe(dumps.length);
    expect(scans.map(({ time }) => time)).toEqual(dumps.map((_, n) => 1e6 * n));
    let before: ReadonlyMap<number, bigint> = new Map();
    for (const [n, { memory, fills, frees }] of scans.entries()) {
      const now = dumps[n].memory;
      expect(new Map([...memory].sort(([a], [b]) => a - b))).toEqual(now);
      expect(fills).toBe([...now].filter(([gfn, hash]) => before.get(gfn) !== hash).length);
      expect(frees).toBe([...before.keys()].filter((gfn) => !now.has(gfn)).length);
      before = now;
    }
  }
});

/** The one line that the import of these bytes ends in. */
async function problemOf(bytes: Uint8Array, name = 'g.core'): Promise<string> {
  const path = writeInto(temporaryDirectory(), name, bytes);
  const error = await importMemory(importOptions([path])).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TraceError);
  expect((error as TraceError).source).toBe(path);
  return (error as TraceError).message.slice(path.length + 2);
}

describe('what is not read is refused by name, with the mend', () => {
  test.each([
    ['KDUMP   ', /kdump-compressed.*virsh dump --memory-only/],
    ['makedumpfile\0\0\0\0', /kdump-compressed.*dump-guest-memory FILE/],
    ['LibvirtQemudSave\x02', /libvirt's own save format.*--memory-only/],
    ['QEVM\0\0\0\x03', /migration stream/],
    ['\xfd7zXZ\0', /xz -d/],
    ['\x28\xb5\x2f\xfd', /zstd -d/],
    ['Xen saved domain, xl format', /xl dump-core/],
    ['\x7fELF\x02\x02\x01', /EI_DATA: a big-endian ELF file/],
    ['\x7fELF\x02\x01\x01', /offset 16: e_type: 2 is a program/],
  ])('%j', async (start, expected) => {
    const bytes = Buffer.alloc(4096);
    bytes.write(start, 'latin1');
    bytes[16] ||= 2;
    expect(await problemOf(bytes)).toMatch(expected);
  });

  test('an empty dump', async () => {
    expect(await problemOf(Buffer.alloc(0))).toBe('is empty; a dump that failed leaves such a file');
  });
});
