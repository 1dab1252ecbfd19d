import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/figures/snapshot.js';
import type { Frame } from '../../src/views/line.js';
import { plainText } from '../../src/views/line.js';
import { mainLayout, mainScreen } from '../../src/views/main-screen.js';
import type { MainState } from '../../src/views/screen-state.js';
import { expectFits, screenText, sweepFrames } from './screen-file.js';
import { fiveGuests, mainState, manyGuests, snapshotOf } from './snapshot-fixture.js';

const SMALL = { columns: 80, rows: 24, unicode: true };
const LARGE = { columns: 160, rows: 45, unicode: true };

const draw = (snapshot: Snapshot, state: Partial<MainState> = {}, frame: Frame = SMALL): string =>
  screenText(mainScreen(snapshot, mainState(state), frame));

/** `1081M` and the like in frames of 4 KiB. */
function framesOf(text: string): number {
  const unit = { K: 1 / 4, M: 256, G: 262_144 }[text.slice(-1)];
  return unit === undefined ? Number(text) : Number(text.slice(0, -1)) * unit;
}

describe('the table', () => {
  test('rows and total add up as written: MEM = PRIV + SHARED + ZERO, and the columns to their total', () => {
    const lines = draw(snapshotOf(fiveGuests()), { form: 'table', selectedKey: null }).split('\n');
    const head = lines.findIndex((line) => / ID +NAME/.test(line));
    const rows = lines.slice(head + 1, head + 7).map((line) => {
      const [mem, own, shared, zero] = line
        .replace(/ run | still /, ' ')
        .trim()
        .split(/ +/)
        .slice(line.includes('total') ? 1 : 2)
        .map(framesOf);
      return { mem: mem, own: own, shared: shared, zero: zero };
    });
    expect(rows).toHaveLength(6);
    // Written with three digits: every addend may be half a megabyte off.
    for (const row of rows) expect(Math.abs(row.mem - row.own - row.shared - row.zero)).toBeLessThan(2 * 256);
    const total = rows.pop()!;
    for (const column of ['mem', 'own', 'shared', 'zero'] as const) {
      const sum = rows.reduce((left, row) => left + row[column], 0);
      expect(Math.abs(sum - total[column])).toBeLessThan(3 * 256);
      expect(total[column]).toBeGreaterThan(0);
    }
  });

  test('the columns of all rows end at the same cells', () => {
    const lines = draw(snapshotOf(fiveGuests()), { form: 'table' }).split('\n');
    const head = lines.findIndex((line) => / ID +NAME/.test(line));
    for (const label of ['MEM', 'PRIV', 'SHARED', 'ZERO', 'SAVED', 'COULD', 'AVOID/s', 'CHG/s']) {
      const end = lines[head].indexOf(` ${label}`) + label.length;
      for (const line of lines.slice(head + 1, head + 7)) {
        expect(line[end], `${label}: ${line}`).toMatch(/[0-9MKG]/);
        expect(line[end + 1] ?? ' ', `${label}: ${line}`).toBe(' ');
      }
    }
  });

  test('the cursor stays with its domain when rows move', () => {
    const snapshot = snapshotOf(fiveGuests());
    const marked = (): string => draw(snapshot, { form: 'table', selectedKey: 'key-idle1' }).match(/▶.*/)![0];
    expect(marked()).toContain('idle1');
    snapshot.domains.rows.reverse();
    expect(marked()).toContain('idle1');
  });

  test('only the pane with the focus has a cursor and brackets', () => {
    const hot = draw(snapshotOf(fiveGuests()), { focus: 'hot', hotSelected: 1 });
    expect(hot).toContain('[Hot pages]');
    expect(hot).toContain(' Domains ');
    expect(hot.match(/▶.*/g)).toEqual([expect.stringMatching(/^▶ +2 /)]);
  });

  test('a window that begins before what is shown is cut, with the right range', () => {
    const snapshot = snapshotOf(manyGuests(40));
    const state = mainState({ form: 'table', domainsOffset: 12 });
    const { domainsShown } = mainLayout(snapshot, state, LARGE);
    const text = screenText(mainScreen(snapshot, state, LARGE));
    expect(text).toContain(`13–${12 + domainsShown} of 40`);
    expect(text).toContain('guest-13 ');
    expect(text).not.toContain('guest-12 ');
  });
});

describe('the form', () => {
  test('is the grid where all domains fit and the table elsewhere', () => {
    const layout = (count: number, frame: Frame) => mainLayout(snapshotOf(manyGuests(count)), mainState(), frame);
    expect(layout(5, LARGE)).toMatchObject({ form: 'grid', domainsShown: 5 });
    expect(layout(60, LARGE)).toMatchObject({ form: 'table' });
    expect(layout(5, SMALL)).toMatchObject({ form: 'table', domainsShown: 5 });
    expect(layout(0, LARGE)).toMatchObject({ form: 'table' });
  });

  test('the grid shows every domain that the layout says', () => {
    for (const count of [1, 2, 3, 7, 12]) {
      const snapshot = snapshotOf(manyGuests(count));
      const state = mainState({ form: 'grid' });
      const { form, domainsShown } = mainLayout(snapshot, state, LARGE);
      expect(form).toBe('grid');
      expect(screenText(mainScreen(snapshot, state, LARGE)).match(/guest-\d+ /g)).toHaveLength(
        Math.min(count, domainsShown),
      );
    }
  });

  test('does not depend on figures', () => {
    const snapshot = snapshotOf(fiveGuests());
    const before = mainLayout(snapshot, mainState(), LARGE);
    snapshot.policy.savedFrames = 0;
    snapshot.health.notice = 'something happened';
    expect(mainLayout(snapshot, mainState(), LARGE)).toEqual(before);
  });
});

describe('what must be seen', () => {
  const changed = (change: (snapshot: Snapshot) => void): Snapshot => {
    const snapshot = snapshotOf(fiveGuests());
    change(snapshot);
    return snapshot;
  };

  test('gaps stand out and say what was missing, at every size', () => {
    const snapshot = changed(({ health }) => {
      health.gaps = {
        lost: 1_200,
        damagedBlocks: 3,
        late: 4,
        orphans: 5,
        missing: 0,
        damagedRecords: 6,
        unmodelled: 0,
      };
    });
    expect(draw(snapshot)).toContain('! gaps: 1,200 lost, 3 damaged blocks, 6 damaged records, 5 orphans, 4 late');
    expect(draw(snapshot, {}, { columns: 40, rows: 10, unicode: true })).toContain('! gaps');
    expect(draw(snapshotOf(fiveGuests()))).toContain('gaps 0');
  });

  test('paused: since when, and how far the trace is ahead', () => {
    const paused = { timeMicros: 280_669_000, newerRecords: 12_345, newerEpochs: 3 };
    expect(draw(snapshotOf(fiveGuests()), { paused })).toContain('PAUSED t 280.669 s  12,345 newer records [Space]');
    expect(draw(snapshotOf(fiveGuests()), { paused })).not.toContain('LIVE');
  });

  test('the end of the input', () => {
    expect(draw(changed((snapshot) => (snapshot.ended = true)))).toContain('ENDED t 280.669 s');
  });

  test('a policy without a region says so and has no gauge of it', () => {
    const text = draw(changed((snapshot) => (snapshot.policy = { ...snapshot.policy, name: 'ksm', dlps: undefined! })));
    expect(text).toMatch(/^Region +- {2}ksm keeps no region$/m);
    expect(text).toMatch(/^I\/O +- {2}ksm answers no reads$/m);
    expect(text).toContain('policy ksm');
  });

  test('a failed policy is named with its reason', () => {
    const text = draw(changed((snapshot) => (snapshot.policy.failure = 'slot 4 is bound twice')));
    expect(text).toContain('dlps STOPPED');
    expect(text).toContain('! policy dlps failed and was switched off: slot 4 is bound twice');
  });

  test('the newest notice, and before it what the app has to say', () => {
    const snapshot = changed(({ health }) => (health.notice = 'web.000002.pgt: damaged block at 65,536'));
    expect(draw(snapshot)).toContain('! web.000002.pgt: damaged block at 65,536');
    expect(draw(snapshot, { message: 'written to out.csv' })).toContain('written to out.csv');
  });

  test('nothing possible: no percentage, no division by nothing', () => {
    const text = draw(snapshotOf(manyGuests(1)));
    expect(text).toMatch(/^Saved .* - {2}0 B of 0 B possible/m);
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
  });

  test('a negative saving is written as negative', () => {
    const text = draw(changed((snapshot) => (snapshot.policy.savedFrames = -2_560)));
    expect(text).toMatch(/^Saved .*-5% {2}-10\.0 MiB of/m);
  });

  test('zeros in: the bound grows by all zero frames but one, and the header says so', () => {
    const text = draw(changed((snapshot) => (snapshot.withZeros = true)));
    // (49,467 + 118,193) frames of 4 KiB.
    expect(text).toContain('of 655 MiB possible');
    expect(text).toContain('zeros in');
  });

  test('units: pages everywhere, with their sign', () => {
    const text = draw(snapshotOf(fiveGuests()), { units: 'pages' });
    expect(text).toContain('276,729 pages of 327,680 pages reserved');
    expect(text).not.toMatch(/\d (MiB|GiB) (of|needed|identical)/);
  });

  test('the key hints are the last line', () => {
    expect(draw(snapshotOf(fiveGuests())).trimEnd().split('\n').at(-1)).toMatch(/^q Quit {2}\? Help {2}s Sort/);
  });

  test('no kinds that a trace cannot know', () => {
    expect(draw(snapshotOf(fiveGuests()), {}, LARGE)).not.toMatch(/\banon|\bfile\b|CoW|verified/i);
  });
});

describe('every size and every input', () => {
  test('the sweep from 1×1 to 300×100 never overflows', () => {
    const snapshots = [5, 0, 1, 23].map((count) => snapshotOf(count === 5 ? fiveGuests() : manyGuests(count)));
    let turn = 0;
    for (const frame of sweepFrames()) {
      const form = (['auto', 'table', 'grid'] as const)[turn % 3];
      const units = (['iec', 'si', 'pages'] as const)[Math.floor(turn / 3) % 3];
      const snapshot = snapshots[turn++ % snapshots.length];
      expectFits(mainScreen(snapshot, mainState({ form, units }), frame), frame);
      const layout = mainLayout(snapshot, mainState({ form, units }), frame);
      if (frame.columns >= 40 && frame.rows >= 10) expect(layout.domainsShown).toBeGreaterThan(0);
    }
  });

  test('what the layout promises is on the screen', () => {
    const snapshot = snapshotOf(manyGuests(23));
    for (const frame of sweepFrames()) {
      if (frame.columns < 40 || frame.rows < 10 || !frame.unicode) continue;
      const state = mainState({ form: 'table' });
      const { domainsShown, hotShown } = mainLayout(snapshot, state, frame);
      const text = screenText(mainScreen(snapshot, state, frame));
      const where = `${frame.columns}x${frame.rows}`;
      expect(text.match(/guest-\d/g)?.length ?? 0, where).toBe(Math.min(23, domainsShown));
      const hashes = text.match(/[0-9a-f]{4}…[0-9a-f]{4}|[0-9a-f]{16}/g)?.length ?? 0;
      expect(hashes, where).toBe(Math.min(60, hotShown));
    }
  });

  test('hostile names neither reach the terminal nor move a column', () => {
    const names = [
      '\u001b[2J\u001b]0;owned\u0007',
      '\u202egnp.exe\u202c',
      'x'.repeat(1_000_000),
      '\u001b'.repeat(1_000_000),
      '日本語の名前がとても長いサーバー',
      'e' + '\u0301'.repeat(1000),
    ];
    const model = manyGuests(6);
    model.domains.forEach((domain, index) => (domain.name = names[index]!));
    const snapshot = snapshotOf(model, 4);
    for (const row of snapshot.domains.rows) row.group = row.kind = row.key = row.name;
    for (const page of snapshot.hot.rows) page.image = names[page.contentId % names.length]!;
    snapshot.traceName = names[0]!;
    snapshot.policy.name = names[1]!;
    snapshot.health.notice = names[3]!;
    snapshot.host.name = names[4]!;
    for (const frame of [SMALL, LARGE, { columns: 40, rows: 10, unicode: true }, { ...SMALL, unicode: false }]) {
      for (const form of ['table', 'grid'] as const) {
        expectFits(mainScreen(snapshot, mainState({ form, message: form === 'grid' ? names[2] : '' }), frame), frame);
      }
    }
    const rows = mainScreen(snapshot, mainState({ form: 'table' }), SMALL).slice(9, 16);
    for (const line of rows) expect(plainText(line)).toMatch(/\d$|[MK]$|CHG\/s$/);
  });
});
