import { describe, expect, test } from 'vitest';
import { textCells } from '../../src/base/cell-width.js';
import type { Frame } from '../../src/views/line.js';
import { plainText } from '../../src/views/line.js';
import { compareRows } from '../../src/views/domain-facts.js';
import { domainLayout, domainScreen } from '../../src/views/domain-screen.js';
import type { DomainState } from '../../src/views/screen-state.js';
import { expectFits, screenText, sweepFrames } from './screen-file.js';
import { domainState, fiveGuests, manyGuests, snapshotOf } from './snapshot-fixture.js';

const SMALL = { columns: 80, rows: 24, unicode: true };
const LARGE = { columns: 160, rows: 45, unicode: true };
const web1 = (): ReturnType<typeof snapshotOf> => snapshotOf(fiveGuests(), 0);
const draw = (snapshot = web1(), state: Partial<DomainState> = {}, frame: Frame = SMALL): string =>
  screenText(domainScreen(snapshot, domainState(state), frame));

describe('the drill-down', () => {
  test('private, shared and zero are all of the memory', () => {
    const percents = draw()
      .split('\n')
      .filter((line) => /^(Private|Shared|Zero) /.test(line))
      .map((line) => Number(/(\d+)%/.exec(line)![1]));
    expect(percents).toEqual([22, 40, 38]);
  });

  test('what two domains have in common is in distinct contents', () => {
    // web1 and web2: 9,412 + 5,120 + 6,204 + 1,377 + 2,511 contents of 4 KiB; web1 has 33,744 in all.
    expect(draw()).toMatch(/web2 +96\.2 MiB +73%/);
  });

  test('partners of more than 128 domains are estimates and marked so', () => {
    const snapshot = web1();
    expect(draw(snapshot)).not.toContain('~');
    snapshot.liveDomains = 129;
    expect(draw(snapshot)).toMatch(/web2 +~96\.2 MiB +~73%/);
  });

  test('the table beside the host: parts of the whole', () => {
    const rows = compareRows(web1(), 'iec');
    expect(rows.map((row) => row.figure)).toEqual(['MEM', 'SHARED', 'SAVED', 'COULD', 'reads avoided', 'left sharing']);
    expect(rows[4]).toEqual({ figure: 'reads avoided', domain: '8,911', host: '37,482', part: '24%' });
    const oracle = web1();
    oracle.policy = {
      ...{ name: 'oracle', savedFrames: 1, zeroSavedFrames: 0, netSavedFrames: 1, sharedFrames: 1, metadataBytes: 0 },
    };
    expect(compareRows(oracle, 'iec')[4]).toMatchObject({ host: '-', part: '-' });
    expect(compareRows(snapshotOf(fiveGuests()), 'iec')).toEqual([]);
  });

  test('why pages left is told for all domains together, which is all that is known', () => {
    expect(draw(web1(), {}, LARGE)).toContain('all domains: overwritten 1,200 unknown 190  zeroed 81  freed 29');
  });

  test('a domain that is gone is said to be gone, with the keys still there', () => {
    const text = draw(snapshotOf(fiveGuests()));
    expect(text).toContain('This domain is gone.');
    expect(text.trimEnd().split('\n').at(-1)).toMatch(/^q Quit/);
  });

  test('small windows name the domain rather than the trace', () => {
    expect(draw(web1(), {}, { columns: 40, rows: 10, unicode: true }).split('\n')[0]).toContain('web1');
  });

  test('the chart that is handed in stands in its rectangle, and only there', () => {
    for (const frame of [SMALL, LARGE]) {
      const { chart } = domainLayout(web1(), domainState(), frame);
      const chartLines = Array.from({ length: chart.rows }, () => [{ text: 'X'.repeat(chart.columns) }]);
      const lines = domainScreen(web1(), domainState(), frame, { chartLines }).map(plainText);
      lines.forEach((line, row) => {
        const inside = row >= chart.top && row < chart.top + chart.rows;
        expect(line.includes('X'), `row ${row}`).toBe(inside);
        if (inside) expect(line.slice(chart.left)).toBe('X'.repeat(chart.columns));
      });
    }
  });

  test('the rectangle of the table is left empty where a component goes', () => {
    const { table } = domainLayout(web1(), domainState(), LARGE);
    expect(table).toMatchObject({ left: 0, columns: 160 });
    expect(table.rows).toBe(2 * compareRows(web1(), 'iec').length + 3);
    const lines = domainScreen(web1(), domainState(), LARGE, { tableReserved: true });
    for (const line of lines.slice(table.top, table.top + table.rows)) expect(plainText(line)).toBe('');
    expect(plainText(lines[table.top + table.rows])).toContain('Partners');
  });
});

describe('every size and every input', () => {
  test('the sweep from 1×1 to 300×100 never overflows, and rectangles are inside', () => {
    const snapshots = [web1(), snapshotOf(manyGuests(40), 7), snapshotOf(manyGuests(1), 0), snapshotOf(manyGuests(0))];
    let turn = 0;
    for (const frame of sweepFrames()) {
      const units = (['iec', 'si', 'pages'] as const)[Math.floor(turn / 4) % 3];
      const snapshot = snapshots[turn++ % snapshots.length];
      const state = domainState({ units });
      expectFits(domainScreen(snapshot, state, frame), frame);
      const { chart, table } = domainLayout(snapshot, state, frame);
      for (const { top, left, columns, rows } of [chart, table]) {
        if (rows === 0) continue;
        expect(top + rows).toBeLessThanOrEqual(frame.rows - 1);
        expect(left + columns).toBeLessThanOrEqual(frame.columns);
      }
    }
  });

  test('what the layout promises is on the screen', () => {
    const snapshot = snapshotOf(manyGuests(40), 0);
    for (const frame of sweepFrames()) {
      if (frame.columns < 40 || frame.rows < 10 || !frame.unicode) continue;
      const { partnersShown } = domainLayout(snapshot, domainState(), frame);
      const rows = screenText(domainScreen(snapshot, domainState(), frame)).match(/^. +\d+ guest-\d+/gm)?.length ?? 0;
      expect(rows, `${frame.columns}x${frame.rows}`).toBe(Math.min(39, partnersShown));
    }
  });

  test('hostile names', () => {
    const model = fiveGuests();
    model.domains[0].name = '\u001b[2J' + '\u202e'.repeat(1_000_000);
    model.domains[1].name = '日本語の名前がとても長いサーバー';
    const snapshot = snapshotOf(model, 0);
    for (const frame of [SMALL, LARGE, { ...SMALL, unicode: false }, { columns: 40, rows: 10, unicode: true }]) {
      expectFits(domainScreen(snapshot, domainState(), frame), frame);
    }
    expect(textCells(draw(snapshot).split('\n')[0])).toBeLessThanOrEqual(80);
  });
});
