import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory, writeInto } from '../../temporary-directory.js';
import { importAll, optionsOf, requestLines } from './import-logs.js';

/**
 * A real log: QEMU 7.2 ran a boot sector that reads (int 13h, function 42h) and writes (43h) by the table below, on two
 * virtio disks, after the BIOS had read the first sector of disk 1.
 */
const FIXTURE = path.resolve(import.meta.dirname, '../../../fixtures/block-logs/boot.qemu.log');
const BOOT_SECTOR = 'disk 1 read 0+1';
const TABLE = [
  ...['disk 1 read 8+8', 'disk 1 read 64+16', 'disk 2 read 16+8', 'disk 1 read 5+3', 'disk 1 write 64+8'],
  ...['disk 2 write 30+5', 'disk 1 read 56+24', 'disk 2 read 1024+64', 'disk 1 read 8+8'],
];

/** The records of the table's requests, without their times. */
function expectedLines(images: readonly string[]): string[] {
  return [BOOT_SECTOR, ...TABLE].flatMap((request) => {
    const [, disk, op, sector, count] = (/disk (\d) (\w+) (\d+)\+(\d+)/.exec(request) ?? []) as string[];
    const whose = `boot ${images[Number(disk) - 1]}`;
    const [from, to] = [Number(sector), Number(sector) + Number(count)];
    const first = Math.floor(from / 8);
    if (op === 'write') return [`${whose} write ${first}+${Math.ceil(to / 8) - first}`];
    if (from % 8 !== 0 || to % 8 !== 0) return [`${whose} read ${first} unaligned`];
    return Array.from({ length: (to - from) / 8 }, (_, i) => `${whose} read ${first + i}`);
  });
}

const timeless = (line: string): string => line.replace(/^\d+ /, '');

describe('QEMU', () => {
  test('each request of a real log once, each disk an image of its own', async () => {
    const { records, result } = await importAll(optionsOf([FIXTURE]));
    const lines = requestLines(records);
    expect(lines.map(timeless)).toEqual(expectedLines(['boot-disk', 'boot-disk2']));
    const times = [...readFileSync(FIXTURE, 'latin1').matchAll(/@(\d+)\.(\d{6}):virtio_blk_handle/g)];
    expect([...new Set(lines.map((line) => Number(line.split(' ')[0])))]).toEqual(
      times.map(([, seconds, micros]) => Number(seconds + micros)),
    );
    expect(result).toMatchObject({ notes: [], damagedLines: 0, requests: 10, domains: 1 });
  });

  test('images by guest, by the order of its disks, and by what the log calls them', async () => {
    const images = (...pairs: [string, string][]): Parameters<typeof optionsOf>[1] => ({ images: new Map(pairs) });
    const named = async (...pairs: [string, string][]): Promise<string[]> => {
      const { records, result } = await importAll(optionsOf([FIXTURE], images(...pairs)));
      expect(result.notes).toEqual([]);
      return requestLines(records).map(timeless);
    };
    expect(await named(['boot', 'base'])).toEqual(expectedLines(['base', 'boot-disk2']));
    expect(await named(['boot:1', 'base'], ['boot:2', 'data'])).toEqual(expectedLines(['base', 'data']));
    expect(await named(['boot:0x5596557c8060', 'data'])).toEqual(expectedLines(['boot-disk', 'data']));
    expect(await named(['0x5596557c8060', 'data'])).toEqual(expectedLines(['boot-disk', 'data']));
    const { result } = await importAll(optionsOf([FIXTURE], images(['boot:3', 'x'], ['8:32', 'y'])));
    expect(result.notes).toEqual(['boot:3', '8:32'].map((disk) => `--image ${disk}: no request is of this disk`));
    await expect(importAll(optionsOf([FIXTURE], images(['other:2', 'x'])))).rejects.toThrow(
      '--image other:2: no guest of this name is imported (known: boot)',
    );
  });

  test('packed, under another guest and key, its clock shifted', async () => {
    const file = writeInto(temporaryDirectory(), 'x.log', gzipSync(readFileSync(FIXTURE)));
    const offsetsMicros = new Map([[file, -1_795_468_880_000_000]]);
    const logs = { guests: new Map([[file, 'web1']]) };
    const options = optionsOf([file], { logs, offsetsMicros, keys: new Map([['web1', 'c6f0-uuid']]) });
    const { records } = await importAll(options);
    expect(records).toContainEqual(expect.objectContaining({ kind: 'domain', key: 'c6f0-uuid', name: 'web1' }));
    expect(requestLines(records)[0]).toBe('3616969 web1 web1-disk read 0 unaligned');
  });

  test('without times, torn, failed and damaged', async () => {
    const request = 'virtio_blk_handle_read vdev 0x1 req 0x2 sector 8 nsectors';
    const text = [
      'qemu-system-x86_64: warning: something',
      `${request} 8`,
      'virtio_blk_req_complete vdev 0x1 req 0x2 status 1',
      `${request} 4294967296`,
      `7@1.000002:${request} 8`,
      'vir\u0000tio',
      '7@1.000003:virtio_blk_handle_write vdev 0x1 req 0x2 sec',
    ].join('\n');
    const { records, result } = await importAll(optionsOf([writeInto(temporaryDirectory(), 'a.log', text)]));
    expect(requestLines(records)).toEqual(['0 a a-disk read 1', '1000002 a a-disk read 1']);
    expect(result.damagedLines).toBe(1);
    expect(result.notes.map((note) => note.replace(/^.*?: /, ''))).toEqual([
      '1 damaged line left out, the first is line 4',
      'ends inside a line',
      '1 requests failed, counted all the same',
      '1 requests without a time are of second 0: start QEMU with -msg timestamp=on',
    ]);
  });
});
