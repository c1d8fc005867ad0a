// Every gradient against central differences in float64, from the table of cases; and the gradient of each gradient.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as w from '../../src/index.ts';
import { type Case, canBeChecked, canBeCheckedTwice, cases, isFloatInput } from '../engine/cases.ts';
import { rowsOf } from '../engine/rows.ts';
import { weigh, weightedSum } from '../engine/weighted.ts';
import { proves } from '../setup/proof.ts';
import { makeInputs } from '../support/inputs.ts';

beforeAll(() => w.init({ backend: 'cpu' }));
afterAll(() => w.close());

const checked = cases.filter(canBeChecked);
const inputsOf = (one: Case) => makeInputs(one.inputs, 'float32');

describe('the gradient agrees with differences', () => {
  test.for(checked.map((one) => [one.title, one] as const))('%s', async ([, one], { task }) => {
    proves(task, 'gradient', ...rowsOf(one));
    expect(await w.gradcheck(weightedSum(one), inputsOf(one))).toBeLessThan(1e-7);
  });
});

/** One number that depends on the gradient of the squared results by every float input. */
function slopes(one: Case): (...inputs: w.Tensor[]) => w.Tensor {
  const floats = one.inputs.flatMap((input, i) => (isFloatInput(input) ? [i] : []));
  const squared = (...all: w.Tensor[]) => weigh(w.square([one.run(...all)].flat()[0]!));
  return (...inputs) => {
    const ofFloats = (...parts: w.Tensor[]) => squared(...inputs.map((input, i) => parts[floats.indexOf(i)] ?? input));
    const found = [w.grad(ofFloats)(...floats.map((i) => inputs[i]!))].flat();
    return found.map(weigh).reduce((sum, part) => w.add(sum, part));
  };
}

describe('the gradient of the gradient agrees with differences', () => {
  const twice = cases.filter(canBeCheckedTwice);
  test.for(twice.map((one) => [one.title, one] as const))('%s', async ([, one], { task }) => {
    proves(task, 'second gradient', ...rowsOf(one));
    // differences of what is already a gradient are larger numbers, so a little less is left of their digits
    expect(await w.gradcheck(slopes(one), inputsOf(one), { tolerance: 1e-6 })).toBeLessThan(1e-6);
  });

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

describe('gradcheck', () => {
  test('says where a gradient is wrong', async () => {
    const half = (x: w.Tensor) => w.sum(w.mul(w.stopGradient(x), x));
    await expect(w.gradcheck((x) => half(x!), [w.tensor([1, 2])])).rejects.toThrow(
      /argument 0, element 0: the gradient says 1, differences say 2/,
    );
  });

  test('passes integers through and counts arguments as they were given', async () => {
    const pick = (i: w.Tensor, x: w.Tensor) => w.sum(w.mul(w.oneHot(i, 3), w.exp(x)));
    const index = w.tensor([2], [1], 'int32');
    expect(await w.gradcheck((i, x) => pick(i!, x!), [index, w.tensor([[1, 2, 3]])])).toBeLessThan(1e-7);
    const wrong = (i: w.Tensor, x: w.Tensor) => pick(i, w.add(x, w.stopGradient(x)));
    await expect(w.gradcheck((i, x) => wrong(i!, x!), [index, w.tensor([[1, 2, 0.5]])])).rejects.toThrow(
      /argument 1, element 2/,
    );
  });

  test('leaves the backend that runs as it was', async () => {
    const before = w.memory();
    await w.gradcheck((x) => w.sum(w.square(x!)), [w.tensor([1, 2])]);
    expect(w.memory().backend).toBe(before.backend);
    expect(w.ones([1]).dtype).toBe('float32');
  });

  test('refuses a function that gives no number', async () => {
    await expect(w.gradcheck((x) => x!, [w.ones([2])])).rejects.toThrow(/must be one number, got shape \[2\]/);
  });
});
