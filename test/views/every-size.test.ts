/** Every screen at every size: nothing is refused or overflows, parts come in the stated order (docs/SCREENS.md). */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/figures/snapshot.js';
import { FIGURES } from '../../src/figures/figure-table.js';
import { realSavings } from '../../src/figures/real-figures.js';
import { HELP_KEYS } from '../../src/ui/keymap.js';
import { domainScreen } from '../../src/views/domain-screen.js';
import { helpScreen } from '../../src/views/help-screen.js';
import type { Frame } from '../../src/views/line.js';
import { plainText } from '../../src/views/line.js';
import { mainLayout, mainScreen } from '../../src/views/main-screen.js';
import type { MainState } from '../../src/views/screen-state.js';
import { DOMAIN_STEPS, MAIN_STEPS } from '../../src/views/size-steps.js';
import { waitingScreen } from '../../src/views/waiting-screen.js';
import { expectFits } from './screen-file.js';
import { sizesMarkdown } from './size-document.js';
import { domainState, fiveGuests, mainState, manyGuests, type Model, snapshotOf } from './snapshot-fixture.js';

const NAMES = [
  '日本語の名前がとても長いサーバー',
  'e' + '\u0301'.repeat(40),
  'مرحبا بالعالم',
  '\u202egnp.exe\u202c',
  '👨‍👩‍👧‍👦 family',
  'x'.repeat(5_000),
  '\u001b[2J\u001b[3J',
  'ﷺ𒐫',
];
const HUGE = 2 ** 53;

/** Names and numbers that a trace may hold and nobody expects. */
function hostile(model: Model): Model {
  model.domains.forEach((domain, index) => {
    domain.name = NAMES[index % NAMES.length]!;
    domain.kind = NAMES[(index + 3) % NAMES.length]!;
    domain.domid = 65_535 - index;
    domain.uniqueFrames = HUGE;
    domain.reservedFrames = HUGE;
    domain.readsSeen = HUGE;
    domain.avoidedPerSecond = HUGE;
  });
  return model;
}

const TOLD = { ksm: { ksm_merging_pages: 12_345, ksm_process_profit: -4096, ksm_rmap_items: 9 }, xen: { shared: 3 } };

const SNAPSHOTS: readonly Snapshot[] = [
  ...[0, 1, 16, 128, 1000].map((count) => snapshotOf(manyGuests(count), count === 0 ? undefined : 0)),
  snapshotOf(fiveGuests(), 2),
  ...[1, 16, 128].map((count) => snapshotOf(hostile(manyGuests(count)), 0)),
  told(snapshotOf(manyGuests(16), 0), HUGE),
];

/** The same with what kernel and hypervisor told. */
function told(snapshot: Snapshot, amount: number): Snapshot {
  const host = { ksm: { run: 1, pages_sharing: amount, general_profit: -amount }, xen: { sharing_freed_memory: 0 } };
  const detail = snapshot.detail === null ? null : { ...snapshot.detail, told: TOLD };
  return { ...snapshot, detail, real: { host, savings: realSavings(host), domains: [] } };
}

const stepSizes = (value: (step: { rows: number; columns?: number }) => number): number[] =>
  [...Object.values(MAIN_STEPS), ...Object.values(DOMAIN_STEPS)].flatMap((step) => [value(step) - 1, value(step)]);
const sorted = (values: readonly number[]): number[] =>
  [...new Set(values)].filter((value) => value > 0).sort((a, b) => a - b);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
/** All small sizes, both sides of every step, and some beyond. */
const ROWS = sorted([...upTo(30), ...stepSizes(({ rows }) => rows), 45, 60, 100]);
const COLUMNS = sorted([
  ...[...upTo(44), ...stepSizes(({ columns }) => columns ?? 1)],
  ...[59, 80, 100, 120, 160, 220, 300],
]);

describe('every screen at every size', () => {
  test('main and domain: exactly their rows, never wider, nothing that a terminal obeys', () => {
    let turn = 0;
    for (const columns of COLUMNS) {
      for (const rows of ROWS) {
        // Every second size: the other tests of this file draw the rest.
        if (turn++ % 2 === columns % 2) continue;
        const frame = { columns, rows, unicode: turn % 4 < 2 };
        const snapshot = SNAPSHOTS[turn % SNAPSHOTS.length];
        const form = (['auto', 'table', 'grid'] as const)[Math.floor(turn / 2) % 3];
        const units = (['iec', 'si', 'pages'] as const)[Math.floor(turn / 6) % 3];
        const focus = turn % 5 === 0 ? 'hot' : 'domains';
        expectFits(mainScreen(snapshot, mainState({ form, units, focus }), frame), frame);
        expectFits(domainScreen(snapshot, domainState({ units }), frame), frame);
      }
    }
  });

  test('help and waiting', () => {
    const waiting = { sourceFound: true, streams: 3, records: HUGE, waitedSeconds: 1e9, notice: NAMES[0] };
    for (const columns of COLUMNS) {
      for (const rows of ROWS) {
        const frame = { columns, rows, unicode: rows % 2 === 0 };
        const hints = [{ key: 'q', label: 'Quit' }];
        expectFits(waitingScreen({ ...waiting, source: NAMES[columns % NAMES.length], hints }, frame), frame);
        if (rows % 4 === 1) expectFits(helpScreen(HELP_KEYS, FIGURES, rows * 7, frame), frame);
      }
    }
  });
});

type Seen = Record<string, RegExp>;
const ON_MAIN: Seen = {
  saved: /\bsaved?\b/i,
  could: /\bcould\b/i,
  clock: /LIVE/,
  domain: /guest-1 |web1 /,
  head: / SAVED +COULD|share .*%/,
  keys: /^q Quit/m,
  rule: /Domains/,
  total: /^ +total |total mem/m,
  health: /^policy dlps/m,
  gauges: /^Frames /m,
  hot: /Hot pages/,
  history: /^saved +[▁▂▃▄▅▆▇█ ]+ |Avoided reads /m,
};
const ON_DOMAIN: Seen = {
  saved: /^Saved /m,
  could: /^Could /m,
  clock: /LIVE/,
  partners: /Partners/,
  keys: /^q Quit/m,
  identity: /^qemu +run/m,
  reads: /^I\/O /m,
  health: /^policy dlps/m,
  gauges: /^Private /m,
  contents: /^Holds /m,
  chart: /Saved, its fair/,
  compare: /THIS DOMAIN/,
};

const seenOn = (seen: Seen, lines: readonly string[]): Set<string> =>
  new Set(Object.keys(seen).filter((name) => seen[name].test(lines.join('\n'))));

/** What is on the screen at a size is on it at the next larger ones. */
function expectGrowth(seen: Seen, draw: (frame: Frame) => readonly string[], except: readonly string[] = []): void {
  let narrower = new Map<number, Set<string>>();
  for (const columns of COLUMNS.filter((count) => count >= 40)) {
    let shorter = new Set<string>();
    const now = new Map<number, Set<string>>();
    for (const rows of ROWS) {
      const here = seenOn(seen, draw({ columns, rows, unicode: true }));
      for (const name of [...shorter, ...(narrower.get(rows) ?? [])]) {
        if (!except.includes(name) && !here.has(name)) expect.fail(`${name} has gone at ${columns}x${rows}`);
      }
      shorter = here;
      now.set(rows, here);
    }
    if (columns >= 60) expect([...shorter].sort(), `all at ${columns} columns`).toEqual(Object.keys(seen).sort());
    narrower = now;
  }
}

describe('the order of parts, as printed', () => {
  const draw =
    (snapshot: Snapshot, state: Partial<MainState>) =>
    (frame: Frame): string[] =>
      mainScreen(snapshot, mainState(state), frame).map(plainText);

  test.each([
    ['5 domains as a table', fiveGuests(), 'table', []],
    ['16 domains as a table', manyGuests(16), 'table', []],
    ['128 domains as a table', manyGuests(128), 'table', []],
    ['5 domains of its own choice', fiveGuests(), 'auto', []],
    ['128 domains of its own choice', manyGuests(128), 'auto', []],
    ['5 domains as a grid', fiveGuests(), 'grid', ['total', 'hot']],
  ] as const)('%s: nothing goes when the window grows', (_name, model, form, except) => {
    expectGrowth(ON_MAIN, draw(snapshotOf(model), { form }), except);
  });

  test('the drill-down: nothing goes when the window grows', () => {
    const snapshot = snapshotOf(fiveGuests(), 0);
    expectGrowth(ON_DOMAIN, (frame) => domainScreen(snapshot, domainState(), frame).map(plainText), []);
  });

  test('what kernel and hypervisor told comes in at its steps, and nothing goes', () => {
    const main = told(snapshotOf(fiveGuests()), 25_600);
    expectGrowth({ ...ON_MAIN, real: /^Real +KSM 100 MiB saved/m }, draw(main, { form: 'table' }), []);
    const detail = told(snapshotOf(fiveGuests(), 0), 25_600);
    const drawDomain = (frame: Frame): string[] => domainScreen(detail, domainState(), frame).map(plainText);
    expectGrowth({ ...ON_DOMAIN, real: /^Real +KSM merging 12,345 frames/m }, drawDomain, []);
    const line = (lines: readonly string[]): string => lines.find((text) => text.startsWith('Real')) ?? '';
    expect(line(draw(main, {})({ columns: 80, rows: 24, unicode: true }))).toBe('');
    const wide = { columns: 160, rows: 25, unicode: true };
    expect(line(draw(main, {})(wide))).toMatch(
      /^Real {3}KSM 100 MiB saved +\d+% of possible +25,600 frames in 0 copies {2}profit -25 KiB {2}Xen shares nothing/,
    );
    expect(line(drawDomain(wide))).toContain('profit -4 KiB  9 frames tracked  Xen shares 3 MiB');
  });

  test('saved and could are the last to go, then a domain', () => {
    const snapshot = snapshotOf(fiveGuests());
    const at = (rows: number): string[] => draw(snapshot, {})({ columns: 40, rows, unicode: true });
    expect(at(1)).toEqual([expect.stringMatching(/^saved 174 MiB .*could 19\.1 MiB/)]);
    expect(at(2)[0]).toContain('LIVE');
    expect(at(3)[2]).toMatch(/^▶ +1 web1 .*54\.2M 4\.90M$/);
    expect(at(5)[4]).toMatch(/^q Quit/);
  });

  test('rows of domains never get fewer in a larger window but at the stated steps, and never fewer than eight', () => {
    const snapshot = snapshotOf(manyGuests(128));
    const shown = (frame: Frame): number =>
      draw(snapshot, { form: 'table' })(frame).filter((line) => / guest-\d/.test(line)).length;
    for (const columns of [40, 80, 117, 118, 160, 180, 300]) {
      let before = 0;
      const fewer: number[] = [];
      for (const rows of upTo(100)) {
        const now = shown({ columns, rows, unicode: true });
        if (now < before) {
          fewer.push(rows);
          expect(now, `${columns}x${rows}`).toBeGreaterThanOrEqual(8);
        }
        before = now;
      }
      // Gauges, hot pages, charts; on wide windows the gauges take less, and the charts stand at the right.
      expect(fewer.length, `${columns}: ${fewer.join()}`).toBeLessThanOrEqual(columns < 118 ? 3 : 2);
    }
  });

  test('columns of the table stay when it gets wider', () => {
    const snapshot = snapshotOf(manyGuests(128));
    let before: string[] = [];
    for (let columns = 1; columns < 300; columns++) {
      const lines = draw(snapshot, { form: 'table' })({ columns, rows: 20, unicode: true });
      const labels =
        lines
          .find((line) => / NAME/.test(line))
          ?.trim()
          .split(/ +/) ?? [];
      expect(labels, `${columns}`).toEqual(expect.arrayContaining(before.filter((label) => !label.endsWith('…'))));
      before = labels;
    }
    expect(before).toEqual(expect.arrayContaining(['ID', 'NAME', 'SAVED', 'COULD', 'GROUP', 'KIND']));
  });

  test('the line between body and side is straight', () => {
    for (const rows of [28, 45, 100]) {
      for (const columns of [118, 160, 300]) {
        const lines = draw(snapshotOf(fiveGuests()), { form: 'table' })({ columns, rows, unicode: true });
        const first = lines.findIndex((line) => line.includes('Domains'));
        const at = lines[first].lastIndexOf(' │ ');
        expect(at).toBeGreaterThan(70);
        for (const line of lines.slice(first, -2)) expect(line.slice(at, at + 3)).toBe(' │ ');
      }
    }
  });
});

test('items of a line keep their places when their figures change', () => {
  const NAMES_OF_ITEMS = /(?<= )(net|idle|evicted|unknown|demand|bound|changed|could|ratio|region|avoided|max) /g;
  const places = (frame: Frame, saved: number, rate: number): string[] => {
    const snapshot = snapshotOf(fiveGuests());
    snapshot.policy.savedFrames = saved;
    snapshot.policy.netSavedFrames = saved - 1;
    snapshot.host.unknownFrames = saved;
    snapshot.policy.dlps!.residentSlots = snapshot.policy.dlps!.idleSlots = saved;
    snapshot.policy.dlps!.readsAvoided = saved;
    snapshot.readsAvoidedPerSecond = snapshot.contentChangedPerSecond = rate;
    for (const point of snapshot.history) point.savedFrames = saved;
    const lines = mainScreen(snapshot, mainState({ form: 'grid' }), frame).map(plainText);
    return lines.map((line) =>
      [...line.matchAll(NAMES_OF_ITEMS)].map(({ 0: name, index }) => `${name}${index}`).join(),
    );
  };
  for (const [columns, rows] of [
    [40, 10],
    [80, 18],
    [80, 24],
    [160, 45],
  ] as const) {
    const frame = { columns, rows, unicode: true };
    const expected = places(frame, 1, 0);
    expect(expected.filter((line) => line !== '').length).toBeGreaterThan(1);
    for (const [saved, rate] of [
      [9_999, 0.04],
      [44_000, 9.94],
      [25_600, 9.96],
      [1_000, 24_600],
      [49_000, 312],
    ] as const) {
      expect(places(frame, saved, rate), `${columns}x${rows} ${saved} ${rate}`).toEqual(expected);
    }
  }
});

test('Tab finds the hot pages where there is no room for both panes', () => {
  const snapshot = snapshotOf(manyGuests(128));
  for (const [columns, rows] of [
    [40, 10],
    [80, 24],
    [60, 15],
  ] as const) {
    const frame = { columns, rows, unicode: true };
    expect(mainLayout(snapshot, mainState(), frame).hotShown).toBe(0);
    const hot = mainLayout(snapshot, mainState({ focus: 'hot' }), frame);
    expect(hot).toMatchObject({ domainsShown: 0 });
    expect(hot.hotShown).toBeGreaterThan(2);
    const text = mainScreen(snapshot, mainState({ focus: 'hot' }), frame)
      .map(plainText)
      .join('\n');
    expect(text).toContain('[Hot pages]');
    expect(text.match(/[0-9a-f]{4}…[0-9a-f]{4}|[0-9a-f]{16}/g)).toHaveLength(hot.hotShown);
  }
});

test('docs/SCREENS.md says what the code does', () => {
  const file = new URL('../../docs/SCREENS.md', import.meta.url);
  const text = sizesMarkdown();
  if (process.env['UPDATE_SCREENS'] === '1') writeFileSync(file, text);
  expect(readFileSync(file, 'utf8')).toBe(text);
});
