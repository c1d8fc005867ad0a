import { describe, expect, test } from 'vitest';
import { normalize, ShapeError, tensor, toCategorical, ValueError, zeros } from '../../src/index.ts';
import { expectClose, onEachBackend } from '../models/support.ts';

onEachBackend((place) => {
  const rows = [
    [3, 4],
    [0, 0],
    [-6, 8],
  ];
  test.each([
    { axis: undefined, order: undefined, expected: [0.6, 0.8, 0, 0, -0.6, 0.8] },
    { axis: 1, order: 1, expected: [3 / 7, 4 / 7, 0, 0, -6 / 14, 8 / 14] },
    { axis: -1, order: Infinity, expected: [0.75, 1, 0, 0, -0.75, 1] },
    { axis: -1, order: 3, expected: [3, 4, 0, 0, -6, 8].map((value, i) => value / Math.cbrt(i < 4 ? 91 : 728)) },
    { axis: 0, order: 2, expected: [3, 4, 0, 0, -6, 8].map((value, i) => value / Math.sqrt(i % 2 ? 80 : 45)) },
  ])('normalize along axis $axis of order $order', async ({ axis, order, expected }) => {
    const y = normalize(rows, axis, order);
    expect(y.shape).toEqual([3, 2]);
    expectClose(await y.data(), expected, place);
  });

  test('integers become floats, and a vector has one norm', async () => {
    const y = normalize(tensor(Uint8Array.of(3, 4)));
    expect(y.dtype).toMatch(/^float/);
    expectClose(await y.data(), [0.6, 0.8], place);
  });

  test('toCategorical drops a last dimension of 1, as CIFAR has it', async () => {
    const labels = tensor(Uint8Array.of(2, 0, 1), [3, 1]);
    const y = toCategorical(labels, 3);
    expect(y.shape).toEqual([3, 3]);
    expect([...(await y.data())]).toEqual([0, 0, 1, 1, 0, 0, 0, 1, 0]);
    expect(toCategorical([[[0], [1]]]).shape).toEqual([1, 2, 2]);
    expect(toCategorical([[0, 1]]).shape).toEqual([1, 2, 2]);
    expect(toCategorical([1]).shape).toEqual([1, 2]);
    expect(toCategorical(3).shape).toEqual([4]);
  });

  describe('bad input', () => {
    test.each<[string, () => unknown, new (...args: never[]) => Error, RegExp]>([
      ['an axis outside', () => normalize(rows, 2), ValueError, /axis 2 is outside a tensor of rank 2/],
      ['half an axis', () => normalize(rows, 0.5), ValueError, /normalize: axis 0\.5 is outside a tensor of rank 2/],
      ['an axis that is text', () => normalize(rows, 'x' as never), ValueError, /normalize: axis x is outside/],
      ['order 0', () => normalize(rows, -1, 0), ValueError, /order must be a number above 0, got number 0/],
      [
        'order NaN',
        () => normalize(rows, -1, Number.NaN),
        ValueError,
        /order must be a number above 0, got number NaN/,
      ],
      ['order as text', () => normalize(rows, -1, '2' as never), ValueError, /order must be .*got string "2"/],
      ['a scalar', () => normalize(5), ValueError, /axis -1 is outside a tensor of rank 0/],
      ['text', () => normalize('x' as never), ValueError, /expected numbers or nested lists/],
      ['ragged lists', () => normalize([[1], [2, 3]]), ShapeError, /lists must form a block/],
      [
        'the largest of nothing',
        () => normalize(zeros([2, 0]), -1, Infinity),
        ShapeError,
        /there is no max of nothing/,
      ],
      ['a label below 0', () => toCategorical([0, -1]), ValueError, /labels must lie from 0/],
      [
        'a label outside',
        () => toCategorical([0, 3], 3),
        ValueError,
        /labels must lie from 0 to 2; they go from 0 to 3/,
      ],
      ['half a label', () => toCategorical([0.5]), ValueError, /labels must be whole numbers, got 0\.5/],
      ['no classes', () => toCategorical([0], 0), ValueError, /numClasses must be a whole number of at least 1/],
      [
        'a label that is none',
        () => toCategorical([0, 1e8]),
        ValueError,
        /rows of 100000001 classes are more than the 1048576 that are allowed/,
      ],
      ['absurdly many classes', () => toCategorical([0], 2 ** 20 + 1), ValueError, /rows of 1048577 classes/],
      ['no labels', () => toCategorical([]), ValueError, /there are no labels/],
    ])('%s', (_, call, error, says) => {
      expect(call).toThrow(error);
      expect(call).toThrow(says);
    });
  });
});
