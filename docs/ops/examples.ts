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
  activate: 'what the activation of that name is made of',
  activationName: 'no operation: gives a name',
  isActivation: 'no operation: true or false',
  isFused: 'no operation: true or false',

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
  logSumExp: of((x) => w.logSumExp(x, 0)),
  argMax: of((x) => w.argMax(x)),
  argMin: of((x) => w.argMin(x)),

  squeeze: of((x) => w.squeeze(x), float(2, 1, 3)),
  expandDims: of((x) => w.expandDims(x, 0)),
  flatten: of((x) => w.flatten(x), float(2, 3, 4)),
};
