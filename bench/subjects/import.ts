/** Import of a dump beside `cat` of the same file to nowhere, in turn: both read it from the page cache. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importRecordings } from '../../src/collect/import.js';
import { importOptions } from '../../test/collect/dumps/imported-memory.js';
import { SeededRandom } from '../../test/seeded-random.js';
import { type Bench, subject } from '../harness.js';

/** Seeded words; every fourth page is zeros, as in a guest that has run for a while. */
function image(megabytes: number): Buffer {
  const random = new SeededRandom(11);
  const words = new Uint32Array(megabytes * 2 ** 18);
  for (let i = 0; i < words.length; i++) if ((i >> 10) % 4 !== 3) words[i] = random.u32();
  return Buffer.from(words.buffer);
}

async function run(bench: Bench): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sharetop-bench-'));
  try {
    const path = join(folder, 'web1.raw');
    const megabytes = bench.small ? 16 : 512;
    writeFileSync(path, image(megabytes));
    const speeds: number[] = [];
    const ratios: number[] = [];
    for (let i = 0; i < bench.repeats + 1; i++) {
      const catStart = performance.now();
      const { status } = spawnSync('sh', ['-c', 'cat "$1" | cat > /dev/null', 'sh', path]);
      if (status !== 0) throw new Error('cat failed');
      const importStart = performance.now();
      const result = await importRecordings(importOptions([path], { rawFiles: new Set([path]) }), () => undefined);
      const end = performance.now();
      if (result.dumps !== 1) throw new Error('nothing was imported');
      if (i === 0) continue;
      speeds.push((megabytes * 2 ** 20) / 1e3 / (end - importStart));
      ratios.push((importStart - catStart) / (end - importStart));
    }
    bench.report({ name: 'dump, plain file', unit: 'MB/s', values: speeds });
    bench.report({ name: 'dump, as a share of cat through a pipe', unit: '×', values: ratios });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await subject(run);
