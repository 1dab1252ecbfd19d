import fc from 'fast-check';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/ui/keymap.js';
import { shownSnapshot } from '../../src/ui/view-state.js';
import { textWidth } from '../../src/views/text-width.js';
import { FakeUser } from './fake-user.js';

test('a monkey at the keyboard finds every screen drawn to its size and the cursors in their lists', () => {
  const keys = Object.values(COMMANDS).flatMap((command) => command.keys);
  const step = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...keys).map((key) => ({ key })) },
    { weight: 4, arbitrary: fc.nat({ max: 3 }).map((frames) => ({ frames })) },
    {
      weight: 1,
      arbitrary: fc.record({ columns: fc.integer({ min: 20, max: 220 }), rows: fc.integer({ min: 3, max: 70 }) }),
    },
    { weight: 1, arbitrary: fc.nat({ max: 60 }).map((gone) => ({ gone })) },
  );
  fc.assert(
    fc.property(
      fc.constantFrom(0, 1, 5, 40, 200),
      fc.array(step, { minLength: 5, maxLength: 60 }),
      (domains, steps) => {
        const user = new FakeUser(domains);
        for (const step of steps) {
          if ('key' in step) user.press(step.key);
          else if ('frames' in step) user.wait(step.frames);
          else if ('gone' in step) user.feed.gone.add(`key-${step.gone}`);
          else user.store.resize(step.columns, step.rows);
          const { state } = user;
          expect(user.lines).toHaveLength(state.frame.rows);
          for (const line of user.lines) expect(textWidth(line)).toBeLessThanOrEqual(state.frame.columns);
          const shown = shownSnapshot(state);
          if (shown === null) continue;
          if (state.page !== null) {
            expect(state.page.mappings.index).toBeGreaterThanOrEqual(0);
            expect(state.page.history.index).toBeLessThan(41);
          }
          expect(state.hot.index).toBeLessThan(Math.max(1, shown.hot.total));
          expect(state.domains.index).toBeGreaterThanOrEqual(0);
          expect(state.domains.index).toBeLessThan(Math.max(1, shown.domains.total));
          const { domains: spec, hot, partners, page, pairs } = user.feed.requests.at(-1)!;
          const lists = [spec, hot, partners, page?.mappings, page?.history, pairs?.rows, pairs?.columns];
          for (const { offset, count } of lists.filter((list) => list !== undefined)) {
            expect(offset).toBeGreaterThanOrEqual(0);
            expect(count).toBeGreaterThanOrEqual(0);
            expect(count).toBeLessThanOrEqual(512);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});
