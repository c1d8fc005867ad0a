// Batch normalisation while a model trains: which statistics it uses, what it remembers, and its gradients.
import { beforeEach, describe, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { expectClose, onEachBackend, startOver, valuesOf, wave } from '../models/support.ts';

const rows = [
  [1, 2],
  [3, 6],
  [5, 4],
];

/** BN alone in front of a Dense layer that passes both columns on. */
function model(options: Parameters<typeof w.BatchNormalization>[0] = {}): w.Sequential {
  const made = new w.Sequential([
    w.BatchNormalization({ inputShape: [2], ...options }),
    w.Dense(2, { kernelInitializer: 'identity' }),
  ]);
  made.compile({ optimizer: w.optimizers.SGD({ learningRate: 0.1 }), loss: 'mse' });
  return made;
}

const x = () => w.tensor(rows);
const train = (made: w.Sequential, options = {}) =>
  made.fit(x(), w.zeros([3, 2]), { batchSize: 3, shuffle: false, verbose: 0, ...options });

onEachBackend((place) => {
  beforeEach(() => startOver());

  test('one step of fit: the loss of the batch, and moving statistics as in the specification', async () => {
    const made = model();
    const { history } = await train(made);
    // the mean of squares of a normalised column is its variance without epsilon
    expectClose(history.loss!, [8 / 3 / (8 / 3 + 1e-3)], place);
    const [, , mean, variance] = await valuesOf(made);
    expectClose(mean!, [0.03, 0.04], place);
    expectClose(variance!, [1.01666667, 1.01666667], place);
  });

  test('every step moves them, also the last and smaller one', async () => {
    const made = model({ momentum: 0.5 });
    await train(made, { batchSize: 2, epochs: 2 });
    const [, , mean, variance] = await valuesOf(made);
    // batches (1,2),(3,6) and (5,4), twice: means 2, 5 and 4, 4; variances 1, 0 and 4, 0
    const follow = (first: number, batches: readonly number[]) => batches.reduce((m, b) => m / 2 + b / 2, first);
    expectClose(mean!, [follow(0, [2, 5, 2, 5]), follow(0, [4, 4, 4, 4])], place);
    expectClose(variance!, [follow(1, [1, 0, 1, 0]), follow(1, [4, 0, 4, 0])], place);
  });

  test('evaluate and predict use them and leave them alone', async () => {
    const made = model();
    made.setWeights(
      [
        [1, 1],
        [0, 0],
        [1, 2],
        [4, 1],
        [1, 0, 0, 1],
        [0, 0],
      ].map((values) => Float32Array.from(values)),
    );
    const expected = rows.flatMap(([a, b]) => [(a! - 1) / Math.sqrt(4.001), (b! - 2) / Math.sqrt(1.001)]);
    expectClose(await (await made.predict(x(), { verbose: 0 })).data(), expected, place);
    const loss = expected.reduce((sum, y) => sum + y * y, 0) / 6;
    expectClose([Number(await made.evaluate(x(), w.zeros([3, 2]), { verbose: 0 }))], [loss], place);
    expect((await valuesOf(made)).slice(2, 4)).toEqual([
      [1, 2],
      [4, 1],
    ]);
  });

  test('trap 3: a frozen one is in inference mode inside fit, and changes nothing', async () => {
    const made = model();
    made.layers[0]!.trainable = false;
    made.compile({ optimizer: w.optimizers.SGD({ learningRate: 0.1 }), loss: 'mse' });
    const before = await valuesOf(made);
    const { history } = await train(made);
    // mean 0 and variance 1 as they began
    expectClose(history.loss!, [rows.flat().reduce((sum, v) => sum + v * v, 0) / 6 / 1.001], place);
    const after = await valuesOf(made);
    expect(after.slice(0, 4)).toEqual(before.slice(0, 4));
    expect(after[4]).not.toEqual(before[4]);
  });

  test('gradients in batch mode are those of the textbook, by the input, gamma and beta', async () => {
    const layer = w.BatchNormalization({
      gammaInitializer: w.initializers.constant(1.5),
      betaInitializer: w.initializers.constant(-0.5),
    });
    const [n, c] = [12, 2];
    const [values, weights] = [wave(n * c), wave(n * c, 3)];
    const input = w.variable(w.tensor(values, [3, 2, 2, c]));
    const loss = w.sum(w.mul(layer.apply(input, { training: true }), w.tensor(weights, [3, 2, 2, c])));
    loss.backward();
    const column = (all: ArrayLike<number>, k: number) => Array.from({ length: n }, (_, i) => all[i * c + k]!);
    const mean = (list: readonly number[]) => list.reduce((sum, v) => sum + v, 0) / n;
    const [dx, dgamma, dbeta] = [new Array<number>(n * c), new Array<number>(c), new Array<number>(c)];
    for (let k = 0; k < c; k++) {
      const [xs, dy] = [column(values, k), column(weights, k)];
      const mu = mean(xs);
      const sigma = Math.sqrt(mean(xs.map((v) => (v - mu) ** 2)) + 1e-3);
      const hat = xs.map((v) => (v - mu) / sigma);
      const along = mean(dy.map((v, i) => v * hat[i]!));
      dgamma[k] = n * along;
      dbeta[k] = n * mean(dy);
      dy.forEach((v, i) => {
        dx[i * c + k] = (1.5 / sigma) * (v - mean(dy) - hat[i]! * along);
      });
    }
    // sums of 24 numbers about 1: float32 leaves 1e-6 of them
    const near = (found: ArrayLike<number>, expected: readonly number[]) => {
      const off = expected.map((value, i) => Math.abs(found[i]! - value));
      expect(Math.max(...off)).toBeLessThan(2e-6);
    };
    near(await input.grad!.data(), dx);
    near(await layer.weights[0]!.variable.grad!.data(), dgamma);
    near(await layer.weights[1]!.variable.grad!.data(), dbeta);
    expect(layer.weights.slice(2).map(({ variable }) => variable.grad)).toEqual([null, null]);
  });

  test('a frozen one passes gradients on as one product', async () => {
    const layer = w.BatchNormalization({ trainable: false, movingVarianceInitializer: w.initializers.constant(3) });
    const slope = w.grad((v: w.Tensor) => w.sum(layer.apply(v, { training: true })))(x());
    expectClose(await slope.data(), new Array<number>(6).fill(1 / Math.sqrt(3.001)), place);
  });
});

describe('differences agree with the gradient', () => {
  onEachBackend(() => {
    test.each<[string, () => w.Layer]>([
      ['BatchNormalization', () => w.BatchNormalization()],
      ['BatchNormalization along axis 1', () => w.BatchNormalization({ axis: 1 })],
      ['LayerNormalization', () => w.LayerNormalization({ axis: [1, 2] })],
      ['GroupNormalization', () => w.GroupNormalization({ groups: 2 })],
    ])('%s while training', async (_, make) => {
      const [values, weights] = [w.tensor(wave(48), [3, 2, 2, 4]), w.tensor(wave(48, 3), [3, 2, 2, 4])];
      const f = (v: w.Tensor, by: w.Tensor) => w.sum(w.mul(make().apply(v, { training: true }), by));
      expect(await w.gradcheck(f, [values, weights])).toBeLessThan(1e-7);
    });
  }, ['cpu float64']);
});
