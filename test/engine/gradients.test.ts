import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allOps } from '../../src/engine/op.ts';
import * as w from '../../src/index.ts';
import { makeInputs } from '../support/inputs.ts';
import { type Case, cases } from './cases.ts';

beforeAll(() => w.init({ backend: 'cpu' }));
afterAll(() => w.close());

const differentiable = new Set(
  allOps()
    .filter(({ gradient }) => gradient !== 'not differentiable')
    .map(({ name }) => name),
);

/** A smooth number that depends on every element of the first result, each with its own weight. */
function scalarOf(one: Case) {
  return (...inputs: w.Tensor[]) => {
    const result = one.run(...inputs);
    const first = Array.isArray(result) ? result[0]! : result;
    const weights = w.tensor(
      Array.from({ length: first.size }, (_, i) => Math.cos(i + 1)),
      first.shape,
      'float64',
    );
    return w.sum(w.mul(w.cast(first, 'float64'), weights));
  };
}

const isFloatCase = ({ inputs }: Case) => inputs.some(({ dtype }) => dtype === undefined);
// At a tie the two one-sided differences are different numbers.
const hasKinks = ({ inputs }: Case) => inputs.some(({ kind }) => kind === 'ties');

describe('the gradient agrees with central differences in float64', () => {
  const checked = cases.filter((one) => differentiable.has(one.op) && isFloatCase(one) && !hasKinks(one));
  test.each(checked.map((one) => [one.title, one] as const))('%s', async (_, one) => {
    expect(await w.gradcheck(scalarOf(one), makeInputs(one.inputs, 'float32'))).toBeLessThan(1e-7);
  });
});

describe('activations', () => {
  const names = ['relu6', 'leakyRelu', 'elu', 'selu', 'hardSigmoid', 'softsign', 'silu', 'gelu', 'mish'] as const;
  test.each(names)('%s has the gradient that differences find', async (name) => {
    const x = w.tensor([-7.3, -2.1, -0.7, -0.01, 0.02, 0.9, 3.1, 6.4, 8.8]);
    expect(await w.gradcheck((a) => w.sum(w.square(w[name](a!))), [x])).toBeLessThan(1e-7);
  });
});

describe('gradients of gradients', () => {
  test('through a convolution, tanh and softmax cross-entropy', async () => {
    const image = w.randomNormal([1, 5, 5, 2], 0, 1, { seed: 1 });
    const kernel = w.randomNormal([3, 3, 2, 3], 0, 1, { seed: 2 });
    const slopeSize = (k: w.Tensor, x: w.Tensor) => {
      const loss = (inner: w.Tensor) => {
        const logits = w.reshape(w.tanh(w.conv2d(x, inner)), [9, 3]);
        return w.mean(w.softmaxCrossEntropy(logits, w.tensor([0, 1, 2, 0, 1, 2, 0, 1, 2], [9], 'int32')));
      };
      return w.sum(w.square(w.grad(loss)(k)));
    };
    expect(await w.gradcheck((k, x) => slopeSize(k!, x!), [kernel, image])).toBeLessThan(1e-7);
  });

  test('the third derivative of x⁴ is 24 x', async () => {
    const f = (x: w.Tensor) => w.sum(w.square(w.square(x)));
    const third = w.grad((x: w.Tensor) => w.sum(w.grad((y: w.Tensor) => w.sum(w.grad(f)(y)))(x)));
    expect(Array.from(await third(w.tensor([1, -2, 0.5])).data())).toEqual([24, -48, 12]);
  });
});

test('the gradient of a maximum goes to the first of equals', async () => {
  const gradient = w.grad((x: w.Tensor) => w.sum(w.max(x, [0, 2])))(
    w.tensor([
      [
        [1, 3],
        [3, 0],
      ],
      [
        [3, 3],
        [3, 3],
      ],
    ]),
  );
  expect(await gradient.array()).toEqual([
    [
      [0, 1],
      [1, 0],
    ],
    [
      [0, 0],
      [0, 0],
    ],
  ]);
});

test('gradcheck says where a gradient is wrong', async () => {
  const broken = (x: w.Tensor) => w.sum(w.mul(w.stopGradient(x), x));
  await expect(w.gradcheck((x) => broken(x!), [w.tensor([1, 2])])).rejects.toThrow(
    /argument 0, element 0: the gradient says 1, differences say 2/,
  );
});
