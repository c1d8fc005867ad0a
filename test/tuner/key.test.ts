import { expect, test } from 'vitest';
import type { KernelCall } from '../../src/backend/kernels.ts';
import { tuningKey } from '../../src/backend/webgpu/tuner/key.ts';

function product(m: number, k: number, n: number, transposeB = false): KernelCall<'matmul'> {
  const view = (shape: number[]) => ({ shape, dtype: 'float32' as const, storage: { byteLength: 0 }, byteOffset: 0 });
  const sides = { transposeA: false, broadcastA: false, broadcastB: false };
  return {
    kernel: 'matmul',
    inputs: [view([1, m, k]), view(transposeB ? [1, n, k] : [1, k, n])],
    outputs: [view([1, m, n])],
    attrs: { batch: 1, m, n, k, transposeB, ...sides, activation: 'linear' },
  };
}

const keyOf = (...sizes: Parameters<typeof product>) => tuningKey(product(...sizes));

test('a key can be read', () => {
  expect(keyOf(31, 100, 10, true)).toBe(
    'matmul [1,32,128/4] [1,16,128/4] -> [1,32,16/2] {activation=linear batch=1 k=128 m=32 n=16 transposeB}',
  );
});

test('sizes between the same powers of two share a key, others do not', () => {
  expect(keyOf(31, 100, 12)).toBe(keyOf(32, 128, 16));
  expect(keyOf(33, 100, 12)).not.toBe(keyOf(32, 128, 16));
});

test('what a vector divides and what it does not are apart', () => {
  const keys = [12, 14, 15].map((n) => keyOf(32, 64, n));
  expect(new Set(keys).size).toBe(3);
});

test('small sizes, transposes, dtypes and further operands are apart', () => {
  expect(new Set([1, 2, 3, 4, 5].map((m) => keyOf(m, 64, 64))).size).toBe(5);
  expect(keyOf(64, 64, 64, true)).not.toBe(keyOf(64, 64, 64));
  const plain = product(64, 64, 64);
  const bias = { ...plain.outputs[0]!, shape: [64] };
  expect(tuningKey({ ...plain, inputs: [...plain.inputs, bias] })).not.toBe(tuningKey(plain));
  const bytes = plain.inputs.map((view) => ({ ...view, dtype: 'int32' as const }));
  expect(tuningKey({ ...plain, inputs: bytes })).not.toBe(tuningKey(plain));
});

test('the order of attributes does not matter, strides and padding do', () => {
  const view = { shape: [1, 8, 8, 4], dtype: 'float32' as const, storage: { byteLength: 0 }, byteOffset: 0 };
  const attrs = { p: 8, q: 8, strideH: 1, strideW: 1, dilationH: 1, dilationW: 1, padTop: 1, padLeft: 1, groups: 1 };
  const conv = (changes: Partial<typeof attrs>): string =>
    tuningKey({
      kernel: 'conv2d',
      inputs: [view, view],
      outputs: [view],
      attrs: { ...attrs, ...changes, activation: 'relu' },
    });
  const turned = Object.fromEntries(Object.entries(attrs).reverse());
  expect(conv(turned)).toBe(conv({}));
  expect(new Set([conv({}), conv({ strideW: 2 }), conv({ padTop: 0 }), conv({ groups: 4 })]).size).toBe(4);
});
