import type { KernelAttrs } from '../../../src/backend/kernels.ts';
import { assignAdd, increment } from '../../../src/engine/variable.ts';
import * as w from '../../../src/index.ts';
import { accumulateGradient, clipNorm, movingAverage, type UpdateKernel, updateBy } from '../../../src/ops/updates.ts';
import { LARGEST, type Special, special } from './special.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const gradients = [nan, inf, -inf, 0, LARGEST];
const changed = (values: readonly number[], size = 5) => values.map((value) => w.variable(w.full([size], value)));

/** The first update of weights of 1, whose slots are 0: the weights, the slots, and the numbers that it keeps. */
function updated<K extends UpdateKernel>(
  kernel: K,
  slots: number,
  attrs: KernelAttrs[K],
  { learningRate = 0.01, numbers = [] as readonly number[] } = {},
): (gradient: w.Tensor) => w.Tensor[] {
  return (gradient) => {
    const [parameters, ...own] = changed([1, ...new Array<number>(slots).fill(0)], gradient.size);
    const kept = [...own, ...changed(numbers, 1)];
    const counters = { learningRate: w.tensor([learningRate]), iteration: w.zeros([1], 'int32') };
    updateBy(kernel, { parameters: parameters!, slots: kept, gradient, ...counters }, attrs);
    return [parameters!, ...kept].map((values) => w.clone(values));
  };
}

const halves = { beta1: 0.5, beta2: 0.5, epsilon: 1e-7 };
const rmsprop = { rho: 0.5, momentum: 0, epsilon: 1e-7, centered: false };
const zeros = [0, 0, 0, 0, 0];
const near = { off: () => 1e-6 };

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
  special('adam', 'adam', [gradients], updated('adam', 2, halves), ({ largest }) => [
    ...[nan, nan, nan, 1, 1],
    ...[nan, inf, -inf, 0, largest / 2],
    ...[nan, inf, inf, 0, inf],
  ]),
  special(
    'adam',
    'adam',
    [[2 ** 64]],
    updated('adam', 2, halves),
    ({ dtype }) => (dtype === 'float32' ? [1, 2 ** 63, inf] : [0.99, 2 ** 63, 2 ** 127]),
    { title: 'adam of a gradient whose square float32 cannot hold' },
  ),
  special('amsgrad', 'amsgrad', [gradients], updated('amsgrad', 3, halves), ({ largest }) => [
    ...[nan, nan, nan, 1, 1],
    ...[nan, inf, -inf, 0, largest / 2],
    ...[nan, inf, inf, 0, inf],
    ...[nan, inf, inf, 0, inf],
  ]),
  ...[false, true].map((nesterov) =>
    special(
      'sgd',
      'sgd',
      [gradients],
      updated('sgd', 1, { momentum: 0.5, nesterov }, { learningRate: 2 }),
      [...[nan, -inf, inf, 1, -inf], ...[nan, -inf, inf, 0, -inf]],
      { title: nesterov ? 'sgd by Nesterov' : 'sgd with momentum' },
    ),
  ),
  special('rmsprop', 'rmsprop', [gradients], updated('rmsprop', 3, rmsprop), [
    ...[nan, nan, nan, 1, 1],
    ...[nan, inf, inf, 0, inf],
    ...[...zeros, ...zeros],
  ]),
  special(
    'rmsprop',
    'rmsprop',
    [gradients],
    updated('rmsprop', 3, { ...rmsprop, centered: true }),
    ({ largest }) => [
      ...[nan, nan, nan, 1, nan],
      ...[nan, inf, inf, 0, inf],
      ...zeros,
      ...[nan, inf, -inf, 0, largest / 2],
    ],
    { title: 'rmsprop, centered' },
  ),
  special('adagrad', 'adagrad', [gradients], updated('adagrad', 1, { epsilon: 1e-7 }), [
    ...[nan, nan, nan, 1, 1],
    ...[nan, inf, inf, 0, inf],
  ]),
  special(
    'adamax',
    'adamax',
    [gradients],
    updated('adamax', 2, halves, { learningRate: 0.25 }),
    ({ largest }) => [...[nan, nan, nan, 1, 0.75], ...[nan, inf, -inf, 0, largest / 2], ...[nan, inf, inf, 0, largest]],
    near,
  ),
  special(
    'nadam',
    'nadam',
    [gradients.slice(0, 4)],
    updated('nadam', 2, halves, { numbers: [1] }),
    [...[nan, nan, nan, 1], ...[nan, inf, -inf, 0], ...[nan, inf, inf, 0], 0.26],
    near,
  ),
  special(
    'accumulateGradient',
    'accumulateGradient',
    [
      [nan, inf, -inf, LARGEST],
      [1, 1, inf, LARGEST],
    ],
    (before, gradient) => {
      const sum = w.variable(before);
      accumulateGradient(sum, gradient, w.zeros([1], 'int32'), 2);
      const full = w.clone(sum);
      accumulateGradient(sum, gradient, w.ones([1], 'int32'), 2);
      return [full, w.clone(sum)];
    },
    [nan, inf, nan, inf, 0, 0, 0, 0],
  ),
  // an infinite norm leaves 0 of what is finite
  special(
    'clipNorm',
    'clipNorm',
    [[nan, 1, inf, 1, 0, 0, LARGEST, 1]],
    (gradient) => clipNorm(gradient, { limit: 1, together: false, offsets: [0, 2, 4, 6], sizes: [2, 2, 2, 2] }),
    [nan, nan, nan, 0, 0, 0, 0, 0],
  ),
  special(
    'movingAverage',
    'movingAverage',
    [
      [nan, inf, 0],
      [1, -inf, nan],
    ],
    (before, weights) => {
      const [average, parameters] = [w.variable(before), w.variable(weights)];
      const attrs = { momentum: 0.5, every: 1, overwrite: 0 };
      movingAverage(average, parameters, w.ones([1], 'int32'), attrs);
      const mixed = w.clone(average);
      movingAverage(average, parameters, w.zeros([1], 'int32'), attrs);
      return [mixed, w.clone(average), w.clone(parameters)];
    },
    [...[nan, nan, nan], ...[1, -inf, nan], ...[1, -inf, nan]],
  ),
];
