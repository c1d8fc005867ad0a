import { assignAdd, increment } from '../../../src/engine/variable.ts';
import * as w from '../../../src/index.ts';
import { adamUpdate, sgdUpdate } from '../../../src/ops/updates.ts';
import { LARGEST, type Special, special } from './special.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const gradients = [nan, inf, -inf, 0, LARGEST];
const changed = (values: readonly number[], size = 5) => values.map((value) => w.variable(w.full([size], value)));

/** One update of weights of 1: the weights, m and v. */
function adam(gradient: w.Tensor): w.Tensor[] {
  const [parameters, m, v] = changed([1, 0, 0], gradient.size) as [w.Variable, w.Variable, w.Variable];
  const state = { parameters, m, v, gradient, learningRate: w.tensor([0.01]), iteration: w.zeros([1], 'int32') };
  adamUpdate(state, { beta1: 0.5, beta2: 0.5, epsilon: 1e-7 });
  return [w.clone(parameters), w.clone(m), w.clone(v)];
}

export const updateSpecials: readonly Special[] = [
  special('assign', 'assign', [gradients], (g) => w.clone(w.variable(w.zeros([5])).assign(g)), gradients),
  special(
    'assignAdd',
    'assignAdd',
    [gradients, [1, 1, inf, -inf, LARGEST]],
    (a, b) => {
      const sum = w.variable(a);
      assignAdd(sum, b);
      return w.clone(sum);
    },
    [nan, inf, nan, -inf, inf],
  ),
  special(
    'assignAdd',
    'assignAdd',
    [Int32Array.of(2 ** 31 - 1), Int32Array.of(1)],
    (a, b) => {
      const sum = w.variable(a, { trainable: false });
      assignAdd(sum, b);
      return w.clone(sum);
    },
    [-(2 ** 31)],
    { title: 'assignAdd of int32 wraps around' },
  ),
  special(
    'increment',
    'increment',
    [Int32Array.of(2 ** 31 - 1)],
    (a) => {
      const counter = w.variable(a, { trainable: false });
      increment(counter);
      return w.clone(counter);
    },
    [-(2 ** 31)],
    { title: 'increment wraps around' },
  ),
  // the largest has an infinite square, and the weight stays
  special('adam', 'adam', [gradients], adam, ({ largest }) => [
    ...[nan, nan, nan, 1, 1],
    ...[nan, inf, -inf, 0, largest / 2],
    ...[nan, inf, inf, 0, inf],
  ]),
  special(
    'adam',
    'adam',
    [[2 ** 64]],
    adam,
    ({ dtype }) => (dtype === 'float32' ? [1, 2 ** 63, inf] : [0.99, 2 ** 63, 2 ** 127]),
    { title: 'adam of a gradient whose square float32 cannot hold' },
  ),
  ...[false, true].map((nesterov) =>
    special(
      'sgd',
      'sgd',
      [gradients],
      (gradient) => {
        const [parameters, velocity] = changed([1, 0]) as [w.Variable, w.Variable];
        sgdUpdate({ parameters, velocity, gradient, learningRate: w.tensor([2]) }, { momentum: 0.5, nesterov });
        return [w.clone(parameters), w.clone(velocity)];
      },
      [...[nan, -inf, inf, 1, -inf], ...[nan, -inf, inf, 0, -inf]],
      { title: nesterov ? 'sgd by Nesterov' : 'sgd with momentum' },
    ),
  ),
];
