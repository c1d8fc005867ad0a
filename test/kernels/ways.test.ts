// Every way of every kernel with a choice gives the bits of the CPU: what the tuner may pick is proven, not what it picks here.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KernelAttrs, KernelName } from '../../src/backend/kernels.ts';
import { kernels } from '../../src/backend/webgpu/kernels/index.ts';
import { isTunable } from '../../src/backend/webgpu/variant.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { describeGpu, gpuDescription } from '../setup/adapters.ts';
import * as draw from '../support/arbitraries.ts';
import { type Convolution, fitted, usualConvolutions } from '../support/convolutions.ts';
import { loadFamilies } from '../support/families.ts';
import { property } from '../support/property.ts';
import { type Operand, TwoBackends } from '../support/twoBackends.ts';
import { whole } from '../support/values.ts';

interface Case<K extends KernelName> {
  readonly kernel: K;
  readonly inputs: readonly Operand[];
  readonly shape: readonly number[];
  readonly attrs: KernelAttrs[K];
}

const forward = ({ attrs, x, kernel, y }: Convolution, biased: boolean, scaled = false): Case<'conv2d'> => ({
  kernel: 'conv2d',
  inputs: [
    whole(x, 1),
    whole(kernel, 2),
    ...(biased ? [whole([y[3]!], 3)] : []),
    ...(scaled ? [whole([y[3]!], 4)] : []),
  ],
  shape: y,
  attrs: { ...attrs, activation: biased ? 'relu' : 'linear' },
});

const byInput = ({ attrs, x, kernel, y }: Convolution): Case<'conv2dGradInput'> => {
  return {
    kernel: 'conv2dGradInput',
    inputs: [whole(y, 1), whole(kernel, 2)],
    shape: x,
    attrs: { ...attrs, shape: x },
  };
};

const byKernel = ({ attrs, x, kernel, y }: Convolution): Case<'conv2dGradKernel'> => ({
  kernel: 'conv2dGradKernel',
  inputs: [whole(x, 1), whole(y, 2)],
  shape: kernel,
  attrs: { ...attrs, shape: kernel },
});

type Product = Pick<KernelAttrs['matmul'], 'batch' | 'm' | 'n' | 'k'> & Partial<KernelAttrs['matmul']>;

function product(sizes: Product, biased = false): Case<'matmul'> {
  const sides = { transposeA: false, transposeB: false, broadcastA: false, broadcastB: false };
  const attrs = { ...sides, activation: 'linear' as const, ...sizes };
  const { batch, m, n, k } = attrs;
  const a = [attrs.broadcastA ? 1 : batch, ...(attrs.transposeA ? [k, m] : [m, k])];
  const b = [attrs.broadcastB ? 1 : batch, ...(attrs.transposeB ? [n, k] : [k, n])];
  const inputs = [whole(a, 1), whole(b, 2), ...(biased ? [whole([n], 3)] : [])];
  return { kernel: 'matmul', inputs, shape: [batch, m, n], attrs };
}

/** Tile edges: one short of a tile, full, one over. */
const products: readonly (readonly [string, Case<'matmul'>])[] = [
  ['33 x 70 x 40', product({ batch: 1, m: 33, k: 70, n: 40, activation: 'relu' }, true)],
  ['64 x 64 x 64', product({ batch: 1, m: 64, k: 64, n: 64 })],
  ['31 x 129 x 10 with a transposed', product({ batch: 2, m: 31, k: 129, n: 10, transposeA: true }, true)],
  ['65 x 17 x 63 with b transposed', product({ batch: 1, m: 65, k: 17, n: 63, transposeB: true })],
  ['5 x 300 x 7 with one b for all', product({ batch: 3, m: 5, k: 300, n: 7, broadcastB: true, activation: 'relu' })],
];

/** More channels than the usual ones have, for tiles of many. */
const wide: readonly (readonly [string, Convolution])[] = [
  ['3 x 3 between wide layers', fitted([1, 7, 9, 64], [3, 3, 64, 64], { padding: 'same' })],
  ['3 x 3 between odd layers', fitted([2, 6, 5, 12], [3, 3, 12, 20], { padding: 'same' })],
  ['3 x 3 into many channels', fitted([1, 14, 14, 6], [3, 3, 6, 132], {})],
  ['1 x 1 over the edge of the largest tile', fitted([1, 12, 11, 132], [1, 1, 132, 132], {})],
];

/** Infinite in the last row, which is one of `rows`. */
const lastRowInfinite = ({ shape, data }: Operand, rows: number): Operand => {
  const first = sizeOf(shape) - sizeOf(shape) / rows;
  return { shape, data: Array.from(data, (value, i) => (i < first ? value : Infinity)) };
};

/** SwiftShader takes a tenth of llvmpipe's time to compile. */
const compilesFast = /SwiftShader/.test(gpuDescription ?? '');

describeGpu('whatever way is chosen', () => {
  let both: TwoBackends;
  let chosen: string | undefined;
  beforeAll(async () => {
    await loadFamilies();
    both = await TwoBackends.open(undefined, () => chosen);
  });
  afterAll(() => both.close());

  function namesOf<K extends KernelName>({ kernel, inputs, shape, attrs }: Case<K>): string[] {
    const tuned = kernels[kernel];
    if (!isTunable(tuned)) throw new Error(`${kernel} has no choice`);
    const view = (of: readonly number[]) => {
      return { shape: of, dtype: 'float32' as const, storage: { byteLength: 4 * sizeOf(of) }, byteOffset: 0 };
    };
    const call = { kernel, inputs: inputs.map((input) => view(input.shape)), outputs: [view(shape)], attrs };
    return [...tuned.ways(call, both.gpu.facts)].map(({ name }) => name);
  }

  /** All ways if asked for and where they compile fast; else the first and some of the others, `at` says which. */
  async function prove<K extends KernelName>(one: Case<K>, at: number, all = true): Promise<void> {
    const names = namesOf(one);
    expect(new Set(names).size, 'names are unique').toBe(names.length);
    const few = new Set([names[0]!, names[at % names.length]!, names[(at + 5) % names.length]!]);
    for (const name of all && compilesFast ? names : few) {
      chosen = name;
      try {
        await both.agree(one.kernel, one.inputs, [{ shape: one.shape }], one.attrs);
      } catch (error) {
        throw new Error(`${name}: ${error}`);
      }
    }
  }

  test.each(products)('matmul %s', (_, one) => prove(one, products.length));

  // One test each: the largest tiles take a software adapter long to compile.
  const convolutions = [...usualConvolutions, ...wide];
  test.each(convolutions)('conv2d %s', (title, one) => prove(forward(one, true), title.length));
  test.each(wide)('conv2d with a scale, %s', (title, one) => prove(forward(one, true, true), title.length));
  test.each(convolutions)('conv2dGradInput %s', (title, one) => prove(byInput(one), title.length));
  test.each(convolutions)('conv2dGradKernel %s', (title, one) => prove(byKernel(one), title.length));

  // What a tap would meet outside the image is not there: as 0 it would make NaN of an infinity.
  test('padding takes no part beside infinities', async () => {
    const one = fitted([1, 5, 6, 6], [3, 3, 6, 12], { padding: 'same' });
    const [x, kernel, y] = [whole(one.x, 1), whole(one.kernel, 2), whole(one.y, 3)];
    // Winograd's tiles spread infinities (it says so), but not for so few channels.
    await prove({ ...forward(one, false), inputs: [x, lastRowInfinite(kernel, 3)] }, 3);
    await prove({ ...byInput(one), inputs: [y, lastRowInfinite(kernel, 3)] }, 3);
    await prove({ ...byKernel(one), inputs: [x, lastRowInfinite(y, 5)] }, 3);
  });

  property(
    'on drawn products',
    compilesFast ? 40 : 4,
    fc.record({ attrs: draw.products, biased: fc.boolean(), at: fc.nat(999) }),
    ({ attrs, biased, at }) => prove(product(attrs, biased), at, false),
  );
});
