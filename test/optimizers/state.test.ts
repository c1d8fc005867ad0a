// What an optimizer keeps: in Keras' order, to be saved and to go on from, and across a change of what is trained.
import { expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { onEachBackend } from '../models/support.ts';
import { held, settledMemory } from '../support/settled.ts';

const { SGD, Adam, AdamW, RMSprop, Adagrad, Adamax, Nadam } = w.optimizers;
type Optimizer = w.optimizers.Optimizer;

const kernel = () =>
  w.variable(
    [
      [1, 2],
      [3, 4],
    ],
    { name: 'dense/kernel' },
  );
const bias = () => w.variable([5, 6, 7], { name: 'dense/bias' });

const read = async (tensors: readonly w.Tensor[]) =>
  Promise.all(tensors.map(async (one) => Array.from(await one.data())));

/** Steps with gradients that differ from step to step. */
function steps(optimizer: Optimizer, variables: readonly w.Variable[], from: number, to: number): void {
  for (let i = from; i < to; i++) {
    optimizer.apply(variables.map((variable, v) => [w.mul(variable, Math.sin(i + v) / 4), variable] as const));
  }
}

const all = { useEma: true, gradientAccumulationSteps: 3, weightDecay: 0.01, emaOverwriteFrequency: 2 };

// biome-ignore format: a table
const kinds: readonly (readonly [title: string, make: () => Optimizer, slots: readonly string[]])[] = [
  ['SGD', () => SGD(), []],
  ['SGD with momentum', () => SGD({ momentum: 0.5 }), ['k_momentum', 'b_momentum']],
  ['Adam', () => Adam(), ['k_momentum', 'k_velocity', 'b_momentum', 'b_velocity']],
  ['AdamW', () => AdamW(), ['k_momentum', 'k_velocity', 'b_momentum', 'b_velocity']],
  ['Adam with amsgrad', () => Adam({ amsgrad: true }),
    ['k_momentum', 'k_velocity', 'b_momentum', 'b_velocity', 'k_velocity_hat', 'b_velocity_hat']],
  ['RMSprop', () => RMSprop(), ['k_velocity', 'b_velocity']],
  ['RMSprop, centered with momentum', () => RMSprop({ centered: true, momentum: 0.5 }),
    ['k_velocity', 'b_velocity', 'k_momentum', 'b_momentum', 'k_average_gradient', 'b_average_gradient']],
  ['Adagrad', () => Adagrad(), ['k_accumulator', 'b_accumulator']],
  ['Adamax', () => Adamax(), ['k_momentum', 'k_norm', 'b_momentum', 'b_norm']],
  ['Nadam', () => Nadam(), ['k_momentum', 'k_velocity', 'b_momentum', 'b_velocity', 'u_product']],
  ['SGD, averaged and accumulated', () => SGD({ momentum: 0.5, ...all }),
    ['k_average', 'b_average', 'k_gradient_accumulator', 'b_gradient_accumulator', 'k_momentum', 'b_momentum']],
  ['Nadam, averaged and accumulated', () => Nadam(all),
    ['k_average', 'b_average', 'k_gradient_accumulator', 'b_gradient_accumulator',
      'k_momentum', 'k_velocity', 'b_momentum', 'b_velocity', 'u_product']],
];

const named = (slot: string) => slot.replace(/^k_/, 'dense_kernel_').replace(/^b_/, 'dense_bias_');

onEachBackend((place) => {
  test.each(kinds)('the variables of %s are those of Keras, in their order', (_, make, slots) => {
    const optimizer = make();
    expect([optimizer.variables, optimizer.stateSize]).toEqual([[], 0]);
    optimizer.build([kernel(), bias()]);
    const float = place === 'cpu float64' ? 'float64' : 'float32';
    expect(optimizer.variables.map(({ name, shape, dtype }) => [name, shape, dtype])).toEqual([
      ['iteration', [], 'int32'],
      ['learning_rate', [], float],
      ...slots.map((slot) => [named(slot), slot[0] === 'k' ? [2, 2] : slot[0] === 'b' ? [3] : [], float]),
    ]);
    const sizes = slots.map((slot) => ({ k: 4, b: 3 })[slot[0]!] ?? 1);
    expect(optimizer.stateSize).toBe(2 + sizes.reduce((sum, size) => sum + size, 0));
  });

  test.each(kinds)('%s goes on from saved weights as if nothing had happened', async (_, make) => {
    const [undisturbed, first] = [make(), [kernel(), bias()]];
    steps(undisturbed, first, 0, 10);
    const [before, second] = [make(), [kernel(), bias()]];
    steps(before, second, 0, 5);
    const saved = await Promise.all(before.getWeights().map((weight) => weight.data()));

    const resumed = make();
    resumed.build(second);
    resumed.setWeights(saved);
    steps(resumed, second, 5, 10);
    expect(await read(second)).toEqual(await read(first));
    expect(await read(resumed.getWeights())).toEqual(await read(undisturbed.getWeights()));
  });

  test('a recorded step goes on from saved weights too', async () => {
    const v = w.variable([1, 2]);
    const optimizer = Adam({ learningRate: 0.125 });
    const step = w.compile((g: w.Tensor) => {
      optimizer.apply([[g, v]]);
      return [] as w.Tensor[];
    });
    const run = async (...gradients: number[]) => {
      for (const g of gradients) await step(w.tensor([g, -g]));
    };
    await run(1, 2);
    const saved = [w.clone(v), ...optimizer.getWeights()] as const;
    await run(3, -1);
    const expected = await read([v, ...optimizer.getWeights()]);
    await run(7, 7, 7);
    v.assign(saved[0]);
    optimizer.setWeights(saved.slice(1));
    await run(3, -1);
    expect(await read([v, ...optimizer.getWeights()])).toEqual(expected);
    step.dispose();
  });

  test('slots begin as Keras has them, and getWeights gives copies', async () => {
    const optimizer = Adagrad({ initialAccumulatorValue: 0.5, learningRate: 0.25 });
    const v = bias();
    optimizer.build([v]);
    const copies = optimizer.getWeights();
    expect(await read(copies)).toEqual([[0], [0.25], [0.5, 0.5, 0.5]]);
    optimizer.apply([[w.tensor([1, 2, 3]), v]]);
    expect(await read(copies)).toEqual([[0], [0.25], [0.5, 0.5, 0.5]]);
    expect(await read(optimizer.variables.map(({ value }) => value))).toEqual([[1], [0.25], [1.5, 4.5, 9.5]]);
  });

  test('the accumulated gradient is 0 between windows, as Keras saves it', async () => {
    const optimizer = SGD({ gradientAccumulationSteps: 2, learningRate: 1 });
    const v = w.variable([4]);
    const look = async () => [...(await read([optimizer.variables[2]!.value])), ...(await read([v]))].flat();
    optimizer.apply([[w.tensor([1]), v]]);
    expect(await look()).toEqual([1, 4]);
    optimizer.apply([[w.tensor([3]), v]]);
    expect(await look()).toEqual([0, 2]);
  });

  test('a learning rate is known after it was loaded', async () => {
    const optimizer = SGD();
    optimizer.build([bias()]);
    optimizer.setWeights([Int32Array.of(7), Float32Array.of(0.125)]);
    expect(optimizer.learningRate).toBe(0.125);
    expect(await optimizer.variables[0]!.value.item()).toBe(7);
    optimizer.setWeights([w.tensor([9]), w.tensor([0.5])]);
    expect(() => optimizer.learningRate).toThrow(/was set from a tensor; use await optimizer.currentLearningRate/);
    expect(await optimizer.currentLearningRate()).toBe(0.5);
    expect(optimizer.learningRate).toBe(0.5);
    expect(await optimizer.variables[0]!.value.item()).toBe(9);
  });

  test.each<[string, unknown, RegExp]>([
    ['too few', [Int32Array.of(1)], /SGD: setWeights takes 3 values, got 1/],
    ['no list', 5, /takes 3 values, got number 5/],
    [
      'another shape',
      [Int32Array.of(1), Float32Array.of(1), w.Tensor],
      /dense_bias_momentum needs a tensor or a typed array, got function/,
    ],
    [
      'another size',
      [Int32Array.of(1), Float32Array.of(1), Float32Array.of(1, 2)],
      /dense_bias_momentum has shape \[3\], got \[2\]/,
    ],
    [
      'a learning rate below 0',
      [Int32Array.of(1), Float32Array.of(-1), new Float32Array(3)],
      /learning_rate must be a finite number of at least 0, got -1/,
    ],
    [
      'elements that no dtype has',
      [new BigInt64Array(1), Float32Array.of(1), new Float32Array(3)],
      /BigInt64Array holds no dtype of ours/,
    ],
  ])('weights are all checked before the first is set: %s', async (_, values, says) => {
    const optimizer = SGD({ momentum: 0.5 });
    optimizer.build([bias()]);
    expect(() => optimizer.setWeights(values as never)).toThrow(says);
    expect(await read(optimizer.getWeights())).toEqual([[0], [expect.closeTo(0.01, 8)], [0, 0, 0]]);
    expect(optimizer.learningRate).toBe(0.01);
  });

  test('another shape of a tensor is refused', () => {
    const optimizer = SGD({ momentum: 0.5 });
    optimizer.build([kernel()]);
    expect(() => optimizer.setWeights([w.zeros([]), w.zeros([]), w.zeros([4])])).toThrow(/shape \[2, 2\], got \[4\]/);
  });

  test('who stays keeps his slots, who comes starts new ones, who comes back finds his own', async () => {
    const [a, b, c] = [w.variable([1, 2]), w.variable([[3]]), w.variable([4, 5, 6])];
    const optimizer = Adagrad({ learningRate: 1, initialAccumulatorValue: 0, epsilon: 0 });
    const step = (...variables: w.Variable[]) =>
      optimizer.apply(variables.map((v) => [w.full(v.shape, 3), v] as const));
    const sums = () => read(optimizer.variables.slice(2).map(({ value }) => value));
    step(a, b);
    expect(await sums()).toEqual([[9, 9], [9]]);
    step(b, c);
    expect(await sums()).toEqual([[18], [9, 9, 9]]);
    expect(await optimizer.variables[0]!.value.item()).toBe(2);
    step(c, a, b);
    expect(await sums()).toEqual([[18, 18, 18], [18, 18], [27]]);
    // 3 / 3 in the first step, 3 / √18 in the third
    expect((await read([a]))[0]![0]).toBeCloseTo(1 - 1 - 3 / Math.sqrt(18), 6);
  });

  test('an average that starts late starts at the variable', async () => {
    const [a, b] = [w.variable([1]), w.variable([8])];
    const optimizer = SGD({ learningRate: 1, useEma: true, emaMomentum: 0.5 });
    optimizer.apply([[w.tensor([1]), a]]);
    optimizer.apply([
      [w.tensor([1]), a],
      [w.tensor([4]), b],
    ]);
    expect(await read(optimizer.variables.slice(2).map(({ value }) => value))).toEqual([[-0.5], [6]]);
  });

  test('the order of the pairs does not matter', async () => {
    const [a, b] = [w.variable([1]), w.variable([2])];
    const optimizer = SGD({ momentum: 0.5, learningRate: 1 });
    optimizer.apply([
      [w.tensor([1]), a],
      [w.tensor([2]), b],
    ]);
    const { value } = optimizer.variables[2]!;
    optimizer.apply([
      [w.tensor([2]), b],
      [w.tensor([1]), a],
    ]);
    expect(optimizer.variables[2]!.value).toBe(value);
    expect(await read([a, b])).toEqual([[-1.5], [-3]]);
  });

  test('a step recorded before the variables changed is recorded anew', async () => {
    const [a, b] = [w.variable([1]), w.variable([2])];
    const optimizer = SGD({ momentum: 0.5, learningRate: 1 });
    const step = w.compile((g: w.Tensor) => {
      optimizer.apply([[g, a]]);
      return [] as w.Tensor[];
    });
    await step(w.tensor([1]));
    optimizer.apply([
      [w.tensor([1]), a],
      [w.tensor([1]), b],
    ]);
    await step(w.tensor([1]));
    // speeds 1, 1.5, 1.75
    expect(await read([a, b])).toEqual([[-3.25], [1]]);
    step.dispose();
  });

  test('steps leave memory where it was', async () => {
    const variables = [kernel(), bias()];
    const optimizer = Nadam({ ...all, globalClipnorm: 1, lossScaleFactor: 2 });
    const step = () => w.scope(() => optimizer.apply(variables.map((v) => [w.mul(v, 0.5), v] as const)));
    for (let i = 0; i < 3; i++) step();
    const before = held(await settledMemory());
    for (let i = 0; i < 30; i++) step();
    expect(held(w.memory())).toEqual(before);
  });
});
