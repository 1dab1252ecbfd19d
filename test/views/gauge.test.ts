import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { barCells, gauge, stackedBar } from '../../src/views/gauge.js';
import { glyphsOf } from '../../src/views/glyphs.js';
import { plainText } from '../../src/views/line.js';

const draw = (fraction: number, columns: number, unicode: boolean): string =>
  plainText(gauge(fraction, columns, glyphsOf(unicode), {}));

describe('a gauge', () => {
  test.each([
    [0, true, '··········'],
    [1, true, '██████████'],
    [0.5, true, '█████·····'],
    [0.55, true, '█████▌····'],
    [0.0001, true, '▏·········'],
    [0.9999, true, '█████████▉'],
    [-3, true, '··········'],
    [7, true, '██████████'],
    [Number.NaN, true, '··········'],
    [0.5, false, '#####.....'],
    [0.0001, false, '#.........'],
    [0.9999, false, '#########.'],
  ])('of %d, Unicode %s, is %s', (fraction, unicode, text) => expect(draw(fraction, 10, unicode)).toBe(text));

  test('has its width and grows with its value', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(80),
        fc.boolean(),
        (fraction, columns, unicode) => {
          const filled = (text: string): number => text.replace(/[·.]/g, '').length;
          expect(draw(fraction, columns, unicode)).toHaveLength(columns);
          expect(filled(draw(fraction, columns, unicode))).toBeLessThanOrEqual(filled(draw(1, columns, unicode)));
        },
      ),
    );
  });
});

describe('a stacked bar', () => {
  test.each([
    [[50, 30, 20], 10, [5, 3, 2]],
    [[1, 1, 1], 10, [4, 3, 3]],
    [[999, 1, 0], 10, [9, 1, 0]],
    [[0, 0, 0], 10, [0, 0, 0]],
    [[5, 5, 5], 2, [1, 1, 0]],
    [[1, -4, Number.NaN], 4, [4, 0, 0]],
  ])('%j in %d cells takes %j', (values, columns, cells) => expect(barCells(values, columns)).toEqual(cells));

  test('fills its cells, gives nothing to 0 and differs from the exact parts by less than the number of parts', () => {
    const values = fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 100 }), (parts, columns) => {
        const cells = barCells(parts, columns);
        const total = parts.reduce((sum, value) => sum + value, 0);
        expect(cells.reduce((sum, count) => sum + count, 0)).toBe(total === 0 ? 0 : columns);
        cells.forEach((count, index) => {
          if (parts[index] === 0) expect(count).toBe(0);
          else expect(Math.abs(count - (parts[index] / total) * columns)).toBeLessThan(parts.length);
          if (parts[index] > 0 && columns >= 2 * parts.length) expect(count).toBeGreaterThan(0);
        });
      }),
    );
  });

  test('is told apart without colour', () => {
    for (const unicode of [true, false]) {
      const { shared, private: own, zero, unused } = glyphsOf(unicode);
      expect(new Set([shared, own, zero, unused]).size).toBe(4);
      const bar = stackedBar(
        [shared, own, zero, unused].map((glyph) => ({ value: 1, glyph, style: {} })),
        4,
      );
      expect(plainText(bar)).toBe(shared + own + zero + unused);
    }
  });
});
