import { describe, expect, test } from 'vitest';
import { hotScreen, hotShown } from '../../src/views/hot-screen.js';
import type { Snapshot } from '../../src/figures/snapshot.js';
import type { Frame } from '../../src/views/line.js';
import { pageLayout, pageScreen, reachText } from '../../src/views/page-screen.js';
import { pairsLayout, pairsScreen } from '../../src/views/pairs-screen.js';
import { PAGE_TABS, type PageState } from '../../src/views/screen-state.js';
import { BODY_STEPS, PAGE_STEPS, PAIRS_STEPS } from '../../src/views/size-steps.js';
import { withMenu } from '../../src/views/views-menu.js';
import { EVENTS, pageSnapshot, pageState, pairsSnapshot, pairsState } from './page-fixture.js';
import { expectFits, expectScreen, screenText, sweepFrames } from './screen-file.js';
import { bothHave, domainState, fiveGuests, snapshotOf, stopOf } from './snapshot-fixture.js';

const SIZES = [
  { columns: 40, rows: 10 },
  { columns: 80, rows: 24 },
  { columns: 120, rows: 30 },
  { columns: 160, rows: 45 },
];
const FRAMES: Frame[] = SIZES.flatMap((size) => [true, false].map((unicode) => ({ ...size, unicode })));
const SMALL = { columns: 80, rows: 24, unicode: true };

function hotState() {
  const { units, withZeros, policy, paused, message, hints } = domainState();
  const hotSort = { id: 'heat', descending: true };
  return { units, withZeros, policy, paused, message, hints, hotSelected: 1, hotOffset: 0, hotSort };
}

describe('golden screens', () => {
  for (const frame of FRAMES) {
    const size = `${frame.columns}x${frame.rows} ${frame.unicode ? 'Unicode' : 'ASCII'}`;
    test.each(PAGE_TABS)(`page %s ${size}`, (tab) => {
      const snapshot = pageSnapshot(pageLayout(frame).reach);
      expectScreen(`page-${tab}`, pageScreen(snapshot, pageState({ tab }), frame), frame);
    });
    test(`pairs ${size}`, () => expectScreen('pairs', pairsScreen(pairsSnapshot(), pairsState(), frame), frame));
    test(`hot pages ${size}`, () => expectScreen('hot', hotScreen(snapshotOf(fiveGuests()), hotState(), frame), frame));
  }
});

describe('the page', () => {
  const draw = (more: Parameters<typeof pageSnapshot>[1], changes: Parameters<typeof pageState>[0] = {}): string =>
    screenText(pageScreen(pageSnapshot(2, more), pageState(changes), SMALL));

  test('what it saves: frames that refer to a shared copy less the copies', () => {
    // 12 of 14 holders refer to one copy: 11 frames of 4 KiB; two more could be saved.
    expect(draw({})).toMatch(/dlps 44\.0 KiB|dlps 44 KiB/);
    expect(draw({})).toMatch(/could 8 KiB/);
  });

  test('what is not there yet is being computed; what was opened is shown meanwhile', () => {
    const text = draw({ mappings: null, history: null, neighbours: null });
    expect(text).toContain('computing ..');
    expect(text).toContain('14 frames');
    for (const tab of PAGE_TABS) {
      expect(draw({ mappings: null, history: null, neighbours: null }, { tab })).toContain('computing ..');
    }
    const before = { ...pageSnapshot(2) };
    delete before.page;
    expect(screenText(pageScreen(before, pageState(), SMALL))).toContain('computing ..');
  });

  test('an answer about another page is not shown as this one', () => {
    const text = draw({ hashLow: 1 });
    expect(text).not.toContain('0x01f2c0');
    expect(text).toContain('computing ..');
  });

  test('nobody holds it any more', () => {
    const gone = { page: null, mappings: { offset: 0, total: 0, rows: [] }, copies: null };
    expect(draw(gone)).toContain('no frame holds it any more');
  });

  test('events that are not kept are a row that says how many; how far back it goes is said', () => {
    const rows = [EVENTS[0], { omitted: 12_345 }, EVENTS[1]];
    const history = {
      rows: { offset: 0, total: 3, rows },
      events: 12_347,
      reach: { kind: 'reading', done: 0.435 },
    } as const;
    const text = draw({ history: { ...history, rows: { ...history.rows, rows } } }, { tab: 'history' });
    expect(text).toMatch(/12\.3k more +not kept/);
    expect(text).toContain('reading the trace: 43%');
    expect(reachText({ kind: 'since', sinceMicros: 5e6, reason: 'why' })).toBe('since t 5.000 s: why');
  });

  test('a run is as long as all other holders are in step', () => {
    expect(screenText(pageScreen(pageSnapshot(8), pageState({ tab: 'neighbours' }), SMALL))).toMatch(/in step -3.+4/);
  });
});

describe('the pairs', () => {
  const model = fiveGuests();

  test('figures are those of the model, the diagonal is starred', () => {
    const text = screenText(pairsScreen(pairsSnapshot(), pairsState({ units: 'pages' }), SMALL));
    const web1 = /^web1 .*$/m.exec(text)![0];
    expect(web1).toMatch(/\*/);
    expect(bothHave(model, 0, 4)).toBe(1377);
    expect(web1).toContain('1377p');
    const { policyFrames, potentialFrames } = stopOf(model, 0);
    const [policy, all] = [policyFrames, potentialFrames].map((frames) => frames.toLocaleString('en-US'));
    expect(text).toContain(`If web1 stops: dlps saves ${policy} pages less, potential ${all} pages less`);
    // 9,412 + 2,511 contents, twice each.
    expect(text).toContain('Only these two have 11,923 pages');
  });

  test('what is counted, and what another pair was asked, is not shown as figures', () => {
    const counting = pairsSnapshot(undefined, { counts: new Array<number>(25).fill(-1), answer: null });
    const text = screenText(pairsScreen(counting, pairsState(), SMALL));
    expect(text).toContain('computing ..');
    expect(text).toMatch(/^web1 +\.\./m);
    expect(screenText(pairsScreen(pairsSnapshot(), pairsState({ row: 2 }), SMALL))).toContain('computing ..');
    const paused = { timeMicros: 0, newerRecords: 1, newerEpochs: 1 };
    expect(screenText(pairsScreen(counting, pairsState({ paused }), SMALL))).toContain('paused: Space');
  });

  test('a part of a large matrix', () => {
    const { rowsShown, columnsShown } = pairsLayout(SMALL);
    const state = pairsState({ row: 30, rowOffset: 25, column: 31, columnOffset: 28 });
    const text = screenText(pairsScreen(pairsSnapshot(40), state, SMALL));
    expect(text).toContain(`rows 26–${25 + rowsShown} of 40`);
    expect(text.match(/^guest-\d+ /gm)).toHaveLength(rowsShown);
    expect(text).toContain(`columns 29–${28 + columnsShown} of 40`);
  });
});

test('every size fits, and shows as many rows as it promises', () => {
  const page = pageSnapshot(20);
  const pairs = pairsSnapshot(40);
  const hot = snapshotOf(fiveGuests());
  let turn = 0;
  for (const frame of sweepFrames()) {
    const tab = PAGE_TABS[turn++ % 3];
    const lines = pageScreen(page, pageState({ tab }), frame);
    expectFits(lines, frame);
    expectFits(pairsScreen(pairs, pairsState({ row: turn % 40, column: turn % 37 }), frame), frame);
    expectFits(hotScreen(hot, hotState(), frame), frame);
    expectFits(withMenu(lines, [{ key: '1', title: 'A', help: 'a' }], 0, frame), frame);
    expect(hotShown(frame)).toBeLessThan(Math.max(1, frame.rows));
  }
});

test('hostile names', () => {
  const page = pageSnapshot(2);
  for (const row of page.page!.mappings!.rows) row.name = '\u001b[2J\u202e' + '日本'.repeat(9000);
  const pairs = pairsSnapshot();
  for (const head of pairs.pairs!.rows) head.name = '\u001b[31m' + 'x'.repeat(100_000);
  for (const frame of FRAMES) {
    expectFits(pageScreen(page, pageState(), frame), frame);
    expectFits(pairsScreen(pairs, pairsState(), frame), frame);
  }
});

/** The least rows at which a line is printed that matches. */
function rowsFrom(draw: (frame: Frame) => string, seen: RegExp, columns: number): number {
  const sizes = Array.from({ length: 40 }, (_, index) => index + 1);
  const shown = sizes.filter((rows) => seen.test(draw({ columns, rows, unicode: true })));
  // What is there stays when the window grows.
  expect(shown).toEqual(sizes.slice(shown[0] - 1));
  return shown[0];
}

describe('parts come in at the steps of docs/SCREENS.md, as printed', () => {
  const hints = [{ key: 'q', label: 'Quit' }];
  const noticed = (snapshot: Snapshot): Snapshot => ({ ...snapshot, health: { ...snapshot.health, notice: 'torn' } });
  const drawHot = (frame: Frame): string =>
    screenText(hotScreen(noticed(snapshotOf(fiveGuests())), { ...hotState(), hints }, frame));
  const drawPairs = (frame: Frame): string =>
    screenText(pairsScreen(noticed(pairsSnapshot()), pairsState({ hints }), frame));
  const drawPage = (tab: PageState['tab']) => {
    return (frame: Frame): string =>
      screenText(pageScreen(noticed(pageSnapshot(pageLayout(frame).reach)), pageState({ tab, hints }), frame));
  };
  const around = { title: /LIVE/, keys: /^q Quit/m, status: /^! torn/m, health: /^policy dlps/m };
  const body = (draw: (frame: Frame) => string, name: RegExp, head: RegExp, row: RegExp): void => {
    for (const [part, seen] of Object.entries({ ...around, body: name, head, row })) {
      expect(rowsFrom(draw, seen, 100), part).toBe(BODY_STEPS[part as keyof typeof BODY_STEPS].rows);
    }
  };

  test('hot pages', () => body(drawHot, /\[?Hot pages/, /CONTENT/, /[0-9a-f]{4}…[0-9a-f]{4}|[0-9a-f]{16}/));

  test('pairs', () => {
    body(drawPairs, /both have/, /^ +web1 +web2/m, /^web1 .*\d\*/m);
    const { pair, rowStops, columnStops, legend } = PAIRS_STEPS;
    expect(rowsFrom(drawPairs, /Only these two have/, 100)).toBe(pair.rows);
    expect(rowsFrom(drawPairs, /If web1 stops/, 100)).toBe(rowStops.rows);
    expect(rowsFrom(drawPairs, /If web2 stops/, 100)).toBe(columnStops.rows);
    expect(rowsFrom(drawPairs, /several copies inside/, 100)).toBe(legend.rows);
  });

  test('page', () => {
    const draw = drawPage('mappings');
    body(draw, /\[?Mappings/, /DOMAIN/, /^[▶ ] *1 web1/m);
    const facts = { content: /^Content/m, refs: /^REFS/m, saves: /^Saves/m, heat: /^HEAT/m, policy: /^dlps/m };
    for (const [part, seen] of Object.entries(facts)) {
      expect(rowsFrom(draw, seen, 100), part).toBe(PAGE_STEPS[part as keyof typeof facts].rows);
    }
    const besides = PAGE_STEPS.blocksBeside.columns;
    expect(rowsFrom(drawPage('neighbours'), /Blocks/, besides - 1)).toBe(PAGE_STEPS.blocksBelow.rows);
    expect(rowsFrom(drawPage('neighbours'), /Blocks/, besides)).toBe(PAGE_STEPS.blocksBeside.rows);
  });
});
