import { expect, test } from 'vitest';
import { CpuBackend } from '../../src/backend/cpu/cpuBackend.ts';
import { kernels as webgpuKernels } from '../../src/backend/webgpu/kernels/index.ts';
import { allOps, costOf } from '../../src/engine/op.ts';
import { cases, declared } from './cases.ts';

const ops = allOps();

test('operations are declared', () => {
  expect(declared).toBe('assign');
  expect(ops.length).toBeGreaterThan(50);
});

test.each(ops.map((op) => [op.name, op] as const))(
  '%s has a kernel on both backends, a gradient or a word, and a case',
  (name, op) => {
    expect(Object.keys(webgpuKernels), `${name} runs kernel ${op.kernel}`).toContain(op.kernel);
    expect(CpuBackend.kernelNames(), `${name} runs kernel ${op.kernel}`).toContain(op.kernel);
    expect(typeof op.gradient === 'function' || op.gradient === 'not differentiable').toBe(true);
    expect(cases.filter((one) => one.op === name).length, `${name} has no case in cases.ts`).toBeGreaterThan(0);
  },
);

test('every case names a declared operation', () => {
  const names = new Set(ops.map(({ name }) => name));
  for (const { op } of cases) expect(names).toContain(op);
});

test('the cost of a product is its arithmetic and each operand once', () => {
  const matmul = ops.find(({ name }) => name === 'matmul')!;
  const float = (...shape: number[]) => ({ shape, dtype: 'float32' as const });
  const attrs = { batch: 2, m: 3, n: 5, k: 4 };
  const cost = costOf(matmul, [float(2, 3, 4), float(2, 4, 5)], [float(2, 3, 5)], attrs as never);
  expect(cost).toEqual({ flops: 2 * 2 * 3 * 5 * 4, bytes: 4 * (24 + 40 + 30) });
});
