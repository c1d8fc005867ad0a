// The traps that docs/coming-from-keras.md lists, one test for each row.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test, vi } from 'vitest';
import * as w from 'wgslgrad';
import { expectClose, onEachBackend, valuesOf, wave } from '../models/support.ts';

const guide = readFileSync(resolve(import.meta.dirname, '../../docs/coming-from-keras.md'), 'utf8');
const rows = [...guide.slice(guide.indexOf('## Traps')).matchAll(/^\| (?!---|trap)(.*?) \|/gm)].map(([, row]) => row!);

const quiet = { verbose: 0 } as const;
const still = () => w.optimizers.SGD({ learningRate: 0 });

onEachBackend(
  (place) => {
    const tested: string[] = [];
    const trap = (row: string, check: () => Promise<void>) => {
      tested.push(row);
      test(row, check);
    };
    const expectValues = async (x: w.Tensor, expected: readonly number[]) =>
      expectClose(await x.data(), expected, place);
    const counted = (from: number, to: number, shape: number[]) =>
      w
        .arange(from, to + 1)
        .cast('float32')
        .reshape(shape);
    /** One weight of 1, no bias: gives what it takes. */
    const identity = (loss: w.CompileOptions['loss'], optimizer = still()) => {
      const model = new w.Sequential([w.Dense(1, { useBias: false, kernelInitializer: 'ones', inputShape: [1] })]);
      model.compile({ loss, optimizer });
      return model;
    };

    trap("`'same'` with stride 2 and an even length pads at the end only", async () => {
      const kernel = w.tensor([1, 0, -1, 2, 0, -2, 1, 0, -1], [3, 3, 1, 1]);
      const y = w.conv2d(counted(1, 16, [1, 4, 4, 1]), kernel, { strides: 2, padding: 'same' });
      await expectValues(y, [-8, 28, -6, 41]);
    });

    trap("the mean of `AveragePooling2D` with `'same'`", async () => {
      const layer = w.AveragePooling2D([2, 2], { padding: 'same' });
      await expectValues(layer.apply(counted(1, 9, [1, 3, 3, 1])), [3, 4.5, 7.5, 9]);
    });

    trap('a frozen BatchNormalization inside `fit`', async () => {
      const frozen = w.BatchNormalization({ trainable: false, inputShape: [2] });
      const model = new w.Sequential([frozen, w.Dense(1)]);
      model.compile({ loss: 'mse' });
      await model.fit(
        w.tensor([
          [1, 2],
          [3, 6],
        ]),
        w.ones([2, 1]),
        { ...quiet, epochs: 2 },
      );
      const [gamma, beta, mean, variance] = await valuesOf(model);
      expect([gamma, beta, mean, variance]).toEqual([
        [1, 1],
        [0, 0],
        [0, 0],
        [1, 1],
      ]);
    });

    trap('ε of optimizers', async () => {
      // so large that its place shows
      const after = async (optimizer: ReturnType<typeof w.optimizers.Adam>) => {
        const v = w.variable([1]);
        optimizer.apply([[w.tensor([0.1]), v]]);
        return v;
      };
      const root = Math.sqrt(0.001 * 0.01);
      const adam = 1 - ((Math.sqrt(0.001) / 0.1) * 0.01) / (root + 1);
      await expectValues(await after(w.optimizers.Adam({ learningRate: 1, epsilon: 1 })), [adam]);
      const rms = 1 - 0.1 / Math.sqrt(0.1 * 0.01 + 1);
      await expectValues(await after(w.optimizers.RMSprop({ learningRate: 1, epsilon: 1 })), [rms]);
      const ada = 1 - 0.1 / Math.sqrt(0.1 + 0.01 + 1);
      await expectValues(await after(w.optimizers.Adagrad({ learningRate: 1, epsilon: 1 })), [ada]);
    });

    trap('the loss of an epoch', async () => {
      const options = { ...quiet, batchSize: 2, shuffle: false };
      const { history } = await identity('mae').fit([[0], [0], [3]], [[1], [1], [0]], options);
      // by samples 5 / 3, by batches 2
      expectClose(history.loss!, [5 / 3], place);
    });

    trap('three splits', async () => {
      const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
      const x = counted(0, 9, [10, 1]);
      const mean = identity((_: w.Tensor, p: w.Tensor) => p.mean(-1));
      const { history } = await mean.fit(x, w.zeros([10, 1]), { ...quiet, validationSplit: 0.2 });
      expectClose([...history.loss!, ...history.val_loss!], [3.5, 8.5], place);
      const datagen = new w.ImageDataGenerator({ validationSplit: 0.2 });
      const flow = datagen.flow(x.reshape([10, 1, 1, 1]), null, { subset: 'validation', shuffle: false });
      await expectValues((await flow.next()).value, [0, 1]);
      warned.mockRestore();
    });

    trap("CIFAR's labels are [n, 1]", async () => {
      const model = new w.Sequential([w.Dense(3, { activation: 'softmax', inputShape: [2] })]);
      model.compile({ loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] });
      const labels = w.tensor(Uint8Array.of(0, 1, 0, 0), [4, 1]);
      const [, accuracy] = await model.evaluate(w.zeros([4, 2]), labels, quiet);
      expect(accuracy).toBe(0.75);
      expect(await identity('mae').evaluate([[1], [2]], [1, 2], quiet)).toBe(0);
    });

    trap('cross-entropy of probabilities', async () => {
      await expectValues(w.losses.categoricalCrossentropy(w.tensor([[1, 0, 0]]), w.tensor([[2, 1, 1]])), [Math.LN2]);
    });

    trap('L2 and weight decay', async () => {
      await expectValues(w.regularizers.L2(0.5)(w.tensor([3])), [4.5]);
      const bias = w.variable([1], { name: 'dense/bias' });
      const decay = w.optimizers.AdamW({ learningRate: 0.1, weightDecay: 0.1 });
      decay.apply([[w.tensor([0]), bias]]);
      await expectValues(bias, [0.99]);
      const spared = w.variable([1], { name: 'dense/bias' });
      const sparing = w.optimizers.AdamW({ learningRate: 0.1, weightDecay: 0.1 });
      sparing.excludeFromWeightDecay({ names: ['bias'] });
      sparing.apply([[w.tensor([0]), spared]]);
      await expectValues(spared, [1]);
    });

    trap('zoom factors above 1', async () => {
      const datagen = new w.ImageDataGenerator();
      const row = datagen.applyTransform(counted(1, 16, [4, 4, 1]), { zx: 2 }).slice([0, 0, 0], [1, -1, -1]);
      await expectValues(row, [1, 1.5, 3.5, 4]);
      const layer = w.RandomZoom([0.5, 0.5]);
      const zoomed = layer.apply(counted(1, 16, [1, 4, 4, 1]), { training: true }).slice([0, 0, 0, 0], [1, 1, -1, -1]);
      await expectValues(zoomed, [1, 1.75, 3.25, 4]);
    });

    trap('`width_shift_range` and `brightness_range`', async () => {
      const sideways = { widthShiftRange: [1] };
      const { tx, ty } = new w.ImageDataGenerator(sideways).getRandomTransform([4, 4, 1], 1);
      expect([Math.abs(tx), ty]).toEqual([1, 0]);
      const strict = new w.ImageDataGenerator({ ...sideways, strict: true }).getRandomTransform([4, 4, 1], 1);
      expect([strict.tx, Math.abs(strict.ty)]).toEqual([0, 1]);
      const picture = w.tensor([0.2, 0.4, 0.6, 0.9], [2, 2, 1]);
      await expectValues(new w.ImageDataGenerator().applyTransform(picture, { brightness: 1.5 }), [0.3, 0.6, 0.9, 1]);
    });

    trap('Grad-CAM of a nested model', async () => {
      const base = new w.Sequential([w.Conv2D(2, 3, { inputShape: [6, 6, 1], name: 'inner' })], { name: 'base' });
      const model = new w.Sequential([base, w.GlobalAveragePooling2D(), w.Dense(3)]);
      const outputs = [model.getLayer('base/inner').output, model.output];
      const seeing = new w.Model({ inputs: model.inputs, outputs });
      const [maps, scores] = await seeing.predictAll(wave(36), quiet);
      expect(maps!.shape).toEqual([1, 4, 4, 2]);
      expect(scores!.shape).toEqual([1, 3]);
      await expectValues(scores!, Array.from(await model.apply(w.tensor(wave(36), [1, 6, 6, 1])).data()));
    });

    test('there is a test for each row of the guide', () => {
      expect(tested).toEqual(rows);
    });
  },
  ['cpu float32', 'webgpu'],
);
