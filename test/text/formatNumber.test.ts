import { describe, expect, it } from 'vitest';
import {
  byteSize,
  exponential,
  fixed,
  general,
  grouped,
  logValue,
  pythonFloat,
  remainingTime,
  stepTime,
} from '../../src/callbacks/formatNumber.ts';

describe('the value of a loss or metric', () => {
  it.each([
    [0.3902, '0.3902'],
    [0.39018, '0.3902'],
    [1, '1.0000'],
    [-2.5, '-2.5000'],
    [1234.56789, '1234.5679'],
    [0.0010001, '0.0010'],
    [0.001, '1.0000e-03'],
    [0.00012345, '1.2345e-04'],
    [-0.00012345, '-1.2345e-04'],
    [1e-7, '1.0000e-07'],
    [1e-120, '1.0000e-120'],
    [0, '0.0000e+00'],
    [Number.NaN, 'nan'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
  ])('shows %d as %s', (value, text) => {
    expect(logValue(value)).toBe(text);
  });

  it('shows a value too large for toFixed with all its digits', () => {
    expect(logValue(2 ** 80)).toBe('1208925819614629174706176.0000');
  });
});

describe('fixed decimals', () => {
  it.each([
    [0.03125, 4, '0.0312'],
    [0.09375, 4, '0.0938'],
    [0.90625, 4, '0.9062'],
    [-0.90625, 4, '-0.9062'],
    [0.5, 0, '0'],
    [1.5, 0, '2'],
    [2.5, 0, '2'],
    [0.125, 2, '0.12'],
  ])('round the exact tie %d at %d decimals to the even digit: %s', (value, digits, text) => {
    expect(fixed(value, digits)).toBe(text);
  });

  it.each([
    [1.005, 2, '1.00'],
    [0.00015, 4, '0.0001'],
    [0.00025, 4, '0.0003'],
    [2.4999999, 0, '2'],
    [2.5000001, 0, '3'],
  ])('round %d at %d decimals, which is no tie in binary, to the nearest: %s', (value, digits, text) => {
    expect(fixed(value, digits)).toBe(text);
  });
});

it('an exponent has a sign and at least two digits', () => {
  expect([1.5e9, 1.5e-9, 1.5e100, 1.5].map((value) => exponential(value))).toEqual([
    '1.5000e+09',
    '1.5000e-09',
    '1.5000e+100',
    '1.5000e+00',
  ]);
});

it.each([
  [0, '0'],
  [999, '999'],
  [54090, '54,090'],
  [25636712, '25,636,712'],
])('the count %d is shown as %s', (count, text) => {
  expect(grouped(count)).toBe(text);
});

it.each([
  [0, '0.00 B'],
  [1023, '1023.00 B'],
  [1024, '1.00 KB'],
  [217_640, '212.54 KB'],
  [1024 ** 2, '1.00 MB'],
  [94_350_848, '89.98 MB'],
  [3 * 1024 ** 3, '3.00 GB'],
  [5000 * 1024 ** 3, '5000.00 GB'],
])('a size of %d bytes is shown as %s', (bytes, text) => {
  expect(byteSize(bytes)).toBe(text);
});

it.each([
  [0, '0s'],
  [12, '12s'],
  [12.9, '12s'],
  [60, '60s'],
  [60.5, '1:00'],
  [65, '1:05'],
  [3600, '60:00'],
  [3727, '1:02:07'],
  [36_000, '10:00:00'],
])('%d seconds that remain are shown as %s', (seconds, text) => {
  expect(remainingTime(seconds)).toBe(text);
});

it.each([
  [0, '0s/step'],
  [2, '2s/step'],
  [1, '1s/step'],
  [0.9, '900ms/step'],
  [0.004, '4ms/step'],
  [0.001, '1ms/step'],
  [0.000085, '85us/step'],
])('a step of %d seconds is shown as %s', (seconds, text) => {
  expect(stepTime(seconds)).toBe(text);
});

// The expected texts are what CPython prints.
describe('exponents', () => {
  it.each([
    [2.5, 0, '2e+00'],
    [3.5, 0, '4e+00'],
    [0.125, 1, '1.2e-01'],
    [0.375, 1, '3.8e-01'],
    [-1.125, 2, '-1.12e+00'],
    [1.005, 2, '1.00e+00'],
    [9.5, 0, '1e+01'],
    [10.5, 1, '1.0e+01'],
    [1.5, 1, '1.5e+00'],
    [0, 2, '0.00e+00'],
    [1e100, 3, '1.000e+100'],
    [Number.NaN, 2, 'nan'],
  ])('show %d with %d decimals as %s', (value, digits, text) => {
    expect(exponential(value, digits)).toBe(text);
  });
});

describe('%g', () => {
  it.each([
    [0.1, 6, '0.1'],
    [100000, 6, '100000'],
    [1000000, 6, '1e+06'],
    [999999.5, 6, '1e+06'],
    [0.0001, 6, '0.0001'],
    [0.00001, 6, '1e-05'],
    [123.456, 4, '123.5'],
    [123.456, 2, '1.2e+02'],
    [123.456, 0, '1e+02'],
    [1.5, 1, '2'],
    [2.5, 1, '2'],
    [0, 6, '0'],
    [-0.25, 3, '-0.25'],
    [100, 3, '100'],
    [Number.NEGATIVE_INFINITY, 3, '-inf'],
  ])('shows %d with %d digits as %s', (value, digits, text) => {
    expect(general(value, digits)).toBe(text);
  });
});

describe('a float of Python', () => {
  it.each([
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [-3, '-3.0'],
    [0.1, '0.1'],
    [Math.fround(0.1), '0.10000000149011612'],
    [0.0001, '0.0001'],
    [0.00009999999747378752, '9.999999747378752e-05'],
    [0.00001, '1e-05'],
    [-1.5e-7, '-1.5e-07'],
    [5e-324, '5e-324'],
    [1e15, '1000000000000000.0'],
    [1e16, '1e+16'],
    [123456789012345680, '1.2345678901234568e+17'],
    [1e22, '1e+22'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [Number.NaN, 'nan'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
  ])('%d is %s', (value, text) => {
    expect(pythonFloat(value)).toBe(text);
  });
});
