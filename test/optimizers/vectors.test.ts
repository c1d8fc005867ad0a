// Section 16 of the specification: w = 1 and gradients 0.1, -0.2, 0.3.
import { expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { onEachBackend } from '../models/support.ts';

const { SGD, Adam, AdamW, RMSprop, Adagrad, Adamax, Nadam } = w.optimizers;

// biome-ignore format: a table
const vectors: readonly (readonly [title: string, make: () => w.optimizers.Optimizer, values: readonly number[]])[] = [
  ['SGD', () => SGD(), [0.999, 1.001, 0.998]],
  ['SGD with momentum', () => SGD({ momentum: 0.9 }), [0.999, 1.0001, 0.99809]],
  ['SGD by Nesterov', () => SGD({ momentum: 0.9, nesterov: true }), [0.9981, 1.00109, 0.996281]],
  ['Adam', () => Adam(), [0.999000032, 0.99936613, 0.999022892]],
  ['Adam with amsgrad', () => Adam({ amsgrad: true }), [0.999000032, 0.99936613, 0.999022892]],
  ['AdamW', () => AdamW(), [0.998996032, 0.999358134, 0.999010898]],
  ['RMSprop', () => RMSprop(), [0.99683788, 0.999694994, 0.997104365]],
  ['RMSprop with momentum', () => RMSprop({ momentum: 0.9 }), [0.99683788, 0.996849087, 0.994268543]],
  ['RMSprop, centered', () => RMSprop({ centered: true }), [0.996666852, 0.999559908, 0.996929351]],
  ['Adagrad', () => Adagrad(), [0.999698489, 1.000214886, 0.999602514]],
  // not in the specification: the formulas of its section 5 worked out with 50 digits
  ['Adamax', () => Adamax(), [0.999000001, 0.999289475, 0.999042242]],
  ['Nadam', () => Nadam(), [0.998937213, 0.999818878, 0.998987156]],
];

onEachBackend((place) => {
  test.each(vectors)('%s', async (_, make, values) => {
    const [optimizer, v] = [make(), w.variable([1])];
    for (const [i, g] of [0.1, -0.2, 0.3].entries()) {
      optimizer.apply([[w.tensor([g]), v]]);
      // the vectors have nine digits; around 1 a float32 has steps of 6e-8
      const allowed = place === 'cpu float64' ? 6e-10 : 2e-7;
      expect(Math.abs((await v.item()) - values[i]!)).toBeLessThan(allowed);
    }
  });

  // 15.4 of the specification: with gradients as small as epsilon it shows where it stands
  test.each([
    ['Adam', () => Adam({ learningRate: 1, epsilon: 0.1 }), 0.1 / (0.1 + 0.1 / Math.sqrt(0.001))],
    ['RMSprop', () => RMSprop({ learningRate: 1, epsilon: 0.1 }), 0.1 / Math.sqrt(0.001 + 0.1)],
    ['Adagrad', () => Adagrad({ learningRate: 1, epsilon: 0.1 }), 0.1 / Math.sqrt(0.11 + 0.1)],
  ] as const)('epsilon of %s stands where Keras has it', async (_, make, change) => {
    const v = w.variable([0]);
    make().apply([[w.tensor([0.1]), v]]);
    expect(Math.abs((await v.item()) + change)).toBeLessThan(1e-6);
  });

  // 15.9: decoupled, of biases too, and no part of what Adam divides by
  test('weight decay moves a weight without a gradient', async () => {
    const v = w.variable([2], { name: 'dense/bias' });
    const optimizer = AdamW({ learningRate: 0.5, weightDecay: 0.25 });
    optimizer.apply([[w.zeros([1]), v]]);
    expect(await v.item()).toBe(2 - 2 * 0.25 * 0.5);
  });
});
