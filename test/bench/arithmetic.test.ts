import { expect, test } from 'vitest';
import { geometricMean, median, ratio, relativeError, rounded } from '../../bench/arithmetic.ts';

test('a median is the middle one, or the mean of the two in the middle', () => {
  expect(median([5, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test('a geometric mean weighs twice as fast against half as fast', () => {
  expect(geometricMean([2, 0.5])).toBeCloseTo(1, 12);
  expect(geometricMean([1, 10, 100])).toBeCloseTo(10, 12);
});

test('a ratio above one means that we are ahead', () => {
  expect(ratio(2, 5)).toBe(2.5);
  expect(ratio(5, 2)).toBe(0.4);
});

test('a relative error sees what is wrong, missing and not a number', () => {
  expect(relativeError([3, 4], [3, 4])).toBe(0);
  expect(relativeError([0, 0], [3, 4])).toBe(1);
  expect(relativeError([3, 4.05], [3, 4])).toBeCloseTo(0.01, 12);
  expect(relativeError([3], [3, 4])).toBeNaN();
  expect(relativeError([3, Number.NaN], [3, 4])).toBeNaN();
});

test('numbers of tables have three digits', () => {
  expect([rounded(1234.5), rounded(0.0123456), rounded(7)]).toEqual([1230, 0.0123, 7]);
});
