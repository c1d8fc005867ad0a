// The optimizers as their papers have them, in Keras' form; and what happens to gradients before and to weights behind.
import type { KernelAttrs, UpdateAttrs } from '../../../src/backend/kernels.ts';
import { at, type Definition, type Definitions, type Operand, sumOver, tabulate } from './definition.ts';
import { sqrt } from './functions.ts';

type UpdateKernel = 'adam' | 'amsgrad' | 'sgd' | 'rmsprop' | 'adagrad' | 'adamax' | 'nadam';

/** What a rule sees of one element. */
interface Element {
  /** The weight, decayed if it decays; the slots; the gradient. */
  readonly w: number;
  readonly slots: readonly number[];
  readonly g: number;
  /** The number of the update, from 1. */
  readonly t: number;
  readonly rate: number;
}

/** The update of one element: the weight, and the slots. A slot that is switched off is left alone. */
type Rule<K extends UpdateKernel> = (element: Element, attrs: KernelAttrs[K]) => readonly number[];

/** `numbers` are kept once: the rule finds them behind the slots, and gives them alike for all elements. */
function update<K extends UpdateKernel>(slots: number, rule: Rule<K>): Definition<K> {
  return {
    measure: 'operands',
    of: ({ inputs, attrs }) => {
      const state = inputs.slice(0, slots + 1);
      const [gradient, iteration, rate] = inputs.slice(slots + 1) as [Operand, Operand, Operand];
      const { every = 1, decay = 0, decayed = 0 }: UpdateAttrs = attrs;
      const calls = iteration.data[0]! + 1;
      if (calls % every !== 0) return state.map(({ data }) => Array.from(data));
      const lr = rate.data[0]!;
      const of = (i: number) =>
        rule(
          {
            w: at(state[0], i) * (i < decayed ? 1 - decay * lr : 1),
            // a number is the same for all elements
            slots: state.slice(1).map((slot) => slot.data[slot.data.length === 1 ? 0 : i]!),
            g: at(gradient, i),
            t: calls / every,
            rate: lr,
          },
          attrs,
        );
      return state.map((operand, slot) => tabulate([operand.data.length], (i) => of(i)[slot]!));
    },
  };
}

type Optimizers = Definitions<UpdateKernel | 'accumulateGradient' | 'clipNorm' | 'movingAverage'>;

export const optimizers: Optimizers = {
  // Kingma and Ba 2015, in the form "just before section 2.1":
  // m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;  w -= rate sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon)
  adam: update(2, ({ w, slots: [m, v], g, t, rate }, { beta1, beta2, epsilon }) => {
    const mean = beta1 * m! + (1 - beta1) * g;
    const square = beta2 * v! + (1 - beta2) * g ** 2;
    const step = (rate * sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
    return [w - (step * mean) / (sqrt(square) + epsilon), mean, square];
  }),

  // Reddi, Kale and Kumar 2018: the largest v so far under the root
  amsgrad: update(3, ({ w, slots: [m, v, top], g, t, rate }, { beta1, beta2, epsilon }) => {
    const mean = beta1 * m! + (1 - beta1) * g;
    const square = beta2 * v! + (1 - beta2) * g ** 2;
    const largest = Math.max(square, top!);
    const step = (rate * sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
    return [w - (step * mean) / (sqrt(largest) + epsilon), mean, square, largest];
  }),

  // v = momentum v - rate g;  w += v, or with Nesterov's look ahead w += momentum v - rate g
  sgd: update(1, ({ w, slots: [v], g, rate }, { momentum, nesterov }) => {
    if (momentum === 0) return [w - rate * g, v!];
    const speed = momentum * v! - rate * g;
    return [w + (nesterov ? momentum * speed - rate * g : speed), speed];
  }),

  // Hinton 2012; centered: Graves 2013, equations 38 to 45
  rmsprop: update(3, ({ w, slots: [v, b, a], g, rate }, { rho, momentum, epsilon, centered }) => {
    const square = rho * v! + (1 - rho) * g ** 2;
    const mean = centered ? rho * a! + (1 - rho) * g : a!;
    const step = (rate * g) / sqrt(square - (centered ? mean ** 2 : 0) + epsilon);
    const speed = momentum > 0 ? momentum * b! + step : b!;
    return [w - (momentum > 0 ? speed : step), square, speed, mean];
  }),

  // Duchi, Hazan and Singer 2011, the diagonal form
  adagrad: update(1, ({ w, slots: [a], g, rate }, { epsilon }) => {
    const total = a! + g ** 2;
    return [w - (rate * g) / sqrt(total + epsilon), total];
  }),

  // Kingma and Ba 2015, section 7.1
  adamax: update(2, ({ w, slots: [m, u], g, t, rate }, { beta1, beta2, epsilon }) => {
    const mean = beta1 * m! + (1 - beta1) * g;
    const top = Math.max(beta2 * u!, Math.abs(g));
    return [w - (rate * mean) / ((1 - beta1 ** t) * (top + epsilon)), mean, top];
  }),

  // Dozat 2016, algorithm 2, with mu_t = beta1 (1 - 0.96^t / 2)
  nadam: update(3, ({ w, slots: [m, v, product], g, t, rate }, { beta1, beta2, epsilon }) => {
    const mu = (step: number) => beta1 * (1 - 0.96 ** step / 2);
    const upTo = product! * mu(t);
    const mean = beta1 * m! + (1 - beta1) * g;
    const square = beta2 * v! + (1 - beta2) * g ** 2;
    const ahead = (mu(t + 1) * mean) / (1 - upTo * mu(t + 1)) + ((1 - mu(t)) * g) / (1 - upTo);
    return [w - (rate * ahead) / (sqrt(square / (1 - beta2 ** t)) + epsilon), mean, square, upTo];
  }),

  accumulateGradient: {
    measure: 'itself',
    of: ({ inputs: [sum, gradient, iteration], attrs: { every } }) => {
      const ends = (at(iteration, 0) + 1) % every === 0;
      return [tabulate(sum!.shape, (i) => (ends ? 0 : at(sum, i) + at(gradient, i)))];
    },
  },

  // Pascanu, Mikolov and Bengio 2013: y = g min(1, limit / |g|)
  clipNorm: {
    measure: 'itself',
    of: ({ inputs: [g], attrs: { limit, together, offsets, sizes } }) => {
      const squares = offsets.map((first, part) => sumOver([sizes[part]!], (i) => at(g, first + i) ** 2));
      const all = squares.reduce((total, square) => total + square, 0);
      const partOf = (i: number) => offsets.filter((first) => first <= i).length - 1;
      const norm = (i: number) => sqrt(together ? all : squares[partOf(i)]!);
      return [tabulate(g!.shape, (i) => (norm(i) > limit ? (at(g, i) * limit) / norm(i) : at(g, i)))];
    },
  },

  // Polyak and Juditsky 1992, fading
  movingAverage: {
    measure: 'operands',
    of: ({ inputs: [average, w, iteration], attrs: { momentum, every, overwrite } }) => {
      const k = (at(iteration, 0) - (at(iteration, 0) % every)) / every;
      const keep = k === 0 ? 0 : momentum;
      const mean = tabulate(w!.shape, (i) => keep * at(average, i) + (1 - keep) * at(w, i));
      return [mean, overwrite > 0 && (k + 1) % overwrite === 0 ? mean : Array.from(w!.data)];
    },
  },
};
