import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { V1_LABELS } from '../../scripts/make-labels-fixture.mjs';
import { hashHigh, hashLow } from '../../src/base/hash-hex.js';
import { decodeLabelFile, encodeLabelFile, type LabelContents, type LabelTable } from '../../src/trace/label-file.js';
import { TraceError } from '../../src/trace/trace-error.js';
import { SeededRandom } from '../seeded-random.js';
import { labelContentsOf, type PlainLabel } from './plain-labels.js';

function randomLabels(seed: number, count: number): Map<string, PlainLabel> {
  const random = new SeededRandom(seed);
  const labels = new Map<string, PlainLabel>();
  while (labels.size < count) {
    // Every second hash shares its upper bits with others: a bucket with many rows.
    const high = random.below(2) === 0 ? random.u32() : random.below(3);
    const low = random.below(4) === 0 ? random.below(5) : random.u32();
    const hash = high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
    labels.set(hash, {
      file: `/usr/lib/lib${random.below(40)}.so`,
      page: random.u32(),
      package: ['', 'libc6', 'bash'][random.below(3)],
      more: random.below(3),
    });
  }
  // A file has one package.
  const packageOf = new Map<string, string>();
  for (const [hash, label] of labels) {
    const first = packageOf.get(label.file) ?? label.package;
    packageOf.set(label.file, first);
    labels.set(hash, { ...label, package: first });
  }
  return labels;
}

describe('label file', () => {
  it.each([0, 1, 2, 3, 1000])('gives back %i labels, and -1 for every other hash', (count) => {
    const labels = randomLabels(count, count);
    const table = decodeLabelFile(encodeLabelFile(labelContentsOf('debian-12', labels)), 'x.labels');
    expect(table.image).toBe('debian-12');
    expect(table.labels).toBe(count);
    for (const [hash, label] of labels) {
      const row = table.rowOf(Number.parseInt(hash.slice(8), 16), Number.parseInt(hash.slice(0, 8), 16));
      expect(row).toBeGreaterThanOrEqual(0);
      const { file, page, package: pkg, more } = label;
      expect(table.labelAt(row)).toEqual({ file, offset: page * 4096, package: pkg, image: 'debian-12', more });
      expect(table.fileName(table.fileAt(row))).toBe(file);
      expect(table.packageName(table.packageAt(row))).toBe(pkg);
    }
    const random = new SeededRandom(count + 7);
    for (let i = 0; i < 1000; i++) {
      const low = random.u32() % 6;
      const high = i % 2 === 0 ? random.u32() % 4 : 2 ** 32 - 1 - (random.u32() % 4);
      const hash = high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
      expect(table.rowOf(low, high) >= 0, hash).toBe(labels.has(hash));
    }
  });

  it('keeps names that are no UTF-8 and reads bytes that lie at any address', () => {
    const contents: LabelContents = {
      ...labelContentsOf('π\n', new Map()),
      files: [{ name: Uint8Array.of(0x2f, 0xff, 0x61), package: 0 }],
      count: 1,
      low: Uint32Array.of(7),
      high: Uint32Array.of(9),
      file: Uint32Array.of(0),
      page: Uint32Array.of(3),
      more: Uint32Array.of(1),
    };
    const bytes = encodeLabelFile(contents);
    // A Buffer's slice is no copy.
    const shifted = Buffer.alloc(bytes.length + 1);
    shifted.set(bytes, 1);
    const table = decodeLabelFile(shifted.subarray(1), 'x');
    expect(table.labelAt(table.rowOf(7, 9))).toEqual({
      file: '/\ufffda',
      offset: 12288,
      package: '',
      image: 'π\n',
      more: 1,
    });
  });
});

/** Both checksums as they should be, so that what is behind them is looked at. */
function withRightSums(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 64) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(52, crc32(bytes.subarray(64)), true);
  view.setUint32(60, crc32(bytes.subarray(0, 60)), true);
  return bytes;
}

function withWord(bytes: Uint8Array, offset: number, value: number): Uint8Array {
  const changed = bytes.slice();
  new DataView(changed.buffer).setUint32(offset, value, true);
  return changed;
}

describe('version 1 of label files', () => {
  const fixture = new Uint8Array(readFileSync(new URL('../../fixtures/versions/v1.labels', import.meta.url)));

  it('is what docs/LABELS.md says, byte by byte, and stays readable', () => {
    expect(V1_LABELS).toEqual(fixture);
    const table = decodeLabelFile(fixture, 'v1.labels');
    expect([table.image, table.labels, table.files, table.packages]).toEqual(['débian', 3, 3, 2]);
    const labels = [0, 1, 2].map((row) => [table.hashAt(row), table.labelAt(row)]);
    const libc = '/usr/lib/x86_64-linux-gnu/libc.so.6';
    expect(labels).toEqual([
      ['0000000000000001', { file: '/\ufffd', offset: 0, package: '', image: 'débian', more: 0 }],
      ['00000000ffffffff', { file: '/boot/vmlinuz', offset: 17592186040320, package: '', image: 'débian', more: 7 }],
      ['fedcba9876543210', { file: libc, offset: 106496, package: 'libc6', image: 'débian', more: 4294967295 }],
    ]);
    expect(table.rowOf(0x76543210, 0xfedcba98)).toBe(2);
  });

  it('is written as that', () => {
    const written = encodeLabelFile({
      image: 'débian',
      packages: ['', 'libc6'],
      files: [
        { name: '/boot/vmlinuz', package: 0 },
        { name: Uint8Array.of(0x2f, 0xe9), package: 0 },
        { name: '/usr/lib/x86_64-linux-gnu/libc.so.6', package: 1 },
      ],
      count: 3,
      low: Uint32Array.of(1, 0xffffffff, 0x76543210, 99),
      high: Uint32Array.of(0, 0, 0xfedcba98),
      file: Uint32Array.of(1, 0, 2),
      page: Uint32Array.of(0, 0xffffffff, 26),
      more: Uint32Array.of(0, 7, 0xffffffff),
    });
    expect(Uint8Array.from(written)).toEqual(fixture);
  });

  it.each([
    ['nothing', new Uint8Array(0), 'x: 0 bytes are no label file'],
    ['another file', new Uint8Array(100), 'x: is no label file'],
    ['a cut file', fixture.slice(0, 150), 'x: offset 32: 150 bytes, but the header speaks of 218'],
    ['a changed name', withWord(fixture, 200, 0), 'x: offset 52: wrong checksum'],
    ['a changed header', withWord(fixture, 32, 4), 'x: offset 60: the header has a wrong checksum'],
    ['a later version', withRightSums(withWord(fixture, 8, 2)), 'x: offset 8: version 2 of label files is not known'],
    ['other pages', withRightSums(withWord(fixture, 12, 16384)), 'x: offset 12: page size 16384 is not supported'],
    ['another hash', withRightSums(withWord(fixture, 16, 2)), 'x: offset 16: hash algorithm 2'],
    ['another seed', withRightSums(withWord(fixture, 24, 1)), 'x: offset 24: the hash seed is not 0'],
    ['2^32 labels', withRightSums(withWord(fixture, 32, 0xffffffff)), 'x: offset 32: 218 bytes, but the header'],
    ['rows out of order', withRightSums(withWord(fixture, 64, 0xffffffff)), 'x: label 1 is not in the order of hashes'],
    ['a file that is none', withRightSums(withWord(fixture, 88, 3)), 'x: label 0 names file 3'],
    ['a package that is none', withRightSums(withWord(fixture, 136, 2)), 'x: file 0 is of package 2'],
    ['a name beyond the text', withRightSums(withWord(fixture, 132, 63)), 'x: names end at 63, the text at 62'],
  ])('is refused in one line: %s', (_what, bytes, line) => {
    let message = '';
    try {
      decodeLabelFile(bytes, 'x');
    } catch (error) {
      if (error instanceof TraceError) message = error.message;
    }
    expect(message.slice(0, line.length)).toBe(line);
    expect(message).not.toContain('\n');
  });

  it('a label for a page of one byte repeated is refused', () => {
    const labels = new Map([['ac869b6f32d8bbdb', { file: '/a', page: 0, package: '', more: 0 }]]);
    expect(() => decodeLabelFile(encodeLabelFile(labelContentsOf('x', labels)), 'x')).toThrow(/page of bytes 0/);
  });

  it('mutated by seed: one line, or a table that agrees with itself', () => {
    const random = new SeededRandom(20261123);
    const large = Uint8Array.from(encodeLabelFile(labelContentsOf('debian', randomLabels(11, 60))));
    let tables = 0;
    for (let i = 0; i < 3000; i++) {
      const bytes = mutated(random.chance(0.5) ? fixture : large, random);
      let table: LabelTable;
      try {
        table = decodeLabelFile(random.chance(0.9) ? withRightSums(bytes) : bytes, 'x');
      } catch (error) {
        expect(error).toBeInstanceOf(TraceError);
        expect((error as TraceError).message).toMatch(/^x: [^\n]{10,150}$/);
        continue;
      }
      tables++;
      for (let row = 0; row < table.labels; row++) {
        const hash = table.hashAt(row);
        expect(table.rowOf(hashLow(hash), hashHigh(hash))).toBe(row);
        expect(table.labelAt(row).file).toBe(table.fileName(table.fileAt(row)));
        expect(table.labelAt(row).package).toBe(table.packageName(table.packageAt(row)));
      }
    }
    // Both outcomes are met: the sums let mutants through to what is behind them.
    expect(tables).toBeGreaterThan(200);
    expect(tables).toBeLessThan(2800);
  });
});

function mutated(original: Uint8Array, random: SeededRandom): Uint8Array {
  let bytes = original.slice();
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    const view = new DataView(bytes.buffer);
    const word = 4 * random.below(bytes.length >>> 2);
    const how = random.below(6);
    if (how === 0) bytes[random.below(bytes.length)] ^= 1 << random.below(8);
    else if (how === 1) view.setUint32(word, random.u32(), true);
    else if (how === 2) view.setUint32(word, random.below(64), true);
    else if (how === 3)
      view.setUint32(32 + 4 * random.below(5), random.chance(0.5) ? random.below(9) : 2 ** 32 - 1, true);
    else if (how === 4) view.setUint32(word, view.getUint32(4 * random.below(bytes.length >>> 2), true), true);
    else if (bytes.length > 100) bytes = bytes.slice(0, bytes.length - random.below(9));
  }
  return bytes;
}
