import { describe, expect, test } from 'vitest';
import { ShapeError, ValueError } from '../../src/errors.ts';
import { flatten, type NestedArray, nest } from '../../src/tensor/nested.ts';

describe('nested lists', () => {
  test.each<[NestedArray, number[], number[]]>([
    [3, [], [3]],
    [[], [0], []],
    [[[], []], [2, 0], []],
    [[1, 2], [2], [1, 2]],
    [
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [2, 3],
      [1, 2, 3, 4, 5, 6],
    ],
  ])('%j has shape %j and elements %j, and comes back', (data, shape, values) => {
    const flat = flatten(data);
    expect(flat).toEqual({ shape, values, truths: false });
    expect(nest(Float32Array.from(values), shape, false)).toEqual(data);
  });

  test('are truths when every leaf is a boolean, and come back as such', () => {
    expect(flatten([[true], [false]])).toEqual({ shape: [2, 1], values: [1, 0], truths: true });
    expect(flatten([true, 2]).truths).toBe(false);
    expect(nest(Uint8Array.of(1, 0), [2, 1], true)).toEqual([[true], [false]]);
    expect(nest(Uint8Array.of(0), [], true)).toBe(false);
  });

  test.each<[unknown, RegExp]>([
    [[[1, 2], [3]], /block of shape \[2, 2\]; at depth 1 expected a list of 2, got a list of 1/],
    [[1, [2]], /block of shape \[2\]; at depth 1 expected a number, got a list of 1/],
    [[[1], 2], /block of shape \[2, 1\]; at depth 1 expected a list of 1, got a number/],
    [[[1], []], /at depth 1 expected a list of 1, got a list of 0/],
    [[[], [1]], /block of shape \[2, 0\]; at depth 1 expected a list of 0, got a list of 1/],
    [[[[1]], [1]], /at depth 2 expected a list of 1, got a number/],
  ])('%j is ragged', (data, says) => {
    expect(() => flatten(data as NestedArray)).toThrow(ShapeError);
    expect(() => flatten(data as NestedArray)).toThrow(says);
  });

  test.each<[unknown, string]>([
    [null, 'null (object)'],
    ['12', '12 (string)'],
    [[1, undefined], 'undefined (undefined)'],
    [[[1, 'a']], 'a (string)'],
    [{ length: 2 }, '[object Object] (object)'],
  ])('%j holds no numbers', (data, got) => {
    expect(() => flatten(data as NestedArray, 'who')).toThrow(ValueError);
    expect(() => flatten(data as NestedArray, 'who')).toThrow(
      `who: expected numbers or nested lists of them, got ${got}`,
    );
  });
});
