/**
 * The tail on real files. What was written is counted by content: nothing lost, nothing twice. Nothing here waits for
 * time to pass: either the test drives the sweeps itself, or it waits until everything has arrived.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../seeded-random.js';
import { KIND } from '../../src/trace/record.js';
import { temporaryDirectory } from '../temporary-directory.js';
import { append, appendCut, LiveReader, range, recordedTouches, touchLines, until } from './live-reader.js';

describe('a followed directory', () => {
  test.each([1, 2, 3])('gives every record once, in order, however the writes are cut (seed %i)', async (seed) => {
    const directory = temporaryDirectory();
    const random = new SeededRandom(seed);
    const reader = new LiveReader(directory).start();
    const lines = touchLines(0, 2000).split(/(?<=\n)/);
    const ndjson = lines.map((line) => ({ fileName: 'b.ndjson', bytes: Buffer.from(line) }));
    await Promise.all([appendCut(directory, recordedTouches('a', 2000), random), appendCut(directory, ndjson, random)]);
    await until(() => reader.all.length >= 4000);
    reader.sweep();
    expect(reader.byStream.get('a')).toEqual(range(0, 2000));
    expect(reader.byStream.get('b.ndjson')).toEqual(range(0, 2000));
    expect(reader.tail).toMatchObject({ gaps: 0, damagedBlocks: 0, backlogBytes: 0, behindSinceWallMs: null });
  });

  test.each([1, 2, 3])('follows a stream through its segments, without their openings (seed %i)', async (seed) => {
    const directory = temporaryDirectory();
    const reader = new LiveReader(directory).start();
    const writes = recordedTouches('a', 3000, { rotateBytes: 4096 });
    const segments = new Set(writes.map(({ fileName }) => fileName)).size;
    expect(segments).toBeGreaterThan(10);
    await appendCut(directory, writes, new SeededRandom(seed));
    await until(() => reader.all.length >= 3000);
    reader.sweep();
    expect(reader.all).toEqual(range(0, 3000));
    expect(reader.tail.gaps).toBe(0);
    // Once as recorded; no opening of a later segment was applied again.
    expect(reader.otherKinds.get(KIND.fill)).toBe(64);
    expect(reader.otherKinds.get(KIND.domain)).toBe(1);
    expect(reader.otherKinds.get(KIND.keyframeBegin)).toBeUndefined();
  });

  test('follows twenty streams at once', async () => {
    const directory = temporaryDirectory();
    const random = new SeededRandom(20);
    const reader = new LiveReader(directory).start();
    const names = range(0, 20).map((i) => `s${i}`);
    await Promise.all(
      names.map((name) => appendCut(directory, recordedTouches(name, 300, { rotateBytes: 4096 }), random)),
    );
    await until(() => reader.all.length >= 20 * 300);
    reader.sweep();
    for (const name of names) expect(reader.byStream.get(name)).toEqual(range(0, 300));
    expect(reader.tail.gaps).toBe(0);
  });

  test('is waited for, two missing levels deep, and taken up again after it was removed and made again', async () => {
    const directory = `${temporaryDirectory()}/a/b`;
    const reader = new LiveReader(directory).start();
    expect(reader.tail.found).toBe(false);
    append(`${directory}/x.ndjson`, touchLines(0, 3));
    await until(() => reader.all.length >= 3);
    expect(reader.tail.found).toBe(true);
    rmSync(directory, { recursive: true });
    await until(() => !reader.tail.found);
    append(`${directory}/x.ndjson`, touchLines(3, 3));
    await until(() => reader.all.length >= 6);
    append(`${directory}/x.ndjson`, touchLines(6, 1));
    await until(() => reader.all.length >= 7);
    expect(reader.all).toEqual(range(0, 7));
  });

  test('goes on behind a quiet stream as soon as it speaks again', async () => {
    const directory = temporaryDirectory();
    append(`${directory}/quiet.ndjson`, touchLines(0, 1));
    const reader = new LiveReader(directory).start();
    await appendCut(directory, recordedTouches('busy', 1000), new SeededRandom(5));
    await until(() => reader.all.length >= 1001);
    append(`${directory}/quiet.ndjson`, touchLines(1, 1));
    await until(() => reader.all.length >= 1002);
    expect(reader.byStream.get('quiet.ndjson')).toEqual([0, 1]);
  });

  test('wakes by sweeps alone when it is not watched', async () => {
    const directory = temporaryDirectory();
    const reader = new LiveReader(directory, { watch: false }).start();
    append(`${directory}/x.ndjson`, touchLines(0, 3));
    await until(() => reader.all.length >= 3);
    expect(reader.all).toEqual(range(0, 3));
  });

  test('leaves no timer, no watch and no descriptor behind when it is closed', async () => {
    const directory = temporaryDirectory();
    append(`${directory}/x.ndjson`, touchLines(0, 3));
    const descriptorsBefore = openDescriptors(directory);
    const timersBefore = activeResources('Timeout');
    expect(activeResources('FSEventWrap')).toBe(0);
    const reader = new LiveReader(directory).start();
    await until(() => reader.all.length >= 3);
    await until(() => activeResources('FSEventWrap') > 0);
    let woken = false;
    await reader.tail.close();
    reader.tail.start(() => (woken = true));
    expect(reader.pull()).toBe(false);
    // The system's handles are given back in the next turns of the event loop; they must not stay.
    await until(() => activeResources('FSEventWrap') === 0 && activeResources('Timeout') <= timersBefore);
    expect(openDescriptors(directory)).toEqual(descriptorsBefore);
    expect(woken).toBe(false);
  });
});

function activeResources(kind: string): number {
  return process.getActiveResourcesInfo().filter((each) => each === kind).length;
}

/** Descriptors of this process that lead into the directory. */
function openDescriptors(directory: string): string[] {
  return execFileSync('sh', ['-c', `ls -l /proc/${process.pid}/fd 2>/dev/null | grep -F "${directory}" || true`])
    .toString()
    .split('\n');
}

describe('a sweep', () => {
  test('finds a moved file, drains it also of what comes late, and goes on with the new one of its name', () => {
    const directory = temporaryDirectory();
    const path = `${directory}/x.ndjson`;
    const reader = new LiveReader(directory, { watch: false });
    append(path, touchLines(0, 3));
    reader.sweep();
    append(path, touchLines(3, 3));
    renameSync(path, `${path}.1`);
    append(path, touchLines(8, 2));
    reader.sweep();
    // The writer has not noticed yet that its file was moved.
    append(`${path}.1`, touchLines(6, 2));
    for (let i = 0; i < 3; i++) reader.sweep();
    expect(reader.all).toEqual(range(0, 10));
    expect(reader.tail.gaps).toBe(0);
  });

  test('takes a file that is shorter twice in a row for truncated', () => {
    const directory = temporaryDirectory();
    const path = `${directory}/x.ndjson`;
    const reader = new LiveReader(directory, { watch: false });
    append(path, touchLines(0, 10));
    reader.sweep();
    truncateSync(path);
    append(path, touchLines(10, 2));
    reader.sweep();
    expect(reader.all).toEqual(range(0, 10));
    reader.sweep();
    expect(reader.all).toEqual(range(0, 12));
    expect(reader.texts).toEqual(['was truncated or written anew: read again from its start']);
  });

  test('takes a file that is shorter once, and then as it was, for a false report', () => {
    const directory = temporaryDirectory();
    const path = `${directory}/x.ndjson`;
    const reader = new LiveReader(directory, { watch: false });
    writeFileSync(path, touchLines(0, 10));
    reader.sweep();
    truncateSync(path, 100);
    reader.sweep();
    writeFileSync(path, touchLines(0, 12));
    reader.sweep();
    reader.sweep();
    expect(reader.all).toEqual(range(0, 12));
    expect(reader.tail.gaps).toBe(0);
  });

  test.each(['between two sweeps', 'between a sweep and its reading'])(
    'sees that a file was written anew past the old end %s',
    (when) => {
      const directory = temporaryDirectory();
      const path = `${directory}/x.ndjson`;
      const reader = new LiveReader(directory, { watch: false });
      append(path, touchLines(0, 10));
      reader.sweep();
      if (when !== 'between two sweeps') reader.tail.sweep();
      const { ino } = statSync(path);
      truncateSync(path);
      append(path, touchLines(10, 30));
      expect(statSync(path).ino).toBe(ino);
      if (when === 'between two sweeps') reader.sweep();
      else while (reader.pull());
      expect(reader.all).toEqual(range(0, 40));
      expect(reader.tail.gaps).toBe(1);
    },
  );

  test('drains a file that vanished, and takes one that comes back for a new one', () => {
    const directory = temporaryDirectory();
    const path = `${directory}/x.ndjson`;
    const reader = new LiveReader(directory, { watch: false });
    append(path, touchLines(0, 3));
    reader.sweep();
    append(path, touchLines(3, 3));
    rmSync(path);
    for (let i = 0; i < 3; i++) reader.sweep();
    expect(reader.all).toEqual(range(0, 6));
    expect(openDescriptors(directory)).toEqual(['']);
    append(path, touchLines(6, 3));
    reader.sweep();
    expect(reader.all).toEqual(range(0, 9));
  });

  test('notes missing segments and torn ends as gaps, and reads the next opening, which mends them', () => {
    const directory = temporaryDirectory();
    const writes = recordedTouches('a', 800, { rotateBytes: 4096 });
    const names = [...new Set(writes.map(({ fileName }) => fileName))];
    const content = new Map(
      names.map((name) => [
        name,
        Buffer.concat(writes.filter(({ fileName }) => fileName === name).map(({ bytes }) => bytes)),
      ]),
    );
    const reader = new LiveReader(directory, { watch: false });
    writeFileSync(`${directory}/${names[0] ?? ''}`, content.get(names[0] ?? '') ?? '');
    reader.sweep();
    writeFileSync(`${directory}/${names[2] ?? ''}`, content.get(names[2] ?? '')?.subarray(0, -16) ?? '');
    reader.sweep();
    expect(reader.texts).toEqual(['the segment before it cannot be read']);
    expect(reader.otherKinds.get(KIND.keyframeBegin)).toBe(1);
    writeFileSync(`${directory}/${names[3] ?? ''}`, content.get(names[3] ?? '') ?? '');
    reader.sweep();
    expect(reader.texts[1]).toMatch(/^ends inside a block \(\d+ bytes of it are there\)$/);
    expect(reader.otherKinds.get(KIND.keyframeBegin)).toBe(2);
    writeFileSync(`${directory}/${names[4] ?? ''}`, content.get(names[4] ?? '') ?? '');
    reader.sweep();
    expect(reader.otherKinds.get(KIND.keyframeBegin)).toBe(2);
    expect(reader.tail.gaps).toBe(2);
  });

  test('keeps segments in step when old ones are removed behind the reader', () => {
    const directory = temporaryDirectory();
    const writes = recordedTouches('a', 600, { rotateBytes: 4096 });
    const reader = new LiveReader(directory, { watch: false });
    let last = '';
    for (const { fileName, bytes } of writes) {
      append(`${directory}/${fileName}`, bytes);
      if (fileName !== last && last !== '') rmSync(`${directory}/${last}`);
      last = fileName;
      reader.sweep();
    }
    expect(reader.all).toEqual(range(0, 600));
    expect(reader.tail.gaps).toBe(0);
    expect(reader.otherKinds.get(KIND.keyframeBegin)).toBeUndefined();
  });

  test('of a directory with history gives it merged by time, then what comes in order of arrival', () => {
    const directory = temporaryDirectory();
    const line = (time: number, gfn: number): string =>
      `{"record":"touch","t":${time},"domid":1,"gfn":${gfn},"count":1}\n`;
    append(`${directory}/b.ndjson`, line(10, 0) + line(30, 2) + line(30, 3) + line(70, 6));
    append(`${directory}/a.ndjson`, line(20, 1) + line(40, 4) + line(50, 5));
    const reader = new LiveReader(directory, { watch: false });
    reader.rangesPerPull = 1;
    reader.sweep();
    expect(reader.all).toEqual(range(0, 7));
    append(`${directory}/b.ndjson`, line(80, 7));
    reader.sweep();
    append(`${directory}/a.ndjson`, line(60, 8));
    reader.sweep();
    expect(reader.all).toEqual(range(0, 9));
  });

  test('goes on exactly behind the range at which the taker said stop', () => {
    const directory = temporaryDirectory();
    const reader = new LiveReader(directory, { watch: false, readBytes: 1000 });
    reader.rangesPerPull = 1;
    for (const { fileName, bytes } of recordedTouches('a', 500)) append(`${directory}/${fileName}`, bytes);
    append(`${directory}/b.ndjson`, touchLines(0, 500));
    reader.tail.sweep();
    let pulls = 0;
    while (reader.pull()) pulls++;
    expect(pulls).toBeGreaterThan(10);
    expect(reader.byStream.get('a')).toEqual(range(0, 500));
    expect(reader.byStream.get('b.ndjson')).toEqual(range(0, 500));
  });

  test('counts damage by file and place and reads on; refuses a newer format by name and reads the others', () => {
    const directory = temporaryDirectory();
    append(`${directory}/a.ndjson`, `${touchLines(0, 1)}no json\n${touchLines(1, 1)}`);
    const [header] = recordedTouches('new', 1);
    const newer = Buffer.from(header?.bytes ?? []);
    newer.writeUInt32LE(9, 8);
    newer.writeUInt32LE(crc32(newer.subarray(0, 60)), 60);
    append(`${directory}/new.000001.pgt`, newer);
    const reader = new LiveReader(directory, { watch: false });
    reader.sweep();
    reader.sweep();
    expect(reader.all).toEqual([0, 1]);
    expect(reader.tail.damagedBlocks).toBe(1);
    expect(reader.tail.damage).toMatchObject([{ source: `${directory}/a.ndjson`, place: 'line 2' }]);
    expect(reader.texts).toEqual([expect.stringContaining('version 9')]);
  });

  test('is not held up by names that are no files', () => {
    const directory = temporaryDirectory();
    execFileSync('mkfifo', [`${directory}/fifo.ndjson`]);
    mkdirSync(`${directory}/dir.ndjson`);
    append(`${directory}/other.txt`, 'x');
    append(`${directory}/x.ndjson`, touchLines(0, 1));
    const reader = new LiveReader(directory, { watch: false });
    for (let i = 0; i < 3; i++) reader.sweep();
    expect(reader.all).toEqual([0]);
    expect(reader.texts).toEqual(['is not a regular file', 'is not a regular file']);
  });

  test('of something that is no directory says so once and goes on waiting', () => {
    const directory = `${temporaryDirectory()}/d`;
    writeFileSync(directory, '');
    const reader = new LiveReader(directory, { watch: false });
    for (let i = 0; i < 3; i++) reader.sweep();
    expect(reader.texts).toEqual(['is not a directory']);
    rmSync(directory);
    append(`${directory}/x.ndjson`, touchLines(0, 1));
    reader.sweep();
    expect(reader.all).toEqual([0]);
  });

  test('tells backlog and lag by the clock it was given', () => {
    const directory = temporaryDirectory();
    let now = 1000;
    const reader = new LiveReader(directory, { watch: false, now: () => now });
    append(`${directory}/x.ndjson`, touchLines(0, 5));
    reader.tail.sweep();
    now = 1500;
    reader.tail.sweep();
    expect(reader.tail).toMatchObject({ behindSinceWallMs: 1000, newestByteWallMs: 1000 });
    // A file that waits to be opened is not counted yet.
    while (reader.pull());
    expect(reader.tail).toMatchObject({ behindSinceWallMs: null, backlogBytes: 0 });
    append(`${directory}/x.ndjson`, touchLines(5, 5));
    now = 2000;
    reader.tail.sweep();
    expect(reader.tail).toMatchObject({ behindSinceWallMs: 2000, newestByteWallMs: 2000 });
    expect(reader.tail.backlogBytes).toBe(touchLines(5, 5).length);
  });

  test('a reader that is behind all the time lags by the age of what it reads next, not since it began to', () => {
    const directory = temporaryDirectory();
    let now = 0;
    const reader = new LiveReader(directory, { watch: false, now: () => now, readBytes: 1 });
    reader.rangesPerPull = 1;
    const lag = (): number => now - (reader.tail.behindSinceWallMs ?? now);
    append(`${directory}/x.ndjson`, touchLines(0, 1));
    append(`${directory}/y.ndjson`, touchLines(0, 1));
    const lags: number[] = [];
    for (let i = 1; i < 50; i++) {
      now += 100;
      append(`${directory}/x.ndjson`, touchLines(i, 1));
      append(`${directory}/y.ndjson`, touchLines(i, 1));
      reader.tail.sweep();
      // As much as came, but not all that is there.
      while (reader.all.length < 2 * i - 1) reader.pull();
      lags.push(lag());
    }
    // It never had everything in these five seconds, and never lacked more than the newest few lines.
    expect(Math.max(...lags)).toBeLessThanOrEqual(500);
    expect(Math.min(...lags.slice(1))).toBeGreaterThan(0);
    while (reader.pull());
    expect(reader.tail.behindSinceWallMs).toBeNull();
  });
});

/** CRC32 bit by bit (ISO-HDLC). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) * 0xedb88320);
  }
  return ~crc >>> 0;
}
