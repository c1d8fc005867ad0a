// Five steps of training, as Keras 3.15.1 takes them: nets, losses and weights of keras/trajectories.py.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { modelFromJSON } from '../../src/io/fromConfig.ts';
import { onEachBackend } from '../models/support.ts';

interface Trajectory {
  readonly model: object;
  readonly losses: readonly number[];
  /** Of every weight after the last step: the sum, and that of the squares. */
  readonly sums: readonly (readonly [number, number])[];
  readonly predictions: readonly number[];
  readonly evaluated: number;
}

const path = new URL('./keras/trajectories.json', import.meta.url);
const nets = Object.entries<Trajectory>(JSON.parse(readFileSync(path, 'utf8')));

const wave = (size: number, phase: number) => Float32Array.from({ length: size }, (_, i) => Math.sin(1.7 * i + phase));

/** Keras computes in float32: one part in 20,000 of what is near 1, or of itself. */
function expectNear(actual: readonly number[], expected: readonly number[], what: string): void {
  expect(actual, what).toHaveLength(expected.length);
  expected.forEach((value, i) => {
    const off = Math.abs(actual[i]! - value);
    expect(off, `${what} ${i}: ${actual[i]}, in Keras ${value}`).toBeLessThan(5e-5 * Math.max(1, Math.abs(value)));
  });
}

onEachBackend((place) => {
  // shaders of all nets take minutes on a software adapter: those that no other test of numbers has there
  const here = place === 'webgpu' ? nets.filter(([name]) => /base|rows|separable/.test(name)) : nets;

  test.each(here)('%s', async (_, { model: config, losses, sums, predictions, evaluated }) => {
    const model = modelFromJSON(config);
    model.weights.forEach(({ name, size, variable, shape }, i) => {
      const shift = /gamma|moving_variance/.test(name) ? 1 : 0;
      const values = wave(size, i).map((value) => 0.15 * value + shift);
      variable.assign(w.tensor(values, [...shape]).cast(variable.dtype));
    });
    model.compile({
      optimizer: w.optimizers.SGD({ learningRate: 0.02, momentum: 0.9 }),
      loss: 'categorical_crossentropy',
    });
    const shape = [4, ...model.inputShapes[0]!.slice(1)].map((length) => length!);
    const x = w.tensor(
      wave(
        shape.reduce((size, n) => size * n),
        0.5,
      ),
      shape,
    );
    const y = w.toCategorical([0, 2, 1, 2], 3);
    const found: number[] = [];
    for (const _step of losses) found.push(Number(await model.trainOnBatch(x, y)));
    expectNear(found, losses, 'loss');
    const values = await Promise.all(model.getWeights().map(async (weight) => Array.from(await weight.data())));
    const sumsOf = values.map((one) => [one.reduce((sum, v) => sum + v, 0), one.reduce((sum, v) => sum + v * v, 0)]);
    expectNear(sumsOf.flat(), sums.flat(), 'sum of weight');
    expectNear(Array.from(await (await model.predict(x, { verbose: 0 })).data()), predictions, 'prediction');
    expectNear([Number(await model.evaluate(x, y, { verbose: 0 }))], [evaluated], 'evaluation');
  });
});
