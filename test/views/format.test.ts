import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as format from '../../src/views/format.js';

const MIB = 256;
const GIB = 262_144;

describe('counts', () => {
  test.each([
    [0, '0'],
    [-0.4, '0'],
    [999, '999'],
    [1_000, '1,000'],
    [333_482, '333,482'],
    [1_239_382, '1,239,382'],
    [-12_345, '-12,345'],
    [1e15, '1,000,000,000,000,000'],
  ])('%d is %s', (value, text) => expect(format.formatCount(value)).toBe(text));

  test.each([
    [0, '0'],
    [9_999, '9999'],
    [10_000, '10.0k'],
    [24_624, '24.6k'],
    [999_499, '999k'],
    [999_500, '1.00M'],
    [118_194_000, '118M'],
    [-24_624, '-24.6k'],
  ])('%d in short is %s', (value, text) => expect(format.formatCountShort(value)).toBe(text));
});

describe('amounts of memory', () => {
  test.each([
    [0, '0 B'],
    [1_023, '1023 B'],
    [1_024, '1 KiB'],
    [161 * 2 ** 20, '161 MiB'],
    [1_365_942_272, '1.27 GiB'],
    [-(2 ** 20), '-1.00 MiB'],
    [1023.6 * 2 ** 20, '1.00 GiB'],
  ])('%d bytes are %s', (bytes, text) => expect(format.formatBytes(bytes)).toBe(text));

  test('333,482 frames are 1.27 GiB, 1.37 GB and themselves', () => {
    expect(format.formatFrames(333_482, 'iec')).toBe('1.27 GiB');
    expect(format.formatFrames(333_482, 'si')).toBe('1.37 GB');
    expect(format.formatFrames(333_482, 'pages')).toBe('333,482 pages');
    expect(format.formatFrames(1, 'pages')).toBe('1 page');
  });

  test.each([
    [0, '0'],
    [1, '4K'],
    [22, '88K'],
    [249, '996K'],
    [256, '1.00M'],
    [2_501, '9.77M'],
    [412 * MIB, '412M'],
    [1_024 * MIB, '1024M'],
    [9_999 * MIB, '9999M'],
    [10_000 * MIB, '9.77G'],
    [512 * GIB, '512G'],
    [-412 * MIB, '-412M'],
    // The largest count of frames is 2^65 bytes.
    [2 ** 53, '32.0E'],
  ])('%d frames in a column are %s', (frames, text) => expect(format.formatFramesShort(frames, 'iec')).toBe(text));

  test.each([
    [9_999, '9999p'],
    [12_345, '12.3kp'],
    [1_239_382, '1.24Mp'],
    [45_000_000, '45.0Mp'],
    [2 ** 53, '9.01Pp'],
  ])('%d frames as pages in a column are %s', (frames, text) =>
    expect(format.formatFramesShort(frames, 'pages')).toBe(text),
  );

  test('a column never needs more than its width', () => {
    for (const units of ['iec', 'si', 'pages'] as const) {
      fc.assert(
        fc.property(fc.double({ min: 0, max: 2 ** 53, noNaN: true }), (frames) => {
          expect(format.formatFramesShort(frames, units).length).toBeLessThanOrEqual(format.shortWidth(units));
        }),
      );
    }
  });

  test('what is written is within half a last digit of the truth', () => {
    const scale: Record<string, number> = {
      ...{ K: 1 / 4, M: 256, G: 262_144, T: 268_435_456 },
      ...{ P: 2 ** 38, E: 2 ** 48 },
    };
    fc.assert(
      fc.property(
        fc.maxSafeNat().map((frames) => frames + 1),
        (frames) => {
          const text = format.formatFramesShort(frames, 'iec');
          const unit = scale[text.slice(-1)];
          const digits = text.slice(0, -1);
          const decimals = digits.includes('.') ? digits.length - digits.indexOf('.') - 1 : 0;
          expect(Math.abs(Number(digits) * unit - frames)).toBeLessThanOrEqual(0.500001 * unit * 10 ** -decimals);
        },
      ),
    );
  });
});

describe('parts, ratios, rates', () => {
  test.each([
    [57, 100, '57%'],
    [0, 100, '0%'],
    [1, 1_000, '<1%'],
    [999, 1_000, '>99%'],
    [1_000, 1_000, '100%'],
    [-1, 10, '-10%'],
    [-1, 1_000, '0%'],
    [0, 0, '-'],
  ])('%d of %d is %s', (part, whole, text) => expect(format.formatPercent(part, whole)).toBe(text));

  test.each([
    [1.2684, '1.27x'],
    [1, '1.00x'],
    [123.4, '123x'],
    [undefined, '-'],
    [Infinity, '-'],
  ])('the ratio %s is %s', (ratio, text) => expect(format.formatRatio(ratio)).toBe(text));

  test.each([
    [0, '0/s'],
    [0.01, '<0.1/s'],
    [2.44, '2.4/s'],
    [312.4, '312/s'],
    [24_624, '24.6k/s'],
  ])('the rate %d is %s', (rate, text) => expect(format.formatRate(rate)).toBe(text));

  test('a fraction', () => {
    expect(format.formatFraction(0.9312)).toBe('93.1%');
    expect(format.formatFraction(undefined)).toBe('-');
  });
});

describe('times', () => {
  test.each([
    [-1, '0.0s'],
    [0.18, '0.2s'],
    [42, '42.0s'],
    [59.96, '1m 00s'],
    [723, '12m 03s'],
    [11_520, '3h 12m'],
    [457_200, '5d 07h'],
  ])('%d s last %s', (seconds, text) => expect(format.formatDuration(seconds)).toBe(text));

  test.each([
    [0.18, '0.2s'],
    [42, '42s'],
    [723, '12m'],
    [11_520, '3h'],
    [457_200, '5d'],
    [1e12, '9999d'],
  ])('%d s ago is %s', (seconds, text) => expect(format.formatAge(seconds)).toBe(text));

  test('an age never needs more than five cells', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e15, noNaN: true }), (seconds) => {
        expect(format.formatAge(seconds).length).toBeLessThanOrEqual(5);
      }),
    );
  });

  test('the clock of a recording counts its own seconds, that of a host is UTC', () => {
    expect(format.formatTraceTime(280_669_000)).toBe('t 280.669 s');
    // 2026-11-23 14:32:07 UTC, from `date -u -d @1795444327`.
    expect(format.formatTraceTime(1_795_444_327e6)).toBe('14:32:07 UTC');
  });

  test('no time makes it throw', () => {
    fc.assert(fc.property(fc.maxSafeInteger(), (micros) => format.formatTraceTime(micros).length > 0));
    expect(format.formatTraceTime(9e18)).toMatch(/^t /);
  });

  test.each([
    [751e6, 't+00:12:31'],
    [360_000e6, 't+4d 04:00:00'],
    [-5, 't+00:00:00'],
  ])('%d µs since the start are %s', (micros, text) => expect(format.formatSince(micros)).toBe(text));
});
