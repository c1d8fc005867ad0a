import * as w from '../../../src/index.ts';
import { bytes, type Case, distinct, of, positive, ties, x } from './case.ts';

type Reduction = 'sum' | 'mean' | 'variance' | 'std' | 'logSumExp' | 'max' | 'min' | 'prod';

const reduction = (fn: Reduction, rest: string, inputs: Case['inputs'], run: (a: w.Tensor) => w.Tensor): Case =>
  of('reduce', { fn, title: `${fn}${rest}`, inputs, run: (a) => run(a!) });

export const reduceCases: readonly Case[] = [
  reduction('sum', ' of all', [x(5, 7, 3)], (a) => w.sum(a)),
  reduction('sum', ' over an outer axis', [x(5, 7)], (a) => w.sum(a, 0)),
  reduction('sum', ' over separate axes', [x(3, 4, 2, 5)], (a) => w.sum(a, [0, 2], true)),
  reduction('sum', ' over negative axes', [x(3, 4, 2)], (a) => w.sum(a, [-1, -3])),
  reduction('sum', ' over no axes', [x(3, 4)], (a) => w.sum(a, [])),
  reduction('sum', ' of many, in passes', [positive(700, 4)], (a) => w.sum(w.mul(a, 2 ** -8), 0)),
  reduction('mean', ' over an inner axis', [x(5, 7, 3)], (a) => w.mean(a, 1)),
  reduction('mean', ' of all', [x(3, 11)], (a) => w.mean(a)),
  reduction('mean', ' of bytes', [bytes(3, 11)], (a) => w.mean(a, 0)),
  reduction('variance', '', [x(6, 5)], (a) => w.variance(a, 0)),
  reduction('variance', ' over separate axes', [x(3, 4, 2)], (a) => w.variance(a, [0, 2], true)),
  reduction('std', '', [x(6, 5)], (a) => w.std(a, 0)),
  reduction('std', ' of all, kept', [x(3, 4)], (a) => w.std(a, undefined, true)),
  reduction('logSumExp', '', [x(4, 6)], (a) => w.logSumExp(a, 1)),
  reduction('logSumExp', ' of all, kept', [x(4, 6)], (a) => w.logSumExp(a, undefined, true)),
  reduction('max', '', [distinct(4, 6)], (a) => w.max(a, 1)),
  reduction('max', ' over separate axes', [distinct(3, 4, 5)], (a) => w.max(a, [0, 2])),
  reduction('max', ' with ties', [ties(4, 6)], (a) => w.max(a, 1)),
  reduction('max', ' of all with ties', [ties(3, 5)], (a) => w.max(a)),
  reduction('min', ' over an outer axis', [distinct(4, 6)], (a) => w.min(a, 0, true)),
  reduction('min', ' over separate axes, with ties', [ties(3, 4, 5)], (a) => w.min(a, [0, 2])),
  reduction('prod', '', [positive(3, 4)], (a) => w.prod(a, 0)),
  reduction('prod', ' of all', [positive(2, 3)], (a) => w.prod(a)),
  ...(['argMax', 'argMin'] as const).flatMap((fn) => [
    of('argReduce', {
      fn,
      title: `${fn} with ties`,
      inputs: [ties(4, 6, 3)],
      run: (a) => [w[fn](a!, 1), w[fn](a!, 0)],
    }),
    of('argReduce', {
      fn,
      title: `${fn} kept, and of all`,
      inputs: [distinct(5, 7)],
      run: (a) => [w[fn](a!, -1), w[fn](a!, -2, true), w[fn](a!), w[fn](a!, null, true)],
    }),
  ]),
];
