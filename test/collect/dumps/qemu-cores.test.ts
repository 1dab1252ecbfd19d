/** A core that QEMU itself writes, against the same memory as QEMU's `pmemsave` gives it. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../../temporary-directory.js';
import { importMemory, importOptions } from './imported-memory.js';
import { pageHash } from './plain-cores.js';

const QEMU = 'qemu-system-x86_64';
const hasQemu = spawnSync(QEMU, ['--version']).status === 0;
const MEMORY_BYTES = 16 * 2 ** 20;

test.skipIf(!hasQemu)('dump-guest-memory holds what pmemsave gives (needs qemu-system-x86_64)', async () => {
  const directory = temporaryDirectory();
  // The firmware runs and fills some memory; then the guest is stopped, so that both see the same.
  const args = ['-m', '16', '-display', 'none', '-nodefaults', '-accel', 'tcg', '-monitor', 'stdio'];
  const qemu = spawn(QEMU, args, { cwd: directory, stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = once(qemu, 'exit');
  await new Promise((resolve) => setTimeout(resolve, 300));
  const low = `pmemsave 0 ${MEMORY_BYTES} low.img`;
  qemu.stdin.end(['stop', low, 'dump-guest-memory g.core', 'dump-guest-memory -z z.core', 'quit', ''].join('\n'));
  await ended;
  const raw = readFileSync(`${directory}/low.img`);
  const { memory } = await importMemory(importOptions([`${directory}/g.core`]));
  const frames = memory.get('g') ?? new Map<number, bigint>();
  let compared = 0;
  for (let gfn = 0; gfn < MEMORY_BYTES / 4096; gfn++) {
    // 0xa0 … 0xff: devices and ROMs, which pmemsave reads through the bus.
    if (gfn >= 0xa0 && gfn < 0x100) continue;
    const hash = pageHash(raw.subarray(gfn * 4096, gfn * 4096 + 4096));
    expect([gfn, frames.get(gfn)?.toString(16)]).toEqual([gfn, hash.toString(16)]);
    compared++;
  }
  expect(compared).toBe(4000);
  expect(new Set(frames.values()).size).toBeGreaterThan(10);
  await expect(importMemory(importOptions([`${directory}/z.core`]))).rejects.toThrow(/kdump-compressed/);
});
