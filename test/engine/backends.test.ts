import { afterAll, expect, test } from 'vitest';
import { allOps } from '../../src/engine/op.ts';
import * as w from '../../src/index.ts';
import { describeGpu } from '../setup/adapters.ts';
import { makeInputs } from '../support/inputs.ts';
import { type Case, cases } from './cases.ts';

const differentiable = new Set(
  allOps()
    .filter(({ gradient }) => gradient !== 'not differentiable')
    .map(({ name }) => name),
);

interface Results {
  readonly forward: { dtype: string; shape: readonly number[]; data: number[] }[];
  readonly gradients: number[][];
}

function listOf(result: w.Tensor | w.Tensor[]): w.Tensor[] {
  return Array.isArray(result) ? result : [result];
}

async function runAll(one: Case): Promise<Results> {
  const inputs = makeInputs(one.inputs, 'float32').map((input) =>
    input.dtype === 'float32' ? w.cast(input, w.ones([]).dtype) : input,
  );
  const forward = await Promise.all(
    listOf(one.run(...inputs)).map(async (t) => ({ dtype: t.dtype, shape: t.shape, data: Array.from(await t.data()) })),
  );
  const floats = inputs.flatMap((_, i) => (one.inputs[i]!.dtype === undefined ? [i] : []));
  if (!differentiable.has(one.op) || floats.length === 0) return { forward, gradients: [] };
  const scalar = (...parts: w.Tensor[]) => {
    const first = listOf(one.run(...inputs.map((input, i) => parts[floats.indexOf(i)] ?? input)))[0]!;
    return w.sum(w.cast(first, w.ones([]).dtype));
  };
  const found = w.grad(scalar)(...floats.map((i) => inputs[i]!));
  return { forward, gradients: await Promise.all(listOf(found).map(async (t) => Array.from(await t.data()))) };
}

async function onBackend(options: w.InitOptions): Promise<Map<Case, Results>> {
  await w.init({ ...options, seed: 5 });
  const results = new Map<Case, Results>();
  for (const one of cases) results.set(one, await runAll(one));
  await w.close();
  return results;
}

/** |found - exact| in units of 2^-24 of the largest magnitude that the case deals with (at least 1). */
function worst(found: readonly number[], exact: readonly number[]): number {
  const scale = Math.max(1, ...exact.map(Math.abs).filter(Number.isFinite));
  return Math.max(
    0,
    ...found.map((value, i) => (Object.is(value, exact[i]) ? 0 : Math.abs(value - exact[i]!) / scale / 2 ** -24)),
  );
}

describeGpu('every operation computes on the GPU what the float64 CPU computes', async () => {
  const exact = await onBackend({ backend: 'cpu', dtype: 'float64' });
  const gpu = await onBackend({ backend: 'webgpu' });
  afterAll(() => w.close());

  test.each(cases.map((one) => [one.title, one] as const))('%s', (_, one) => {
    const [found, expected] = [gpu.get(one)!, exact.get(one)!];
    found.forward.forEach((result, i) => {
      const reference = expected.forward[i]!;
      expect(result.shape).toEqual(reference.shape);
      expect(result.dtype).toBe(reference.dtype === 'float64' ? 'float32' : reference.dtype);
      const allowed = result.dtype === 'float32' ? (one.ulps ?? 8) : 0;
      expect(worst(result.data, reference.data)).toBeLessThanOrEqual(allowed);
    });
    found.gradients.forEach((gradient, i) => {
      expect(worst(gradient, expected.gradients[i]!)).toBeLessThanOrEqual(Math.max(64, 8 * (one.ulps ?? 8)));
    });
  });
});
