/** What `report` says of `satori`, by the built tool: JSON that its schema knows, and text with the same figures. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import type { SatoriFigures } from '../../src/figures/satori-figures.js';
import { REPOSITORY, sharetop } from './run-tool.js';

const schema = JSON.parse(readFileSync(path.resolve(REPOSITORY, 'docs/report.schema.json'), 'utf8')) as object;
const GIVEN = ['report', 'fixtures/traces/xen-four', '--policies', 'satori', '--satori', 'fifo=0'];

test('the report of satori follows the schema; its text names what shares are broken and who had no page', async () => {
  const json = await sharetop([...GIVEN, '--json']);
  expect({ code: json.code, stderr: json.stderr }).toEqual({ code: 0, stderr: '' });
  const report = JSON.parse(json.stdout) as { policies: { satori: SatoriFigures } };
  const matchesSchema = new Ajv2020().compile(schema);
  matchesSchema(report);
  expect(matchesSchema.errors).toBeNull();
  const { satori } = report.policies;
  // Without a FIFO every broken share is an event; the list has them with the domain's key.
  expect(satori.broken).toBeGreaterThan(0);
  expect(satori).toMatchObject({ repaid: 0, enomem: satori.broken, fifoFrames: 0 });
  expect(satori.enomemEvents).toHaveLength(Math.min(64, satori.enomem));
  expect(satori.savedByBlock + satori.savedByContent).toBe(satori.savedFrames);
  const { stdout } = await sharetop(GIVEN);
  const [{ time, domain }] = satori.enomemEvents.slice(-1);
  expect(stdout).toContain(`broken shares         ${satori.broken} = 0 repaid + ${satori.enomem} ENOMEM`);
  expect(stdout).toContain(`${time} s ${domain}`);
});
