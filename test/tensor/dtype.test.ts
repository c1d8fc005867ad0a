// The dtypes of results, by the table of types: floats win, equal integers stay, different ones are int32.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DType } from '../../src/backend/backend.ts';
import * as w from '../../src/index.ts';
import { promote } from '../../src/tensor/dtype.ts';
import { describeGpu } from '../setup/adapters.ts';

const integers = ['int32', 'uint8', 'bool'] as const;
const all = ['float32', ...integers] as const;

test('float64 beats float32, a float beats an integer, and different integers give int32', () => {
  const table = (['float64', ...all] as const).map((a) => (['float64', ...all] as const).map((b) => promote(a, b)));
  expect(table).toEqual([
    ['float64', 'float64', 'float64', 'float64', 'float64'],
    ['float64', 'float32', 'float32', 'float32', 'float32'],
    ['float64', 'float32', 'int32', 'int32', 'int32'],
    ['float64', 'float32', 'int32', 'uint8', 'int32'],
    ['float64', 'float32', 'int32', 'int32', 'bool'],
  ]);
});

describe('the dtype of a result', () => {
  // a matter of the host: what the kernels make of each pair of dtypes is tested with the kernels
  beforeAll(() => w.init({ backend: 'cpu' }));
  afterAll(() => w.close());
  const one = (dtype: DType) => w.ones([2], dtype);

  test('arithmetic between tensors follows it; truths add up to numbers', () => {
    const rows = all.map((a) => all.map((b) => w.add(one(a), one(b)).dtype));
    expect(rows).toEqual([
      ['float32', 'float32', 'float32', 'float32'],
      ['float32', 'int32', 'int32', 'int32'],
      ['float32', 'int32', 'uint8', 'int32'],
      ['float32', 'int32', 'int32', 'int32'],
    ]);
  });

  test.each(all)('%s divides to float32, and its mean is float32', (dtype) => {
    expect(w.div(one(dtype), 255).dtype).toBe('float32');
    expect(w.div(one(dtype), one(dtype)).dtype).toBe('float32');
    expect(w.mean(one(dtype)).dtype).toBe('float32');
  });

  test.each(all)('%s compares to bool', (dtype) => {
    for (const f of [w.equal, w.notEqual, w.greater, w.greaterEqual, w.less, w.lessEqual, w.logicalAnd, w.logicalOr]) {
      expect([f(one(dtype), 1).dtype, f(one(dtype), one('float32')).dtype]).toEqual(['bool', 'bool']);
    }
    expect(w.logicalNot(one(dtype)).dtype).toBe('bool');
  });

  test.each(integers)('%s with a whole number is int32, with a fraction float32', (dtype) => {
    for (const f of [w.add, w.mul, w.maximum]) {
      expect([f(one(dtype), 2).dtype, f(2, one(dtype)).dtype]).toEqual(['int32', 'int32']);
      expect([f(one(dtype), 0.5).dtype, f(one(dtype), 2 ** 31).dtype]).toEqual(['float32', 'float32']);
    }
    expect(w.add(one('float32'), 2).dtype).toBe('float32');
  });

  test('functions of floats turn integers into floats, others keep them', () => {
    expect(integers.map((dtype) => w.exp(one(dtype)).dtype)).toEqual(['float32', 'float32', 'float32']);
    expect(integers.map((dtype) => w.abs(one(dtype)).dtype)).toEqual(['int32', 'uint8', 'int32']);
    expect(integers.map((dtype) => w.neg(one(dtype)).dtype)).toEqual(['int32', 'int32', 'int32']);
  });

  test('sums of integers are int32, the largest keeps its dtype, positions are int32', () => {
    expect(integers.map((dtype) => w.sum(one(dtype)).dtype)).toEqual(['int32', 'int32', 'int32']);
    expect(all.map((dtype) => w.max(one(dtype)).dtype)).toEqual([...all]);
    expect(w.argMax(one('float32')).dtype).toBe('int32');
  });

  test('a choice has the dtype of its two sides', () => {
    const condition = w.tensor([true, false]);
    expect(w.where(condition, one('uint8'), one('uint8')).dtype).toBe('uint8');
    expect(w.where(condition, one('uint8'), one('int32')).dtype).toBe('int32');
    expect(w.where(condition, one('uint8'), 0.5).dtype).toBe('float32');
  });

  test('data has the dtype of its array; numbers are floats and booleans truths', () => {
    const arrays = [new Float32Array(1), new Float64Array(1), new Int32Array(1), new Uint8Array(1)];
    expect(arrays.map((data) => w.tensor(data).dtype)).toEqual(['float32', 'float32', 'int32', 'uint8']);
    const others = [new Int8Array(1), new Int16Array(1), new Uint16Array(1), new Uint8ClampedArray(1)];
    expect(others.map((data) => w.tensor(data).dtype)).toEqual(['int32', 'int32', 'int32', 'uint8']);
    expect([w.tensor(3), w.tensor([true]), w.tensor([1, 2])].map(({ dtype }) => dtype)).toEqual([
      'float32',
      'bool',
      'float32',
    ]);
    expect([w.arange(3).dtype, w.arange(0, 1, 0.5).dtype, w.oneHot(w.arange(3), 3).dtype]).toEqual([
      'int32',
      'float32',
      'float32',
    ]);
  });
});

function suite(backend: 'cpu' | 'webgpu') {
  beforeAll(() => w.init({ backend }));
  afterAll(() => w.close());

  test('float32 with bytes computes in float', async () => {
    expect(await w.mul(w.tensor([0.5]), w.tensor(Uint8Array.of(3))).array()).toEqual([1.5]);
    expect(await w.sub(w.tensor(Uint8Array.of(3)), 5).array()).toEqual([-2]);
  });

  test('casts truncate towards 0 and clamp; anything but 0 is true', async () => {
    const x = w.tensor([-1.7, 0, 0.9, 255.9, 300, -3e9, 3e9]);
    expect(await w.cast(x, 'uint8').array()).toEqual([0, 0, 0, 255, 255, 0, 255]);
    expect(await w.cast(x, 'int32').array()).toEqual([-1, 0, 0, 255, 300, -(2 ** 31), 2 ** 31 - 1]);
    expect(await w.cast(x, 'bool').array()).toEqual([true, false, true, true, true, true, true]);
    expect(await w.cast(w.tensor([true, false]), 'float32').array()).toEqual([1, 0]);
  });
}

describe('on the CPU', () => suite('cpu'));
describeGpu('on the GPU', () => suite('webgpu'));
