/** `--policy FILE` through the built tool: the example against figures counted here, and files that are no policy. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openTrace } from '../../src/source/trace-files.js';
import { eachRecord } from '../collect/plain-records.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';
import { CONTROL, REPOSITORY, sharetop } from './run-tool.js';

const XEN_FOUR = 'fixtures/traces/xen-four';
const KVM_FIVE = 'fixtures/traces/kvm-five';
const EXAMPLE = 'docs/examples/limited-by-hash.mjs';

/** XXH64 of 4,096 zero bytes, as docs/FORMAT.md has it. */
const ZERO_HASH = 0xac869b6f32d8bbdbn;

interface Report {
  policies: Record<string, Record<string, unknown>>;
}

function policyFile(source: string, name = 'mine.mjs'): string {
  return writeInto(temporaryDirectory(), name, source);
}

async function report(...args: string[]): Promise<{ code: number | null; stderr: string; report: Report }> {
  const { code, stdout, stderr } = await sharetop(['report', '--json', ...args]);
  return { code, stderr, report: JSON.parse(stdout === '' ? 'null' : stdout) as Report };
}

/** The rule of the example, on the records of a trace and with hashes instead of numbers. One trust group. */
function limitedByHand(trace: string, seconds: number, limit: number): Record<string, number> {
  const source = openTrace(join(REPOSITORY, trace), seconds * 1e6);
  const frames = new Map<string, bigint>();
  const refs = new Map<bigint, number>();
  const table = new Set<bigint>();
  let [changed, refused] = [0, 0];
  const leave = (place: string): void => {
    const hash = frames.get(place);
    if (hash === undefined) return;
    const left = (refs.get(hash) ?? 0) - 1;
    refs.set(hash, left);
    frames.delete(place);
    if (!table.has(hash)) return;
    changed++;
    if (left === 1) table.delete(hash);
  };
  while (
    source.pull((_stream, { words, start, end, baseTimeMicros }) => {
      eachRecord(words, start, end, baseTimeMicros, (record) => {
        if (record.kind !== 'fill') return;
        const place = `${record.domid}:${record.gfn}`;
        if (frames.get(place) === record.hash) return;
        leave(place);
        if (record.hash === ZERO_HASH) return;
        const now = (refs.get(record.hash) ?? 0) + 1;
        frames.set(place, record.hash);
        refs.set(record.hash, now);
        if (table.has(record.hash) || now < 2) return;
        if (table.size < limit) table.add(record.hash);
        else refused++;
      });
      return true;
    })
  );
  let savedFrames = 0;
  for (const hash of table) savedFrames += (refs.get(hash) ?? 0) - 1;
  return { savedFrames, sharedFrames: table.size, contentChanged: changed, refused };
}

describe('the example of docs/examples', () => {
  test('has the figures that are counted here', async () => {
    const { code, stderr, report: got } = await report(KVM_FIVE, '--at', '60', '--policy', EXAMPLE);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(got.policies['limited']).toMatchObject({
      ...limitedByHand(KVM_FIVE, 60, 16_384),
      ...{ limit: 16_384, zeroSavedFrames: 0, metadataBytes: 524_288 },
      netSavedFrames: got.policies['limited']['savedFrames'],
    });
    expect(got.policies['limited']['refused']).toBeGreaterThan(1000);
  });
});

/** Two domains of 600 frames with the same contents. */
function smallTrace(): string {
  const lines = [1, 2].flatMap((domid) => [
    { t: 0, record: 'domain', domid, key: `d${domid}`, frames: 600 },
    ...Array.from({ length: 600 }, (_, gfn) => {
      return { t: 1e6, record: 'fill', domid, gfn, hash: (gfn + 0x1000).toString(16).padStart(16, 'a') };
    }),
  ]);
  const trace = temporaryDirectory();
  writeInto(trace, 'small.ndjson', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return trace;
}

/** A policy whose `figures` are the text. */
const withFigures = (figures: string): string =>
  `export default { name: 'mine', create: () => ({ figures: () => (${figures}) }) }`;
const GOOD = '{ savedFrames: 1, sharedFrames: 1 }';

describe('a policy that fails', () => {
  test.each<[string, string, string]>([
    [
      'throws at the thousandth change',
      `let n = 0; export default { name: 'mine', create: () => ({
         onFrame() { if (++n === 1000) throw new Error('no \\x1b[31m more') },
         figures: () => ({ savedFrames: n, sharedFrames: 0 })
       }) }`,
      'no ?[31m more',
    ],
    [
      'throws what has no text',
      `export default { name: 'mine', create: () => ({
         onTime() { throw { __proto__: null } }, figures: () => (${GOOD})
       }) }`,
      'cannot be told',
    ],
    ['has a figure that is no number', withFigures('{ savedFrames: NaN, sharedFrames: 0 }'), 'savedFrames is NaN'],
    ['leaves one out', withFigures('{ savedFrames: 0 }'), 'sharedFrames is undefined'],
    ['answers later', withFigures('Promise.resolve(1)'), 'savedFrames is undefined'],
    ['has a figure with an evil name', withFigures(`{ ...${GOOD}, own: { '\\x1b[2J': 1 } }`), 'cannot have a figure'],
  ])('%s: it is switched off, the others go on', async (_name, source, reason) => {
    const { code, stderr, report: got } = await report(smallTrace(), '--policy', policyFile(source));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^sharetop: policy mine failed and was switched off: [^\n]+\n$/);
    expect(stderr).toContain(reason);
    expect(stderr.trimEnd()).not.toMatch(CONTROL);
    expect(got.policies['oracle']).toMatchObject({ savedFrames: 600 });
    expect(got.policies['mine']['failure']).toContain('switched off');
  });
});

describe('a file that is no policy', () => {
  test.each<[string, string, number, string]>([
    ['no module', 'export default {', 1, 'Unexpected end of input (`node --check` names the line)'],
    ['throws when loaded', 'throw new RangeError("not\\ntoday")', 1, 'cannot be loaded: not today'],
    ['no default export', 'export const name = 1;', 2, 'no default export'],
    ['a name that attacks', 'export default { name: "\\x1b[31m", create() {} }', 2, "its name is '?[31m'"],
    ['the name of another', 'export default { name: "dlps", create() {} }', 2, "there is a policy 'dlps' already"],
    ['no create', 'export default { name: "mine" }', 2, 'no function `create`'],
    ['a create that throws', 'export default { name: "mine", create() { throw 7 } }', 1, 'cannot be made: 7'],
    ['nothing made', 'export default { name: "mine", create() {} }', 1, 'create() gave undefined'],
    ['no figures', 'export default { name: "mine", create: () => ({}) }', 1, 'figures is undefined'],
    ['waits', 'export default { name: "mine", create: () => ({ async figures() {} }) }', 1, 'figures is asynchronous'],
  ])('%s: one line', async (_name, source, exitCode, reason) => {
    const { code, stdout, stderr } = await sharetop(['report', XEN_FOUR, '--policy', policyFile(source)]);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
    expect(stderr).toMatch(/^sharetop: --policy [^\n]+\n$/);
    expect(stderr).toContain(reason);
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+|node:internal/);
    expect(stderr.trimEnd()).not.toMatch(CONTROL);
  });

  test('not there, a directory, twice the same name', async () => {
    const [one, two] = [policyFile(withFigures(GOOD)), policyFile(withFigures(GOOD))];
    for (const [args, reason] of [
      [['/none/such.js'], '/none/such.js: does not exist'],
      [[REPOSITORY], 'is no file'],
      [[one, two], "there is a policy 'mine' already"],
    ] as [string[], string][]) {
      const { code, stderr } = await sharetop(['report', XEN_FOUR, ...args.flatMap((arg) => ['--policy', arg])]);
      expect({ code, said: stderr.includes(reason) }).toEqual({ code: 2, said: true });
    }
  });
});
