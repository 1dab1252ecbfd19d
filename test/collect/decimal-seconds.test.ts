import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDecimalSeconds } from '../../src/collect/decimal-seconds.js';

describe('parseDecimalSeconds', () => {
  test('every microsecond is exact, where multiplying by 10^6 is not', () => {
    expect(Math.trunc(1.000001 * 1e6)).not.toBe(1000001);
    expect(parseDecimalSeconds('1.000001')).toBe(1000001);
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 15n), (value) => {
        const digits = value.toString().padStart(7, '0');
        expect(parseDecimalSeconds(`${digits.slice(0, -6)}.${digits.slice(-6)}`)).toBe(Number(value));
        expect(parseDecimalSeconds(`-${digits.slice(0, -6)}.${digits.slice(-6)}`)).toBe(0 - Number(value));
      }),
    );
  });

  test('digits beyond the sixth are cut off, missing ones are zeros', () => {
    expect(parseDecimalSeconds('0.378526527')).toBe(378526);
    expect(parseDecimalSeconds('7')).toBe(7_000_000);
    expect(parseDecimalSeconds('7.5')).toBe(7_500_000);
  });

  test.each(['', '.', '1.', '.5', '1e3', '0x10', '+1', ' 1', '1 ', '1,5', 'NaN', 'Infinity', '12345678901', '--1'])(
    '%j is no time',
    (text) => {
      expect(parseDecimalSeconds(text)).toBeNull();
    },
  );
});
