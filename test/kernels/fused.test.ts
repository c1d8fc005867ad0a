// Fused kernels on drawn cases, bit for bit with their parts on the CPU.
import fc from 'fast-check';
import { afterAll, beforeAll } from 'vitest';
import { describeGpu } from '../setup/adapters.ts';
import { activations, pooledConvolutions, seed } from '../support/arbitraries.ts';
import { property } from '../support/property.ts';
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
      const backward = { ...attrs, pool, shape: kernel };
      await both.agree('conv2dMaxPool2dGradKernel', behind, [{ shape: kernel }], backward);
    },
  );
});
