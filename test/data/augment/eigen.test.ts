import { expect, test } from 'vitest';
import { fromEigen, symmetricEigen } from '../../../src/data/augment/eigen.ts';
import { floats } from '../../support/values.ts';

/** b bᵀ from n x rank numbers. */
function product(n: number, rank: number, seed: number): Float64Array {
  const b = floats(n * rank, seed);
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) for (let k = 0; k < rank; k++) a[i * n + j]! += b[i * rank + k]! * b[j * rank + k]!;
  return a;
}

const farthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));

test.each([
  [1, 1],
  [2, 2],
  [3, 1],
  [7, 7],
  [40, 12],
  [90, 200],
])('a matrix of %i rows and rank %i is the sum of its eigenvectors, which are a basis', (n, rank) => {
  const a = product(n, rank, n);
  const eigen = symmetricEigen(a, n);
  const size = Math.max(...eigen.values);
  expect(
    farthest(
      fromEigen(eigen, (value) => value),
      a,
    ),
  ).toBeLessThan(1e-13 * size * n);
  const unit = Float64Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0));
  expect(
    farthest(
      fromEigen(eigen, () => 1),
      unit,
    ),
  ).toBeLessThan(1e-13 * n);
  expect([...eigen.values].filter((value) => value > 1e-10 * size)).toHaveLength(Math.min(n, rank));
});

test('known eigenvalues: of diagonals, of zeros, and of neighbours', () => {
  expect(Array.from(symmetricEigen([3, 0, 0, 0, -1, 0, 0, 0, 2], 3).values).sort((a, b) => a - b)).toEqual([-1, 2, 3]);
  expect(Array.from(symmetricEigen(new Float64Array(16), 4).values)).toEqual([0, 0, 0, 0]);
  const n = 20;
  const neighbours = Float64Array.from({ length: n * n }, (_, i) => {
    const off = Math.abs(Math.floor(i / n) - (i % n));
    return off === 0 ? 2 : off === 1 ? -1 : 0;
  });
  const expected = Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)));
  const found = Array.from(symmetricEigen(neighbours, n).values).sort((a, b) => a - b);
  expect(farthest(found, expected)).toBeLessThan(1e-13);
});

test('what is no number is refused', () => {
  expect(() => symmetricEigen([1, NaN, 0, NaN, 1, 2, 0, 2, 1], 3)).toThrow('is every number finite?');
});
