// From values to the one number that is trained on: weights, classes that do not count, and what the vectors of the specification say.
import { describe, expect, test } from 'vitest';
import { Dense, grad, losses, optimizers, Sequential, ShapeError, type Tensor, tensor, ValueError } from 'wgslgrad';
import { type Reduction, reduceLoss } from '../../src/losses/reduction.ts';
import { expectClose, onEachBackend } from '../models/support.ts';

const p = [
  [0.7, 0.2, 0.1],
  [0.1, 0.3, 0.6],
];

onEachBackend((place) => {
  const close = async (found: Tensor, ...expected: number[]) => expectClose(await found.data(), expected, place);
  const vectors = () => losses.sparseCategoricalCrossentropy(tensor([0, 1], [2], 'int32'), tensor(p));

  test('weights (2, 0.5) by each reduction', async () => {
    const weights = tensor([2, 0.5]);
    await close(reduceLoss(vectors(), null), 0.7803239);
    await close(reduceLoss(vectors(), weights), 0.6576681);
    await close(reduceLoss(vectors(), weights, 'sum_over_batch_size'), 0.6576681);
    await close(reduceLoss(vectors(), weights, 'mean_with_sample_weight'), 0.5261345);
    await close(reduceLoss(vectors(), null, 'mean_with_sample_weight'), 0.7803239);
    await close(reduceLoss(vectors(), weights, 'sum'), 2 * 0.6576681);
    await close(reduceLoss(vectors(), null, 'sum'), 2 * 0.7803239);
  });

  test('weights of samples reach every inner value, whatever the shapes', async () => {
    const values = tensor([[1, 2, 3], [4, 5, 6]]); // biome-ignore format: rows
    for (const weights of [tensor([1, 10]), tensor([[1], [10]]), tensor([1, 10], [2], 'int32')]) {
      await close(reduceLoss(values, weights), (6 + 150) / 6);
      await close(reduceLoss(values, weights, 'mean_with_sample_weight'), (6 + 150) / 33);
    }
    const each = tensor([[1, 0, 1], [0, 0, 2]]); // biome-ignore format: rows
    await close(reduceLoss(values, each), (1 + 3 + 12) / 6);
    await close(reduceLoss(values, each, 'mean_with_sample_weight'), 16 / 4);
    // [2, 2] would broadcast from the right as well: it must not
    await close(reduceLoss(tensor([[1, 2], [3, 4]]), tensor([1, 0])), 3 / 4); // biome-ignore format: rows
    await close(reduceLoss(tensor(3), tensor([1, 3])), 6);
  });

  test('weights that are all 0 give 0, and no gradient', async () => {
    for (const reduction of ['sum_over_batch_size', 'mean_with_sample_weight', 'sum'] as const) {
      const f = (values: Tensor) => reduceLoss(values, tensor([0, 0]), reduction);
      await close(f(tensor([1, 2])), 0);
      await close(grad(f)(tensor([1, 2])), 0, 0);
    }
  });

  describe('a class that is ignored', () => {
    const labels = () => tensor([0, 255, 1], [3], 'uint8');
    const rows = () => tensor([p[0]!, [0.2, 0.2, 0.6], p[1]!]);
    const values = () => losses.sparseCategoricalCrossentropy(labels(), rows(), { ignoreClass: 255 });

    test('has values of 0, and does not count in a mean', async () => {
      await close(values(), 0.3566749, 0, 1.2039728);
      await close(reduceLoss(values(), null), 0.7803239);
      await close(reduceLoss(values(), null, 'sum'), 2 * 0.7803239);
    });

    test('has no weight either', async () => {
      const weights = tensor([2, 7, 0.5]);
      await close(reduceLoss(values(), weights), 0.6576681);
      await close(reduceLoss(values(), weights, 'mean_with_sample_weight'), 0.5261345);
    });

    test('may be the only one', async () => {
      const none = losses.sparseCategoricalCrossentropy(tensor([-1, -1], [2], 'int32'), tensor(p), { ignoreClass: -1 });
      await close(reduceLoss(none, null), 0);
    });

    test('gets no gradient, and the others more of it', async () => {
      const slope = grad((z: Tensor) =>
        reduceLoss(
          losses.sparseCategoricalCrossentropy(labels(), z, { ignoreClass: 255, fromLogits: true }),
          null,
        ),
      )(tensor([[2, 1, -1], [5, 5, 5], [0, 3, 1]])); // biome-ignore format: rows
      await close(slope, -0.1473077, 0.1297482, 0.0175595, 0, 0, 0, 0.021005, -0.0781026, 0.0570976);
    });

    test('is one of the labels that fit expects', async () => {
      const model = new Sequential([Dense(3, { activation: 'softmax', inputShape: [1], kernelInitializer: 'zeros' })]);
      const y = Int32Array.of(0, 7, 2);
      model.compile({ loss: losses.SparseCategoricalCrossentropy({ ignoreClass: 7 }) });
      await close(tensor([Number(await model.evaluate(Float32Array.of(1, 2, 3), y, { verbose: 0 }))]), Math.log(3));
      model.compile({ loss: losses.SparseCategoricalCrossentropy() });
      await expect(model.evaluate(Float32Array.of(1, 2, 3), y, { verbose: 0 })).rejects.toThrow(
        /0 to 2; they go from 0 to 7/,
      );
    });
  });

  test('a model is trained on the reduction of its loss', async () => {
    const lossOf = async (reduction: Reduction) => {
      const model = new Sequential([Dense(1, { inputShape: [1], kernelInitializer: 'zeros' })]);
      model.compile({ optimizer: optimizers.SGD({ learningRate: 0.5 }), loss: losses.MeanSquaredError({ reduction }) });
      const [x, y] = [tensor([[1], [1]]), tensor([[1], [3]])];
      const { history } = await model.fit(x, y, { verbose: 0, sampleWeight: Float32Array.of(1, 3) });
      return [history.loss![0]!, await model.getWeights()[1]!.item()];
    };
    // errors 1 and 9, weights 1 and 3; the gradient by the bias is -2 (1 + 9) over the divisor
    expectClose(await lossOf('sum_over_batch_size'), [14, 5], place);
    expectClose(await lossOf('mean_with_sample_weight'), [7, 2.5], place);
    expectClose(await lossOf('sum'), [28, 10], place);
  });

  test.each<[string, () => unknown, typeof ValueError, RegExp]>([
    [
      "reduction 'none'",
      () => reduceLoss(tensor([1]), null, 'none'),
      ValueError,
      /'none' leaves a value for each sample/,
    ],
    [
      'too few weights',
      () => reduceLoss(tensor([1, 2, 3]), tensor([1, 2])),
      ShapeError,
      /weights \[2\] do not fit values \[3\]/,
    ],
    [
      'one weight for many',
      () => reduceLoss(tensor([1, 2, 3]), tensor([1])),
      ShapeError,
      /weights \[1\] do not fit values \[3\]/,
    ],
    [
      'weights of another row',
      () =>
        reduceLoss(
          tensor([
            [1, 2, 3],
            [4, 5, 6],
          ]),
          tensor([1, 2, 3]),
        ),
      ShapeError,
      /\[3\] do not fit values \[2, 3\]/,
    ],
  ])('%s is refused', (_, call, kind, says) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(says);
  });
});
