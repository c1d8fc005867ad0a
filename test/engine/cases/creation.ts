// The public functions whose values come from the host, so that no operation computes them: what they must hold.
import type { DType, Shape } from '../../../src/backend/backend.ts';
import * as w from '../../../src/index.ts';
import { normals } from '../definitions/random.ts';

export interface Creation {
  /** The public function. */
  readonly fn: string;
  readonly title: string;
  run(): w.Tensor;
  readonly shape: Shape;
  /** Float unless another is given. */
  readonly dtype?: Exclude<DType, 'float32' | 'float64'>;
  readonly values: readonly number[];
}

const thirds = [0, 1 / 3, 2 / 3, 1];

export const creations: readonly Creation[] = [
  {
    fn: 'tensor',
    title: 'tensor of lists',
    run: () =>
      w.tensor([
        [1, 0.1],
        [-2, 3],
      ]),
    shape: [2, 2],
    values: [1, 0.1, -2, 3],
  },
  {
    fn: 'tensor',
    title: 'tensor regrouped',
    run: () => w.tensor([1, 2, 3, 4, 5, 6], [2, -1]),
    shape: [2, 3],
    values: [1, 2, 3, 4, 5, 6],
  },
  {
    fn: 'tensor',
    title: 'tensor of whole numbers',
    run: () => w.tensor(Int32Array.of(7, -8)),
    shape: [2],
    dtype: 'int32',
    values: [7, -8],
  },
  {
    fn: 'tensor',
    title: 'tensor of truths',
    run: () => w.tensor([true, false]),
    shape: [2],
    dtype: 'bool',
    values: [1, 0],
  },
  { fn: 'eye', title: 'eye', run: () => w.eye(2, 3), shape: [2, 3], values: [1, 0, 0, 0, 1, 0] },
  { fn: 'arange', title: 'arange', run: () => w.arange(4), shape: [4], dtype: 'int32', values: [0, 1, 2, 3] },
  { fn: 'arange', title: 'arange downwards', run: () => w.arange(1, 0, -0.375), shape: [3], values: [1, 0.625, 0.25] },
  { fn: 'linspace', title: 'linspace', run: () => w.linspace(0, 1, 4), shape: [4], values: thirds },
  {
    fn: 'randomNormal',
    title: 'randomNormal',
    run: () => w.randomNormal([3, 7], 0.5, 2, { seed: 5 }),
    shape: [3, 7],
    values: normals(5, 21).map((z) => 0.5 + 2 * z),
  },
  { fn: 'variable', title: 'variable', run: () => w.variable([1, 0.1]), shape: [2], values: [1, 0.1] },
];
