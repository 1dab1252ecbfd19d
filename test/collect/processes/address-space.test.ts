/** Address spaces that no process here has: a made-up /proc, and command lines of QEMU. */
import { describe, expect, test } from 'vitest';
import xxhash from 'xxhash-wasm';
import { ramExtents } from '../../../src/collect/processes/guest-ram.js';
import { parseMaps, processRule } from '../../../src/collect/processes/memory-map.js';
import { PAGE_RULE } from '../../../src/collect/processes/page-job.js';
import { guestOf, qemuBytes } from '../../../src/collect/processes/qemu-command-line.js';
import { Picture } from './known-process.js';
import { MadeUp } from './made-up-process.js';

const { present, anonymous, exclusive, none } = PAGE_RULE;
const PRESENT = 1n << 63n;
const SWAPPED = 1n << 62n;
const FILE = 1n << 61n;
const ALONE = 1n << 56n;
const reference = await xxhash();

const of = (byte: number): string =>
  reference.h64Raw(new Uint8Array(4096).fill(byte), 0n).toString(16).padStart(16, '0');
const sorted = (picture: Picture): string[] => [...picture.frames.values()].sort();

describe('a process', () => {
  test('swapped, absent, file and kernel pages are left out; names may hold anything', async () => {
    const made = new MadeUp()
      .maps(
        '00100000-00104000 rw-p 00000000 00:00 0 ',
        '00104000-00106000 r-xp 00000000 08:01 77 /opt/a b\\012c-d (deleted)',
        '00106000-00108000 ---p 00000000 00:00 0 ',
        '00108000-0010a000 rw-s 00000000 00:01 5 /memfd:x (deleted)',
        '0010a000-0010b000 rw-s 00000000 08:01 6 /var/db',
        '0010b000-0010c000 r--p 00000000 00:00 0 [vvar]',
        'ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]',
        'no mapping at all',
      )
      .pages({
        0x100: [PRESENT | ALONE, 1],
        0x101: [SWAPPED, 2],
        0x103: [PRESENT, 3],
        0x104: [PRESENT | FILE, 4],
        0x105: [PRESENT | ALONE, 5],
        0x106: [PRESENT, 6],
        0x108: [PRESENT | FILE | ALONE, 8],
        0x109: [PRESENT | FILE, 9],
        0x10a: [PRESENT | FILE | ALONE, 10],
        0x10b: [PRESENT, 11],
      });
    const scan = await made.scan('process');
    const picture = new Picture();
    const first = await picture.pass(scan);
    expect(sorted(picture)).toEqual([1, 3, 5, 8].map(of).sort());
    expect(first).toMatchObject({ frames: 64, bytesToRead: 4 * 4096, pagesHashed: 4 });

    // A mapping goes, one grows, a page is swapped out: their frames are freed, the new ones filled.
    made
      .maps('00100000-00103000 rw-p 00000000 00:00 0 ', '00300000-00301000 rw-p 00000000 00:00 0 ')
      .pages({ 0x100: [SWAPPED, 1], 0x102: [PRESENT, 20], 0x103: [PRESENT, 3], 0x300: [PRESENT, 30] });
    const second = await picture.pass(scan);
    expect(sorted(picture)).toEqual([20, 30].map(of).sort());
    expect(second).toMatchObject({ frames: 128, framesChanged: 6 });

    // Nothing of the first unit is left: its frames are free for others.
    made.maps('00300000-00301000 rw-p 00000000 00:00 0 ', '00400000-00401000 rw-p 00000000 00:00 0 ');
    made.pages({ 0x300: [PRESENT, 30], 0x400: [PRESENT, 40] });
    expect((await picture.pass(scan)).frames).toBe(128);
    expect(sorted(picture)).toEqual([30, 40].map(of).sort());
    await scan.close();
  });

  test('pages that cannot be read hold nothing, and those around them are read', async () => {
    const made = new MadeUp()
      .maps('00100000-00140000 rw-p 00000000 00:00 0 ')
      .pages({ 0x100: [PRESENT, 1], 0x101: [PRESENT, 2], 0x102: [PRESENT, 3] }, 0x102);
    const picture = new Picture();
    await picture.pass(await made.scan('process'));
    expect(sorted(picture)).toEqual([1, 2].map(of).sort());
  });

  test('no mappings: a thread of the kernel', async () => {
    const scan = await new MadeUp().maps().pages({}).scan('process');
    await expect(scan.begin()).rejects.toThrow('a thread of the kernel');
  });
});

describe('the RAM of a guest', () => {
  test('a mapping of its size, also in pieces; file pages are its RAM too', async () => {
    const made = new MadeUp()
      .maps(
        '00100000-00103000 rw-p 00000000 00:00 0 ',
        '00200000-00201000 rw-p 00000000 00:00 0 ',
        '00201000-00204000 rw-p 00000000 00:00 0 ',
        '00204000-00205000 ---p 00000000 00:00 0 ',
      )
      .pages({ 0x100: [PRESENT, 1], 0x200: [PRESENT | FILE, 2], 0x203: [PRESENT, 3], 0x204: [PRESENT, 4] });
    const picture = new Picture();
    const pass = await picture.pass(await made.scan('guest-ram'));
    expect(pass.frames).toBe(4);
    expect([...picture.frames]).toEqual([
      [0, of(2)],
      [3, of(3)],
    ]);
  });

  test('command lines', () => {
    const blocks = (line: string): (number | string)[] =>
      guestOf(`qemu ${line} -x`.split(' ')).ram.flatMap(({ bytes, path: file }) =>
        file === '' ? [bytes] : [bytes, file],
      );
    const MIB = 2 ** 20;
    expect(blocks('-smp 2')).toEqual([128 * MIB]);
    expect(blocks('-m 512')).toEqual([512 * MIB]);
    expect(blocks('--m 1.5G')).toEqual([1536 * MIB]);
    expect(blocks('-m size=2g,slots=4,maxmem=8g')).toEqual([2048 * MIB]);
    expect(blocks('-m 64 -mem-path /dev/hugepages')).toEqual([64 * MIB, '/dev/hugepages']);
    expect(blocks('-m 4G -object memory-backend-file,id=a,size=1G,mem-path=/dev/shm/a,,b')).toEqual([
      1024 * MIB,
      '/dev/shm/a,b',
    ]);
    expect(blocks('-object {"qom-type":"memory-backend-ram","id":"pc.ram","size":1073741824} -m 9G')).toEqual([
      1024 * MIB,
    ]);
    expect(blocks('-object {"qom-type": -object rng-random,id=r -m lots')).toEqual([128 * MIB]);
    expect([qemuBytes('0x10', 'b'), qemuBytes('7k', 'm'), qemuBytes('3', 'm')]).toEqual([16, 7168, 3 * MIB]);
    expect(qemuBytes('-1', 'b')).toBeNaN();
  });

  test('two blocks of one size are two mappings, in the order of the command line', () => {
    const lines = [
      '00100000-00104000 rw-s 00000000 00:01 5 /memfd:b (deleted)',
      '00200000-00204000 rw-s 00000000 00:01 6 /memfd:b (deleted)',
    ];
    const maps = parseMaps(lines.join('\n'));
    const block = { bytes: 4 * 4096, path: '', said: '' };
    expect(ramExtents([block, block], maps).extents).toEqual([
      { startPage: 0x100, pages: 4, gfn: 0 },
      { startPage: 0x200, pages: 4, gfn: 4 },
    ]);
    expect(ramExtents([block, block, block], maps).missing).toBe(block);
  });
});

test('rules of mappings', () => {
  const ruleOf = (rest: string): number => processRule(parseMaps(`1000-2000 ${rest}`)[0]);
  expect(ruleOf('rw-p 00000000 00:00 0 [heap]')).toBe(anonymous);
  expect(ruleOf('r--p 00000000 08:01 9 /lib/libc.so.6')).toBe(anonymous);
  expect(ruleOf('rw-s 00000000 00:01 9 /dev/zero (deleted)')).toBe(exclusive);
  expect(ruleOf('rw-s 00000000 00:01 9 /dev/shm/x')).toBe(exclusive);
  expect(ruleOf('rw-s 00000000 00:05 9 /dev/dri/card0')).toBe(none);
  expect(ruleOf('r--s 00000000 08:01 9 /usr/lib/locale')).toBe(none);
  expect(ruleOf('---p 00000000 00:00 0')).toBe(none);
  expect(ruleOf('r--p 00000000 00:00 0 [vvar_vclock]')).toBe(none);
  expect(present).not.toBe(none);
});
