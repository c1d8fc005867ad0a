// What is written in place, and the optimizers, as their papers have them.
import { at, type Definitions, defined, tabulate } from './definition.ts';
import { sqrt } from './functions.ts';

export const updates: Definitions<'assign' | 'assignAdd' | 'increment' | 'adam' | 'sgd'> = {
  assign: defined('nothing', ([, value]) => Array.from(value!.data)),

  assignAdd: defined('itself', ([target, value], _, y) =>
    tabulate(y.shape, (...i) => at(target, ...i) + at(value, ...i)),
  ),

  increment: defined('nothing', ([counter], { by }) => [at(counter, 0) + by]),

  // Kingma and Ba 2015, in the form "just before section 2.1", as Keras has it:
  // m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;  w -= rate sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon)
  adam: {
    measure: 'operands',
    of: ({ inputs: [w, m, v, g, iteration, rate], attrs: { beta1, beta2, epsilon } }) => {
      const t = at(iteration, 0) + 1;
      const step = (at(rate, 0) * sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
      const mean = tabulate(w!.shape, (i) => beta1 * at(m, i) + (1 - beta1) * at(g, i));
      const square = tabulate(w!.shape, (i) => beta2 * at(v, i) + (1 - beta2) * at(g, i) ** 2);
      return [tabulate(w!.shape, (i) => at(w, i) - (step * mean[i]!) / (sqrt(square[i]!) + epsilon)), mean, square];
    },
  },

  // v = momentum v - rate g;  w += v, or with Nesterov's look ahead w += momentum v - rate g
  sgd: {
    measure: 'operands',
    of: ({ inputs: [w, velocity, g, rate], attrs: { momentum, nesterov } }) => {
      const speed = tabulate(w!.shape, (i) => momentum * at(velocity, i) - at(rate, 0) * at(g, i));
      const move = (i: number) => (nesterov ? momentum * speed[i]! - at(rate, 0) * at(g, i) : speed[i]!);
      return [tabulate(w!.shape, (i) => at(w, i) + move(i)), speed];
    },
  },
};
