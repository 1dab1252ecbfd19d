import { describe, expect, it } from 'vitest';
import { decodeLabelFile, encodeLabelFile, type LabelContents } from '../../src/trace/label-file.js';
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
    const shifted = new Uint8Array(bytes.length + 1);
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
