// Random floats against the float64 CPU, within bounds derived from the operation (test/support/bounds.ts). The worst share
// of its bound that each kernel used is printed: drift shows there long before a failure.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TypedArray } from '../../src/backend/backend.ts';
import { binaryFunctions, type KernelAttrs, type KernelName, unaryFunctions } from '../../src/backend/kernels.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { rules } from '../engine/bounds/rules.ts';
import { describeGpu } from '../setup/adapters.ts';
import { adamBounds } from '../support/adam.ts';
import { logits } from '../support/arbitraries.ts';
import { argumentsOf, binaryBound, ROUNDING, Shares, softmaxBounds, sumBound, unaryBound } from '../support/bounds.ts';
import { usualConvolutions } from '../support/convolutions.ts';
import { property } from '../support/property.ts';
import { type Operand, TwoBackends } from '../support/twoBackends.ts';
import { floats, show } from '../support/values.ts';

const random = (shape: readonly number[], seed: number, low = -1, high = 1) => ({
  shape,
  data: floats(sizeOf(shape), seed, low, high),
});

/** The same with every sign lost: what the magnitudes of a sum of products add up to. */
const magnitude = (operand: Operand): Operand => ({ ...operand, data: Array.from(operand.data, Math.abs) });

const truths: ReadonlySet<string> = new Set(['equal', 'notEqual', 'greater', 'greaterEqual', 'less', 'lessEqual']);

describeGpu('kernels on random floats stay within the bound of their operation', () => {
  const shares = new Shares();
  let both: TwoBackends;
  beforeAll(async () => {
    both = await TwoBackends.open();
  });
  afterAll(async () => {
    console.log(`worst shares of the bounds on ${both.gpu.adapter}: ${shares}`);
    await both.close();
  });

  /** A kernel that is a sum of `terms` products; with relu only the sums that stay positive are told apart. */
  async function checkProducts<K extends KernelName>(
    kernel: K,
    inputs: readonly Operand[],
    shape: readonly number[],
    attrs: KernelAttrs[K],
    terms: number,
  ): Promise<void> {
    const { found, expected } = await both.run(kernel, inputs, [{ shape }], attrs);
    const [exact] = await both.exact(kernel, inputs, [{ shape }], attrs);
    const [sums] = await both.exact(kernel, inputs.map(magnitude), [{ shape }], attrs);
    const title = show({ kernel, inputs: inputs.map((input) => input.shape), attrs });
    expect(
      shares.add(kernel, found[0]!, exact!, (i) => sumBound(terms, sums![i]!)),
      title,
    ).toBeLessThanOrEqual(1);
    expect(expected[0], `the CPU rounds the exact result once: ${title}`).toEqual(Float32Array.from(exact!));
  }

  test.each(usualConvolutions)('the three convolutions, %s', async (_, { attrs, x, kernel, y }) => {
    const [image, weights, slope] = [random(x, 1), random(kernel, 2), random(y, 3)];
    const [r, s, perGroup, k] = kernel as [number, number, number, number];
    const bias = random([k], 4);
    const linear = { ...attrs, activation: 'linear' as const };
    await checkProducts('conv2d', [image, weights, bias], y, linear, r * s * perGroup + 1);
    const ofInput = { ...attrs, shape: x };
    await checkProducts('conv2dGradInput', [slope, weights], x, ofInput, (r * s * k) / attrs.groups);
    const ofKernel = { ...attrs, shape: kernel };
    await checkProducts('conv2dGradKernel', [image, slope], kernel, ofKernel, sizeOf(y.slice(0, 3)));
  });

  test.each([
    [1, 17, 33, 9],
    [1, 4, 2000, 10],
    [2, 32, 128, 64],
  ])('products of matrices: batch %i, m %i, k %i, n %i', async (batch, m, k, n) => {
    const a = random([batch, m, k], 1);
    const b = random([batch, n, k], 2);
    const orientation = { transposeA: false, transposeB: true, broadcastA: false, broadcastB: false };
    const attrs = { batch, m, n, k, ...orientation, activation: 'linear' as const };
    await checkProducts('matmul', [a, b, random([n], 3)], [batch, m, n], attrs, k + 1);
  });

  test.each([
    [1, 5000, 1],
    [3, 700, 12],
    [1, 100_000, 1],
    [9000, 40, 1],
  ])('sums of [%i, %i, %i]', async (outer, reduced, inner) => {
    const attrs = { fn: 'sum' as const, outer, reduced, inner, scale: 1 / reduced };
    // numbers of one sign: what a lost partial sum or a drift would show in
    const x = random([outer, reduced, inner], 4, 0, 1);
    const { found } = await both.run('reduce', [x], [{ shape: [outer, inner] }], attrs);
    const [exact] = await both.exact('reduce', [x], [{ shape: [outer, inner] }], attrs);
    const worst = shares.add('sum', found[0]!, exact!, (i) => sumBound(reduced, exact![i]!));
    expect(worst).toBeLessThanOrEqual(1);
  });

  test('products of all', async () => {
    const attrs = { fn: 'prod' as const, outer: 3, reduced: 90, inner: 1, scale: 1 };
    const x = random([3, 90, 1], 5, 0.5, 1.75);
    const { found } = await both.run('reduce', [x], [{ shape: [3, 1] }], attrs);
    const [exact] = await both.exact('reduce', [x], [{ shape: [3, 1] }], attrs);
    // one rounding a factor, each relative to the whole
    expect(shares.add('prod', found[0]!, exact!, (i) => 91 * ROUNDING * exact![i]!)).toBeLessThanOrEqual(1);
  });

  test.each(unaryFunctions.filter((fn) => fn !== 'logicalNot'))('%s', async (fn) => {
    const [low, high] = argumentsOf(fn);
    const size = 1500;
    // far and near 0, where series take over
    const data = [...floats(size / 2, 7, low, high), ...floats(size / 2, 8, Math.max(low, -1), Math.min(high, 1))];
    const x = { shape: [size], data: Float32Array.from(data) };
    const attrs = { fn, dtype: 'float32' as const };
    const { found } = await both.run('unary', [x], [{ shape: [size] }], attrs);
    const [exact] = await both.exact('unary', [x], [{ shape: [size] }], attrs);
    const bound = (i: number) => unaryBound(fn, x.data[i]!, exact![i]!);
    expect(shares.add(fn, found[0]!, exact!, bound)).toBeLessThanOrEqual(1);
  });

  test.each(binaryFunctions.filter((fn) => !truths.has(fn) && !fn.startsWith('logical')))('%s', async (fn) => {
    const size = 1500;
    const a = random([size], 9, fn === 'pow' ? 2 ** -6 : -8, 8);
    const b = random([size], 10, fn === 'pow' ? -4 : -8, fn === 'pow' ? 4 : 8);
    const { found } = await both.run('binary', [a, b], [{ shape: [size] }], { fn });
    const [exact] = await both.exact('binary', [a, b], [{ shape: [size] }], { fn });
    const bound = (i: number) => binaryBound(fn, a.data[i]!, b.data[i]!, exact![i]!);
    expect(shares.add(fn, found[0]!, exact!, bound)).toBeLessThanOrEqual(1);
  });

  property('softmax, logSoftmax and cross-entropy', 40, logits, async ({ rows, classes, centre, seed }) => {
    const z = random([rows, classes], seed, centre - 12, centre + 12);
    const labels = random([rows, classes], seed + 1, 0, 1);
    const shape = [rows, classes];
    const bounds = Array.from({ length: rows }, (_, row) => {
      const part = (operand: Operand) => Array.from(operand.data).slice(row * classes, (row + 1) * classes);
      return softmaxBounds(part(z), part(labels));
    });
    const of = (name: 'softmax' | 'logSoftmax' | 'slope') => (i: number) =>
      bounds[Math.floor(i / classes)]![name][i % classes]!;
    for (const kernel of ['softmax', 'logSoftmax'] as const) {
      const { found } = await both.run(kernel, [z], [{ shape }], {});
      const [exact] = await both.exact(kernel, [z], [{ shape }], {});
      expect(shares.add(kernel, found[0]!, exact!, of(kernel)), kernel).toBeLessThanOrEqual(1);
    }
    const outputs = [{ shape: [rows] }, { shape }];
    const { found } = await both.run('softmaxCrossEntropy', [z, labels], outputs, {});
    const exact = await both.exact('softmaxCrossEntropy', [z, labels], outputs, {});
    const loss = shares.add('crossEntropy', found[0]!, exact[0]!, (i) => bounds[i]!.loss);
    expect(loss, 'loss').toBeLessThanOrEqual(1);
    const slope = shares.add('crossEntropy slope', found[1]!, exact[1]!, of('slope'));
    expect(slope, 'slope').toBeLessThanOrEqual(1);
  });

  test.each([
    [1, 3],
    [2, 4],
    [65, 5],
    [1000, 64],
    [20_000, 1],
    [30_000, 4],
  ])('a batch of [%i, %i] normalised, far from 0, and its gradients', async (rows, channels) => {
    const x = random([rows, channels], 21, 99, 101);
    const [gamma, beta, dy] = [random([channels], 22), random([channels], 23), random([rows, channels], 24)];
    const statistics = [{ shape: [channels] }, { shape: [channels] }];
    const attrs = { epsilon: 1e-3 };
    const checkNormal = async (kernel: 'batchNormTraining' | 'batchNormTrainingGrad', inputs: readonly Operand[]) => {
      const outputs = [{ shape: [rows, channels] }, ...statistics];
      const { found } = await both.run(kernel, inputs, outputs, attrs);
      const exact = await both.exact(kernel, inputs, outputs, attrs);
      const bounded = (shape: readonly number[], data: ArrayLike<number>) => ({
        ...{ shape, float: true, data, error: new Float64Array(data.length) },
      });
      const allowed = rules[kernel]({
        inputs: inputs.map(({ shape, data }) => bounded(shape, data)),
        results: outputs.map(({ shape }, i) => bounded(shape, exact[i]!)),
        attrs,
      });
      found.forEach((values, i) => {
        expect(
          shares.add(kernel, values, exact[i]!, (at) => allowed[i]![at]!),
          `result ${i}`,
        ).toBeLessThanOrEqual(1);
      });
      return exact;
    };
    const [, mean, variance] = await checkNormal('batchNormTraining', [x, gamma, beta]);
    const given = [mean!, variance!].map((data) => ({ shape: [channels], data: Float32Array.from(data) }));
    await checkNormal('batchNormTrainingGrad', [x, dy, gamma, ...given]);
  });

  test.each([0, 1, 2, 30, 299, 300, 3000, 1_000_000])('Adam after %i steps', async (iteration) => {
    const shape = [70];
    const state = [random(shape, 13), random(shape, 14), random(shape, 15, 0, 1), random(shape, 16)];
    const counters = [
      { shape: [1], dtype: 'int32' as const, data: [iteration] },
      { shape: [1], data: [Math.fround(0.01)] },
    ];
    const attrs = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
    const { found } = await both.run('adam', [...state, ...counters], [], attrs);
    const exact = await both.exact('adam', [...state, ...counters], [], attrs);
    const bounds = adamBounds(state.map(({ data }) => data) as TypedArray[], iteration, 0.01, attrs);
    for (const [i, name] of (['parameters', 'm', 'v'] as const).entries()) {
      const worst = shares.add(`adam ${name}`, found[i]!, exact[i]!, (at) => bounds[name][at]!);
      expect(worst, name).toBeLessThanOrEqual(1);
    }
  });

  test.each([
    [0, false],
    [0.9, false],
    [0.9, true],
  ])('SGD with momentum %d, Nesterov %s', async (momentum, nesterov) => {
    const state = [random([70], 17), random([70], 18), random([70], 19)];
    const counters = [
      { shape: [1], dtype: 'int32' as const, data: [0] },
      { shape: [1], data: [Math.fround(0.1)] },
    ];
    const attrs = { momentum, nesterov };
    const { found } = await both.run('sgd', [...state, ...counters], [], attrs);
    const exact = await both.exact('sgd', [...state, ...counters], [], attrs);
    // at most five roundings, momentum's own among them, of terms that add up to less than this
    const bound = (i: number) => 5 * ROUNDING * state.reduce((sum, { data }) => sum + Math.abs(data[i]!), 0);
    for (const i of [0, 1]) expect(shares.add('sgd', found[i]!, exact[i]!, bound)).toBeLessThanOrEqual(1);
  });
});
