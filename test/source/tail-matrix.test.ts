/**
 * What happens to a live directory, row by row, with the real tail on real files. In every row the records that were
 * read are exactly those that were written, each once and in order (`touch` records, numbered by the writer).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import fs, {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { EventEmitter } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { KIND } from '../../src/trace/record.js';
import { openTrace } from '../../src/source/trace-files.js';
import { plainEnvironment, REPOSITORY, SHARETOP, sharetop } from '../cli/run-tool.js';
import { SeededRandom } from '../seeded-random.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';
import { append, appendCut, LiveReader, range, recordedTouches, touchLines, until } from './live-reader.js';
import { plainTrace } from './plain-trace.js';

/** A row: what happens to the directory between the writes. Each sweep is driven by the test. */
interface Row {
  readonly name: string;
  readonly happens: (at: { directory: string; x: string; reader: LiveReader }) => void;
  /** Numbers of the touches that must have been read, in order. */
  readonly reads: number[];
  readonly gaps?: number;
}

const sweeps = (reader: LiveReader, count: number): void => {
  for (let i = 0; i < count; i++) reader.sweep();
};

const ROWS: Row[] = [
  {
    name: 'the directory is missing, two levels deep',
    happens: ({ directory, x, reader }) => {
      rmSync(`${directory}/..`, { recursive: true });
      sweeps(reader, 2);
      expect(reader.tail.found).toBe(false);
      append(x, touchLines(0, 4));
      reader.sweep();
    },
    reads: range(0, 4),
  },
  {
    name: 'it is removed with its parent while it is followed, and made again',
    happens: ({ directory, x, reader }) => {
      append(x, touchLines(0, 4));
      reader.sweep();
      append(x, touchLines(4, 2));
      rmSync(`${directory}/..`, { recursive: true });
      sweeps(reader, 3);
      append(x, touchLines(6, 4));
      reader.sweep();
    },
    reads: range(0, 10),
  },
  {
    name: 'another directory takes its place',
    happens: ({ directory, x, reader }) => {
      append(x, touchLines(0, 4));
      reader.sweep();
      append(`${directory}-new/x.ndjson`, touchLines(4, 4));
      renameSync(directory, `${directory}-old`);
      renameSync(`${directory}-new`, directory);
      sweeps(reader, 3);
    },
    reads: range(0, 8),
  },
  {
    name: 'a file is truncated: believed when it was seen twice',
    happens: ({ x, reader }) => {
      append(x, touchLines(0, 8));
      reader.sweep();
      truncateSync(x);
      append(x, touchLines(8, 2));
      reader.sweep();
      expect(reader.all).toEqual(range(0, 8));
      reader.sweep();
    },
    reads: range(0, 10),
    gaps: 1,
  },
  {
    name: 'a file seems shorter once (stale metadata of a network): not believed',
    happens: ({ x, reader }) => {
      append(x, touchLines(0, 8));
      reader.sweep();
      truncateSync(x, 50);
      reader.tail.sweep();
      writeFileSync(x, touchLines(0, 10));
      sweeps(reader, 2);
    },
    reads: range(0, 10),
  },
  {
    name: 'a writer takes a torn line back and goes on',
    happens: ({ x, reader }) => {
      append(x, `${touchLines(0, 4)}{"record":"touch","do`);
      reader.sweep();
      truncateSync(x, touchLines(0, 4).length);
      sweeps(reader, 3);
      append(x, touchLines(4, 4));
      reader.sweep();
    },
    reads: range(0, 8),
  },
  {
    name: 'logrotate moves it away; its writer is late to notice',
    happens: ({ x, reader }) => {
      append(x, touchLines(0, 4));
      reader.sweep();
      renameSync(x, `${x}.1`);
      sweeps(reader, 5);
      // Nothing else has this name yet, so the moved file is read on for as long as that takes.
      append(`${x}.1`, touchLines(4, 4));
      sweeps(reader, 5);
      append(x, touchLines(8, 4));
      sweeps(reader, 3);
    },
    reads: range(0, 12),
  },
  {
    name: 'it is moved to a name that is a stream of its own: not read twice',
    happens: ({ directory, x, reader }) => {
      append(x, touchLines(0, 4));
      reader.sweep();
      renameSync(x, `${directory}/x-2026.ndjson`);
      append(x, touchLines(4, 4));
      sweeps(reader, 4);
    },
    reads: range(0, 8),
  },
  {
    name: 'copy-truncate: a copy is made, the file is emptied, its writer goes on appending',
    happens: ({ x, reader }) => {
      append(x, touchLines(0, 8));
      reader.sweep();
      copyFileSync(x, `${x}.1`);
      truncateSync(x);
      sweeps(reader, 2);
      append(x, touchLines(8, 4));
      reader.sweep();
    },
    reads: range(0, 12),
    gaps: 1,
  },
];

describe('a live directory in which', () => {
  test.each(ROWS)('$name', ({ happens, reads, gaps = 0 }) => {
    const directory = `${temporaryDirectory()}/a/b`;
    mkdirSync(directory, { recursive: true });
    const reader = new LiveReader(directory, { watch: false });
    happens({ directory, x: `${directory}/x.ndjson`, reader });
    expect(reader.all).toEqual(reads);
    expect(reader.tail.gaps).toBe(gaps);
    expect(reader.tail.damagedBlocks).toBe(0);
  });
});

describe('behind a damaged or lost segment', () => {
  test.each(['damaged', 'cut at the end of a block', 'lost'])('%s: the next opening is read', (what) => {
    const directory = temporaryDirectory();
    const writes = recordedTouches('a', 900, { rotateBytes: 4096 });
    const names = [...new Set(writes.map(({ fileName }) => fileName))];
    const reader = new LiveReader(directory, { watch: false });
    for (const name of names) {
      const own = writes.filter(({ fileName }) => fileName === name).map(({ bytes }) => bytes);
      let content = Buffer.concat(own);
      if (name === names[1]) {
        if (what === 'lost') continue;
        if (what === 'damaged') content[content.length - 5] ^= 1;
        else content = Buffer.concat(own.slice(0, -1));
      }
      append(`${directory}/${name}`, content);
      reader.sweep();
    }
    expect(names.length).toBeGreaterThan(3);
    // One opening of the many: that of the third segment.
    expect(reader.otherKinds.get(KIND.keyframeBegin)).toBe(1);
    expect(reader.tail.gaps + reader.tail.damagedBlocks).toBe(1);
    const finished = openTrace(directory);
    let keyframes = 0;
    finished.pull((_, { words, start, end }) => {
      for (let at = start; at < end; at += (1 + ((words[at] >>> 6) & 63)) * 4) {
        if ((words[at] & 63) === KIND.keyframeBegin) keyframes++;
      }
      return true;
    });
    expect(keyframes).toBe(1);
    expect(finished.gaps + finished.damagedBlocks).toBe(1);
  });
});

/** `fs.watch` as it is on another system, for chokidar too, until the test ends. */
function watchAs(replacement: () => fs.FSWatcher): void {
  const original = fs.watch;
  fs.watch = replacement;
  syncBuiltinESMExports();
  onTestFinished(() => {
    fs.watch = original;
    syncBuiltinESMExports();
  });
}

describe('without the help of the system', () => {
  test.each(['ENOSPC', 'EMFILE'])('watches used up (%s): one notice, and the sweeps go on alone', async (code) => {
    const directory = temporaryDirectory();
    watchAs(() => {
      throw Object.assign(new Error(`${code}: System limit for number of file watchers reached`), { code });
    });
    const reader = new LiveReader(directory).start();
    for (let i = 0; i < 5; i++) {
      append(`${directory}/x${i}.ndjson`, touchLines(i, 1));
      await until(() => reader.all.length > i);
    }
    await until(() => reader.texts.length > 0);
    append(`${directory}/x0.ndjson`, touchLines(5, 1));
    await until(() => reader.all.length > 5);
    expect(reader.texts).toEqual([expect.stringMatching(new RegExp(`^watched by sweeps only: .*${code}`))]);
    expect(reader.all).toEqual(range(0, 6));
  });

  test('no change is ever told (a network file system): the sweeps find it', async () => {
    const directory = temporaryDirectory();
    watchAs(() => Object.assign(new EventEmitter(), { close: () => undefined }) as unknown as fs.FSWatcher);
    const reader = new LiveReader(directory).start();
    await appendCut(directory, recordedTouches('a', 500, { rotateBytes: 4096 }), new SeededRandom(3));
    await until(() => reader.all.length >= 500);
    expect(reader.all).toEqual(range(0, 500));
    expect(reader.texts).toEqual([]);
  });
});

describe('a notice', () => {
  test('goes when what it tells is mended, or is ten minutes old; a gap stays counted', () => {
    const directory = `${temporaryDirectory()}/d`;
    let now = 0;
    const reader = new LiveReader(directory, { watch: false, now: () => now });
    writeFileSync(directory, '');
    reader.sweep();
    expect(reader.texts).toEqual(['is not a directory']);
    rmSync(directory);
    append(`${directory}/x.ndjson`, touchLines(0, 8));
    reader.sweep();
    expect(reader.texts).toEqual([]);
    truncateSync(`${directory}/x.ndjson`);
    sweeps(reader, 2);
    now = 9 * 60_000;
    expect(reader.texts).toEqual(['was truncated or written anew: read again from its start']);
    now = 11 * 60_000;
    expect(reader.texts).toEqual([]);
    expect(reader.tail.gaps).toBe(1);
  });
});

describe('many files', () => {
  test('200 of them, 1,000 appends a second in total: nothing is lost, and all are read as written', async () => {
    const directory = temporaryDirectory();
    const reader = new LiveReader(directory).start();
    const perFile = new Array<number>(200).fill(0);
    const random = new SeededRandom(200);
    for (let tick = 0; tick < 300; tick++) {
      for (let i = 0; i < 10; i++) {
        const file = random.below(200);
        appendFileSync(`${directory}/f${file}.ndjson`, touchLines(perFile[file]++, 1));
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await until(() => reader.all.length >= 3000);
    reader.sweep();
    for (const [i, count] of perFile.entries()) {
      expect(reader.byStream.get(`f${i}.ndjson`) ?? []).toEqual(range(0, count));
    }
    expect(reader.tail.gaps).toBe(0);
  });

  test('a stream that never comes to an end does not hold back one that speaks again', () => {
    const directory = temporaryDirectory();
    const reader = new LiveReader(directory, { watch: false, readBytes: 4096 });
    reader.rangesPerPull = 1;
    append(`${directory}/quiet.ndjson`, touchLines(0, 1));
    append(`${directory}/busy.ndjson`, touchLines(0, 500));
    reader.tail.sweep();
    let next = 500;
    for (let i = 0; i < 60; i++) {
      reader.pull();
      // Always more than one read behind.
      append(`${directory}/busy.ndjson`, touchLines(next, 100));
      next += 100;
      if (i === 5) append(`${directory}/quiet.ndjson`, touchLines(1, 1));
      reader.tail.sweep();
    }
    expect(reader.byStream.get('quiet.ndjson')).toEqual([0, 1]);
    reader.rangesPerPull = Infinity;
    while (reader.pull());
    expect(reader.byStream.get('busy.ndjson')).toEqual(range(0, next));
  });

  test('3,000 streams of a finished trace are read with the descriptors there are', () => {
    const directory = temporaryDirectory();
    for (let i = 0; i < 3000; i++) {
      writeFileSync(`${directory}/f${String(i).padStart(5, '0')}.ndjson`, touchLines(i, 1));
    }
    const read: number[] = [];
    let descriptors = 0;
    openTrace(directory).pull((_, { words, start }) => {
      if (read.length % 500 === 0) descriptors = Math.max(descriptors, readdirSync('/proc/self/fd').length);
      read.push(words[start + 1]);
      return true;
    });
    expect(read).toEqual(range(0, 3000));
    expect(descriptors).toBeLessThan(300);
  });
});

/** A file system of its own needs the right to mount one, at least in a namespace. */
const canMount = spawnSync('unshare', ['-Urm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

describe('a full disk under the writer', () => {
  test.skipIf(!canMount)('is one line, and the replay is resumed when there is room (needs to mount one)', async () => {
    const directory = temporaryDirectory();
    const xen = `${REPOSITORY}/fixtures/traces/xen-four`;
    writeInto(
      directory,
      'run.sh',
      `set -e
mkdir disk && mount -t tmpfs -o size=300k none disk
set +e
"$NODE" "$TOOL" replay "$TRACE" -o disk/t --speed max 2> first.txt; echo "exit $?" >> first.txt
"$NODE" "$TOOL" report disk/t --json > half.json; echo "exit $?" >> first.txt
mount -o remount,size=8m disk
"$NODE" "$TOOL" replay "$TRACE" -o disk/t --speed max --resume 2> second.txt; echo "exit $?" >> second.txt
cp -r disk/t t
`,
    );
    await sharetop(['--version']);
    execFileSync('unshare', ['-Urm', 'sh', 'run.sh'], {
      cwd: directory,
      env: plainEnvironment({ NODE: process.execPath, TOOL: SHARETOP, TRACE: xen }),
    });
    expect(existsSync(`${directory}/half.json`)).toBe(true);
    expect(fs.readFileSync(`${directory}/first.txt`, 'utf8')).toMatch(
      /^sharetop: disk\/t\/replay\.000001\.pgt: offset \d+: cannot be written: no space left .*\nexit 1\nexit 0\n$/,
    );
    expect(fs.readFileSync(`${directory}/second.txt`, 'utf8')).toMatch(/^disk\/t: \d+ bytes\nexit 0\n$/);
    expect(plainTrace(`${directory}/t`)).toEqual(plainTrace(xen));
  });
});
