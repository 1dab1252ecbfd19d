import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { replayTrace, type ReplayOptions } from '../../src/source/replay.js';
import { openTrace } from '../../src/source/trace-files.js';
import { TraceError } from '../../src/trace/trace-error.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';
import { LiveReader, range, until } from './live-reader.js';
import { plainTrace } from './plain-trace.js';

const hash = (n: number): string => n.toString(16).padStart(16, '0');
const line = (record: string, fields: object): string => `${JSON.stringify({ record, ...fields })}\n`;
const domain = (domid: number, name: string): string =>
  line('domain', { domid, key: name, name, group: 'default', kind: '', frames: 1000 });
const image = (id: number, name: string): string => line('image', { id, name, readOnly: true, blocks: 0 });

/** Wall time that passes only while the replay sleeps. */
function simulatedClock(): Required<Pick<ReplayOptions, 'now' | 'sleep'>> & { readonly slept: number[] } {
  let now = 1e6;
  const slept: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    slept.push(ms);
    now += ms;
  };
  return { now: () => now, sleep, slept };
}

describe('a replay', () => {
  test.each(['kvm-five', 'xen-four'])('of %s holds what the original holds', async (name) => {
    const original = fileURLToPath(new URL(`../../fixtures/traces/${name}`, import.meta.url));
    const directory = `${temporaryDirectory()}/new`;
    const result = await replayTrace(original, directory, { speed: Number.POSITIVE_INFINITY });
    expect(result).toMatchObject({ complete: true, damagedBlocks: 0 });
    expect(plainTrace(directory)).toEqual(plainTrace(original));
  });

  test('through many segments holds what the original holds', async () => {
    const original = fileURLToPath(new URL('../../fixtures/traces/xen-four', import.meta.url));
    const directory = temporaryDirectory();
    await replayTrace(original, directory, { speed: Number.POSITIVE_INFINITY, rotateBytes: 50_000 });
    expect(readdirSync(directory).length).toBeGreaterThan(2);
    expect(plainTrace(directory)).toEqual(plainTrace(original));
  });

  test('of several streams is one stream with the same domains, images and order', async () => {
    const names = ['a', 'b', 'c'];
    // Domids and image ids clash on purpose; the key `shared` and the image `base` are in several streams.
    const action = fc.record({
      stream: fc.nat(2),
      time: fc.nat(50),
      domid: fc.integer({ min: 1, max: 3 }),
      gfn: fc.nat(20),
      content: fc.integer({ min: 1, max: 9 }),
      kind: fc.constantFrom('fill', 'read', 'write', 'mark'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
        const directory = temporaryDirectory();
        for (const [i, name] of names.entries()) {
          let text = line('host', { name: 'h', hypervisor: '', frames: 1 });
          text += domain(1, `${name}1`) + domain(2, 'shared') + domain(3, `${name}3`);
          text += image(1, `${name}-disk`) + image(2, 'base') + image(7, i === 0 ? 'other' : 'base2');
          const own = actions.filter(({ stream }) => stream === i).sort((a, b) => a.time - b.time);
          for (const { time: t, domid, gfn, content, kind } of own) {
            const block = { t, domid, image: content < 4 ? 1 : content < 8 ? 2 : 7, block: gfn };
            if (kind === 'fill') text += line('fill', { t, domid, gfn, hash: hash(content) });
            else if (kind === 'read') text += line('blockRead', { ...block, hash: hash(content) });
            else if (kind === 'write') text += line('blockWrite', { ...block, count: 2 });
            else text += line('mark', { t, text: 'm' });
          }
          writeInto(directory, `${name}.ndjson`, text);
        }
        const replayed = `${directory}/new`;
        const result = await replayTrace(directory, replayed, { speed: Number.POSITIVE_INFINITY });
        expect(result.damagedBlocks).toBe(0);
        const { frames, lines, streams } = plainTrace(replayed);
        const original = plainTrace(directory);
        expect(streams).toBe(1);
        expect(frames).toEqual(original.frames);
        expect(lines).toEqual(original.lines);
      }),
      { numRuns: 50 },
    );
  });

  test('a domid that is used again after `gone` is a new domain also in the union', async () => {
    const directory = temporaryDirectory();
    const life = (t: number, name: string): string =>
      domain(1, name) + line('fill', { t, domid: 1, gfn: t, hash: hash(t) }) + line('gone', { t: t + 1, domid: 1 });
    writeInto(directory, 'a.ndjson', life(1, 'a') + life(5, 'b') + life(9, 'c'));
    writeInto(directory, 'b.ndjson', life(2, 'x') + life(6, 'b') + life(8, 'y'));
    const replayed = `${directory}/new`;
    await replayTrace(directory, replayed, { speed: Number.POSITIVE_INFINITY });
    const original = plainTrace(directory);
    // At 6 s stream a ends domain b, which stream b knows too: its fill at 6 s is of nobody.
    expect([...original.frames.keys()].sort()).toEqual(['a', 'b', 'c', 'nobody', 'x', 'y']);
    expect(plainTrace(replayed)).toMatchObject({ frames: original.frames, lines: original.lines });
  });

  test.each([1, 10, 0.5])('at speed %d takes the time of the trace over the speed', async (speed) => {
    const directory = temporaryDirectory();
    const seconds = [100, 100.5, 103, 103.01, 110];
    const fills = seconds.map((t, i) => line('fill', { t: t * 1e6, domid: 1, gfn: i, hash: hash(1) }));
    // A declaration at 0 before a recording that begins at 100 s: nothing to wait for.
    writeInto(directory, 'a.ndjson', domain(1, 'a') + fills.join(''));
    const clock = simulatedClock();
    const start = clock.now();
    await replayTrace(directory, `${directory}/new`, { speed, ...clock });
    const took = clock.now() - start;
    expect(took).toBeGreaterThanOrEqual(10_000 / speed);
    expect(took).toBeLessThanOrEqual(10_000 / speed + 50);
    expect(plainTrace(`${directory}/new`).frames).toEqual(plainTrace(directory).frames);
  });

  test('writes what is due before it waits for the rest', async () => {
    const directory = temporaryDirectory();
    const fills = range(0, 5).map((i) => line('fill', { t: i * 1e6, domid: 1, gfn: i, hash: hash(1) }));
    writeInto(directory, 'a.ndjson', domain(1, 'a') + fills.join(''));
    const clock = simulatedClock();
    const seen: number[] = [];
    const sleep = async (ms: number): Promise<void> => {
      seen.push(plainTrace(`${directory}/new`).frames.get('a')?.size ?? 0);
      await clock.sleep(ms, undefined);
    };
    await replayTrace(directory, `${directory}/new`, { speed: 1, ...clock, sleep });
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  test('ends at once when it is aborted, with a whole trace and no timer left', async () => {
    const directory = temporaryDirectory();
    const fills = range(0, 3).map((i) => line('fill', { t: i * 3600e6, domid: 1, gfn: i, hash: hash(1) }));
    writeInto(directory, 'a.ndjson', domain(1, 'a') + fills.join(''));
    const timers = (): number => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
    const before = timers();
    const stop = new AbortController();
    const playing = replayTrace(directory, `${directory}/new`, {
      speed: 1,
      signal: stop.signal,
      onProgress: () => setImmediate(() => stop.abort()),
    });
    expect((await playing).complete).toBe(false);
    expect(timers()).toBeLessThanOrEqual(before);
    expect(plainTrace(`${directory}/new`).frames.get('a')?.size).toBe(1);
  });

  test('is followed by a live view to its last record', async () => {
    const directory = `${temporaryDirectory()}/live`;
    const original = fileURLToPath(new URL('../../fixtures/traces/xen-four', import.meta.url));
    const reader = new LiveReader(directory).start();
    await replayTrace(original, directory, { speed: 5000 });
    const expected = new Map<number, number>();
    openTrace(original).pull((_, { words, start, end }) => {
      countKinds(expected, words, start, end);
      return true;
    });
    const total = (kinds: Map<number, number>): number => [...kinds.values()].reduce((sum, count) => sum + count, 0);
    // Time records may be more: one at the start of a block that was flushed early.
    const TIME = 1;
    await until(
      () =>
        total(reader.otherKinds) - (reader.otherKinds.get(TIME) ?? 0) >= total(expected) - (expected.get(TIME) ?? 0),
    );
    reader.sweep();
    reader.otherKinds.delete(TIME);
    expected.delete(TIME);
    expect(reader.otherKinds).toEqual(expected);
  });

  test('into a directory with a trace is refused, and so is a trace that is not there', async () => {
    const directory = temporaryDirectory();
    writeInto(directory, 'a.ndjson', domain(1, 'a'));
    const options = { speed: Number.POSITIVE_INFINITY };
    await expect(replayTrace(directory, directory, options)).rejects.toThrow(/holds a trace already \(a\.ndjson\)/);
    await expect(replayTrace(`${directory}/none`, `${directory}/new`, options)).rejects.toThrow(TraceError);
    expect(readdirSync(directory)).toEqual(['a.ndjson']);
  });
});

function countKinds(counts: Map<number, number>, words: Uint32Array, start: number, end: number): void {
  for (let at = start; at < end; at += (1 + ((words[at] >>> 6) & 63)) * 4) {
    const kind = words[at] & 63;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
}
