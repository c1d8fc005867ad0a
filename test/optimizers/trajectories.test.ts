// Training under every optimizer and every option: step by step the same as plain formulas, and as the recorded step.
import { describe, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { onEachBackend, type Place } from '../models/support.ts';
import { type Common, Reference, rules } from './reference.ts';

const { optimizers } = w;

interface Trained {
  readonly make: () => w.optimizers.Optimizer;
  readonly reference: (variables: number[][]) => Reference;
}

type Options = Omit<Common, 'learningRate' | 'excluded'> & { useEma?: boolean; lossScaleFactor?: number };

/** An optimizer and its reference, told the same. */
function trained<Own extends object>(
  make: (options: Own & Options & { learningRate: number }) => w.optimizers.Optimizer,
  rule: (own: Own) => ConstructorParameters<typeof Reference>[0],
  own: Own,
  options: Options = {},
): Trained {
  const learningRate = 0.05;
  const { useEma, lossScaleFactor, ...common } = options;
  // What AdamW does without being told.
  const decay = make === (optimizers.AdamW as typeof make) ? { weightDecay: 0.004 } : {};
  const excluded = common.weightDecay === undefined ? [] : [1];
  const ema = useEma ? { emaMomentum: 0.99, ...common } : {};
  return {
    make() {
      const optimizer = make({ ...own, ...options, learningRate });
      if (excluded.length > 0) optimizer.excludeFromWeightDecay({ names: ['bias'] });
      return optimizer;
    },
    reference: (variables) =>
      new Reference(rule(own), { ...decay, ...common, ...ema, learningRate, excluded }, variables),
  };
}

const all: Options = {
  ...{ weightDecay: 0.1, clipnorm: 0.8, useEma: true, emaMomentum: 0.7, emaOverwriteFrequency: 2 },
  ...{ gradientAccumulationSteps: 3, lossScaleFactor: 8 },
};

const { SGD, Adam, AdamW, RMSprop, Adagrad, Adamax, Nadam } = optimizers;
const fading = { beta1: 0.8, beta2: 0.5 };

// biome-ignore format: a table
const table: readonly (readonly [title: string, Trained])[] = [
  ['SGD', trained(SGD, rules.sgd, {})],
  ['SGD with momentum', trained(SGD, rules.sgd, { momentum: 0.9 })],
  ['SGD by Nesterov', trained(SGD, rules.sgd, { momentum: 0.9, nesterov: true })],
  ['SGD, all options', trained(SGD, rules.sgd, { momentum: 0.9 }, all)],
  ['Adam', trained(Adam, rules.adam, {})],
  ['Adam with other numbers', trained(Adam, rules.adam, { beta1: 0.5, beta2: 0.8, epsilon: 0.01 })],
  ['Adam without memory', trained(Adam, rules.adam, { beta1: 0, beta2: 0, epsilon: 0.1 })],
  ['Adam, all options', trained(Adam, rules.adam, {}, all)],
  ['Adam with amsgrad', trained(Adam, rules.adam, { ...fading, amsgrad: true })],
  ['Adam with amsgrad, all options', trained(Adam, rules.adam, { ...fading, amsgrad: true }, all)],
  ['AdamW', trained(AdamW, rules.adam, {})],
  ['RMSprop', trained(RMSprop, rules.rmsprop, {})],
  ['RMSprop with momentum', trained(RMSprop, rules.rmsprop, { momentum: 0.9, rho: 0.8 })],
  ['RMSprop, centered', trained(RMSprop, rules.rmsprop, { centered: true })],
  ['RMSprop, centered with momentum, all options', trained(RMSprop, rules.rmsprop, { centered: true, momentum: 0.5 }, all)],
  ['Adagrad', trained(Adagrad, rules.adagrad, {})],
  ['Adagrad, all options', trained(Adagrad, rules.adagrad, { initialAccumulatorValue: 0.5 }, all)],
  ['Adamax', trained(Adamax, rules.adamax, fading)],
  ['Adamax, all options', trained(Adamax, rules.adamax, {}, all)],
  ['Nadam', trained(Nadam, rules.nadam, {})],
  ['Nadam, all options', trained(Nadam, rules.nadam, fading, all)],
  ['weight decay without biases', trained(SGD, rules.sgd, {}, { weightDecay: 0.5 })],
  ['each gradient clipped by its norm', trained(SGD, rules.sgd, {}, { clipnorm: 0.7 })],
  ['all gradients clipped by their norm', trained(SGD, rules.sgd, {}, { globalClipnorm: 0.7 })],
  ['gradients clipped element by element', trained(SGD, rules.sgd, {}, { clipvalue: 0.3 })],
  ['a moving average', trained(SGD, rules.sgd, {}, { useEma: true })],
  ['a moving average that takes over', trained(SGD, rules.sgd, {}, { useEma: true, emaMomentum: 0.6, emaOverwriteFrequency: 3 })],
  ['gradients accumulated', trained(SGD, rules.sgd, {}, { gradientAccumulationSteps: 4 })],
  ['accumulated, clipped together', trained(Adam, rules.adam, {}, { gradientAccumulationSteps: 2, globalClipnorm: 0.5 })],
  ['accumulated, clipped element by element', trained(Adam, rules.adam, {}, { gradientAccumulationSteps: 2, clipvalue: 0.2 })],
  ['a loss that is scaled', trained(Adam, rules.adam, {}, { lossScaleFactor: 1024 })],
];

const STEPS = 14;
const shapes: readonly (readonly [name: string, shape: readonly number[]])[] = [
  ['dense/kernel', [3, 5]],
  ['dense/bias', [5]],
  ['norm/gamma', [70]],
];
const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
const first = shapes.map(([, shape], v) =>
  Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(Math.sin(i + 3 * v))),
);
/** What pushes at the weights beside their own size, less and less. */
const noise = shapes.map(([, shape], v) =>
  Array.from({ length: STEPS }, (_, step) =>
    Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(Math.cos(2.3 * i + 1.7 * step + v) * 0.8 ** step)),
  ),
);

const variables = () => shapes.map(([name, shape], v) => w.variable(w.tensor(first[v]!, shape), { name }));

/** Gradients of a bowl that is shaken: weights / 2 + noise, as the optimizer wants them scaled. */
function shaken(optimizer: w.optimizers.Optimizer, held: readonly w.Variable[], pushes: readonly w.Tensor[]) {
  optimizer.apply(
    held.map((variable, v) => [optimizer.scaleLoss(w.add(w.mul(variable, 0.5), pushes[v]!)), variable] as const),
  );
}

const pushesAt = (step: number) => shapes.map(([, shape], v) => w.tensor(noise[v]![step]!, shape));
const read = (held: readonly w.Tensor[]) => Promise.all(held.map(async (one) => Array.from(await one.data())));

/** Every weight after every step, and the optimizer's own state at the end. */
async function eagerly({ make }: Trained): Promise<number[][][]> {
  const [optimizer, held] = [make(), variables()];
  const steps: number[][][] = [];
  for (let step = 0; step < STEPS; step++) {
    shaken(optimizer, held, pushesAt(step));
    steps.push(await read(held));
  }
  return [...steps, await read(optimizer.getWeights())];
}

async function recorded({ make }: Trained): Promise<number[][][]> {
  const [optimizer, held] = [make(), variables()];
  const run = w.compile((...pushes: w.Tensor[]) => {
    shaken(optimizer, held, pushes);
    return [] as w.Tensor[];
  });
  const steps: number[][][] = [];
  for (let step = 0; step < STEPS; step++) {
    await run(...pushesAt(step));
    steps.push(await read(held));
  }
  run.dispose();
  return [...steps, await read(optimizer.getWeights())];
}

function expectNear(found: readonly number[][], expected: readonly number[][], place: Place, what: string): void {
  // Errors of float32 are some of its last digits at each step; all weights are below 2.
  const allowed = place === 'cpu float64' ? 1e-12 : 2e-6;
  found.forEach((values, v) => {
    values.forEach((value, i) => {
      const wanted = expected[v]![i]!;
      expect(Math.abs(value - wanted), `${what}, ${shapes[v]![0]}[${i}]: ${value} for ${wanted}`).toBeLessThan(allowed);
    });
  });
}

onEachBackend((place) => {
  test.each(table)('%s', async (_, one) => {
    const reference = one.reference(first);
    const found = await eagerly(one);
    for (let step = 0; step < STEPS; step++) {
      reference.apply(
        reference.variables.map((values, v) => values.map((value, i) => value * 0.5 + noise[v]![step]![i]!)),
      );
      expectNear(found[step]!, reference.variables, place, `step ${step}`);
    }
    expect(await recorded(one)).toEqual(found);
  });

  test('the average takes the place of the weights at the end of training', async () => {
    const { make, reference } = trained(SGD, rules.sgd, {}, { useEma: true });
    const [optimizer, held, expected] = [make(), variables(), reference(first)];
    for (let step = 0; step < 3; step++) {
      shaken(optimizer, held, pushesAt(step));
      expected.apply(
        expected.variables.map((values, v) => values.map((value, i) => value * 0.5 + noise[v]![step]![i]!)),
      );
    }
    optimizer.finalizeVariableValues();
    expectNear(await read(held), expected.averages!, place, 'averages');
  });

  test('a centered RMSprop stays finite under a gradient that never changes', async () => {
    // of these some lose the last digit of their variance in float32, within 30 steps
    const gradients = w.tensor([1.74, 2.48, 4.33, 4.7, 6.92, 7.29, 8.4, 8.77, 9.51, 10.25]);
    const v = w.variable(w.zeros([10]));
    const optimizer = RMSprop({ centered: true, rho: 0.5 });
    for (let step = 0; step < 30; step++) optimizer.apply([[gradients, v]]);
    expect(Math.max(...(await v.data()))).toBeLessThan(0);
  });

  test('minimize takes gradients, scales and applies them', async () => {
    const optimizer = SGD({ learningRate: 0.25, lossScaleFactor: 16 });
    const [a, b] = [w.variable([3, -2]), w.variable([1])];
    const loss = optimizer.minimize(() => w.add(w.sum(w.square(a)), w.sum(w.mul(b, 4))), [a, b]);
    expect(await loss.item()).toBe(17);
    expect(await read([a, b])).toEqual([[1.5, -1], [0]]);
  });
});

describe('the reference', () => {
  test('takes the steps of the specification', () => {
    const found = [rules.sgd({}), rules.adam({}), rules.rmsprop({ centered: true }), rules.adagrad({})].map(
      (rule, i) => {
        const one = new Reference(rule, { learningRate: i === 0 ? 0.01 : 0.001 }, [[1]]);
        for (const g of [0.1, -0.2, 0.3]) one.apply([[g]]);
        return one.variables[0]![0]!.toFixed(9);
      },
    );
    expect(found).toEqual(['0.998000000', '0.999022892', '0.996929351', '0.999602514']);
  });
});
