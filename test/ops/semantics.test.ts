import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as w from '../../src/index.ts';
import { describeGpu } from '../setup/adapters.ts';

const grid = (n: number) => w.reshape(w.arange(1, n * n + 1, 1, 'float32'), [1, n, n, 1]);
const sobel = () => w.tensor([1, 0, -1, 2, 0, -2, 1, 0, -1], [3, 3, 1, 1]);
const flat = async (x: w.Tensor) => Array.from(await x.data());

function suite(backend: 'cpu' | 'webgpu') {
  beforeAll(() => w.init({ backend }));
  afterAll(() => w.close());

  test('dtypes of results follow the table of api.md', () => {
    const [f, i, u, b] = [w.ones([2]), w.ones([2], 'int32'), w.ones([2], 'uint8'), w.ones([2], 'bool')];
    expect(w.add(f, u).dtype).toBe('float32');
    expect(w.add(u, u).dtype).toBe('uint8');
    expect(w.add(u, i).dtype).toBe('int32');
    expect(w.add(u, b).dtype).toBe('int32');
    expect(w.mul(u, 2).dtype).toBe('int32');
    expect(w.mul(u, 0.5).dtype).toBe('float32');
    expect(w.mul(i, 2).dtype).toBe('int32');
    expect(w.div(u, 255).dtype).toBe('float32');
    expect(w.mean(u).dtype).toBe('float32');
    expect(w.less(f, i).dtype).toBe('bool');
    expect(w.sum(u).dtype).toBe('int32');
    expect(w.argMax(f).dtype).toBe('int32');
    expect(w.tensor([true, false]).dtype).toBe('bool');
    expect(w.tensor(new Uint8Array(2)).dtype).toBe('uint8');
    expect(w.arange(3).dtype).toBe('int32');
  });

  test('bytes scale to floats exactly as they divide', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(await flat(w.tensor(bytes).div(255))).toEqual(Array.from(bytes, (v) => Math.fround(v / 255)));
  });

  test('the sum of nothing is 0, and an empty list of axes reduces nothing', async () => {
    expect(await flat(w.sum(w.zeros([0, 3]), 0))).toEqual([0, 0, 0]);
    expect(await flat(w.prod(w.zeros([2, 0]), 1))).toEqual([1, 1]);
    expect(await flat(w.sum(w.tensor([1, 2]), []))).toEqual([1, 2]);
    expect(w.sum(w.ones([2, 3, 4]), [0, -1], true).shape).toEqual([1, 3, 1]);
    expect(w.add(w.zeros([0, 2]), 1).shape).toEqual([0, 2]);
  });

  test('bytes and truths reduce as numbers', async () => {
    const bytes = w.tensor(new Uint8Array([1, 250, 3, 7, 250]));
    expect(await flat(w.max(bytes))).toEqual([250]);
    expect(w.max(bytes).dtype).toBe('uint8');
    expect(await flat(w.min(bytes))).toEqual([1]);
    expect(await flat(w.sum(bytes))).toEqual([511]);
    expect(await flat(w.argMax(bytes))).toEqual([1]);
    expect(await flat(w.mean(w.tensor([true, false, true, true])))).toEqual([0.75]);
    expect(await w.max(w.tensor([false, true])).array()).toBe(true);
    expect(await flat(w.mean(w.zeros([0])))).toEqual([Number.NaN]);
  });

  test('int32 and uint8 wrap around, in products of many too', async () => {
    const ints = (...values: number[]) => w.tensor(values, [values.length], 'int32');
    const [most, least] = [2 ** 31 - 1, -(2 ** 31)];
    expect(await flat(w.add(ints(most, least), ints(1, -1)))).toEqual([least, most]);
    expect(await flat(w.mul(ints(most, 123456789), ints(most, 987654321)))).toEqual([1, -67153019]);
    expect(await flat(w.sum(ints(most, most, most)))).toEqual([2147483645]);
    expect(await w.prod(ints(2 ** 30 + 1, 2 ** 30 + 1, 3)).item()).toBe(-2147483645);
    const bytes = w.tensor(new Uint8Array([250, 1]));
    expect(await flat(w.add(bytes, w.tensor(new Uint8Array([10, 2]))))).toEqual([4, 3]);
    expect(await flat(w.sub(bytes, w.tensor(new Uint8Array([10, 2]))))).toEqual([240, 255]);
  });

  test('casts to integers truncate and clamp; of integers to bytes they keep the low bits', async () => {
    const wild = w.tensor([1.9, -1.9, 3e9, -3e9, Number.POSITIVE_INFINITY]);
    expect(await flat(wild.cast('int32'))).toEqual([1, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31 - 1]);
    expect(await flat(wild.cast('uint8'))).toEqual([1, 0, 255, 0, 255]);
    expect(await flat(w.tensor([300, -1, 256], [3], 'int32').cast('uint8'))).toEqual([44, 255, 0]);
  });

  test('indices outside are clamped, or give a row of zeros', async () => {
    const ints = (...values: number[]) => w.tensor(values, [values.length], 'int32');
    const x = w.tensor([1, 2, 3]);
    expect(await flat(w.gatherRows(x, ints(-5, 0, 9)))).toEqual([1, 1, 3]);
    const batch = (cursor: number) =>
      flat(w.gatherBatch(x, ints(9, 1, -7), ints(cursor), { start: 0, stride: 2, rows: 3 }));
    expect(await batch(-1)).toEqual([3, 3, 3]);
    expect(await batch(0)).toEqual([3, 2, 1]);
    expect(await batch(1)).toEqual([1, 1, 1]);
    expect(await flat(w.oneHot(ints(-1, 1, 7), 3))).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0]);
  });

  test('convolution vectors of the specification', async () => {
    const same = (n: number, strides: number) => flat(w.conv2d(grid(n), sobel(), { padding: 'SAME', strides }));
    expect(await same(4, 1)).toEqual([-10, -6, -6, 13, -24, -8, -8, 28, -40, -8, -8, 44, -38, -6, -6, 41]);
    expect(await same(4, 2)).toEqual([-8, 28, -6, 41]);
    expect(await same(5, 2)).toEqual([-11, -6, 17, -48, -8, 56, -61, -6, 67]);
  });

  test('pooling vectors of the specification', async () => {
    const pool = { poolSize: 2, strides: 2, padding: 'same' } as const;
    expect(await flat(w.maxPool2d(grid(3), pool))).toEqual([5, 6, 8, 9]);
  });

  test('numbers stand for tensors on either side', async () => {
    expect(await flat(w.sub(1, w.tensor([1, 2, 3])))).toEqual([0, -1, -2]);
    expect(await w.add(1, 2).item()).toBe(3);
    expect(await flat(w.pow(w.tensor([-2, -2, 0, 4]), w.tensor([3, 2, 0, 0.5])))).toEqual([-8, 4, 1, 2]);
  });

  test('sigmoid, softplus and log-sum-exp are stable in both tails', async () => {
    expect(await flat(w.sigmoid(w.tensor([-200, 200, 0])))).toEqual([0, 1, 0.5]);
    expect(await flat(w.softplus(w.tensor([-200, 200])))).toEqual([0, 200]);
    expect(
      (
        await flat(
          w.logSumExp(
            w.tensor([
              [1000, 1000],
              [-1000, -1000],
            ]),
            1,
          ),
        )
      ).map(Math.round),
    ).toEqual([1001, -999]);
    expect(await flat(w.softmaxCrossEntropy(w.tensor([[1000, -1000]]), w.tensor([0], [1], 'int32')))).toEqual([0]);
  });

  test('methods are the functions, and shapes print', async () => {
    const x = w.tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(await x.transpose().matmul(x).sum(0).array()).toEqual([66, 87, 108]);
    expect(`${x}`).toBe('Tensor [2, 3] float32');
    expect(await x.argMax(0).array()).toEqual([1, 1, 1]);
    expect(await w.tensor([[true, false]]).array()).toEqual([[true, false]]);
  });
}

describe('on the CPU', () => suite('cpu'));
describeGpu('on the GPU', () => suite('webgpu'));

describeGpu('large tensors on the GPU', () => {
  beforeAll(() => w.init({ backend: 'webgpu' }));
  afterAll(() => w.close());

  test('more workgroups than one dimension holds', async () => {
    const n = 5_000_003 * 4;
    const x = w.add(w.arange(n), 1);
    const ends = await flat(w.gatherRows(x, w.tensor([0, 1, 4_194_303, 16_777_216, n - 1], [5], 'int32')));
    expect(ends).toEqual([1, 2, 4_194_304, 16_777_217, n]);
  });

  test('a set above one binding is scaled and gathered from', async () => {
    const [rows, row] = [60_000, 784];
    const bytes = Uint8Array.from({ length: rows * row }, (_, i) => (i * 7 + (i >> 9)) & 0xff);
    const x = w.tensor(bytes, [rows, row]).div(255);
    const order = [0, 1, 42_799, 42_800, 42_801, 59_999];
    const found = await flat(w.gatherRows(x, w.tensor(order, [6], 'int32')));
    const expected = order.flatMap((r) =>
      Array.from(bytes.subarray(r * row, (r + 1) * row), (v) => Math.fround(v / 255)),
    );
    expect(found).toEqual(expected);
  });

  test('what cannot be done in parts is refused with sizes and a way out', () => {
    const bytes = w.zeros([2 ** 26], 'uint8');
    expect(() => w.broadcastTo(w.reshape(bytes, [2 ** 26, 1]), [2 ** 26, 17])).toThrow(
      /takes \d+ bytes.*smaller batches|above what this adapter can hold/,
    );
  });
});
