// Layers that work on single elements, and the ways to name an activation.
import { expect, test } from 'vitest';
import * as w from 'wgslgrad';
import type { Activation } from '../../src/layers/settings.ts';
import { expectClose, onEachBackend } from '../models/support.ts';

const values = [-3, -1, -0.5, 0, 0.25, 1, 2.5, 5, 8];
const row = () => w.tensor([values]);
const logistic = (x: number) => 1 / (1 + Math.exp(-x));

/** Full form: below the threshold t a (x - t), from it on min(x, M). */
const form = (a: number, most: number, t: number) => (x: number) => (x < t ? a * (x - t) : Math.min(x, most));

// biome-ignore format: a table
const layers: readonly (readonly [what: string, make: () => w.Layer, f: (x: number) => number])[] = [
  ['ReLU', () => w.ReLU(), form(0, Infinity, 0)],
  ['ReLU up to 6', () => w.ReLU(6), form(0, 6, 0)],
  ['ReLU up to 2', () => w.ReLU({ maxValue: 2 }), form(0, 2, 0)],
  ['ReLU with a slope', () => w.ReLU({ negativeSlope: 0.1 }), form(0.1, Infinity, 0)],
  ['ReLU from 1 on', () => w.ReLU({ threshold: 1 }), form(0, Infinity, 1)],
  ['ReLU in full', () => w.ReLU({ maxValue: 4, negativeSlope: 0.5, threshold: 0.25 }), form(0.5, 4, 0.25)],
  ['LeakyReLU', () => w.LeakyReLU(), form(0.3, Infinity, 0)],
  ['LeakyReLU with a slope', () => w.LeakyReLU(0.01), form(0.01, Infinity, 0)],
  ['leaky_relu by name', () => w.Activation('leaky_relu'), form(0.2, Infinity, 0)],
  ['ELU', () => w.ELU(), (x) => (x > 0 ? x : Math.expm1(x))],
  ['ELU with an alpha', () => w.ELU({ alpha: 0.5 }), (x) => (x > 0 ? x : 0.5 * Math.expm1(x))],
  ['PReLU', () => w.PReLU({ alphaInitializer: w.initializers.constant(0.25) }), form(0.25, Infinity, 0)],
  ['swish by name', () => w.Activation('swish'), (x) => x * logistic(x)],
  ['hardSwish in camelCase', () => w.Activation('hardSwish'), (x) => x * Math.min(Math.max(x / 6 + 0.5, 0), 1)],
  ['a function', () => w.Activation((x) => x.square().add(1)), (x) => x * x + 1],
  ['Rescaling', () => w.Rescaling(2, { offset: -1 }), (x) => 2 * x - 1],
];

const total = values.reduce((sum, x) => sum + Math.exp(x), 0);

onEachBackend((place) => {
  test.each(layers)('%s', async (_, make, f) => {
    expectClose(await make().apply(row()).data(), values.map(f), place);
  });

  test('Softmax along the last axis, and along another', async () => {
    const expected = values.map((x) => Math.exp(x) / total);
    expectClose(await w.Softmax().apply(row()).data(), expected, place);
    expectClose(
      await w
        .Softmax(1)
        .apply(row().reshape([1, 9, 1]))
        .data(),
      expected,
      place,
    );
  });

  test('ReLU of an infinity is no NaN, and of NaN it is', async () => {
    const x = () => w.tensor([[-Infinity, Infinity, Number.NaN]]);
    expect(Array.from(await w.ReLU({ threshold: 1 }).apply(x()).data())).toEqual([0, Infinity, Number.NaN]);
    expect(Array.from(await w.ReLU({ maxValue: 2, negativeSlope: 1 }).apply(x()).data())).toEqual([-Infinity, 2, NaN]);
  });

  test('PReLU learns one slope for each place, or one along shared axes', async () => {
    const layer = w.PReLU({ sharedAxes: [1, 2] });
    const model = new w.Sequential([w.Input({ shape: [2, 2, 2] }), layer]);
    model.setWeights([Float32Array.of(0.5, 2)]);
    const x = w.tensor([-1, -1, 2, 2, -3, -3, 4, 4], [1, 2, 2, 2]);
    expectClose(await model.apply(x).data(), [-0.5, -2, 2, 2, -1.5, -6, 4, 4], place);
    expect(layer.weights.map(({ shape }) => shape)).toEqual([[1, 1, 2]]);
    const alpha = layer.weights[0]!.variable;
    w.sum(model.apply(x)).backward();
    expectClose(await alpha.grad!.data(), [-4, -4], place);
  });

  test.each<[string, (activation: Activation) => w.Layer]>([
    ['Dense', (activation) => w.Dense(2, { activation, kernelInitializer: 'ones' })],
    ['Conv2D', (activation) => w.Conv2D(2, 1, { activation, kernelInitializer: 'ones' })],
    ['DepthwiseConv2D', (activation) => w.DepthwiseConv2D(1, { activation, depthwiseInitializer: 'ones' })],
    [
      'SeparableConv2D',
      (activation) =>
        w.SeparableConv2D(2, 1, { activation, depthwiseInitializer: 'ones', pointwiseInitializer: 'ones' }),
    ],
    ['Conv2DTranspose', (activation) => w.Conv2DTranspose(2, 1, { activation, kernelInitializer: 'ones' })],
  ])('%s ends with an activation by name or a function', async (_, make) => {
    const x = w.tensor([-2, 3], [1, 1, 1, 2]);
    const [plain, byName, byFunction] = await Promise.all(
      (['linear', 'softplus', (z: w.Tensor) => z.mul(3)] as const).map((one) => make(one).apply(x).data()),
    );
    const softplus = (z: number) => Math.log1p(Math.exp(z));
    expectClose(byName!, Array.from(plain!, softplus), place);
    expectClose(
      byFunction!,
      Array.from(plain!, (z) => 3 * z),
      place,
    );
  });

  test('Rescaling by channel, of bytes', async () => {
    const bytes = w.tensor(Uint8Array.of(0, 255, 51, 102), [1, 1, 2, 2]);
    const y = w.Rescaling([1 / 255, 2], { offset: [0, 1] }).apply(bytes);
    expectClose(await y.data(), [0, 511, 0.2, 205], place);
  });
});
