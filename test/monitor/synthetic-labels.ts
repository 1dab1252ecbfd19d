/** Label files for tests: contents and what they are called, in any order. */
import { decodeLabelFile, encodeLabelFile, type LabelTable } from '../../src/trace/label-file.js';

export interface Named {
  hash: bigint;
  file: string;
  /** Pages of 4 KiB. */
  page: number;
  more?: number;
}

/** The bytes of a label file. `packageOf`: '' for none. */
export function labelFileBytes(
  image: string,
  named: readonly Named[],
  packageOf: (file: string) => string = () => '',
): Uint8Array {
  const rows = [...named].sort((a, b) => (a.hash < b.hash ? -1 : 1));
  const files = [...new Set(rows.map(({ file }) => file))].sort();
  const packages = ['', ...[...new Set(files.map(packageOf))].filter((name) => name !== '').sort()];
  return encodeLabelFile({
    ...{ image, packages, count: rows.length },
    files: files.map((name) => ({ name, package: packages.indexOf(packageOf(name)) })),
    low: Uint32Array.from(rows, ({ hash }) => Number(hash & 0xffff_ffffn)),
    high: Uint32Array.from(rows, ({ hash }) => Number(hash >> 32n)),
    file: Uint32Array.from(rows, ({ file }) => files.indexOf(file)),
    page: Uint32Array.from(rows, ({ page }) => page),
    more: Uint32Array.from(rows, ({ more }) => more ?? 0),
  });
}

export function labelTable(
  image: string,
  named: readonly Named[],
  packageOf: (file: string) => string = () => '',
): LabelTable {
  return decodeLabelFile(labelFileBytes(image, named, packageOf), image);
}
