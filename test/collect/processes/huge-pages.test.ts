/** Memory that plain Node cannot ask for: huge pages, pages given back. What is huge, the kernel says in smaps. */
import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openDomainScan } from '../../../src/collect/processes/domain-scan.js';
import { openHashPool } from '../../../src/collect/processes/hash-pool.js';
import { temporaryDirectory } from '../../temporary-directory.js';
import { KnownProcess, Picture } from './known-process.js';

const ZERO = 'ac869b6f32d8bbdb';
const MIB = 16;
const hasPython = spawnSync('python3', ['-c', 'import mmap; mmap.MADV_HUGEPAGE']).status === 0;
const hasHugePages = ((): boolean => {
  try {
    return /\[(?:madvise|always)\]/.test(readFileSync('/sys/kernel/mm/transparent_hugepage/enabled', 'utf8'));
  } catch {
    return false;
  }
})();
const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function python(advice: string): Promise<KnownProcess> {
  const file = path.join(import.meta.dirname, 'python-memory.py');
  const known = await KnownProcess.start('python3', [file, '-m', `${MIB}M`, advice]);
  ends.push(() => known.end());
  return known;
}

async function scanned(known: KnownProcess, procRoot: string, picture: Picture): Promise<Picture> {
  const pool = await openHashPool({ threads: 0 });
  const scan = openDomainScan(known.target('guest-ram'), { pool, procRoot });
  ends.push(() => scan.close());
  await picture.pass(scan);
  return picture;
}

/** Pages of the one mapping with huge pages that lie in them. */
function hugePages(pid: number): number {
  const kilobytes = [...readFileSync(`/proc/${pid}/smaps`, 'utf8').matchAll(/^AnonHugePages: +(\d+) kB/gm)];
  return kilobytes.reduce((sum, match) => sum + Number(match[1]), 0) / 4;
}

describe.skipIf(!hasPython || !hasHugePages)('huge pages (needs python3 and transparent huge pages)', () => {
  test('their zero pages are of class thp-zero, with kpageflags (needs root) and without', async () => {
    const known = await python('HUGEPAGE');
    // One page of each 2 MiB that can be huge; then some that cannot: of a block half given back.
    await known.ask('for i in range(0, 4096, 512): page(i, 7 + i)');
    const inHuge = hugePages(known.pid);
    expect(inHuge).toBeGreaterThan(0);
    const without = temporaryDirectory();
    symlinkSync(`/proc/${known.pid}`, path.join(without, String(known.pid)));
    for (const procRoot of ['/proc', without]) {
      const counts = (await scanned(known, procRoot, new Picture())).counts();
      const marked = counts.get(`${ZERO} thp`) ?? 0;
      const written = 8;
      // Where the mapping begins inside a 2 MiB, the written page of its edges is a small one.
      expect([inHuge - written, inHuge - written + 1]).toContain(marked);
      expect(counts.get(ZERO) ?? 0).toBe(0);
    }
  });
});

describe.skipIf(!hasPython)('memory given back (needs python3)', () => {
  test('pages that madvise took away are freed, and zero pages of small ones are plain', async () => {
    const known = await python('NOHUGEPAGE');
    await known.ask('for i in range(1000): page(i, i // 2)');
    const pool = await openHashPool({ threads: 0 });
    const scan = openDomainScan(known.target('guest-ram'), { pool });
    ends.push(() => scan.close());
    const picture = new Picture();
    await picture.pass(scan);
    expect(picture.frames.size).toBe(1000);
    expect(picture.counts().get(ZERO)).toBe(2);
    await known.ask('m.madvise(mmap.MADV_DONTNEED, 400 * 4096, 200 * 4096)');
    const pass = await picture.pass(scan);
    expect(pass.framesChanged).toBe(200);
    expect([...picture.frames.keys()].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 800 }, (_, i) => (i < 400 ? i : i + 200)),
    );
    // Looking did not bring them back.
    expect((await picture.pass(scan)).pagesHashed).toBe(800);
  });
});
