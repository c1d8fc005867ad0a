// Tensors above what a shader can bind at once. The device is made to say that it binds no more than 4 KiB, so small
// tensors take the way of large ones: cut into parts, or refused in words that say what to do.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kernels } from '../../src/backend/webgpu/kernels/index.ts';
import type { Dispatch } from '../../src/backend/webgpu/webgpuKernel.ts';
import { BackendError } from '../../src/errors.ts';
import { bytesOf } from '../../src/tensor/dtype.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { describeGpu } from '../setup/adapters.ts';
import { deviceOf } from '../support/devices.ts';
import { loadFamilies } from '../support/families.ts';
import { type Operand, type Target, TwoBackends } from '../support/twoBackends.ts';
import { floats, integers } from '../support/values.ts';

/** No whole number of KiB, as the limit of many a GPU (2 GiB - 4) is none: 4 KiB are used. */
const BINDABLE = 4096 + 768;

const int32 = 'int32' as const;
const uint8 = 'uint8' as const;
const random = (shape: readonly number[], seed = 1): Operand => ({ shape, data: floats(sizeOf(shape), seed) });
const bytes = (shape: readonly number[]): Operand => ({
  shape,
  dtype: uint8,
  data: integers(sizeOf(shape), 2, 100).map(Math.abs),
});

describeGpu('a device that binds 4 KiB at once', () => {
  let both: TwoBackends;
  beforeAll(async () => {
    both = await TwoBackends.open(BINDABLE);
  });
  afterAll(() => both.close());

  test('scales bytes to floats, part by part', async () => {
    for (const size of [1024, 1025, 4096, 5000, 13_001]) {
      const x = bytes([size]);
      const scale = { shape: [], data: [255] };
      const { found, expected } = await both.run('binary', [x, scale], [{ shape: [size] }], { fn: 'div' });
      const off = found[0]!.findIndex((value, i) => Math.abs(value - expected[0]![i]!) > 2.5 * 2 ** -23 * value);
      expect(off, `of ${size}`).toBe(-1);
    }
  });

  test('computes, converts, copies and fills, part by part', async () => {
    const size = 5003;
    const [x, y] = [random([size]), random([size], 2)];
    const target = [{ shape: [size] }];
    const sum = await both.run('binary', [x, y], target, { fn: 'add' });
    expect(sum.found).toEqual(sum.expected);
    const cast = await both.run('unary', [bytes([size])], target, { fn: 'identity', dtype: 'float32' });
    expect(cast.found).toEqual(cast.expected);
    const truth = [{ shape: [size], dtype: 'bool' as const }];
    const positive = await both.run('binary', [x, { shape: [1], data: [0] }], truth, { fn: 'greater' });
    expect(positive.found).toEqual(positive.expected);
    const copy = await both.run('copy', [x], target, { shape: [size] });
    expect(copy.found).toEqual(copy.expected);
    const assigned = await both.run('assign', [x, y], [], {});
    expect(assigned.found).toEqual(assigned.expected);
    const fill = { value: -3, shape: [size], dtype: int32 };
    const filled = await both.run('fill', [], [fill], fill);
    expect(filled.found).toEqual(filled.expected);
  });

  test.each([
    ['float32', [16, 64]],
    ['float32', [17, 64]],
    ['float32', [64, 64]],
    ['float32', [40, 96]],
    ['uint8', [1000, 4, 3]],
    ['uint8', [2000, 5]],
    ['int32', [3000, 1]],
  ] as const)('gathers rows of %s %j from up to four windows', async (dtype, shape) => {
    const x = { ...random(shape), dtype, data: integers(sizeOf(shape), 3, 60).map(Math.abs) };
    const last = shape[0] - 1;
    const order = { shape: [8], dtype: int32, data: [0, last, 1, 16, Math.floor(last / 2), last - 1, 7, 3] };
    const target = [{ shape: [8, ...shape.slice(1)], dtype }];
    const { found, expected } = await both.run('gatherRows', [x, order], target, { blocks: 1 });
    expect(found).toEqual(expected);
    const cursor = { shape: [1], dtype: int32, data: [1] };
    const batch = [{ shape: [3, ...shape.slice(1)], dtype }];
    const attrs = { start: 2, stride: 2, rows: 3 };
    const second = await both.run('gatherBatch', [x, order, cursor], batch, attrs);
    expect(second.found).toEqual(second.expected);
  });

  test('slices and reverses what lies in reach of one binding, wherever that is', async () => {
    for (const dtype of ['float32', 'uint8'] as const) {
      const x = { ...bytes([200, 64]), dtype };
      for (const begin of [0, 3, 131, 190]) {
        const attrs = { begin: [begin, 5], shape: [10, 40] };
        const { found, expected } = await both.run('slice', [x], [{ shape: attrs.shape, dtype }], attrs);
        expect(found, `${dtype} from row ${begin} on`).toEqual(expected);
      }
    }
    const whole = both.run('flip', [random([200, 64])], [random([200, 64])], { axes: [0] });
    await expect(whole).rejects.toThrow(/flip: a tensor of shape .* can reach 4096 at once/);
  });

  test('refuses a table of more windows, with sizes and a way out', async () => {
    const rows = both.run(
      'gatherRows',
      [random([65, 64]), { shape: [1], dtype: int32, data: [0] }],
      [random([1, 64])],
      { blocks: 1 },
    );
    await expect(rows).rejects.toThrow(
      'gather: a table of shape [65, 64] takes 16640 bytes; this adapter reaches 4 times 4096: keep it as uint8, or use fewer rows',
    );
  });

  test('refuses what it cannot cut, with sizes and a way out', async () => {
    const stretched = both.run('binary', [random([40, 1]), random([40, 40])], [random([40, 40])], { fn: 'add' });
    await expect(stretched).rejects.toThrow(BackendError);
    await expect(stretched).rejects.toThrow(
      /add: a tensor of shape \[40, 40\] takes 6400 bytes.* can reach 4096 at once; use smaller batches/,
    );
  });
});

/** A call of each kernel on operands of more than `bytes`. */
const large: {
  readonly [kernel: string]: readonly [inputs: readonly Target[], outputs: readonly Target[], attrs: object];
} = (() => {
  const x = { shape: [40, 40] };
  const flat = { shape: [1600] };
  const bias = { shape: [40] };
  const image = { shape: [2, 20, 20, 4] };
  const kernel = { shape: [3, 3, 4, 4] };
  const pooled = { shape: [2, 20, 20, 4], dtype: int32 };
  const order = { shape: [2000], dtype: int32 };
  const one = { shape: [1] };
  const window = { p: 20, q: 20, strideH: 1, strideW: 1, dilationH: 1, dilationW: 1, padTop: 1, padLeft: 1 };
  const conv = { ...window, groups: 1, activation: 'linear' };
  const pool = { ...window, poolH: 3, poolW: 3 };
  const rows = { step: 40, start: -10, divisor: 60 };
  const columns = { step: 40, start: 10, divisor: 20 };
  const resize = { p: 30, q: 10, rows, columns, linear: true };
  const halved = { shape: [2, 10, 10, 4] };
  const halves = { ...window, p: 10, q: 10, strideH: 2, strideW: 2, padTop: 0, padLeft: 0, poolH: 2, poolW: 2 };
  const product = { batch: 1, m: 40, n: 40, k: 40, transposeA: false, transposeB: false };
  const block = { outer: 40, reduced: 40, inner: 1 };
  return {
    unary: [[x], [x], { fn: 'exp', dtype: 'float32' }],
    binary: [[x, bias], [x], { fn: 'add' }],
    where: [[{ ...x, dtype: 'bool' }, x, x], [x], {}],
    fill: [[], [x], { value: 1, shape: x.shape, dtype: 'float32' }],
    reduce: [[x], [bias], { fn: 'sum', ...block, scale: 1 }],
    argReduce: [[x], [{ ...bias, dtype: int32 }], { fn: 'max', ...block }],
    copy: [[x], [flat], { shape: flat.shape }],
    transpose: [[x], [x], { permutation: [1, 0] }],
    broadcastTo: [[bias], [x], { shape: x.shape }],
    slice: [[x], [{ shape: [39, 38] }], { begin: [1, 2], shape: [39, 38] }],
    flip: [[x], [x], { axes: [0] }],
    pad: [[x], [{ shape: [41, 42] }], { before: [1, 2], shape: [41, 42], value: 3 }],
    concat: [[x, x], [{ shape: [40, 80] }], { axis: 1 }],
    scatterRows: [[{ shape: [2000, 2] }, order], [{ shape: [600, 2] }], { rows: 600, blocks: 2 }],
    gatherRows: [[x, order], [{ shape: [2000, 40] }], { blocks: 1 }],
    gatherBatch: [[x, order, { ...one, dtype: int32 }], [bias], { start: 0, stride: 1, rows: 1 }],
    oneHot: [[order], [{ shape: [2000, 3] }], { depth: 3 }],
    randomUniform: [[{ ...one, dtype: int32 }], [x], { key: [1, 2], shape: x.shape }],
    matmul: [[x, x, bias], [x], { ...product, broadcastA: false, broadcastB: false, activation: 'relu' }],
    conv2d: [[image, kernel], [image], conv],
    conv2dGradInput: [[image, kernel], [image], { ...conv, shape: image.shape }],
    conv2dGradKernel: [[image, image], [kernel], { ...conv, shape: kernel.shape }],
    maxPool2d: [[image], [image, pooled], pool],
    maxPool2dGrad: [[image, pooled], [image], { ...pool, shape: image.shape }],
    conv2dMaxPool2d: [[image, kernel], [halved, { ...halved, dtype: int32 }], { ...conv, pool: halves }],
    conv2dMaxPool2dGradKernel: [
      [image, halved, { ...halved, dtype: int32 }],
      [kernel],
      { ...conv, pool: halves, shape: kernel.shape, relu: false, bias: false },
    ],
    maxPool2dPick: [[image, pooled], [image], pool],
    avgPool2d: [[image], [image], pool],
    avgPool2dGrad: [[image], [image], { ...pool, shape: image.shape }],
    resize2d: [[image], [{ shape: [2, 30, 10, 4] }], resize],
    resize2dGrad: [[{ shape: [2, 30, 10, 4] }], [image], { ...resize, shape: image.shape }],
    affineMatrices: [
      [{ shape: [200, 8] }],
      [{ shape: [200, 6] }],
      { columns: {}, width: 4, height: 4, centerX: 1, centerY: 1 },
    ],
    affineResample: [[image, { shape: [2, 6] }], [image], { p: 20, q: 20, fill: 'reflect', value: 0, linear: true }],
    batchNormTraining: [[x, bias, bias], [x, bias, bias], { epsilon: 0.1 }],
    batchNormTrainingGrad: [[x, x, bias, bias, bias], [x, bias, bias], { epsilon: 0.1 }],
    softmax: [[x], [x], {}],
    logSoftmax: [[x], [x], {}],
    softmaxCrossEntropy: [[x, x], [bias, x], {}],
    classify: [[x, x], [bias, x, x, bias], { scale: 1 }],
    denseGrad: [
      [{ shape: [1, 40, 40] }, { shape: [1, 40, 10] }, { shape: [1, 40, 10] }],
      [{ shape: [1, 40, 40] }, { shape: [1, 40, 10] }, { shape: [1, 10] }],
      { relu: true },
    ],
    accumulate: [[one, flat], [], { scale: 1 }],
    pack: [[flat, bias], [{ shape: [1728] }], { offsets: [0, 1664], size: 1728 }],
    assign: [[flat, flat], [], {}],
    assignAdd: [[flat, flat], [], {}],
    increment: [[{ ...one, dtype: int32 }], [], { by: 1 }],
    adam: [[flat, flat, flat, flat, { ...one, dtype: int32 }, one], [], { beta1: 0.9, beta2: 0.99, epsilon: 1e-7 }],
    ...Object.fromEntries(
      Object.entries({ amsgrad: 3, sgd: 1, rmsprop: 3, adagrad: 1, adamax: 2, nadam: 2 }).map(([name, slots]) => {
        const kept = [...new Array<Target>(slots + 1).fill(flat), ...(name === 'nadam' ? [one] : []), flat];
        return [
          name,
          [[...kept, { ...one, dtype: int32 }, one], [], { beta1: 0.9, beta2: 0.9, epsilon: 1e-7, rho: 0.9 }],
        ];
      }),
    ),
    accumulateGradient: [[flat, flat, { ...one, dtype: int32 }], [], { every: 2 }],
    clipNorm: [[flat], [flat], { limit: 1, together: true, offsets: [0], sizes: [100] }],
    movingAverage: [[flat, flat, { ...one, dtype: int32 }], [], { momentum: 0.9, every: 1, overwrite: 0 }],
  };
})();

/** What a dispatch binds: where it starts and how many bytes. */
function ranges({ bindings }: Dispatch): { offset: number; bytes: number }[] {
  return Object.values(bindings).flatMap((resource) => {
    if (resource instanceof Uint32Array) return [];
    if ('scratch' in resource) return [{ offset: 0, bytes: resource.byteLength }];
    if ('view' in resource)
      return [{ offset: resource.view.byteOffset + resource.byteOffset, bytes: resource.byteLength }];
    return [{ offset: resource.byteOffset, bytes: sizeOf(resource.shape) * bytesOf(resource.dtype) }];
  });
}

beforeAll(loadFamilies);

test.each(Object.keys(kernels))('%s never binds more than a device allows, nor where it cannot', (name) => {
  const [inputs, outputs, attrs] = large[name]!;
  const viewed = ({ shape, dtype = 'float32' }: Target) => ({
    shape,
    dtype,
    storage: { byteLength: 0 },
    byteOffset: 0,
  });
  // The narrowing to one kernel's attributes is what the table above stands for.
  const plan = kernels[name as keyof typeof kernels] as (call: object, device: object) => Dispatch[];
  for (const maxBinding of [2048, 3072, 4096]) {
    let dispatches: Dispatch[] = [];
    try {
      dispatches = plan(
        { kernel: name, inputs: inputs.map(viewed), outputs: outputs.map(viewed), attrs },
        deviceOf('software', { maxBinding }),
      );
    } catch (refusal) {
      expect(refusal).toBeInstanceOf(BackendError);
      expect(String(refusal)).toMatch(/takes \d+ bytes.*use (smaller batches|fewer rows)/);
    }
    for (const { offset, bytes: length } of dispatches.flatMap(ranges)) {
      expect(length, `bytes bound of ${maxBinding}`).toBeLessThanOrEqual(maxBinding);
      expect(offset % 256, 'start').toBe(0);
    }
  }
});
