/** Labels as a plain map, and the columns of a label file made of it. */
import type { LabelContents } from '../../src/trace/label-file.js';

/** One label, by names. */
export interface PlainLabel {
  readonly file: string;
  /** Offset / 4096. */
  readonly page: number;
  readonly package: string;
  readonly more: number;
}

/** @param labels hash as 16 hex digits → its label. A file has one package. */
export function labelContentsOf(image: string, labels: ReadonlyMap<string, PlainLabel>): LabelContents {
  const rows = [...labels].sort(([a], [b]) => (a < b ? -1 : 1));
  const packages = [...new Set(['', ...rows.map(([, label]) => label.package)])].sort();
  const packageOf = new Map(rows.map(([, label]) => [label.file, label.package]));
  const names = [...packageOf.keys()].sort();
  return {
    image,
    packages,
    files: names.map((name) => ({ name, package: packages.indexOf(packageOf.get(name) ?? '') })),
    count: rows.length,
    low: Uint32Array.from(rows, ([hash]) => Number.parseInt(hash.slice(8), 16)),
    high: Uint32Array.from(rows, ([hash]) => Number.parseInt(hash.slice(0, 8), 16)),
    file: Uint32Array.from(rows, ([, label]) => names.indexOf(label.file)),
    page: Uint32Array.from(rows, ([, label]) => label.page),
    more: Uint32Array.from(rows, ([, label]) => label.more),
  };
}
