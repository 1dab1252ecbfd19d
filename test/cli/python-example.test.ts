/** The worked example of docs/examples: what sharetop finds in its NDJSON is what the script counts by itself. */
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import xxhash from 'xxhash-wasm';
import { plainEnvironment, REPOSITORY, run, SHARETOP, sharetop } from './run-tool.js';
import { ensureFreshBuild } from '../fresh-build.js';
import { SeededRandom } from '../seeded-random.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';

const SCRIPT = join(REPOSITORY, 'docs/examples/ndjson_recorder.py');
const PAGE = 4096;
const hasPython = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']).status === 0;
if (!hasPython) console.warn('docs/examples: skipped, there is no python3 of 3.8 or later');

const python = (args: readonly string[]): ReturnType<typeof run> => run('python3', [SCRIPT, ...args]);

/** Images of guests: pages of a common pool, of their own, and zeros. The last one ends inside a page. */
function images(seed: number): string[] {
  const random = new SeededRandom(seed);
  const directory = temporaryDirectory();
  const page = (): Buffer => Buffer.from(Uint32Array.from({ length: PAGE / 4 }, () => random.u32()).buffer);
  const pool = Array.from({ length: 12 }, page);
  return ['web1', 'web2', 'db1'].map((name, i) => {
    const pages = Array.from({ length: 60 + 70 * i }, () => {
      const kind = random.below(4);
      return kind === 0 ? Buffer.alloc(PAGE) : kind === 1 ? page() : pool[random.below(pool.length)];
    });
    return writeInto(directory, name, Buffer.concat([...pages, Buffer.alloc(i === 2 ? 100 : 0, 7)]));
  });
}

function totalsOf(report: string): Record<string, number> {
  return (JSON.parse(report) as { totals: Record<string, number> }).totals;
}

describe.skipIf(!hasPython)('ndjson_recorder.py (needs python3)', () => {
  beforeAll(() => ensureFreshBuild());

  test.each([1, 2])('has the figures that it counts by itself (seed %i)', async (seed) => {
    const files = images(seed);
    const expected = JSON.parse((await python(['--expect', ...files])).stdout) as Record<string, number>;
    expect(expected['potentialSavedFrames']).toBeGreaterThan(50);
    expect(expected['interSavedFrames']).toBeGreaterThan(5);
    const trace = temporaryDirectory();
    expect(await python(['-o', join(trace, 'scan.ndjson'), ...files])).toEqual({ code: 0, stdout: '', stderr: '' });
    const { code, stdout, stderr } = await sharetop(['report', '--json', '--audit', trace]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'sharetop: audit: every figure was recounted and agrees\n' });
    expect(totalsOf(stdout)).toMatchObject(expected);
    const pipe = 'python3 "$2" "$3" "$4" "$5" | "$0" "$1" report --json -';
    const piped = await run('sh', ['-c', pipe, process.execPath, SHARETOP, SCRIPT, ...files]);
    expect(piped).toMatchObject({ code: 0, stderr: '' });
    expect(totalsOf(piped.stdout)).toEqual(totalsOf(stdout));
  });

  test('knows contents by the hash that every recorder uses', async () => {
    const hasher = await xxhash();
    const random = new SeededRandom(9);
    const pages = Array.from({ length: 20 }, () => Uint8Array.from({ length: PAGE }, () => random.below(256)));
    pages.push(new Uint8Array(PAGE), new Uint8Array(PAGE).fill(255));
    const file = writeInto(temporaryDirectory(), 'image', Buffer.concat(pages));
    const { stdout } = await python([file]);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { hashes?: string[] });
    const hashes = pages.map((bytes) => hasher.h64Raw(bytes, 0n).toString(16).padStart(16, '0'));
    expect(lines.flatMap((line) => line.hashes ?? [])).toEqual(hashes);
  });

  test('scans again: what changed, shrank or went away', async () => {
    const [web1, web2, db1] = images(3);
    const trace = temporaryDirectory();
    const args = [SCRIPT, '--every', '0.1', '-o', join(trace, 'scan.ndjson'), web1, web2, db1];
    const script = spawn('python3', args, { env: plainEnvironment(), stdio: 'ignore' });
    onTestFinished(() => void script.kill('SIGKILL'));
    const reported = async (): Promise<Record<string, number> & { domains: number }> => {
      const { code, stdout } = readdirSync(trace).length > 0 ? await sharetop(['report', '--json', trace]) : EMPTY;
      if (code !== 0) return { domains: -1 };
      return { ...totalsOf(stdout), domains: (JSON.parse(stdout) as { domains: unknown[] }).domains.length };
    };
    await expect.poll(reported, { timeout: 40_000 }).toMatchObject({ domains: 3, reservedFrames: 60 + 130 + 200 });
    writeFileSync(web1, Buffer.alloc(60 * PAGE, 1));
    truncateSync(web2, 10 * PAGE);
    unlinkSync(db1);
    const expected = JSON.parse((await python(['--expect', web1, web2])).stdout) as object;
    await expect.poll(reported, { timeout: 40_000 }).toMatchObject({ domains: 2, reservedFrames: 70, ...expected });
  });
});

const EMPTY = { code: 3, stdout: '' };
