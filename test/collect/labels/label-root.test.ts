import { appendFileSync, writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type FilePiece, type HashedPages, hashPieces } from '../../../src/collect/labels/hash-unit.js';
import { type HashLanes, labelRoot } from '../../../src/collect/labels/label-root.js';
import { PageHasher } from '../../../src/collect/page-hash/page-hasher.js';
import { decodeLabelFile, encodeLabelFile, type LabelTable } from '../../../src/trace/label-file.js';
import { SeededRandom } from '../../seeded-random.js';
import { temporaryDirectory } from '../../temporary-directory.js';
import { makeTree, plainLabels, type TreeLabel } from './plain-tree.js';

/** Answers in any order. */
async function shuffledLanes(seed: number, lanes: number, pagesAtOnce: number): Promise<HashLanes> {
  const random = new SeededRandom(seed);
  const hasher = new PageHasher(pagesAtOnce);
  return {
    lanes,
    hash: async (pieces: readonly FilePiece[]): Promise<HashedPages> => {
      for (let turns = random.below(20); turns > 0; turns--) await setImmediate();
      return hashPieces(pieces, hasher);
    },
  };
}

interface Labelled {
  readonly bytes: Uint8Array;
  readonly problems: readonly string[];
}

async function label(root: string, lanes: HashLanes): Promise<Labelled> {
  const problems: string[] = [];
  const labelled = await labelRoot(
    {
      root,
      image: 'test',
      oneFileSystem: false,
      signal: new AbortController().signal,
      onProgress: () => undefined,
      tell: (name, problem) => problems.push(`${name}: ${problem}`),
    },
    lanes,
  );
  if (labelled === undefined) throw new Error('nobody ended it');
  return { bytes: encodeLabelFile(labelled.contents), problems };
}

function labelsOf(table: LabelTable): Map<string, TreeLabel> {
  const labels = new Map<string, TreeLabel>();
  for (let row = 0; row < table.labels; row++) {
    const { file, offset, package: pkg, more } = table.labelAt(row);
    labels.set(table.hashAt(row), { file, offset, package: pkg, more });
  }
  return labels;
}

describe('labels of a tree', () => {
  it.each([1, 2, 3])('are those of a plain walk, whatever the tree holds (seed %i)', async (seed) => {
    const root = temporaryDirectory();
    const packageOf = makeTree(root, new SeededRandom(seed));
    const { bytes, problems } = await label(root, await shuffledLanes(seed, 2, 3));
    const expected = await plainLabels(root, packageOf);
    expect(labelsOf(decodeLabelFile(bytes, 'test'))).toEqual(expected);
    expect(problems).toEqual([]);
    // The tree is worth it: several files of one content, a package by another path, bytes that are no UTF-8.
    const all = [...expected.values()];
    expect(all.some(({ more }) => more > 1)).toBe(true);
    expect(all).toContainEqual(expect.objectContaining({ file: '/usr/bin/perl', package: 'perl-base', more: 0 }));
    expect(all).toContainEqual(expect.objectContaining({ file: '/etc/diverted.real', package: 'perl-base' }));
    expect(all).toContainEqual(expect.objectContaining({ file: '/etc/caf\ufffd\ufffd', package: 'zz' }));
  });

  it('are the same bytes for any number of threads and any order of answers', async () => {
    const root = temporaryDirectory();
    makeTree(root, new SeededRandom(4));
    const { bytes } = await label(root, await shuffledLanes(1, 1, 64));
    for (const [seed, lanes, pagesAtOnce] of [
      [2, 2, 1],
      [3, 5, 7],
      [4, 16, 64],
    ]) {
      const again = await label(root, await shuffledLanes(seed, lanes, pagesAtOnce));
      expect(Buffer.compare(again.bytes, bytes), `seed ${seed}`).toBe(0);
    }
  });

  it('are those of the longest file that was there, when a file shrinks, grows or goes while it is read', async () => {
    const root = temporaryDirectory();
    const page = (byte: number): Buffer => Buffer.concat([Buffer.from([byte]), Buffer.alloc(4095, 7)]);
    for (const name of ['shrinks', 'grows', 'goes'])
      writeFileSync(`${root}/${name}`, Buffer.concat([page(1), page(2)]));
    const hasher = new PageHasher(1);
    const lanes: HashLanes = {
      lanes: 1,
      hash: (pieces) => {
        writeFileSync(`${root}/shrinks`, page(3));
        appendFileSync(`${root}/grows`, page(4));
        return Promise.resolve(
          hashPieces(
            pieces.filter(({ path }) => !path.endsWith('goes')),
            hasher,
          ),
        );
      },
    };
    const { bytes } = await label(root, lanes);
    const places = [...labelsOf(decodeLabelFile(bytes, 'test')).values()].map(
      ({ file, offset }) => `${file} ${offset}`,
    );
    expect(places.sort()).toEqual(['/grows 0', '/grows 4096', '/shrinks 0']);
  });
});
