/** A person's way through the built tool, on a trace that grows while they look at it. */
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { REPOSITORY, sharetop } from '../cli/run-tool.js';
import { temporaryDirectory } from '../temporary-directory.js';
import { PacedReplay } from './growing-trace.js';
import { expectGivenBack, startFromShell } from './shell.js';
import { stopAllTerminals, type TestTerminal } from './terminal.js';

afterEach(stopAllTerminals);

const RECORDING = join(REPOSITORY, 'fixtures/traces/kvm-five');
const RECORDS = 143_808;

/** The number before or after a word on the screen; -1 if it is not there. */
function shown(terminal: TestTerminal, pattern: RegExp): number {
  const found = pattern.exec(terminal.text())?.[1];
  return found === undefined ? -1 : Number(found.replaceAll(',', ''));
}

const records = (terminal: TestTerminal): number => shown(terminal, /([\d,]+) records/);
const newer = (terminal: TestTerminal): number => shown(terminal, /([\d,]+) newer record/);

/** The screen without what differs from frame to frame: our own cost, and the time line of the header. */
function figures(terminal: TestTerminal): string {
  return terminal.screen().slice(2).join('\n');
}

/** Presses a key until the screen shows what it leads to: keys that come before the screen is drawn are not lost. */
async function press(terminal: TestTerminal, key: string, result: RegExp): Promise<void> {
  terminal.keys(key);
  await terminal.waitFor(result);
}

/** Everything that was written is on the screen, and nothing more comes while the replay is held. */
async function settled(terminal: TestTerminal): Promise<void> {
  await terminal.waitFor(/lag 0\.0s/);
  let before = '';
  await terminal.waitFor(() => {
    const now = figures(terminal);
    const isSame = now === before;
    before = now;
    return isSame;
  });
}

/** The screen is whole at this size: drawn anew from nothing it looks the same. */
async function expectWhole(terminal: TestTerminal, columns: number, rows: number): Promise<void> {
  const isDrawn = (): boolean => {
    const lines = terminal.screen();
    return lines[0].length === columns && /q Quit/.test(lines[rows - 1]) && lines[rows - 2] === '';
  };
  await terminal.waitFor(isDrawn);
  await settled(terminal);
  const before = figures(terminal);
  const bytes = terminal.bytesReceived;
  terminal.keys('\x0c');
  // All cells are sent again: more than any other frame.
  await terminal.waitFor(() => terminal.bytesReceived - bytes > columns * rows * 0.3 && isDrawn());
  await terminal.waitFor(() => figures(terminal) === before);
  expect(terminal.screen()).toHaveLength(rows);
}

test('from nothing to the last figure', { timeout: 180_000 }, async () => {
  const trace = join(temporaryDirectory(), 'later/trace');
  const terminal = startFromShell([trace], { cols: 160, rows: 45 });

  // It waits for a directory that is not there yet, and begins by itself.
  await terminal.waitFor(/There is no .*later\/trace yet/);
  await press(terminal, '?', /sharetop help/);
  await press(terminal, '\x1b', /There is no/);
  const replay = new PacedReplay(RECORDING, trace, 30);
  await terminal.waitFor(/LIVE t \d/);

  // Figures move.
  await terminal.waitFor(() => records(terminal) > 2000);
  const first = records(terminal);
  await terminal.waitFor(() => records(terminal) > first);
  await terminal.waitFor(/5 domains/);
  replay.hold();
  await settled(terminal);

  // The panes, and the table; web1 is found and looked into.
  await terminal.waitFor(/╭.*web1.*╮/);
  await press(terminal, 't', / ID NAME +STATE/);
  terminal.keys('g');
  await terminal.waitFor(/ID NAME +STATE .*\n▶/);
  for (let i = 0; i < 5 && !/^▶ +1 web1 /m.test(terminal.text()); i++) {
    const before = terminal.text();
    terminal.keys('\x1b[B');
    await terminal.waitFor(() => terminal.text() !== before);
  }
  await terminal.waitFor(/^▶ +1 web1 /m);
  await press(terminal, '\r', /› web1 \(id 1\)/);
  await terminal.waitFor(/build1 /);
  expect(terminal.text()).toMatch(/Private|Shared/);
  await press(terminal, 's', /\[Partners\].*sort NAME/);
  await press(terminal, '\x1b', /\[Domains\]/);
  expect(terminal.text()).toMatch(/^▶ +1 web1 /m);

  // Panes, orders, forms, zeros, policies, help.
  await press(terminal, '\t', /\[Hot pages\]/);
  await press(terminal, 's', /\[Hot pages\].*sort REFS ▼/);
  await press(terminal, 'S', /\[Hot pages\].*sort REFS ▲/);
  await press(terminal, '\t', /\[Domains\]/);
  await press(terminal, 's', /\[Domains\].*sort MEM ▼/);
  await press(terminal, 'S', /\[Domains\].*sort MEM ▲/);
  await press(terminal, 't', /╭.*web1.*╮/);
  await press(terminal, '0', /zeros in/);
  await press(terminal, '0', /zeros out/);
  await press(terminal, 'P', /policy oracle {2}/);
  await press(terminal, 'P', /policy dlps {2}/);
  await press(terminal, 'u', /GB/);
  await press(terminal, 'u', /of 327,680 pages reserved/);
  await press(terminal, 'u', /GiB/);
  await press(terminal, '?', /sharetop help.*lines 1-/);
  await press(terminal, 'G', /lines \d+-(\d+) of \1/);
  await press(terminal, '?', /\[Domains\]/);

  // Frozen: the trace is read on, the figures stay.
  await settled(terminal);
  await press(terminal, ' ', /PAUSED t .* newer record/);
  const frozen = figures(terminal);
  const frozenRecords = records(terminal);
  replay.go(10);
  await terminal.waitFor(() => newer(terminal) > 100);
  const newerThen = newer(terminal);
  await terminal.waitFor(() => newer(terminal) > newerThen);
  expect(figures(terminal)).toBe(frozen);
  expect(records(terminal)).toBe(frozenRecords);
  await press(terminal, ' ', /LIVE/);
  await terminal.waitFor(() => records(terminal) > frozenRecords + newerThen);
  expect(figures(terminal)).not.toBe(frozen);

  // Every size is whole, first on a screen that changes.
  terminal.resize(80, 24);
  await terminal.waitFor((now) => now.screen()[0].length === 80);
  replay.hold();
  await expectWhole(terminal, 80, 24);
  terminal.resize(120, 30);
  await expectWhole(terminal, 120, 30);
  terminal.resize(40, 10);
  await terminal.waitFor((now) => now.screen()[0].length <= 40 && /q Quit/.test(now.screen()[9]));
  terminal.resize(160, 45);
  await expectWhole(terminal, 160, 45);
  expect(terminal.rawOutput).not.toMatch(/\x1b\[[23]J/);

  // At the end the screen says what a report says.
  replay.go(1000);
  expect(await replay.done).toMatchObject({ complete: true, damagedBlocks: 0 });
  await terminal.waitFor(() => records(terminal) === RECORDS);
  await press(terminal, 'u', /GB/);
  await press(terminal, 'u', /of 327,680 pages reserved/);
  await expectReport(terminal, trace);

  terminal.keys('q');
  await expectGivenBack(terminal, 0);
});

/** The figures of the screen, in pages, are those of `report --json`. */
async function expectReport(terminal: TestTerminal, trace: string): Promise<void> {
  const { stdout } = await sharetop(['report', '--json', trace]);
  const {
    totals,
    policies,
    records: reported,
  } = JSON.parse(stdout) as {
    records: number;
    totals: Record<string, number>;
    policies: { dlps: Record<string, number> };
  };
  const { dlps } = policies;
  await settled(terminal);
  const text = terminal.text();
  const number = (value: number): string => value.toLocaleString('en-US');
  expect(reported).toBe(RECORDS);
  expect(shown(terminal, /([\d,]+) pages of [\d,]+ pages reserved/)).toBe(totals['frames']);
  expect(shown(terminal, /Saved [^\n]*?([\d,]+) pages of [\d,]+ pages possible/)).toBe(dlps['savedFrames']);
  expect(shown(terminal, /Saved [^\n]*?of ([\d,]+) pages possible/)).toBe(totals['potentialSavedFrames']);
  expect(shown(terminal, /Could [^\n]*?([\d,]+) pages identical but private/)).toBe(
    totals['potentialSavedFrames'] - dlps['savedFrames'],
  );
  expect(shown(terminal, /([\d,]+) of [\d,]+ reads/)).toBe(dlps['readsAvoided']);
  expect(shown(terminal, /of ([\d,]+) reads/)).toBe(dlps['readsSeen']);
  expect(text).toContain(`evicted ${number(dlps['evictions'])}`);
  expect(text).toContain(`cross ${number(dlps['readsAvoidedCross'])}`);
}
