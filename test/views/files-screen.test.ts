/** Saved memory by file and by package: its screen at every size, and which lines add up. */
import { expect, test } from 'vitest';
import type { NameAmount, NameRow, NameSums, RestKind } from '../../src/figures/name-figures.js';
import { nameTotal } from '../../src/figures/name-total.js';
import type { Snapshot } from '../../src/figures/snapshot.js';
import { filesScreen, filesShown } from '../../src/views/files-screen.js';
import type { Frame } from '../../src/views/line.js';
import type { FilesState } from '../../src/views/screen-state.js';
import { expectFits, expectScreen, screenText, sweepFrames } from './screen-file.js';
import { domainState, fiveGuests, snapshotOf } from './snapshot-fixture.js';

const FRAMES: readonly Frame[] = [true, false].flatMap((unicode) => [
  { columns: 40, rows: 10, unicode },
  { columns: 80, rows: 24, unicode },
  { columns: 120, rows: 30, unicode },
  { columns: 160, rows: 45, unicode },
]);

const NAMES: readonly (readonly [name: string, packageName: string])[] = [
  ['/usr/lib/x86_64-linux-gnu/libc.so.6', 'libc6'],
  ['/usr/lib/x86_64-linux-gnu/libcrypto.so.3', 'libssl3'],
  ['/boot/vmlinuz-6.1.0-18-amd64', 'linux-image-6.1.0-18-amd64'],
  ['/usr/lib/x86_64-linux-gnu/perl/5.36.0/auto/Encode/Unicode/Unicode.so', 'perl'],
  ['/usr/lib/systemd/systemd', 'systemd'],
  ['/usr/lib/modules/6.1.0-18-amd64/kernel/fs/ext4/ext4.ko', 'linux-image-6.1.0-18-amd64'],
  ['/opt/a name with blanks and no package at all that is longer than most', ''],
];

function amount(frames: number, contents: number, savedFrames: number | null, domains: number | null): NameAmount {
  return { frames, contents, savableFrames: Math.max(0, frames - contents), savedFrames, domains };
}

function rowOf(index: number): NameRow {
  const [name, packageName] = NAMES[index] ?? [`/usr/share/doc/pkg${index}/copyright`, `pkg${index}`];
  const contents = Math.floor(2000 / (index + 1));
  return { ...amount(contents * 3, contents, contents, 1 + (index % 5)), name, package: packageName, image: '' };
}

function sumsOf(count: number, rest: Partial<Record<RestKind, NameAmount>> = {}): NameSums {
  const rows = Array.from({ length: count }, (_, index) => rowOf(index));
  const named = rows.reduce(
    (sum, row) =>
      amount(sum.frames + row.frames, sum.contents + row.contents, row.contents + (sum.savedFrames ?? 0), 5),
    amount(0, 0, 0, 5),
  );
  const others = {
    unlabelled: amount(111_610, 111_540, 40, 5),
    fill: amount(7709, 3, 4, 5),
    zero: amount(102_937, 1, 0, 5),
    unknown: { ...amount(12, 0, 0, 1), savableFrames: 0 },
    beside: amount(0, 0, 0, 0),
  };
  return { by: 'file', total: count, offset: 0, rows, named, rest: { ...others, ...rest } };
}

function snapshotWith(sums: NameSums | null, labels = 60_000): Snapshot {
  const snapshot = snapshotOf(fiveGuests(), 2);
  const { epoch, timeMicros } = snapshot.position;
  return { ...snapshot, names: { labels, sums: sums && { ...sums, epoch, timeMicros } } };
}

function stateOf(changes: Partial<FilesState> = {}): FilesState {
  const { units, withZeros, policy, paused, message, hints } = domainState();
  const common = { units, withZeros, policy, paused, message, hints };
  const sort = { id: 'saved', descending: true };
  return { ...common, namesBy: 'file', namesSort: sort, namesSelected: 2, namesOffset: 0, ...changes };
}

const SMALL: Frame = { columns: 80, rows: 24, unicode: true };
const draw = (snapshot: Snapshot, state = stateOf(), frame = SMALL): string =>
  screenText(filesScreen(snapshot, state, frame));

test.each(FRAMES)('golden: files $columns x $rows, unicode $unicode', (frame) => {
  expectScreen('files', filesScreen(snapshotWith(sumsOf(40)), stateOf(), frame), frame);
});

test('the total is the sum of the lines; zeros are in it when they are in the sums', () => {
  const sums = sumsOf(3, { zero: amount(100, 1, 60, 2), beside: amount(0, 0, 5, 0) });
  const { named, rest } = sums;
  const lines = [named, rest.unlabelled, rest.fill, rest.unknown, rest.beside];
  const saved = lines.reduce((sum, line) => sum + (line.savedFrames ?? 0), 0);
  const frames = lines.reduce((sum, line) => sum + line.frames, 0);
  expect(nameTotal(sums, false)).toMatchObject({ frames: frames + 100, savedFrames: saved });
  expect(nameTotal(sums, true)).toMatchObject({ frames: frames + 100, savedFrames: saved + 60 });
  const pages = { units: 'pages' } as const;
  expect(draw(snapshotWith(sums), stateOf(pages))).toMatch(/^ \(zero\) +– +– +100p /m);
  const withZeros = { ...snapshotWith(sums), withZeros: true };
  expect(draw(withZeros, stateOf(pages))).toMatch(/^ \(zero\) +60p +39p +100p /m);
  expect(draw(withZeros, stateOf(pages))).toMatch(/^ \(beside the RAM\) +5p /m);
  expect(draw(snapshotWith(sumsOf(3)))).not.toContain('beside');
});

test('what a policy cannot tell is a dash, and so is the total', () => {
  const silent = sumsOf(1, { unlabelled: amount(10, 10, null, null) });
  const text = draw(snapshotWith({ ...silent, rows: [{ ...silent.rows[0], savedFrames: null, domains: null }] }));
  expect(text).toMatch(/libc\.so\.6 +– +– +\S+ +– /);
  expect(text).toMatch(/^ total +– +– /m);
});

test('before there are sums: computing, paused, or no labels and how to get them', () => {
  expect(draw(snapshotWith(null))).toContain('computing ..');
  const paused = { timeMicros: 0, newerRecords: 0, newerEpochs: 0 };
  expect(draw(snapshotWith(null), stateOf({ paused }))).toContain('paused: Space');
  expect(draw(snapshotWith(null, 0))).toMatch(/sharetop\s+label/);
  // Those of the files are no answer to a question for packages.
  expect(draw(snapshotWith(sumsOf(3)), stateOf({ namesBy: 'package' }))).toContain('computing ..');
});

test('several images are told apart, files of no package are called so, the rule has the whole name', () => {
  const rows = sumsOf(7).rows.map((row) => ({ ...row, image: 'debian12' }));
  const wide: Frame = { columns: 200, rows: 24, unicode: true };
  const text = draw(snapshotWith({ ...sumsOf(7), rows }), stateOf({ namesSelected: 3 }), wide);
  expect(text).toContain(' IMAGE');
  expect(text).toMatch(/^─ \/usr\/lib\/x86_64-linux-gnu\/perl\/\S+Unicode\.so ─+ perl ─ debian12 ─$/m);
  const packages = { ...sumsOf(1), by: 'package', rows: [{ ...rows[0], name: '' }] } as const;
  expect(draw(snapshotWith({ ...packages, rows: [...packages.rows] }), stateOf({ namesBy: 'package' }))).toMatch(
    /^ \(no package\) /m,
  );
});

test('every size fits, with any name and any unit, and shows as many names as it promises', () => {
  const hostile = sumsOf(40);
  const names = ['\u001b[2J\u202e' + '日本'.repeat(9000), `/${'x'.repeat(1_000_000)}`, 'e' + '\u0301'.repeat(500), ''];
  hostile.rows = hostile.rows.map((row, i) => {
    const name = names[i % names.length];
    return { ...row, ...amount(2 ** 53, 1, 2 ** 53, 65_535), name, package: name, image: name };
  });
  const snapshots = [snapshotWith(sumsOf(40)), snapshotWith(hostile), snapshotWith(null, 0)];
  let turn = 0;
  for (const frame of sweepFrames()) {
    const units = (['iec', 'si', 'pages'] as const)[turn % 3];
    expectFits(filesScreen(snapshots[turn++ % 3], stateOf({ units }), frame), frame);
  }
  for (let rows = 1; rows < 60; rows++) {
    const frame = { columns: 100, rows, unicode: true };
    const sums = sumsOf(100);
    const text = draw(
      snapshotWith({ ...sums, rows: sums.rows.map((row) => ({ ...row, name: '/a/file' })) }),
      stateOf(),
      frame,
    );
    const shown = text.split('\n').filter((line) => /^[ ▶]\/a\/file /.test(line)).length;
    expect(shown, `${rows} rows`).toBe(filesShown(frame));
  }
});
