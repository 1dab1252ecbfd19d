/** A policy of one's own in the live view: shown like the others, and never in their way. */
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { REPOSITORY } from '../cli/run-tool.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';
import { expectGivenBack, startFromShell } from './shell.js';
import { stopAllTerminals } from './terminal.js';

afterEach(stopAllTerminals);

const XEN_FOUR = join(REPOSITORY, 'fixtures/traces/xen-four');
const EXAMPLE = join(REPOSITORY, 'docs/examples/limited-by-hash.mjs');

function policyFile(source: string): string {
  return writeInto(temporaryDirectory(), 'mine.mjs', source);
}

test('the example is one of the policies that P goes through', async () => {
  const terminal = startFromShell([XEN_FOUR, '--at', '245', '--policy', EXAMPLE], { cols: 120, rows: 30 });
  await terminal.waitFor(/policy dlps .*4 domains/);
  terminal.keys('PP');
  // 8,987 contents are in more than one frame: all have a place, so the whole potential is saved.
  await terminal.waitFor(/policy limited .*4 domains/);
  await terminal.waitFor(/Saved .* 100% /);
  terminal.keys('q');
  await expectGivenBack(terminal, 0);
});

test('one that throws is told and switched off; the figures of the others are there', async () => {
  const file = policyFile(
    `export default { name: 'mine', create: () => ({
       onRead() { throw new Error('made for a test') }, figures: () => ({ savedFrames: 0, sharedFrames: 0 })
     }) }`,
  );
  const terminal = startFromShell([XEN_FOUR, '--at', '245', '--policy', file], { cols: 120, rows: 30 });
  await terminal.waitFor(/policy mine failed and was switched off: made for a test/);
  await terminal.waitFor(/policy dlps .*4 domains/);
  terminal.keys('q');
  await expectGivenBack(terminal, 0);
});

test('one that cannot be made ends the view in one line', async () => {
  const file = policyFile(`export default { name: 'mine', create() { throw new Error('made for a test') } }`);
  const terminal = startFromShell([XEN_FOUR, '--policy', file], { cols: 120, rows: 30 });
  await terminal.waitFor(/^code \d+$/m);
  expect(terminal.text()).toContain('--policy mine: it cannot be made: made for a test');
  await expectGivenBack(terminal, 1);
});
