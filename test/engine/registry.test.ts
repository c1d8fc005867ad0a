import { expect, test } from 'vitest';
import { publicFunctions } from '../../docs/ops/facts.ts';
import { CpuBackend } from '../../src/backend/cpu/cpuBackend.ts';
import { kernels as webgpuKernels } from '../../src/backend/webgpu/kernels/index.ts';
import { allOps, costOf, type OpDefinition } from '../../src/engine/op.ts';
import { rules } from './bounds/rules.ts';
import { creations } from './cases/creation.ts';
import { type Case, canBeChecked, canBeCheckedTwice, cases, isDifferentiable } from './cases.ts';
import { definitions } from './definitions/index.ts';
import { casesOf, tableRows } from './rows.ts';
import { specials } from './specials.ts';

const ops = allOps();

const lacking = (needs: readonly (readonly [boolean, string])[]) =>
  needs.filter(([there]) => !there).map(([, what]) => what);

/** What an operation still lacks, in words. */
function missing(op: OpDefinition): string[] {
  const own = cases.filter((one) => one.op === op.name);
  const differentiable = typeof op.gradient === 'function';
  return lacking([
    [CpuBackend.kernelNames().includes(op.kernel), `CPU kernel ${op.kernel}`],
    [op.kernel in webgpuKernels, `WebGPU kernel ${op.kernel}`],
    [op.kernel in rules, `error bound of kernel ${op.kernel}`],
    [op.kernel in definitions, `definition of kernel ${op.kernel}`],
    [differentiable || op.gradient === 'not differentiable', "gradient or the words 'not differentiable'"],
    [own.length > 0, 'case in test/engine/cases/'],
    [specials.some((one) => one.op === op.name), 'special values in test/engine/specials/'],
    ...(differentiable ? gradientNeeds(own) : []),
  ]);
}

/** What a public function still lacks. */
function missingOf(name: string): string[] {
  const own = casesOf(name);
  return lacking([
    [own.length > 0 || creations.some(({ fn }) => fn === name), 'case in test/engine/cases/'],
    [specials.some(({ fn }) => fn === name), 'special values in test/engine/specials/'],
    ...(own.some(isDifferentiable) ? gradientNeeds(own) : []),
  ]);
}

function gradientNeeds(own: readonly Case[]): [boolean, string][] {
  const takesNothing = own.every(({ inputs }) => inputs.length === 0);
  return [
    [takesNothing || own.some(canBeChecked), 'case whose gradient differences can check'],
    [takesNothing || own.some(canBeCheckedTwice), 'case whose second gradient differences can check'],
  ];
}

test.each(ops.map((op) => [op.name, op] as const))('%s lacks nothing', (_, op) => {
  expect(missing(op)).toEqual([]);
});

test('every public function lacks nothing', async () => {
  const functions = (await publicFunctions()).map(({ name }) => name);
  expect(functions.length).toBeGreaterThan(90);
  expect(functions.flatMap((name) => missingOf(name).map((what) => `${name} lacks a ${what}`))).toEqual([]);
  expect(missingOf('newcomer')).toEqual(['case in test/engine/cases/', 'special values in test/engine/specials/']);
});

test('the table of operations has a row for everything, and every case proves one', async ({ task }) => {
  const rows = await tableRows();
  task.meta.rows = rows;
  const names = rows.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const named = [...cases, ...creations].map(({ fn }) => fn).filter((fn) => fn !== undefined);
  expect(named.filter((fn) => !names.includes(fn))).toEqual([]);
});

test('an operation that lacks everything would be found', () => {
  const half = { name: 'half', kernel: 'half' as never, infer: () => [], gradient: undefined as never };
  expect(missing(half)).toHaveLength(7);
  const relu = ops.find(({ name }) => name === 'relu')!;
  expect(missing({ ...relu, name: 'newcomer' })).toEqual([
    'case in test/engine/cases/',
    'special values in test/engine/specials/',
  ]);
  expect(missing({ ...relu, name: 'logicalNot' })).toEqual([
    'case whose gradient differences can check',
    'case whose second gradient differences can check',
  ]);
});

test('all operations are here, and every case names one', () => {
  expect(ops.length).toBeGreaterThan(50);
  const names = ops.map(({ name }) => name);
  expect([...cases, ...specials].map(({ op }) => op).filter((op) => !names.includes(op))).toEqual([]);
  expect(new Set(cases.map(({ title }) => title)).size).toBe(cases.length);
});

test('the cost of a product is its arithmetic and each operand once', () => {
  const matmul = ops.find(({ name }) => name === 'matmul')!;
  const float = (...shape: number[]) => ({ shape, dtype: 'float32' as const });
  const attrs = { batch: 2, m: 3, n: 5, k: 4 };
  const cost = costOf(matmul, [float(2, 3, 4), float(2, 4, 5)], [float(2, 3, 5)], attrs as never);
  expect(cost).toEqual({ flops: 2 * 2 * 3 * 5 * 4, bytes: 4 * (24 + 40 + 30) });
});
