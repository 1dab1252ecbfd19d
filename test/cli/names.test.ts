/**
 * `sharetop report` with labels: five real guests and a label file over some of their contents, counted again from the
 * records of the trace alone; a trace that names its label file; label files that are missing, damaged or hostile.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { readNames } from '../../src/cli/option-values.js';
import { readPolicyOptions } from '../../src/cli/policy-options.js';
import { UsageError } from '../../src/cli/usage-error.js';
import { Monitor } from '../../src/monitor/monitor.js';
import type { PolicyOptions } from '../../src/monitor/policy-registry.js';
import { TraceError } from '../../src/trace/trace-error.js';
import { SegmentDecoder } from '../../src/trace/segment-decoder.js';
import { plainRecords } from '../model/plain-records.js';
import { FILL_PAGES, SlowEngine, ZERO_HASH } from '../model/slow-engine.js';
import { labelFileBytes, type Named } from '../monitor/synthetic-labels.js';
import { temporaryDirectory } from '../temporary-directory.js';
import { REPOSITORY, sharetop } from './run-tool.js';

const XEN_FOUR = path.join(REPOSITORY, 'fixtures/traces/xen-four');
const matchesSchema = new Ajv2020().compile(
  JSON.parse(readFileSync(path.join(REPOSITORY, 'docs/report.schema.json'), 'utf8')) as object,
);

interface Amount {
  frames: number;
  contents: number;
  domains: number | null;
  savableFrames: number;
  savedFrames: Record<string, number | null>;
}

interface Names {
  by: string;
  labels: number;
  total: number;
  rows: (Amount & { name: string; package: string; image: string })[];
  others: Amount;
  rest: Record<string, Amount>;
}

interface Report {
  totals: Record<string, number>;
  policies: Record<string, { savedFrames: number; zeroSavedFrames: number }>;
  names?: Names;
}

/** Frames of each content, by domain, from the records alone. */
function contentsOf(trace: string): { frames: Map<bigint, number>; domains: Map<bigint, Set<string>> } {
  const slow = new SlowEngine([]);
  for (const name of readdirSync(trace).sort()) {
    const decoder = new SegmentDecoder(name);
    decoder.push(readFileSync(path.join(trace, name)));
    for (let block = decoder.next(); block !== null; block = decoder.next()) {
      for (const record of plainRecords(0, block.baseTimeMicros, block.words, block.start, block.end))
        slow.apply(record);
    }
  }
  const frames = new Map<bigint, number>();
  const domains = new Map<bigint, Set<string>>();
  for (const life of slow.live) {
    for (const held of life.frames.values()) {
      if (held.state !== 'known') continue;
      frames.set(held.hash, (frames.get(held.hash) ?? 0) + 1);
      domains.set(held.hash, (domains.get(held.hash) ?? new Set()).add(life.key));
    }
  }
  return { frames, domains };
}

const FILES = ['/boot/vmlinuz', '/lib/ld.so', '/usr/bin/own', '\u001b[2J\u202e/evil\u0007'];
const packageOf = (file: string): string => (file === '/usr/bin/own' ? '' : `of ${file.slice(1, 4)}`);

/** Every content by a rule of its own; a fifth has no label. */
function nameAll(hashes: Iterable<bigint>): Named[] {
  return [...hashes]
    .filter((hash) => ![ZERO_HASH, ...FILL_PAGES].includes(hash) && hash % 5n !== 0n)
    .map((hash) => ({
      hash,
      file: FILES[Number((hash >> 8n) % 4n)],
      page: Number(hash % 99n),
      more: Number(hash % 3n),
    }));
}

const run = (...args: string[]) => sharetop(['report', ...args, '--policies', 'dlps,oracle']);

test('xen-four: each file has what the records say, and all lines add up', async () => {
  const { frames, domains } = contentsOf(XEN_FOUR);
  const named = nameAll(frames.keys());
  const labels = path.join(temporaryDirectory(), 'own.labels');
  writeFileSync(labels, labelFileBytes('own', named, packageOf));
  const { stdout, code } = await run(XEN_FOUR, '--json', '--labels', labels, '--by', 'file');
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as Report;
  expect(matchesSchema(report), JSON.stringify(matchesSchema.errors)).toBe(true);
  const { names } = report;
  if (names === undefined) throw new Error('there are labels');
  expect(names).toMatchObject({ by: 'file', labels: named.length, total: FILES.length });
  for (const file of FILES) {
    const held = named.filter((each) => each.file === file).map(({ hash }) => hash);
    const sum = held.reduce((all, hash) => all + (frames.get(hash) ?? 0), 0);
    const row = names.rows.find(({ name }) => name === file);
    expect(row).toMatchObject({ frames: sum, contents: held.length, package: packageOf(file), image: '' });
    expect(row).toMatchObject({ savableFrames: sum - held.length, savedFrames: { oracle: sum - held.length } });
    expect(row?.domains).toBe(new Set(held.flatMap((hash) => [...(domains.get(hash) ?? [])])).size);
  }
  const lines = [...names.rows, names.others, ...Object.values(names.rest)];
  const sum = (value: (line: Amount) => number): number => lines.reduce((all, line) => all + value(line), 0);
  expect(sum((line) => line.frames)).toBe(report.totals.frames);
  expect(sum((line) => line.contents)).toBe(report.totals.distinctContents + 1);
  for (const [name, { savedFrames, zeroSavedFrames }] of Object.entries(report.policies)) {
    expect(
      sum((line) => line.savedFrames[name] ?? 0),
      name,
    ).toBeCloseTo(savedFrames + zeroSavedFrames, 4);
    expect(names.rest.beside.savedFrames[name], name).toBe(0);
  }
});

test('a trace names its label file: relative to itself, in text without a thing that a terminal obeys', async () => {
  const directory = temporaryDirectory();
  const trace = path.join(directory, 'trace');
  mkdirSync(trace);
  const hashes = Array.from({ length: 40 }, (_, i) => BigInt(i) * 257n + 1n);
  const lines = [1, 2].flatMap((domid) => [
    { t: 1, record: 'domain', domid, key: `guest${domid}`, frames: 64 },
    ...hashes.map((hash, gfn) => ({ record: 'fill', domid, gfn, hash: hash.toString(16).padStart(16, '0') })),
  ]);
  writeFileSync(path.join(trace, 'pages.ndjson'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  writeFileSync(path.join(directory, 'own.labels'), labelFileBytes('own', nameAll(hashes), packageOf));
  const refer = (file: string): void => {
    const line = { t: 0, record: 'labelFile', path: file };
    writeFileSync(path.join(trace, 'labels.ndjson'), `${JSON.stringify(line)}\n`);
  };
  refer('../own.labels');
  const files = await run(trace, '--by', 'file');
  expect(files.stderr).toBe('');
  expect(files.stdout).toMatch(/^FILE +PACKAGE +FRAMES +CONTENTS +DOMS +SAVABLE +SAVED dlps +SAVED oracle$/m);
  expect(files.stdout).toMatch(/^\/boot\/vmlinuz +of boo +/m);
  expect(files.stdout).toMatch(/^\?\[2J\?\/evil\? /m);
  expect(files.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/);
  const packages = await run(trace, '--by', 'package', '--top', '1');
  expect(packages.stdout).toMatch(/^3 more packages +/m);
  expect(packages.stdout).toMatch(/^\(no label\) +/m);
  // A label file that is not there is told, and takes nothing with it.
  refer('gone.labels');
  const gone = await run(trace);
  expect(gone).toMatchObject({ code: 0, stderr: expect.stringMatching(/^sharetop: labels: .*gone\.labels: does not/) });
  expect(gone.stdout).not.toContain('(no label)');
  writeFileSync(path.join(trace, 'gone.labels'), 'no labels');
  expect((await run(trace)).stderr).toMatch(/gone\.labels: 9 bytes are no label file/);
});

test('what a person asks for and cannot have is one line', async () => {
  const labels = path.join(temporaryDirectory(), 'cut.labels');
  writeFileSync(labels, labelFileBytes('own', [{ hash: 77n, file: 'a', page: 0 }]).subarray(0, 90));
  const options = (text: string): PolicyOptions =>
    readPolicyOptions({ region: '5%', regionVictim: 'sharers', policies: 'oracle', labels: text });
  expect(() => options('/no/such/file')).toThrow(
    new UsageError("--labels '/no/such/file': does not exist; make it with `sharetop label`"),
  );
  expect(() => options(`${labels},`)).toThrow(UsageError);
  expect(() => new Monitor(options(labels))).toThrow(TraceError);
  expect(() => new Monitor(options('/'))).toThrow(/^\/: is no file: name a label file/);
  // 90 bytes of labels are above a limit of 64.
  writeFileSync(labels, labelFileBytes('own', [{ hash: 77n, file: 'a', page: 0 }]));
  expect(() => new Monitor({ ...options(labels), memoryLimitBytes: 64 })).toThrow(/raise --memory-limit$/);
  expect(readNames('package', undefined)).toEqual({ by: 'package', top: 20 });
  expect(readNames(undefined, undefined)).toBeNull();
  for (const [by, top] of [
    ['file', '0'],
    ['file', '1e3'],
    [undefined, '3'],
  ] as const) {
    expect(() => readNames(by, top)).toThrow(UsageError);
  }
  const trace = path.join(temporaryDirectory(), 'one.ndjson');
  writeFileSync(trace, '{"t":1,"record":"domain","domid":1,"key":"a","frames":9}\n');
  const none = await run(trace, '--by', 'file');
  expect(none).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^sharetop: --by: no label .*\n$/) });
});
