// Every way of a convolution with a max-pool behind it gives the bits of the CPU, and so does every way of its gradient.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KernelAttrs } from '../../src/backend/kernels.ts';
import { convPoolKernels } from '../../src/backend/webgpu/kernels/convPool/index.ts';
import type { Way } from '../../src/backend/webgpu/variant.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { describeGpu } from '../setup/adapters.ts';
import { type Convolution, fitted } from '../support/convolutions.ts';
import { loadFamilies } from '../support/families.ts';
import { TwoBackends } from '../support/twoBackends.ts';
import { whole } from '../support/values.ts';

type Attrs = KernelAttrs['conv2dMaxPool2d'];

const even = { strideH: 1, strideW: 1, dilationH: 1, dilationW: 1, padTop: 0, padLeft: 0 };

function behind(convolution: Convolution, poolH: number, poolW: number, gap = 0): [Convolution, Attrs['pool']] {
  const [strideH, strideW] = [poolH + gap, poolW + gap];
  const { p, q } = convolution.attrs;
  const windows = { p: Math.floor((p - poolH) / strideH) + 1, q: Math.floor((q - poolW) / strideW) + 1 };
  return [convolution, { ...even, ...windows, strideH, strideW, poolH, poolW }];
}

const layers: readonly (readonly [string, ReturnType<typeof behind>])[] = [
  ['grey images', behind(fitted([3, 12, 13, 1], [3, 3, 1, 32], {}), 2, 2)],
  ['padded colours', behind(fitted([2, 9, 8, 3], [3, 3, 3, 8], { padding: 'same' }), 2, 2)],
  [
    'steps of two, and cells between windows',
    behind(fitted([2, 19, 17, 2], [3, 2, 2, 12], { strides: [2, 1] }), 2, 3, 1),
  ],
  ['many channels', behind(fitted([1, 8, 9, 12], [3, 3, 12, 20], { padding: 'same' }), 2, 2)],
];

describeGpu('whatever way is chosen', () => {
  let both: TwoBackends;
  let chosen: string | undefined;
  beforeAll(async () => {
    await loadFamilies();
    both = await TwoBackends.open(undefined, () => chosen);
  });
  afterAll(() => both.close());

  const view = (shape: readonly number[], dtype: 'float32' | 'int32' = 'float32') => {
    return { shape, dtype, storage: { byteLength: 4 * sizeOf(shape) }, byteOffset: 0 };
  };

  test.each(layers)('a layer of %s', async (title, [{ attrs: conv, x, kernel, y: cells }, pool]) => {
    const y = [cells[0]!, pool.p, pool.q, cells[3]!];
    const winner = { shape: y, dtype: 'int32' as const };
    const attrs = { ...conv, pool, activation: 'relu' as const };
    // few values, so that windows hold ties
    const inputs = [whole(x, 1, 1), whole(kernel, 2, 1), whole([y[3]!], 3, 1)];
    const names = (ways: Iterable<Way>) => [...ways].map(({ name }) => name);
    const forward = {
      kernel: 'conv2dMaxPool2d' as const,
      inputs: inputs.map(({ shape }) => view(shape)),
      outputs: [view(y), view(y, 'int32')],
      attrs,
    };
    const waysForward = names(convPoolKernels.conv2dMaxPool2d.ways(forward, both.gpu.facts));
    expect(waysForward.some((name) => name.includes('patch'))).toBe(title !== 'many channels');
    let winners: ArrayLike<number> = [];
    for (chosen of waysForward) {
      [, winners = []] = await both.agree('conv2dMaxPool2d', inputs, [{ shape: y }, winner], attrs);
    }
    const slopes = [whole(x, 4), whole(y, 5), { ...winner, data: winners }, whole(y, 6)];
    const results = [{ shape: kernel }, { shape: [1, y[3]!] }];
    const back = { ...conv, pool, shape: kernel, relu: true, bias: true };
    const backward = {
      kernel: 'conv2dMaxPool2dGradKernel' as const,
      inputs: slopes.map(({ shape }) => view(shape)),
      outputs: results.map(({ shape }) => view(shape)),
      attrs: back,
    };
    for (chosen of names(convPoolKernels.conv2dMaxPool2dGradKernel.ways(backward, both.gpu.facts))) {
      await both.agree('conv2dMaxPool2dGradKernel', slopes, results, back);
    }
  });
});
