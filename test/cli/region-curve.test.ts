/** `report --region-curve` of a recording whose reads are known: test/policy/recordings.test.ts has them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { REPOSITORY, sharetop } from './run-tool.js';

const XEN_FOUR = 'fixtures/traces/xen-four';
/** Known of the recording: eligible reads, and how many of them an unlimited region avoids. */
const SEEN = 31_885;
const AVOIDABLE = 11_184;

interface Curve {
  points: { regionFrames: number; readsAvoided: number }[];
  sampleRate: number;
}
interface RegionCurve {
  memoryFrames: number;
  readsSeen: number;
  lru: Curve & { readsAvoided: number };
  dlps: Curve & { unlimited: { readsAvoided: number } };
}

test('the JSON fits the schema, the audit is silent, and an unlimited region avoids what is known', async () => {
  const schema = JSON.parse(readFileSync(path.join(REPOSITORY, 'docs/report.schema.json'), 'utf8')) as object;
  const { code, stdout, stderr } = await sharetop(['report', '--json', '--audit', '--region-curve', XEN_FOUR]);
  expect([code, stderr]).toEqual([0, 'sharetop: audit: every figure was recounted and agrees\n']);
  const report = JSON.parse(stdout) as { regionCurve: RegionCurve };
  const matches = new Ajv2020().compile(schema);
  expect(matches(report), JSON.stringify(matches.errors)).toBe(true);
  const { memoryFrames, readsSeen, lru, dlps } = report.regionCurve;
  // The host of the recording has 2,047 MiB.
  expect([memoryFrames, readsSeen]).toEqual([2047 * 256, SEEN]);
  expect([lru.points.length, dlps.points.length]).toEqual([16, 16]);
  // 20,701 blocks were read: more than are followed.
  expect(dlps.sampleRate).toBe(1 / 2);
  expect(Math.abs(dlps.unlimited.readsAvoided - AVOIDABLE) / SEEN).toBeLessThan(0.01);
  expect(Math.abs(lru.readsAvoided - AVOIDABLE) / SEEN).toBeLessThan(0.01);
  // Half of the memory holds every block that was read.
  expect(dlps.points[15].regionFrames).toBe(memoryFrames / 2);
  expect(dlps.points[15].readsAvoided).toBe(dlps.unlimited.readsAvoided);
  for (const curve of [lru.points, dlps.points]) expect(curve[0].readsAvoided).toBeLessThan(AVOIDABLE / 10);
});

test('the view says from which size on the region avoids nine tenths', async () => {
  const size = /90% of hits at ~([\d.]+) MiB/;
  const once = await sharetop([XEN_FOUR, '--once', '--region-curve'], { COLUMNS: '120' });
  const report = await sharetop(['report', '--region-curve', XEN_FOUR]);
  const [, , ninety] = /of the reads that dlps avoids +~([\d.]+) MiB +~([\d.]+) MiB/.exec(report.stdout) ?? [];
  expect(size.exec(once.stdout)?.[1]).toBe(ninety);
});

test('the text has a row for each size and says what is estimated; without the option there is none', async () => {
  const { code, stdout } = await sharetop(['report', '--region-curve', XEN_FOUR]);
  expect(code).toBe(0);
  const rows = stdout.split('\n').filter((line) => /^ *[\d.]+ [KMG]iB +[\d.]+ % /.test(line));
  expect(rows).toHaveLength(16);
  for (const row of rows) expect(row).toMatch(/ ~[\d.]+ % +~[\d.]+ % +~[\d,]+ +~-?[\d,]+ *#*$/);
  expect(stdout).toMatch(/region curve +31,885 eligible reads/);
  expect(stdout).toMatch(/of the reads that dlps avoids +~[\d.]+ MiB +~[\d.]+ MiB +~[\d.]+ MiB/);
  expect((await sharetop(['report', XEN_FOUR])).stdout).not.toContain('region curve');
});
