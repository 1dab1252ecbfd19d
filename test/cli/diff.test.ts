/** `sharetop diff` by the built tool: equal runs, one trace under two sets of knobs, and runs that begin at a mark. */
import { describe, expect, test } from 'vitest';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';
import { CONTROL, run, SHARETOP, sharetop } from './run-tool.js';

const KVM_FIVE = 'fixtures/traces/kvm-five';
const XEN_FOUR = 'fixtures/traces/xen-four';

interface Diff {
  equal: number;
  figures: { path: string[]; a: number | null; b: number | null; difference: number | null; ratio: number | null }[];
}

async function diff(...args: string[]): Promise<Diff & { code: number | null }> {
  const { code, stdout, stderr } = await sharetop(['diff', '--json', ...args]);
  expect(stderr).toBe('');
  return { ...(JSON.parse(stdout) as Diff), code };
}

/** A trace of one domain that gets a frame a second from `from` s on; the mark is at `mark` s. */
function growing(from: number, mark: number, name = 'd1'): string {
  const lines: object[] = [{ t: 0, record: 'domain', domid: 1, key: 'd1', name, frames: 100 }];
  for (let second = from; second < from + 20; second++) {
    if (second === mark) lines.push({ t: second * 1e6, record: 'mark', text: 'load on' });
    lines.push({ t: second * 1e6, record: 'fill', domid: 1, gfn: second - from, hash: 'abcdef0123456789' });
  }
  const directory = temporaryDirectory();
  writeInto(directory, 'a.ndjson', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return directory;
}

describe('diff', () => {
  test('of a trace with itself, and of its figures in files, is empty', async () => {
    const { stdout } = await sharetop(['compare', '--json', '--quick', XEN_FOUR, '--policies', 'dlps,oracle']);
    const file = writeInto(temporaryDirectory(), 'figures.json', stdout);
    // A trace and a file of figures go together: what is printed of a trace is what the file has.
    const same = await diff(XEN_FOUR, file, '--policies', 'dlps,oracle', '--exit-code');
    expect(same).toMatchObject({ figures: [], code: 0 });
    expect(same.equal).toBeGreaterThan(100);
    const text = await sharetop(['diff', file, file]);
    expect(text.stdout).toContain('every figure is equal');
  });

  test('of regions of 5 % and 10 % is the difference of two reports', async () => {
    const args = [KVM_FIVE, '--at', '130', '--policies', 'dlps', '--region'];
    const [five, ten] = await Promise.all(
      ['5%', '10%'].map(async (size) => {
        const { stdout } = await sharetop(['report', '--json', ...args, size]);
        return (JSON.parse(stdout) as { policies: { dlps: Record<string, number> } }).policies.dlps;
      }),
    );
    const sets = ['--with', '--region 5%', '--with', "--region '10%'"];
    const { figures, code } = await diff(KVM_FIVE, '--at', '130', '--policies', 'dlps', ...sets, '--exit-code');
    expect(code).toBe(1);
    const of = new Map(
      figures.filter(({ path }) => path[0] === 'policies').map((figure) => [figure.path.slice(1).join(' '), figure]),
    );
    for (const id of ['savedFrames', 'netSavedFrames', 'readsAvoided', 'evictions', 'idleSlots', 'metadataBytes']) {
      const [a, b] = [five[id], ten[id]];
      const found = of.get(`dlps ${id}`);
      if (a === b) expect(found).toBeUndefined();
      else expect(found).toMatchObject({ a, b, difference: b - a, ratio: a === 0 ? null : b / a });
    }
    expect(five['evictions']).not.toBe(ten['evictions']);
    // What does not hang on the region is left out.
    expect(figures.some(({ path }) => path[0] === 'totals')).toBe(false);
  });

  test('begins the time of each run at its mark', async () => {
    const [a, b] = [growing(10, 15), growing(100, 110)];
    const frames = async (...args: string[]): Promise<(number | null)[]> => {
      const { figures } = await diff(a, b, '--policies', 'oracle', '--all', ...args);
      const found = figures.find(({ path }) => path.join(' ') === 'totals frames');
      return [found?.a ?? null, found?.b ?? null];
    };
    // Frames 0 … 5 by the mark of a, 0 … 10 by that of b; then one a second.
    expect(await frames('--align', 'load on', '--at', '0')).toEqual([6, 11]);
    expect(await frames('--align', 'load on', '--at', '3')).toEqual([9, 14]);
    // As far as the shorter one goes: 9 s behind the mark of b.
    expect(await frames('--align', 'load on')).toEqual([15, 20]);
    expect(await frames()).toEqual([20, 20]);
    const none = await sharetop(['diff', a, b, '--align', 'load off']);
    expect(none.code).toBe(3);
    expect(none.stderr).toContain("has no mark 'load off'; its marks: load on");
  });

  test('prints names that attack safely, and takes one run from a pipe', async () => {
    const [a, b] = [growing(10, 15, '\u001b[31mweb'), growing(10, 15)];
    const pipe = 'cat "$2"/a.ndjson | "$0" "$1" diff - "$3" --at 12 --all --policies oracle';
    const { code, stdout, stderr } = await run('sh', ['-c', pipe, process.execPath, SHARETOP, a, b]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^oracle\n {2}savedFrames +2 +2 +0 +1\.000x$/m);
    expect(stdout).not.toMatch(CONTROL);
  });

  test.each<[string[], number, string]>([
    [['diff', XEN_FOUR], 2, '--with'],
    [['diff', XEN_FOUR, '--with', '--region 5%', '--with', '--nope'], 2, "unknown option '--nope'"],
    [['diff', XEN_FOUR, '--with', '--region 5%', '--with', '--region 500%'], 2, "--region '500%'"],
    [['diff', XEN_FOUR, XEN_FOUR, '--with', ''], 2, '--with: give it for both'],
    [['diff', XEN_FOUR, XEN_FOUR, XEN_FOUR], 2, 'not more'],
    [['diff', 'package.json', 'package.json'], 3, 'is not what report --json'],
    [['diff', '/none.json', XEN_FOUR], 3, 'does not exist'],
    [['diff', '/none.json', XEN_FOUR, '--align', 'x'], 2, 'is no trace in files'],
  ])('%j is told in one line', async (args, exitCode, part) => {
    const { code, stdout, stderr } = await sharetop(args);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
    expect(stderr).toMatch(/^sharetop: [^\n]+\n$/);
    expect(stderr).toContain(part);
  });
});
