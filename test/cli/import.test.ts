/** `sharetop import` and `sharetop replay` by the built tool: what they make, and what they say when they cannot. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { recordingsDirectory, writePlainSeries } from '../collect/plain-recordings.js';
import { ensureFreshBuild } from '../fresh-build.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';
import { asVersion1 } from './first-version.js';
import { CONTROL, plainEnvironment, REPOSITORY, run, SHARETOP, sharetop, type Outcome } from './run-tool.js';

const recordings = recordingsDirectory();

/** Runs `sharetop import` among the recordings of one host: their file names are part of the result. */
function importThere(host: string, args: readonly string[]): Promise<Outcome> {
  ensureFreshBuild();
  const command = [SHARETOP, 'import', ...args];
  return run(process.execPath, command, plainEnvironment(), join(recordings ?? '', host));
}

describe.skipIf(recordings === null)(
  'the recordings become the fixtures (needs SHARETOP_DATA, or ../shared/data)',
  () => {
    const guests = ['web1', 'web2', 'build1', 'idle1', 'trix1'];

    test('kvm-five, byte for byte', async () => {
      const output = join(temporaryDirectory(), 'kvm-five');
      const files = guests.flatMap((name) => [`${name}.pghd.gz`, `${name}.blk.csv.gz`]);
      const images = guests.map((name) => `${name}=${name === 'trix1' ? 'debian13' : 'debian12'}`).join(',');
      const host = ['--host', 'kvm-five', '--hypervisor', 'QEMU 7.2.22'];
      const { code, stdout, stderr } = await importThere('kvm', [...files, '--image', images, ...host, '-o', output]);
      expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
      expect(stderr).toMatch(/kvm-five: \d+ records, 5 domains, 247 snapshots, \d+ requests, 7053952 bytes\n$/);
      expectSame(output, 'kvm-five');
    });

    test('xen-four, byte for byte', async () => {
      const output = join(temporaryDirectory(), 'xen-four');
      const names = guests.slice(0, 4);
      const files = [...names.map((name) => `${name}.pghd.gz`), 'xen.blk.csv.gz'];
      const domids = ['--domid', names.map((name, i) => `${name}=${i + 2}`).join(',')];
      const images = ['--image', names.map((name) => `${name}=disk`).join(',')];
      const host = ['--host', 'xen-four', '--hypervisor', 'Xen 4.17.7', '--host-memory', '2047M'];
      const { code } = await importThere('xen', [...files, ...domids, ...images, ...host, '-o', output]);
      expect(code).toBe(0);
      expectSame(output, 'xen-four');
    });
  },
);

/** The fixtures are of format version 1, and an import writes version 2: alike but for that and its checksum. */
function expectSame(directory: string, fixture: string): void {
  const committed = join(REPOSITORY, 'fixtures/traces', fixture);
  expect(readdirSync(directory)).toEqual(readdirSync(committed));
  for (const name of readdirSync(committed)) {
    const original = readFileSync(join(committed, name));
    expect(asVersion1(readFileSync(join(directory, name)), original).equals(original), name).toBe(true);
  }
}

/** A guest of four frames and two snapshots. */
function smallSeries(directory: string): string {
  const snapshots = [1000, 2000].map((timeMillis, index) => ({
    index,
    timeMillis,
    changes: [[index, BigInt(index + 5)] as [number, bigint]],
  }));
  return writeInto(directory, 'web1.pghd', writePlainSeries({ pages: 4, snapshots }));
}

/** A guest whose trace is larger than a kilobyte. */
function largeSeries(directory: string): string {
  const changes = Array.from({ length: 1000 }, (_, page): [number, bigint] => [page, BigInt(page) * 7919n + 5n]);
  return writeInto(
    directory,
    'web1.pghd',
    writePlainSeries({ pages: 1000, snapshots: [{ index: 0, timeMillis: 1000, changes }] }),
  );
}

const HEAD = 't_rel_s,op,sector,nsectors,hashes\n';

describe('an import that cannot be', () => {
  const cases: [string, (directory: string) => string[], number, string[]][] = [
    ['of a missing file', () => ['/none/a.pghd'], 3, ['/none/a.pghd', 'does not exist']],
    ['of rubbish', (dir) => [writeInto(dir, 'a.pghd', 'rubbish')], 3, ['a.pghd']],
    ['of an empty file', (dir) => [writeInto(dir, 'a.txt', '')], 3, ['a.txt', 'is empty']],
    ['of a broken row', (dir) => [writeInto(dir, 'a.blk.csv', `${HEAD}x\n`)], 3, ['a.blk.csv', 'line 2']],
    ['with a guest that is none', (dir) => [smallSeries(dir), '--image', 'web2=x'], 2, ['web2', 'web1', '--help']],
    ['with a size that is none', (dir) => [smallSeries(dir), '--host-memory', 'much'], 2, ['--host-memory', '2G']],
  ];

  test.each(cases)('%s says so in one line', async (_name, args, expectedCode, parts) => {
    const directory = temporaryDirectory();
    const output = join(directory, 'out');
    const { code, stdout, stderr } = await sharetop(['import', ...args(directory), '-o', output]);
    expect(stderr).toMatch(/^sharetop: [^\n]+\n$/);
    expect(stderr.trimEnd()).not.toMatch(CONTROL);
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+|node:internal/);
    for (const part of parts) expect(stderr).toContain(part);
    expect({ code, stdout }).toEqual({ code: expectedCode, stdout: '' });
  });

  test('never touches a trace that is there', async () => {
    const directory = temporaryDirectory();
    const trace = join(REPOSITORY, 'fixtures/traces/xen-four');
    const before = readdirSync(trace);
    for (const args of [
      ['import', smallSeries(directory)],
      ['replay', join(REPOSITORY, 'fixtures/versions/v1.pgt')],
    ]) {
      const { code, stderr } = await sharetop([...args, '-o', trace]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^sharetop: [^\n]*xen-four: holds a trace already[^\n]*\n$/);
      expect(stderr).toContain(`(see sharetop ${args[0]} --help)`);
    }
    expect(readdirSync(trace)).toEqual(before);
  });

  test.each<[string, string[]]>([
    ['import', [join(REPOSITORY, 'fixtures/none')]],
    ['replay', [join(REPOSITORY, 'fixtures/traces/xen-four'), '--speed', 'max']],
  ])('%s: a place that cannot be written to is a failure, a file in the way wrong usage', async (command, args) => {
    const directory = temporaryDirectory();
    const file = writeInto(directory, 'file', 'kept');
    for (const [output, expected, line] of [
      [join(file, 'x'), 1, /file\/x: a part of the path is not a directory\n$/],
      [file, 2, /file: is a file, not a directory \(see [^\n]+\)\n$/],
    ] as const) {
      const { code, stdout, stderr } = await sharetop([command, ...args, '-o', output]);
      expect(stderr).toMatch(line);
      expect(stderr).toMatch(/^sharetop: [^\n]+\n$/);
      expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    }
    expect(readFileSync(file, 'utf8')).toBe('kept');
  });

  test.each(['import', 'replay'])('%s on a full disk is a failure', async (command) => {
    ensureFreshBuild();
    const directory = temporaryDirectory();
    // A file grows no further than the limit of its process: the same as a full disk, on any machine.
    const limited = 'ulimit -f 1; trap "" XFSZ; exec "$@"';
    const trace = join(REPOSITORY, 'fixtures/traces/xen-four');
    const args = command === 'import' ? [largeSeries(directory)] : [trace, '--speed', 'max'];
    const line = [process.execPath, SHARETOP, command, ...args, '-o', join(directory, 'out')];
    const { code, stdout, stderr } = await run('sh', ['-c', limited, 'sh', ...line]);
    expect(stderr).toMatch(/^sharetop: [^\n]*\.000001\.pgt: offset \d+: cannot be written: [^\n]+\n$/);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });
});

test('what was imported is replayed, and reports the same', async () => {
  const directory = temporaryDirectory();
  const imported = join(directory, 'imported');
  const replayed = join(directory, 'replayed');
  expect((await sharetop(['import', smallSeries(directory), '-o', imported])).code).toBe(0);
  const { code, stdout } = await sharetop(['replay', imported, '-o', replayed, '--speed', 'max']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(existsSync(join(replayed, 'replay.000001.pgt'))).toBe(true);
  const [before, after] = await Promise.all([imported, replayed].map((trace) => sharetop(['report', '--json', trace])));
  expect(after.stdout).toBe(before.stdout);
  expect((JSON.parse(after.stdout) as { totals: object }).totals).toMatchObject({ frames: 4, zeroFrames: 2 });
});
