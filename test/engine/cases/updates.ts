import { apply } from '../../../src/engine/execute.ts';
import { assignAdd, increment } from '../../../src/engine/variable.ts';
import * as w from '../../../src/index.ts';
import { accumulateOp } from '../../../src/ops/fused/accumulate.ts';
import { adamUpdate, pack, sgdUpdate } from '../../../src/ops/updates.ts';
import { type Case, of, x } from './case.ts';

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
  of('adam', {
    inputs: [x(64), x(64)],
    run: (weights, gradient) => {
      const [parameters, m, v] = [weights!, w.zeros([64]), w.zeros([64])].map((t) => w.variable(t));
      const state = { parameters: parameters!, m: m!, v: v!, gradient: gradient!, learningRate: w.tensor([0.01]) };
      for (let t = 0; t < 3; t++) {
        adamUpdate({ ...state, iteration: w.tensor([t], [1], 'int32') }, { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 });
      }
      return [w.clone(parameters!), w.clone(m!), w.clone(v!)];
    },
  }),
  of('adam', {
    title: 'adam after many steps',
    inputs: [x(8), x(8)],
    run: (weights, gradient) => {
      const [parameters, m, v] = [weights!, w.zeros([8]), w.zeros([8])].map((t) => w.variable(t));
      const state = { parameters: parameters!, m: m!, v: v!, gradient: gradient!, learningRate: w.tensor([0.01]) };
      adamUpdate({ ...state, iteration: w.tensor([5000], [1], 'int32') }, { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 });
      return w.clone(parameters!);
    },
  }),
  ...[false, true].map((nesterov) =>
    of('sgd', {
      title: nesterov ? 'sgd by Nesterov' : 'sgd with momentum',
      inputs: [x(64), x(64)],
      run: (weights, gradient) => {
        const [parameters, velocity] = [w.variable(weights!), w.variable(w.zeros([64]))];
        const state = { parameters, velocity, gradient: gradient!, learningRate: w.tensor([0.1]) };
        for (let t = 0; t < 3; t++) sgdUpdate(state, { momentum: 0.9, nesterov });
        return [w.clone(parameters), w.clone(velocity)];
      },
    }),
  ),
];
