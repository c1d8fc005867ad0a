// How each public function that is no operation itself is called: traced, it shows of which operations it is made.
import type { Spec } from '../../src/backend/backend.ts';
import type { Tensor } from '../../src/index.ts';
import * as w from '../../src/index.ts';

interface Call {
  readonly inputs: readonly Spec[];
  run(...inputs: Tensor[]): Tensor;
}

/** A call; or words, where a call would not say it. */
export type Example = Call | string;

const float = (...shape: number[]): Spec => ({ shape, dtype: 'float32' });

const of = (run: (x: Tensor) => Tensor, input = float(2, 3)): Call => ({ inputs: [input], run: (x) => run(x!) });
const ofTwo = (run: (a: Tensor, b: Tensor) => Tensor, a: Spec, b: Spec): Call => ({
  inputs: [a, b],
  run: (left, right) => run(left!, right!),
});
const made = (run: () => Tensor): Call => ({ inputs: [], run });

export const examples: Readonly<Record<string, Example>> = {
  relu6: of((x) => w.relu6(x)),
  leakyRelu: of((x) => w.leakyRelu(x)),
  elu: of((x) => w.elu(x)),
  selu: of((x) => w.selu(x)),
  hardSigmoid: of((x) => w.hardSigmoid(x)),
  softsign: of((x) => w.softsign(x)),
  silu: of((x) => w.silu(x)),
  gelu: of((x) => w.gelu(x)),
  mish: of((x) => w.mish(x)),
  clip: of((x) => w.clip(x, 0, 1)),

  tensor: made(() => w.tensor([1, 2])),
  full: made(() => w.full([2, 3], 7)),
  zeros: made(() => w.zeros([2, 3])),
  ones: made(() => w.ones([2, 3])),
  eye: made(() => w.eye(2)),
  arange: made(() => w.arange(3)),
  linspace: made(() => w.linspace(0, 1, 3)),
  randomNormal: made(() => w.randomNormal([2, 3], 0, 1, { seed: 1 })),
  variable: made(() => w.variable([1, 2])),

  dense: {
    inputs: [float(2, 3), float(3, 4), float(4)],
    run: (x, kernel, bias) => w.dense(x!, kernel!, { bias: bias!, activation: 'relu' }),
  },
  dot: ofTwo((a, b) => w.dot(a, b), float(3), float(3)),

  sum: of((x) => w.sum(x)),
  mean: of((x) => w.mean(x)),
  max: of((x) => w.max(x)),
  min: of((x) => w.min(x)),
  prod: of((x) => w.prod(x)),
  variance: of((x) => w.variance(x, 0)),
  std: of((x) => w.std(x, 0)),
  logSumExp: of((x) => w.logSumExp(x, 0)),
  argMax: of((x) => w.argMax(x)),
  argMin: of((x) => w.argMin(x)),

  squeeze: of((x) => w.squeeze(x), float(2, 1, 3)),
  expandDims: of((x) => w.expandDims(x, 0)),
  flatten: of((x) => w.flatten(x), float(2, 3, 4)),
  stack: ofTwo((a, b) => w.stack([a, b]), float(3), float(3)),
  tile: of((x) => w.tile(x, [2, 2])),
  gather: ofTwo((x, i) => w.gather(x, i, 1), float(2, 3), { shape: [4], dtype: 'int32' }),

  depthwiseConv2d: ofTwo((x, k) => w.depthwiseConv2d(x, k), float(1, 4, 4, 2), float(2, 2, 2, 1)),
  conv2dTranspose: ofTwo((x, k) => w.conv2dTranspose(x, k), float(1, 4, 4, 2), float(2, 2, 3, 2)),
  globalAveragePool2d: of((x) => w.globalAveragePool2d(x), float(1, 4, 4, 2)),
  globalMaxPool2d: of((x) => w.globalMaxPool2d(x), float(1, 4, 4, 2)),
  upSampling2d: of((x) => w.upSampling2d(x), float(1, 4, 4, 2)),
  resizeBilinear: of((x) => w.resizeBilinear(x, [3, 3]), float(1, 4, 4, 2)),
  resizeNearest: of((x) => w.resizeNearest(x, [3, 3]), float(1, 4, 4, 2)),

  batchNorm: {
    inputs: [float(2, 3), float(3), float(3), float(3), float(3)],
    run: (x, mean, variance, gamma, beta) =>
      w.batchNorm(x!, { mean: mean!, variance: variance!, gamma: gamma!, beta: beta! }),
  },
  layerNorm: of((x) => w.layerNorm(x)),
  dropout: of((x) => w.dropout(x, 0.5, { seed: 1 })),

  sigmoidCrossEntropy: ofTwo((z, t) => w.sigmoidCrossEntropy(z, t), float(2, 3), float(2, 3)),
  meanSquaredError: ofTwo((t, p) => w.meanSquaredError(t, p), float(2, 3), float(2, 3)),
  meanAbsoluteError: ofTwo((t, p) => w.meanAbsoluteError(t, p), float(2, 3), float(2, 3)),
};
