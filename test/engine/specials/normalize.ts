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
    'batchNormTraining',
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
    'batchNormTrainingGrad',
    'batchNormTrainingGrad',
    [
      [
        [nan, 1, 2],
        [1, 3, 2],
      ],
      [
        [1, 12, inf],
        [1, -4, 1],
      ],
    ],
    (x, dy) => w.grad((x) => w.sum(w.mul(w.batchNormTraining(x, { epsilon: 3 })[0], dy)))(x),
    // (12 - (8 + 16 / 4) / 2) / 2 in the second channel; in the third infinity less its own share
    [nan, 3, nan, nan, -3, nan],
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
