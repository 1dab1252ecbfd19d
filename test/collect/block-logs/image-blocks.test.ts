import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import xxhash from 'xxhash-wasm';
import { ImageBlocks } from '../../../src/collect/block-logs/image-blocks.js';
import { WrittenBlocks } from '../../../src/collect/block-logs/written-blocks.js';
import { SeededRandom } from '../../seeded-random.js';
import { temporaryDirectory, writeInto } from '../../temporary-directory.js';
import { recordingsDirectory } from '../plain-recordings.js';
import type { PlainRecord } from '../plain-records.js';
import { importAll, optionsOf } from './import-logs.js';

const hasher = await xxhash();
/** As the recordings' README gives them, from other programs. */
const ZERO = 0xac869b6f32d8bbdbn;
const ALL_CC = 0xdf1fd9ec6fddee36n;
const ALL_FF = 0x10af2cb94282321fn;
const PAGE = 4096;

const page = (byte: number): Buffer => Buffer.alloc(PAGE, byte);
const HEADER = 't_rel_s,op,sector,nsectors,hashes\n';

/** What an import says of the blocks read, hashes as BigInt or null, in order. */
async function readsOf(
  files: readonly string[],
  image: string,
  offsetBytes = 0,
): Promise<{ reads: (bigint | null)[]; blocks: number | undefined; notes: readonly string[] }> {
  const names = files.map((file) => path.basename(file).split('.')[0]);
  const { records, result } = await importAll(
    optionsOf(files, {
      images: new Map(names.map((name) => [name, 'base'])),
      imageFiles: new Map([['base', { path: image, offsetBytes }]]),
    }),
  );
  const declared = records.find((record) => record.kind === 'image') as (PlainRecord & { blocks?: number }) | undefined;
  const reads = records.flatMap((record) => (record.kind === 'read' && record.aligned ? [record.hash] : []));
  return { reads, blocks: declared?.blocks, notes: result.notes };
}

describe('an image file', () => {
  test('tells what was read: known contents, not what was written, nothing beyond its end', async () => {
    const directory = temporaryDirectory();
    const image = writeInto(
      directory,
      'base.raw',
      Buffer.concat([page(0), page(0xcc), page(0xff), page(0xcc), page(0).subarray(0, 512)]),
    );
    const log = (op: string, sector: number, count: number): string =>
      `1@1.000000:virtio_blk_handle_${op} vdev 0x1 req 0x2 sector ${sector} nsectors ${count}\n`;
    const one = [log('read', 0, 48), log('read', 1, 8), log('write', 17, 1), log('read', 8, 24)].join('');
    const { reads, blocks, notes } = await readsOf([writeInto(directory, 'a.log', one)], image);
    expect(reads).toEqual([ZERO, ALL_CC, ALL_FF, ALL_CC, null, null, ...[ALL_CC, null, ALL_CC]]);
    expect(blocks).toBe(5);
    expect(notes).toEqual([`${image}: 2 blocks were read that it does not hold: unknown contents`]);
    // Another guest has its own overlay.
    const files = [writeInto(directory, 'b.log', log('read', 16, 8)), writeInto(directory, 'a.log', one)];
    expect((await readsOf(files, image)).reads[0]).toBe(ALL_FF);
  });

  test('of a partition lies inside the disk, that of a disk around it', async () => {
    const directory = temporaryDirectory();
    const pages = Array.from({ length: 300 }, (_, i) => Buffer.alloc(PAGE, `block ${i} `));
    const image = writeInto(directory, 'base.raw', Buffer.concat(pages));
    const bytes = readFileSync(image);
    const hash = (at: number): bigint => hasher.h64Raw(bytes.subarray(at, at + PAGE), 0n);
    const file = writeInto(directory, 'a.csv', `${HEADER}0,R,0,2400,\n1,R,80,8,-\n`);
    const around = await readsOf([file], image, 1536);
    expect(around.blocks).toBe(300);
    expect(around.reads).toEqual([
      ...pages.slice(1).map((_, i) => hash(1536 + i * PAGE)),
      null,
      hash(1536 + 10 * PAGE),
    ]);
    const inside = await readsOf([file], image, -3 * PAGE - 512);
    expect(inside.blocks).toBe(304);
    const blocks = pages.slice(4).map((_, i) => hash((i + 1) * PAGE - 512));
    expect(inside.reads).toEqual([null, null, null, null, ...blocks, blocks[6]]);
  });

  test('gives way to what a trace says itself', async () => {
    const directory = temporaryDirectory();
    const image = writeInto(directory, 'base.raw', page(0xcc));
    const own = '00000000000000ff';
    const guests = writeInto(directory, 'a.csv', `${HEADER}0,R,0,8,${own}\n1,R,0,8,-\n`);
    expect((await readsOf([guests], image)).reads).toEqual([0xffn, ALL_CC]);
    // Without writes in the trace, a dash is all that says that the domain wrote the block.
    const rows = writeInto(directory, 'dom2.csv', `t_s,domid,sector,nsectors,hashes\n0,2,0,8,-\n1,2,0,8,\n`);
    expect((await readsOf([rows], image)).reads).toEqual([null, ALL_CC]);
  });

  test.each([
    ['QFI\u00fb', 'is a qcow2 image: a raw image is needed (qemu-img convert -O raw)'],
    ['\u001f\u008b\u0008', 'is packed by gzip: a raw image is needed (gunzip)'],
    [`${'<'.repeat(64)}\u007f\u0010\u00da\u00be`, 'is a VDI image: a raw image is needed (qemu-img convert -O raw)'],
  ])('that begins with %j is refused', async (start, problem) => {
    const file = writeInto(temporaryDirectory(), 'base', Buffer.from(start, 'latin1'));
    await expect(ImageBlocks.open({ path: file, offsetBytes: 0 })).rejects.toThrow(`${file}: ${problem}`);
  });

  test('that is a directory, is missing, or is of no guest is refused', async () => {
    const directory = temporaryDirectory();
    const open = (file: string): Promise<unknown> => ImageBlocks.open({ path: file, offsetBytes: 0 });
    await expect(open(directory)).rejects.toThrow('is neither a raw image nor a block device');
    await expect(open(`${directory}/none`)).rejects.toThrow(`${directory}/none: `);
    const file = writeInto(directory, 'a.csv', `${HEADER}0,R,0,8,\n`);
    const imageFiles = new Map([['debian', { path: file, offsetBytes: 0 }]]);
    await expect(importAll(optionsOf([file], { imageFiles }))).rejects.toThrow(
      '--image-file debian: no guest has this image; say which, e.g. --image web1=debian',
    );
  });

  test('written blocks are those of a set', () => {
    const random = new SeededRandom(5);
    const size = 100_000;
    const written = new WrittenBlocks(size);
    const model = new Set<string>();
    for (let i = 0; i < 300; i++) {
      const [domid, block, count] = [
        random.below(3),
        random.below(size + 100),
        1 + random.below(i % 50 === 0 ? size : 40),
      ];
      written.add(domid, block, count);
      for (let at = block; at < Math.min(size, block + count); at++) model.add(`${domid}:${at}`);
    }
    for (let domid = 0; domid < 4; domid++) {
      for (let at = 0; at < size; at += 1 + random.below(4)) {
        if (written.has(domid, at) !== model.has(`${domid}:${at}`)) expect.unreachable(`${domid}:${at}`);
      }
    }
  });

  const recordings = recordingsDirectory();
  test.skipIf(recordings === null)(
    'tells all that a recorded guest had read: it wrote none of it (needs the recordings)',
    async () => {
      const directory = temporaryDirectory();
      // The image itself is not here: one of zeros stands for it, for which blocks are filled in is what counts.
      const image = path.join(directory, 'base.raw');
      writeFileSync(image, '');
      truncateSync(image, 2 ** 40);
      const text = gunzipSync(readFileSync(`${recordings}/kvm/build1.blk.csv.gz`)).toString('latin1');
      const file = path.join(directory, 'build1.csv');
      writeFileSync(file, text.replace(/,[-0-9a-f ]*$/gm, ','));
      const { reads } = await readsOf([file], image);
      const counts = JSON.parse(readFileSync(`${recordings}/kvm/blockreads.json`, 'utf8')) as Record<string, unknown>;
      expect(counts['build1']).toMatchObject({ read_4k_blocks: reads.length, known: reads.length, written_before: 0 });
      expect(reads.every((hash) => hash === ZERO)).toBe(true);
    },
  );
});
