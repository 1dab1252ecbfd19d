/** `sharetop convert` as a script meets it: both forms report the same, and nothing is overwritten. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ensureFreshBuild } from '../fresh-build.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';
import { asVersion1 } from './first-version.js';
import { plainEnvironment, REPOSITORY, run, SHARETOP, sharetop } from './run-tool.js';

const TRACES = 'fixtures/traces';

/** The report of a trace as NDJSON in `lines`, after the way back to binary gave the very same bytes. */
async function thereAndBack(trace: string): Promise<{ lines: string; report: string }> {
  const directory = temporaryDirectory();
  const [lines, again] = [join(directory, 'lines'), join(directory, 'again')];
  expect(await sharetop(['convert', trace, '-o', lines])).toMatchObject({ code: 0, stdout: '' });
  expect(await sharetop(['convert', lines, '-o', again])).toMatchObject({ code: 0, stdout: '' });
  expect([readdirSync(lines), readdirSync(again)]).toEqual([['import.ndjson'], ['import.000001.pgt']]);
  const original = readFileSync(join(REPOSITORY, trace, 'import.000001.pgt'));
  const written = readFileSync(join(again, 'import.000001.pgt'));
  expect(asVersion1(written, original).equals(original)).toBe(true);
  return { lines, report: (await sharetop(['report', '--json', trace])).stdout };
}

test.each(['kvm-five', 'xen-four'])('%s has the same figures in both forms', { timeout: 240_000 }, async (name) => {
  const { lines, report } = await thereAndBack(join(TRACES, name));
  expect(report).toContain('"records":');
  expect(await sharetop(['report', '--json', lines])).toEqual({ code: 0, stdout: report, stderr: '' });
  if (name === 'kvm-five') return;
  // On stderr of a slow machine there may be progress.
  const pipe = '"$0" "$1" convert "$2" -o - | "$0" "$1" report --json -';
  const piped = await run('sh', ['-c', pipe, process.execPath, SHARETOP, join(TRACES, name)]);
  expect({ code: piped.code, stdout: piped.stdout }).toEqual({ code: 0, stdout: report });
});

describe('one line for what is wrong', () => {
  const place = (): string => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'full'));
    for (const name of ['full/a.ndjson', 'b.ndjson']) writeInto(directory, name, '{"record":"mark","text":"x"}\n');
    return directory;
  };
  test.each<[string, string[], number, string]>([
    ['a file that exists', ['b.ndjson', '-o', 'b.ndjson'], 2, 'b.ndjson exists already'],
    ['a directory with a trace', ['b.ndjson', '-o', 'full'], 2, 'holds a trace already (a.ndjson)'],
    ['an unknown form', ['b.ndjson', '-o', 'x', '--to', 'json'], 2, "--to 'json': write ndjson or binary"],
    ['a form against the name', ['b.ndjson', '-o', 'x.ndjson', '--to', 'binary'], 2, 'contradict'],
    ['an ending that is none', ['b.ndjson', '-o', 'x.json'], 2, 'ends in .ndjson or .pgt'],
    ['no output', ['b.ndjson'], 2, '-o, --output <path>'],
    ['no trace', ['-o', 'x'], 2, "'trace'"],
    ['a trace that is not there', ['none', '-o', 'x'], 3, 'none: does not exist'],
    ['a directory that is not there', ['b.ndjson', '-o', 'none/x.pgt'], 1, 'there is no directory none'],
    // Where there is a /proc, Node's own way of making parents never returns there.
    ['a directory that cannot be made', ['b.ndjson', '-o', '/proc/none/deeper'], 1, '/proc/none'],
  ])('%s', async (_name, args, code, part) => {
    ensureFreshBuild();
    const cwd = place();
    const before = readdirSync(cwd);
    const outcome = await run(process.execPath, [SHARETOP, 'convert', ...args], plainEnvironment(), cwd);
    expect({ code: outcome.code, stdout: outcome.stdout }).toEqual({ code, stdout: '' });
    expect(outcome.stderr).toMatch(/^sharetop: [^\n]+\n$/);
    expect(outcome.stderr).toContain(part);
    expect(readdirSync(cwd)).toEqual(before);
  });

  test.skipIf(!existsSync('/dev/full'))('a full disk (needs /dev/full)', async () => {
    ensureFreshBuild();
    const script = '"$0" "$1" convert "$2" -o - > /dev/full';
    const { code, stderr } = await run('sh', ['-c', script, process.execPath, SHARETOP, join(TRACES, 'xen-four')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^sharetop: [^\n]*no space left[^\n]*\n$/i);
    // A file grows no further than the limit of its process: the same as a full disk, on any machine.
    const directory = temporaryDirectory();
    const limited = 'ulimit -f 1; trap "" XFSZ; exec "$0" "$1" convert "$2" -o "$3"';
    const args = ['-c', limited, process.execPath, SHARETOP, join(TRACES, 'xen-four'), join(directory, 'a.ndjson')];
    const file = await run('sh', args);
    expect(file.code).toBe(1);
    expect(file.stderr).toMatch(/^sharetop: [^\n]*a\.ndjson: cannot be written: [^\n]+\n$/);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('damage of the input is told, the rest converted', async () => {
    const { code, stdout, stderr } = await sharetop([
      'convert',
      'fixtures/malformed/not-json.ndjson',
      '--to',
      'ndjson',
      '-o',
      '-',
    ]);
    expect(code).toBe(4);
    expect(stderr).toMatch(/^sharetop: [^\n]*line 2: not a JSON object[^\n]*\n$/);
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
  });
});
