/**
 * `sharetop label` in one thread, beside xxhsum and plain reading of the same files, which are in the page cache.
 * Wall time, one after the other in each repeat: the ratios say more than the figures.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hashPieces } from '../../src/collect/labels/hash-unit.js';
import { labelRoot } from '../../src/collect/labels/label-root.js';
import { PageHasher } from '../../src/collect/page-hash/page-hasher.js';
import { encodeLabelFile } from '../../src/trace/label-file.js';
import { SeededRandom } from '../../test/seeded-random.js';
import { type Bench, ResultHash, sameHash, subject, timed } from '../harness.js';

const PAGES_AT_ONCE = 64;

/** Large files, and as many small ones as a root has for its size. */
function makeTree(root: string, small: boolean): { files: string[]; bytes: number } {
  const random = new SeededRandom(27);
  const files: string[] = [];
  let bytes = 0;
  const put = (directory: string, name: string, size: number): void => {
    const words = new Uint32Array(Math.ceil(size / 4));
    for (let i = 0; i < words.length; i++) words[i] = random.u32();
    mkdirSync(path.join(root, directory), { recursive: true });
    const file = path.join(root, directory, name);
    writeFileSync(file, new Uint8Array(words.buffer, 0, size));
    files.push(file);
    bytes += size;
  };
  for (let i = 0; i < (small ? 2 : 100); i++) put('usr/lib', `lib${i}.so`, (small ? 100_000 : 4_000_000) + i);
  for (let i = 0; i < (small ? 20 : 8000); i++) put(`usr/share/${i >> 6}`, `${i}.txt`, 1 + random.below(24_000));
  return { files, bytes };
}

async function label(root: string): Promise<string> {
  const hasher = new PageHasher(PAGES_AT_ONCE);
  const labelled = await labelRoot(
    {
      root,
      image: 'bench',
      oneFileSystem: false,
      signal: new AbortController().signal,
      onProgress: () => undefined,
      tell: (name, problem) => {
        throw new Error(`${name}: ${problem}`);
      },
    },
    { lanes: 1, hash: (pieces) => Promise.resolve(hashPieces(pieces, hasher)) },
  );
  if (labelled === undefined) throw new Error('ended');
  // All that the file says is in the checksums of its header.
  const header = new Uint32Array(encodeLabelFile(labelled.contents).buffer, 0, 16);
  return new ResultHash().add(header[15]).hex();
}

function readAll(files: readonly string[], buffer: Uint8Array): void {
  for (const file of files) {
    const descriptor = openSync(file, 'r');
    while (readSync(descriptor, buffer) > 0);
    closeSync(descriptor);
  }
}

async function run(bench: Bench): Promise<void> {
  const root = mkdtempSync(path.join(tmpdir(), 'sharetop-bench-'));
  try {
    const { files, bytes } = makeTree(root, bench.small);
    const megabytes = bytes / 1e6;
    const hasXxhsum = spawnSync('xxhsum', ['--version']).status === 0;
    const values = { label: [] as number[], read: [] as number[], xxhsum: [] as number[], hash: [] as number[] };
    const results: string[] = [];
    const buffer = new Uint8Array(PAGES_AT_ONCE * 4096);
    const hasher = new PageHasher(PAGES_AT_ONCE);
    const random = new SeededRandom(28);
    // Pages of zeros would not be hashed.
    for (let i = 0; i < hasher.pages.length; i++) hasher.pages[i] = random.u32();
    const list = files.join('\0');
    for (let i = 0; i < bench.repeats + 1; i++) {
      const start = performance.now();
      results.push(await label(root));
      const ours = (performance.now() - start) / 1000;
      const read = timed(() => readAll(files, buffer)).wall;
      const hash = timed(() => {
        for (let done = 0; done < bytes; done += buffer.length) hasher.hash(PAGES_AT_ONCE);
      }).wall;
      const theirs = timed(() => {
        if (hasXxhsum) spawnSync('xargs', ['-0', 'xxhsum', '-q', '-H1'], { input: list, maxBuffer: 2 ** 30 });
      }).wall;
      if (i === 0) continue;
      values.label.push(megabytes / ours);
      values.read.push(read / ours);
      values.hash.push(megabytes / hash);
      values.xxhsum.push(theirs / ours);
    }
    bench.report({ name: 'label, one thread', unit: 'MB/s', values: values.label, hash: sameHash(results, 'labels') });
    bench.report({ name: 'XXH64 of pages alone', unit: 'MB/s', values: values.hash });
    bench.report({ name: 'label / plain reading of the files', unit: '×', values: values.read });
    if (hasXxhsum) bench.report({ name: 'label / xxhsum of the files', unit: '×', values: values.xxhsum });
    else bench.skip('label / xxhsum', 'xxhsum is not installed');
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

await subject(run);
