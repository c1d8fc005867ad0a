// Layers that draw: anew at each call and at each step of fit, the same on every backend, with a seed from a stream of their own.
import { beforeEach, describe, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { keyOf } from '../../src/engine/seed.ts';
import { threefry, uniformAt } from '../../src/tensor/random.ts';
import { onEachBackend, startOver } from '../models/support.ts';

/** Powers of two: which of them a sum holds says what was kept. */
const bits = Array.from({ length: 12 }, (_, i) => 2 ** i);

/** Draw number `draw` of a seed's stream: what Dropout(0.5) keeps of 12 elements, as such a sum. */
function kept(seed: number, draw: number): number {
  const key = threefry(keyOf(seed), [0, 4]);
  return bits.reduce((sum, bit, i) => sum + (uniformAt(key, i, draw) >= 0.5 ? bit : 0), 0);
}

/** What Dropout keeps at each step of a fit of so many single samples, from the losses of the steps. */
async function keptByFit(layer: w.Layer, samples: number, batchSize = 1, epochs = 1): Promise<number[]> {
  const model = new w.Sequential([w.Input({ shape: [12] }), layer, w.Dense(1, { kernelInitializer: 'ones' })]);
  model.compile({ optimizer: w.optimizers.SGD({ learningRate: 0 }), loss: 'mae' });
  return steps(model, samples, batchSize, epochs);
}

async function steps(model: w.Sequential, samples: number, batchSize: number, epochs: number): Promise<number[]> {
  const found: number[] = [];
  let [before, seen] = [0, 0];
  await model.fit(w.tile(w.tensor([bits]), [samples, 1]), w.zeros([samples, 1]), {
    batchSize,
    epochs,
    verbose: 0,
    callbacks: [
      {
        onEpochBegin() {
          [before, seen] = [0, 0];
        },
        onTrainBatchEnd(_, { loss }) {
          // the mean over all samples so far, taken apart; kept elements count twice
          const rows = Math.min(batchSize, samples - seen);
          seen += rows;
          found.push(Math.round((loss! * seen - before) / 2) / rows);
          before = loss! * seen;
        },
      },
    ],
  });
  return found;
}

const bySteps: Record<string, number[][]> = {};

onEachBackend(
  (place) => {
    beforeEach(() => startOver(7));

    test('Dropout in fit drops anew at each step', async () => {
      const found = await keptByFit(w.Dropout(0.5), 40);
      expect(Math.max(...found)).toBeLessThan(2 ** 12);
      expect(new Set(found).size).toBeGreaterThan(38);
      const ones = found.reduce((count, sum) => count + sum.toString(2).replaceAll('0', '').length, 0);
      // 480 coins: five standard deviations are 55
      expect(Math.abs(ones - 240)).toBeLessThan(55);
      bySteps[place] = [found];
    });

    test('a seed is a stream of its own: whatever else draws, and through smaller batches, epochs and fits', async () => {
      const layer = w.Dropout(0.5, { seed: 5 });
      w.randomUniform([3]);
      const model = new w.Sequential([w.Input({ shape: [12] }), layer, w.Dense(1, { kernelInitializer: 'ones' })]);
      model.compile({ optimizer: w.optimizers.SGD({ learningRate: 0 }), loss: 'mae' });
      const first = await steps(model, 6, 1, 2);
      expect(first).toEqual(Array.from({ length: 12 }, (_, draw) => kept(5, draw)));
      expect(await steps(model, 3, 1, 1)).toEqual([12, 13, 14].map((draw) => kept(5, draw)));
      // and eagerly
      const y = layer.apply(w.tensor([bits]), { training: true });
      expect(await w.sum(y).item()).toBe(2 * kept(5, 15));
      // a last batch that is smaller is a step of another program, which draws on
      const halves = await keptByFit(w.Dropout(0.5, { seed: 5 }), 5, 2);
      expect(new Set(halves).size).toBe(3);
      expect(halves[2]).toBe(kept(5, 2));
    });

    test('two uses in one step draw each on its own', async () => {
      const one = w.Dropout(0.5, { seed: 5 });
      const both = w.compile((x: w.Tensor) => [
        w.sum(one.apply(x, { training: true })),
        w.sum(one.apply(x, { training: true })),
      ]);
      const read = async () => Promise.all((await both(w.tensor([bits]))).map((sum) => sum.item()));
      expect([await read(), await read()].flat()).toEqual([0, 1, 2, 3].map((draw) => 2 * kept(5, draw)));
      both.dispose();
    });

    test('Dropout called eagerly draws anew, and does nothing otherwise', async () => {
      const layer = w.Dropout(0.25);
      const x = w.ones([50, 40]);
      const [a, b] = await Promise.all([0, 1].map(() => layer.apply(x, { training: true }).data()));
      expect(a).not.toEqual(b);
      const grown = place === 'cpu float64' ? 1 / 0.75 : Math.fround(1 / 0.75);
      expect(new Set(a)).toEqual(new Set([0, grown]));
      const share = Array.from(a!).filter((v) => v === 0).length / a!.length;
      // 2000 draws: five standard deviations are 0.048
      expect(Math.abs(share - 0.25)).toBeLessThan(0.048);
      expect(layer.apply(x)).toBe(x);
      expect(layer.apply(x, { training: false })).toBe(x);
    });

    test('the gradient passes where the forward pass kept, and frozen layers drop all the same', async () => {
      const x = w.variable(w.ones([200]));
      const y = w.Dropout(0.5, { trainable: false }).apply(x, { training: true });
      w.sum(y).backward();
      expect(Array.from(await x.grad!.data())).toEqual(Array.from(await y.data()));
      expect(new Set(await y.data())).toEqual(new Set([0, 2]));
    });

    test('rate 0 keeps all, rate 1 nothing', async () => {
      const x = w.tensor([[1, 2, 3]]);
      expect(Array.from(await w.Dropout(0).apply(x, { training: true }).data())).toEqual([1, 2, 3]);
      expect(Array.from(await w.Dropout(1).apply(x, { training: true }).data())).toEqual([0, 0, 0]);
    });

    test('noiseShape and SpatialDropout2D let elements share their fate', async () => {
      const fates = async (layer: w.Layer) => layer.apply(w.ones([4, 3, 2, 8]), { training: true }).array();
      const rows = (await fates(w.Dropout(0.5, { noiseShape: [null, 1, 1, null] }))) as number[][][][];
      const channels = (await fates(w.SpatialDropout2D(0.5))) as number[][][][];
      for (const images of [rows, channels]) {
        for (const image of images) for (const pixel of image.flat()) expect(pixel).toEqual(image[0]![0]);
        expect(new Set(images.map((image) => String(image[0]![0]))).size).toBeGreaterThan(1);
      }
      const all = (await fates(w.Dropout(0.5, { noiseShape: [1, 3, 1, 1] }))) as number[][][][];
      expect(new Set(all.map((image) => String(image))).size).toBe(1);
    });

    test('GaussianNoise in a recorded step is normal, and new at each run', async () => {
      const layer = w.GaussianNoise(2);
      const noisy = w.compile((x: w.Tensor) => layer.apply(x, { training: true }));
      const [a, b] = [await noisy(w.ones([4000])), await noisy(w.ones([4000]))];
      for (const y of [a, b]) {
        const values = Array.from(await y.data(), (v) => (v - 1) / 2);
        const mean = (f: (v: number) => number) => values.reduce((sum, v) => sum + f(v), 0) / values.length;
        // five standard errors of each moment of 4000 normal values
        expect(Math.abs(mean((v) => v))).toBeLessThan(5 / Math.sqrt(4000));
        expect(Math.abs(mean((v) => v ** 2) - 1)).toBeLessThan(5 * Math.sqrt(2 / 4000));
        expect(Math.abs(mean((v) => v ** 3))).toBeLessThan(5 * Math.sqrt(15 / 4000));
        expect(Math.abs(mean((v) => v ** 4) - 3)).toBeLessThan(5 * Math.sqrt(96 / 4000));
      }
      expect(await a.data()).not.toEqual(await b.data());
      noisy.dispose();
      const x = w.ones([3]);
      expect(layer.apply(x)).toBe(x);
    });

    test('GaussianDropout multiplies by numbers around 1', async () => {
      const layer = w.GaussianDropout(0.2, { seed: 3 });
      const noisy = w.compile((x: w.Tensor) => layer.apply(x, { training: true }));
      for (const y of [await noisy(w.full([4000], 3)), await noisy(w.full([4000], 3))]) {
        const values = Array.from(await y.data(), (v) => (v / 3 - 1) / Math.sqrt(0.25));
        const mean = (f: (v: number) => number) => values.reduce((sum, v) => sum + f(v), 0) / values.length;
        expect(Math.abs(mean((v) => v))).toBeLessThan(5 / Math.sqrt(4000));
        expect(Math.abs(mean((v) => v ** 2) - 1)).toBeLessThan(5 * Math.sqrt(2 / 4000));
      }
      noisy.dispose();
      const x = w.ones([3]);
      expect(layer.apply(x)).toBe(x);
      expect(w.GaussianDropout(0).apply(x, { training: true })).toBe(x);
    });

    test('AlphaDropout keeps mean 0 and variance 1, and drops what Dropout drops', async () => {
      const x = w.randomNormal([20000]);
      const options = { training: true };
      const y = await w.AlphaDropout(0.3, { seed: 5 }).apply(x, options).data();
      const kept = await w.Dropout(0.3, { seed: 5 }).apply(x, options).data();
      const values = Array.from(y);
      const mean = (f: (v: number) => number) => values.reduce((sum, v) => sum + f(v), 0) / values.length;
      expect(Math.abs(mean((v) => v))).toBeLessThan(5 / Math.sqrt(20000));
      // the fourth moment is below 4
      expect(Math.abs(mean((v) => v ** 2) - 1)).toBeLessThan(5 * Math.sqrt(3 / 20000));
      // Keras: a = ((1 - r)(1 + r α'²))^-½, b = -a α' r
      const low = -1.7580993408473766;
      const a = (0.7 * (1 + 0.3 * low ** 2)) ** -0.5;
      const given = await x.data();
      values.slice(0, 200).forEach((value, i) => {
        expect(value).toBeCloseTo(a * (kept[i] === 0 ? low : given[i]!) - a * low * 0.3, 5);
      });
      expect(w.AlphaDropout(0.3).apply(x)).toBe(x);
      expect(w.AlphaDropout(0).apply(x, options)).toBe(x);
      expect(new Set(await w.AlphaDropout(1).apply(x, options).data())).toEqual(new Set([0]));
    });

    test('GaussianNoise of a seed is the transform of its stream', async () => {
      const key = threefry(keyOf(9), [0, 4]);
      const expected = Array.from({ length: 50 }, (_, i) => {
        const [u, v] = [uniformAt(key, i, 0), uniformAt(key, i, 1)];
        return 1 + Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * (v - 0.5));
      });
      const found = await w
        .GaussianNoise(1, { seed: 9 })
        .apply(w.ones([50]), { training: true })
        .data();
      // WGSL promises a cosine to 2^-11, and the factor before it stays below 6
      const allowed = { 'cpu float64': 1e-12, 'cpu float32': 2e-6, webgpu: 6 * 2 ** -11 }[place];
      for (const [i, value] of expected.entries()) expect(Math.abs(found[i]! - value)).toBeLessThan(allowed);
    });
  },
  ['cpu float32', 'cpu float64', 'webgpu'],
);

describe('on all backends', () => {
  test('Dropout in fit drops the same', () => {
    const [one, ...others] = Object.values(bySteps);
    expect(one).toBeDefined();
    for (const other of others) expect(other).toEqual(one);
  });
});
