/** A replay that was stopped anywhere and resumed leaves what an undisturbed one leaves. */
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { replayTrace } from '../../src/source/replay.js';
import { SeededRandom } from '../seeded-random.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';
import { plainTrace } from './plain-trace.js';

const XEN_FOUR = fileURLToPath(new URL('../../fixtures/traces/xen-four', import.meta.url));
const AT_ONCE = { speed: Number.POSITIVE_INFINITY, resume: true, rotateBytes: 60_000 };

/** Stops a replay as a kill does: the last segment ends anywhere. Returns its name. */
function tearLast(directory: string, random: SeededRandom): string {
  const name = readdirSync(directory).sort().at(-1) ?? '';
  const path = `${directory}/${name}`;
  truncateSync(path, random.below(readFileSync(path).length + 1));
  return name;
}

describe('a resumed replay', () => {
  test.each([1, 2, 3])('holds what the original holds, wherever it was stopped (seed %i)', async (seed) => {
    const random = new SeededRandom(seed);
    const directory = `${temporaryDirectory()}/new`;
    let kills = 0;
    for (; kills < 12; kills++) {
      const stop = new AbortController();
      let looks = 2 + random.below(3);
      const done = await replayTrace(XEN_FOUR, directory, {
        ...AT_ONCE,
        signal: stop.signal,
        // Half a second of wall time between two looks: it stops somewhere in the middle.
        now: () => {
          if (--looks < 0) stop.abort();
          return random.below(2 ** 31);
        },
        sleep: async () => undefined,
      });
      const torn = tearLast(directory, random);
      const segments = readdirSync(directory).length;
      const before = readFileSync(`${directory}/${torn}`);
      await replayTrace(XEN_FOUR, directory, { ...AT_ONCE, signal: AbortSignal.abort() });
      // What is there is left as it is.
      expect(readFileSync(`${directory}/${torn}`)).toEqual(before);
      expect(readdirSync(directory).length).toBe(segments);
      if (done.complete) break;
    }
    expect(kills).toBeGreaterThan(1);
    await replayTrace(XEN_FOUR, directory, AT_ONCE);
    expect(plainTrace(directory)).toEqual(plainTrace(XEN_FOUR));
    // Nothing is left to add.
    const names = readdirSync(directory);
    await replayTrace(XEN_FOUR, directory, AT_ONCE);
    expect(readdirSync(directory)).toEqual(names);
  });

  test('begins one where there is none', async () => {
    const directory = `${temporaryDirectory()}/a/b`;
    await replayTrace(XEN_FOUR, directory, AT_ONCE);
    expect(plainTrace(directory)).toEqual(plainTrace(XEN_FOUR));
  });

  test('of another trace, behind damage, a missing segment or another stream is refused with one line', async () => {
    const directory = temporaryDirectory();
    const played = `${directory}/played`;
    await replayTrace(XEN_FOUR, played, AT_ONCE);
    const resumed = (trace: string): Promise<unknown> => replayTrace(trace, played, AT_ONCE);
    const line = '{"record":"domain","domid":1,"key":"a","name":"a","group":"default","kind":"","frames":9}\n';
    const other = writeInto(directory, 'other.ndjson', line);
    await expect(resumed(other)).rejects.toThrow(
      `${played}: holds what is not the beginning of this replay; name an empty or a new directory`,
    );
    const first = `${played}/replay.000001.pgt`;
    const bytes = readFileSync(first);
    const damaged = Buffer.from(bytes);
    damaged[1000] ^= 1;
    writeFileSync(first, damaged);
    await expect(resumed(XEN_FOUR)).rejects.toThrow(/replay\.000001\.pgt: offset \d+: .*name a new directory$/);
    writeFileSync(first, bytes);
    writeInto(played, 'x.ndjson', line);
    await expect(resumed(XEN_FOUR)).rejects.toThrow(/holds another trace \(x\.ndjson\)/);
  });
});
