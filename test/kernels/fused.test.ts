// Fused kernels on drawn cases, bit for bit with their parts on the CPU.
import fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import { describeGpu } from '../setup/adapters.ts';
import { activations, pooledConvolutions, seed } from '../support/arbitraries.ts';
import { among, property } from '../support/property.ts';
import { TwoBackends } from '../support/twoBackends.ts';
import { whole } from '../support/values.ts';

describeGpu('fused kernels agree bit for bit with the CPU', () => {
  let both: TwoBackends;
  beforeAll(async () => {
    both = await TwoBackends.open();
  });
  afterAll(() => both.close());

  property(
    'conv2dMaxPool2d, and conv2dMaxPool2dGradKernel of its winners',
    8,
    fc.record({ drawn: pooledConvolutions, activation: activations, biased: fc.boolean(), seed }),
    async ({ drawn: { attrs, pool, x, kernel, y }, activation, biased, seed }) => {
      const winner = { shape: y, dtype: 'int32' as const };
      // few values, so that windows hold ties
      const inputs = [whole(x, seed, 1), whole(kernel, seed + 1, 1), ...(biased ? [whole([y[3]!], seed + 2, 1)] : [])];
      const forward = { ...attrs, activation, pool };
      const [, winners] = await both.agree('conv2dMaxPool2d', inputs, [{ shape: y }, winner], forward);
      const behind = [whole(x, seed), whole(y, seed + 3), { ...winner, data: winners! }];
      const masked = activation === 'relu' ? [whole(y, seed + 4)] : [];
      const gradients = [{ shape: kernel }, ...(biased ? [{ shape: [1, y[3]!] }] : [])];
      const backward = { ...attrs, pool, shape: kernel, relu: activation === 'relu', bias: biased };
      await both.agree('conv2dMaxPool2dGradKernel', [...behind, ...masked], gradients, backward);
    },
  );

  const sizes = among([1, 2, 3, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1000]);

  const outputs = among([2, 4, 6, 10, 16]);

  property(
    'denseGrad',
    12,
    fc.record({ m: sizes, k: among([2, 4, 10, 126, 128, 130]), n: outputs, relu: fc.boolean(), seed }),
    async ({ m, k, n, relu, seed }) => {
      const [x, kernel, dy] = [
        [1, m, k],
        [1, k, n],
        [1, m, n],
      ] as const;
      const inputs = [whole(x, seed), whole(kernel, seed + 1), whole(dy, seed + 2)];
      await both.agree('denseGrad', inputs, [{ shape: x }, { shape: kernel }, { shape: [1, n] }], { relu });
    },
  );

  property('increment', 4, fc.record({ by: among([1, 2, -3]), seed }), async ({ by, seed }) => {
    await both.agree('increment', [whole([1], seed, 4, 'int32')], [], { by });
  });

  property('accumulate', 20, fc.record({ size: sizes, seed }), async ({ size, seed }) => {
    await both.agree('accumulate', [whole([1], seed), whole([size], seed + 1)], [], { scale: 0.5 });
  });

  property('classify', 12, fc.record({ rows: sizes, classes: among([1, 2, 3, 10, 64]), seed }), async (drawn) => {
    const { rows, classes, seed } = drawn;
    const block = { shape: [rows, classes] };
    const inputs = [whole(block.shape, seed, 20), whole(block.shape, seed + 1, 1)];
    const outputs = [{ shape: [rows] }, block, block, { shape: [rows] }];
    const { found, expected } = await both.run('classify', inputs, outputs, { scale: 0.5 });
    // whole logits: the largest is alone, or equal to the bit
    expect(found[3]).toEqual(expected[3]);
    const near = (i: number, scale: number) =>
      found[i]!.every((value, at) => Math.abs(value - expected[i]![at]!) <= 2 ** -17 * scale);
    expect([near(0, 20 * classes), near(1, classes), near(2, 1)]).toEqual([true, true, true]);
  });
});
