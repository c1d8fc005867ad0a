// A recorded function runs the same kernels on the same values as eager code, so it must give the same bits.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { overwritten } from '../../src/backend/kernels.ts';
import * as w from '../../src/index.ts';
import { cases } from '../engine/cases.ts';
import { describeGpu } from '../setup/adapters.ts';
import { makeInputs } from '../support/inputs.ts';

const listOf = (result: w.Tensor | readonly w.Tensor[]): readonly w.Tensor[] =>
  result instanceof w.Tensor ? [result] : result;

async function bitsOf(results: readonly w.Tensor[]): Promise<number[][]> {
  return Promise.all(results.map(async (result) => Array.from(await result.data())));
}

/** The bits of fn, eager and then recorded: run twice, since the second run finds what the first left in memory. */
async function expectSameBits(fn: (...args: w.Tensor[]) => w.Tensor | w.Tensor[], inputs: readonly w.Tensor[]) {
  const eager = await bitsOf(listOf(fn(...inputs)));
  const recorded = w.compile((...args: w.Tensor[]) => listOf(fn(...args)));
  for (const run of ['first', 'second']) expect(await bitsOf(await recorded(...inputs)), `${run} run`).toEqual(eager);
  recorded.dispose();
}

/** Updates in place start from where the run before left off; they have tests of their own below. */
const inPlace: ReadonlySet<string> = new Set(Object.keys(overwritten));

function suite(backend: 'cpu' | 'webgpu') {
  beforeAll(() => w.init({ backend, seed: 4 }));
  afterAll(() => w.close());

  test.each(cases.filter(({ op }) => !inPlace.has(op)).map((one) => [one.title, one] as const))(
    'replayed, %s gives the eager bits',
    async (_, { inputs, run }) => {
      const floats = makeInputs(inputs, 'float32');
      await expectSameBits((...args) => run(...args), floats);
    },
  );

  test('a chain of many values in few slots gives the eager bits', async () => {
    const layer = (x: w.Tensor, k: w.Tensor) => w.tanh(w.add(w.matmul(x, k), w.mean(x, 1, true)));
    const fn = (x: w.Tensor, k: w.Tensor) => {
      const [a, b] = [layer(x, k), w.sigmoid(x)];
      const c = layer(w.mul(a, b), k);
      return [w.softmax(w.add(layer(c, k), a)), w.sum(b, 0), w.reshape(c, [-1])];
    };
    await expectSameBits((x, k) => fn(x!, k!), [w.randomNormal([6, 8]), w.randomNormal([8, 8])]);
  });

  test('gradients of a small network give the eager bits', async () => {
    const loss = (k: w.Tensor, d: w.Tensor, b: w.Tensor, x: w.Tensor) => {
      // windows that overlap: this is not fused, so no sum changes its order
      const y = w.maxPool2d(w.conv2d(x, k, { activation: 'relu' }), { poolSize: 2, strides: 1 });
      const z = w.dense(w.reshape(y, [x.shape[0]!, -1]), d, { bias: b });
      return w.mean(w.softmaxCrossEntropy(z, w.tensor([1, 0, 2], [3], 'int32')));
    };
    const fn = (k: w.Tensor, d: w.Tensor, b: w.Tensor, x: w.Tensor) => {
      const [value, found] = w.valueAndGrad((k: w.Tensor, d: w.Tensor, b: w.Tensor) => loss(k, d, b, x))(k, d, b);
      return [value, ...found];
    };
    const inputs = [[3, 3, 2, 4], [36, 3], [3], [3, 6, 6, 2]].map((shape) => w.randomNormal(shape));
    await expectSameBits((k, d, b, x) => fn(k!, d!, b!, x!), inputs);
  });

  test('constants made inside a scope of a recorded function live as long as the recording', async () => {
    const weights = () => w.tensor([1, 2, 3]);
    await expectSameBits((x) => w.scope(() => w.mul(w.add(x!, weights()), 2)), [w.ones([3])]);
    await expectSameBits(
      (x) => w.grad((x: w.Tensor) => w.sum(w.mul(w.max(x, 1), weights())))(x!),
      [w.randomNormal([3, 4])],
    );
  });

  test('arguments given back, given twice, or never looked at arrive as they are', async () => {
    const [x, y] = [w.randomNormal([5]), w.randomNormal([5])];
    await expectSameBits((a, b) => [a!, b!, a!, w.reshape(b!, [5, 1])], [x, y]);
    await expectSameBits((a) => w.add(a!, 1), [x, y]);
    await expectSameBits((a, b) => w.sub(a!, b!), [x, x]);
  });

  test('tensors of no elements pass through a recorded function', async () => {
    const empty = w.zeros([0, 4]);
    await expectSameBits((x) => [w.exp(x!), w.sum(x!, 0), w.matmul(x!, w.ones([4, 3])), w.sum(x!)], [empty]);
  });

  test('a gradient that is made from another gradient is applied with it', async () => {
    const [a, b] = [w.variable([1, 2, 3]), w.variable([4, 5, 6])];
    const optimizer = w.optimizers.SGD({ learningRate: 1 });
    const step = w.compile((x: w.Tensor) => {
      const first = w.square(x);
      optimizer.apply([
        [first, a],
        [w.mul(first, 2), b],
      ]);
      return x;
    });
    for (let i = 0; i < 2; i++) await step(w.tensor([1, 2, 3]));
    expect(await a.array()).toEqual([-1, -6, -15]);
    expect(await b.array()).toEqual([0, -11, -30]);
    step.dispose();
  });

  test('variables that one optimizer keeps side by side can be assigned and added to each other', async () => {
    const [a, b] = [w.variable([1, 2, 3]), w.variable([4, 5, 6])];
    const zero = () => w.zeros([3]);
    w.optimizers.SGD({ learningRate: 1 }).apply([
      [zero(), a],
      [zero(), b],
    ]);
    a.assign(b);
    expect(await a.array()).toEqual([4, 5, 6]);
    b.assign(b);
    expect(await b.array()).toEqual([4, 5, 6]);
    const both = w.compile((x: w.Tensor) => {
      a.assign(w.add(b, x));
      b.assign(a);
      return w.sum(b);
    });
    for (const [i, total] of [18, 21].entries()) expect(await (await both(w.ones([3]))).item(), `${i}`).toBe(total);
    both.dispose();
  });
}

describe('on the CPU', () => suite('cpu'));
describeGpu('on the GPU', () => suite('webgpu'));
