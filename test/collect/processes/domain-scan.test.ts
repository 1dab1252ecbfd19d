/** Scans of running processes against what these know about their own memory. */
import { spawn } from 'node:child_process';
import { platform } from 'node:os';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { PAGE_BYTES } from '../../../src/base/units.js';
import { type DomainScan, openDomainScan, type ScanTarget } from '../../../src/collect/processes/domain-scan.js';
import { type HashPool, openHashPool } from '../../../src/collect/processes/hash-pool.js';
import { RecordBuffer } from '../../../src/trace/record-buffer.js';
import { ensureFreshBuild } from '../../fresh-build.js';
import { KnownProcess, Picture, startTicks } from './known-process.js';

const isLinux = platform() === 'linux';
const ZERO = 'ac869b6f32d8bbdb';
const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function holder(mebibytes: number): Promise<KnownProcess> {
  const known = await KnownProcess.holder(mebibytes);
  ends.push(() => known.end());
  return known;
}

async function scanOf(target: ScanTarget, given?: HashPool): Promise<DomainScan> {
  const pool = given ?? (await openHashPool({ threads: 0 }));
  const scan = openDomainScan(target, { pool });
  ends.push(() => scan.close());
  return scan;
}

describe.skipIf(!isLinux)('the RAM of a guest (needs Linux)', () => {
  test('each frame holds what the process knows of it, pass after pass', async () => {
    const known = await holder(8);
    for (const line of [
      'fill 0 100 unique 1',
      'fill 100 300 same 2',
      'fill 400 50 half 3',
      'fill 450 70 zero 0',
      'fill 1000 1 unique 4',
      'fill 2047 1 same 2',
    ]) {
      await known.ask(line);
    }
    const scan = await scanOf(known.target('guest-ram'));
    const picture = new Picture();
    const first = await picture.pass(scan, 3 * PAGE_BYTES + 1);
    // Pages 520–999, 1001–2046 were never touched: they are in no record.
    expect(picture.frames).toEqual(await known.hashes());
    expect(first).toMatchObject({ frames: 2048, bytesToRead: 522 * PAGE_BYTES, bytesRead: 522 * PAGE_BYTES });
    expect(first.pagesHashed).toBe(522);
    expect(picture.counts().get(ZERO)).toBe(70);

    const second = await picture.pass(scan);
    expect(second).toMatchObject({ framesChanged: 0, pagesHashed: 522 });

    await known.ask('fill 50 10 same 2');
    await known.ask('fill 399 2 zero 0');
    await known.ask('fill 520 20 unique 9');
    const third = await picture.pass(scan);
    expect(third).toMatchObject({ framesChanged: 32, pagesHashed: 542 });
    expect(picture.frames).toEqual(await known.hashes());
  });
});

describe.skipIf(!isLinux)('the memory of a process (needs Linux)', () => {
  test('a mapping that comes is found page by page, and freed when it goes', async () => {
    const known = await holder(4);
    await known.ask('fill 0 200 unique 1');
    await known.ask('fill 200 30 same 2');
    const scan = await scanOf(known.target('process'));
    const picture = new Picture();
    const first = await picture.pass(scan, 2 ** 24);
    const own = await known.hashes();
    const counts = picture.counts();
    for (let page = 0; page < 200; page++) expect(counts.get(own.get(page) ?? '')).toBe(1);
    expect(counts.get(own.get(200) ?? '')).toBe(30);
    const frameOf = new Map([...picture.frames].map(([gfn, hash]) => [hash, gfn]));

    const more = (await known.ask('more 40 5')).split(' ');
    const second = await picture.pass(scan, 2 ** 24);
    expect(second.frames).toBeGreaterThanOrEqual(first.frames);
    const countsThen = picture.counts();
    for (const hash of more) expect(countsThen.get(hash)).toBe(1);
    // What was there has kept its frames.
    for (let page = 0; page < 200; page++) {
      const hash = own.get(page) ?? '';
      expect(picture.frames.get(frameOf.get(hash) ?? -1)).toBe(hash);
    }
    await known.ask('drop');
    await picture.pass(scan, 2 ** 24);
    const left = new Set(picture.frames.values());
    expect(more.filter((hash) => left.has(hash))).toEqual([]);
  });

  test('it vanishes between two slices: ProcessGone, and what was said is right', async () => {
    const known = await holder(8);
    await known.ask('fill 0 2048 unique 1');
    const own = await known.hashes();
    const scan = await scanOf(known.target('guest-ram'));
    await scan.begin();
    const records = new RecordBuffer();
    expect(await scan.next(7, 2 ** 20, records)).toMatchObject({ framesChanged: 256 });
    await known.end();
    await expect(scan.next(7, 2 ** 20, new RecordBuffer())).rejects.toMatchObject({ name: 'ProcessGone' });
    await expect(scan.begin()).rejects.toMatchObject({ name: 'ProcessGone' });
    expect(own.size).toBe(2048);
  });

  test('a pid that another process got is gone; one without RAM of that size is no guest', async () => {
    const known = await holder(1);
    const target = known.target('guest-ram');
    const other = await scanOf({ ...target, startTicks: target.startTicks - 1 });
    await expect(other.begin()).rejects.toMatchObject({ name: 'ProcessGone' });
    const child = spawn('sleep', ['60']);
    ends.push(() => new Promise((resolve) => child.once('exit', resolve) && child.kill('SIGKILL')));
    await new Promise((resolve) => child.once('spawn', resolve));
    const pid = child.pid ?? -1;
    const sleeper = await scanOf({ pid, startTicks: startTicks(pid), layout: 'guest-ram' });
    await expect(sleeper.begin()).rejects.toThrow(/no mapping is the guest's RAM of 134217728 bytes \(-m\)/);
  });

  test('a stopped process is read as any other', async () => {
    const known = await holder(2);
    await known.ask('fill 0 300 half 1');
    const own = await known.hashes();
    known.child.kill('SIGSTOP');
    const picture = new Picture();
    await picture.pass(await scanOf(known.target('guest-ram')));
    known.child.kill('SIGCONT');
    expect(picture.frames).toEqual(own);
  });

  test.skipIf(process.getuid?.() !== 0)('of another user: one line names the capability (needs root)', async () => {
    const known = await holder(1);
    const scan = await scanOf(known.target('process'));
    process.seteuid?.(65534);
    try {
      await expect(scan.begin()).rejects.toMatchObject({ name: 'ProcessForbidden' });
      await expect(scan.begin()).rejects.toThrow(/CAP_SYS_PTRACE/);
    } finally {
      process.seteuid?.(0);
    }
  });

  test('the thread of the bundle says the same as the calling one', async () => {
    ensureFreshBuild();
    const known = await holder(8);
    await known.ask('fill 0 900 half 1');
    await known.ask('fill 1500 100 zero 1');
    const workerUrl = pathToFileURL(path.resolve(import.meta.dirname, '../../../dist/hash-worker.js'));
    const pool = await openHashPool({ threads: 2, workerUrl });
    ends.push(() => pool.close());
    const picture = new Picture();
    const scan = await scanOf(known.target('guest-ram'), pool);
    await picture.pass(scan);
    expect(picture.frames).toEqual(await known.hashes());
    await pool.close();
    await expect(picture.pass(scan)).rejects.toThrow('closed');
  });
});
