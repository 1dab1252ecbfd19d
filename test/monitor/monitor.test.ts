import { describe, expect, test } from 'vitest';
import { DOMAIN_SORTS } from '../../src/figures/window.js';
import { ZERO_HASH_HIGH, ZERO_HASH_LOW } from '../../src/trace/record.js';
import { domainCells } from '../../src/views/domain-table.js';
import { apply, ask, newMonitor } from './ask.js';

describe('the domains of a window', () => {
  const monitor = newMonitor();
  apply(monitor, 1, (records) => {
    // Most zeros, most sharing, most memory, and one of each in small.
    const domains = [
      { name: 'zeros', zeros: 500, shared: 1, own: 0 },
      { name: 'sharing', zeros: 10, shared: 200, own: 20 },
      { name: 'large', zeros: 0, shared: 5, own: 700 },
      { name: 'small', zeros: 3, shared: 2, own: 1 },
    ];
    domains.forEach(({ name, zeros, shared, own }, i) => {
      records.domain(9 - i, name, name, 'default', '', 1000);
      records.fillRun(9 - i, 0, Math.max(1, zeros), ZERO_HASH_LOW, ZERO_HASH_HIGH, 0);
      for (let j = 0; j < shared; j++) records.fill(9 - i, 500 + j, 7 + (j >> 2), 7, 0);
      for (let j = 0; j < own; j++) records.fill(9 - i, 200 + j, 1000 * i + j, 8, 0);
    });
  });

  test.each([
    ['out', false],
    ['in', true],
  ])('are in the order of what their column shows, zeros %s', (_name, withZeros) => {
    for (const policy of ['dlps', 'oracle']) {
      for (const sort of DOMAIN_SORTS) {
        for (const descending of [true, false]) {
          const domains = { pane: 'domains' as const, sort, descending, offset: 0, count: 10 };
          const snapshot = ask(monitor, { policy, withZeros, domains });
          const cells = snapshot.domains.rows.map((row) => domainCells(row, snapshot, true));
          const shown = cells.map((each) => {
            const values = {
              saved: each.savedFrames,
              mem: each.frames,
              private: each.privateFrames,
              shared: each.sharedFrames,
              zero: each.zeroFrames,
              could: each.couldFrames,
              avoided: each.readsAvoidedPerSecond,
              changed: each.contentChangedPerSecond,
              id: Number(each.id),
              name: each.name,
            };
            return values[sort];
          });
          const sorted = [...shown].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
          expect(shown).toHaveLength(4);
          expect([policy, sort, shown]).toEqual([policy, sort, descending ? sorted.reverse() : sorted]);
        }
      }
    }
  });

  test('whose zeros count are another order than without', () => {
    const names = (withZeros: boolean): string[] =>
      ask(monitor, { policy: 'oracle', withZeros }).domains.rows.map(({ name }) => name);
    expect(names(false)[0]).toBe('sharing');
    expect(names(true)[0]).toBe('zeros');
  });
});
