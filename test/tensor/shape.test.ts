import { describe, expect, test } from 'vitest';
import { ShapeError, ValueError } from '../../src/errors.ts';
import {
  broadcastShapes,
  broadcastStrides,
  checkShape,
  collapseDims,
  formatShape,
  inferReshape,
  normalizeAxes,
  normalizeAxis,
  sameShape,
  sizeOf,
  stridesOf,
} from '../../src/tensor/shape.ts';

describe('sizes and strides', () => {
  test('a scalar has one element, and a length of 0 has none', () => {
    expect([[], [3], [2, 3, 4], [2, 0, 4]].map(sizeOf)).toEqual([1, 3, 24, 0]);
    expect([[], [3], [2, 3, 4]].map(stridesOf)).toEqual([[], [1], [12, 4, 1]]);
  });

  test('shapes are the same when rank and lengths are', () => {
    expect([sameShape([2, 3], [2, 3]), sameShape([2, 3], [3, 2]), sameShape([2], [2, 1])]).toEqual([
      true,
      false,
      false,
    ]);
    expect(formatShape([null, 28, 28])).toBe('[None, 28, 28]');
  });
});

describe('broadcasting', () => {
  test.each([
    [[], [], []],
    [[], [2, 3], [2, 3]],
    [[3], [2, 3], [2, 3]],
    [
      [4, 1],
      [1, 5],
      [4, 5],
    ],
    [
      [2, 1, 4],
      [3, 1],
      [2, 3, 4],
    ],
    [
      [1, 3],
      [0, 3],
      [0, 3],
    ],
  ])('%j and %j give %j, whichever comes first', (a, b, both) => {
    expect(broadcastShapes('f', a, b)).toEqual(both);
    expect(broadcastShapes('f', b, a)).toEqual(both);
  });

  test.each([
    [[2], [3]],
    [
      [2, 3],
      [3, 2],
    ],
    [
      [0, 3],
      [2, 3],
    ],
  ])('%j and %j do not, and the error says which lengths', (a, b) => {
    expect(() => broadcastShapes('f', a, b)).toThrow(ShapeError);
    expect(() => broadcastShapes('f', a, b)).toThrow(/^f: shapes \[.*\] and \[.*\] do not broadcast: \d against \d$/);
  });

  test('a stretched axis is walked with stride 0', () => {
    expect(broadcastStrides([3, 1], [2, 3, 4])).toEqual([0, 1, 0]);
    expect(broadcastStrides([2, 3, 4], [2, 3, 4])).toEqual([12, 4, 1]);
    expect(broadcastStrides([], [2, 3])).toEqual([0, 0]);
  });
});

describe('collapseDims', () => {
  test('merges axes that all operands walk in one stride, and drops those of length 1', () => {
    const whole = stridesOf([2, 3, 4]);
    expect(collapseDims([2, 3, 4], [whole, whole])).toEqual({ shape: [24], strides: [[1], [1]] });
    const row = broadcastStrides([4], [2, 3, 4]);
    expect(collapseDims([2, 3, 4], [whole, row])).toEqual({
      shape: [6, 4],
      strides: [
        [4, 1],
        [0, 1],
      ],
    });
    const column = broadcastStrides([2, 1, 1], [2, 3, 4]);
    expect(collapseDims([2, 3, 4], [whole, column])).toEqual({
      shape: [2, 12],
      strides: [
        [12, 1],
        [1, 0],
      ],
    });
    // whatever stride an axis of length 1 has
    expect(collapseDims([2, 1, 3], [[3, 0, 1]])).toEqual({ shape: [6], strides: [[1]] });
    expect(collapseDims([], [[]])).toEqual({ shape: [1], strides: [[0]] });
  });

  test('walks the same elements in the same order', () => {
    const shapes: number[][] = [[2, 1, 3], [3], [2, 1, 1], [1, 4, 1], [2, 4, 3], []];
    for (const shape of shapes) {
      const target = broadcastShapes('f', [2, 4, 3], shape);
      const own = broadcastStrides(shape, target);
      const merged = collapseDims(target, [own, stridesOf(target)]);
      expect(positions(merged.shape, merged.strides[0]!)).toEqual(positions(target, own));
    }
  });

  function positions(shape: readonly number[], strides: readonly number[]): number[] {
    const steps = stridesOf(shape);
    return Array.from({ length: sizeOf(shape) }, (_, i) =>
      shape.reduce((sum, length, d) => sum + (Math.floor(i / steps[d]!) % length) * strides[d]!, 0),
    );
  }
});

describe('axes', () => {
  test('count from the end when negative, are sorted, and are all when absent', () => {
    expect([normalizeAxis('f', -1, 3), normalizeAxis('f', 0, 3)]).toEqual([2, 0]);
    expect(normalizeAxes('f', [-1, 0], 3)).toEqual([0, 2]);
    expect([normalizeAxes('f', undefined, 2), normalizeAxes('f', null, 2), normalizeAxes('f', 1, 2)]).toEqual([
      [0, 1],
      [0, 1],
      [1],
    ]);
    expect(normalizeAxes('f', [], 2)).toEqual([]);
  });

  test.each([[3], [-4], [1.5], [Number.NaN]])('%s is no axis of rank 3', (axis) => {
    expect(() => normalizeAxis('f', axis, 3)).toThrow(ValueError);
    expect(() => normalizeAxis('f', axis, 3)).toThrow(`f: axis ${axis} is outside a tensor of rank 3`);
  });

  test('may not be named twice', () => {
    expect(() => normalizeAxes('f', [0, -3], 3)).toThrow(/name an axis twice/);
  });
});

describe('reshape', () => {
  test.each([
    [
      [2, 6],
      [3, 4],
      [3, 4],
    ],
    [[2, 6], [-1], [12]],
    [
      [2, 6],
      [4, -1],
      [4, 3],
    ],
    [[], [1, 1], [1, 1]],
    [[1], [], []],
    [
      [0, 3],
      [-1, 3],
      [0, 3],
    ],
    [[0], [0, -1], [0, 0]],
  ])('%j as %j is %j', (shape, target, result) => {
    expect(inferReshape('f', shape, target)).toEqual(result);
  });

  test.each([
    [[6], [4]],
    [[6], [4, -1]],
    [[6], [-1, -1]],
    [[6], [-2, -3]],
    [[6], [1.5, 4]],
    [[0], [-1, 2, 3, 1.5]],
  ])('%j does not fit %j', (shape, target) => {
    expect(() => inferReshape('f', shape, target)).toThrow(ShapeError);
    expect(() => inferReshape('f', shape, target)).toThrow(/^f: \[.*\] \(\d elements\) does not fit \[.*\]$/);
  });
});

test.each([
  [[2, -1], /-1 must be a whole number of at least 0/],
  [[0.5], /0.5 must be/],
  [[Number.NaN], /NaN must be/],
  [[1, 1, 1, 1, 1, 1, 1], /rank 7 of shape .* is above 6/],
  [[2 ** 20, 2 ** 20], /more than 2\^32 - 1 elements/],
  ['ab' as never, /must be a list of whole numbers, got string/],
])('%j is no shape', (shape, says) => {
  expect(() => checkShape('f', shape)).toThrow(ShapeError);
  expect(() => checkShape('f', shape)).toThrow(says);
});
