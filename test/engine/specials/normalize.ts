import * as w from '../../../src/index.ts';
import { LARGEST, type Special, special } from './special.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** Rows whose mean over the last axis is asked for. */
const from = [[nan], [inf], [inf], [LARGEST], [3]];
const to = [[1], [1], [inf], [LARGEST], [1]];

export const normalizeSpecials: readonly Special[] = [
  special(
    'rsqrt',
    'batchNorm',
    [
      [nan, inf, 1, 1],
      [3, 3, inf, -2],
    ],
    (x, variance) => w.batchNorm(x, { mean: w.zeros([4]), variance, epsilon: 1 }),
    [nan, inf, 0, nan],
  ),
  special(
    'rsqrt',
    'batchNormTraining',
    [
      [
        [nan, 1],
        [1, 3],
      ],
    ],
    (x) => w.batchNormTraining(x, { epsilon: 0 }),
    [nan, -1, nan, 1, nan, 2, nan, 1],
  ),
  special(
    'rsqrt',
    'layerNorm',
    [
      [
        [inf, 1],
        [1, 3],
      ],
    ],
    (x) => w.layerNorm(x, { epsilon: 0 }),
    [nan, nan, -1, 1],
  ),
  special(
    'softplus',
    'sigmoidCrossEntropy',
    [
      [[nan], [inf], [-inf], [LARGEST], [-LARGEST], [inf]],
      [[1], [0], [1], [1], [1], [1]],
    ],
    (z, t) => w.sigmoidCrossEntropy(z, t),
    [nan, inf, inf, 0, LARGEST, nan],
  ),
  special('square', 'meanSquaredError', [from, to], (t, p) => w.meanSquaredError(t, p), [nan, inf, nan, 0, 4]),
  special('abs', 'meanAbsoluteError', [from, to], (t, p) => w.meanAbsoluteError(t, p), [nan, inf, nan, 0, 2]),
  special(
    'sqrt',
    'std',
    [
      [
        [nan, inf, 3],
        [1, 1, 1],
      ],
    ],
    (x) => w.std(x, 0),
    [nan, nan, 1],
  ),
];
