/** Scans of running processes against what these know about their own memory. */
import { platform } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { PAGE_BYTES } from '../../../src/base/units.js';
import { type DomainScan, openDomainScan, type ScanTarget } from '../../../src/collect/processes/domain-scan.js';
import { type HashPool, openHashPool } from '../../../src/collect/processes/hash-pool.js';
import { KnownProcess, Picture } from './known-process.js';

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
