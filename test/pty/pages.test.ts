/** A person looks closer: the hottest page and its tabs, the pairs, the menu of views; on the built tool. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { REPOSITORY } from '../cli/run-tool.js';
import { expectGivenBack, startFromShell } from './shell.js';
import { stopAllTerminals, type TestTerminal } from './terminal.js';

afterEach(stopAllTerminals);

const RECORDING = join(REPOSITORY, 'fixtures/traces/kvm-five');
const TRUTH = join(REPOSITORY, 'fixtures/truth/kvm-five.json');

async function press(terminal: TestTerminal, key: string, result: RegExp): Promise<void> {
  terminal.keys(key);
  await terminal.waitFor(result);
}

test('the hottest page, its tabs, the pairs and the menu', { timeout: 120_000 }, async () => {
  const terminal = startFromShell([RECORDING], { cols: 120, rows: 30 });
  await terminal.waitFor(/143,808 records/);

  // The hottest page, from the list that has the screen to itself.
  await press(terminal, '2', /\[2 Hot pages\].*1–24 of/);
  await terminal.waitFor(/^▶ +1 [0-9a-f]{16} /m);
  const hash = /^▶ +1 ([0-9a-f]{16}) +\S+ +(\d+)/m.exec(terminal.text())!;
  await press(terminal, '\r', /\[1 Mappings\].*1–\d+ of \d+/);
  expect(terminal.text()).toContain(`Content ${hash[1]}`);
  expect(terminal.text()).toContain(`of ${hash[2]} ─`);
  await press(terminal, '\x1b[B', /^▶.*\n(?:.*\n)+.*q Quit/m);

  // Its history begins with the first record: the files were read once more. It ends with the holders of now.
  await press(terminal, '2', /\[2 History\].*from the first record on.*events/);
  await press(terminal, 'G', /^▶/m);
  await terminal.waitFor((now) => {
    const last = /^▶ +t [\d.]+ s (?:\w+ ?)+? {2,}\S+ +(\d+)/m.exec(now.text());
    return last !== null && last[1] === hash[2];
  });
  await press(terminal, '3', /\[3 Neighbours\]/);
  await terminal.waitFor(new RegExp(`^▶ +0 +0x[0-9a-f]+ ${hash[1]}`, 'm'));
  await terminal.waitFor(/Blocks ─/);

  // The next one and back; the list; the overview.
  await press(terminal, 'n', /\[3 Neighbours\]/);
  await terminal.waitFor((now) => !now.text().includes(`Content ${hash[1]}`));
  await press(terminal, 'N', new RegExp(`Content ${hash[1]}`));
  await press(terminal, '\x1b', /\[2 Hot pages\]/);
  await press(terminal, '\x1b', /\[Domains\]/);

  // The policies side by side; the arrows change the one that the other screens show.
  await press(terminal, '4', /\[4 Compare\].*2 policies/);
  await terminal.waitFor(/^▶dlps .*\n oracle /m);
  await press(terminal, '\x1b[B', /^ dlps .*\n▶oracle .* 100\.0% /m);
  await press(terminal, 'P', /^▶dlps /m);
  await press(terminal, '\x1b', /\[Domains\]/);

  // Who shares with whom: what the program that made the recording counted itself.
  await press(terminal, '3', /\[3 Pairs\]/);
  await press(terminal, 'u', /GB|MB/);
  await press(terminal, 'u', /web1 and web2/);
  await terminal.waitFor(/Only these two have [\d,]+ pages/);
  const rows = JSON.parse(readFileSync(TRUTH, 'utf8')) as { pair_common_contents: Record<string, number> }[];
  const pairs = rows[rows.length - 1].pair_common_contents;
  const names = ['web1', 'web2', 'build1', 'idle1', 'trix1'];
  const line = new RegExp(`^trix1 ${' +▶?(\\d+)p'.repeat(4)}`, 'm').exec(terminal.text())!;
  expect(line.slice(1).map(Number)).toEqual(names.slice(0, 4).map((name) => pairs[`${name}|trix1`]));
  await press(terminal, '\x1b[C', /web1 and build1/);
  await press(terminal, '\x1b[B', /web2 and build1/);
  await terminal.waitFor(/If web2 stops: dlps saves [\d,]+ pages less, potential [\d,]+ pages less/);
  await press(terminal, '\r', /› web2 \(id 2\)/);
  await terminal.waitFor(/if it stops: dlps saves [\d,]+ pages less/);
  await press(terminal, '\x1b', /\[3 Pairs\]/);

  // The menu of views; frozen figures stay.
  await press(terminal, 'v', /\[Views\]/);
  await press(terminal, '\x1b[A', /^▶2 +Hot pages/m);
  await press(terminal, '\r', /\[2 Hot pages\]/);
  await press(terminal, ' ', /PAUSED/);
  await press(terminal, '\r', /\[3 Neighbours\]|\[1 Mappings\]/);
  await press(terminal, '1', /\[1 Mappings\].*1–\d+ of \d+/);
  await press(terminal, '\x1b', /\[2 Hot pages\]/);
  await press(terminal, ' ', /LIVE/);
  terminal.keys('q');
  await expectGivenBack(terminal, 0);
});
