import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { glyphsOf } from '../../src/views/glyphs.js';
import { areaChart, peak, resample, sparkline } from '../../src/views/sparkline.js';

const unicode = glyphsOf(true);
const ascii = glyphsOf(false);

describe('a sparkline', () => {
  test('is scaled from 0 to its peak; only 0 has the lowest glyph', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8, unicode)).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8, ascii)).toBe('_.-:=+*#');
    expect(sparkline([0, 0.001, 1000], 3, unicode)).toBe('▁▂█');
    expect(sparkline([0, 0], 2, unicode)).toBe('▁▁');
  });

  test('newest at the right; what is not known yet is blank, not 0', () => {
    expect(sparkline([1], 4, unicode)).toBe('   █');
    expect(sparkline([], 4, unicode)).toBe('    ');
  });

  test('a common scale', () => {
    expect(sparkline([7], 1, unicode, 14)).toBe('▅');
  });

  test('of more values than cells the largest of equal runs are shown', () => {
    expect(resample([1, 3, 7, 5], 2)).toEqual([3, 7]);
    expect(resample([0, 9, 0, 0, 0, 0], 3)).toEqual([9, 0, 0]);
    expect(resample([-3, -1, Number.NaN], 1)).toEqual([0]);
    expect(resample([1, 2], 5)).toEqual([1, 2]);
    expect(resample([1, 2], 0)).toEqual([]);
  });

  test('has its width whatever the values, and never a broken cell', () => {
    fc.assert(
      fc.property(fc.array(fc.double()), fc.nat(40), (values, columns) => {
        expect(sparkline(values, columns, ascii)).toMatch(new RegExp(`^[ _.:=+*#-]{${columns}}$`));
      }),
    );
  });
});

describe('an area chart', () => {
  test('two rows of ASCII', () => {
    expect(areaChart([0, 1, 3, 6], 4, 2, ascii)).toEqual(['   #', ' .##']);
  });

  test('two rows of Unicode', () => {
    expect(areaChart([0, 4, 8, 12, 16], 5, 2, unicode)).toEqual(['   ▄█', ' ▄███']);
  });

  test('a value that is not 0 is seen', () => {
    expect(areaChart([0, 1e-9, 1], 3, 1, unicode)).toEqual([' ▁█']);
  });

  test('columns rise from the bottom without holes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 30 }), fc.integer({ min: 1, max: 9 }), (values, rows) => {
        const chart = areaChart(values, 20, rows, ascii);
        expect(chart).toHaveLength(rows);
        for (let column = 0; column < 20; column++) {
          const cells = chart.map((line) => ' .:#'.indexOf(line[column]));
          for (let row = 1; row < rows; row++) if (cells[row - 1] > 0) expect(cells[row]).toBe(3);
        }
      }),
    );
  });

  test('the peak is at least 0', () => {
    expect(peak([])).toBe(0);
    expect(peak([-4, 2])).toBe(2);
  });
});
