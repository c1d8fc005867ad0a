import * as w from '../../../src/index.ts';
import { type Case, of, positive, x } from './case.ts';

const probability = (t: w.Tensor) => w.div(t, 4);

export const normalizeCases: readonly Case[] = [
  of('rsqrt', {
    fn: 'batchNorm',
    title: 'batchNorm',
    inputs: [x(2, 3, 4), x(4), positive(4), x(4), x(4)],
    run: (a, mean, variance, gamma, beta) =>
      w.batchNorm(a!, { mean: mean!, variance: variance!, gamma: gamma!, beta: beta! }),
  }),
  of('rsqrt', {
    fn: 'batchNorm',
    title: 'batchNorm without scale and shift',
    inputs: [x(5, 3), x(3), positive(3)],
    run: (a, mean, variance) => w.batchNorm(a!, { mean: mean!, variance: variance!, epsilon: 0.125 }),
  }),
  of('batchNormTraining', {
    title: 'batchNormTraining',
    inputs: [x(2, 3, 2, 4), x(4), x(4)],
    run: (a, gamma, beta) => w.batchNormTraining(a!, { gamma: gamma!, beta: beta! }),
  }),
  of('batchNormTraining', {
    title: 'batchNormTraining of a vector',
    inputs: [x(4)],
    run: (a) => w.batchNormTraining(a!, { epsilon: 0.5 }),
  }),
  of('batchNormTraining', {
    title: 'batchNormTraining whose statistics are used as well',
    inputs: [x(5, 3), x(3)],
    run: (a, gamma) => {
      const [y, mean, variance] = w.batchNormTraining(a!, { gamma: gamma! });
      return w.add(w.mul(y, variance), mean);
    },
  }),
  of('batchNormTrainingGrad', {
    inputs: [x(2, 3, 4), x(4), x(2, 3, 4)],
    run: (a, gamma, dy) => {
      const weighted = (a: w.Tensor, gamma: w.Tensor) =>
        w.sum(w.mul(w.batchNormTraining(a, { gamma, epsilon: 0.25 })[0], dy!));
      return w.grad(weighted)(a!, gamma!) as w.Tensor[];
    },
  }),
  of('rsqrt', {
    fn: 'layerNorm',
    title: 'layerNorm',
    inputs: [x(3, 5), x(5), x(5)],
    run: (a, gamma, beta) => w.layerNorm(a!, { gamma: gamma!, beta: beta! }),
  }),
  of('rsqrt', {
    fn: 'layerNorm',
    title: 'layerNorm over separate axes',
    inputs: [x(3, 2, 4), x(3, 4)],
    run: (a, gamma) => w.layerNorm(a!, { axis: [0, 2], gamma: gamma! }),
  }),
  of('where', { fn: 'dropout', title: 'dropout', inputs: [x(6, 7)], run: (a) => w.dropout(a!, 0.4, { seed: 3 }) }),
  of('softplus', {
    fn: 'sigmoidCrossEntropy',
    title: 'sigmoidCrossEntropy',
    inputs: [x(4, 3), positive(4, 3)],
    run: (z, t) => w.sigmoidCrossEntropy(w.mul(z!, 8), probability(t!)),
  }),
  of('square', {
    fn: 'meanSquaredError',
    title: 'meanSquaredError',
    inputs: [x(2, 4, 3), x(2, 4, 3)],
    run: (t, p) => w.meanSquaredError(t!, p!),
  }),
  of('abs', {
    fn: 'meanAbsoluteError',
    title: 'meanAbsoluteError',
    inputs: [x(4, 3), positive(4, 3)],
    run: (t, p) => w.meanAbsoluteError(w.sub(t!, 4), p!),
  }),
];
