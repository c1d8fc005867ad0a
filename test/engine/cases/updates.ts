import type { KernelAttrs } from '../../../src/backend/kernels.ts';
import { apply } from '../../../src/engine/execute.ts';
import { assignAdd, increment } from '../../../src/engine/variable.ts';
import * as w from '../../../src/index.ts';
import { accumulateOp } from '../../../src/ops/fused/accumulate.ts';
import {
  accumulateGradient,
  clipNorm,
  movingAverage,
  pack,
  type UpdateKernel,
  updateBy,
} from '../../../src/ops/updates.ts';
import { type Case, of, x } from './case.ts';

const int = (value: number) => w.tensor([value], [1], 'int32');
const moments = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
const rmsprop = { rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false };
const decaying = { decay: 0.1, decayed: 16 };

/** Some calls of an update, whose slots begin with these values: the weights, the slots and the numbers that it keeps. */
function updates<K extends UpdateKernel>(
  kernel: K,
  slots: readonly number[],
  attrs: KernelAttrs[K],
  { title = kernel as string, from = 0, steps = 4, numbers = [] as readonly number[] } = {},
): Case {
  return of(kernel, {
    title,
    inputs: [x(64), x(64)],
    run: (weights, gradient) => {
      const kept = [...slots.map((value) => w.full([64], value)), ...numbers.map((value) => w.full([1], value))];
      const state = [weights!, ...kept].map((values) => w.variable(values));
      const [parameters, ...rest] = state as [w.Variable, ...w.Variable[]];
      const operands = { parameters, slots: rest, gradient: gradient!, learningRate: w.tensor([0.01]) };
      for (let i = from; i < from + steps; i++) updateBy(kernel, { ...operands, iteration: int(i) }, attrs);
      return state.map((values) => w.clone(values));
    },
  });
}

export const updateCases: readonly Case[] = [
  of('pack', {
    inputs: [x(3), x(2, 2)],
    run: (a, b) => pack([a!, b!], [0, 64], 128).gatherRows(w.tensor([0, 1, 2, 64, 65, 66, 67], [7], 'int32')),
  }),
  of('assign', {
    inputs: [x(5), x(5)],
    run: (a, b) => {
      const v = w.variable(a!, { trainable: false });
      v.assign(b!);
      return w.clone(v);
    },
  }),
  of('assignAdd', {
    inputs: [x(5), x(5)],
    run: (a, b) => {
      const v = w.variable(a!, { trainable: false });
      assignAdd(v, b!);
      return w.clone(v);
    },
  }),
  of('increment', {
    inputs: [],
    run: () => {
      const v = w.variable(w.tensor([40], [1], 'int32'), { trainable: false });
      increment(v, 2);
      return w.clone(v);
    },
  }),
  of('accumulate', {
    inputs: [x(1), x(7, 11)],
    run: (a, values) => {
      const v = w.variable(a!, { trainable: false });
      apply(accumulateOp, [v, values!], { scale: 0.5 });
      return w.clone(v);
    },
  }),
  of('accumulateGradient', {
    inputs: [x(64), x(64)],
    run: (before, gradient) => {
      const sum = w.variable(before!);
      accumulateGradient(sum, gradient!, int(1), 3);
      const full = w.clone(sum);
      accumulateGradient(sum, gradient!, int(2), 3);
      return [full, w.clone(sum)];
    },
  }),
  ...[false, true].map((together) =>
    of('clipNorm', {
      title: together ? 'clipNorm of all together' : 'clipNorm of each part',
      inputs: [x(200)],
      // the second is below the limit for itself
      run: (gradient) => clipNorm(gradient!, { limit: 3, together, offsets: [0, 64, 128], sizes: [60, 3, 70] }),
    }),
  ),
  ...[0, 1, 5].map((iteration) =>
    of('movingAverage', {
      title: `movingAverage after ${iteration} calls`,
      inputs: [x(64), x(64)],
      run: (before, weights) => {
        const [average, parameters] = [w.variable(before!), w.variable(weights!)];
        movingAverage(average, parameters, int(iteration), { momentum: 0.9, every: 2, overwrite: 3 });
        return [w.clone(average), w.clone(parameters)];
      },
    }),
  ),
  updates('adam', [0, 0], moments),
  updates('adam', [0, 0], moments, { title: 'adam after many steps', from: 5000, steps: 1 }),
  updates('adam', [0, 0], { ...moments, ...decaying, every: 2 }, { title: 'adam with decay, at every second call' }),
  updates('amsgrad', [0, 0, 0], { ...moments, ...decaying }),
  ...[false, true].map((nesterov) =>
    updates(
      'sgd',
      [0],
      { momentum: 0.9, nesterov, ...decaying },
      { title: nesterov ? 'sgd by Nesterov' : 'sgd with momentum' },
    ),
  ),
  updates('sgd', [0], { momentum: 0, nesterov: false }),
  updates('rmsprop', [0, 0, 0], rmsprop),
  updates('rmsprop', [0, 0, 0], { ...rmsprop, momentum: 0.9, ...decaying }, { title: 'rmsprop with momentum' }),
  updates('rmsprop', [0, 0, 0], { ...rmsprop, centered: true }, { title: 'rmsprop, centered' }),
  updates('adagrad', [0.1], { epsilon: 1e-7, ...decaying }),
  updates('adamax', [0, 0], { ...moments, ...decaying }),
  updates('adamax', [0, 0], moments, { title: 'adamax after many steps', from: 5000, steps: 1 }),
  updates('nadam', [0, 0], { ...moments, ...decaying, every: 2 }, { numbers: [1] }),
  updates('nadam', [0, 0], moments, { title: 'nadam after many steps', from: 5000, steps: 1, numbers: [0] }),
];
