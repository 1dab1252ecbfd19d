/** The policies side by side on the screen: golden screens, every size, and figures that a policy does not know. */
import { describe, expect, test } from 'vitest';
import type { ComparedPolicy } from '../../src/figures/compare-figures.js';
import type { PolicyFigures } from '../../src/figures/policy-figures.js';
import type { Snapshot } from '../../src/figures/snapshot.js';
import { compareScreen } from '../../src/views/compare-screen.js';
import type { Frame } from '../../src/views/line.js';
import type { ScreenState } from '../../src/views/screen-state.js';
import { COMPARE_STEPS } from '../../src/views/size-steps.js';
import { expectFits, expectScreen, screenText, sweepFrames } from './screen-file.js';
import { domainState, fiveGuests, snapshotOf } from './snapshot-fixture.js';

const FRAMES: readonly Frame[] = [
  { columns: 40, rows: 10 },
  { columns: 80, rows: 24 },
  { columns: 120, rows: 30 },
  { columns: 160, rows: 45 },
].flatMap((size) => [true, false].map((unicode) => ({ ...size, unicode })));

const UNKNOWN = { pageSeconds: null, latencySeconds: null, latencyOver30s: null, latencyOver5min: null };

function policy(name: string, savedFrames: number, more: Partial<PolicyFigures> = {}): PolicyFigures {
  const common = { netSavedFrames: savedFrames, zeroSavedFrames: 0, sharedFrames: 1000, metadataBytes: 2 ** 21 };
  return { name, savedFrames, ...common, ...more };
}

/** The five guests under the dlps of the fixture, an upper bound, a scanner and one that failed. */
function compareSnapshot(name = 'mine'): Snapshot {
  const snapshot = snapshotOf(fiveGuests(), 2);
  const { host, policy: dlps } = snapshot;
  const potential = host.potentialSavedFrames;
  const seconds = (part: number): ComparedPolicy['pageSeconds'] => {
    return { saved: potential * part * 200, netSaved: potential * part * 190, potential: potential * 210 };
  };
  const oracle = policy('oracle', potential, { zeroSavedFrames: host.zeroFrames - 1, metadataBytes: 0 });
  const esx = {
    ...{ savedFrames: 1, shared: 3, common: 1, saving: 2, hints: 9, staleHints: 66_329, visits: 1, rounds: 1 },
    contentChanged: { overwritten: 13_368, zeroed: 529, unknown: 0, freed: 0 },
  };
  const compare: ComparedPolicy[] = [
    { ...UNKNOWN, figures: dlps, pageSeconds: seconds(0.4), latencySeconds: 1.5 },
    { ...UNKNOWN, figures: oracle, pageSeconds: seconds(1) },
    { ...UNKNOWN, figures: policy('esx', Math.round(potential * 0.9), { esx }) },
    { ...UNKNOWN, figures: policy(name, 7, { failure: `policy ${name} failed and was switched off: no` }) },
  ];
  return { ...snapshot, compare };
}

function stateOf(changes: Partial<ScreenState> = {}): ScreenState {
  const { units, withZeros, policy: shown, paused, message, hints } = domainState();
  return { units, withZeros, policy: shown, paused, message, hints, ...changes };
}

describe('golden screens', () => {
  test.each(FRAMES)('compare $columns x $rows, unicode $unicode', (frame) => {
    expectScreen('compare', compareScreen(compareSnapshot(), stateOf(), frame), frame);
  });
});

const SMALL: Frame = { columns: 80, rows: 24, unicode: true };

test('each policy has its row, the cursor is on the shown one, and what is not known is a dash', () => {
  const text = screenText(compareScreen(compareSnapshot(), stateOf({ units: 'pages' }), SMALL));
  expect(text).toMatch(/^▶dlps /m);
  expect(text).toMatch(/^ esx +\S+ +90\.0% +\S+ +- +- +- +- /m);
  expect(text).toMatch(/^ mine! /m);
  expect(text).toMatch(/Reads: .*eligible [\d,]+/);
});

test('a policy that failed, or is none yet', () => {
  const snapshot = { ...compareSnapshot(), compare: [] };
  expect(screenText(compareScreen(snapshot, stateOf(), SMALL))).toContain('computing ..');
  const paused = { timeMicros: 0, newerRecords: 0, newerEpochs: 0 };
  expect(screenText(compareScreen(snapshot, stateOf({ paused }), SMALL))).toContain('paused: Space');
});

test('every size fits, with any name and any unit', () => {
  const snapshots = [compareSnapshot(), compareSnapshot('\u001b[2J\u202e' + '日本'.repeat(9000))];
  let turn = 0;
  for (const frame of sweepFrames()) {
    const units = (['iec', 'si', 'pages'] as const)[turn % 3];
    expectFits(compareScreen(snapshots[turn++ % 2], stateOf({ units }), frame), frame);
  }
});

test('the figures of the shown policy come in at their step', () => {
  const has = (rows: number): boolean => {
    const frame = { columns: 100, rows, unicode: true };
    return screenText(compareScreen(compareSnapshot(), stateOf(), frame)).includes('Memory now:');
  };
  const sizes = Array.from({ length: 60 }, (_, index) => index + 1);
  expect(sizes.filter(has)).toEqual(sizes.filter((rows) => rows >= COMPARE_STEPS.figures.rows));
});
