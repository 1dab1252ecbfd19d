import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writePlainSeries } from '../collect/plain-recordings.js';
import { makeTree, plainLabels } from '../collect/labels/plain-tree.js';
import { ensureFreshBuild } from '../fresh-build.js';
import { SeededRandom } from '../seeded-random.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';
import { CONTROL, plainEnvironment, run, SHARETOP, sharetop } from './run-tool.js';

/** A root with everything, and a directory for what is written. */
function rootAndOutput(seed: number): { root: string; output: string; packageOf: Map<string, string> } {
  const directory = temporaryDirectory();
  const root = join(directory, 'debian');
  const output = join(directory, 'out');
  mkdirSync(root);
  mkdirSync(output);
  return { root, output, packageOf: makeTree(root, new SeededRandom(seed)) };
}

const hasXxhsum = spawnSync('xxhsum', ['--version']).status === 0;

describe('sharetop label', () => {
  it('writes the labels of a root, the same file with any number of threads', async () => {
    const { root, output, packageOf } = rootAndOutput(5);
    const first = await sharetop(['label', `${root}/`, '-o', `${output}/1.labels`, '--threads', '1']);
    expect(first.code, first.stderr).toBe(0);
    const expected = await plainLabels(root, packageOf);
    expect(first.stderr).toContain(`1.labels: ${expected.size} contents of `);
    const again = await sharetop(['label', root, '-o', `${output}/3.labels`, '--threads', '3']);
    expect(again.code, again.stderr).toBe(0);
    expect(readFileSync(`${output}/3.labels`).equals(readFileSync(`${output}/1.labels`))).toBe(true);

    const summary = await sharetop(['label', `${output}/1.labels`]);
    expect(summary.stdout).toMatch(new RegExp(`^debian: ${expected.size} contents of \\d+ files in 3 packages\n$`));
    const list = await sharetop(['label', `${output}/1.labels`, '--list']);
    expect(list.stdout.replace(/[\t\n]/g, '')).not.toMatch(CONTROL);
    const lines = [...expected].sort().map(([hash, { file, offset, package: pkg, more }]) => {
      const shown = file.replace('\n', '?').replace('\u001b', '?');
      return `${hash}\t${shown}\t${offset}\t${pkg}\t${more}`;
    });
    expect(list.stdout.trimEnd().split('\n')).toEqual(lines);
  });

  it.skipIf(!hasXxhsum)('gives each page the hash that xxhsum gives it (needs xxhsum)', async () => {
    const { root, output } = rootAndOutput(6);
    await sharetop(['label', root, '-o', `${output}/a.labels`]);
    const { stdout } = await sharetop(['label', `${output}/a.labels`, '--list']);
    const hashes = new Map(
      stdout.split('\n').map((line) => [line.split('\t').slice(1, 3).join(' '), line.slice(0, 16)]),
    );
    const library = readFileSync(`${root}/usr/lib/x86_64-linux-gnu/libc.so.6`);
    for (let offset = 0; offset < library.length; offset += 4096) {
      const input = Buffer.alloc(4096);
      library.copy(input, 0, offset);
      const sum = spawnSync('xxhsum', ['-H1', '-'], { input, encoding: 'utf8' }).stdout.slice(0, 16);
      expect(hashes.get(`/usr/lib/x86_64-linux-gnu/libc.so.6 ${offset}`)).toBe(sum);
    }
  });

  it('makes a trace refer to the file, once, and touches no other stream', async () => {
    const { root, output } = rootAndOutput(7);
    const trace = join(output, 'trace');
    mkdirSync(trace);
    writeFileSync(`${trace}/host.ndjson`, '{"t":5000000,"record":"mark","text":"x"}\n');
    const made = await sharetop(['label', root, '-o', `${output}/a.labels`, '--trace', trace]);
    expect(made.code, made.stderr).toBe(0);
    const second = await sharetop(['label', `${output}/a.labels`, '--trace', trace]);
    expect(second.stderr).toContain('referred already');
    expect(readdirSync(trace).sort()).toEqual(['host.ndjson', 'labels.000001.pgt']);
    await sharetop(['label', root, '-o', `${trace}/b.labels`, '--name', 'other', '--trace', trace]);
    expect(readdirSync(trace).sort()).toEqual(['b.labels', 'host.ndjson', 'labels-2.000001.pgt', 'labels.000001.pgt']);
    expect(readFileSync(`${trace}/host.ndjson`, 'utf8')).toBe('{"t":5000000,"record":"mark","text":"x"}\n');
    const { stdout } = await sharetop(['convert', trace, '-o', '-', '--to', 'ndjson']);
    const paths = stdout.split('\n').filter((line) => line.includes('labelFile'));
    expect(paths).toEqual([
      expect.stringContaining('"path":"../a.labels"'),
      expect.stringContaining('"path":"b.labels"'),
    ]);
  });

  it('is what import --labels refers to in the new trace', async () => {
    const { root, output } = rootAndOutput(8);
    await sharetop(['label', root, '-o', `${output}/a.labels`]);
    const snapshots = [{ index: 0, timeMillis: 1000, changes: [[0, 5n] as [number, bigint]] }];
    const series = writeInto(output, 'web.pghd', writePlainSeries({ pages: 4, snapshots }));
    const trace = join(output, 'trace');
    const outcome = await sharetop(['import', series, '-o', trace, '--labels', `${output}/a.labels`]);
    expect(outcome.code, outcome.stderr).toBe(0);
    const { stdout } = await sharetop(['convert', trace, '-o', '-', '--to', 'ndjson']);
    expect(stdout.split('\n').filter((line) => line.includes('labelFile'))).toEqual([
      expect.stringContaining('"path":"../a.labels"'),
    ]);
    const again = await sharetop(['label', `${output}/a.labels`, '--trace', trace]);
    expect(again.stderr).toContain('referred already');
  });

  it.skipIf(process.platform !== 'linux')('is what record --labels refers to (needs Linux)', async () => {
    const { root, output } = rootAndOutput(12);
    await sharetop(['label', root, '-o', `${output}/a.labels`]);
    const recorded = spawn('sleep', ['60']);
    onTestFinished(() => void recorded.kill());
    const args = [
      'record',
      '--pid',
      `${recorded.pid}`,
      '--passes',
      '1',
      '--duty',
      'off',
      '--labels',
      `${output}/a.labels`,
    ];
    for (const [place, path] of [
      [`${output}/trace`, '../a.labels'],
      ['-', `${output}/a.labels`],
    ]) {
      ensureFreshBuild();
      const { status, stdout, stderr } = spawnSync(process.execPath, [SHARETOP, ...args, '-o', place]);
      expect(status, stderr.toString()).toBe(0);
      const trace = place === '-' ? writeInto(output, 'pipe.pgt', stdout) : place;
      const lines = (await sharetop(['convert', trace, '-o', '-', '--to', 'ndjson'])).stdout.split('\n');
      expect(lines.filter((line) => line.includes('labelFile'))).toEqual([expect.stringContaining(`"path":"${path}"`)]);
    }
  });

  it('tells the first files that it cannot read and counts the others', async () => {
    ensureFreshBuild();
    const { root, output } = rootAndOutput(9);
    for (let i = 0; i < 9; i++) {
      writeFileSync(`${root}/etc/secret${i}\u001b[1m`, `secret ${i}`);
      chmodSync(`${root}/etc/secret${i}\u001b[1m`, 0);
    }
    chmodSync(join(root, '..'), 0o755);
    chmodSync(output, 0o777);
    // Who is root may read everything.
    const isRoot = process.getuid?.() === 0;
    const { status, stderr } = spawnSync(process.execPath, [SHARETOP, 'label', root, '-o', `${output}/a.labels`], {
      encoding: 'utf8',
      env: plainEnvironment(),
      ...(isRoot && { uid: 65534, gid: 65534 }),
    });
    expect(status, stderr).toBe(0);
    const lines = stderr.trimEnd().split('\n');
    expect(lines.filter((line) => line.includes('permission denied'))).toHaveLength(5);
    expect(lines).toContain('sharetop: 4 further files could not be read; they get no labels');
    expect(stderr.replace(/\n/g, '')).not.toMatch(CONTROL);
    expect(lines.at(-1)).toContain('a.labels: ');
  });

  it('leaves nothing behind when it is ended, and never half a file', async () => {
    ensureFreshBuild();
    const { root, output } = rootAndOutput(10);
    // Holes are read: long enough to be met in the middle.
    for (let i = 0; i < 30; i++) {
      writeFileSync(`${root}/etc/hole${i}`, 'x');
      truncateSync(`${root}/etc/hole${i}`, 2 ** 30);
    }
    for (const [signal, left] of [
      ['SIGINT', 0],
      ['SIGTERM', 0],
      ['SIGKILL', 1],
    ] as const) {
      const child = spawn(process.execPath, [SHARETOP, 'label', root, '-o', `${output}/a.labels`], { stdio: 'ignore' });
      const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
      while (readdirSync(output).length === 0) await setTimeout(5);
      child.kill(signal);
      expect(await ended).toBe({ SIGINT: 130, SIGTERM: 143, SIGKILL: null }[signal]);
      const names = readdirSync(output);
      expect(names).toHaveLength(left);
      expect(names).not.toContain('a.labels');
    }
  });

  it.skipIf(process.platform === 'win32')('ends in one line when the disk is full (needs a shell)', async () => {
    ensureFreshBuild();
    const { root, output } = rootAndOutput(11);
    const command = `ulimit -f 1; trap '' XFSZ; exec "$0" "$@"`;
    const args = ['-c', command, process.execPath, SHARETOP, 'label', root, '-o', `${output}/a.labels`];
    const { code, stderr } = await run('sh', args);
    expect(stderr).toMatch(/^sharetop: \S+a\.labels: cannot be written: .*\n$/);
    expect(code).toBe(1);
    expect(readdirSync(output)).toEqual([]);
  });

  it('says in one line what is wrong', async () => {
    const cases = [
      [['label', 'nowhere', '-o', 'x'], 3, /nowhere: does not exist/],
      [['label', 'package.json', '-o', 'x'], 3, /package\.json: is no directory/],
      [['label', 'package.json'], 3, /package\.json: is no label file/],
      [['label', 'src'], 2, /name the label file to write/],
      [['label', 'src', '-o', 'package.json'], 2, /package\.json: exists already/],
      [['label', 'src', '-o', 'nowhere/x'], 1, /there is no directory nowhere/],
      [['label', 'src', '-o', 'x', '--threads', '0'], 2, /--threads '0': write a number from 1 to 64/],
      [['label', 'src', '-o', 'x', '--trace', 'nowhere'], 3, /nowhere: does not exist/],
      [['import', 'x.blk.csv', '-o', 'x', '--labels', 'nowhere'], 2, /--labels 'nowhere': does not exist/],
    ] as const;
    for (const [args, code, line] of cases) {
      const outcome = await sharetop(args);
      expect(outcome.stderr).toMatch(line);
      expect(outcome.stderr.trimEnd().split('\n')).toHaveLength(1);
      expect(outcome.code, args.join(' ')).toBe(code);
    }
  });
});
