// Losses against the test vectors of the specification, as functions and behind a model's activation.
import { describe, expect, test } from 'vitest';
import { Dense, grad, losses, Sequential, type Tensor, tensor } from 'wgslgrad';
import { expectClose, onEachBackend } from '../models/support.ts';

const p = [
  [0.7, 0.2, 0.1],
  [0.1, 0.3, 0.6],
];
const t = [
  [1, 0, 0],
  [0, 1, 0],
];
const z = [
  [2, 1, -1],
  [0, 3, 1],
];

onEachBackend((place) => {
  const value = async (loss: Tensor) => Array.from(await loss.data());
  const mean = async (loss: Tensor) => [await loss.mean().item()];
  const close = (actual: number[], expected: readonly number[]) => expectClose(actual, expected, place);

  describe('categorical cross-entropy', () => {
    test('from probabilities', async () => {
      const loss = losses.categoricalCrossentropy(tensor(t), tensor(p));
      close(await value(loss), [0.3566749, 1.2039728]);
      close(await mean(loss), [0.7803239]);
    });

    test('from probabilities that do not add up to 1: rows are normalised first', async () => {
      close(await value(losses.categoricalCrossentropy(tensor(t), tensor(p).mul(3))), [0.3566749, 1.2039728]);
    });

    test('with label smoothing', async () => {
      close(await mean(losses.categoricalCrossentropy(tensor(t), tensor(p), { labelSmoothing: 0.1 })), [0.8403928]);
    });

    test('of probability 0 for the true class is clipped, not infinite', async () => {
      close(await value(losses.categoricalCrossentropy(tensor([[1, 0]]), tensor([[0, 1]]))), [16.118096]);
    });

    test('from logits, and its gradient', async () => {
      const from = (logits: Tensor) => losses.categoricalCrossentropy(tensor(t), logits, { fromLogits: true });
      close(await value(from(tensor(z))), [0.3490122, 0.169846]);
      const slope = grad((logits: Tensor) => from(logits).mean())(tensor(z));
      close(await value(slope), [-0.1473077, 0.1297482, 0.0175595, 0.021005, -0.0781026, 0.0570976]);
    });

    test('from logits with label smoothing is the same as from their probabilities', async () => {
      const options = { labelSmoothing: 0.1 };
      const logits = tensor(p).log();
      close(
        await mean(losses.categoricalCrossentropy(tensor(t), logits, { ...options, fromLogits: true })),
        [0.8403928],
      );
    });

    test('with integer classes, [n] or [n, 1]', async () => {
      for (const labels of [tensor(Int32Array.of(0, 1)), tensor(Uint8Array.of(0, 1), [2, 1]), tensor([0, 1])]) {
        close(await value(losses.sparseCategoricalCrossentropy(labels, tensor(p))), [0.3566749, 1.2039728]);
        const logits = losses.sparseCategoricalCrossentropy(labels, tensor(z), { fromLogits: true });
        close(await value(logits), [0.3490122, 0.169846]);
      }
    });
  });

  describe('binary cross-entropy', () => {
    const probabilities = [[0.9], [0.2], [0.6]];
    const truths = [[1], [0], [0]];

    test('from probabilities, with and without label smoothing', async () => {
      close(await mean(losses.binaryCrossentropy(tensor(truths), tensor(probabilities))), [0.4149316]);
      const smoothed = losses.binaryCrossentropy(tensor(truths), tensor(probabilities), { labelSmoothing: 0.2 });
      close(await mean(smoothed), [0.5208667]);
    });

    test('from logits', async () => {
      const logits = probabilities.map(([q]) => [Math.log(q! / (1 - q!))]);
      close(await mean(losses.binaryCrossentropy(tensor(truths), tensor(logits), { fromLogits: true })), [0.4149316]);
      const far = losses.binaryCrossentropy(tensor([[1], [0]]), tensor([[-200], [200]]), { fromLogits: true });
      close(await value(far), [200, 200]);
    });

    test('of targets [n] and predictions [n, 1] pairs them up', async () => {
      const loss = losses.binaryCrossentropy(tensor([1, 0, 0]), tensor(probabilities));
      expect(loss.shape).toEqual([3]);
      close(await mean(loss), [0.4149316]);
    });

    test('of a certain and wrong probability is clipped', async () => {
      const loss = losses.binaryCrossentropy(tensor([[1]]), tensor([[0]]));
      // 16.118096 from the true class; the other term is ln(1 - 1e-7) in the precision of the backend
      close(await value(loss), [16.118096]);
    });
  });

  test('mean squared and mean absolute error', async () => {
    const [a, b] = [tensor([[1, 2], [3, 4]]), tensor([[2, 4], [3, 1]])]; // biome-ignore format: rows
    close(await value(losses.meanSquaredError(a, b)), [2.5, 4.5]);
    close(await value(losses.meanAbsoluteError(a, b)), [1.5, 1.5]);
    close(await value(losses.meanSquaredError(tensor([1, 2]), tensor([[2], [4]]))), [1, 4]);
  });

  describe('behind a model', () => {
    // A softmax of logits 60 apart is exactly 0 and 1 in float32: from probabilities the loss would be clipped.
    const far = async (activation: string, loss: 'categorical_crossentropy' | 'binary_crossentropy', y: number[][]) => {
      const model = new Sequential([Dense(y[0]!.length, { activation, useBias: false, inputShape: [1] })]);
      model.setWeights([Float32Array.from(y[0]!, (_, i) => (i === 0 ? 0 : 60))]);
      model.compile({ optimizer: 'sgd', loss });
      const found = await model.evaluate(new Float32Array([1]), tensor(y), { verbose: 0 });
      return [Number(found)];
    };

    test('the loss behind a softmax is computed from the logits', async () => {
      close(await far('softmax', 'categorical_crossentropy', [[1, 0]]), [60]);
    });

    test('the loss behind a sigmoid is computed from the logits', async () => {
      // logits 0 and 60, targets 1 and 0: (ln 2 + 60) / 2
      close(await far('sigmoid', 'binary_crossentropy', [[1, 0]]), [(Math.LN2 + 60) / 2]);
    });

    test('where the logits cannot be reached the clipped formula applies', async () => {
      const model = new Sequential([Dense(2, { activation: 'softmax', useBias: false, inputShape: [1] })]);
      model.setWeights([Float32Array.of(0, 60)]);
      const hidden = (yTrue: Tensor, yPred: Tensor) => losses.categoricalCrossentropy(yTrue, yPred.mul(1));
      model.compile({ optimizer: 'sgd', loss: hidden });
      close([Number(await model.evaluate(Float32Array.of(1), tensor([[1, 0]]), { verbose: 0 }))], [16.118096]);
    });

    test('one step of SGD moves the logits by (p - t) / n: the gradient never passes through the softmax', async () => {
      const model = new Sequential([Dense(2, { activation: 'softmax', useBias: false, inputShape: [1] })]);
      model.setWeights([Float32Array.of(0, 60)]);
      model.compile({ optimizer: 'sgd', loss: 'categorical_crossentropy' });
      await model.trainOnBatch(Float32Array.of(1), tensor([[1, 0]]));
      const [kernel] = model.getWeights();
      // SGD's rate is 0.01; through a saturated softmax the gradient would be 0
      close(await value(kernel!), [0.01, 59.99]);
    });
  });
});
