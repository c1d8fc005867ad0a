// Layers together in models that train: recorded steps go the way of the float64 CPU, masks and moving statistics included.
import { describe, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { onEachBackend, type Place, startOver, wave } from '../models/support.ts';

/** What has state or draws at random, on every backend. */
const small = () => [
  w.InputLayer({ shape: [8, 8, 2] }),
  w.Conv2D(4, 3, { useBias: false, kernelRegularizer: 'l2' }),
  w.BatchNormalization({ momentum: 0.5 }),
  w.ReLU(),
  w.SpatialDropout2D(0.2),
  w.Flatten(),
  w.Dropout(0.3, { seed: 2 }),
  w.Dropout(0.2),
  w.Dense(3, { activation: 'softmax' }),
];

/** Nearly all others beside them: too many shaders for a software adapter, which has compared each alone. */
const large = () => [
  w.InputLayer({ shape: [8, 8, 2] }),
  w.Rescaling(2, { offset: 0.1 }),
  w.ZeroPadding2D(1),
  w.Conv2D(4, 3, { useBias: false }),
  w.BatchNormalization({ momentum: 0.5 }),
  w.ReLU({ maxValue: 3 }),
  w.DepthwiseConv2D(3, { padding: 'same' }),
  w.LeakyReLU(),
  w.MaxPooling2D(),
  w.SeparableConv2D(6, 2, { activation: 'swish' }),
  w.Conv2DTranspose(4, 2, { strides: 2 }),
  w.LayerNormalization(),
  w.PReLU({ sharedAxes: [1, 2], alphaInitializer: w.initializers.constant(0.1) }),
  w.UpSampling2D(2, { interpolation: 'bilinear' }),
  w.Cropping2D([
    [1, 0],
    [0, 1],
  ]),
  w.AveragePooling2D(3, { padding: 'same' }),
  w.GroupNormalization({ groups: 2 }),
  w.GaussianNoise(0.01),
  w.ELU(),
  w.Permute([2, 1, 3]),
  w.Reshape([-1, 4]),
  w.Flatten(),
  w.Dense(3),
  w.Softmax(),
];

const samples = 10;
const labels = Int32Array.from({ length: samples }, (_, i) => i % 3);
const data = () => [w.tensor(wave(samples * 128), [samples, 8, 8, 2]), w.toCategorical(labels, 3)] as const;

/** Losses of the epochs and of an evaluation, and the moving statistics. */
async function trained(layers: ReturnType<typeof large>): Promise<number[]> {
  const model = new w.Sequential(layers);
  model.compile({ optimizer: w.optimizers.SGD({ learningRate: 0.02 }), loss: 'categorical_crossentropy' });
  const { history } = await model.fit(...data(), { batchSize: 4, epochs: 5, verbose: 0 });
  const moving = model.getLayer('batch_normalization').nonTrainableWeights;
  const values = await Promise.all(moving.map(({ variable }) => variable.data()));
  const evaluated = Number(await model.evaluate(...data(), { verbose: 0 }));
  expect(evaluated).toBeLessThan(history.loss![0]!);
  return [...history.loss!, evaluated, ...values.flatMap((one) => Array.from(one))];
}

describe.each([
  { name: 'layers with state', layers: small, places: ['cpu float64', 'cpu float32', 'webgpu'] },
  { name: 'nearly all layers', layers: large, places: ['cpu float64', 'cpu float32'] },
] as const)('$name', ({ layers, places }) => {
  const found: Partial<Record<Place, number[]>> = {};
  onEachBackend((place) => {
    test('five epochs', async () => {
      startOver(3);
      found[place] = await trained(layers());
      // 15 steps of float32 apart
      found['cpu float64']!.forEach((value, i) => {
        expect(Math.abs(found[place]![i]! / value - 1)).toBeLessThan(1e-4);
      });
    });
  }, places);
});
