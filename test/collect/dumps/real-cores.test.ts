/** The cores of a real Xen, see README.md of the recordings: they hold code and are not in the repository. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPlainSeries, recordingsDirectory, ZERO_HASH } from '../plain-recordings.js';
import { importMemory, importOptions } from './imported-memory.js';
import { readPlainXenCore } from './plain-cores.js';

const recordings = recordingsDirectory();

describe.skipIf(recordings === null)('real cores of Xen (needs SHARETOP_DATA, or ../shared/data)', () => {
  const pathOf = (name: string): string => join(recordings ?? '', 'xen', name);

  test('the complete PVH core imports to exactly its 4,066 pages', async () => {
    const path = pathOf('pvhgrub.core.gz');
    const plain = readPlainXenCore(path);
    expect([plain.entries, plain.memory.size]).toEqual([4113, 4066]);
    const { memory, frames, hostFrames, scans } = await importMemory(importOptions([path]));
    const frame = memory.get('pvhgrub') ?? new Map<number, bigint>();
    expect(frame).toEqual(plain.memory);
    const holes = Array.from({ length: 4098 }, (_, gfn) => gfn).filter((gfn) => !frame.has(gfn));
    expect(holes).toEqual(Array.from({ length: 32 }, (_, i) => 0xa0 + i));
    expect(frames).toEqual(new Map([['pvhgrub', 4098]]));
    expect(hostFrames).toBe(4066);
    expect(scans).toMatchObject([{ name: 'pvhgrub', time: 0, fills: 4066, frees: 0 }]);
  });

  test.each(['web1', 'web2'])(
    'the cut core of %s holds 256 pages; what is steady in its series is the same',
    async (name) => {
      const path = pathOf(`${name}.cut.core.gz`);
      const guests = new Map([[path, name]]);
      const options = importOptions([path], { logs: { action: 'Q', dom0: false, guests } });
      const memory = (await importMemory(options)).memory.get(name) ?? new Map<number, bigint>();
      expect(memory.size).toBe(256);
      expect(memory).toEqual(readPlainXenCore(path).memory);
      // The dump was made between the two rounds: what is equal in both is equal in it.
      const state = new Map<number, bigint>();
      const [first, second] = readPlainSeries(pathOf(`${name}.pghd.gz`)).snapshots.map(({ changes }) => {
        for (const [gfn, hash] of changes) state.set(gfn, hash);
        return new Map([...memory.keys()].map((gfn) => [gfn, state.get(gfn) ?? ZERO_HASH]));
      });
      const steady = [...memory.keys()].filter((gfn) => first.get(gfn) === second.get(gfn));
      expect(steady).toHaveLength(249);
      for (const gfn of steady) expect([gfn, memory.get(gfn)]).toEqual([gfn, first.get(gfn)]);
    },
  );
});
